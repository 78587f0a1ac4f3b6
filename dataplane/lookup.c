/* SPDX-License-Identifier: BSD-3-Clause */
/* Is the destination a mobile's home address? Those go on with their recipe; the rest is queued to be
 * routed. */
#include "dataplane/recipe_fetch.h"
#include "dataplane/stage.h"

static uint16_t
lookup_chunk(struct worker *worker, struct rte_mbuf **pkts, uint16_t n, struct rte_mbuf **found)
{
	be32 addresses[RECIPE_LOOKUP_MAX];
	const struct recipe *recipes[RECIPE_LOOKUP_MAX];
	uint16_t kept = 0;
	uint8_t flags = 0;

	for (uint16_t i = 0; i < n; i++)
		addresses[i] = packet_ip(pkts[i])->dst;
	recipe_fetch(worker, addresses, n, recipes);
	for (uint16_t i = 0; i < n; i++) {
		if (unlikely(recipes[i] == NULL)) {
			worker->routed.pkts[worker->routed.count++] = pkts[i];
			continue;
		}
		flags |= recipes[i]->flags;
		if (recipes[i]->flags & RECIPE_LONG)
			recipe_fetch_long(recipes[i]);
		packet_of(pkts[i])->recipe = recipes[i];
		found[kept++] = pkts[i];
	}
	if (flags & RECIPE_SEALED)
		recipe_fetch_seals(found, kept);
	return kept;
}

uint16_t
stage_lookup(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i = (uint16_t)(i + RECIPE_LOOKUP_MAX)) {
		uint16_t chunk = RTE_MIN((uint16_t)(n - i), (uint16_t)RECIPE_LOOKUP_MAX);

		kept = (uint16_t)(kept + lookup_chunk(worker, pkts + i, chunk, pkts + kept));
	}
	return kept;
}
