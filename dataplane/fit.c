/* SPDX-License-Identifier: BSD-3-Clause */
/* May this packet enter the mobile's tunnel, and does it fit? Too large with DF: the sender is told
 * (RFC 2003 section 3.1, RFC 1191). Too large without: it is cut before it is encapsulated (RFC 3519
 * section 4.8), and its fragments go on by themselves. A TCP connection that begins learns what fits.
 * When the tunnel was reported unreachable, senders are told (RFC 2003 section 5), but their packets go
 * on: the report may be forged, or over, and a mobile that is there must not be cut off by it. */
#include "dataplane/clamp.h"
#include "dataplane/drop.h"
#include "dataplane/fragment.h"
#include "dataplane/handover.h"
#include "dataplane/punt.h"
#include "dataplane/recipe_table.h"
#include "dataplane/stage.h"

_Static_assert(RTE_PKTMBUF_HEADROOM + sizeof(struct eth_header) >= RECIPE_PUSH_MAX,
	       "a received packet has room for the deepest recipe");

/* RFC 2003 section 3.2: what the tunnel's end sends is not sent back into the tunnel. Behind a NAT the
 * address says nothing of who sent it. */
static bool
is_from_tunnel_end(const struct recipe *recipe, const struct ip_header *ip)
{
	return !tunnel_is_udp((enum tunnel_kind)recipe->layers[0].kind) &&
	       recipe_tunnel(recipe)->dst == ip->src;
}

static void
fit_fragments(struct worker *worker, struct rte_mbuf *mbuf, uint16_t mtu)
{
	struct rte_mbuf *fragments[FRAGMENTS_MAX];
	uint16_t count = fragment(worker, mbuf, mtu, fragments);

	count = stage_push(worker, fragments, count);
	count = stage_seal(worker, fragments, count);
	stage_transmit(worker, fragments, count);
}

/* True when another worker owns the security association that seals, which has the packet now. */
static bool
is_others(struct worker *worker, struct rte_mbuf *mbuf, const struct recipe *recipe)
{
	unsigned owner;

	if (!(recipe->flags & RECIPE_SEALED))
		return false;
	owner = sa_owner(recipe->seal_sa, worker);
	if (likely(owner == worker->id))
		return false;
	packet_of(mbuf)->handover_key = recipe->home_address;
	handover(worker, mbuf, owner, HANDOVER_VIA);
	return true;
}

/* Flags of tunnels that not every packet, or not this worker, may use. */
#define FIT_GUARDED (RECIPE_HALF_BOUND | RECIPE_INTERNAL | RECIPE_SEALED)

/* True when the packet may go into such a tunnel; otherwise it has been taken care of. */
static bool
fit_guarded(struct worker *worker, struct rte_mbuf *mbuf)
{
	struct packet *packet = packet_of(mbuf);
	const struct recipe *recipe = recipe_first_open(packet->recipe);

	packet->recipe = recipe;
	if (unlikely(recipe->flags & RECIPE_INTERNAL && packet->origin == ORIGIN_EXTERNAL &&
		     !worker->settings->forward_external_to_internal)) {
		drop(worker, mbuf, DROP_IP_EXTERNAL_TO_INTERNAL);
		return false;
	}
	if (unlikely(recipe->flags & RECIPE_HALF_BOUND)) {
		drop(worker, mbuf, DROP_TUNNEL_HALF_BOUND);
		return false;
	}
	return likely(!is_others(worker, mbuf, recipe));
}

/* The packet is larger than what goes into the tunnel. */
static __attribute__((noinline, cold)) void
fit_too_large(struct worker *worker, struct rte_mbuf *mbuf, const struct recipe *recipe)
{
	if (packet_ip(mbuf)->fragment_be & htobe16(IP_FLAG_DF))
		punt_icmp_error(worker, mbuf, DROP_IP_TOO_BIG, ICMP_TYPE_UNREACHABLE,
				ICMP_CODE_FRAGMENTATION_NEEDED, recipe->inner_mtu);
	else if (recipe->flags & RECIPE_SEALED && worker->settings->drop_too_big_to_seal)
		drop(worker, mbuf, DROP_ESP_TOO_BIG);
	else
		fit_fragments(worker, mbuf, recipe->inner_mtu);
}

/* True when the packet goes on; otherwise it has been taken care of. */
static inline bool
fit(struct worker *worker, struct rte_mbuf *mbuf)
{
	const struct recipe *recipe = packet_of(mbuf)->recipe;

	if (recipe->flags & FIT_GUARDED) {
		if (unlikely(!fit_guarded(worker, mbuf)))
			return false;
		recipe = packet_of(mbuf)->recipe;
	}
	if (unlikely(is_from_tunnel_end(recipe, packet_ip(mbuf)))) {
		drop(worker, mbuf, DROP_TUNNEL_LOOP);
		return false;
	}
	if (unlikely(rte_pktmbuf_headroom(mbuf) < RECIPE_PUSH_MAX)) {
		drop(worker, mbuf, DROP_TUNNEL_NO_HEADROOM);
		return false;
	}
	if (unlikely(rte_pktmbuf_pkt_len(mbuf) > recipe->inner_mtu)) {
		fit_too_large(worker, mbuf, recipe);
		return false;
	}
	if (unlikely(recipe->flags & RECIPE_UNREACHABLE))
		punt_icmp_notice(worker, mbuf, ICMP_TYPE_UNREACHABLE, ICMP_CODE_HOST_UNREACHABLE);
	clamp_recipe(worker, mbuf, recipe);
	return true;
}

uint16_t
stage_fit(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++)
		if (likely(fit(worker, pkts[i])))
			pkts[kept++] = pkts[i];
	return kept;
}
