/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_NEIGHBOUR_H
#define CONTROL_NEIGHBOUR_H

#include "control/link.h"
#include "control/next_hop.h"
#include "control/route.h"

/*
 * The neighbours: stations on the box's links, their link addresses (RFC 826), and the packets that wait
 * for them. Each has a next hop of its own. Gateways and whatever route_acquire() handed out are held
 * and never given up; the rest exists because a packet asked for it, and gets a host route once
 * it has answered. A scan of a large network makes at most NEIGHBOUR_ASKED_MAX of those: then the one
 * that has been silent longest makes room.
 *
 * Life of a neighbour:
 *
 *     ASKED --answer--> KNOWN --60 s--> CHECKED --answer--> KNOWN
 *       |                                  |
 *       three requests without answer      three unicast requests without answer
 *       |                                  |
 *       v                                  v
 *     SILENT when held, else gone        ASKED when held, else gone
 *
 * A silent one is asked again every five seconds, and when a packet for it comes.
 *
 * Everything here: control core only.
 */
#define NEIGHBOUR_ASKED_MAX 1024 /* neighbours that nobody holds and that never answered */

struct neighbours;

struct neighbour_context {
	struct publisher *publisher;
	struct injector *injector;
	struct drop_counters *drops;
	struct next_hops *hops;
	const struct links *links;
};

struct neighbours *neighbours_create(const struct neighbour_context *context);
/* Frees all of them and the packets that wait; what is published stays. NULL is fine. */
void neighbours_destroy(struct neighbours *neighbours);

/* Who tells the sender of a packet (at its IP header) that the neighbour did not answer; takes the mbuf.
 * Without, such packets are freed. */
void neighbours_on_unreachable(struct neighbours *neighbours,
			       void (*tell)(void *context, struct rte_mbuf *mbuf), void *context);

/* NULL when it is not known. */
struct neighbour *neighbour_find(struct neighbours *neighbours, uint8_t port, be32 address);

/* Finds it or makes it, to be asked at the next tick. NULL: no memory, or no next hop is left. */
struct neighbour *neighbour_obtain(struct neighbours *neighbours, uint8_t port, be32 address);

/* Holds it, and lets go of it. */
void neighbour_hold(struct neighbours *neighbours, struct neighbour *neighbour);
void neighbour_release(struct neighbours *neighbours, struct neighbour *neighbour);

uint32_t neighbour_next_hop(const struct neighbour *neighbour);

/* Sends `mbuf` by route now if the address is known, else when it is. Takes the mbuf. */
void neighbour_send(struct neighbours *neighbours, struct neighbour *neighbour,
		    struct rte_mbuf *mbuf, struct mono_time now);

/* A station on `port` said that `address` is at `mac`; changes a neighbour that exists. Returns whether
 * it does. */
bool neighbour_heard(struct neighbours *neighbours, uint8_t port, be32 address,
		     const uint8_t mac[ETH_ADDRESS_SIZE], struct mono_time now);

/* The link address of a neighbour that is known; false when it is not. */
bool neighbour_mac(struct neighbours *neighbours, uint8_t port, be32 address,
		   uint8_t mac[ETH_ADDRESS_SIZE]);

/* A configured route for just this address has replaced, or may replace, the host route. */
void neighbour_forget_route(struct neighbours *neighbours, be32 address);

/* The links have changed: withdraws host routes to neighbours whose network is gone, and gives up those
 * of them that nobody holds. */
void neighbours_relink(struct neighbours *neighbours, const struct links *links);

/* Asks, asks again, checks and gives up whatever is due. */
void neighbours_tick(struct neighbours *neighbours, struct mono_time now);

/* See route_neighbours(). */
void
neighbours_visit(const struct neighbours *neighbours,
		 bool (*visit)(const struct neighbour_view *view, void *context), void *context);

#endif
