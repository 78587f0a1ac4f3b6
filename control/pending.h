/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_PENDING_H
#define CONTROL_PENDING_H

#include "dataplane/counters.h"

/*
 * Packets that wait for a neighbour's link address: a short queue a neighbour, and a limit for all of
 * them together, so that a scan cannot take the packet buffers. Control core.
 */
#define PENDING_MAX 16	       /* packets that wait for one neighbour */
#define PENDING_TOTAL_MAX 2048 /* and for all of them */

struct pending_total {
	unsigned count;
	struct drop_counters *drops;
};

struct pending {
	unsigned count;
	struct rte_mbuf *packets[PENDING_MAX]; /* oldest first */
};

/* Takes `mbuf`. When the queue is full the oldest makes room, when the total is reached `mbuf` itself is
 * dropped; either is counted as DROP_ARP_QUEUE_FULL. */
void pending_add(struct pending_total *total, struct pending *pending, struct rte_mbuf *mbuf);

/* Moves all packets to `taken`, which then owns them, and empties the queue. */
void pending_take(struct pending_total *total, struct pending *pending, struct pending *taken);

/* Frees all packets and counts them as `reason`. */
void pending_drop(struct pending_total *total, struct pending *pending, enum drop_reason reason);

#endif
