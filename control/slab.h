/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_SLAB_H
#define CONTROL_SLAB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Objects of one size in DPDK's memory, a block of them at a time: rte_malloc() puts 128 bytes before each of its
 * own, which is half of what most objects here have. What was needed once is kept until the end. One thread.
 */
struct slab {
	size_t object_size; /* a multiple of 64, where each begins */
	int socket;
	void *free;   /* a list of objects, by their first word */
	void *blocks; /* the same of blocks */
};

void slab_init(struct slab *slab, size_t object_size, int socket);
/* Makes room for `count` objects more, at once. False: no memory. */
bool slab_reserve(struct slab *slab, size_t count);
/* Gives back all memory, objects in use included. */
void slab_fini(struct slab *slab);

void *slab_alloc(struct slab *slab); /* not cleared; NULL: no memory */
void slab_free(struct slab *slab, void *object);

#endif
