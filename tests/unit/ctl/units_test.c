/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/units.h"
#include "lib/types.h"

static void
duration_shows_its_two_largest_units(void **state)
{
	static const struct {
		uint64_t sec;
		const char *text;
	} cases[] = {
		{0, "0 s"},
		{59, "59 s"},
		{60, "1 m 0 s"},
		{3599, "59 m 59 s"},
		{3600, "1 h 0 m"},
		{86400 + 3 * 3600, "1 d 3 h"},
		{UINT64_MAX, "213503982334601 d 7 h"},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_string_equal(unit_duration(cases[i].sec).text, cases[i].text);
}

static void
bytes_are_scaled_by_thousands(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0 B"},
		{999, "999 B"},
		{1000, "1.0 kB"},
		{999949, "999.9 kB"},
		{999950, "1.0 MB"},
		{20300000, "20.3 MB"},
		{UINT64_MAX, "18.4 EB"},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_string_equal(unit_bytes(cases[i].bytes).text, cases[i].text);
}

static void
rate_is_growth_per_second(void **state)
{
	assert_string_equal(unit_rate(100, 300, 2000).text, "100 /s");
	assert_string_equal(unit_rate(0, 15000, 1000).text, "15.0 k/s");
	assert_string_equal(unit_bit_rate(0, 125000, 1000).text, "1.0 Mbit/s");
}

static void
rate_is_unknown_without_time_or_after_a_restart(void **state)
{
	assert_string_equal(unit_rate(0, 5, 0).text, "-");
	assert_string_equal(unit_rate(5, 4, 1000).text, "-");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(duration_shows_its_two_largest_units),
		cmocka_unit_test(bytes_are_scaled_by_thousands),
		cmocka_unit_test(rate_is_growth_per_second),
		cmocka_unit_test(rate_is_unknown_without_time_or_after_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
