/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/slab.h"

#include <rte_malloc.h>

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

void
slab_fini(struct slab *slab)
{
	void *block;

	while ((block = pop(&slab->blocks)) != NULL)
		rte_free(block);
	slab->free = NULL;
}

/* The block's first line is the list's. */
static void
grow(struct slab *slab)
{
	char *block =
		rte_malloc_socket("slab", RTE_CACHE_LINE_SIZE + OBJECTS_A_BLOCK * slab->object_size,
				  RTE_CACHE_LINE_SIZE, slab->socket);

	if (block == NULL)
		return;
	push(&slab->blocks, block);
	for (unsigned i = OBJECTS_A_BLOCK; i-- > 0;)
		push(&slab->free, block + RTE_CACHE_LINE_SIZE + i * slab->object_size);
}

void *
slab_alloc(struct slab *slab)
{
	if (slab->free == NULL)
		grow(slab);
	return pop(&slab->free);
}

void
slab_free(struct slab *slab, void *object)
{
	push(&slab->free, object);
}
