/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/next_hop.h"

#include <stdlib.h>

#include "control/publish.h"

struct next_hop_entry {
	struct neighbour *neighbour;
	uint32_t next_free; /* index, while it is free */
	uint8_t port;
	bool is_used;
};

struct next_hops {
	struct publisher *publisher;
	unsigned max;
	uint32_t first_free, last_free; /* a queue; NEXT_HOP_NONE: empty */
	struct next_hop_entry entries[];
};

static void
free_queue_append(struct next_hops *hops, uint32_t index)
{
	hops->entries[index] = (struct next_hop_entry){.next_free = NEXT_HOP_NONE};
	if (hops->first_free == NEXT_HOP_NONE)
		hops->first_free = index;
	else
		hops->entries[hops->last_free].next_free = index;
	hops->last_free = index;
}

struct next_hops *
next_hops_create(struct publisher *publisher, unsigned max)
{
	struct next_hops *hops = calloc(1, sizeof(*hops) + max * sizeof(hops->entries[0]));

	if (hops == NULL)
		return NULL;
	hops->publisher = publisher;
	hops->max = max;
	for (uint32_t index = NEXT_HOP_NONE + 1; index < max; index++)
		free_queue_append(hops, index);
	return hops;
}

void
next_hops_destroy(struct next_hops *hops)
{
	free(hops);
}

uint32_t
next_hop_alloc(struct next_hops *hops, uint8_t port, struct neighbour *neighbour)
{
	uint32_t index = hops->first_free;

	if (index == NEXT_HOP_NONE)
		return NEXT_HOP_NONE;
	hops->first_free = hops->entries[index].next_free;
	hops->entries[index] =
		(struct next_hop_entry){.neighbour = neighbour, .port = port, .is_used = true};
	next_hop_set(hops, index, NULL);
	return index;
}

void
next_hop_free(struct next_hops *hops, uint32_t index)
{
	if (!next_hop_is_used(hops, index))
		return;
	publish_next_hop(hops->publisher, index, (struct next_hop){.state = NEXT_HOP_UNREACHABLE});
	free_queue_append(hops, index);
}

void
next_hop_set(struct next_hops *hops, uint32_t index, const uint8_t *mac)
{
	struct next_hop hop = {.port = hops->entries[index].port, .state = NEXT_HOP_UNRESOLVED};

	if (mac != NULL) {
		memcpy(hop.mac, mac, sizeof(hop.mac));
		hop.state = NEXT_HOP_RESOLVED;
	}
	publish_next_hop(hops->publisher, index, hop);
}

bool
next_hop_is_used(const struct next_hops *hops, uint32_t index)
{
	return index < hops->max && hops->entries[index].is_used;
}

uint8_t
next_hop_port(const struct next_hops *hops, uint32_t index)
{
	return hops->entries[index].port;
}

struct neighbour *
next_hop_neighbour(const struct next_hops *hops, uint32_t index)
{
	return hops->entries[index].neighbour;
}
