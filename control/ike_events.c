/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ike_events.h"

#include <errno.h>
#include <stdlib.h>

#define NO_ENTRY UINT32_MAX

struct entry {
	struct ike_event event;
	uint32_t next; /* of the same bucket */
};

/* A ring, whose entries a hash finds by SA. */
struct ike_events {
	uint32_t size; /* a power of two */
	uint32_t head; /* runs on, as `count` does not: the oldest is entries[head % size] */
	uint32_t count;
	uint32_t *buckets; /* `size` of them */
	struct entry *entries;
};

struct ike_events *
ike_events_create(unsigned most)
{
	struct ike_events *events = calloc(1, sizeof(*events));

	if (events == NULL)
		return NULL;
	events->size = 1;
	while (events->size < most)
		events->size *= 2;
	events->buckets = malloc(events->size * sizeof(*events->buckets));
	events->entries = calloc(events->size, sizeof(*events->entries));
	if (events->buckets == NULL || events->entries == NULL) {
		ike_events_destroy(events);
		return NULL;
	}
	ike_events_clear(events);
	return events;
}

void
ike_events_destroy(struct ike_events *events)
{
	if (events == NULL)
		return;
	free(events->buckets);
	free(events->entries);
	free(events);
}

void
ike_events_clear(struct ike_events *events)
{
	events->head = 0;
	events->count = 0;
	for (uint32_t i = 0; i < events->size; i++)
		events->buckets[i] = NO_ENTRY;
}

/* Both bodies begin with the SPI and the destination. */
_Static_assert(offsetof(struct ike_expire, spi_be) == offsetof(struct ike_mapping, spi_be) &&
		       offsetof(struct ike_expire, dst) == offsetof(struct ike_mapping, dst),
	       "an event's SA is found without knowing its kind");

static uint32_t *
bucket_of(const struct ike_events *events, const struct ike_event *event)
{
	uint32_t hash = (event->body.expire.spi_be ^ event->body.expire.dst) * 0x9e3779b1u;

	return &events->buckets[(hash >> 8) % events->size];
}

static bool
is_about_the_same(const struct ike_event *a, const struct ike_event *b)
{
	return a->header.type == b->header.type && a->body.expire.spi_be == b->body.expire.spi_be &&
	       a->body.expire.dst == b->body.expire.dst;
}

static struct ike_event *
find(const struct ike_events *events, const struct ike_event *event)
{
	for (uint32_t i = *bucket_of(events, event); i != NO_ENTRY; i = events->entries[i].next)
		if (is_about_the_same(&events->entries[i].event, event))
			return &events->entries[i].event;
	return NULL;
}

static int
append(struct ike_events *events, const struct ike_event *event)
{
	uint32_t place = (events->head + events->count) % events->size;
	uint32_t *bucket = bucket_of(events, event);

	if (events->count == events->size)
		return -ENOSPC;
	events->entries[place] = (struct entry){.event = *event, .next = *bucket};
	*bucket = place;
	events->count++;
	return 0;
}

int
ike_events_add_expire(struct ike_events *events, const struct ike_expire *expire)
{
	const struct ike_event event = {
		.header = {.magic = IKE_PROTOCOL_MAGIC, .type = IKE_EXPIRE},
		.body.expire = *expire,
	};
	struct ike_event *waiting = find(events, &event);

	if (waiting == NULL)
		return append(events, &event);
	waiting->body.expire.is_hard |= expire->is_hard;
	return 0;
}

int
ike_events_add_mapping(struct ike_events *events, const struct ike_mapping *mapping)
{
	const struct ike_event event = {
		.header = {.magic = IKE_PROTOCOL_MAGIC, .type = IKE_MAPPING},
		.body.mapping = *mapping,
	};
	struct ike_event *waiting = find(events, &event);

	if (waiting == NULL)
		return append(events, &event);
	waiting->body.mapping = *mapping;
	return 0;
}

const struct ike_event *
ike_events_first(const struct ike_events *events, size_t *size)
{
	const struct ike_event *event = &events->entries[events->head % events->size].event;

	if (events->count == 0)
		return NULL;
	*size = sizeof(event->header) + (event->header.type == IKE_EXPIRE
						 ? sizeof(event->body.expire)
						 : sizeof(event->body.mapping));
	return event;
}

void
ike_events_drop_first(struct ike_events *events)
{
	uint32_t place = events->head % events->size;
	uint32_t *link = bucket_of(events, &events->entries[place].event);

	while (*link != place)
		link = &events->entries[*link].next;
	*link = events->entries[place].next;
	events->head++;
	events->count--;
}

unsigned
ike_events_count(const struct ike_events *events)
{
	return events->count;
}
