/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_BROADCAST_H
#define CONTROL_BROADCAST_H

#include "control/config.h"

struct binding_table;
struct drop_counters;
struct injector;
struct rte_mbuf;

/* Broadcasts of home networks for the mobiles that are away from them (RFC 5944 section 4.3). Control core. */
struct broadcast_context {
	struct injector *injector;
	struct drop_counters *drops;
	struct binding_table *bindings;
	const struct config *config; /* home networks */
};

/*
 * PUNT_BROADCAST: sends a copy of the broadcast packet to each mobile with the B bit whose home network is
 * on the link that it came from; a directed broadcast goes to its own network's only. Mobiles with the
 * D bit get it as it is; for the others it is addressed to the home address in a packet of its
 * own, so that the foreign agent knows whose it is. Takes the mbuf.
 */
void broadcast_input(const struct broadcast_context *context, struct rte_mbuf *mbuf);

#endif
