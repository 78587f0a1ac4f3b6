/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_DROP_H
#define DATAPLANE_DROP_H

#include "dataplane/trace.h"

/* Frees a packet and counts why. Worker. */
static inline void
drop(struct worker *worker, struct rte_mbuf *mbuf, enum drop_reason reason)
{
	worker->counters.drops.count[reason]++;
	if (unlikely(trace_is_on(worker)))
		trace_end(worker, mbuf, TRACE_DROP, reason);
	rte_pktmbuf_free(mbuf);
}

#endif
