/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_ROUTE_H
#define CONTROL_ROUTE_H

#include "control/config.h"
#include "lib/mono_time.h"

struct drop_counters;
struct injector;
struct publisher;
struct rte_mbuf;

/*
 * Routes and neighbours: which next hop leads to an address, and the link addresses behind them (ARP,
 * RFC 826; proxy and gratuitous ARP for mobiles away from home, RFC 5944 section 4.6). Control core.
 */
struct route_table;

struct route_context {
	struct publisher *publisher;
	struct injector *injector;
	struct drop_counters *drops;
	const uint8_t (*macs)[6]; /* each port's link address */
	unsigned next_hops_max;
};

struct route_table *route_create(const struct route_context *context, const struct config *config);
void route_destroy(struct route_table *routes);

/* Takes over routes and home networks of a reloaded configuration; ports stay as they are.
 * Existing neighbours are kept. 0 or -errno, in which case what was there stays. */
int route_reload(struct route_table *routes, const struct config *config);

/*
 * The next hop towards `address`, made and resolved as needed, whose index stays valid until
 * route_release() on the same index. NEXT_HOP_NONE when there is no route.
 */
uint32_t route_acquire(struct route_table *routes, be32 address);
void route_release(struct route_table *routes, uint32_t next_hop);

/* MTU of the port by which `next_hop` leaves; 0 for NEXT_HOP_NONE. */
uint16_t route_mtu(const struct route_table *routes, uint32_t next_hop);

/* Number of the port by which `next_hop` leaves; -1 for NEXT_HOP_NONE. */
int route_port(const struct route_table *routes, uint32_t next_hop);

/* The port's own address by which packets to `address` leave: source of the box's ICMP; 0: no route. */
be32 route_source(const struct route_table *routes, be32 address);

/* An ARP packet that arrived on `port`; takes the mbuf, whose data begins with the ARP packet. */
void route_arp_input(struct route_table *routes, struct rte_mbuf *mbuf, struct mono_time now);

/* A packet whose next hop is not resolved; takes the mbuf and sends it on when ARP has answered. Goes by
 * the route to its destination as it is now, not by packet_of(), which may be older. */
void route_resolve(struct route_table *routes, struct rte_mbuf *mbuf, struct mono_time now);

/* Who tells the sender of a packet (at its IP header) that its destination cannot be reached; takes the
 * mbuf. Without, such packets are only counted. */
void route_on_unreachable(struct route_table *routes,
			  void (*tell)(void *context, struct rte_mbuf *mbuf), void *context);

/* Answer ARP for a mobile that is away from its home link, and say so there; and the end of it.
 * Addresses of virtual home networks are ignored. `mac`: the mobile's own, when it is known, or NULL. */
void route_proxy_begin(struct route_table *routes, be32 home_address, struct mono_time now);
void route_proxy_end(struct route_table *routes, be32 home_address, const uint8_t *mac,
		     struct mono_time now);
/* What has been sent for them; see control/proxy_arp.h. */
const struct proxy_counters *route_proxy_counters(const struct route_table *routes);

/* Retransmits, ages, repeats gratuitous ARP; call every 100 ms or so. */
void route_tick(struct route_table *routes, struct mono_time now);

/* One line a neighbour, for telemetry; `visit` returns false to stop. */
struct neighbour_view {
	be32 address;
	uint8_t port;
	uint8_t mac[6];
	bool is_resolved;
	unsigned pending; /* packets that wait */
};
void route_neighbours(const struct route_table *routes,
		      bool (*visit)(const struct neighbour_view *neighbour, void *context),
		      void *context);

#endif
