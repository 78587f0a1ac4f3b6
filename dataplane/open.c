/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens ESP packets (RFC 4303 section 3.4): finds the security association by its slot in the SPI, sees
 * to the sequence number, then to the ICV, of the whole burst at once, and takes off what sealed. The
 * window is moved only by packets whose ICV was right. The SA's owner alone does this. */
#include "dataplane/drop.h"
#include "dataplane/handover.h"
#include "dataplane/inner.h"
#include "dataplane/scratch.h"
#include "dataplane/stage.h"

#define OPEN_FINE DROP_REASON_COUNT

static struct esp_header *
esp_of(struct rte_mbuf *mbuf)
{
	return rte_pktmbuf_mtod_offset(mbuf, struct esp_header *, packet_of(mbuf)->esp_offset);
}

/* Where the inbound SA of this SPI stands, if there is one; NULL: nowhere. */
static struct sa *_Atomic *
place(const struct worker *worker, be32 spi_be)
{
	const struct live_tables *tables = worker->tables;

	return &tables->sas[sa_spi_slot(be32toh(spi_be), tables->sa_slots)];
}

static bool
is_it(const struct sa *sa, be32 spi_be)
{
	return sa != NULL && sa->spi_be == spi_be && sa->flags & SA_INBOUND;
}

/* The x-HA tunnel that the packet came through must be that of the SA's far end (cvc, fvc), or there must
 * be none on either side (mc). */
static bool
is_right_way(const struct packet *packet, const struct sa *sa)
{
	be32 came_via = packet->flags & PACKET_FROM_TUNNEL ? packet->home_address : 0;

	return came_via == atomic_load_explicit(&sa->via_home_address, memory_order_relaxed);
}

static enum drop_reason
check_sequence(struct sa *sa, be32 seq_be, uint64_t *seq)
{
	*seq = replay_window_seq(&sa->window, be32toh(seq_be), sa->flags & SA_ESN);
	if (likely(replay_window_check(&sa->window, *seq) == REPLAY_FRESH))
		return OPEN_FINE;
	sa->errors[SA_ERROR_REPLAY]++;
	return DROP_ESP_REPLAY;
}

/* What can be said before the ICV is looked at. */
static enum drop_reason
prepare(struct rte_mbuf *mbuf, struct sa *sa, struct esp_op *op)
{
	enum drop_reason reason;

	if (unlikely(!is_right_way(packet_of(mbuf), sa)))
		return DROP_ESP_WRONG_TUNNEL;
	if (unlikely(sa->packets >= sa->hard_packets || sa->bytes >= sa->hard_bytes))
		return DROP_ESP_LIFETIME;
	*op = (struct esp_op){
		.key = sa->key,
		.esp = (uint8_t *)esp_of(mbuf),
		.len = rte_pktmbuf_pkt_len(mbuf) - packet_of(mbuf)->esp_offset,
		.is_esn = (sa->flags & SA_ESN) != 0,
	};
	reason = check_sequence(sa, esp_of(mbuf)->seq_be, &op->seq);
	if (reason != OPEN_FINE)
		return reason;
	packet_of(mbuf)->sa = sa;
	return OPEN_FINE;
}

static void
count(struct worker *worker, struct rte_mbuf *mbuf, struct sa *sa, bool is_newest, uint32_t len)
{
	sa->packets++;
	sa->bytes += len;
	sa->last_use_tsc = worker->round_clock;
	if (likely(is_newest)) {
		union sa_peer peer = {.address = packet_ip(mbuf)->src,
				      .port_be = packet_of(mbuf)->outer_port_be};

		sa->seen_peer = peer.word;
	}
}

/* The ICV has been looked at. */
static inline enum drop_reason
finish(struct worker *worker, struct rte_mbuf *mbuf, const struct esp_op *op)
{
	struct sa *sa = packet_of(mbuf)->sa;
	struct inner inner = {
		.offset = (uint16_t)(packet_of(mbuf)->esp_offset + sizeof(struct esp_header) +
				     sa->iv_size),
		.outer_tos = packet_ip(mbuf)->tos,
		.has_outer = true,
		.invalid = DROP_ESP_INNER_INVALID,
	};
	enum drop_reason reason;
	bool is_newest;

	if (unlikely(!op->is_right)) {
		sa->errors[SA_ERROR_INTEGRITY]++;
		return op->is_bad_pad ? DROP_ESP_PADDING : DROP_ESP_INTEGRITY;
	}
	/* another copy of it may have been in the same burst */
	if (unlikely(replay_window_check(&sa->window, op->seq) != REPLAY_FRESH)) {
		sa->errors[SA_ERROR_REPLAY]++;
		return DROP_ESP_REPLAY;
	}
	is_newest = replay_window_record(&sa->window, op->seq);
	count(worker, mbuf, sa, is_newest, op->result_len);
	if (op->next_header == ESP_NEXT_HEADER_DUMMY)
		return DROP_ESP_DUMMY;
	if (op->next_header != IP_PROTOCOL_IPIP)
		return DROP_ESP_INNER_INVALID;
	packet_trim(mbuf, inner.offset + op->result_len);
	if (unlikely(!packet_has(mbuf, (uint16_t)RTE_MIN(rte_pktmbuf_pkt_len(mbuf),
							 inner.offset + IP_HEADER_SIZE_MAX))))
		return DROP_ESP_INNER_INVALID;
	reason = inner_check(worker, mbuf, &inner);
	if (reason == INNER_FINE)
		inner_unwrap(mbuf, &inner);
	return reason;
}

/* A packet of several segments, by way of the scratch memory. */
static __attribute__((noinline, cold)) enum drop_reason
open_scattered(struct worker *worker, struct rte_mbuf *mbuf, struct esp_op *op)
{
	uint32_t offset = packet_of(mbuf)->esp_offset;

	op->esp = scratch_load(worker, mbuf, offset);
	if (op->esp == NULL)
		return DROP_ESP_SHORT;
	esp_open(worker->esp, op, 1);
	/* it has not grown, so this needs no buffer */
	scratch_store(worker, mbuf, offset, op->len);
	return finish(worker, mbuf, op);
}

/* Packets that are opened together, and what has been opened. */
struct open_burst {
	uint16_t count, kept;
	const struct esp_key *key; /* of the last one */
	struct esp_op ops[ESP_BURST_MAX];
	struct rte_mbuf *pkts[ESP_BURST_MAX];
	struct rte_mbuf **opened;
};

static void
keep(struct worker *worker, struct open_burst *burst, struct rte_mbuf *mbuf,
     enum drop_reason reason)
{
	if (likely(reason == INNER_FINE))
		burst->opened[burst->kept++] = mbuf;
	else
		drop(worker, mbuf, reason);
}

static void
gather(struct worker *worker, struct open_burst *burst, struct rte_mbuf *mbuf, struct sa *sa)
{
	struct esp_op *op = &burst->ops[burst->count];
	enum drop_reason reason;
	unsigned owner;

	if (unlikely(!is_it(sa, esp_of(mbuf)->spi_be))) {
		drop(worker, mbuf, DROP_ESP_NO_SA);
		return;
	}
	owner = sa_owner(sa, worker);
	if (unlikely(owner != worker->id)) {
		handover(worker, mbuf, owner, HANDOVER_SEALED);
		return;
	}
	reason = prepare(mbuf, sa, op);
	if (unlikely(reason != OPEN_FINE)) {
		drop(worker, mbuf, reason);
	} else if (unlikely(mbuf->nb_segs > 1)) {
		keep(worker, burst, mbuf, open_scattered(worker, mbuf, op));
	} else {
		burst->pkts[burst->count++] = mbuf;
		esp_key_fetch(&burst->key, op->key, sa->suite, op->len);
	}
}

/* The tables' lines are asked for a burst at a time: first the places, then what stands there. */
static uint16_t
open_chunk(struct worker *worker, struct rte_mbuf **pkts, uint16_t n, struct rte_mbuf **opened)
{
	struct open_burst burst;
	struct sa *sas[ESP_BURST_MAX];

	burst.count = burst.kept = 0;
	burst.key = NULL;
	burst.opened = opened;
	for (uint16_t i = 0; i < n; i++)
		rte_prefetch0((const void *)(uintptr_t)place(worker, esp_of(pkts[i])->spi_be));
	for (uint16_t i = 0; i < n; i++) {
		sas[i] = atomic_load_explicit(place(worker, esp_of(pkts[i])->spi_be),
					      memory_order_acquire);
		if (unlikely(sas[i] == NULL))
			continue;
		rte_prefetch0(sas[i]);
		rte_prefetch0(&sas[i]->spi_be);
		rte_prefetch0(&sas[i]->window);
	}
	for (uint16_t i = 0; i < n; i++)
		gather(worker, &burst, pkts[i], sas[i]);
	esp_open(worker->esp, burst.ops, burst.count);
	for (uint16_t i = 0; i < burst.count; i++)
		keep(worker, &burst, burst.pkts[i], finish(worker, burst.pkts[i], &burst.ops[i]));
	return burst.kept;
}

uint16_t
stage_open(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i = (uint16_t)(i + ESP_BURST_MAX)) {
		uint16_t chunk = RTE_MIN((uint16_t)(n - i), (uint16_t)ESP_BURST_MAX);

		kept = (uint16_t)(kept + open_chunk(worker, pkts + i, chunk, pkts + kept));
	}
	return kept;
}
