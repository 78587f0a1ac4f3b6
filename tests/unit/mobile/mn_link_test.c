/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lib/checksum.h"
#include "lib/wire_ip.h"

/* From 10.1.0.20 to 203.0.113.7, `len` bytes behind the IP header; the fourth-layer checksum is wrong. */
static size_t
build(uint8_t protocol, size_t len, uint8_t *out)
{
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16((uint16_t)(sizeof(ip) + len)),
		.ttl = 64,
		.protocol = protocol,
		.src = htobe32(0x0a010014),
		.dst = htobe32(0xcb007107),
	};

	memcpy(out, &ip, sizeof(ip));
	for (size_t i = 0; i < len; i++)
		out[sizeof(ip) + i] = (uint8_t)(i * 7 + 3);
	return sizeof(ip) + len;
}

static bool
is_right(const uint8_t *packet, size_t len)
{
	struct ip_header ip;
	uint64_t sum;

	memcpy(&ip, packet, sizeof(ip));
	sum = checksum_pseudo_header(ip.src, ip.dst, ip.protocol,
				     htobe16((uint16_t)(len - sizeof(ip))));
	return checksum_fold(checksum_add(sum, packet + sizeof(ip), len - sizeof(ip))) == 0xffff;
}

static void
missing_checksums_are_put_in(void **state)
{
	static const struct {
		uint8_t protocol;
		size_t len;
	} cases[] = {
		{IP_PROTOCOL_UDP, 8},  {IP_PROTOCOL_UDP, 9},	{IP_PROTOCOL_UDP, 1480},
		{IP_PROTOCOL_TCP, 20}, {IP_PROTOCOL_TCP, 1001}, {IP_PROTOCOL_TCP, 65000},
	};
	static uint8_t packet[65536];

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		size_t len = build(cases[i].protocol, cases[i].len, packet);

		assert_false(is_right(packet, len));
		mn_link_complete(packet, len);
		assert_true(is_right(packet, len));
	}
}

static void
what_has_no_such_checksum_stays_as_it_is(void **state)
{
	uint8_t packet[256], before[256];
	size_t len;

	for (unsigned i = 0; i < 4; i++) {
		len = build(i == 0 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_TCP, 40, packet);
		if (i == 1)
			packet[6] = 0x20; /* a fragment */
		else if (i == 2)
			packet[3] = 39; /* half a TCP header */
		else if (i == 3)
			len = 30; /* cut off */
		memcpy(before, packet, sizeof(packet));
		mn_link_complete(packet, len);
		assert_memory_equal(packet, before, sizeof(packet));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing_checksums_are_put_in),
		cmocka_unit_test(what_has_no_such_checksum_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
