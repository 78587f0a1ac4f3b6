/* SPDX-License-Identifier: BSD-3-Clause */
/* A packet to be carried on: into a mobile's tunnel when its destination has a binding, else by route. */
#include "dataplane/stage.h"

void
path_to_mobile(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	n = stage_run(worker, STAGE_TTL, stage_ttl, pkts, n);
	path_carry(worker, pkts, n);
}

void
path_carry(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	worker->routed.count = 0;
	n = stage_run(worker, STAGE_LOOKUP, stage_lookup, pkts, n);
	n = stage_run(worker, STAGE_FIT, stage_fit, pkts, n);
	n = stage_run(worker, STAGE_PUSH, stage_push, pkts, n);
	if (worker->has_pushed_sealed)
		n = stage_run(worker, STAGE_SEAL, stage_seal, pkts, n);
	stage_run(worker, STAGE_TRANSMIT, stage_transmit, pkts, n);

	path_route(worker, worker->routed.pkts, worker->routed.count);
}

void
path_route(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	n = stage_run(worker, STAGE_ROUTE, stage_route, pkts, n);
	stage_run(worker, STAGE_TRANSMIT, stage_transmit, pkts, n);
}
