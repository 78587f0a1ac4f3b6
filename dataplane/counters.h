/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_COUNTERS_H
#define DATAPLANE_COUNTERS_H

#include "dataplane/packet.h"
#include "lib/drop_reason.h"

/* Counters are written by one core and read by any (telemetry): 64-bit stores do not tear on the
 * machines we run on. */

struct drop_counters {
	uint64_t count[DROP_REASON_COUNT];
};

/* The stages, in the order in which a packet can meet them: X(NAME, "name for the operator"). */
#define STAGES(X)                     \
	X(RECEIVE, "receive")         \
	X(ETHER_INPUT, "ether-input") \
	X(IP_INPUT, "ip-input")       \
	X(LOCAL, "local")             \
	X(DEMUX, "demux")             \
	X(OPEN, "open")               \
	X(ADMIT, "admit")             \
	X(STRIP, "strip")             \
	X(MATCH, "match")             \
	X(TTL, "ttl")                 \
	X(LOOKUP, "lookup")           \
	X(FIT, "fit")                 \
	X(PUSH, "push")               \
	X(SEAL, "seal")               \
	X(ROUTE, "route")             \
	X(TRANSMIT, "transmit")       \
	X(SEND, "send")

enum stage_id {
#define STAGE_ENUM(name, text) STAGE_##name,
	STAGES(STAGE_ENUM)
#undef STAGE_ENUM
		STAGE_COUNT
};

/* "ip-input", ... */
const char *stage_name(enum stage_id stage);

struct stage_counters {
	uint64_t calls;
	uint64_t packets;
	uint64_t cycles; /* time stamp counter */
};

/* Traffic of one binding, as one worker saw it. */
struct slot_counters {
	uint64_t to_mobile_packets;
	uint64_t to_mobile_bytes; /* of the packets carried, without the headers pushed */
	uint64_t from_mobile_packets;
	uint64_t from_mobile_bytes;
};

struct worker_counters {
	struct drop_counters drops;
	struct stage_counters stages[STAGE_COUNT];
	uint64_t punts[PUNT_CLASS_COUNT];
	uint64_t handovers;
	uint64_t ecn_alarms;  /* RFC 6040 figure 4, cells "(!!!)" */
	uint64_t mss_clamped; /* TCP SYNs whose MSS was lowered */
};

#endif
