/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_IKE_DISPATCH_H
#define CONTROL_IKE_DISPATCH_H

#include <stdbool.h>

#include "lib/ike_message.h"
#include "lib/mono_time.h"

struct sa_table;

/*
 * From the bytes of a message of charon to what it asks of the SA table, and to the bytes of the answer.
 * No socket in here, so that it can be tested and fuzzed. Control core.
 */

/* Why a message is none; the connection that it came by is closed. */
enum ike_fault {
	IKE_FAULT_NONE,
	IKE_FAULT_SHORT,
	IKE_FAULT_MAGIC,
	IKE_FAULT_TYPE,
	IKE_FAULT_SIZE,
	IKE_FAULT_REQUEST_ID,
	IKE_FAULT_HELLO_MISSING,
	IKE_FAULT_HELLO_AGAIN,
	IKE_FAULT_COUNT,
};

/* The sentence for the operator. */
const char *ike_fault_text(enum ike_fault fault);

/* A message that has been looked at; points into the bytes that it was read from. */
struct ike_request {
	enum ike_message_type type;
	uint32_t request_id;
	void *body; /* of the size that belongs to the type; IKE_DATAGRAM_OUT: with the data behind it */
};

/*
 * Reads the message of `len` bytes at `message`, aligned like a uint64_t. `is_greeted`: whether there was
 * an IKE_HELLO on this connection. Counts and lengths in it are within their bounds, and texts end, when
 * it returns IKE_FAULT_NONE, or the request is one that ike_serve() declines. Pure.
 */
enum ike_fault
ike_request_parse(void *message, size_t len, bool is_greeted, struct ike_request *request);

/* Who answers. */
struct ike_server {
	struct sa_table *sas;
	uint64_t box_epoch;
	uint64_t charon_epoch; /* of the last IKE_HELLO */
	be32 gateways[IKE_GATEWAYS_MAX];
	unsigned gateway_count;
};

struct ike_reply {
	struct ike_header header;
	union {
		struct ike_hello_ack hello_ack;
		struct ike_spi spi;
		struct ike_use use;
	} body;
};

/* Does what is asked, except for IKE_DATAGRAM_OUT, and fills in the answer. Keys in the request are wiped.
 * Returns the answer's bytes, header included. */
size_t ike_serve(struct ike_server *server, const struct ike_request *request, struct mono_time now,
		 struct ike_reply *reply);

#endif
