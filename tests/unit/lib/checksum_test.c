/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* RFC 1071 read word by word: big endian sums, one carry at a time. */
static uint16_t
naive_checksum(const uint8_t *bytes, size_t len)
{
	uint16_t sum = 0;

	for (size_t i = 0; i < len; i += 2) {
		uint16_t word = (uint16_t)(bytes[i] << 8 | (i + 1 < len ? bytes[i + 1] : 0));
		uint32_t wide = (uint32_t)sum + word;

		sum = (uint16_t)(wide + (wide >> 16));
	}
	return (uint16_t)~sum;
}

static void
fill_random(uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(rand() >> 7);
}

static void
checksum_equals_the_naive_one_at_every_length_and_alignment(void **state)
{
	uint8_t bytes[300];

	(void)state;
	srand(1);
	fill_random(bytes, sizeof(bytes));
	for (size_t at = 0; at < 8; at++) {
		for (size_t len = 0; len + at <= sizeof(bytes); len++)
			assert_int_equal(be16toh(checksum_of(bytes + at, len)),
					 naive_checksum(bytes + at, len));
	}
	memset(bytes, 0xff, sizeof(bytes));
	for (size_t len = 0; len <= sizeof(bytes); len++)
		assert_int_equal(be16toh(checksum_of(bytes, len)), naive_checksum(bytes, len));
}

static void
pieces_of_even_length_may_be_added_one_by_one(void **state)
{
	uint8_t bytes[99];

	(void)state;
	srand(2);
	fill_random(bytes, sizeof(bytes));
	for (size_t cut = 0; cut <= 98; cut += 2) {
		uint64_t sum = checksum_add(checksum_add(0, bytes, cut), bytes + cut, 99 - cut);

		assert_int_equal((be16)~checksum_fold(sum), checksum_of(bytes, 99));
	}
}

static void
the_greatest_sum_folds_right(void **state)
{
	(void)state;
	assert_int_equal(checksum_fold(0), 0);
	assert_int_equal(checksum_fold(0xffff), 0xffff);
	assert_int_equal(checksum_fold(0x10000), 1);
	assert_int_equal(checksum_fold(UINT64_MAX), 0xffff);
	assert_int_equal(checksum_fold(0xfffffffffffeffffull), 0xfffe);
}

static void
an_update_gives_what_a_new_computation_gives(void **state)
{
	(void)state;
	srand(3);
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t bytes[20];
		uint16_t was, is = (uint16_t)(rand() >> 7);
		size_t at = (size_t)(rand() % 10) * 2;
		be16 updated;

		fill_random(bytes, sizeof(bytes));
		memcpy(&was, bytes + at, 2);
		if (round % 3 == 0)
			is = (uint16_t) - (round % 2); /* 0 and 0xffff: where RFC 1141 went wrong */
		updated = checksum_update(checksum_of(bytes, sizeof(bytes)), was, is);
		memcpy(bytes + at, &is, 2);
		assert_int_equal(updated, checksum_of(bytes, sizeof(bytes)));
	}
}

static void
the_pseudo_header_counts_as_rfc_768_draws_it(void **state)
{
	const uint8_t pseudo[12] = {192, 0, 2, 1, 198, 51, 100, 2, 0, 17, 0x12, 0x34};
	be32 src, dst;

	(void)state;
	memcpy(&src, pseudo, 4);
	memcpy(&dst, pseudo + 4, 4);
	assert_int_equal(
		(be16)~checksum_fold(checksum_pseudo_header(src, dst, 17, htobe16(0x1234))),
		checksum_of(pseudo, sizeof(pseudo)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksum_equals_the_naive_one_at_every_length_and_alignment),
		cmocka_unit_test(pieces_of_even_length_may_be_added_one_by_one),
		cmocka_unit_test(the_greatest_sum_folds_right),
		cmocka_unit_test(an_update_gives_what_a_new_computation_gives),
		cmocka_unit_test(the_pseudo_header_counts_as_rfc_768_draws_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
