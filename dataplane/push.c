/* SPDX-License-Identifier: BSD-3-Clause */
/* Puts the recipe's headers before the packet. A mobile with several care-of addresses (S bit) gets a
 * copy at each. Fragments of a mobile with minimal encapsulation go as IP-in-IP (RFC 2004 section 1). */
#include "dataplane/drop.h"
#include "dataplane/handover.h"
#include "dataplane/stage.h"
#include "lib/minenc.h"

/* Identifications of a worker are as far apart as there are workers, so that they share none. */
static be16
next_id(struct worker *worker)
{
	worker->next_id = (uint16_t)(worker->next_id + worker->worker_count);
	return htobe16(worker->next_id);
}

/* RFC 2004 section 3.1: the packet's own header becomes the outer one. */
static __attribute__((noinline, cold)) void
push_minenc(struct rte_mbuf *mbuf, const struct recipe *recipe)
{
	const struct ip_header *tunnel = recipe_tunnel(recipe);
	const struct udp_header *udp = (const struct udp_header *)(tunnel + 1);
	struct minenc_outer outer = {.src = tunnel->src, .dst = tunnel->dst};
	uint16_t pushed_len;

	if (tunnel_is_udp((enum tunnel_kind)recipe->layers[0].kind)) {
		outer.is_udp = true;
		outer.src_port_be = udp->src_port_be;
		outer.dst_port_be = udp->dst_port_be;
	}
	/* cannot fail: no fragment, and stage_fit saw to the length */
	if (minenc_push(&outer, rte_pktmbuf_mtod(mbuf, uint8_t *), rte_pktmbuf_pkt_len(mbuf),
			&pushed_len) == 0)
		rte_pktmbuf_prepend(mbuf, pushed_len);
}

static inline void
push(struct worker *worker, struct rte_mbuf *mbuf, const struct recipe *recipe)
{
	struct slot_counters *counters = &worker->slots[recipe->slot];
	uint32_t len = rte_pktmbuf_pkt_len(mbuf);

	counters->to_mobile_packets++;
	counters->to_mobile_bytes += len;
	packet_of(mbuf)->next_hop = recipe->next_hop;
	if (unlikely(recipe->layer_count == 1 &&
		     tunnel_is_minenc((enum tunnel_kind)recipe->layers[0].kind) &&
		     !ip_is_fragment(packet_ip(mbuf)))) {
		push_minenc(mbuf, recipe);
		return;
	}
	recipe_push(recipe, rte_pktmbuf_mtod(mbuf, uint8_t *), (uint16_t)len, next_id(worker));
	rte_pktmbuf_prepend(mbuf, recipe->push_len);
}

/* The owner of the SA that seals pushes: nobody else may take its sequence numbers. */
void
push_copy(struct worker *worker, struct rte_mbuf *mbuf, const struct recipe *recipe,
	  unsigned number)
{
	unsigned owner =
		recipe->flags & RECIPE_SEALED ? sa_owner(recipe->seal_sa, worker) : worker->id;
	uint16_t n = 1;

	if (owner != worker->id) {
		packet_of(mbuf)->handover_key = recipe->home_address;
		handover(worker, mbuf, owner, HANDOVER_COPY + number);
		return;
	}
	packet_of(mbuf)->recipe = recipe;
	push(worker, mbuf, recipe);
	n = stage_seal(worker, &mbuf, n);
	stage_transmit(worker, &mbuf, n);
}

static __attribute__((noinline, cold)) void
push_copies(struct worker *worker, struct rte_mbuf *mbuf, const struct recipe *recipe)
{
	for (unsigned number = 1; recipe->flags & RECIPE_HAS_NEXT; number++) {
		struct rte_mbuf *copy;

		recipe = recipe->next;
		if (recipe->flags & RECIPE_HALF_BOUND)
			continue;
		copy = packet_copy(mbuf, worker->pool);
		if (copy == NULL) {
			worker->counters.drops.count[DROP_NO_BUFFER]++;
			continue;
		}
		push_copy(worker, copy, recipe, number);
	}
}

uint16_t
stage_push(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint8_t flags = 0;

	for (uint16_t i = 0; i < n; i++) {
		const struct recipe *recipe = packet_of(pkts[i])->recipe;

		flags |= recipe->flags;
		if (unlikely(recipe->flags & RECIPE_HAS_NEXT))
			push_copies(worker, pkts[i], recipe);
		push(worker, pkts[i], recipe);
	}
	worker->has_pushed_sealed = (flags & RECIPE_SEALED) != 0;
	return n;
}
