/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/recipe_index.h"

#include <errno.h>
#include <rte_common.h>
#include <rte_malloc.h>
#include <stdlib.h>

/* On average, when the table is full: of random addresses, one bucket in sixty spills. */
#define ENTRIES_A_BUCKET 2
#define ENTRIES_A_SPARE 4

/* A way that stands for nothing keeps the token of the grace period before its key may be another. */
static uint64_t
gone_since(uint64_t token)
{
	return token << 1 | RECIPE_WAY_GONE;
}

static bool
is_over(const struct recipe_index *index, uint64_t token, bool wait)
{
	return token == 0 || rte_rcu_qsbr_check(index->qsbr, token, wait) == 1;
}

static void
spare_put(struct recipe_index *index, uint32_t bucket, uint64_t token)
{
	uint32_t at = (index->spare_head + index->spare_count++) % index->spares_max;

	index->spares[at] = (struct recipe_spare){.token = token, .bucket = bucket};
}

/* The key of a way that stands for nothing: one that is looked for in another bucket than `first`, so that
 * nobody who looks for something comes upon it. */
static be32
nobody(const struct recipe_index *index, const struct recipe_bucket *first)
{
	be32 key = 0;

	while (recipe_bucket_of(&index->table, key) == first)
		key++;
	return key;
}

/* `first`: itself, or where the row begins that it is to be in. */
static void
bucket_clear(const struct recipe_index *index, struct recipe_bucket *bucket,
	     const struct recipe_bucket *first)
{
	be32 key = nobody(index, first);

	for (unsigned i = 0; i < RECIPE_BUCKET_WAYS; i++) {
		atomic_init(&bucket->keys[i], key);
		atomic_init(&bucket->ways[i], gone_since(0));
	}
	atomic_init(&bucket->spill, 0);
}

/* An empty bucket for the row that begins with `first`; no reader can be looking at it. 0: there is none. */
static uint32_t
spare_take(struct recipe_index *index, const struct recipe_bucket *first, bool wait)
{
	struct recipe_spare spare = index->spares[index->spare_head];

	if (index->spare_count == 0 || !is_over(index, spare.token, wait))
		return 0;
	index->spare_head = (index->spare_head + 1) % index->spares_max;
	index->spare_count--;
	bucket_clear(index, &index->table.buckets[spare.bucket], first);
	return spare.bucket;
}

int
recipe_index_init(struct recipe_index *index, uint32_t entries_max, struct rte_rcu_qsbr *qsbr,
		  int socket)
{
	uint32_t hashed = rte_align32pow2(RTE_MAX(entries_max / ENTRIES_A_BUCKET, 2u));
	uint32_t spares = entries_max / ENTRIES_A_SPARE + 1;

	*index = (struct recipe_index){
		.table.mask = hashed - 1,
		.qsbr = qsbr,
		.bucket_count = hashed + spares,
		.entries_max = entries_max,
		.spares_max = spares,
	};
	index->spares = calloc(spares, sizeof(*index->spares));
	index->table.buckets = rte_malloc_socket("recipe_table",
						 index->bucket_count * sizeof(struct recipe_bucket),
						 RTE_CACHE_LINE_SIZE, socket);
	if (index->spares == NULL || index->table.buckets == NULL) {
		recipe_index_fini(index);
		return -ENOMEM;
	}
	/* spare ones are cleared again when it is known where they go */
	for (uint32_t i = 0; i < index->bucket_count; i++)
		bucket_clear(index, &index->table.buckets[i],
			     &index->table.buckets[i & index->table.mask]);
	for (uint32_t i = 0; i < spares; i++)
		spare_put(index, hashed + i, 0);
	return 0;
}

void
recipe_index_fini(struct recipe_index *index)
{
	free(index->spares);
	rte_free(index->table.buckets);
	*index = (struct recipe_index){0};
}

/* The bucket behind `bucket`, or NULL. */
static struct recipe_bucket *
spill_of(const struct recipe_index *index, const struct recipe_bucket *bucket)
{
	uint32_t spill = atomic_load_explicit(&bucket->spill, memory_order_relaxed);

	return spill != 0 ? &index->table.buckets[spill] : NULL;
}

/* Where an address is. */
struct place {
	struct recipe_bucket *bucket; /* NULL: nowhere */
	struct recipe_bucket *before; /* spills into `bucket`; NULL: that is found by hash */
	unsigned way;
};

static struct place
find(const struct recipe_index *index, be32 home_address)
{
	struct place place = {.bucket = recipe_bucket_of(&index->table, home_address)};

	while (place.bucket != NULL) {
		place.way = recipe_bucket_way(place.bucket, home_address);
		if (place.way < RECIPE_BUCKET_WAYS)
			break;
		place.before = place.bucket;
		place.bucket = spill_of(index, place.bucket);
	}
	return place;
}

static bool
is_gone(const _Atomic uint64_t *way)
{
	return atomic_load_explicit(way, memory_order_relaxed) & RECIPE_WAY_GONE;
}

/* True when the way stands for nothing and no reader can be looking at its key. With `wait`, waits for
 * the readers. */
static bool
is_free(const struct recipe_index *index, const _Atomic uint64_t *way, bool wait)
{
	return is_gone(way) &&
	       is_over(index, atomic_load_explicit(way, memory_order_relaxed) >> 1, wait);
}

/* Gives `home_address` a way of its own in a bucket, which stands for nothing yet. */
static _Atomic uint64_t *
claim_way_in(const struct recipe_index *index, struct recipe_bucket *bucket, be32 home_address,
	     bool wait)
{
	for (unsigned i = 0; i < RECIPE_BUCKET_WAYS; i++) {
		if (!is_free(index, &bucket->ways[i], wait))
			continue;
		atomic_store_explicit(&bucket->keys[i], home_address, memory_order_release);
		return &bucket->ways[i];
	}
	return NULL;
}

static _Atomic uint64_t *
claim_way(struct recipe_index *index, be32 home_address, bool wait)
{
	struct recipe_bucket *first = recipe_bucket_of(&index->table, home_address), *bucket, *next;
	_Atomic uint64_t *way;
	uint32_t spare;

	for (bucket = first;; bucket = next) {
		way = claim_way_in(index, bucket, home_address, wait);
		if (way != NULL)
			return way;
		next = spill_of(index, bucket);
		if (next == NULL)
			break;
	}
	spare = spare_take(index, first, wait);
	if (spare == 0)
		return NULL;
	way = claim_way_in(index, &index->table.buckets[spare], home_address, false);
	atomic_store_explicit(&bucket->spill, spare, memory_order_release);
	return way;
}

int
recipe_index_set(struct recipe_index *index, be32 home_address, const struct recipe *recipe)
{
	struct place place = find(index, home_address);
	_Atomic uint64_t *way;

	if (place.bucket != NULL) {
		way = &place.bucket->ways[place.way];
	} else {
		if (index->entries == index->entries_max)
			return -ENOSPC;
		way = claim_way(index, home_address, false);
		if (way == NULL)
			way = claim_way(index, home_address, true);
		if (way == NULL)
			return -ENOSPC;
		index->entries++;
	}
	atomic_store_explicit(way, (uint64_t)(uintptr_t)recipe, memory_order_release);
	return 0;
}

/* Takes the bucket out of its row when all in it is gone. Readers who are there still find the way on. */
static void
unlink_if_empty(struct recipe_index *index, const struct place *place)
{
	uint32_t spill = atomic_load_explicit(&place->bucket->spill, memory_order_relaxed);

	if (place->before == NULL)
		return;
	for (unsigned i = 0; i < RECIPE_BUCKET_WAYS; i++)
		if (!is_gone(&place->bucket->ways[i]))
			return;
	atomic_store_explicit(&place->before->spill, spill, memory_order_release);
	spare_put(index, (uint32_t)(place->bucket - index->table.buckets),
		  rte_rcu_qsbr_start(index->qsbr));
}

void
recipe_index_remove(struct recipe_index *index, be32 home_address)
{
	struct place place = find(index, home_address);
	_Atomic uint64_t *way;

	if (place.bucket == NULL)
		return;
	/* nothing for readers that come now, who then do not find the key; the token counts those who came
	 * before and may hold on to the way */
	way = &place.bucket->ways[place.way];
	atomic_store_explicit(way, gone_since(0), memory_order_release);
	atomic_store_explicit(&place.bucket->keys[place.way],
			      nobody(index, recipe_bucket_of(&index->table, home_address)),
			      memory_order_release);
	atomic_store_explicit(way, gone_since(rte_rcu_qsbr_start(index->qsbr)),
			      memory_order_relaxed);
	index->entries--;
	unlink_if_empty(index, &place);
}
