/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_RECIPE_TABLE_H
#define DATAPLANE_RECIPE_TABLE_H

#include <rte_hash.h>
#include <rte_hash_crc.h>

#include "lib/recipe.h"

/* The table of recipes by home address: readers' side. */

#define RECIPE_LOOKUP_MAX RTE_HASH_LOOKUP_BULK_MAX

static inline uint32_t
recipe_hash(be32 home_address)
{
	return rte_hash_crc_4byte(home_address, 0);
}

/*
 * Looks up `n` (at most RECIPE_LOOKUP_MAX) home addresses at once. Bit i of the result says whether
 * `recipes[i]` was set. Worker, or control core. What is found stays valid until the worker's next
 * quiescent state.
 */
static inline uint64_t
recipe_lookup(const struct rte_hash *table, const be32 *home_addresses, unsigned n,
	      const struct recipe **recipes)
{
	const void *keys[RECIPE_LOOKUP_MAX];
	hash_sig_t hashes[RECIPE_LOOKUP_MAX];
	uint64_t hits = 0;

	for (unsigned i = 0; i < n; i++) {
		keys[i] = &home_addresses[i];
		hashes[i] = recipe_hash(home_addresses[i]);
	}
	rte_hash_lookup_with_hash_bulk_data(table, keys, hashes, n, &hits,
					    (void **)(uintptr_t)recipes);
	return hits;
}

/* With several care-of addresses, the first that packets may go to; with none, the last. */
static inline const struct recipe *
recipe_first_open(const struct recipe *recipe)
{
	while (recipe->flags & RECIPE_HALF_BOUND && recipe->flags & RECIPE_HAS_NEXT)
		recipe = recipe->next;
	return recipe;
}

#endif
