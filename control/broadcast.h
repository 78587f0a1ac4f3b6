/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_BROADCAST_H
#define CONTROL_BROADCAST_H

#include "control/config.h"

struct binding_table;
struct drop_counters;
struct injector;
struct rte_mbuf;

#define BROADCASTS_MAX 32 /* that wait for their copies */

/*
 * Broadcasts of home networks for the mobiles that are away from them (RFC 5944 section 4.3). One broadcast
 * may be for very many: it waits in a queue and is copied some at a time, so that the copies leave buffers
 * and room in the rings to everything else. Control core.
 */
struct broadcast_context {
	struct injector *injector;
	struct drop_counters *drops;
	struct binding_table *bindings;
	const struct config *config; /* home networks */

	/* empty at first */
	struct rte_mbuf *queue[BROADCASTS_MAX];
	unsigned first, count;
	uint32_t done; /* broadcasts that every mobile has; the queue's first is the one after */
};

/* PUNT_BROADCAST: a broadcast to be copied, unless the queue is full. Takes the mbuf. */
void broadcast_input(struct broadcast_context *context, struct rte_mbuf *mbuf);

/*
 * Goes on with the queue: a copy of the broadcast to each mobile with the B bit whose home network is on the
 * link that it came from; a directed broadcast goes to its own network's only. Mobiles with the D bit get it
 * as it is; for the others it is addressed to the home address in a packet of its own, so that the foreign
 * agent knows whose it is. A bounded number a call, and none while the workers have enough to send.
 * Returns how many mobiles it came to, so that the caller knows that there may be more to do.
 */
unsigned broadcast_run(struct broadcast_context *context);

/* Frees what waits. */
void broadcast_fini(struct broadcast_context *context);

#endif
