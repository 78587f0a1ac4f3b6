/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/reg_counters.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MINUTE (60ull << 32)

static void
violate(struct reg_security *security, be32 source, uint64_t time)
{
	const struct reg_violator violator = {
		.source = source,
		.last = {time},
		.reason = REG_VIOLATION_BAD_AUTHENTICATOR,
	};

	reg_security_note(security, &violator);
}

static const struct reg_violator *
entry_of(const struct reg_security *security, be32 source)
{
	for (unsigned i = 0; i < REG_VIOLATORS_MAX; i++) {
		if (security->violators[i].count > 0 && security->violators[i].source == source)
			return &security->violators[i];
	}
	return NULL;
}

static void
violations_are_counted_for_each_source(void **state)
{
	struct reg_security security = {0};

	(void)state;
	violate(&security, 1, 10);
	violate(&security, 2, 20);
	violate(&security, 1, 30);
	assert_int_equal(security.violations, 3);
	assert_int_equal(security.by_reason[REG_VIOLATION_BAD_AUTHENTICATOR], 3);
	assert_int_equal(entry_of(&security, 1)->count, 2);
	assert_int_equal(entry_of(&security, 1)->last.units, 30);
	assert_int_equal(entry_of(&security, 2)->count, 1);
}

static void
the_violator_that_was_quiet_longest_makes_room(void **state)
{
	struct reg_security security = {0};

	(void)state;
	for (unsigned i = 1; i <= REG_VIOLATORS_MAX; i++)
		violate(&security, i, 100 + i);
	violate(&security, 1, 1000);
	violate(&security, 9999, 1001);
	assert_non_null(entry_of(&security, 1));
	assert_null(entry_of(&security, 2));
	assert_int_equal(entry_of(&security, 9999)->count, 1);
	assert_int_equal(security.violations, REG_VIOLATORS_MAX + 2);
}

static void
the_busiest_minute_is_remembered(void **state)
{
	struct reg_counters counters = {0};

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		reg_counters_minute(&counters, (struct ntp_time){5 * MINUTE + i});
	for (unsigned i = 0; i < 2; i++)
		reg_counters_minute(&counters, (struct ntp_time){6 * MINUTE + i});
	assert_int_equal(counters.minute_most, 3);
	assert_int_equal(counters.minute_most_time.units, 5 * MINUTE + 2);
	assert_int_equal(counters.minute_now, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(violations_are_counted_for_each_source),
		cmocka_unit_test(the_violator_that_was_quiet_longest_makes_room),
		cmocka_unit_test(the_busiest_minute_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
