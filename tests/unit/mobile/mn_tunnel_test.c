/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/prefix.h"
#include "mobile/mn_tunnel.h"

#define PAYLOAD_LEN 12
#define INNER_LEN 32

/* The tunnel of a mobile, and the mirrored one that plays its home agent: what one pushes, the
 * other opens. */
struct bench {
	struct mn_tunnel mobile;
	struct mn_tunnel agent;
	uint8_t buffer[MN_TUNNEL_HEADROOM + 128];
	uint8_t *packet; /* in the buffer, behind the head room */
};

static be32
address(const char *text)
{
	be32 value;

	assert_int_equal(address_parse(text, &value), 0);
	return value;
}

static void
prepare(struct bench *bench, enum tunnel_kind kind)
{
	struct mn_tunnel_spec spec = {
		.kind = kind,
		.home_address = address("10.1.0.7"),
		.care_of = address("172.16.5.9"),
		.home_agent = address("10.1.0.1"),
		.port_be = htobe16(MIP_PORT),
		.reverse = true,
		.link_mtu = 1500,
	};

	memset(bench, 0, sizeof(*bench));
	bench->packet = bench->buffer + MN_TUNNEL_HEADROOM;
	assert_int_equal(mn_tunnel_init(&bench->mobile, &spec), 0);
	spec.care_of = address("10.1.0.1");
	spec.home_agent = address("172.16.5.9");
	spec.home_address = address("10.9.0.1");
	assert_int_equal(mn_tunnel_init(&bench->agent, &spec), 0);
}

static void
write_inner(struct bench *bench, const char *src, const char *dst, uint8_t tos)
{
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.tos = tos,
		.total_len_be = htobe16(INNER_LEN),
		.id_be = htobe16(0x4242),
		.fragment_be = htobe16(IP_FLAG_DF),
		.ttl = 33,
		.protocol = IP_PROTOCOL_UDP,
		.src = address(src),
		.dst = address(dst),
	};

	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(bench->packet, &ip, sizeof(ip));
	memset(bench->packet + sizeof(ip), 0x5a, PAYLOAD_LEN);
}

/* A packet from the correspondent, as the home agent sends it. */
static void
push_from_agent(struct bench *bench, uint8_t tos, uint8_t **outer, size_t *outer_len)
{
	write_inner(bench, "10.9.0.1", "10.1.0.7", tos);
	assert_int_equal(mn_tunnel_push(&bench->agent, bench->packet, INNER_LEN, outer, outer_len),
			 0);
}

static void
ip_in_ip_bytes_are_rfc_2003s(void **state)
{
	static const uint8_t expected[20] = {
		0x45, 0xb8, 0x00, 52, 0x00, 0x00, 0x40, 0x00, 64, 4,
		0,    0,    172,  16, 5,    9,	  10,	1,    0,  1,
	};
	struct bench bench;
	uint8_t *outer;
	size_t len;

	prepare(&bench, TUNNEL_IPIP);
	write_inner(&bench, "10.1.0.7", "10.9.0.1", 0xb8);
	assert_int_equal(mn_tunnel_push(&bench.mobile, bench.packet, INNER_LEN, &outer, &len), 0);
	assert_int_equal(len, 52);
	assert_memory_equal(outer, expected, 10);
	assert_memory_equal(outer + 12, expected + 12, 8);
	assert_int_equal(checksum_of(outer, 20), 0);
	assert_ptr_equal(outer + 20, bench.packet);
	assert_int_equal(mn_tunnel_mtu(&bench.mobile), 1480);
}

static void
udp_bytes_are_rfc_3519s(void **state)
{
	static const uint8_t expected[12] = {0x1f, 0x90, 0x01, 0xb2, 0, 44, 0, 0, 4, 4, 0, 0};
	struct bench bench;
	uint8_t *outer;
	size_t len;

	prepare(&bench, TUNNEL_UDP_IPIP);
	bench.mobile.spec.port_be = htobe16(8080);
	assert_int_equal(mn_tunnel_init(&bench.mobile, &bench.mobile.spec), 0);
	write_inner(&bench, "10.1.0.7", "10.9.0.1", 0);
	assert_int_equal(mn_tunnel_push(&bench.mobile, bench.packet, INNER_LEN, &outer, &len), 0);
	assert_int_equal(len, 64);
	assert_int_equal(outer[9], IP_PROTOCOL_UDP);
	assert_memory_equal(outer + 20, expected, sizeof(expected));
	assert_int_equal(mn_tunnel_mtu(&bench.mobile), 1468);
}

static void
what_the_agent_pushes_the_mobile_opens_in_every_kind(void **state)
{
	for (unsigned kind = 0; kind < TUNNEL_NEGOTIABLE_COUNT; kind++) {
		struct bench bench;
		uint8_t *outer, *inner, original[INNER_LEN];
		size_t len;

		prepare(&bench, (enum tunnel_kind)kind);
		write_inner(&bench, "10.9.0.1", "10.1.0.7", 0);
		memcpy(original, bench.packet, INNER_LEN);
		push_from_agent(&bench, 0, &outer, &len);
		assert_int_equal(mn_tunnel_open(&bench.mobile, outer, len, &inner, &len),
				 MN_OPEN_FINE);
		assert_int_equal(len, INNER_LEN);
		if (tunnel_is_minenc((enum tunnel_kind)kind))
			assert_memory_equal(inner + 12, original + 12, INNER_LEN - 12);
		else
			assert_memory_equal(inner, original, INNER_LEN);
	}
}

static void
every_cut_is_refused_in_every_kind(void **state)
{
	for (unsigned kind = 0; kind < TUNNEL_NEGOTIABLE_COUNT; kind++) {
		for (size_t cut = 0; cut < 60; cut++) {
			struct bench bench;
			uint8_t *outer, *inner, exact[96];
			struct ip_header *ip = (struct ip_header *)exact;
			size_t len;

			prepare(&bench, (enum tunnel_kind)kind);
			push_from_agent(&bench, 0, &outer, &len);
			if (cut >= len)
				break;
			memcpy(exact, outer, len);
			/* once as a packet cut off, once as one that admits to be short */
			assert_int_not_equal(
				mn_tunnel_open(&bench.mobile, exact, cut, &inner, &len),
				MN_OPEN_FINE);
			/* minimal encapsulation keeps no inner length that could contradict */
			if (kind == TUNNEL_MINENC && cut >= 32)
				continue;
			ip->total_len_be = htobe16((uint16_t)cut);
			assert_int_not_equal(
				mn_tunnel_open(&bench.mobile, exact, cut, &inner, &len),
				MN_OPEN_FINE);
		}
	}
}

static void
what_does_not_belong_to_the_tunnel_is_refused(void **state)
{
	/* one octet of the outer packet changed */
	static const struct {
		enum tunnel_kind kind;
		unsigned at;
		uint8_t is;
		enum mn_open_verdict verdict;
	} cases[] = {
		{TUNNEL_IPIP, 15, 2, MN_OPEN_WRONG_END},	/* source */
		{TUNNEL_IPIP, 19, 8, MN_OPEN_WRONG_END},	/* destination */
		{TUNNEL_IPIP, 9, 47, MN_OPEN_WRONG_KIND},	/* protocol */
		{TUNNEL_IPIP, 9, 55, MN_OPEN_WRONG_KIND},	/* protocol */
		{TUNNEL_IPIP, 0, 0x65, MN_OPEN_MALFORMED},	/* version */
		{TUNNEL_IPIP, 20, 0x65, MN_OPEN_INNER_INVALID}, /* inner version */
		{TUNNEL_IPIP, 28, 0, MN_OPEN_INNER_INVALID},	/* inner TTL and checksum */
		{TUNNEL_IPIP, 39, 8, MN_OPEN_INNER_INVALID},	/* inner checksum */
		{TUNNEL_UDP_IPIP, 9, 4, MN_OPEN_WRONG_KIND},	/* not in UDP */
		{TUNNEL_UDP_IPIP, 21, 1, MN_OPEN_WRONG_END},	/* source port */
		{TUNNEL_UDP_IPIP, 23, 1, MN_OPEN_WRONG_END},	/* destination port */
		{TUNNEL_UDP_IPIP, 25, 200, MN_OPEN_MALFORMED},	/* UDP length */
		{TUNNEL_UDP_IPIP, 28, 3, MN_OPEN_MALFORMED},	/* not tunnel data */
		{TUNNEL_UDP_IPIP, 29, 47, MN_OPEN_WRONG_KIND},	/* next header */
		{TUNNEL_GRE, 20, 0x20, MN_OPEN_MALFORMED},	/* key present */
		{TUNNEL_GRE, 21, 1, MN_OPEN_MALFORMED},		/* version 1 */
		{TUNNEL_GRE, 22, 0x86, MN_OPEN_MALFORMED},	/* IPv6 */
		{TUNNEL_GRE, 20, 0x80, MN_OPEN_CHECKSUM},	/* checksum not right */
		{TUNNEL_MINENC, 22, 0xff, MN_OPEN_CHECKSUM},	/* checksum */
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct bench bench;
		uint8_t *outer, *inner;
		size_t len;

		prepare(&bench, cases[i].kind);
		push_from_agent(&bench, 0, &outer, &len);
		outer[cases[i].at] = cases[i].is;
		assert_int_equal(mn_tunnel_open(&bench.mobile, outer, len, &inner, &len),
				 cases[i].verdict);
	}
}

static void
inner_packets_of_others_are_refused(void **state)
{
	static const struct {
		const char *src, *dst;
		bool broadcasts;
		enum mn_open_verdict verdict;
	} cases[] = {
		{"10.9.0.1", "10.1.0.8", false, MN_OPEN_INNER_NOT_OURS},
		{"10.1.0.7", "10.1.0.7", false, MN_OPEN_INNER_NOT_OURS},
		{"127.0.0.1", "10.1.0.7", false, MN_OPEN_INNER_NOT_OURS},
		{"10.9.0.1", "255.255.255.255", false, MN_OPEN_INNER_NOT_OURS},
		{"10.9.0.1", "255.255.255.255", true, MN_OPEN_FINE},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct bench bench;
		uint8_t *inner;
		size_t len = 52;

		prepare(&bench, TUNNEL_IPIP);
		bench.mobile.spec.broadcasts = cases[i].broadcasts;
		write_inner(&bench, cases[i].src, cases[i].dst, 0);
		recipe_push(&bench.agent.recipe, bench.packet, INNER_LEN, 0);
		assert_int_equal(
			mn_tunnel_open(&bench.mobile, bench.packet - 20, len, &inner, &len),
			cases[i].verdict);
	}
}

static void
congestion_marks_are_passed_on_as_rfc_6040_asks(void **state)
{
	static const struct {
		uint8_t inner, outer;
		enum mn_open_verdict verdict;
		uint8_t result;
	} cases[] = {
		{ECN_NOT_ECT, ECN_NOT_ECT, MN_OPEN_FINE, ECN_NOT_ECT},
		{ECN_NOT_ECT, ECN_ECT0, MN_OPEN_FINE, ECN_NOT_ECT},
		{ECN_NOT_ECT, ECN_CE, MN_OPEN_ECN, 0},
		{ECN_ECT0, ECN_CE, MN_OPEN_FINE, ECN_CE},
		{ECN_ECT0, ECN_ECT1, MN_OPEN_FINE, ECN_ECT1},
		{ECN_ECT1, ECN_CE, MN_OPEN_FINE, ECN_CE},
		{ECN_CE, ECN_NOT_ECT, MN_OPEN_FINE, ECN_CE},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct bench bench;
		uint8_t *outer, *inner;
		size_t len;

		prepare(&bench, TUNNEL_IPIP);
		push_from_agent(&bench, (uint8_t)(0xb8 | cases[i].inner), &outer, &len);
		outer[1] = (uint8_t)(0xb8 | cases[i].outer);
		assert_int_equal(mn_tunnel_open(&bench.mobile, outer, len, &inner, &len),
				 cases[i].verdict);
		if (cases[i].verdict != MN_OPEN_FINE)
			continue;
		assert_int_equal(inner[1], 0xb8 | cases[i].result);
		assert_int_equal(checksum_of(inner, 20), 0);
	}
}

static void
only_the_home_address_and_single_hosts_go_in(void **state)
{
	static const struct {
		const char *src, *dst;
		int result;
	} cases[] = {
		{"10.1.0.7", "10.9.0.1", 0},
		{"10.1.0.8", "10.9.0.1", -EADDRNOTAVAIL},
		{"172.16.5.9", "10.9.0.1", -EADDRNOTAVAIL},
		{"10.1.0.7", "224.0.0.22", -EINVAL},
		{"10.1.0.7", "255.255.255.255", -EINVAL},
	};
	struct bench bench;
	uint8_t *outer;
	size_t len;

	prepare(&bench, TUNNEL_IPIP);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		write_inner(&bench, cases[i].src, cases[i].dst, 0);
		assert_int_equal(
			mn_tunnel_push(&bench.mobile, bench.packet, INNER_LEN, &outer, &len),
			cases[i].result);
	}
	write_inner(&bench, "10.1.0.7", "10.9.0.1", 0);
	assert_int_equal(mn_tunnel_push(&bench.mobile, bench.packet, 31, &outer, &len), -EINVAL);
	bench.packet[8] = 0; /* time to live */
	assert_int_equal(mn_tunnel_push(&bench.mobile, bench.packet, 32, &outer, &len), -EINVAL);
}

static void
without_reverse_tunnel_packets_go_as_they_are(void **state)
{
	struct bench bench;
	uint8_t *outer;
	size_t len;

	prepare(&bench, TUNNEL_IPIP);
	bench.mobile.spec.reverse = false;
	write_inner(&bench, "10.1.0.7", "10.9.0.1", 0);
	assert_int_equal(mn_tunnel_push(&bench.mobile, bench.packet, INNER_LEN, &outer, &len), 0);
	assert_ptr_equal(outer, bench.packet);
	assert_int_equal(len, INNER_LEN);
}

static void
a_link_too_small_for_the_tunnel_is_refused(void **state)
{
	struct bench bench;

	prepare(&bench, TUNNEL_IPIP);
	bench.mobile.spec.link_mtu = 80;
	assert_int_equal(mn_tunnel_init(&bench.mobile, &bench.mobile.spec), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ip_in_ip_bytes_are_rfc_2003s),
		cmocka_unit_test(udp_bytes_are_rfc_3519s),
		cmocka_unit_test(what_the_agent_pushes_the_mobile_opens_in_every_kind),
		cmocka_unit_test(every_cut_is_refused_in_every_kind),
		cmocka_unit_test(what_does_not_belong_to_the_tunnel_is_refused),
		cmocka_unit_test(inner_packets_of_others_are_refused),
		cmocka_unit_test(congestion_marks_are_passed_on_as_rfc_6040_asks),
		cmocka_unit_test(only_the_home_address_and_single_hosts_go_in),
		cmocka_unit_test(without_reverse_tunnel_packets_go_as_they_are),
		cmocka_unit_test(a_link_too_small_for_the_tunnel_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
