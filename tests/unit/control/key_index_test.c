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
		cmocka_unit_test(nobody_is_in_an_index_without_elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
