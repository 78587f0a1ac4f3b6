/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_traffic.h"

#include <string.h>

#include "lib/ip_check.h"

#define DESTINATION_IN_IP 16
#define DESTINATION_IN_MINENC 4
#define GRE_CHECKSUM_SIZE 4

be32
fa_traffic_inner_destination(const uint8_t *packet, size_t len)
{
	const struct ip_header *ip = (const struct ip_header *)packet;
	uint8_t protocol;
	be32 destination;
	size_t at;

	if (len < sizeof(*ip) || ip_check_lengths(ip, (uint32_t)len) != IP_OK)
		return 0;
	at = ip_header_size(ip);
	protocol = ip->protocol;
	if (protocol == IP_PROTOCOL_UDP) {
		at += sizeof(struct udp_header) + sizeof(struct mip_tunnel_data);
		if (at > len)
			return 0;
		protocol = packet[at - sizeof(struct mip_tunnel_data) + 1];
	}
	if (protocol == IP_PROTOCOL_GRE) {
		if (at + sizeof(struct gre_header) > len)
			return 0;
		at += sizeof(struct gre_header) +
		      ((packet[at] & GRE_FLAG_CHECKSUM >> 8) != 0 ? GRE_CHECKSUM_SIZE : 0);
	}
	at += protocol == IP_PROTOCOL_MINENC ? DESTINATION_IN_MINENC : DESTINATION_IN_IP;
	if (at + sizeof(destination) > len)
		return 0;
	memcpy(&destination, packet + at, sizeof(destination));
	return destination;
}

struct fa_visitor *
fa_traffic_open(struct fa_traffic *traffic, uint8_t *packet, size_t len, uint8_t **inner,
		size_t *inner_len)
{
	be32 home_address = fa_traffic_inner_destination(packet, len);
	struct fa_visitor *visitor = fa_visitors_find(traffic->visitors, home_address);
	enum mn_open_verdict verdict;

	if (visitor == NULL || !visitor->has_tunnel) {
		traffic->strangers_from_agent++;
		return NULL;
	}
	verdict = mn_tunnel_open(&visitor->tunnel, packet, len, inner, inner_len);
	if (verdict != MN_OPEN_FINE) {
		traffic->refused[verdict]++;
		visitor->refused_packets++;
		return NULL;
	}
	visitor->to_mobile_packets++;
	visitor->to_mobile_bytes += *inner_len;
	return visitor;
}

/* The visitor who may use his reverse tunnel in this style, or NULL: he is counted. */
static struct fa_visitor *
sender_of(struct fa_traffic *traffic, const uint8_t *packet, size_t len, bool is_encapsulating)
{
	const struct ip_header *ip = (const struct ip_header *)packet;
	struct fa_visitor *visitor = NULL;

	if (len >= sizeof(*ip) && ip->version_ihl >> 4 == 4)
		visitor = fa_visitors_find(traffic->visitors, ip->src);
	if (visitor != NULL && visitor->has_tunnel && visitor->tunnel.spec.reverse &&
	    visitor->is_encapsulating == is_encapsulating)
		return visitor;
	traffic->strangers_to_agent++;
	return NULL;
}

/* Into the reverse tunnel. NULL: it is counted and done with. */
static struct fa_visitor *
push(struct fa_traffic *traffic, struct fa_visitor *visitor, uint8_t *packet, size_t len,
     uint8_t **outer, size_t *outer_len)
{
	const struct ip_header *ip = (const struct ip_header *)packet;

	/* what may be fragmented is, on its way (RFC 2003 section 5.1) */
	if (len > mn_tunnel_mtu(&visitor->tunnel) && (ip->fragment_be & htobe16(IP_FLAG_DF)) != 0) {
		traffic->too_big++;
		traffic->on_too_big(traffic->context, visitor, packet, len);
		return NULL;
	}
	if (mn_tunnel_push(&visitor->tunnel, packet, len, outer, outer_len) != 0) {
		traffic->unsent++;
		return NULL;
	}
	visitor->from_mobile_packets++;
	visitor->from_mobile_bytes += len;
	return visitor;
}

struct fa_visitor *
fa_traffic_relay(struct fa_traffic *traffic, uint8_t *packet, size_t len, uint8_t **outer,
		 size_t *outer_len)
{
	struct fa_visitor *visitor = sender_of(traffic, packet, len, true);
	enum mn_open_verdict verdict;
	uint8_t *inner;
	size_t inner_len;

	if (visitor == NULL)
		return NULL;
	verdict = mn_tunnel_open_delivery(&visitor->tunnel, packet, len, &inner, &inner_len);
	if (verdict != MN_OPEN_FINE) {
		traffic->refused_deliveries[verdict]++;
		return NULL;
	}
	return push(traffic, visitor, inner, inner_len, outer, outer_len);
}

struct fa_visitor *
fa_traffic_push(struct fa_traffic *traffic, uint8_t *packet, size_t len, uint8_t **outer,
		size_t *outer_len)
{
	struct fa_visitor *visitor = sender_of(traffic, packet, len, false);

	return visitor != NULL ? push(traffic, visitor, packet, len, outer, outer_len) : NULL;
}
