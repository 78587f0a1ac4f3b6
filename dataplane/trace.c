/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/trace.h"

#include <rte_cycles.h>
#include <rte_malloc.h>

#include "lib/wire_eth.h"

#define TRACE_WORDS (sizeof(struct trace_record) / sizeof(uint64_t))

/* The low bits of a packet's number count, the high ones say which worker met it first. */
#define NUMBER_BITS 24

/* A record may be overwritten while it is read: so `sequence` says which one it is, 0 while it is written
 * to, and its words are written and read each as a whole. */
struct trace_slot {
	_Atomic uint64_t sequence; /* 1 for the first record ever */
	_Atomic uint64_t words[TRACE_WORDS];
};

struct trace {
	_Atomic uint64_t written; /* records, ever */
	uint32_t packets;	  /* numbered, ever */
	struct trace_slot slots[TRACE_RECORDS];
};

union trace_words {
	struct trace_record record;
	uint64_t words[TRACE_WORDS];
};

struct trace *
trace_create(int socket)
{
	return rte_zmalloc_socket("trace", sizeof(struct trace), RTE_CACHE_LINE_SIZE, socket);
}

void
trace_destroy(struct trace *trace)
{
	rte_free(trace);
}

static void
write_record(struct trace *trace, const struct trace_record *record)
{
	uint64_t sequence = atomic_load_explicit(&trace->written, memory_order_relaxed);
	struct trace_slot *slot = &trace->slots[sequence % TRACE_RECORDS];
	union trace_words words = {.record = *record};

	atomic_store_explicit(&slot->sequence, 0, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	for (unsigned i = 0; i < TRACE_WORDS; i++)
		atomic_store_explicit(&slot->words[i], words.words[i], memory_order_relaxed);
	atomic_store_explicit(&slot->sequence, sequence + 1, memory_order_release);
	atomic_store_explicit(&trace->written, sequence + 1, memory_order_release);
}

void
trace_reader_init(struct trace_reader *reader, const struct trace *trace)
{
	*reader = (struct trace_reader){
		.next = atomic_load_explicit(&trace->written, memory_order_acquire)};
}

/* False: it was, or is being, overwritten. */
static bool
read_record(const struct trace *trace, uint64_t sequence, struct trace_record *record)
{
	const struct trace_slot *slot = &trace->slots[sequence % TRACE_RECORDS];
	union trace_words words;

	if (atomic_load_explicit(&slot->sequence, memory_order_acquire) != sequence + 1)
		return false;
	for (unsigned i = 0; i < TRACE_WORDS; i++)
		words.words[i] = atomic_load_explicit(&slot->words[i], memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	*record = words.record;
	return atomic_load_explicit(&slot->sequence, memory_order_relaxed) == sequence + 1;
}

bool
trace_read(const struct trace *trace, struct trace_reader *reader, struct trace_record *record)
{
	for (;;) {
		uint64_t written = atomic_load_explicit(&trace->written, memory_order_acquire);

		if (reader->next == written)
			return false;
		if (written - reader->next > TRACE_RECORDS) {
			reader->lost += written - TRACE_RECORDS - reader->next;
			reader->next = written - TRACE_RECORDS;
		}
		if (read_record(trace, reader->next++, record))
			return true;
		reader->lost++;
	}
}

/* The outermost IPv4 header, `offset` bytes into the packet, or NULL. */
static const struct ip_header *
outermost(struct rte_mbuf *mbuf, uint16_t offset)
{
	const struct eth_header *eth = rte_pktmbuf_mtod(mbuf, const struct eth_header *);
	const struct ip_header *ip;

	if (rte_pktmbuf_data_len(mbuf) < offset + sizeof(*ip) ||
	    (offset > 0 && eth->type_be != htobe16(ETH_TYPE_IPV4)))
		return NULL;
	ip = rte_pktmbuf_mtod_offset(mbuf, const struct ip_header *, offset);
	return ip->version_ihl >> 4 == 4 ? ip : NULL;
}

static void
add_ports(struct trace_record *record, struct rte_mbuf *mbuf, const struct ip_header *ip)
{
	const uint8_t *end = rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, mbuf->data_len);
	const uint8_t *payload = (const uint8_t *)ip + ip_header_size(ip);

	if ((ip->protocol != IP_PROTOCOL_UDP && ip->protocol != IP_PROTOCOL_TCP) ||
	    ip->fragment_be & htobe16(IP_FRAGMENT_OFFSET_MASK) || payload + 4 > end)
		return;
	memcpy(&record->src_port_be, payload, 2);
	memcpy(&record->dst_port_be, payload + 2, 2);
}

/* False for a packet that is not followed. */
static bool
is_followed(struct worker *worker, struct rte_mbuf *mbuf, const struct ip_header *ip)
{
	be32 address = atomic_load_explicit(&worker->trace_address, memory_order_relaxed);
	struct packet *packet = packet_of(mbuf);

	if (packet->flags & PACKET_TRACED)
		return true;
	if (ip == NULL || (ip->src != address && ip->dst != address))
		return false;
	packet->flags |= PACKET_TRACED;
	mbuf->hash.usr =
		worker->id << NUMBER_BITS | (++worker->trace->packets & ((1u << NUMBER_BITS) - 1));
	return true;
}

static void
trace_one(struct worker *worker, enum stage_id stage, uint8_t port, struct rte_mbuf *mbuf)
{
	bool is_frame = stage == STAGE_ETHER_INPUT || stage == STAGE_SEND;
	uint16_t offset = is_frame ? sizeof(struct eth_header) : 0;
	const struct ip_header *ip = outermost(mbuf, offset);
	struct trace_record record = {
		.tsc = rte_rdtsc(),
		.event = TRACE_STAGE,
		.code = (uint8_t)stage,
		.origin = packet_of(mbuf)->origin,
		.port = port,
	};

	if (!is_followed(worker, mbuf, ip))
		return;
	record.packet = mbuf->hash.usr;
	if (ip != NULL) {
		record.src = ip->src;
		record.dst = ip->dst;
		record.protocol = ip->protocol;
		record.len = (uint16_t)(rte_pktmbuf_pkt_len(mbuf) - offset);
		add_ports(&record, mbuf, ip);
	}
	write_record(worker->trace, &record);
}

__attribute__((cold)) void
trace_stage(struct worker *worker, enum stage_id stage, struct rte_mbuf *const *pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		trace_one(worker, stage, packet_of(pkts[i])->port, pkts[i]);
}

__attribute__((cold)) void
trace_send(struct worker *worker, uint8_t port, struct rte_mbuf *const *pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		trace_one(worker, STAGE_SEND, port, pkts[i]);
}

__attribute__((cold)) void
trace_end(struct worker *worker, struct rte_mbuf *mbuf, enum trace_event event, unsigned code)
{
	const struct trace_record record = {
		.tsc = rte_rdtsc(),
		.packet = mbuf->hash.usr,
		.event = (uint8_t)event,
		.code = (uint8_t)code,
		.origin = packet_of(mbuf)->origin,
		.port = packet_of(mbuf)->port,
	};

	if (packet_of(mbuf)->flags & PACKET_TRACED)
		write_record(worker->trace, &record);
}
