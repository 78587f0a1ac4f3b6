/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/ip_check.h"
#include "mobile/fa_traffic.h"
#include "tests/fuzz/fa_relay_steps.h"

/*
 * Any packet on its way through a foreign agent: out of the home agent's tunnel, out of a visitor's encapsulating
 * delivery, or plain from him. The first octet: which way (modulo 3), and the kind of tunnel (the rest); the second:
 * what is made right before it goes in, so that inputs get deep; the rest is the packet.
 */
enum repair {
	REPAIR_OUTER = 0x01,	/* version, length, addresses and checksum of the outer header */
	REPAIR_PROTOCOL = 0x02, /* the tunnel's */
	REPAIR_INNER =
		0x04, /* the same of an IP-in-IP packet's inner header, but for the protocol */
};

static void
repair(uint8_t *at, size_t len, be32 src, be32 dst)
{
	struct ip_header ip;

	if (len < sizeof(ip))
		return;
	memcpy(&ip, at, sizeof(ip));
	ip.version_ihl = IP_VERSION_IHL_PLAIN;
	ip.total_len_be = htobe16((uint16_t)len);
	ip.src = src;
	ip.dst = dst;
	ip.checksum_be = 0;
	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(at, &ip, sizeof(ip));
}

static void
ignore_too_big(void *context, const struct fa_visitor *visitor, const uint8_t *packet, size_t len)
{
}

static struct fa_visitor *
enter(struct fa_bench *bench, enum tunnel_kind kind, bool is_encapsulating)
{
	struct fa_visitor *visitor = fa_visitors_enter(fa_relay_visitors(bench->relay), FA_HOME);
	const struct mn_tunnel_spec spec = {
		.kind = kind,
		.home_address = FA_HOME,
		.care_of = FA_CARE_OF,
		.home_agent = FA_HOME_AGENT,
		.port_be = htobe16(MIP_PORT),
		.reverse = true,
		.groups = is_encapsulating,
		.link_mtu = 1500,
	};

	visitor->has_tunnel = true;
	visitor->is_encapsulating = is_encapsulating;
	CHECK(mn_tunnel_init(&visitor->tunnel, &spec) == 0);
	return visitor;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { FROM_AGENT, DELIVERED, PLAIN } way;
	struct fa_traffic traffic = {.on_too_big = ignore_too_big};
	struct fa_visitor *visitor, *mover;
	enum tunnel_kind kind;
	uint8_t *bytes, *packet, *result;
	size_t len, result_len;
	struct fa_bench *bench;

	if (size < 2)
		return 0;
	len = size - 2;
	way = data[0] % 3;
	kind = (enum tunnel_kind)(data[0] / 3 % TUNNEL_NEGOTIABLE_COUNT);
	bench = fa_steps_begin();
	traffic.visitors = fa_relay_visitors(bench->relay);
	visitor = enter(bench, kind, way == DELIVERED);
	bytes = malloc(MN_TUNNEL_HEADROOM + len);
	CHECK(bytes != NULL);
	packet = bytes + MN_TUNNEL_HEADROOM;
	memcpy(packet, data + 2, len);
	if ((data[1] & REPAIR_PROTOCOL) != 0 && len > 9)
		packet[9] = tunnel_is_udp(kind) && way == FROM_AGENT ? IP_PROTOCOL_UDP
								     : tunnel_protocol(kind);
	if ((data[1] & REPAIR_INNER) != 0 && len > 20)
		repair(packet + 20, len - 20, way == FROM_AGENT ? FA_OTHER_AGENT : FA_HOME,
		       way == FROM_AGENT ? FA_HOME : FA_OTHER_AGENT);
	if ((data[1] & REPAIR_OUTER) != 0)
		repair(packet, len, way == FROM_AGENT ? FA_HOME_AGENT : FA_HOME,
		       way == FROM_AGENT ? FA_CARE_OF : FA_LINK_ADDRESS);
	if (way == FROM_AGENT)
		mover = fa_traffic_open(&traffic, packet, len, &result, &result_len);
	else if (way == DELIVERED)
		mover = fa_traffic_relay(&traffic, packet, len, &result, &result_len);
	else
		mover = fa_traffic_push(&traffic, packet, len, &result, &result_len);
	/* what comes out is whole, and nobody else's */
	if (mover != NULL) {
		CHECK(mover == visitor && result >= bytes);
		CHECK(result + result_len <= bytes + MN_TUNNEL_HEADROOM + len);
		CHECK(ip_check_lengths((const struct ip_header *)result, (uint32_t)result_len) ==
		      IP_OK);
	}
	free(bytes);
	fa_steps_end(bench);
	return 0;
}
