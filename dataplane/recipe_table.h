/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_RECIPE_TABLE_H
#define DATAPLANE_RECIPE_TABLE_H

#include <rte_hash_crc.h>
#include <rte_prefetch.h>
#include <rte_vect.h>
#include <stdatomic.h>

#include "lib/recipe.h"
#include "lib/types.h"

/*
 * The table of recipes by home address: readers' side; control/recipe_index.c writes. A look-up touches
 * one cache line and then the recipe: a bucket is a line of keys beside what they stand for. Where a sixth
 * address falls into a bucket, it spills over into another one, to which the first leads.
 *
 * There is one writer, and readers take no lock. Each way is written such that a reader finds the old, the
 * new or nothing, and never the recipe of another address: a way gets another address only when every worker
 * has been quiescent since the one before it was taken away.
 */

#define RECIPE_LOOKUP_MAX 64
#define RECIPE_BUCKET_WAYS 5

/* What a key stands for: a recipe, or, with the lowest bit set, nothing any more. */
#define RECIPE_WAY_GONE 1u

struct recipe_bucket {
	_Atomic be32 keys[RECIPE_BUCKET_WAYS];
	_Atomic uint32_t spill; /* index of the bucket that goes on; 0: none */
	_Atomic uint64_t ways[RECIPE_BUCKET_WAYS];
} __attribute__((aligned(64)));
ASSERT_SIZE(struct recipe_bucket, 64);

struct recipe_table {
	struct recipe_bucket
		*buckets; /* `mask` + 1 found by hash, then those that take what spills */
	uint32_t mask;
};

static inline struct recipe_bucket *
recipe_bucket_of(const struct recipe_table *table, be32 home_address)
{
	return &table->buckets[rte_hash_crc_4byte(home_address, 0) & table->mask];
}

/* The way of `home_address` in this very bucket, or RECIPE_BUCKET_WAYS. Without a branch a key: which of
 * them it is cannot be foretold. With AVX2 all are compared at once; each of the eight words that are read
 * is read as a whole, as on every x86 that has it. */
static inline unsigned
recipe_bucket_way(const struct recipe_bucket *bucket, be32 home_address)
{
	unsigned hits = 0;

#ifdef __AVX2__
	__m256i words = _mm256_load_si256((const __m256i *)bucket);
	__m256i same = _mm256_cmpeq_epi32(words, _mm256_set1_epi32((int)home_address));

	hits = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(same)) &
	       ((1u << RECIPE_BUCKET_WAYS) - 1);
	atomic_signal_fence(memory_order_acquire);
#else
	for (unsigned i = 0; i < RECIPE_BUCKET_WAYS; i++)
		hits |= (unsigned)(atomic_load_explicit(&bucket->keys[i], memory_order_acquire) ==
				   home_address)
			<< i;
#endif
	return (unsigned)__builtin_ctz(hits | 1u << RECIPE_BUCKET_WAYS);
}

/* The recipe in this bucket or where it spills to, or NULL. */
static inline const struct recipe *
recipe_bucket_find(const struct recipe_table *table, const struct recipe_bucket *bucket,
		   be32 home_address)
{
	for (;;) {
		unsigned way = recipe_bucket_way(bucket, home_address);
		uint32_t spill;

		if (way < RECIPE_BUCKET_WAYS) {
			uint64_t word =
				atomic_load_explicit(&bucket->ways[way], memory_order_acquire);

			return word & RECIPE_WAY_GONE ? NULL
						      : (const struct recipe *)(uintptr_t)word;
		}
		spill = atomic_load_explicit(&bucket->spill, memory_order_acquire);
		if (spill == 0)
			return NULL;
		bucket = &table->buckets[spill];
	}
}

/*
 * Looks up `n` (at most RECIPE_LOOKUP_MAX) home addresses at once. Bit i of the result says whether
 * `recipes[i]` was found; otherwise it is NULL. Worker, or control core. What is found stays valid until
 * the worker's next quiescent state.
 */
static inline uint64_t
recipe_lookup(const struct recipe_table *table, const be32 *home_addresses, unsigned n,
	      const struct recipe **recipes)
{
	const struct recipe_bucket *buckets[RECIPE_LOOKUP_MAX];
	uint64_t hits = 0;

	for (unsigned i = 0; i < n; i++) {
		buckets[i] = recipe_bucket_of(table, home_addresses[i]);
		rte_prefetch0(buckets[i]);
	}
	for (unsigned i = 0; i < n; i++) {
		recipes[i] = recipe_bucket_find(table, buckets[i], home_addresses[i]);
		hits |= (uint64_t)(recipes[i] != NULL) << i;
	}
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
