/* SPDX-License-Identifier: BSD-3-Clause */
/* Did this packet come through the tunnel of the mobile whose address it bears? Its inner source must
 * have a binding, and the tunnel must be that binding's own: far end, near end, port, format and side
 * (RFC 3024 section 4.3, RFC 3519 section 4.3). The recipe says all of it, mirrored. Packets for the
 * home agent itself then go to the control core. */
#include "dataplane/clamp.h"
#include "dataplane/drop.h"
#include "dataplane/punt.h"
#include "dataplane/recipe_fetch.h"
#include "dataplane/stage.h"

#define MATCH_FINE DROP_REASON_COUNT

/* The format inside must be the one that was agreed on; fragments come as IP-in-IP where that is minimal
 * encapsulation. */
static bool
is_agreed_kind(enum tunnel_kind agreed, enum tunnel_kind seen)
{
	return seen == agreed || (tunnel_is_minenc(agreed) && seen == (agreed & TUNNEL_UDP_IPIP));
}

/* A tunnel whose way to the mobile is sealed comes back out of a security association, which stage_admit
 * held against the inner source: the far end. Others come from their agent's side. */
static bool
is_right_side(const struct packet *packet, const struct recipe *recipe)
{
	if (recipe->flags & RECIPE_SEALED)
		return packet->origin == ORIGIN_VPN;
	return (packet->origin != ORIGIN_EXTERNAL) == ((recipe->flags & RECIPE_INTERNAL) != 0);
}

static enum drop_reason
match_one(const struct packet *packet, const struct recipe *recipe)
{
	const struct ip_header *tunnel = recipe_tunnel(recipe);
	const struct udp_header *udp = (const struct udp_header *)(tunnel + 1);
	enum tunnel_kind kind = (enum tunnel_kind)recipe->layers[0].kind;

	if (packet->outer_src != tunnel->dst)
		return DROP_TUNNEL_WRONG_SOURCE;
	if (packet->outer_dst != tunnel->src)
		return DROP_TUNNEL_WRONG_AGENT;
	if (!is_agreed_kind(kind, (enum tunnel_kind)packet->tunnel_kind))
		return DROP_TUNNEL_WRONG_KIND;
	if (tunnel_is_udp(kind) && packet->outer_port_be != udp->dst_port_be &&
	    !(recipe->flags & RECIPE_HALF_BOUND))
		return DROP_TUNNEL_WRONG_PORT;
	if (!is_right_side(packet, recipe))
		return DROP_TUNNEL_WRONG_SIDE;
	return MATCH_FINE;
}

/* With several care-of addresses, any of them will do; the last one's complaint is counted. */
static enum drop_reason
match(const struct packet *packet, const struct recipe **recipe)
{
	for (;; *recipe = (*recipe)->next) {
		enum drop_reason reason = match_one(packet, *recipe);

		if (likely(reason == MATCH_FINE) || !((*recipe)->flags & RECIPE_HAS_NEXT))
			return reason;
	}
}

/* For the home agent itself: keepalives, above all. */
static void
deliver_locally(struct worker *worker, struct rte_mbuf *mbuf, const struct own_address *own)
{
	const struct ip_header *ip = packet_ip(mbuf);

	if (ip->protocol == IP_PROTOCOL_ICMP && !ip_is_fragment(ip) &&
	    !(own->roles & OWN_BROADCAST))
		punt(worker, mbuf, PUNT_KEEPALIVE);
	else
		drop(worker, mbuf,
		     DROP_LOCAL_PROTOCOL); /* RFC 3519 section 4.7: no signalling here */
}

/* ESP and IKE in the x-HA's tunnel. */
static bool
is_for_gateway(struct rte_mbuf *mbuf, const struct own_address *own)
{
	return own->roles & OWN_VPN && packet_of(mbuf)->origin == ORIGIN_EXTERNAL;
}

/* RFC 2784 section 3.1: what comes out of a GRE tunnel does not go back to its far end. Behind a NAT that
 * address is not the mobile's alone. */
static bool
is_gre_loop(struct rte_mbuf *mbuf)
{
	const struct packet *packet = packet_of(mbuf);

	return packet->tunnel_kind == TUNNEL_GRE && packet_ip(mbuf)->dst == packet->outer_src;
}

static void
count_from_mobile(struct worker *worker, struct rte_mbuf *mbuf, const struct recipe *recipe)
{
	struct slot_counters *counters = &worker->slots[recipe->slot];

	counters->from_mobile_packets++;
	counters->from_mobile_bytes += rte_pktmbuf_pkt_len(mbuf);
	packet_of(mbuf)->home_address = recipe->home_address;
}

/* True when the packet goes on; otherwise it has been taken care of. */
static bool
match_packet(struct worker *worker, struct rte_mbuf *mbuf, const struct recipe *recipe)
{
	struct packet *packet = packet_of(mbuf);
	enum drop_reason reason = match(packet, &recipe);
	const struct own_address *own;

	if (unlikely(reason != MATCH_FINE)) {
		drop(worker, mbuf, reason);
		return false;
	}
	count_from_mobile(worker, mbuf, recipe);
	own = own_address_lookup(worker->settings, packet_ip(mbuf)->dst);
	if (unlikely(own != NULL) && !is_for_gateway(mbuf, own)) {
		deliver_locally(worker, mbuf, own);
		return false;
	}
	if (unlikely((recipe->flags & (RECIPE_HALF_BOUND | RECIPE_REVERSE)) != RECIPE_REVERSE)) {
		drop(worker, mbuf,
		     recipe->flags & RECIPE_HALF_BOUND ? DROP_TUNNEL_HALF_BOUND
						       : DROP_TUNNEL_NOT_REVERSE);
		return false;
	}
	if (unlikely(is_gre_loop(mbuf))) {
		drop(worker, mbuf, DROP_TUNNEL_LOOP);
		return false;
	}
	if (unlikely(own != NULL)) {
		packet->own_roles = own->roles;
		worker->gateway.pkts[worker->gateway.count++] = mbuf;
		return false;
	}
	clamp_recipe(worker, mbuf, recipe);
	return true;
}

static uint16_t
match_chunk(struct worker *worker, struct rte_mbuf **pkts, uint16_t n, struct rte_mbuf **matched)
{
	be32 addresses[RECIPE_LOOKUP_MAX];
	const struct recipe *recipes[RECIPE_LOOKUP_MAX];
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++)
		addresses[i] = packet_ip(pkts[i])->src;
	recipe_fetch(worker, addresses, n, recipes);
	for (uint16_t i = 0; i < n; i++) {
		if (unlikely(recipes[i] == NULL))
			drop(worker, pkts[i], DROP_TUNNEL_NO_BINDING);
		else if (match_packet(worker, pkts[i], recipes[i]))
			matched[kept++] = pkts[i];
	}
	return kept;
}

uint16_t
stage_match(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i = (uint16_t)(i + RECIPE_LOOKUP_MAX)) {
		uint16_t chunk = RTE_MIN((uint16_t)(n - i), (uint16_t)RECIPE_LOOKUP_MAX);

		kept = (uint16_t)(kept + match_chunk(worker, pkts + i, chunk, pkts + kept));
	}
	return kept;
}
