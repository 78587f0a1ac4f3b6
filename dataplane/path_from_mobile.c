/* SPDX-License-Identifier: BSD-3-Clause */
/* A packet for the box itself. Out of a mobile's tunnel comes a packet to be carried on, which may lead
 * back into another mobile's tunnel. */
#include "dataplane/stage.h"

void
path_from_mobile(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	n = stage_run(worker, STAGE_REASSEMBLE, stage_reassemble, pkts, n);
	n = stage_run(worker, STAGE_DEMUX, stage_demux, pkts, n);
	n = stage_run(worker, STAGE_STRIP, stage_strip, pkts, n);
	n = stage_run(worker, STAGE_MATCH, stage_match, pkts, n);
	path_to_mobile(worker, pkts, n);
}
