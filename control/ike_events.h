/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_IKE_EVENTS_H
#define CONTROL_IKE_EVENTS_H

#include "lib/ike_message.h"

/*
 * What charon is to be told and has not been told yet: while it does not read, or is away. One entry an
 * SA and kind: a hard expiry takes the place of a soft one, a later mapping that of an earlier one. So the
 * queue is full only when there are more SAs than it was made for. Control core.
 */
struct ike_events;

struct ike_event {
	struct ike_header header; /* complete */
	union {
		struct ike_expire expire;
		struct ike_mapping mapping;
	} body;
};

struct ike_events *ike_events_create(unsigned most); /* NULL: no memory */
void ike_events_destroy(struct ike_events *events);  /* NULL is fine */

/* 0, or -ENOSPC: full. */
int ike_events_add_expire(struct ike_events *events, const struct ike_expire *expire);
int ike_events_add_mapping(struct ike_events *events, const struct ike_mapping *mapping);

/* The oldest, valid until the next call, and its bytes; NULL when there is none. */
const struct ike_event *ike_events_first(const struct ike_events *events, size_t *size);
void ike_events_drop_first(struct ike_events *events);

unsigned ike_events_count(const struct ike_events *events);
void ike_events_clear(struct ike_events *events);

#endif
