/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/prefix.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
prefixes_are_read_and_written(void **state)
{
	static const struct {
		const char *text;
		uint32_t address;
		uint8_t len_bits;
		const char *again;
	} cases[] = {
		{"192.0.2.1/24", 0xc0000201, 24, "192.0.2.1/24"},
		{"192.0.2.1", 0xc0000201, 32, "192.0.2.1/32"},
		{"0.0.0.0/0", 0, 0, "0.0.0.0/0"},
		{"255.255.255.255/32", 0xffffffff, 32, "255.255.255.255/32"},
		{"10.0.0.0/8", 0x0a000000, 8, "10.0.0.0/8"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct prefix prefix;
		char text[PREFIX_TEXT_SIZE];

		assert_int_equal(prefix_parse(cases[i].text, &prefix), 0);
		assert_int_equal(be32toh(prefix.address), cases[i].address);
		assert_int_equal(prefix.len_bits, cases[i].len_bits);
		assert_string_equal(prefix_format(prefix, text), cases[i].again);
	}
}

static void
what_is_no_prefix_is_refused_and_changes_nothing(void **state)
{
	static const char *const texts[] = {
		"",
		"/",
		"/24",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/+8",
		"10.0.0.0/ 8",
		"10.0.0.0/8 ",
		"10.0.0.0/08",
		"10.0.0/8",
		"10.0.0.256",
		"10.0.0.0/8/8",
		"10.0.0.0/4294967304",
		" 10.0.0.0",
		"10.0.0.0x",
		"0x0a000001",
		"host",
		"255.255.255.2550/8",
	};
	struct prefix prefix = {.address = 7, .len_bits = 9};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		assert_int_equal(prefix_parse(texts[i], &prefix), -EINVAL);
	assert_int_equal(prefix.address, 7);
	assert_int_equal(prefix.len_bits, 9);
}

static void
addresses_are_read_and_written(void **state)
{
	char text[ADDRESS_TEXT_SIZE];
	be32 address;

	(void)state;
	assert_int_equal(address_parse("198.51.100.7", &address), 0);
	assert_int_equal(be32toh(address), 0xc6336407);
	assert_string_equal(address_format(address, text), "198.51.100.7");
	assert_string_equal(address_format(UINT32_MAX, text), "255.255.255.255");
	assert_int_equal(address_parse("198.51.100.7/24", &address), -EINVAL);
	assert_int_equal(address_parse("", &address), -EINVAL);
}

static void
bits_of_every_length_are_those_of_the_network(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits <= 32; bits++) {
		struct prefix prefix = {htobe32(0xc0a85a5a), (uint8_t)bits};
		uint32_t host_bits = bits == 32 ? 0 : UINT32_MAX >> bits;

		assert_int_equal(be32toh(prefix_mask((uint8_t)bits)), (uint32_t)~host_bits);
		assert_int_equal(be32toh(prefix_network(prefix)), 0xc0a85a5a & ~host_bits);
		assert_int_equal(be32toh(prefix_broadcast(prefix)), 0xc0a85a5a | host_bits);
		assert_true(prefix_contains(prefix, prefix_network(prefix)));
		assert_true(prefix_contains(prefix, prefix_broadcast(prefix)));
		if (bits > 0) {
			be32 outside = prefix.address ^ htobe32(1u << (32 - bits));

			assert_false(prefix_contains(prefix, outside));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_are_read_and_written),
		cmocka_unit_test(what_is_no_prefix_is_refused_and_changes_nothing),
		cmocka_unit_test(addresses_are_read_and_written),
		cmocka_unit_test(bits_of_every_length_are_those_of_the_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
