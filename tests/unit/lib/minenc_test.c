/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/minenc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/checksum.h"
#include "lib/wire_mip.h"

#define AGENT htobe32(0xc0000201)
#define CARE_OF htobe32(0xcb007105)
#define ROOM 32

/* A packet with `options_len` bytes of options and `data_len` of data; returns its length. */
static size_t
make_packet(uint8_t *packet, be32 src, size_t options_len, size_t data_len)
{
	size_t header_len = sizeof(struct ip_header) + options_len;
	struct ip_header ip = {
		.version_ihl = (uint8_t)(0x40 | header_len / 4),
		.tos = 0xb9,
		.total_len_be = htobe16((uint16_t)(header_len + data_len)),
		.id_be = htobe16(0x1234),
		.fragment_be = htobe16(IP_FLAG_DF),
		.ttl = 61,
		.protocol = IP_PROTOCOL_TCP,
		.src = src,
		.dst = htobe32(0x0a010007),
	};

	memset(packet + sizeof(ip), 1, options_len); /* no operation */
	for (size_t i = 0; i < data_len; i++)
		packet[header_len + i] = (uint8_t)(rand() >> 7);
	memcpy(packet, &ip, sizeof(ip));
	ip.checksum_be = checksum_of(packet, header_len);
	memcpy(packet, &ip, sizeof(ip));
	return header_len + data_len;
}

static struct minenc_outer
outer_of(bool is_udp)
{
	return (struct minenc_outer){
		.src = AGENT,
		.dst = CARE_OF,
		.is_udp = is_udp,
		.src_port_be = htobe16(MIP_PORT),
		.dst_port_be = htobe16(50000),
	};
}

static void
a_packet_has_the_bytes_that_rfc_2004_draws(void **state)
{
	uint8_t room[ROOM + 64], *packet = room + ROOM;
	struct minenc_outer outer = outer_of(false);
	size_t len = make_packet(packet, htobe32(0xc6336407), 0, 10);
	/* protocol 6, S; destination, source; the checksum by hand: 0680 + 0a01 + 0007 + c633 + 6407 */
	const uint8_t minimal[12] = {6, 0x80, 0xc5, 0x3c, 10, 1, 0, 7, 198, 51, 100, 7};
	struct ip_header ip;
	uint16_t pushed_len;

	(void)state;
	assert_int_equal(minenc_push(&outer, packet, len, &pushed_len), 0);
	assert_int_equal(pushed_len, 12);
	memcpy(&ip, packet - 12, sizeof(ip));
	assert_int_equal(ip.version_ihl, IP_VERSION_IHL_PLAIN);
	assert_int_equal(ip.tos, 0xb9);
	assert_int_equal(be16toh(ip.total_len_be), 42);
	assert_int_equal(be16toh(ip.id_be), 0x1234);
	assert_int_equal(be16toh(ip.fragment_be), IP_FLAG_DF);
	assert_int_equal(ip.ttl, 61);
	assert_int_equal(ip.protocol, IP_PROTOCOL_MINENC);
	assert_int_equal(ip.src, AGENT);
	assert_int_equal(ip.dst, CARE_OF);
	assert_int_equal(checksum_of(&ip, sizeof(ip)), 0);
	assert_memory_equal(packet + 8, minimal, sizeof(minimal));
}

static void
in_udp_the_headers_of_rfc_3519_stand_between(void **state)
{
	uint8_t room[ROOM + 64], *packet = room + ROOM;
	struct minenc_outer outer = outer_of(true);
	size_t len = make_packet(packet, htobe32(0xc6336407), 0, 10);
	const uint8_t between[12] = {434 >> 8, 434 & 0xff, 50000 >> 8, 50000 & 0xff, 0, 34,
				     0,	       0,	   4,	       55,	     0, 0};
	uint16_t pushed_len;

	(void)state;
	outer.ttl = 64;
	assert_int_equal(minenc_push(&outer, packet, len, &pushed_len), 0);
	assert_int_equal(pushed_len, 24);
	assert_int_equal(packet[-24 + 9], IP_PROTOCOL_UDP);
	assert_int_equal(packet[-24 + 8], 64);
	assert_memory_equal(packet - 4, between, sizeof(between));
}

static void
the_source_is_left_out_when_it_is_the_tunnels(void **state)
{
	uint8_t room[ROOM + 64], *packet = room + ROOM;
	struct minenc_outer outer = outer_of(false);
	size_t len = make_packet(packet, AGENT, 0, 10);
	uint16_t pushed_len, stripped_len;

	(void)state;
	assert_int_equal(minenc_push(&outer, packet, len, &pushed_len), 0);
	assert_int_equal(pushed_len, 8);
	assert_int_equal(packet[12 + 1], 0);
	assert_int_equal(minenc_strip(packet - 8, len + 8, 20, &stripped_len), 0);
	assert_int_equal(stripped_len, 8);
	assert_memory_equal(packet + 12, &(be32){AGENT}, 4);
}

static void
what_was_pushed_is_restored_at_any_alignment(void **state)
{
	(void)state;
	srand(9);
	for (unsigned round = 0; round < 4000; round++) {
		uint8_t room[ROOM + 4 + 60 + 200], before[260];
		uint8_t *packet = room + ROOM + round % 4;
		size_t options_len = (size_t)(rand() % 11) * 4;
		size_t len = make_packet(packet, rand() % 3 ? (be32)rand() : AGENT, options_len,
					 (size_t)rand() % 200);
		struct minenc_outer outer = outer_of(rand() % 2);
		uint16_t pushed_len, stripped_len;
		size_t padding = (size_t)rand() % 3 ? 0 : 3; /* of a link behind the packet */
		size_t at = sizeof(struct ip_header) + options_len + (outer.is_udp ? 12 : 0);

		memcpy(before, packet, len);
		if (len + padding > sizeof(before))
			padding = 0;
		assert_int_equal(minenc_push(&outer, packet, len, &pushed_len), 0);
		assert_int_equal(minenc_strip(packet - pushed_len, len + pushed_len + padding, at,
					      &stripped_len),
				 0);
		assert_int_equal(stripped_len, pushed_len);
		assert_memory_equal(packet, before, len);
	}
}

static void
packets_that_minimal_encapsulation_cannot_carry_are_refused(void **state)
{
	static uint8_t room[ROOM + UINT16_MAX];
	uint8_t *packet = room + ROOM;
	struct minenc_outer outer = outer_of(false);
	size_t len = make_packet(packet, htobe32(1), 0, 10);
	uint16_t pushed_len;

	(void)state;
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(minenc_push(&outer, packet, cut, &pushed_len), -EINVAL);
	packet[6] = IP_FLAG_MF >> 8;
	assert_int_equal(minenc_push(&outer, packet, len, &pushed_len), -EINVAL);
	packet[6] = 0;
	packet[7] = 1; /* a later fragment */
	assert_int_equal(minenc_push(&outer, packet, len, &pushed_len), -EINVAL);
	packet[7] = 0;
	packet[0] = 0x44;
	assert_int_equal(minenc_push(&outer, packet, len, &pushed_len), -EINVAL);
	packet[0] = 0x65;
	assert_int_equal(minenc_push(&outer, packet, len, &pushed_len), -EINVAL);

	len = make_packet(packet, htobe32(1), 0, UINT16_MAX - 20 - 12);
	assert_int_equal(minenc_push(&outer, packet, len, &pushed_len), 0);
	len = make_packet(packet, htobe32(1), 0, UINT16_MAX - 20 - 11);
	assert_int_equal(minenc_push(&outer, packet, len, &pushed_len), -EMSGSIZE);
}

static void
a_damaged_tunnel_packet_is_refused_and_left_alone(void **state)
{
	uint8_t room[ROOM + 64], good[96], *packet = room + ROOM;
	struct minenc_outer outer = outer_of(false);
	size_t len = make_packet(packet, htobe32(1), 0, 10);
	uint16_t pushed_len, stripped_len;

	(void)state;
	assert_int_equal(minenc_push(&outer, packet, len, &pushed_len), 0);
	packet -= pushed_len;
	len += pushed_len;
	memcpy(good, packet, len);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(minenc_strip(packet, cut, 20, &stripped_len), -EINVAL);
	for (size_t at = 0; at < 20; at++)
		assert_int_equal(minenc_strip(packet, len, at, &stripped_len), -EINVAL);
	assert_int_equal(minenc_strip(packet, len, len - 7, &stripped_len), -EINVAL);
	assert_int_equal(minenc_strip(packet, len, SIZE_MAX, &stripped_len), -EINVAL);
	packet[len - 9] |= MINENC_FLAG_SOURCE; /* a header of 12 bytes where 10 are left */
	assert_int_equal(minenc_strip(packet, len, len - 10, &stripped_len), -EINVAL);
	packet[len - 9] = good[len - 9];
	for (unsigned bit = 20 * 8; bit < 32 * 8; bit++) {
		int ret;

		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ret = minenc_strip(packet, len, 20, &stripped_len);
		assert_int_equal(ret, -EBADMSG);
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	packet[6] = IP_FLAG_MF >> 8;
	assert_int_equal(minenc_strip(packet, len, 20, &stripped_len), -EINVAL);
	packet[6] = good[6];
	assert_memory_equal(packet, good, len);
	assert_int_equal(minenc_strip(packet, len, 20, &stripped_len), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_has_the_bytes_that_rfc_2004_draws),
		cmocka_unit_test(in_udp_the_headers_of_rfc_3519_stand_between),
		cmocka_unit_test(the_source_is_left_out_when_it_is_the_tunnels),
		cmocka_unit_test(what_was_pushed_is_restored_at_any_alignment),
		cmocka_unit_test(packets_that_minimal_encapsulation_cannot_carry_are_refused),
		cmocka_unit_test(a_damaged_tunnel_packet_is_refused_and_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
