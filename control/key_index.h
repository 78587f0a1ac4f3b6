/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_KEY_INDEX_H
#define CONTROL_KEY_INDEX_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Elements of an array by a key of 32 bits, made once and only read from then on: places to which a hash of the
 * key leads, and on to the next while they are taken, which two thirds of them are at most. A look-up costs one cache
 * line, where uthash asks for that of each element on its way. Several may have the same key.
 */
struct key_index {
	struct key_place {
		uint32_t key;
		uint32_t number; /* of the element, from 1; 0: nobody's place */
	} * places;
	uint32_t mask;
};

/* Room for `count` elements. False: no memory. */
bool key_index_init(struct key_index *index, uint32_t count);
void key_index_fini(struct key_index *index);

/* Adds an element, by its number in the array; no more than there is room for. */
void key_index_add(struct key_index *index, uint32_t key, uint32_t number);

/* Finds the next element with this key, in the order in which they were added; `at` is 0 before the first
 * call and belongs to this function. False: there is none. */
bool key_index_next(const struct key_index *index, uint32_t key, uint32_t *at, uint32_t *number);

/* Asks for the line that a look-up begins with. */
void key_index_prefetch(const struct key_index *index, uint32_t key);

#endif
