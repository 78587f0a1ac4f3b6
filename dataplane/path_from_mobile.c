/* SPDX-License-Identifier: BSD-3-Clause */
/* A packet for the box itself. Out of a mobile's tunnel comes a packet to be carried on, which may lead
 * back into another mobile's tunnel; or one for the VPN gateway, through the x-HA's tunnel: ESP, then. What
 * leaves a security association comes here again for the i-HA, and then there is no further ESP. */
#include "dataplane/stage.h"

void
path_from_mobile(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	worker->sealed.count = 0;
	worker->gateway.count = 0;
	n = stage_run(worker, STAGE_DEMUX, stage_demux, pkts, n);
	n = stage_run(worker, STAGE_STRIP, stage_strip, pkts, n);
	n = stage_run(worker, STAGE_MATCH, stage_match, pkts, n);
	path_to_mobile(worker, pkts, n);

	n = worker->gateway.count;
	stage_run(worker, STAGE_DEMUX, stage_demux, worker->gateway.pkts, n);
	if (worker->sealed.count > 0)
		path_from_sa(worker, worker->sealed.pkts, worker->sealed.count);
}
