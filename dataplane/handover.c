/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/handover.h"

#include "dataplane/drop.h"
#include "dataplane/stage.h"

void
handover(struct worker *worker, struct rte_mbuf *mbuf, unsigned id, unsigned kind)
{
	packet_of(mbuf)->punt_class = (uint8_t)kind;
	if (rte_ring_mp_enqueue(worker->peers[id]->handover, mbuf) == 0)
		worker->counters.handovers++;
	else
		drop(worker, mbuf, DROP_HANDOVER_RING_FULL);
}

/* Packets of one kind, together. */
static void
run(struct worker *worker, unsigned kind, struct rte_mbuf **pkts, uint16_t n)
{
	switch (kind) {
	case HANDOVER_LOCAL:
		path_from_mobile(worker, pkts, n);
		break;
	case HANDOVER_SEALED:
		path_from_sa(worker, pkts, n);
		break;
	case HANDOVER_VIA:
		path_via(worker, pkts, n);
		break;
	default:
		for (uint16_t i = 0; i < n; i++)
			path_copy(worker, pkts[i], kind - HANDOVER_COPY);
	}
}

unsigned
handover_take(struct worker *worker)
{
	struct rte_mbuf *pkts[BURST_RECEIVE];
	unsigned n =
		rte_ring_sc_dequeue_burst(worker->handover, (void **)pkts, BURST_RECEIVE, NULL);

	if (n == 0)
		return 0;
	worker->stage_clock = rte_rdtsc();
	for (unsigned first = 0, end; first < n; first = end) {
		unsigned kind = packet_of(pkts[first])->punt_class;

		for (end = first + 1; end < n && packet_of(pkts[end])->punt_class == kind; end++)
			continue;
		run(worker, kind, pkts + first, (uint16_t)(end - first));
	}
	return n;
}
