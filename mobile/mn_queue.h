/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_QUEUE_H
#define MOBILE_MN_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/mono_time.h"

/*
 * User packets that wait while none may pass (RFC 5265 section 3.2.4 lets them be dropped or queued), in
 * the order they came, within a bound. Whether one may leave in the end is its owner's to say. One
 * thread.
 */
struct mn_queued {
	uint8_t *buffer; /* MN_TUNNEL_HEADROOM bytes, then the packet; to be freed */
	size_t len;	 /* of the packet */
	unsigned agent;	 /* whose home address is its source */
	struct mono_time at;
};

struct mn_queue {
	struct mn_queued *slots;
	unsigned size, first, count;
};

/* For at most `size` packets; 0: none at all. 0, or -ENOMEM. */
int mn_queue_init(struct mn_queue *queue, unsigned size);
void mn_queue_fini(struct mn_queue *queue); /* also of zeros */

/* Copies a packet of `len` bytes into the queue. False: there is no room, and it is not taken. */
bool mn_queue_put(struct mn_queue *queue, unsigned agent, const uint8_t *packet, size_t len,
		  struct mono_time now);

/* Takes the packet that has waited longest. False: there is none. */
bool mn_queue_take(struct mn_queue *queue, struct mn_queued *queued);

#endif
