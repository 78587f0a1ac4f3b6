/* SPDX-License-Identifier: BSD-3-Clause */
/* A packet of the control core. It takes the same stages as others do, so that a reply to a mobile is
 * tunnelled by itself. */
#include "dataplane/drop.h"
#include "dataplane/recipe_table.h"
#include "dataplane/stage.h"
#include "dataplane/transmit.h"

static void
inject_via(struct worker *worker, struct rte_mbuf *mbuf)
{
	struct packet *packet = packet_of(mbuf);
	be32 home_address = packet->home_address;
	const struct recipe *recipe;
	uint16_t n = 1;

	if (recipe_lookup(worker->tables->recipes, &home_address, 1, &recipe) == 0) {
		drop(worker, mbuf, DROP_TUNNEL_NO_BINDING);
		return;
	}
	packet->recipe = recipe;
	n = stage_run(worker, STAGE_FIT, stage_fit, &mbuf, n);
	n = stage_run(worker, STAGE_PUSH, stage_push, &mbuf, n);
	stage_run(worker, STAGE_TRANSMIT, stage_transmit, &mbuf, n);
}

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
		inject_via(worker, mbuf);
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
