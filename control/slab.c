/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/slab.h"

#include <rte_malloc.h>
#include <rte_prefetch.h>
#include <sanitizer/asan_interface.h>

#define OBJECTS_A_BLOCK 64

static void
push(void **list, void *object)
{
	*(void **)object = *list;
	*list = object;
}

static void *
pop(void **list)
{
	void *object = *list;

	if (object != NULL)
		*list = *(void **)object;
	return object;
}

void
slab_init(struct slab *slab, size_t object_size, int socket)
{
	*slab = (struct slab){.object_size = object_size, .socket = socket};
}

static size_t
block_size(const struct slab *slab)
{
	return RTE_CACHE_LINE_SIZE + OBJECTS_A_BLOCK * slab->object_size;
}

void
slab_fini(struct slab *slab)
{
	void *block;

	while ((block = pop(&slab->blocks)) != NULL) {
		ASAN_UNPOISON_MEMORY_REGION(block, block_size(slab));
		rte_free(block);
	}
	slab->free = NULL;
}

/* The block's first line is the list's. False: no memory. */
static bool
grow(struct slab *slab)
{
	char *block =
		rte_malloc_socket("slab", block_size(slab), RTE_CACHE_LINE_SIZE, slab->socket);

	if (block == NULL)
		return false;
	push(&slab->blocks, block);
	for (unsigned i = OBJECTS_A_BLOCK; i-- > 0;)
		slab_free(slab, block + RTE_CACHE_LINE_SIZE + i * slab->object_size);
	return true;
}

bool
slab_reserve(struct slab *slab, size_t count)
{
	for (size_t reserved = 0; reserved < count; reserved += OBJECTS_A_BLOCK)
		if (!grow(slab))
			return false;
	return true;
}

void *
slab_alloc(struct slab *slab)
{
	void *object;

	if (slab->free == NULL && !grow(slab))
		return NULL;
	ASAN_UNPOISON_MEMORY_REGION(slab->free, slab->object_size);
	object = pop(&slab->free);
	rte_prefetch0(slab->free);
	return object;
}

void
slab_free(struct slab *slab, void *object)
{
	push(&slab->free, object);
	/* whoever still uses it is caught where there is ASan; the memory itself lives on */
	ASAN_POISON_MEMORY_REGION(object, slab->object_size);
}
