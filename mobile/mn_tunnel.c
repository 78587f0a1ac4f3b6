/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_tunnel.h"

#include <errno.h>

#include "lib/ip_check.h"
#include "lib/minenc.h"

#define OUTER_TTL 64
#define GRE_PROTOCOL_IPV4 0x0800

int
mn_tunnel_init(struct mn_tunnel *tunnel, const struct mn_tunnel_spec *spec)
{
	struct recipe_spec recipe = {
		.home_address = spec->home_address,
		.link_mtu = spec->link_mtu,
		.layer_count = 1,
		.layers = {{
			.kind = spec->kind,
			.src = spec->care_of,
			.dst = spec->home_agent,
			.src_port_be = spec->port_be,
			.dst_port_be = htobe16(MIP_PORT),
			.ttl = OUTER_TTL,
		}},
	};

	tunnel->spec = *spec;
	return recipe_compile(&tunnel->recipe, &recipe);
}

uint16_t
mn_tunnel_mtu(const struct mn_tunnel *tunnel)
{
	return tunnel->recipe.inner_mtu;
}

/* The header at `packet` is whole and says no more than is there. */
static bool
is_ipv4(const uint8_t *packet, size_t len)
{
	return len >= sizeof(struct ip_header) && len <= UINT16_MAX &&
	       ip_check_lengths((const struct ip_header *)packet, (uint32_t)len) == IP_OK;
}

static bool
is_for_many(be32 dst)
{
	return dst == UINT32_MAX || ip_is_multicast(dst);
}

int
mn_tunnel_push(const struct mn_tunnel *tunnel, uint8_t *packet, size_t len, uint8_t **outer,
	       size_t *outer_len)
{
	const struct mn_tunnel_spec *spec = &tunnel->spec;
	const struct ip_header *ip = (const struct ip_header *)packet;
	uint16_t inner_len, pushed_len;

	if (!is_ipv4(packet, len) || ip->ttl == 0 || (!spec->groups && is_for_many(ip->dst)))
		return -EINVAL;
	if (ip->src != spec->home_address)
		return -EADDRNOTAVAIL;
	inner_len = be16toh(ip->total_len_be);
	*outer = packet;
	*outer_len = inner_len;
	if (!spec->reverse)
		return 0;
	if (tunnel_is_minenc(spec->kind) && !ip_is_fragment(ip)) {
		struct minenc_outer minenc = {
			.src = spec->care_of,
			.dst = spec->home_agent,
			.ttl = OUTER_TTL,
			.is_udp = tunnel_is_udp(spec->kind),
			.src_port_be = spec->port_be,
			.dst_port_be = htobe16(MIP_PORT),
		};
		int result = minenc_push(&minenc, packet, inner_len, &pushed_len);

		if (result != 0)
			return result;
	} else {
		pushed_len = tunnel->recipe.push_len;
		if (inner_len > UINT16_MAX - pushed_len)
			return -EINVAL;
		recipe_push(&tunnel->recipe, packet, inner_len, 0);
	}
	*outer = packet - pushed_len;
	*outer_len = (size_t)inner_len + pushed_len;
	return 0;
}

const char *
mn_open_verdict_name(enum mn_open_verdict verdict)
{
	static const char *const names[MN_OPEN_VERDICT_COUNT] = {
		"fine",		  "malformed",	   "wrong-end",	     "wrong-kind",
		"wrong-checksum", "inner-invalid", "inner-not-ours", "ecn",
	};

	return (unsigned)verdict < MN_OPEN_VERDICT_COUNT ? names[verdict] : "unknown";
}

/* Where the tunnelled format begins and which one it is. */
struct payload {
	size_t at;
	uint8_t protocol;
};

/* Through UDP and MIP Tunnel Data, RFC 3519 section 3.3. */
static enum mn_open_verdict
open_udp(const struct mn_tunnel *tunnel, const uint8_t *packet, size_t len, struct payload *payload)
{
	const struct udp_header *udp = (const struct udp_header *)(packet + payload->at);
	const struct mip_tunnel_data *data = (const struct mip_tunnel_data *)(udp + 1);

	if (len - payload->at < sizeof(*udp) + sizeof(*data))
		return MN_OPEN_MALFORMED;
	if (udp->src_port_be != htobe16(MIP_PORT) || udp->dst_port_be != tunnel->spec.port_be)
		return MN_OPEN_WRONG_END;
	if (be16toh(udp->len_be) != len - payload->at || data->type != MIP_TUNNEL_DATA)
		return MN_OPEN_MALFORMED;
	payload->protocol = data->next_header;
	payload->at += sizeof(*udp) + sizeof(*data);
	return MN_OPEN_FINE;
}

/* RFC 2784: the checksum is optional, everything else that may stand there is refused. */
static enum mn_open_verdict
open_gre(const uint8_t *packet, size_t len, size_t *at)
{
	const struct gre_header *gre = (const struct gre_header *)(packet + *at);
	size_t header_len = sizeof(*gre);

	if (len - *at < sizeof(*gre))
		return MN_OPEN_MALFORMED;
	if ((gre->flags_be & htobe16(GRE_FLAGS_REFUSED | GRE_VERSION_MASK)) != 0 ||
	    gre->protocol_be != htobe16(GRE_PROTOCOL_IPV4))
		return MN_OPEN_MALFORMED;
	if ((gre->flags_be & htobe16(GRE_FLAG_CHECKSUM)) != 0) {
		header_len += 4; /* checksum and reserved */
		if (len - *at < header_len)
			return MN_OPEN_MALFORMED;
		if (checksum_of(gre, len - *at) != 0)
			return MN_OPEN_CHECKSUM;
	}
	*at += header_len;
	return MN_OPEN_FINE;
}

static enum mn_open_verdict
open_minenc(uint8_t *packet, size_t len, size_t *at)
{
	uint16_t stripped_len;
	int result = minenc_strip(packet, len, *at, &stripped_len);

	if (result != 0)
		return result == -EBADMSG ? MN_OPEN_CHECKSUM : MN_OPEN_MALFORMED;
	*at = stripped_len;
	return MN_OPEN_FINE;
}

/* RFC 2004 section 3.1: fragments come as IP-in-IP even where minimal encapsulation was
 * negotiated. */
static bool
is_negotiated(enum tunnel_kind kind, uint8_t protocol)
{
	return protocol == tunnel_protocol(kind) ||
	       (tunnel_is_minenc(kind) && protocol == IP_PROTOCOL_IPIP);
}

static bool
is_for_us(const struct mn_tunnel_spec *spec, const struct ip_header *ip)
{
	if (ip_source_is_martian(ip->src) || ip->src == spec->home_address)
		return false;
	return ip->dst == spec->home_address || (spec->broadcasts && is_for_many(ip->dst));
}

static bool
is_from_mobile(const struct mn_tunnel_spec *spec, const struct ip_header *ip)
{
	return ip->src == spec->home_address;
}

/* Checks the packet inside, and passes on what the outer header learned on its way. */
static enum mn_open_verdict
take_inner(const struct mn_tunnel_spec *spec,
	   bool (*is_ours)(const struct mn_tunnel_spec *, const struct ip_header *),
	   uint8_t outer_tos, uint8_t *inner, size_t *inner_len)
{
	struct ip_header *ip = (struct ip_header *)inner;
	uint16_t was, is;

	if (!is_ipv4(inner, *inner_len) || !ip_checksum_is_right(ip) || ip->ttl == 0)
		return MN_OPEN_INNER_INVALID;
	if (!is_ours(spec, ip))
		return MN_OPEN_INNER_NOT_OURS;
	*inner_len = be16toh(ip->total_len_be);
	switch (ecn_decapsulate(ip->tos, outer_tos)) {
	case ECN_DROP:
		return MN_OPEN_ECN;
	case ECN_SET:
		memcpy(&was, ip, sizeof(was));
		ip->tos = (uint8_t)((ip->tos & ~IP_ECN_MASK) | (outer_tos & IP_ECN_MASK));
		memcpy(&is, ip, sizeof(is));
		ip->checksum_be = checksum_update(ip->checksum_be, was, is);
		break;
	case ECN_KEEP:
		break;
	}
	return MN_OPEN_FINE;
}

/* Minimal encapsulation has one IP header for both tunnel and packet, so there is no second
 * field to reconcile: what it says now is what the packet says. */
static enum mn_open_verdict
open_format(uint8_t *packet, size_t len, const struct payload *payload, size_t *at)
{
	*at = payload->at;
	if (payload->protocol == IP_PROTOCOL_GRE)
		return open_gre(packet, len, at);
	if (payload->protocol == IP_PROTOCOL_MINENC)
		return open_minenc(packet, len, at);
	return MN_OPEN_FINE;
}

/* The rest of both, once it is known where the tunnelled format begins. */
static enum mn_open_verdict
take_payload(const struct mn_tunnel_spec *spec,
	     bool (*is_ours)(const struct mn_tunnel_spec *, const struct ip_header *),
	     const struct ip_header *outer, uint8_t *packet, const struct payload *payload,
	     uint8_t **inner, size_t *inner_len)
{
	size_t len = be16toh(outer->total_len_be), at;
	enum mn_open_verdict verdict = open_format(packet, len, payload, &at);

	if (verdict != MN_OPEN_FINE)
		return verdict;
	*inner = packet + at;
	*inner_len = len - at;
	return take_inner(spec, is_ours, outer->tos, *inner, inner_len);
}

enum mn_open_verdict
mn_tunnel_open(const struct mn_tunnel *tunnel, uint8_t *packet, size_t len, uint8_t **inner,
	       size_t *inner_len)
{
	const struct mn_tunnel_spec *spec = &tunnel->spec;
	struct ip_header outer;
	struct payload payload;
	enum mn_open_verdict verdict;

	if (!is_ipv4(packet, len))
		return MN_OPEN_MALFORMED;
	memcpy(&outer, packet, sizeof(outer));
	if (outer.src != spec->home_agent || outer.dst != spec->care_of)
		return MN_OPEN_WRONG_END;
	payload = (struct payload){ip_header_size(&outer), outer.protocol};
	if (tunnel_is_udp(spec->kind)) {
		if (outer.protocol != IP_PROTOCOL_UDP)
			return MN_OPEN_WRONG_KIND;
		verdict = open_udp(tunnel, packet, be16toh(outer.total_len_be), &payload);
		if (verdict != MN_OPEN_FINE)
			return verdict;
	}
	if (!is_negotiated(spec->kind, payload.protocol))
		return MN_OPEN_WRONG_KIND;
	return take_payload(spec, is_for_us, &outer, packet, &payload, inner, inner_len);
}

enum mn_open_verdict
mn_tunnel_open_delivery(const struct mn_tunnel *tunnel, uint8_t *packet, size_t len,
			uint8_t **inner, size_t *inner_len)
{
	const struct mn_tunnel_spec *spec = &tunnel->spec;
	struct payload payload;
	struct ip_header outer;

	if (!is_ipv4(packet, len))
		return MN_OPEN_MALFORMED;
	memcpy(&outer, packet, sizeof(outer));
	if (outer.src != spec->home_address)
		return MN_OPEN_WRONG_END;
	payload = (struct payload){ip_header_size(&outer), outer.protocol};
	if (outer.protocol != IP_PROTOCOL_IPIP && !is_negotiated(spec->kind, outer.protocol))
		return MN_OPEN_WRONG_KIND;
	return take_payload(spec, is_from_mobile, &outer, packet, &payload, inner, inner_len);
}
