/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets to be pushed by the recipes of an address that is not (or need not be) their destination: the
 * control core's, and those that another worker handed over because this one owns the SA that seals. */
#include "dataplane/drop.h"
#include "dataplane/recipe_table.h"
#include "dataplane/stage.h"

/* Finds the recipes of packet.handover_key; the survivors have them. */
static uint16_t
look_up(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct packet *packet = packet_of(pkts[i]);
		be32 key = packet->handover_key;
		const struct recipe *recipe;

		if (recipe_lookup(worker->tables->recipes, &key, 1, &recipe) == 0) {
			drop(worker, pkts[i], DROP_TUNNEL_NO_BINDING);
			continue;
		}
		packet->recipe = recipe;
		pkts[kept++] = pkts[i];
	}
	return kept;
}

void
path_via(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	n = look_up(worker, pkts, n);
	n = stage_run(worker, STAGE_FIT, stage_fit, pkts, n);
	path_push(worker, pkts, n);
}

void
path_push(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	n = stage_run(worker, STAGE_PUSH, stage_push, pkts, n);
	n = stage_run(worker, STAGE_SEAL, stage_seal, pkts, n);
	stage_run(worker, STAGE_TRANSMIT, stage_transmit, pkts, n);
}

/* The recipes may be others than when the packet was handed over, and so may be the SA's owner. */
void
path_copy(struct worker *worker, struct rte_mbuf *mbuf, unsigned number)
{
	const struct recipe *recipe;
	unsigned left = number;

	if (look_up(worker, &mbuf, 1) == 0)
		return;
	recipe = recipe_first_open(packet_of(mbuf)->recipe);
	for (; left > 0 && recipe->flags & RECIPE_HAS_NEXT; left--)
		recipe = recipe->next;
	if (left > 0)
		drop(worker, mbuf, DROP_TUNNEL_NO_BINDING);
	else if (recipe->flags & RECIPE_HALF_BOUND)
		drop(worker, mbuf, DROP_TUNNEL_HALF_BOUND);
	else
		push_copy(worker, mbuf, recipe, number);
}
