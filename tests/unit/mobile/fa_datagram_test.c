/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_datagram.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct fa_datagram plain = {
	.src = 0x0100a8c0,
	.dst = 0x0200a8c0,
	.src_port_be = 0xb201,
	.dst_port_be = 0x3930,
	.ttl = 1,
	.payload = (const uint8_t *)"Homeport",
	.len = 8,
};

static void
what_is_built_can_be_read(void **state)
{
	uint8_t packet[FA_DATAGRAM_SIZE_MAX];
	size_t len = fa_datagram_build(&plain, packet);
	struct fa_datagram read;

	assert_int_equal(len, 36);
	assert_int_equal(fa_datagram_parse(packet, len, false, &read), 0);
	assert_int_equal(read.src, plain.src);
	assert_int_equal(read.dst, plain.dst);
	assert_int_equal(read.src_port_be, plain.src_port_be);
	assert_int_equal(read.dst_port_be, plain.dst_port_be);
	assert_int_equal(read.ttl, 1);
	assert_int_equal(read.len, 8);
	assert_memory_equal(read.payload, "Homeport", 8);
}

static void
a_wrong_checksum_is_refused_but_not_a_missing_one(void **state)
{
	uint8_t packet[FA_DATAGRAM_SIZE_MAX];
	size_t len = fa_datagram_build(&plain, packet);
	struct fa_datagram read;

	packet[35] ^= 1;
	assert_int_equal(fa_datagram_parse(packet, len, false, &read), -EBADMSG);
	assert_int_equal(fa_datagram_parse(packet, len, true, &read), 0);
	memset(packet + 26, 0, 2);
	assert_int_equal(fa_datagram_parse(packet, len, false, &read), 0);
	packet[8]++;
	assert_int_equal(fa_datagram_parse(packet, len, false, &read), -EBADMSG);
}

static void
truncations_fragments_and_other_protocols_are_refused(void **state)
{
	uint8_t packet[FA_DATAGRAM_SIZE_MAX];
	size_t len = fa_datagram_build(&plain, packet);
	struct fa_datagram read;

	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(fa_datagram_parse(packet, cut, false, &read), -EINVAL);
	packet[6] = 0x20;
	assert_int_equal(fa_datagram_parse(packet, len, false, &read), -EINVAL);
	packet[6] = 0;
	packet[9] = IP_PROTOCOL_TCP;
	assert_int_equal(fa_datagram_parse(packet, len, false, &read), -EINVAL);
	packet[9] = IP_PROTOCOL_UDP;
	packet[25] = 7; /* UDP length, less than its header */
	assert_int_equal(fa_datagram_parse(packet, len, false, &read), -EINVAL);
	packet[25] = 17; /* more than there is */
	assert_int_equal(fa_datagram_parse(packet, len, false, &read), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_built_can_be_read),
		cmocka_unit_test(a_wrong_checksum_is_refused_but_not_a_missing_one),
		cmocka_unit_test(truncations_fragments_and_other_protocols_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
