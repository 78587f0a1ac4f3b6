/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/key_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT 5000u

/* Many have the same key: there are a thousand of them. */
static uint32_t
key_of(uint32_t number)
{
	return number % 1000 * 0x01000193u;
}

static void
each_is_found_by_its_key_and_nobody_else(void **state)
{
	struct key_index index;
	uint32_t at, number;

	(void)state;
	assert_true(key_index_init(&index, COUNT));
	for (uint32_t i = 0; i < COUNT; i++)
		key_index_add(&index, key_of(i), i);
	for (uint32_t first = 0; first < 1000; first++) {
		at = 0;
		for (uint32_t i = first; i < COUNT; i += 1000) {
			assert_true(key_index_next(&index, key_of(first), &at, &number));
			assert_int_equal(number, i);
		}
		assert_false(key_index_next(&index, key_of(first), &at, &number));
	}
	for (uint32_t i = 0; i < COUNT; i++) {
		at = 0;
		assert_false(key_index_next(&index, key_of(i) + 1, &at, &number));
	}
	key_index_fini(&index);
}

/* Two thirds of the places at most are taken, which look-ups are short by and end by, and more than a third. */
static void
places_are_as_many_as_needed(void **state)
{
	static const struct {
		uint32_t count, places;
	} cases[] = {
		{0, 1},	      {1, 2},	    {2, 4},	  {3, 8},	   {5, 8},
		{6, 16},      {9, 16},	    {10, 16},	  {11, 32},	   {1023, 2048},
		{1024, 2048}, {1365, 2048}, {1366, 4096}, {65536, 131072}, {100000, 262144},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_index index;

		assert_true(key_index_init(&index, cases[i].count));
		assert_int_equal(index.mask + 1, cases[i].places);
		key_index_fini(&index);
	}
}

static void
look_ups_end_in_an_index_as_full_as_can_be(void **state)
{
	struct key_index index;
	uint32_t number, places;

	(void)state;
	for (places = 2; places <= 8192; places *= 2) {
		uint32_t count = (places * 2 - 1) / 3;

		assert_true(key_index_init(&index, count));
		assert_int_equal(index.mask + 1, places);
		for (uint32_t i = 0; i < count; i++)
			key_index_add(&index, i, i);
		for (uint32_t key = 0; key < 2 * count; key++) {
			uint32_t at = 0;

			assert_int_equal(key_index_next(&index, key, &at, &number), key < count);
		}
		key_index_fini(&index);
	}
}

static void
nobody_is_in_an_index_without_elements(void **state)
{
	struct key_index index;
	uint32_t at = 0, number;

	(void)state;
	assert_true(key_index_init(&index, 0));
	assert_false(key_index_next(&index, 0, &at, &number));
	key_index_fini(&index);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_by_its_key_and_nobody_else),
		cmocka_unit_test(places_are_as_many_as_needed),
		cmocka_unit_test(look_ups_end_in_an_index_as_full_as_can_be),
		cmocka_unit_test(nobody_is_in_an_index_without_elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
