/* SPDX-License-Identifier: BSD-3-Clause */
/* Takes a tunnel's headers off. What is left is a checked packet, and struct packet knows how the tunnel
 * looked, so that stage_match can hold it against the binding. */
#include "dataplane/drop.h"
#include "dataplane/inner.h"
#include "dataplane/stage.h"
#include "lib/minenc.h"

#define STRIP_FINE DROP_REASON_COUNT
#define STRIP_GATHER \
	128 /* bytes made contiguous: more than any tunnel's headers with the inner one */

/* Where the headers of one tunnel packet lie. */
struct strip {
	struct rte_mbuf *mbuf;
	struct packet *packet;
	uint16_t offset;  /* from the outer IP header to what is looked at next */
	uint8_t protocol; /* of what stands there */
};

static uint8_t *
at(const struct strip *strip)
{
	return rte_pktmbuf_mtod_offset(strip->mbuf, uint8_t *, strip->offset);
}

static uint32_t
left_len(const struct strip *strip)
{
	return rte_pktmbuf_pkt_len(strip->mbuf) - strip->offset;
}

static bool
has(const struct strip *strip, uint16_t len)
{
	return strip->offset + len <= rte_pktmbuf_data_len(strip->mbuf);
}

/* The sum over the packet from `offset`, segments and odd lengths included. */
static uint64_t
sum_from(const struct rte_mbuf *mbuf, uint32_t offset, uint32_t len)
{
	uint64_t sum = 0;
	bool is_odd = false;

	for (; mbuf != NULL && len > 0; mbuf = mbuf->next) {
		uint32_t piece;
		uint16_t part;

		if (offset >= mbuf->data_len) {
			offset -= mbuf->data_len;
			continue;
		}
		piece = RTE_MIN(len, mbuf->data_len - offset);
		part = checksum_fold(checksum_add(
			0, rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, offset), piece));
		sum += is_odd ? __builtin_bswap16(part) : part;
		is_odd ^= (piece & 1) != 0;
		len -= piece;
		offset = 0;
	}
	return sum;
}

/* RFC 3519 section 3.3: UDP and the MIP Tunnel Data header. stage_demux has seen to the UDP length. */
static enum drop_reason
strip_udp(struct strip *strip)
{
	const struct ip_header *ip = packet_ip(strip->mbuf);
	const struct udp_header *udp = (const struct udp_header *)at(strip);
	const struct mip_tunnel_data *data = (const struct mip_tunnel_data *)(udp + 1);
	uint16_t len = be16toh(udp->len_be);

	if (!has(strip, sizeof(*udp) + sizeof(*data)) || len < sizeof(*udp) + sizeof(*data))
		return DROP_TUNNEL_MALFORMED;
	if (udp->checksum_be != 0 &&
	    checksum_fold(sum_from(strip->mbuf, strip->offset, len) +
			  checksum_pseudo_header(ip->src, ip->dst, IP_PROTOCOL_UDP, udp->len_be)) !=
		    0xffff)
		return DROP_UDP_CHECKSUM;
	strip->packet->outer_port_be = udp->src_port_be;
	strip->packet->tunnel_kind = TUNNEL_UDP_IPIP;
	strip->protocol = data->next_header;
	packet_trim(strip->mbuf, (uint32_t)strip->offset + len);
	strip->offset = (uint16_t)(strip->offset + sizeof(*udp) + sizeof(*data));
	return STRIP_FINE;
}

/* RFC 2784 section 2. */
static enum drop_reason
strip_gre(struct strip *strip)
{
	const struct gre_header *gre = (const struct gre_header *)at(strip);
	uint16_t flags;

	if (!has(strip, sizeof(*gre)))
		return DROP_TUNNEL_MALFORMED;
	flags = be16toh(gre->flags_be);
	if (flags & (GRE_FLAGS_REFUSED | GRE_VERSION_MASK) ||
	    gre->protocol_be != htobe16(ETH_TYPE_IPV4))
		return DROP_TUNNEL_MALFORMED;
	if (flags & GRE_FLAG_CHECKSUM) {
		if (!has(strip, sizeof(*gre) + 4))
			return DROP_TUNNEL_MALFORMED;
		if (checksum_fold(sum_from(strip->mbuf, strip->offset, left_len(strip))) != 0xffff)
			return DROP_TUNNEL_CHECKSUM;
		strip->offset = (uint16_t)(strip->offset + 4);
	}
	strip->offset = (uint16_t)(strip->offset + sizeof(*gre));
	strip->packet->tunnel_kind |= TUNNEL_GRE;
	return STRIP_FINE;
}

/* RFC 2004 section 3.2: the outer header becomes the packet's own again. Only headers are touched, and
 * those are contiguous; the rest may lie in further segments. */
static enum drop_reason
strip_minenc(struct strip *strip)
{
	uint16_t stripped_len;

	switch (minenc_strip(rte_pktmbuf_mtod(strip->mbuf, uint8_t *),
			     rte_pktmbuf_pkt_len(strip->mbuf), strip->offset, &stripped_len)) {
	case 0:
		break;
	case -EBADMSG:
		return DROP_TUNNEL_CHECKSUM;
	default:
		return DROP_TUNNEL_MALFORMED;
	}
	strip->offset = stripped_len;
	strip->packet->tunnel_kind |= TUNNEL_MINENC;
	return STRIP_FINE;
}

static enum drop_reason
strip_tunnel(struct strip *strip)
{
	enum drop_reason reason;

	if (strip->protocol == IP_PROTOCOL_UDP) {
		reason = strip_udp(strip);
		if (reason != STRIP_FINE)
			return reason;
	}
	switch (strip->protocol) {
	case IP_PROTOCOL_IPIP:
		return STRIP_FINE;
	case IP_PROTOCOL_GRE:
		return strip_gre(strip);
	case IP_PROTOCOL_MINENC:
		return strip_minenc(strip);
	default:
		return DROP_TUNNEL_MALFORMED;
	}
}

static enum drop_reason
strip(struct worker *worker, struct rte_mbuf *mbuf)
{
	const struct ip_header *outer;
	struct strip strip = {.mbuf = mbuf, .packet = packet_of(mbuf)};
	struct inner inner;
	enum drop_reason reason;
	uint8_t outer_tos;

	if (!packet_has(mbuf, (uint16_t)RTE_MIN(rte_pktmbuf_pkt_len(mbuf), STRIP_GATHER)))
		return DROP_IP_NOT_CONTIGUOUS;
	outer = packet_ip(mbuf);
	strip.packet->outer_src = outer->src;
	strip.packet->outer_dst = outer->dst;
	strip.packet->outer_port_be = 0;
	strip.packet->tunnel_kind = TUNNEL_IPIP;
	strip.offset = ip_header_size(outer);
	strip.protocol = outer->protocol;
	outer_tos = outer->tos;

	reason = strip_tunnel(&strip);
	if (reason != STRIP_FINE)
		return reason;
	inner = (struct inner){
		.offset = strip.offset,
		.outer_tos = outer_tos,
		.has_outer = !tunnel_is_minenc((enum tunnel_kind)strip.packet->tunnel_kind),
		.invalid = DROP_TUNNEL_INNER_INVALID,
	};
	reason = inner_check(worker, mbuf, &inner);
	if (reason != INNER_FINE)
		return reason;
	inner_unwrap(mbuf, &inner);
	strip.packet->flags |= PACKET_FROM_TUNNEL;
	return STRIP_FINE;
}

uint16_t
stage_strip(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		enum drop_reason reason = strip(worker, pkts[i]);

		if (unlikely(reason != STRIP_FINE))
			drop(worker, pkts[i], reason);
		else
			pkts[kept++] = pkts[i];
	}
	return kept;
}
