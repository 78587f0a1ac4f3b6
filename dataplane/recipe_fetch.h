/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_RECIPE_FETCH_H
#define DATAPLANE_RECIPE_FETCH_H

#include "dataplane/sa.h"
#include "dataplane/worker.h"

/*
 * The recipes of `n` (at most RECIPE_LOOKUP_MAX) home addresses, NULL where there is none, and with them the
 * counters of their bindings, all on their way into the cache before the first is used: without it each costs a
 * cache miss of its own. With 1M bindings the counters' part is 20 cycles of 187 a packet to the mobile, 60 of 375
 * from it (bench/path_bench). Worker.
 */
static inline void
recipe_fetch(struct worker *worker, const be32 *home_addresses, uint16_t n,
	     const struct recipe **recipes)
{
	recipe_lookup(worker->tables->recipes, home_addresses, n, recipes);
	for (uint16_t i = 0; i < n; i++)
		rte_prefetch0(recipes[i]);
	for (uint16_t i = 0; i < n; i++)
		if (likely(recipes[i] != NULL))
			rte_prefetch0(&worker->slots[recipes[i]->slot]);
}

/* Of a long recipe, which is to be pushed, the other lines: the second and the last two, of two to four. Worker. */
static inline void
recipe_fetch_long(const struct recipe *recipe)
{
	const uint8_t *end = recipe_long_end(recipe);

	rte_prefetch0((const uint8_t *)recipe + 64);
	rte_prefetch0(end - 128);
	rte_prefetch0(end - 64);
}

/* The security associations that seal, of `n` packets with recipes that are there. Worker. */
static inline void
recipe_fetch_seals(struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		const struct recipe *recipe = packet_of(pkts[i])->recipe;

		if (recipe->flags & RECIPE_SEALED)
			rte_prefetch0(recipe->seal_sa);
	}
}

#endif
