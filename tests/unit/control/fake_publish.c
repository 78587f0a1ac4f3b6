/* SPDX-License-Identifier: BSD-3-Clause */
/* A publisher without workers: routes in a list, next hops in an array. */
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/control/net_fixture.h"

#define ROUTES_MAX 8192
#define NEXT_HOPS_MAX 4096

struct fake_route {
	struct prefix prefix;
	uint32_t next_hop;
};

struct publisher {
	struct fake_route routes[ROUTES_MAX];
	unsigned count, most, writes;
	struct next_hop next_hops[NEXT_HOPS_MAX];
};

struct publisher *
fake_publisher_create(void)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));

	if (publisher != NULL)
		publisher->most = ROUTES_MAX;
	return publisher;
}

void
fake_publisher_destroy(struct publisher *publisher)
{
	free(publisher);
}

struct next_hop
fake_next_hop(const struct publisher *publisher, uint32_t index)
{
	return publisher->next_hops[index];
}

unsigned
fake_route_count(const struct publisher *publisher)
{
	return publisher->count;
}

unsigned
fake_route_writes(const struct publisher *publisher)
{
	return publisher->writes;
}

void
fake_route_room(struct publisher *publisher, unsigned room)
{
	publisher->most = publisher->count + room;
}

static struct fake_route *
route_find(struct publisher *publisher, struct prefix prefix)
{
	for (unsigned i = 0; i < publisher->count; i++) {
		struct fake_route *route = &publisher->routes[i];

		if (route->prefix.address == prefix.address &&
		    route->prefix.len_bits == prefix.len_bits)
			return route;
	}
	return NULL;
}

int
publish_route(struct publisher *publisher, struct prefix prefix, uint32_t next_hop)
{
	struct fake_route *route = route_find(publisher, prefix);

	publisher->writes++;
	if (route == NULL && publisher->count >= publisher->most)
		return -ENOSPC;
	if (route == NULL)
		route = &publisher->routes[publisher->count++];
	*route = (struct fake_route){prefix, next_hop};
	return 0;
}

void
publish_route_remove(struct publisher *publisher, struct prefix prefix)
{
	struct fake_route *route = route_find(publisher, prefix);

	if (route != NULL)
		*route = publisher->routes[--publisher->count];
}

uint32_t
publish_route_lookup(const struct publisher *publisher, be32 address)
{
	const struct fake_route *best = NULL;

	for (unsigned i = 0; i < publisher->count; i++) {
		const struct fake_route *route = &publisher->routes[i];

		if (prefix_contains(route->prefix, address) &&
		    (best == NULL || route->prefix.len_bits > best->prefix.len_bits))
			best = route;
	}
	return best != NULL ? best->next_hop : NEXT_HOP_NONE;
}

void
publish_next_hop(struct publisher *publisher, uint32_t index, struct next_hop next_hop)
{
	publisher->next_hops[index] = next_hop;
}
