/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/key_index.h"

#include <rte_common.h>
#include <rte_hash_crc.h>
#include <rte_prefetch.h>
#include <stdlib.h>

static struct key_place *
place_of(const struct key_index *index, uint32_t key, uint32_t step)
{
	return &index->places[(rte_hash_crc_4byte(key, 0) + step) & index->mask];
}

bool
key_index_init(struct key_index *index, uint32_t count)
{
	/* one that is nobody's at least, where a look-up ends */
	uint32_t places = rte_align32pow2(count + count / 2 + 1);

	index->places = calloc(places, sizeof(*index->places));
	index->mask = places - 1;
	return index->places != NULL;
}

void
key_index_fini(struct key_index *index)
{
	free(index->places);
	*index = (struct key_index){0};
}

void
key_index_add(struct key_index *index, uint32_t key, uint32_t number)
{
	struct key_place *place;
	uint32_t step = 0;

	do
		place = place_of(index, key, step++);
	while (place->number != 0);
	*place = (struct key_place){.key = key, .number = number + 1};
}

bool
key_index_next(const struct key_index *index, uint32_t key, uint32_t *at, uint32_t *number)
{
	const struct key_place *place;

	do
		place = place_of(index, key, (*at)++);
	while (place->number != 0 && place->key != key);
	*number = place->number - 1;
	return place->number != 0;
}

void
key_index_prefetch(const struct key_index *index, uint32_t key)
{
	rte_prefetch0(place_of(index, key, 0));
}
