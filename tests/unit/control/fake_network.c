/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/fake_network.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/hash_table.h"
#include "control/publish.h"
#include "control/route.h"

#define CHAIN_MAX 16
#define FAKE_NEXT_HOP 1
#define FAKE_SAS_MAX 1024

struct published {
	be32 home_address;
	struct recipe recipes[CHAIN_MAX];
	UT_hash_handle hh;
};

struct publisher {
	struct published *by_home_address;
	int error;
	unsigned error_times;
	unsigned calls;
	struct sa *sas[FAKE_SAS_MAX];
};

struct proxied {
	be32 home_address;
	UT_hash_handle hh;
};

struct route_table {
	uint16_t mtu;
	int port;
	unsigned held;
	struct proxied *proxied;
};

struct publisher *
fake_publisher_create(void)
{
	return calloc(1, sizeof(struct publisher));
}

void
fake_publisher_destroy(struct publisher *publisher)
{
	struct published *entry, *next;

	HASH_ITER(hh, publisher->by_home_address, entry, next)
	{
		HASH_DEL(publisher->by_home_address, entry);
		free(entry);
	}
	free(publisher);
}

void
fake_publisher_fail(struct publisher *publisher, int error, unsigned times)
{
	publisher->error = error;
	publisher->error_times = times;
}

unsigned
fake_publisher_calls(const struct publisher *publisher)
{
	return publisher->calls;
}

unsigned
fake_publisher_count(const struct publisher *publisher)
{
	return HASH_COUNT(publisher->by_home_address);
}

static struct published *
published_find(const struct publisher *publisher, be32 home_address)
{
	struct published *found;

	HASH_FIND(hh, publisher->by_home_address, &home_address, sizeof(home_address), found);
	return found;
}

int
publish_recipes(struct publisher *publisher, const struct recipe_spec *specs, unsigned count)
{
	struct published *entry, *before = published_find(publisher, specs[0].home_address);

	if (publisher->error_times > 0) {
		publisher->error_times--;
		return publisher->error;
	}
	if (count == 0 || count > CHAIN_MAX)
		return -EINVAL;
	entry = aligned_alloc(64, (sizeof(*entry) + 63) / 64 * 64);
	if (entry == NULL)
		return -ENOMEM;
	*entry = (struct published){.home_address = specs[0].home_address};
	for (unsigned i = count; i-- > 0;) {
		struct recipe_spec spec = specs[i];
		int rc;

		spec.next = i + 1 < count ? &entry->recipes[i + 1] : NULL;
		rc = recipe_compile(&entry->recipes[i], &spec);
		if (rc < 0) {
			free(entry);
			return rc;
		}
	}
	if (before != NULL) {
		HASH_DEL(publisher->by_home_address, before);
		free(before);
	}
	HASH_ADD(hh, publisher->by_home_address, home_address, sizeof(be32), entry);
	publisher->calls++;
	return 0;
}

void
publish_recipes_remove(struct publisher *publisher, be32 home_address)
{
	struct published *entry = published_find(publisher, home_address);

	if (entry == NULL)
		return;
	HASH_DEL(publisher->by_home_address, entry);
	free(entry);
}

const struct recipe *
publish_recipes_find(const struct publisher *publisher, be32 home_address)
{
	const struct published *entry = published_find(publisher, home_address);

	return entry != NULL ? &entry->recipes[0] : NULL;
}

void
publish_recipes_find_all(const struct publisher *publisher, const be32 *home_addresses,
			 unsigned count, const struct recipe **recipes)
{
	for (unsigned i = 0; i < count; i++)
		recipes[i] = publish_recipes_find(publisher, home_addresses[i]);
}

static bool
recipe_names(const struct recipe *recipe, const struct sa *sa)
{
	for (; recipe != NULL; recipe = recipe_next(recipe)) {
		if ((recipe->flags & RECIPE_SEALED) != 0 && recipe->seal_sa == sa)
			return true;
	}
	return false;
}

struct sa *
publish_sa_storage(struct publisher *publisher, const struct sa_room *room)
{
	size_t selectors_size = room->selector_count * sizeof(struct traffic_selector);
	size_t key_at = (sizeof(struct sa) + selectors_size + 63) / 64 * 64;
	size_t size = key_at + esp_key_size(room->suite);
	struct sa *sa = aligned_alloc(64, size);

	if (sa == NULL)
		return NULL;
	memset(sa, 0, size);
	sa->window.size_bits = room->window_bits;
	sa->selectors = (struct traffic_selector *)(sa + 1);
	sa->key = (const struct esp_key *)((uint8_t *)sa + key_at);
	sa_set_suite(sa, room->suite);
	atomic_init(&sa->owner, SA_OWNER_NONE);
	return sa;
}

void
publish_sa_give_back(struct publisher *publisher, struct sa *sa)
{
	free(sa);
}

void
publish_sa(struct publisher *publisher, uint32_t slot, struct sa *sa)
{
	struct sa *old = publisher->sas[slot];
	struct published *entry, *next;

	publisher->sas[slot] = sa;
	if (old == NULL)
		return;
	HASH_ITER(hh, publisher->by_home_address, entry, next)
	{
		assert_false(recipe_names(&entry->recipes[0], old));
	}
	esp_key_fini((struct esp_key *)(uintptr_t)old->key, (enum esp_suite)old->suite);
	free(old);
}

void
publish_sa_remove(struct publisher *publisher, uint32_t slot)
{
	publish_sa(publisher, slot, NULL);
}

struct sa *
fake_publisher_sa(const struct publisher *publisher, uint32_t slot)
{
	return publisher->sas[slot];
}

struct route_table *
fake_routes_create(void)
{
	struct route_table *routes = calloc(1, sizeof(*routes));

	if (routes == NULL)
		return NULL;
	routes->mtu = 1500;
	routes->port = -1;
	return routes;
}

void
fake_routes_destroy(struct route_table *routes)
{
	struct proxied *entry, *next;

	HASH_ITER(hh, routes->proxied, entry, next)
	{
		HASH_DEL(routes->proxied, entry);
		free(entry);
	}
	free(routes);
}

void
fake_routes_set_mtu(struct route_table *routes, uint16_t mtu)
{
	routes->mtu = mtu;
}

void
fake_routes_set_port(struct route_table *routes, int port)
{
	routes->port = port;
}

unsigned
fake_routes_held(const struct route_table *routes)
{
	return routes->held;
}

static struct proxied *
proxied_find(const struct route_table *routes, be32 home_address)
{
	struct proxied *found;

	HASH_FIND(hh, routes->proxied, &home_address, sizeof(home_address), found);
	return found;
}

bool
fake_routes_is_proxied(const struct route_table *routes, be32 home_address)
{
	return proxied_find(routes, home_address) != NULL;
}

uint32_t
route_acquire(struct route_table *routes, be32 address)
{
	if (routes->mtu == 0)
		return NEXT_HOP_NONE;
	routes->held++;
	return FAKE_NEXT_HOP;
}

void
route_release(struct route_table *routes, uint32_t next_hop)
{
	if (next_hop == FAKE_NEXT_HOP)
		routes->held--;
}

uint16_t
route_mtu(const struct route_table *routes, uint32_t next_hop)
{
	return next_hop == FAKE_NEXT_HOP ? routes->mtu : 0;
}

int
route_port(const struct route_table *routes, uint32_t next_hop)
{
	return next_hop == FAKE_NEXT_HOP ? routes->port : -1;
}

void
route_proxy_begin(struct route_table *routes, be32 home_address, struct mono_time now)
{
	struct proxied *entry;

	if (proxied_find(routes, home_address) != NULL)
		return;
	entry = calloc(1, sizeof(*entry));
	if (entry == NULL)
		return;
	entry->home_address = home_address;
	HASH_ADD(hh, routes->proxied, home_address, sizeof(be32), entry);
}

void
route_proxy_end(struct route_table *routes, be32 home_address, const uint8_t *mac,
		struct mono_time now)
{
	struct proxied *entry = proxied_find(routes, home_address);

	if (entry == NULL)
		return;
	HASH_DEL(routes->proxied, entry);
	free(entry);
}
