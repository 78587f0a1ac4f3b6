/* SPDX-License-Identifier: BSD-3-Clause */
/* Seals what has been pushed by a recipe with an ESP layer (RFC 4303 section 3.3): sequence numbers first,
 * then the whole burst is encrypted at once. Others pass. stage_fit has seen to it that this worker owns
 * the security association. Sealed packets that are larger than their link are cut here, when the
 * configuration wants that. */
#include <rte_prefetch.h>

#include "dataplane/drop.h"
#include "dataplane/fragment.h"
#include "dataplane/sa.h"
#include "dataplane/scratch.h"
#include "dataplane/selector.h"
#include "dataplane/stage.h"

#define SEAL_FINE DROP_REASON_COUNT

/* A packet to the TIA itself must be of the SA's traffic. One that a binding's tunnel carries is: the
 * tunnel's ends do not change from packet to packet, and the control core looked at them. */
static bool
has_policy(struct rte_mbuf *mbuf, const struct recipe *recipe, const struct sa *sa)
{
	bool matches;

	if (recipe->seal_layers > 0 || sa->flags & SA_ANY_REMOTE)
		return true;
	rte_pktmbuf_adj(mbuf, recipe->push_len);
	matches = selectors_match(sa_local(sa), sa->local_count, sa_remote(sa), sa->remote_count,
				  mbuf);
	rte_pktmbuf_prepend(mbuf, recipe->push_len);
	return matches;
}

/* The next sequence number, if there is one (RFC 4303 section 3.3.3: no cycling). */
static enum drop_reason
advance(struct sa *sa, uint32_t len)
{
	uint64_t last = sa->flags & SA_ESN ? SA_SEQ_MAX_ESN : SA_SEQ_MAX;

	if (unlikely(sa->seq >= last))
		return DROP_ESP_EXHAUSTED;
	if (unlikely(sa->packets >= sa->hard_packets || sa->bytes >= sa->hard_bytes))
		return DROP_ESP_LIFETIME;
	sa->seq++;
	sa->packets++;
	sa->bytes += len;
	return SEAL_FINE;
}

static enum drop_reason
prepare(struct worker *worker, struct rte_mbuf *mbuf, struct esp_op *op)
{
	const struct recipe *recipe = packet_of(mbuf)->recipe;
	struct sa *sa = recipe->seal_sa;
	uint16_t offset = recipe->seal_offset;
	enum drop_reason reason;

	if (unlikely(!has_policy(mbuf, recipe, sa)))
		return DROP_ESP_NO_POLICY;
	*op = (struct esp_op){
		.key = sa->key,
		.esp = rte_pktmbuf_mtod_offset(mbuf, uint8_t *, offset),
		.len = (uint32_t)(rte_pktmbuf_pkt_len(mbuf) - offset - sizeof(struct esp_header) -
				  sa->iv_size),
		.is_esn = (sa->flags & SA_ESN) != 0,
		.next_header = IP_PROTOCOL_IPIP,
	};
	reason = advance(sa, op->len);
	op->seq = sa->seq;
	sa->last_use_tsc = worker->round_clock;
	return reason;
}

/* A packet of several segments, or without room behind it, by way of the scratch memory. */
static __attribute__((noinline, cold)) enum drop_reason
seal_scattered(struct worker *worker, struct rte_mbuf *mbuf, struct esp_op *op)
{
	uint16_t offset = packet_of(mbuf)->recipe->seal_offset;

	op->esp = scratch_load(worker, mbuf, offset);
	if (op->esp == NULL)
		return DROP_ESP_FAILED;
	esp_seal(worker->esp, op, 1);
	if (op->result_len == 0 || !scratch_store(worker, mbuf, offset, op->result_len))
		return DROP_ESP_FAILED;
	return SEAL_FINE;
}

static bool
needs_scratch(struct rte_mbuf *mbuf)
{
	return mbuf->nb_segs > 1 || rte_pktmbuf_tailroom(mbuf) < ESP_TAIL_SIZE_MAX;
}

/* True when the packet goes on; otherwise it was cut and sent. */
static bool
fits_link(struct worker *worker, struct rte_mbuf *mbuf)
{
	const struct recipe *recipe = packet_of(mbuf)->recipe;
	struct rte_mbuf *fragments[FRAGMENTS_MAX];
	uint16_t count;

	if (!(recipe->flags & RECIPE_SEALED) ||
	    likely(recipe->seal_mtu == 0 || rte_pktmbuf_pkt_len(mbuf) <= recipe->seal_mtu))
		return true;
	count = fragment(worker, mbuf, recipe->seal_mtu, fragments);
	stage_transmit(worker, fragments, count);
	return false;
}

/* The packets of a chunk: those of `ops` are sealed together; those that are sealed by themselves, or not
 * at all, have none. */
struct seal_burst {
	uint16_t op_count, count;
	const struct esp_key *key; /* of the last op */
	struct esp_op ops[ESP_BURST_MAX];
	struct rte_mbuf *of_op[ESP_BURST_MAX];
	struct rte_mbuf *pkts[ESP_BURST_MAX];
};

static void
gather(struct worker *worker, struct seal_burst *burst, struct rte_mbuf *mbuf)
{
	struct esp_op *op = &burst->ops[burst->op_count];
	enum drop_reason reason = SEAL_FINE;

	if (packet_of(mbuf)->recipe->flags & RECIPE_SEALED) {
		reason = prepare(worker, mbuf, op);
		if (unlikely(reason == SEAL_FINE && needs_scratch(mbuf))) {
			reason = seal_scattered(worker, mbuf, op);
		} else if (likely(reason == SEAL_FINE)) {
			burst->of_op[burst->op_count++] = mbuf;
			esp_key_fetch(&burst->key, op->key, packet_of(mbuf)->recipe->seal_sa->suite,
				      op->len);
		}
	}
	if (likely(reason == SEAL_FINE))
		burst->pkts[burst->count++] = mbuf;
	else
		drop(worker, mbuf, reason);
}

/* The packet ends where its ICV does. One that was not sealed is still plain: it is emptied, and must not
 * go on. */
static void
finish(struct rte_mbuf *mbuf, const struct esp_op *op)
{
	const uint8_t *begin = rte_pktmbuf_mtod(mbuf, const uint8_t *);

	mbuf->data_len = op->result_len > 0 ? (uint16_t)(op->esp + op->result_len - begin) : 0;
	mbuf->pkt_len = mbuf->data_len;
}

static uint16_t
seal_chunk(struct worker *worker, struct rte_mbuf **pkts, uint16_t n, struct rte_mbuf **sealed)
{
	struct seal_burst burst;
	uint16_t kept = 0;

	burst.op_count = burst.count = 0;
	burst.key = NULL;
	for (uint16_t i = 0; i < n; i++)
		gather(worker, &burst, pkts[i]);
	esp_seal(worker->esp, burst.ops, burst.op_count);
	for (uint16_t i = 0; i < burst.op_count; i++)
		finish(burst.of_op[i], &burst.ops[i]);
	for (uint16_t i = 0; i < burst.count; i++) {
		if (unlikely(rte_pktmbuf_pkt_len(burst.pkts[i]) == 0))
			drop(worker, burst.pkts[i], DROP_ESP_FAILED);
		else if (likely(fits_link(worker, burst.pkts[i])))
			sealed[kept++] = burst.pkts[i];
	}
	return kept;
}

uint16_t
stage_seal(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i = (uint16_t)(i + ESP_BURST_MAX)) {
		uint16_t chunk = RTE_MIN((uint16_t)(n - i), (uint16_t)ESP_BURST_MAX);

		kept = (uint16_t)(kept + seal_chunk(worker, pkts + i, chunk, pkts + kept));
	}
	return kept;
}
