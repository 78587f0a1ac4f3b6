/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/ntp_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
known_times_have_known_forms(void **state)
{
	static const struct {
		int64_t unix_sec;
		long nsec;
		uint64_t units;
	} cases[] = {
		{0, 0, 0x83aa7e8000000000},		     /* 1970 */
		{1289088000, 500000000, 0xd0806a8080000000}, /* 7 November 2010 */
		{2085978495, 0, 0xffffffff00000000},	     /* the last second of era 0 */
		{2085978496, 0, 0},			     /* 7 February 2036, 06:28:16 */
		{-61505152, 0, 0x8000000000000000},	     /* the earliest */
		{4233462143, 0, 0x7fffffff00000000},	     /* the latest, 2104 */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct timespec time = {.tv_sec = cases[i].unix_sec, .tv_nsec = cases[i].nsec};
		struct timespec back = ntp_to_timespec((struct ntp_time){cases[i].units});

		assert_true(ntp_from_timespec(time).units == cases[i].units);
		assert_true(back.tv_sec == time.tv_sec && back.tv_nsec == time.tv_nsec);
	}
}

static void
every_nanosecond_survives_the_way_there_and_back(void **state)
{
	(void)state;
	srand(7);
	for (unsigned i = 0; i < 200000; i++) {
		struct timespec time = {.tv_sec = 1700000000ll + rand(),
					.tv_nsec = rand() % 1000000000};
		struct timespec back;

		if (i < 2)
			time.tv_nsec = i == 0 ? 0 : 999999999;
		back = ntp_to_timespec(ntp_from_timespec(time));
		assert_true(back.tv_sec == time.tv_sec && back.tv_nsec == time.tv_nsec);
	}
}

static void
differences_have_signs_and_cross_the_wrap_of_2036(void **state)
{
	static const struct {
		uint64_t later, earlier;
		int64_t ns;
	} cases[] = {
		{5ull << 32, 5ull << 32, 0},
		{12ull << 32, 5ull << 32, 7000000000},
		{5ull << 32, 12ull << 32, -7000000000},
		{(5ull << 32) + 0x80000000, 5ull << 32, 500000000},
		{5ull << 32, (5ull << 32) + 0x80000000, -500000000},
		{1ull << 32, 0xffffffffull << 32, 2000000000},
		{0xffffffffull << 32, 1ull << 32, -2000000000},
		{0, 0x8000000000000000, -2147483648000000000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_true(ntp_difference_ns((struct ntp_time){cases[i].later},
					      (struct ntp_time){cases[i].earlier}) == cases[i].ns);
}

static void
the_identification_of_a_message_is_in_network_order(void **state)
{
	const uint8_t bytes[8] = {0xe4, 0xa1, 0xb2, 0xc3, 0x12, 0x34, 0x56, 0x78};
	be64 identification_be;

	(void)state;
	memcpy(&identification_be, bytes, sizeof(bytes));
	assert_true(ntp_from_be(identification_be).units == 0xe4a1b2c312345678);
	assert_true(ntp_to_be(ntp_from_be(identification_be)) == identification_be);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_times_have_known_forms),
		cmocka_unit_test(every_nanosecond_survives_the_way_there_and_back),
		cmocka_unit_test(differences_have_signs_and_cross_the_wrap_of_2036),
		cmocka_unit_test(the_identification_of_a_message_is_in_network_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
