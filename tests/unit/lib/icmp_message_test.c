/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/icmp_message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/checksum.h"

#define HOST 0xc6336407
#define US 0xc0000201
#define HEADERS 28

/* A packet of `len` bytes; returns `len`. */
static size_t
make_packet(uint8_t *packet, uint32_t src, uint32_t dst, uint8_t protocol, size_t len)
{
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.tos = 0xbb,
		.total_len_be = htobe16((uint16_t)len),
		.ttl = 7,
		.protocol = protocol,
		.src = htobe32(src),
		.dst = htobe32(dst),
	};

	for (size_t i = sizeof(ip); i < len; i++)
		packet[i] = (uint8_t)(i * 7);
	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(packet, &ip, sizeof(ip));
	return len;
}

/* The same, an ICMP message of that type with a right checksum. */
static size_t
make_icmp(uint8_t *packet, uint8_t type, size_t len)
{
	be16 checksum_be;

	make_packet(packet, HOST, US, IP_PROTOCOL_ICMP, len);
	packet[20] = type;
	packet[21] = 0;
	memset(packet + 22, 0, 2);
	checksum_be = checksum_of(packet + 20, len - 20);
	memcpy(packet + 22, &checksum_be, 2);
	return len;
}

static struct icmp_error too_big = {
	.type = ICMP_TYPE_UNREACHABLE,
	.code = ICMP_CODE_FRAGMENTATION_NEEDED,
	.mtu = 1400,
};

static int
set_up(void **state)
{
	(void)state;
	too_big.src = htobe32(US);
	too_big.id_be = htobe16(0x4242);
	return 0;
}

static void
errors_are_due_where_rfc_1812_allows_them(void **state)
{
	static const struct {
		const char *what;
		uint32_t src, dst;
		bool was_broadcast, is_due;
	} cases[] = {
		{"plain", HOST, US, false, true},
		{"link broadcast", HOST, US, true, false},
		{"to multicast", HOST, 0xe0000001, false, false},
		{"to class E", HOST, 0xf0000001, false, false},
		{"to broadcast", HOST, 0xffffffff, false, false},
		{"from zero", 0, US, false, false},
		{"from this network", 0x00000007, US, false, false},
		{"from loopback", 0x7f000001, US, false, false},
		{"from multicast", 0xe0000005, US, false, false},
		{"from class E", 0xf0000001, US, false, false},
		{"from broadcast", 0xffffffff, US, false, false},
	};
	uint8_t packet[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		make_packet(packet, cases[i].src, cases[i].dst, IP_PROTOCOL_UDP, 64);
		if (icmp_error_is_due(packet, 64, cases[i].was_broadcast) != cases[i].is_due)
			fail_msg("%s", cases[i].what);
	}
}

static void
only_the_first_fragment_may_be_answered(void **state)
{
	uint8_t packet[64];

	(void)state;
	make_packet(packet, HOST, US, IP_PROTOCOL_UDP, 64);
	packet[6] = IP_FLAG_MF >> 8;
	assert_true(icmp_error_is_due(packet, 64, false));
	packet[7] = 1;
	assert_false(icmp_error_is_due(packet, 64, false));
	packet[6] = 0;
	assert_false(icmp_error_is_due(packet, 64, false));
}

static void
no_error_is_about_an_error_or_what_might_be_one(void **state)
{
	uint8_t packet[64];

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		bool is_query =
			type == 0 || (type >= 8 && type <= 10) || (type >= 13 && type <= 18);

		make_icmp(packet, (uint8_t)type, 64);
		assert_int_equal(icmp_error_is_due(packet, 64, false), is_query);
	}
	make_packet(packet, HOST, US, IP_PROTOCOL_ICMP, 20);
	assert_false(icmp_error_is_due(packet, 20, false));
}

static void
nothing_is_due_about_a_broken_packet(void **state)
{
	uint8_t packet[64];

	(void)state;
	make_packet(packet, HOST, US, IP_PROTOCOL_UDP, 64);
	for (size_t len = 0; len < 64; len++)
		assert_false(icmp_error_is_due(packet, len, false));
	packet[0] = 0x44;
	assert_false(icmp_error_is_due(packet, 64, false));
	packet[0] = 0x65;
	assert_false(icmp_error_is_due(packet, 64, false));
}

static void
an_error_has_the_bytes_that_its_receiver_expects(void **state)
{
	uint8_t packet[2000], out[2 * ICMP_ERROR_SIZE_MAX];
	struct ip_header ip;
	struct icmp_header icmp;
	size_t out_len;

	(void)state;
	for (size_t len = 20; len <= sizeof(packet); len += 45) {
		size_t quote_len = len < 548 ? len : 548;

		make_packet(packet, HOST, US + 1, IP_PROTOCOL_UDP, len);
		assert_int_equal(
			icmp_error_build(&too_big, packet, len, out, sizeof(out), &out_len), 0);
		assert_int_equal(out_len, HEADERS + quote_len);
		memcpy(&ip, out, sizeof(ip));
		memcpy(&icmp, out + sizeof(ip), sizeof(icmp));
		assert_int_equal(ip.version_ihl, IP_VERSION_IHL_PLAIN);
		assert_int_equal(ip.tos, 0xc0 | (0xbb & 0x1c));
		assert_int_equal(be16toh(ip.total_len_be), out_len);
		assert_int_equal(be16toh(ip.id_be), 0x4242);
		assert_int_equal(ip.fragment_be, 0);
		assert_int_equal(ip.ttl, 64);
		assert_int_equal(ip.protocol, IP_PROTOCOL_ICMP);
		assert_int_equal(be32toh(ip.src), US);
		assert_int_equal(be32toh(ip.dst), HOST);
		assert_int_equal(checksum_of(&ip, sizeof(ip)), 0);
		assert_int_equal(icmp.type, 3);
		assert_int_equal(icmp.code, 4);
		assert_int_equal(icmp.id_be, 0);
		assert_int_equal(be16toh(icmp.mtu_be), 1400);
		assert_int_equal(checksum_of(out + 20, out_len - 20), 0);
		assert_memory_equal(out + HEADERS, packet, quote_len);
	}
}

static void
fields_of_other_errors_stay_zero(void **state)
{
	struct icmp_error error = too_big;
	uint8_t packet[64], out[ICMP_ERROR_SIZE_MAX];
	const uint8_t zero[4] = {0}, pointed[4] = {9};
	size_t out_len;

	(void)state;
	make_packet(packet, HOST, US, IP_PROTOCOL_UDP, 64);
	error.code = ICMP_CODE_HOST_UNREACHABLE;
	error.pointer = 9;
	assert_int_equal(icmp_error_build(&error, packet, 64, out, sizeof(out), &out_len), 0);
	assert_memory_equal(out + 24, zero, 4);
	error.type = ICMP_TYPE_PARAMETER_PROBLEM;
	error.code = 0;
	assert_int_equal(icmp_error_build(&error, packet, 64, out, sizeof(out), &out_len), 0);
	assert_memory_equal(out + 24, pointed, 4);
}

static void
padding_is_not_quoted_and_small_room_is_respected(void **state)
{
	uint8_t packet[100], out[ICMP_ERROR_SIZE_MAX];
	size_t out_len;

	(void)state;
	make_packet(packet, HOST, US, IP_PROTOCOL_UDP, 30);
	assert_int_equal(
		icmp_error_build(&too_big, packet, sizeof(packet), out, sizeof(out), &out_len), 0);
	assert_int_equal(out_len, HEADERS + 30);

	make_packet(packet, HOST, US, IP_PROTOCOL_UDP, 100);
	for (size_t size = 0; size < sizeof(out); size++) {
		int ret;

		memset(out, 0xa5, sizeof(out));
		ret = icmp_error_build(&too_big, packet, sizeof(packet), out, size, &out_len);
		assert_int_equal(ret, size < HEADERS + 20 + 8 ? -ENOSPC : 0);
		for (size_t i = size; i < sizeof(out); i++)
			assert_int_equal(out[i], 0xa5);
	}
	for (size_t len = 0; len < 20; len++)
		assert_int_equal(
			icmp_error_build(&too_big, packet, len, out, sizeof(out), &out_len),
			-EINVAL);
}

static void
what_was_built_is_parsed_again(void **state)
{
	uint8_t packet[800], out[ICMP_ERROR_SIZE_MAX];
	struct icmp_error_view view;
	size_t out_len;

	(void)state;
	make_packet(packet, HOST, US + 1, IP_PROTOCOL_UDP, sizeof(packet));
	assert_int_equal(
		icmp_error_build(&too_big, packet, sizeof(packet), out, sizeof(out), &out_len), 0);
	assert_int_equal(icmp_error_parse(out, out_len, &view), 0);
	assert_int_equal(be32toh(view.reporter), US);
	assert_int_equal(view.type, ICMP_TYPE_UNREACHABLE);
	assert_int_equal(view.code, ICMP_CODE_FRAGMENTATION_NEEDED);
	assert_int_equal(view.mtu, 1400);
	assert_int_equal(view.pointer, 0);
	assert_ptr_equal(view.quoted, out + HEADERS);
	assert_int_equal(view.quoted_len, 548);
	assert_int_equal(view.quoted_header_len, 20);
	assert_memory_equal(&view.quoted_ip, packet, 20);
	for (size_t len = 0; len < out_len; len++)
		assert_int_equal(icmp_error_parse(out, len, &view), -EINVAL);
}

/* An error that quotes the `quote_len` bytes at `quote`. */
static size_t
make_error(uint8_t *packet, const void *quote, size_t quote_len)
{
	size_t len = HEADERS + quote_len;
	be16 checksum_be;

	make_icmp(packet, ICMP_TYPE_TIME_EXCEEDED, len);
	memcpy(packet + HEADERS, quote, quote_len);
	memset(packet + 22, 0, 2);
	checksum_be = checksum_of(packet + 20, len - 20);
	memcpy(packet + 22, &checksum_be, 2);
	return len;
}

static void
quotes_are_bounded_by_what_is_there_and_by_what_they_say(void **state)
{
	uint8_t packet[200], quote[100];
	struct icmp_error_view view;

	(void)state;
	make_packet(quote, US, HOST, IP_PROTOCOL_UDP, 60);
	for (size_t quote_len = 0; quote_len <= sizeof(quote); quote_len++) {
		size_t len = make_error(packet, quote, quote_len);
		int ret = icmp_error_parse(packet, len, &view);

		assert_int_equal(ret, quote_len < 20 ? -EINVAL : 0);
		if (ret == 0)
			assert_int_equal(view.quoted_len, quote_len < 60 ? quote_len : 60);
	}
	quote[0] = 0x4f; /* 60 bytes of header */
	assert_int_equal(icmp_error_parse(packet, make_error(packet, quote, 59), &view), -EINVAL);
	assert_int_equal(icmp_error_parse(packet, make_error(packet, quote, 60), &view), 0);
	assert_int_equal(view.quoted_header_len, 60);
	quote[0] = 0x44;
	assert_int_equal(icmp_error_parse(packet, make_error(packet, quote, 60), &view), -EINVAL);
	quote[0] = 0x55;
	assert_int_equal(icmp_error_parse(packet, make_error(packet, quote, 60), &view), -EINVAL);
	quote[0] = 0x45;
	quote[3] = 19; /* total length below the header's */
	assert_int_equal(icmp_error_parse(packet, make_error(packet, quote, 60), &view), -EINVAL);
}

static void
what_is_no_whole_error_is_told_apart(void **state)
{
	uint8_t packet[200], quote[60];
	struct icmp_error_view view;
	size_t len;

	(void)state;
	len = make_icmp(packet, ICMP_TYPE_ECHO_REQUEST, 64);
	assert_int_equal(icmp_error_parse(packet, len, &view), -ENOMSG);
	make_packet(quote, US, HOST, IP_PROTOCOL_UDP, sizeof(quote));
	len = make_error(packet, quote, sizeof(quote));
	packet[len - 1] ^= 1;
	assert_int_equal(icmp_error_parse(packet, len, &view), -EBADMSG);
	packet[len - 1] ^= 1;
	packet[6] = IP_FLAG_MF >> 8;
	assert_int_equal(icmp_error_parse(packet, len, &view), -EINVAL);
	packet[6] = 0;
	packet[9] = IP_PROTOCOL_UDP;
	assert_int_equal(icmp_error_parse(packet, len, &view), -EINVAL);
}

static void
an_echo_request_becomes_its_reply(void **state)
{
	uint8_t packet[101], before[101];
	struct ip_header ip;

	(void)state;
	for (size_t len = HEADERS; len <= sizeof(packet); len++) {
		make_icmp(packet, ICMP_TYPE_ECHO_REQUEST, len);
		memcpy(before, packet, len);
		assert_int_equal(icmp_echo_reply_build(packet, len), 0);
		memcpy(&ip, packet, sizeof(ip));
		assert_int_equal(be32toh(ip.src), US);
		assert_int_equal(be32toh(ip.dst), HOST);
		assert_int_equal(ip.ttl, 64);
		assert_int_equal(ip.tos, 0xbb & 0xfc);
		assert_int_equal(checksum_of(&ip, sizeof(ip)), 0);
		assert_int_equal(packet[20], ICMP_TYPE_ECHO_REPLY);
		assert_int_equal(checksum_of(packet + 20, len - 20), 0);
		assert_memory_equal(packet + 24, before + 24, len - 24);
	}
}

static void
other_packets_get_no_echo_reply_and_stay_as_they_are(void **state)
{
	uint8_t packet[64], before[64];

	(void)state;
	make_icmp(packet, ICMP_TYPE_ECHO_REQUEST, 64);
	memcpy(before, packet, 64);
	for (size_t len = 0; len < 64; len++)
		assert_int_equal(icmp_echo_reply_build(packet, len), -EINVAL);
	packet[40] ^= 1;
	assert_int_equal(icmp_echo_reply_build(packet, 64), -EBADMSG);
	packet[40] ^= 1;
	packet[16] = 224; /* to multicast */
	assert_int_equal(icmp_echo_reply_build(packet, 64), -EINVAL);
	packet[16] = before[16];
	packet[12] = 255; /* from no host */
	assert_int_equal(icmp_echo_reply_build(packet, 64), -EINVAL);
	packet[12] = before[12];
	assert_memory_equal(packet, before, 64);
	make_icmp(packet, ICMP_TYPE_ECHO_REPLY, 64);
	assert_int_equal(icmp_echo_reply_build(packet, 64), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_due_where_rfc_1812_allows_them),
		cmocka_unit_test(only_the_first_fragment_may_be_answered),
		cmocka_unit_test(no_error_is_about_an_error_or_what_might_be_one),
		cmocka_unit_test(nothing_is_due_about_a_broken_packet),
		cmocka_unit_test(an_error_has_the_bytes_that_its_receiver_expects),
		cmocka_unit_test(fields_of_other_errors_stay_zero),
		cmocka_unit_test(padding_is_not_quoted_and_small_room_is_respected),
		cmocka_unit_test(what_was_built_is_parsed_again),
		cmocka_unit_test(quotes_are_bounded_by_what_is_there_and_by_what_they_say),
		cmocka_unit_test(what_is_no_whole_error_is_told_apart),
		cmocka_unit_test(an_echo_request_becomes_its_reply),
		cmocka_unit_test(other_packets_get_no_echo_reply_and_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
