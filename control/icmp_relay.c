/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/icmp_relay.h"

#include <errno.h>
#include <string.h>

#include "lib/checksum.h"
#include "lib/wire_esp.h"
#include "lib/wire_mip.h"

#define UNREACHABLE_NET_UNKNOWN 6
#define UNREACHABLE_HOST_UNKNOWN 7
#define TIME_EXCEEDED_IN_TRANSIT 0

static struct icmp_relay
unreachable_decide(uint8_t code, bool is_udp)
{
	struct icmp_relay relay = {
		.is_down = true,
		.is_relayed = true,
		.type = ICMP_TYPE_UNREACHABLE,
		.code = ICMP_CODE_HOST_UNREACHABLE,
	};

	switch (code) {
	case ICMP_CODE_NET_UNREACHABLE:
	case UNREACHABLE_NET_UNKNOWN:
		relay.code = ICMP_CODE_NET_UNREACHABLE;
		return relay;
	case ICMP_CODE_HOST_UNREACHABLE:
	case ICMP_CODE_PROTOCOL_UNREACHABLE: /* the sender did not use protocol 4 */
	case UNREACHABLE_HOST_UNKNOWN:
	case ICMP_CODE_ADMIN_PROHIBITED:
		return relay;
	case ICMP_CODE_FRAGMENTATION_NEEDED:
		return (struct icmp_relay){
			.is_mtu = true,
			.is_relayed = true,
			.type = ICMP_TYPE_UNREACHABLE,
			.code = ICMP_CODE_FRAGMENTATION_NEEDED,
		};
	case ICMP_CODE_PORT_UNREACHABLE:
		/* never relayed; only a tunnel in UDP has a port, and then it is down */
		return (struct icmp_relay){.is_down = is_udp};
	default:
		return (struct icmp_relay){0};
	}
}

struct icmp_relay
icmp_relay_decide(uint8_t type, uint8_t code, bool is_udp)
{
	switch (type) {
	case ICMP_TYPE_UNREACHABLE:
		return unreachable_decide(code, is_udp);
	case ICMP_TYPE_TIME_EXCEEDED:
		/* a failed reassembly at the far end does not mean that it is out of reach */
		return (struct icmp_relay){
			.is_down = code == TIME_EXCEEDED_IN_TRANSIT,
			.is_relayed = true,
			.type = ICMP_TYPE_UNREACHABLE,
			.code = ICMP_CODE_HOST_UNREACHABLE,
		};
	default:
		/* source quench and redirect are not for the sender; neither is a parameter
		 * problem of a header that it did not write */
		return (struct icmp_relay){0};
	}
}

/* RFC 1191 section 7, table 7-1. */
static uint16_t
plateau_below(uint16_t len)
{
	static const uint16_t plateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508};

	for (unsigned i = 0; i < ARRAY_COUNT(plateaus); i++) {
		if (plateaus[i] < len)
			return plateaus[i];
	}
	return 0;
}

uint16_t
icmp_relay_mtu_above(const struct icmp_error_view *view, uint16_t least)
{
	uint16_t len = be16toh(view->quoted_ip.total_len_be);
	uint16_t mtu = view->mtu != 0 ? view->mtu : plateau_below(len);

	if (mtu < least)
		mtu = least;
	return mtu < len ? mtu : 0;
}

uint16_t
icmp_relay_mtu(const struct icmp_error_view *view, enum tunnel_evidence evidence)
{
	return icmp_relay_mtu_above(view, evidence == TUNNEL_WITNESS ? ICMP_RELAY_MTU_MIN
								     : ICMP_RELAY_MTU_MIN_RUMOUR);
}

/* Steps over a UDP header and MIP Tunnel Data; returns the protocol inside, or -EINVAL. */
static int
udp_parse(const uint8_t *data, uint16_t len, struct icmp_quote *quote)
{
	struct mip_tunnel_data tunnel;
	struct udp_header udp;

	if (len < sizeof(udp))
		return -EINVAL;
	memcpy(&udp, data, sizeof(udp));
	if (udp.src_port_be != htobe16(MIP_PORT))
		return -EINVAL;
	quote->dst_port_be = udp.dst_port_be;
	if (len < sizeof(udp) + sizeof(tunnel))
		return IP_PROTOCOL_IPIP; /* unknown, and of no consequence: nothing inside is there */
	memcpy(&tunnel, data + sizeof(udp), sizeof(tunnel));
	return tunnel.type == MIP_TUNNEL_DATA ? tunnel.next_header : -EINVAL;
}

static int
kind_of(int protocol, bool is_udp, enum tunnel_kind *kind)
{
	switch (protocol) {
	case IP_PROTOCOL_IPIP:
		*kind = is_udp ? TUNNEL_UDP_IPIP : TUNNEL_IPIP;
		return 0;
	case IP_PROTOCOL_GRE:
		*kind = is_udp ? TUNNEL_UDP_GRE : TUNNEL_GRE;
		return 0;
	case IP_PROTOCOL_MINENC:
		*kind = is_udp ? TUNNEL_UDP_MINENC : TUNNEL_MINENC;
		return 0;
	default:
		return -EINVAL;
	}
}

static void
inner_find(struct icmp_quote *quote, const uint8_t *data, size_t len)
{
	struct ip_header ip;

	if (tunnel_is_minenc(quote->kind)) {
		if (len >= MINENC_SIZE_SHORT)
			memcpy(&quote->home_address, data + offsetof(struct minenc_header, dst),
			       sizeof(quote->home_address));
		return;
	}
	if (len < sizeof(ip))
		return;
	memcpy(&ip, data, sizeof(ip));
	if (ip.version_ihl >> 4 != 4 || ip_header_size(&ip) < sizeof(ip))
		return;
	quote->home_address = ip.dst;
	if (len >= ip_header_size(&ip)) {
		quote->inner = data;
		quote->inner_len = (uint16_t)len;
	}
}

int
icmp_quote_parse(const struct icmp_error_view *view, struct icmp_quote *quote)
{
	const uint8_t *data = view->quoted + view->quoted_header_len;
	size_t len = view->quoted_len - (size_t)view->quoted_header_len, skip = 0;
	bool is_udp = view->quoted_ip.protocol == IP_PROTOCOL_UDP;
	int protocol = view->quoted_ip.protocol;

	*quote = (struct icmp_quote){.agent = view->quoted_ip.src, .care_of = view->quoted_ip.dst};
	if (view->quoted_ip.fragment_be & htobe16(IP_FRAGMENT_OFFSET_MASK))
		return -EINVAL;
	if (is_udp) {
		protocol = udp_parse(data, (uint16_t)len, quote);
		skip = sizeof(struct udp_header) + sizeof(struct mip_tunnel_data);
	}
	if (protocol < 0 || kind_of(protocol, is_udp, &quote->kind) != 0)
		return -EINVAL;
	if (tunnel_is_gre(quote->kind))
		skip += sizeof(struct gre_header); /* ours has no options */
	if (len > skip)
		inner_find(quote, data + skip, len - skip);
	return 0;
}

static bool
terms_match(const struct icmp_quote *quote, const struct binding_terms *terms)
{
	enum tunnel_kind kind = (enum tunnel_kind)terms->kind;

	if (terms->agent_address != quote->agent || terms->tunnel_dst != quote->care_of ||
	    tunnel_is_udp(kind) != tunnel_is_udp(quote->kind))
		return false;
	/* a tunnel of minimal encapsulation carries fragments as IP-in-IP */
	if (tunnel_protocol(kind) != tunnel_protocol(quote->kind) && !tunnel_is_minenc(kind))
		return false;
	return !tunnel_is_udp(kind) || terms->tunnel_port_be == quote->dst_port_be;
}

const struct binding *
icmp_quote_binding(const struct icmp_quote *quote, const struct binding *first)
{
	for (const struct binding *binding = first; binding != NULL; binding = binding->next) {
		if (terms_match(quote, &binding->terms))
			return binding;
	}
	return NULL;
}

int
icmp_quote_esp_parse(const struct icmp_error_view *view, struct icmp_esp_quote *quote)
{
	const uint8_t *data = view->quoted + view->quoted_header_len;
	size_t len = view->quoted_len - (size_t)view->quoted_header_len;
	bool is_udp = view->quoted_ip.protocol == IP_PROTOCOL_UDP;
	struct udp_header udp;

	*quote = (struct icmp_esp_quote){.gateway = view->quoted_ip.src,
					 .peer = view->quoted_ip.dst};
	/* nothing was sent to 0.0.0.0, which means any peer to sa_find() */
	if (quote->peer == 0 || view->quoted_ip.fragment_be & htobe16(IP_FRAGMENT_OFFSET_MASK) ||
	    (!is_udp && view->quoted_ip.protocol != IP_PROTOCOL_ESP))
		return -EINVAL;
	if (is_udp) {
		if (len < sizeof(udp))
			return -EINVAL;
		memcpy(&udp, data, sizeof(udp));
		if (udp.src_port_be != htobe16(ESP_UDP_PORT))
			return -EINVAL;
		quote->port_be = udp.dst_port_be;
		data += sizeof(udp);
		len -= sizeof(udp);
	}
	if (len < sizeof(quote->spi_be))
		return 0;
	memcpy(&quote->spi_be, data, sizeof(quote->spi_be));
	/* RFC 3948 section 2.2: an IKE message begins with what is no SPI */
	return quote->spi_be == 0 ? -EINVAL : 0;
}

int
icmp_quote_minimal(const struct icmp_error_view *view, uint8_t *out, size_t size, size_t *out_len)
{
	uint16_t at = view->quoted_header_len, minimal_len, rest_len;
	struct ip_header ip = view->quoted_ip;
	struct minenc_header minimal;

	if (ip.protocol == IP_PROTOCOL_UDP)
		at = (uint16_t)(at + sizeof(struct udp_header) + sizeof(struct mip_tunnel_data));
	if (view->quoted_len < at + MINENC_SIZE_SHORT)
		return -EINVAL;
	minimal = (struct minenc_header){0};
	memcpy(&minimal, view->quoted + at, MINENC_SIZE_SHORT);
	minimal_len = minimal.flags & MINENC_FLAG_SOURCE ? sizeof(minimal) : MINENC_SIZE_SHORT;
	if (view->quoted_len < at + minimal_len || be16toh(ip.total_len_be) < at + minimal_len ||
	    size < sizeof(ip))
		return -EINVAL;
	memcpy(&minimal, view->quoted + at, minimal_len);

	rest_len = (uint16_t)(view->quoted_len - at - minimal_len);
	if (rest_len > size - sizeof(ip))
		rest_len = (uint16_t)(size - sizeof(ip));
	/* options are not quoted back: what they asked for is not what failed */
	ip.version_ihl = IP_VERSION_IHL_PLAIN;
	ip.total_len_be =
		htobe16((uint16_t)(be16toh(ip.total_len_be) - at - minimal_len + sizeof(ip)));
	ip.protocol = minimal.protocol;
	ip.dst = minimal.dst;
	if (minimal.flags & MINENC_FLAG_SOURCE)
		ip.src = minimal.src;
	ip.checksum_be = 0;
	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(out, &ip, sizeof(ip));
	memcpy(out + sizeof(ip), view->quoted + at + minimal_len, rest_len);
	*out_len = sizeof(ip) + rest_len;
	return 0;
}
