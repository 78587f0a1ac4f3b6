/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_BOX_LINK_H
#define IKE_BOX_LINK_H

#include "lib/ike_message.h"

struct sa_list;

/*
 * The connection to homeport. One thread of its own connects, says hello, names the SAs that charon has,
 * and then receives, until the box goes away or leaves a request unanswered for BOX_LINK_TIMEOUT_MS; then
 * all over again, every BOX_LINK_RETRY_MS. Meanwhile requests fail at once.
 */
struct box_link;

#define BOX_LINK_TIMEOUT_MS 1000
#define BOX_LINK_RETRY_MS 250

/* What comes from the box without being asked for. Called by the receiving thread, which holds no lock;
 * must not block and not ask the box. */
struct box_link_events {
	void (*expire)(const struct ike_expire *expire, void *context);
	void (*mapping)(const struct ike_mapping *mapping, void *context);
	void (*datagram)(const struct ike_datagram *datagram, const uint8_t *data, void *context);
	/* The box is there again, and SAs are lost: see sa_list_take_lost(). */
	void (*lost)(void *context);
	void *context;
};

/* Connects to the socket at `path` as soon as there is one, which must be held by root or this user. NULL
 * when there is no thread to be had. `list` outlives the link. */
struct box_link *box_link_create(const char *path, const char *charon_version, struct sa_list *list,
				 const struct box_link_events *events);
void box_link_destroy(struct box_link *link);

/*
 * Asks the box: `body` is of the size that belongs to the type, `answer` has `answer_size` bytes, written
 * when the status is IKE_STATUS_OK. IKE_STATUS_FAILED also when the box is absent or silent. Any thread
 * but the receiving one; waits BOX_LINK_TIMEOUT_MS at most.
 */
enum ike_status box_link_ask(struct box_link *link, enum ike_message_type type, const void *body,
			     void *answer, size_t answer_size);

/* Sends an IKE datagram of datagram->len bytes, or drops it: never blocks. False: dropped. */
bool box_link_send(struct box_link *link, const struct ike_datagram *datagram, const void *data);

/* The addresses that the box last called charon's. Returns how many. */
unsigned box_link_gateways(struct box_link *link, be32 gateways[IKE_GATEWAYS_MAX]);

#endif
