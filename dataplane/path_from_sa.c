/* SPDX-License-Identifier: BSD-3-Clause */
/* An ESP packet for the VPN gateway. What it carried is as if it came from inside: for the i-HA (a
 * mobile's tunnel, a registration), or to be carried on. */
#include "dataplane/stage.h"

void
path_from_sa(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	n = stage_run(worker, STAGE_OPEN, stage_open, pkts, n);
	n = stage_run(worker, STAGE_ADMIT, stage_admit, pkts, n);
	worker->local.count = 0;
	n = stage_run(worker, STAGE_LOCAL, stage_local, pkts, n);

	path_to_mobile(worker, pkts, n);
	path_from_mobile(worker, worker->local.pkts, worker->local.count);
}
