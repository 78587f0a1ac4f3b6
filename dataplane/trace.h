/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_TRACE_H
#define DATAPLANE_TRACE_H

#include "dataplane/worker.h"

/*
 * Following the packets of one address, for the operator. While an address is set, each worker writes a
 * record for every stage, drop and punt of a packet that had it as IP source or destination when a stage
 * began; once it had, the packet is followed whatever its outermost header becomes. Records lie in a ring
 * a worker, which the control core reads and which overwrites its oldest: what was overwritten unread is
 * counted as lost. While no address is set, the cost is one branch a stage call, a burst sent and a drop.
 */
#define TRACE_RECORDS 4096 /* a ring; a power of two */

enum trace_event {
	TRACE_STAGE, /* code: enum stage_id, which the packet is about to go through */
	TRACE_DROP,  /* code: enum drop_reason */
	TRACE_PUNT,  /* code: enum punt_class */
};

struct trace_record {
	uint64_t tsc;
	uint32_t packet; /* number of the packet; its copies and fragments bear the same */
	/* of the outermost IPv4 header; all 0 in drops and punts, and when there is none */
	be32 src, dst;
	be16 src_port_be, dst_port_be; /* UDP and TCP, where they can be seen */
	uint16_t len;		       /* of the packet from its IP header on */
	uint8_t protocol;
	uint8_t event;	/* enum trace_event */
	uint8_t code;	/* see there */
	uint8_t origin; /* enum packet_origin */
	uint8_t port;	/* the port it came in by; of STAGE_SEND: goes out by */
};
ASSERT_SIZE(struct trace_record, 32);
_Static_assert(DROP_REASON_COUNT <= UINT8_MAX, "a drop reason fits struct trace_record");

struct trace; /* a worker's ring */

struct trace *trace_create(int socket); /* NULL: no memory. Before the worker starts. */
void trace_destroy(struct trace *trace);

/* How far the control core has read a worker's ring. */
struct trace_reader {
	uint64_t next;
	uint64_t lost; /* records that were overwritten before they were read */
};

/* What is written from now on is to be read. Control core. */
void trace_reader_init(struct trace_reader *reader, const struct trace *trace);

/* Takes the next record; false: there is none. Control core, while the worker writes. */
bool
trace_read(const struct trace *trace, struct trace_reader *reader, struct trace_record *record);

/* Follows the packets of `address` from now on; 0: none. Control core. */
static inline void
trace_set_address(struct worker *worker, be32 address)
{
	atomic_store_explicit(&worker->trace_address, address, memory_order_relaxed);
}

static inline bool
trace_is_on(const struct worker *worker)
{
	return atomic_load_explicit(&worker->trace_address, memory_order_relaxed) != 0;
}

/* Packets that are about to go through a stage. Worker, when trace_is_on(). */
void
trace_stage(struct worker *worker, enum stage_id stage, struct rte_mbuf *const *pkts, uint16_t n);

/* Frames that are about to be handed to a port's driver. Worker, when trace_is_on(). */
void trace_send(struct worker *worker, uint8_t port, struct rte_mbuf *const *pkts, uint16_t n);

/* A packet that is dropped (TRACE_DROP) or punted (TRACE_PUNT). Worker, when trace_is_on(). */
void trace_end(struct worker *worker, struct rte_mbuf *mbuf, enum trace_event event, unsigned code);

/* A packet made from another, whose struct packet it has, is the same one to the operator. Worker. */
static inline void
trace_inherit(struct rte_mbuf *copy, const struct rte_mbuf *mbuf)
{
	copy->hash.usr = mbuf->hash.usr;
}

#endif
