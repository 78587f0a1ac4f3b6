/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_DROP_H
#define DATAPLANE_DROP_H

#include "dataplane/worker.h"

/* Frees a packet and counts why. Worker. */
static inline void
drop(struct worker *worker, struct rte_mbuf *mbuf, enum drop_reason reason)
{
	worker->counters.drops.count[reason]++;
	rte_pktmbuf_free(mbuf);
}

#endif
