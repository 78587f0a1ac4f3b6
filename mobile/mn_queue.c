/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mobile/mn_tunnel.h"

int
mn_queue_init(struct mn_queue *queue, unsigned size)
{
	*queue = (struct mn_queue){.size = size};
	if (size == 0)
		return 0;
	queue->slots = calloc(size, sizeof(queue->slots[0]));
	return queue->slots != NULL ? 0 : -ENOMEM;
}

void
mn_queue_fini(struct mn_queue *queue)
{
	struct mn_queued queued;

	while (mn_queue_take(queue, &queued))
		free(queued.buffer);
	free(queue->slots);
	*queue = (struct mn_queue){0};
}

bool
mn_queue_put(struct mn_queue *queue, unsigned agent, const uint8_t *packet, size_t len,
	     struct mono_time now)
{
	struct mn_queued *slot;
	uint8_t *buffer;

	if (queue->count == queue->size)
		return false;
	buffer = malloc(MN_TUNNEL_HEADROOM + len);
	if (buffer == NULL)
		return false;
	memcpy(buffer + MN_TUNNEL_HEADROOM, packet, len);
	slot = &queue->slots[(queue->first + queue->count) % queue->size];
	slot->buffer = buffer;
	slot->len = len;
	slot->agent = agent;
	slot->at = now;
	queue->count++;
	return true;
}

bool
mn_queue_take(struct mn_queue *queue, struct mn_queued *queued)
{
	if (queue->count == 0)
		return false;
	*queued = queue->slots[queue->first];
	queue->first = (queue->first + 1) % queue->size;
	queue->count--;
	return true;
}
