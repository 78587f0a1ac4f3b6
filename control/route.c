/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/route.h"

#include <errno.h>
#include <rte_mbuf.h>
#include <stdlib.h>

#include "control/arp.h"
#include "control/inject.h"
#include "control/neighbour.h"
#include "control/proxy_arp.h"
#include "control/publish.h"
#include "control/rib.h"
#include "dataplane/counters.h"
#include "lib/log.h"

/*
 * How a route becomes a next hop. A connected network is a route to the next hop of its link, which is
 * never resolved: workers send its packets here, and each destination that answers ARP gets a host route
 * to a next hop of its own. A gateway is one neighbour, held by each route that goes through it. What
 * nothing is sent to has NEXT_HOP_NONE.
 */
struct route_table {
	struct publisher *publisher;
	struct injector *injector;
	struct drop_counters *drops;
	struct links *links; /* replaced as a whole at reload */
	struct rib rib;
	struct next_hops *hops;
	struct neighbours *neighbours;
	struct proxies *proxies;
	uint32_t link_hops[CONFIG_PORTS_MAX];
	void (*tell)(void *context, struct rte_mbuf *mbuf);
	void *tell_context;
	struct log_limit conflict_log;
};

static struct links *
links_create(const struct config *config, const uint8_t (*macs)[ETH_ADDRESS_SIZE])
{
	struct links *links = calloc(1, sizeof(*links));

	if (links != NULL && links_init(links, config, macs) != 0) {
		free(links);
		links = NULL;
	}
	return links;
}

static void
links_destroy(struct links *links)
{
	if (links == NULL)
		return;
	links_fini(links);
	free(links);
}

static int
gateway_hold(struct route_table *routes, const struct links *links, struct rib_entry *entry)
{
	char gateway_text[ADDRESS_TEXT_SIZE], prefix_text[PREFIX_TEXT_SIZE];
	int port = links_port_of(links, entry->gateway);
	struct neighbour *neighbour;

	if (port < 0) {
		log_warnx("gateway %s of route %s is on no port's network",
			  address_format(entry->gateway, gateway_text),
			  prefix_format(entry->prefix, prefix_text));
		return -ENETUNREACH;
	}
	neighbour = neighbour_obtain(routes->neighbours, (uint8_t)port, entry->gateway);
	if (neighbour == NULL)
		return -ENOSPC;
	neighbour_hold(routes->neighbours, neighbour);
	entry->next_hop = neighbour_next_hop(neighbour);
	return 0;
}

/* Fills in the next hops of `rib`. After an error, those it has are still held. */
static int
rib_resolve(struct route_table *routes, const struct links *links, struct rib *rib)
{
	for (unsigned i = 0; i < rib->count; i++) {
		struct rib_entry *entry = &rib->entries[i];
		int error = 0;

		if (entry->kind == RIB_CONNECTED)
			entry->next_hop = routes->link_hops[entry->port];
		else if (entry->kind == RIB_GATEWAY)
			error = gateway_hold(routes, links, entry);
		if (error != 0)
			return error;
	}
	return 0;
}

static void
rib_release(struct route_table *routes, const struct rib *rib)
{
	for (unsigned i = 0; i < rib->count; i++) {
		if (rib->entries[i].kind == RIB_GATEWAY)
			route_release(routes, rib->entries[i].next_hop);
	}
}

static bool
has_same(const struct rib *rib, const struct rib_entry *entry)
{
	const struct rib_entry *other = rib_find(rib, entry->prefix);

	return other != NULL && other->next_hop == entry->next_hop;
}

/* Publishes what `rib` has and `live` has not: the live table takes the longer for a route the more it has
 * of that length. Returns how many entries it got through. */
static unsigned
rib_publish(struct route_table *routes, const struct rib *rib, const struct rib *live, int *error)
{
	unsigned i;

	*error = 0;
	for (i = 0; i < rib->count; i++) {
		const struct rib_entry *entry = &rib->entries[i];

		if (has_same(live, entry))
			continue;
		*error = publish_route(routes->publisher, entry->prefix, entry->next_hop);
		if (*error != 0)
			break;
		if (entry->prefix.len_bits == 32)
			neighbour_forget_route(routes->neighbours, entry->prefix.address);
	}
	return i;
}

/* Withdraws the first `count` routes of `gone` that are not in `kept`. */
static void
rib_withdraw(struct route_table *routes, const struct rib *gone, unsigned count,
	     const struct rib *kept)
{
	for (unsigned i = 0; i < count; i++) {
		if (rib_find(kept, gone->entries[i].prefix) == NULL)
			publish_route_remove(routes->publisher, gone->entries[i].prefix);
	}
}

/* Replaces the live routes by those of `rib`, or leaves them as they were. */
static int
rib_swap(struct route_table *routes, const struct rib *rib)
{
	int error, undo_error;
	unsigned count = rib_publish(routes, rib, &routes->rib, &error);

	if (error == 0) {
		rib_withdraw(routes, &routes->rib, routes->rib.count, rib);
		return 0;
	}
	/* first makes room for, then restores, what had its place a moment ago */
	rib_withdraw(routes, rib, count, &routes->rib);
	rib_publish(routes, &routes->rib, rib, &undo_error);
	return error;
}

int
route_reload(struct route_table *routes, const struct config *config)
{
	uint8_t macs[CONFIG_PORTS_MAX][ETH_ADDRESS_SIZE];
	struct links *links;
	struct rib rib;
	int error;

	for (unsigned i = 0; i < routes->links->count; i++)
		memcpy(macs[i], routes->links->links[i].mac, sizeof(macs[i]));
	if (config->port_count != routes->links->count)
		return -EINVAL;
	links = links_create(config, (const uint8_t(*)[ETH_ADDRESS_SIZE])macs);
	if (links == NULL)
		return -ENOMEM;
	error = rib_init(&rib, config);
	if (error != 0)
		goto destroy_links;
	error = rib_resolve(routes, links, &rib);
	if (error == 0)
		error = rib_swap(routes, &rib);
	if (error != 0)
		goto release_rib;

	neighbours_relink(routes->neighbours, links);
	proxies_relink(routes->proxies, links);
	links_destroy(routes->links);
	routes->links = links;
	rib_release(routes, &routes->rib);
	rib_fini(&routes->rib);
	routes->rib = rib;
	return 0;

release_rib:
	rib_release(routes, &rib);
	rib_fini(&rib);
destroy_links:
	links_destroy(links);
	return error;
}

static int
route_start(struct route_table *routes, const struct config *config)
{
	static const struct rib nothing;
	int error;

	for (unsigned i = 0; i < config->port_count; i++) {
		routes->link_hops[i] = next_hop_alloc(routes->hops, (uint8_t)i, NULL);
		if (routes->link_hops[i] == NEXT_HOP_NONE)
			return -ENOSPC;
	}
	error = rib_init(&routes->rib, config);
	if (error == 0)
		error = rib_resolve(routes, routes->links, &routes->rib);
	if (error == 0)
		rib_publish(routes, &routes->rib, &nothing, &error);
	return error;
}

struct route_table *
route_create(const struct route_context *context, const struct config *config)
{
	struct route_table *routes = calloc(1, sizeof(*routes));
	struct neighbour_context neighbour_context;

	if (routes == NULL)
		return NULL;
	routes->publisher = context->publisher;
	routes->injector = context->injector;
	routes->drops = context->drops;
	routes->conflict_log.per_sec = 1;
	routes->links = links_create(config, context->macs);
	routes->hops = next_hops_create(context->publisher, context->next_hops_max);
	neighbour_context = (struct neighbour_context){
		.publisher = context->publisher,
		.injector = context->injector,
		.drops = context->drops,
		.hops = routes->hops,
		.links = routes->links,
	};
	routes->neighbours = neighbours_create(&neighbour_context);
	routes->proxies = proxies_create(context->injector, routes->links);
	if (routes->links == NULL || routes->hops == NULL || routes->neighbours == NULL ||
	    routes->proxies == NULL || route_start(routes, config) != 0) {
		route_destroy(routes);
		return NULL;
	}
	return routes;
}

void
route_destroy(struct route_table *routes)
{
	if (routes == NULL)
		return;
	proxies_destroy(routes->proxies);
	neighbours_destroy(routes->neighbours);
	next_hops_destroy(routes->hops);
	rib_fini(&routes->rib);
	links_destroy(routes->links);
	free(routes);
}

/* The neighbour that packets to `address` go to, or NULL: no route, or no room for another. */
static struct neighbour *
neighbour_towards(struct route_table *routes, be32 address)
{
	uint32_t index = publish_route_lookup(routes->publisher, address);
	struct neighbour *neighbour;

	if (!next_hop_is_used(routes->hops, index))
		return NULL;
	neighbour = next_hop_neighbour(routes->hops, index);
	if (neighbour != NULL)
		return neighbour;
	return neighbour_obtain(routes->neighbours, next_hop_port(routes->hops, index), address);
}

uint32_t
route_acquire(struct route_table *routes, be32 address)
{
	struct neighbour *neighbour = neighbour_towards(routes, address);

	if (neighbour == NULL)
		return NEXT_HOP_NONE;
	neighbour_hold(routes->neighbours, neighbour);
	return neighbour_next_hop(neighbour);
}

void
route_release(struct route_table *routes, uint32_t next_hop)
{
	struct neighbour *neighbour;

	if (!next_hop_is_used(routes->hops, next_hop))
		return;
	neighbour = next_hop_neighbour(routes->hops, next_hop);
	if (neighbour != NULL)
		neighbour_release(routes->neighbours, neighbour);
}

uint16_t
route_mtu(const struct route_table *routes, uint32_t next_hop)
{
	if (!next_hop_is_used(routes->hops, next_hop))
		return 0;
	return routes->links->links[next_hop_port(routes->hops, next_hop)].mtu;
}

int
route_port(const struct route_table *routes, uint32_t next_hop)
{
	return next_hop_is_used(routes->hops, next_hop) ? next_hop_port(routes->hops, next_hop)
							: -1;
}

be32
route_source(const struct route_table *routes, be32 address)
{
	uint32_t index = publish_route_lookup(routes->publisher, address);

	if (!next_hop_is_used(routes->hops, index))
		return 0;
	return routes->links->links[next_hop_port(routes->hops, index)].network.address;
}

void
route_on_unreachable(struct route_table *routes, void (*tell)(void *context, struct rte_mbuf *mbuf),
		     void *context)
{
	routes->tell = tell;
	routes->tell_context = context;
	neighbours_on_unreachable(routes->neighbours, tell, context);
}

void
route_resolve(struct route_table *routes, struct rte_mbuf *mbuf, struct mono_time now)
{
	struct neighbour *neighbour = NULL;

	if (rte_pktmbuf_data_len(mbuf) >= sizeof(struct ip_header))
		neighbour = neighbour_towards(routes, packet_ip(mbuf)->dst);
	if (neighbour != NULL) {
		neighbour_send(routes->neighbours, neighbour, mbuf, now);
		return;
	}
	routes->drops->count[DROP_IP_UNREACHABLE]++;
	if (routes->tell != NULL)
		routes->tell(routes->tell_context, mbuf);
	else
		rte_pktmbuf_free(mbuf);
}

/* RFC 5227 section 2.4 (c): the addresses of a router are not given up. */
static void
own_conflict(struct route_table *routes, uint8_t port, struct link_own *own,
	     const struct arp_packet *arp, struct mono_time now)
{
	char address_text[ADDRESS_TEXT_SIZE], mac_text[MAC_TEXT_SIZE];

	routes->drops->count[DROP_ARP_CONFLICT]++;
	if (log_limit_allows(&routes->conflict_log))
		log_warnx("%s on port \"%s\" claims %s, which is this box's own address",
			  mac_format(arp->sender_mac, mac_text), routes->links->links[port].name,
			  address_format(own->address, address_text));
	link_defend(routes->links, routes->injector, port, own, now);
}

static void
arp_request_input(struct route_table *routes, uint8_t port, const struct arp_packet *arp)
{
	if (link_own_find(routes->links, port, arp->target_ip) != NULL)
		arp_reply(routes->injector, port, routes->links->links[port].mac, arp);
	else if (!proxy_answer(routes->proxies, port, arp))
		routes->drops->count[DROP_ARP_IGNORED]++;
}

static void
arp_input(struct route_table *routes, uint8_t port, const struct arp_packet *arp,
	  struct mono_time now)
{
	struct link_own *own = link_own_find(routes->links, port, arp->sender_ip);
	bool is_neighbour;

	if (memcmp(arp->sender_mac, routes->links->links[port].mac, sizeof(arp->sender_mac)) == 0) {
		/* our own, come back by a loop in the network */
		routes->drops->count[DROP_ARP_IGNORED]++;
		return;
	}
	if (own != NULL) {
		own_conflict(routes, port, own, arp, now);
		return;
	}
	is_neighbour =
		neighbour_heard(routes->neighbours, port, arp->sender_ip, arp->sender_mac, now);
	proxy_heard(routes->proxies, port, arp->sender_ip, arp->sender_mac, now);
	if (arp->operation_be == htobe16(ARP_REQUEST))
		arp_request_input(routes, port, arp);
	else if (!is_neighbour)
		routes->drops->count[DROP_ARP_IGNORED]++;
}

void
route_arp_input(struct route_table *routes, struct rte_mbuf *mbuf, struct mono_time now)
{
	uint8_t port = packet_of(mbuf)->port;
	struct arp_packet arp;

	if (port < routes->links->count && arp_parse(mbuf, &arp) &&
	    (arp.sender_ip == 0 || link_carries(routes->links, port, arp.sender_ip)))
		arp_input(routes, port, &arp, now);
	else
		routes->drops->count[DROP_ARP_INVALID]++;
	rte_pktmbuf_free(mbuf);
}

void
route_proxy_begin(struct route_table *routes, be32 home_address, struct mono_time now)
{
	int port = links_home_port(routes->links, home_address);
	uint8_t mac[ETH_ADDRESS_SIZE];
	bool has_mac =
		port >= 0 && neighbour_mac(routes->neighbours, (uint8_t)port, home_address, mac);

	proxy_begin(routes->proxies, home_address, has_mac ? mac : NULL, now);
}

void
route_proxy_end(struct route_table *routes, be32 home_address, const uint8_t *mac,
		struct mono_time now)
{
	proxy_end(routes->proxies, home_address, mac, now);
}

const struct proxy_counters *
route_proxy_counters(const struct route_table *routes)
{
	return proxies_counters(routes->proxies);
}

void
route_tick(struct route_table *routes, struct mono_time now)
{
	neighbours_tick(routes->neighbours, now);
	proxies_tick(routes->proxies, now);
	links_tick(routes->links, routes->injector, now);
}

void
route_neighbours(const struct route_table *routes,
		 bool (*visit)(const struct neighbour_view *neighbour, void *context),
		 void *context)
{
	neighbours_visit(routes->neighbours, visit, context);
}
