/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_traffic.h"

#include <string.h>

#include "lib/checksum.h"
#include "tests/unit/mobile/fa_bench.h"

#define CORRESPONDENT htobe32(0x0a010014)
#define INNER_LEN 40

/* A packet with `MN_TUNNEL_HEADROOM` bytes before it. */
struct carrier {
	uint8_t bytes[MN_TUNNEL_HEADROOM + 256];
};

static uint8_t *
put(struct carrier *carrier, be32 src, be32 dst)
{
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16(INNER_LEN),
		.ttl = 60,
		.protocol = IP_PROTOCOL_TCP,
		.src = src,
		.dst = dst,
	};
	uint8_t *at = carrier->bytes + MN_TUNNEL_HEADROOM;

	memset(carrier, 0x5a, sizeof(*carrier));
	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(at, &ip, sizeof(ip));
	return at;
}

static struct fa_visitor *
enter(struct fa_bench *bench, enum tunnel_kind kind, bool reverse)
{
	struct fa_visitor *visitor = fa_visitors_enter(fa_relay_visitors(bench->relay), FA_HOME);
	struct mn_tunnel_spec spec = {
		.kind = kind,
		.home_address = FA_HOME,
		.care_of = FA_CARE_OF,
		.home_agent = FA_HOME_AGENT,
		.port_be = htobe16(MIP_PORT),
		.reverse = reverse,
		.link_mtu = 1500,
	};

	visitor->has_tunnel = true;
	assert_int_equal(mn_tunnel_init(&visitor->tunnel, &spec), 0);
	return visitor;
}

/* The home agent's end of the same tunnel, as a tunnel of its own: the packet's source is nobody's business. */
static uint8_t *
tunnelled(struct carrier *carrier, enum tunnel_kind kind, be32 agent, size_t *len)
{
	struct mn_tunnel tunnel;
	struct mn_tunnel_spec spec = {
		.kind = kind,
		.home_address = CORRESPONDENT,
		.care_of = agent,
		.home_agent = FA_CARE_OF,
		.port_be = htobe16(MIP_PORT),
		.reverse = true,
		.link_mtu = 1500,
	};
	uint8_t *outer;

	assert_int_equal(mn_tunnel_init(&tunnel, &spec), 0);
	assert_int_equal(mn_tunnel_push(&tunnel, put(carrier, CORRESPONDENT, FA_HOME), INNER_LEN,
					&outer, len),
			 0);
	return outer;
}

static void
each_encapsulation_is_opened_for_its_visitor(void **state)
{
	struct fa_bench *bench = *state;
	struct fa_traffic traffic = {.visitors = fa_relay_visitors(bench->relay)};

	for (unsigned kind = 0; kind < TUNNEL_NEGOTIABLE_COUNT; kind++) {
		struct fa_visitor *visitor = enter(bench, (enum tunnel_kind)kind, true);
		struct carrier carrier, plain;
		uint8_t *inner;
		size_t len, inner_len;
		uint8_t *outer = tunnelled(&carrier, (enum tunnel_kind)kind, FA_HOME_AGENT, &len);

		assert_int_equal(fa_traffic_inner_destination(outer, len), FA_HOME);
		assert_ptr_equal(fa_traffic_open(&traffic, outer, len, &inner, &inner_len),
				 visitor);
		assert_int_equal(inner_len, INNER_LEN);
		/* TTL and its checksum are the tunnel's with minimal encapsulation */
		assert_memory_equal(inner + 12, put(&plain, CORRESPONDENT, FA_HOME) + 12,
				    INNER_LEN - 12);
		assert_int_equal(visitor->to_mobile_packets, kind + 1);
	}
}

static void
what_is_for_nobody_or_from_another_is_counted(void **state)
{
	struct fa_bench *bench = *state;
	struct fa_traffic traffic = {.visitors = fa_relay_visitors(bench->relay)};
	struct carrier carrier;
	uint8_t *inner;
	size_t len, inner_len;
	uint8_t *outer = tunnelled(&carrier, TUNNEL_IPIP, FA_HOME_AGENT, &len);

	assert_null(fa_traffic_open(&traffic, outer, len, &inner, &inner_len));
	assert_int_equal(traffic.strangers_from_agent, 1);
	(void)enter(bench, TUNNEL_IPIP, true);
	outer = tunnelled(&carrier, TUNNEL_IPIP, FA_OTHER_AGENT, &len);
	assert_null(fa_traffic_open(&traffic, outer, len, &inner, &inner_len));
	assert_int_equal(traffic.refused[MN_OPEN_WRONG_END], 1);
	outer = tunnelled(&carrier, TUNNEL_GRE, FA_HOME_AGENT, &len);
	assert_null(fa_traffic_open(&traffic, outer, len, &inner, &inner_len));
	assert_int_equal(traffic.refused[MN_OPEN_WRONG_KIND], 1);
}

static void
every_truncation_is_refused(void **state)
{
	struct fa_bench *bench = *state;
	struct fa_traffic traffic = {.visitors = fa_relay_visitors(bench->relay)};

	for (unsigned kind = 0; kind < TUNNEL_NEGOTIABLE_COUNT; kind++) {
		size_t len = 1;

		(void)enter(bench, (enum tunnel_kind)kind, true);
		for (size_t cut = 0; cut < len; cut++) {
			struct carrier carrier;
			uint8_t *inner;
			size_t inner_len;
			uint8_t *outer =
				tunnelled(&carrier, (enum tunnel_kind)kind, FA_HOME_AGENT, &len);

			assert_null(fa_traffic_open(&traffic, outer, cut, &inner, &inner_len));
		}
	}
}

static void
only_visitors_with_a_reverse_tunnel_get_into_it(void **state)
{
	struct fa_bench *bench = *state;
	struct fa_traffic traffic = {.visitors = fa_relay_visitors(bench->relay)};
	struct fa_visitor *visitor = enter(bench, TUNNEL_IPIP, false);
	struct carrier carrier;
	struct ip_header ip;
	uint8_t *outer;
	size_t len;

	assert_null(fa_traffic_push(&traffic, put(&carrier, FA_HOME, CORRESPONDENT), INNER_LEN,
				    &outer, &len));
	assert_int_equal(traffic.strangers_to_agent, 1);
	(void)enter(bench, TUNNEL_IPIP, true);
	assert_ptr_equal(fa_traffic_push(&traffic, put(&carrier, FA_HOME, CORRESPONDENT), INNER_LEN,
					 &outer, &len),
			 visitor);
	memcpy(&ip, outer, sizeof(ip));
	assert_int_equal(len, INNER_LEN + 20);
	assert_int_equal(ip.src, FA_CARE_OF);
	assert_int_equal(ip.dst, FA_HOME_AGENT);
	assert_null(fa_traffic_push(&traffic, put(&carrier, FA_OTHER_AGENT, CORRESPONDENT),
				    INNER_LEN, &outer, &len));
	assert_int_equal(traffic.strangers_to_agent, 2);
}

/* What the visitor encapsulates for us, in a tunnel of his own. */
static uint8_t *
delivered(struct carrier *carrier, enum tunnel_kind kind, be32 inner_src, be32 inner_dst,
	  size_t *len)
{
	struct mn_tunnel tunnel;
	struct mn_tunnel_spec spec = {
		.kind = kind,
		.home_address = inner_src,
		.care_of = FA_HOME,
		.home_agent = FA_LINK_ADDRESS,
		.reverse = true,
		.groups = true,
		.link_mtu = 1500,
	};
	uint8_t *outer;

	assert_int_equal(mn_tunnel_init(&tunnel, &spec), 0);
	assert_int_equal(
		mn_tunnel_push(&tunnel, put(carrier, inner_src, inner_dst), INNER_LEN, &outer, len),
		0);
	return outer;
}

static struct fa_visitor *
enter_encapsulating(struct fa_bench *bench, enum tunnel_kind kind)
{
	struct fa_visitor *visitor = enter(bench, kind, true);

	visitor->is_encapsulating = true;
	visitor->tunnel.spec.groups = true;
	return visitor;
}

static void
what_a_visitor_encapsulates_is_encapsulated_anew(void **state)
{
	const struct {
		enum tunnel_kind tunnel, delivery;
		be32 dst;
	} cases[] = {
		{TUNNEL_IPIP, TUNNEL_IPIP, 1},
		{TUNNEL_GRE, TUNNEL_GRE, 1},
		{TUNNEL_GRE, TUNNEL_IPIP, 1},
		{TUNNEL_MINENC, TUNNEL_MINENC, 1},
		{TUNNEL_UDP_GRE, TUNNEL_GRE, 1},
		{TUNNEL_UDP_IPIP, TUNNEL_IPIP, 1},
		{TUNNEL_IPIP, TUNNEL_IPIP, UINT32_MAX},
		{TUNNEL_IPIP, TUNNEL_IPIP, IP_MOBILE_AGENTS},
	};
	struct fa_bench *bench = *state;
	struct fa_traffic traffic = {.visitors = fa_relay_visitors(bench->relay)};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fa_visitor *visitor = enter_encapsulating(bench, cases[i].tunnel);
		be32 dst = cases[i].dst != 1 ? cases[i].dst : CORRESPONDENT;
		struct carrier carrier;
		struct ip_header ip;
		size_t len, outer_len;
		uint8_t *outer,
			*packet = delivered(&carrier, cases[i].delivery, FA_HOME, dst, &len);

		assert_ptr_equal(fa_traffic_relay(&traffic, packet, len, &outer, &outer_len),
				 visitor);
		memcpy(&ip, outer, sizeof(ip));
		assert_int_equal(ip.src, FA_CARE_OF);
		assert_int_equal(ip.dst, FA_HOME_AGENT);
		assert_int_equal(fa_traffic_inner_destination(outer, outer_len), dst);
		assert_int_equal(visitor->from_mobile_packets, i + 1);
	}
}

static void
a_delivery_that_is_not_right_is_counted(void **state)
{
	struct fa_bench *bench = *state;
	struct fa_traffic traffic = {.visitors = fa_relay_visitors(bench->relay)};
	const uint64_t *refused = traffic.refused_deliveries;
	struct carrier carrier;
	size_t len, outer_len;
	uint8_t *outer, *packet;

	/* from nobody, and from a visitor of the other style */
	packet = delivered(&carrier, TUNNEL_IPIP, FA_HOME, CORRESPONDENT, &len);
	assert_null(fa_traffic_relay(&traffic, packet, len, &outer, &outer_len));
	(void)enter(bench, TUNNEL_IPIP, true);
	assert_null(fa_traffic_relay(&traffic, packet, len, &outer, &outer_len));
	assert_int_equal(traffic.strangers_to_agent, 2);
	(void)enter_encapsulating(bench, TUNNEL_IPIP);
	assert_null(fa_traffic_push(&traffic, put(&carrier, FA_HOME, CORRESPONDENT), INNER_LEN,
				    &outer, &outer_len));
	assert_int_equal(traffic.strangers_to_agent, 3);
	packet = delivered(&carrier, TUNNEL_IPIP, FA_OTHER_AGENT, CORRESPONDENT, &len);
	assert_null(fa_traffic_relay(&traffic, packet, len, &outer, &outer_len));
	assert_int_equal(refused[MN_OPEN_INNER_NOT_OURS], 1);
	packet = delivered(&carrier, TUNNEL_GRE, FA_HOME, CORRESPONDENT, &len);
	assert_null(fa_traffic_relay(&traffic, packet, len, &outer, &outer_len));
	assert_int_equal(refused[MN_OPEN_WRONG_KIND], 1);
	for (size_t cut = 0; cut < len; cut++) {
		packet = delivered(&carrier, TUNNEL_IPIP, FA_HOME, CORRESPONDENT, &len);
		assert_null(fa_traffic_relay(&traffic, packet, cut < len ? cut : 0, &outer,
					     &outer_len));
	}
}

static void
note_too_big(void *context, const struct fa_visitor *visitor, const uint8_t *packet, size_t len)
{
	*(size_t *)context = len;
}

static void
what_does_not_fit_into_the_tunnel_is_told(void **state)
{
	struct fa_bench *bench = *state;
	size_t told, len;
	struct fa_traffic traffic = {.visitors = fa_relay_visitors(bench->relay),
				     .on_too_big = note_too_big,
				     .context = &told};
	struct fa_visitor *visitor = enter(bench, TUNNEL_IPIP, true);
	struct carrier carrier;
	struct ip_header ip;
	uint8_t *outer, *packet;

	visitor->tunnel.recipe.inner_mtu = INNER_LEN - 1;
	assert_ptr_equal(fa_traffic_push(&traffic, put(&carrier, FA_HOME, CORRESPONDENT), INNER_LEN,
					 &outer, &len),
			 visitor);
	for (unsigned i = 1; i <= 2; i++) {
		packet = put(&carrier, FA_HOME, CORRESPONDENT);
		memcpy(&ip, packet, sizeof(ip));
		ip.fragment_be = htobe16(IP_FLAG_DF);
		ip.checksum_be = 0;
		ip.checksum_be = checksum_of(&ip, sizeof(ip));
		memcpy(packet, &ip, sizeof(ip));
		told = 0;
		if (i == 2) {
			/* in IP-in-IP, for us */
			visitor->is_encapsulating = true;
			ip.total_len_be = htobe16(INNER_LEN + 20);
			ip.protocol = IP_PROTOCOL_IPIP;
			memcpy(packet - 20, &ip, sizeof(ip));
			assert_null(fa_traffic_relay(&traffic, packet - 20, INNER_LEN + 20, &outer,
						     &len));
		} else {
			assert_null(fa_traffic_push(&traffic, packet, INNER_LEN, &outer, &len));
		}
		assert_int_equal(traffic.too_big, i);
		assert_int_equal(told, INNER_LEN);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FA_TEST(each_encapsulation_is_opened_for_its_visitor),
		FA_TEST(what_is_for_nobody_or_from_another_is_counted),
		FA_TEST(every_truncation_is_refused),
		FA_TEST(only_visitors_with_a_reverse_tunnel_get_into_it),
		FA_TEST(what_a_visitor_encapsulates_is_encapsulated_anew),
		FA_TEST(a_delivery_that_is_not_right_is_counted),
		FA_TEST(what_does_not_fit_into_the_tunnel_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
