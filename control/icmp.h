/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_ICMP_H
#define CONTROL_ICMP_H

#include "control/config.h"
#include "lib/mono_time.h"

struct binding_table;
struct drop_counters;
struct injector;
struct route_table;
struct rte_mbuf;
struct sa_table;

/*
 * ICMP (RFC 792, RFC 1812 section 4.3) for the box itself: echo and tunnel keepalives answered, errors
 * about packets in its tunnels turned into soft state and relayed to the original senders (RFC 2003
 * sections 4 and 5; about ESP there is nobody to tell, RFC 4301 section 8.2.1), and errors about packets
 * that the workers could not carry. Control core.
 */
struct icmp;

struct icmp_context {
	struct injector *injector;
	struct drop_counters *drops;
	struct route_table *routes;
	struct binding_table *bindings;
	be32 agent_addresses[AGENT_COUNT]; /* 0: that home agent is not enabled */
	const struct sa_table *sas;	   /* NULL: no VPN gateway */
	const struct config *config;	   /* the VPN gateway's part, and internal ports */
};

struct icmp *
icmp_create(const struct icmp_context *context, struct mono_time now); /* NULL: memory */
void icmp_destroy(struct icmp *icmp);				       /* NULL is fine */

/* A reloaded configuration; the one before it is not looked at any more. */
void icmp_reload(struct icmp *icmp, const struct config *config);

/* PUNT_ICMP and PUNT_KEEPALIVE: a packet for an own address; takes the mbuf. */
void icmp_input(struct icmp *icmp, struct rte_mbuf *mbuf, struct mono_time now);

/* PUNT_ICMP_ERROR: packet_of() says which error is due to the packet's sender; takes the mbuf. What may
 * not be answered (RFC 1812 section 4.3.2.7) or exceeds the rate is dropped in silence: a worker has
 * counted it already. */
void icmp_error_due(struct icmp *icmp, struct rte_mbuf *mbuf, struct mono_time now);

/* For route_on_unreachable(): ARP found no way for this packet; `context` is a struct icmp. A packet of
 * one of the box's tunnels is treated like one that a router on the way reported. Takes the mbuf. */
void icmp_host_unreachable(void *context, struct rte_mbuf *mbuf);

#endif
