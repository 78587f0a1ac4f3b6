/* SPDX-License-Identifier: BSD-3-Clause */
/* A packet from a port: for the box (a tunnel's end, a registration, ...) or to be carried on. */
#include "dataplane/stage.h"

void
path_receive(struct worker *worker, uint8_t port, struct rte_mbuf **pkts, uint16_t n)
{
	uint8_t origin = worker->settings->is_internal[port] ? ORIGIN_INTERNAL : ORIGIN_EXTERNAL;

	/* a NIC may have left them in memory; a tunnel's inner header ends in the second line */
	for (uint16_t i = 0; i < n; i++) {
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], const uint8_t *));
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], const uint8_t *) + 64);
	}
	for (uint16_t i = 0; i < n; i++)
		*packet_of(pkts[i]) = (struct packet){.origin = origin, .port = port};

	n = stage_run(worker, STAGE_ETHER_INPUT, stage_ether_input, pkts, n);
	n = stage_run(worker, STAGE_IP_INPUT, stage_ip_input, pkts, n);
	worker->local.count = 0;
	n = stage_run(worker, STAGE_LOCAL, stage_local, pkts, n);

	path_to_mobile(worker, pkts, n);
	path_from_mobile(worker, worker->local.pkts, worker->local.count);
}
