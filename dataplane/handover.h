/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_HANDOVER_H
#define DATAPLANE_HANDOVER_H

#include "dataplane/sa.h"
#include "dataplane/worker.h"

/*
 * Packets for another worker: fragments that meet there, and packets of security associations that it
 * owns. They wait in its ring across quiescent states, so they carry no pointer into the live tables: what
 * they need is looked up again. The kind stands in packet.punt_class.
 */
enum handover_kind {
	HANDOVER_LOCAL,	 /* for the box itself: path_from_mobile */
	HANDOVER_SEALED, /* ESP to be opened: path_from_sa */
	HANDOVER_VIA,	 /* to be pushed by the recipes of packet.handover_key: path_via */
	HANDOVER_COPY, /* by one of them, whose number is what is above HANDOVER_COPY: path_copy */
};

/* Hands `mbuf` to worker `id`, or drops it when that one's ring is full. Worker. */
void handover(struct worker *worker, struct rte_mbuf *mbuf, unsigned id, unsigned kind);

/* Takes what others handed over. Returns how many. Worker. */
unsigned handover_take(struct worker *worker);

/* The owner of an SA; the worker itself when it had none before. Worker. */
static inline unsigned
sa_owner(struct sa *sa, const struct worker *worker)
{
	uint32_t owner = atomic_load_explicit(&sa->owner, memory_order_relaxed);

	if (unlikely(owner == SA_OWNER_NONE) &&
	    atomic_compare_exchange_strong_explicit(&sa->owner, &owner, worker->id,
						    memory_order_relaxed, memory_order_relaxed))
		return worker->id;
	return owner;
}

#endif
