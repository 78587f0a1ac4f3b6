/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/mobile_load_latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
without_samples_every_percentile_is_zero(void **state)
{
	struct latency latency = {0};

	(void)state;
	assert_int_equal(latency_percentile(&latency, 5000), 0);
	assert_int_equal(latency_percentile(&latency, 10000), 0);
}

static void
small_times_are_exact(void **state)
{
	struct latency latency = {0};

	(void)state;
	for (unsigned ns = 1; ns <= 100; ns++)
		latency_add(&latency, ns <= 60 ? ns : 60);
	assert_int_equal(latency_percentile(&latency, 1), 1);
	assert_int_equal(latency_percentile(&latency, 100), 1);
	assert_int_equal(latency_percentile(&latency, 101), 2);
	assert_int_equal(latency_percentile(&latency, 5000), 50);
	assert_int_equal(latency_percentile(&latency, 9900), 60);
}

static void
one_sample_is_every_percentile(void **state)
{
	static const uint64_t samples[] = {0, 63, 64, 65, 1000003, UINT64_MAX};

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(samples); i++) {
		struct latency latency = {0};

		latency_add(&latency, samples[i]);
		assert_true(latency_percentile(&latency, 1) == samples[i]);
		assert_true(latency_percentile(&latency, 10000) == samples[i]);
	}
}

static void
percentiles_are_at_most_a_64th_too_high(void **state)
{
	struct latency latency = {0};

	(void)state;
	for (uint64_t i = 1; i <= 100000; i++)
		latency_add(&latency, i * 1000);
	for (unsigned per_10000 = 10; per_10000 <= 10000; per_10000 += 10) {
		uint64_t right = (uint64_t)per_10000 * 10000;
		uint64_t told = latency_percentile(&latency, per_10000);

		assert_true(told >= right && told - right <= right / 64);
	}
	assert_int_equal(latency_percentile(&latency, 10000), 100000000);
}

static void
one_outlier_in_a_thousand_shows_above_the_999th(void **state)
{
	struct latency latency = {0};

	(void)state;
	for (unsigned i = 0; i < 9990; i++)
		latency_add(&latency, 10);
	for (unsigned i = 0; i < 10; i++)
		latency_add(&latency, 1000000000);
	assert_int_equal(latency_percentile(&latency, 9990), 10);
	assert_int_equal(latency_percentile(&latency, 9991), 1000000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_samples_every_percentile_is_zero),
		cmocka_unit_test(small_times_are_exact),
		cmocka_unit_test(one_sample_is_every_percentile),
		cmocka_unit_test(percentiles_are_at_most_a_64th_too_high),
		cmocka_unit_test(one_outlier_in_a_thousand_shows_above_the_999th),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
