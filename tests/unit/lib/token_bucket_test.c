/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/token_bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static unsigned
take_all(struct token_bucket *bucket, struct mono_time now)
{
	unsigned count = 0;

	while (token_bucket_take(bucket, now))
		count++;
	return count;
}

static void
a_burst_passes_at_once_and_then_the_rate(void **state)
{
	struct mono_time now = {NS_PER_SEC};
	struct token_bucket bucket;

	(void)state;
	token_bucket_init(&bucket, 10, 5, now);
	assert_int_equal(take_all(&bucket, now), 5);
	assert_int_equal(take_all(&bucket, mono_add_ms(now, 99)), 0);
	assert_int_equal(take_all(&bucket, mono_add_ms(now, 100)), 1);
	assert_int_equal(take_all(&bucket, mono_add_ms(now, 300)), 2);
	assert_int_equal(take_all(&bucket, mono_add_sec(now, 100)), 5); /* no more than the burst */
}

static void
over_a_long_time_the_rate_is_exact_however_often_it_is_asked(void **state)
{
	struct mono_time now = {NS_PER_SEC};
	struct token_bucket bucket;
	unsigned passed = 0;

	(void)state;
	token_bucket_init(&bucket, 333, 2, now);
	assert_int_equal(take_all(&bucket, now), 2);
	for (unsigned i = 0; i < 100000; i++) { /* 10 seconds in steps of 0.1 ms */
		now.ns += NS_PER_MS / 10;
		passed += token_bucket_take(&bucket, now);
	}
	assert_int_equal(passed, 3330);
}

static void
extremes_neither_overflow_nor_stop(void **state)
{
	struct mono_time now = {0};
	struct token_bucket bucket;

	(void)state;
	token_bucket_init(&bucket, UINT32_MAX, UINT32_MAX, now);
	for (unsigned i = 0; i < 1000; i++)
		assert_true(token_bucket_take(&bucket, now));
	now.ns = UINT64_MAX;
	assert_true(token_bucket_take(&bucket, now));
	assert_true(bucket.credit == (UINT32_MAX - 1ull) * NS_PER_SEC);
	now.ns = 5; /* a clock that goes back gives nothing and takes nothing */
	assert_true(token_bucket_take(&bucket, now));

	token_bucket_init(&bucket, 0, 2, now);
	assert_int_equal(take_all(&bucket, now), 2);
	assert_int_equal(take_all(&bucket, mono_add_sec(now, 1000000)), 0);
	token_bucket_init(&bucket, 1000, 0, now);
	assert_int_equal(take_all(&bucket, mono_add_sec(now, 1000000)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_passes_at_once_and_then_the_rate),
		cmocka_unit_test(over_a_long_time_the_rate_is_exact_however_often_it_is_asked),
		cmocka_unit_test(extremes_neither_overflow_nor_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
