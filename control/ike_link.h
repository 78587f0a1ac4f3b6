/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_IKE_LINK_H
#define CONTROL_IKE_LINK_H

#include "control/config.h"
#include "control/inject.h"
#include "dataplane/counters.h"
#include "lib/ike_message.h"
#include "lib/mono_time.h"

struct sa_table;

/*
 * The link to charon: a socket that it connects to, one connection of which is the current one; one that
 * says hello takes the place of the one before. Part of the control core's round, so nothing in here
 * blocks: while charon does not read, answers hold up its next requests, events wait (ike_events.h) and
 * datagrams are dropped and counted.
 */
struct ike_link;

/* What it works with; all of it must outlive the link. */
struct ike_link_context {
	const struct config *config; /* copied as far as it is needed */
	struct sa_table *sas;
	struct injector *injector;
	struct drop_counters *drops;
};

/* NULL: no memory, or the socket cannot be had; what is wrong has been logged. */
struct ike_link *ike_link_create(const struct ike_link_context *context);
/* Closes and removes the socket. NULL is fine. */
void ike_link_destroy(struct ike_link *link);

/* A reloaded configuration: how much is logged. */
void ike_link_reload(struct ike_link *link, const struct config *config);

/* Readable whenever ike_link_run() has something to do that it was not told by the clock. */
int ike_link_fd(const struct ike_link *link);

/* Serves charon, a bounded number of messages. Returns how many there were. Every round. */
unsigned ike_link_run(struct ike_link *link, struct mono_time now);

/* Takes a packet of PUNT_IKE, in any number of segments, and hands it to charon. */
void ike_link_input(struct ike_link *link, struct rte_mbuf *mbuf, struct mono_time now);

/* What sa_context.expire and .mapping lead to. The next ike_link_run() sends them. */
void ike_link_expire(struct ike_link *link, const struct ike_expire *expire);
void ike_link_mapping(struct ike_link *link, const struct ike_mapping *mapping);

#define IKE_REQUEST_TYPES (IKE_DATAGRAM_OUT + 1)

/* How often a charon has said hello. */
uint64_t ike_link_hellos(const struct ike_link *link);

/* For telemetry. */
struct ike_link_view {
	bool is_connected;
	char charon_version[32]; /* of the last charon, or "" */
	uint64_t hellos;
	uint64_t requests[IKE_REQUEST_TYPES]; /* by enum ike_message_type */
	uint64_t replies_failed;	      /* answered with another status than 0 */
	uint64_t datagrams_in;		      /* handed to charon */
	uint64_t datagrams_in_dropped;	      /* charon did not read */
	uint64_t datagrams_out;
	uint64_t datagrams_out_refused; /* not from a gateway's address, or no buffer */
	uint64_t expires, mappings;	/* told charon */
	uint64_t events_lost;		/* the queue was full */
	uint64_t connections_refused;	/* another user, silent, or not of this protocol */
	unsigned events_waiting;
};
void ike_link_look(const struct ike_link *link, struct ike_link_view *view);

/* The word for a type of request: "add-sa"; "" when there is none. */
const char *ike_request_name(enum ike_message_type type);

#endif
