/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/mobile_load_pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static unsigned
take_all(struct pace *pace, struct mono_time now)
{
	struct mono_time due;
	unsigned count = 0;

	while (pace_take(pace, now, &due))
		count++;
	return count;
}

static void
events_are_due_one_by_one_at_the_rate(void **state)
{
	struct mono_time now = {NS_PER_SEC};
	struct pace pace;

	(void)state;
	pace_begin(&pace, now, 10);
	assert_int_equal(take_all(&pace, now), 1); /* the first at once */
	assert_int_equal(take_all(&pace, mono_add_ms(now, 99)), 0);
	assert_int_equal(take_all(&pace, mono_add_ms(now, 100)), 1);
	assert_int_equal(take_all(&pace, mono_add_sec(now, 1)), 9);
}

static void
what_is_late_is_all_due_and_keeps_its_time(void **state)
{
	struct mono_time now = {NS_PER_SEC}, due;
	struct pace pace;

	(void)state;
	pace_begin(&pace, now, 1000);
	for (unsigned i = 0; i < 500; i++) {
		assert_true(pace_take(&pace, mono_add_ms(now, 499), &due));
		assert_int_equal(due.ns, mono_add_ms(now, i).ns);
	}
	assert_false(pace_take(&pace, mono_add_ms(now, 499), &due));
}

static void
a_rate_that_does_not_divide_a_second_does_not_drift(void **state)
{
	struct mono_time now = {12345};
	struct pace pace;

	(void)state;
	pace_begin(&pace, now, 7);
	assert_int_equal(take_all(&pace, mono_add_sec(now, 86400)), 7 * 86400 + 1);
	assert_int_equal(pace_due(&pace).ns - now.ns, 86400 * NS_PER_SEC + NS_PER_SEC / 7);
}

static void
without_a_rate_one_is_due_whenever_asked(void **state)
{
	struct mono_time now = {NS_PER_SEC}, due;
	struct pace pace;

	(void)state;
	pace_begin(&pace, now, 0);
	for (unsigned i = 0; i < 1000; i++) {
		assert_true(pace_take(&pace, now, &due));
		assert_int_equal(due.ns, now.ns);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_due_one_by_one_at_the_rate),
		cmocka_unit_test(what_is_late_is_all_due_and_keeps_its_time),
		cmocka_unit_test(a_rate_that_does_not_divide_a_second_does_not_drift),
		cmocka_unit_test(without_a_rate_one_is_due_whenever_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
