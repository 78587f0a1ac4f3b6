/* SPDX-License-Identifier: BSD-3-Clause */
/* A packet of the control core. It takes the same stages as others do, so that a reply to a mobile is
 * tunnelled by itself. */
#include "dataplane/stage.h"
#include "dataplane/transmit.h"

static void
inject(struct worker *worker, struct rte_mbuf *mbuf)
{
	struct packet *packet = packet_of(mbuf);

	packet->origin = ORIGIN_CONTROL;
	switch ((enum inject_kind)packet->punt_class) {
	case INJECT_IP:
		path_carry(worker, &mbuf, 1);
		break;
	case INJECT_ROUTE:
		path_route(worker, &mbuf, 1);
		break;
	case INJECT_VIA:
		packet->handover_key = packet->home_address;
		path_via(worker, &mbuf, 1);
		break;
	case INJECT_FRAME:
		transmit_frame(worker, mbuf, packet->port);
		break;
	}
}

void
path_inject(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		inject(worker, pkts[i]);
}
