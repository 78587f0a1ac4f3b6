/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/mobile_load_phase.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
phases_are_read_with_rate_and_seconds(void **state)
{
	struct load_phase phase;

	(void)state;
	assert_int_equal(load_phase_parse(&phase, "attach"), 0);
	assert_int_equal(phase.pattern, LOAD_ATTACH);
	assert_int_equal(phase.per_sec, 0);
	assert_int_equal(load_phase_parse(&phase, "move:10000:15"), 0);
	assert_int_equal(phase.pattern, LOAD_MOVE);
	assert_int_equal(phase.per_sec, 10000);
	assert_int_equal(phase.seconds, 15);
	assert_int_equal(load_phase_parse(&phase, "refresh:0:5"), 0);
	assert_int_equal(phase.pattern, LOAD_REFRESH);
}

static void
anything_else_is_refused(void **state)
{
	static const char *const texts[] = {
		"",	      "refresh",   "move:5",	"move:5:", "att",
		"move:5:6:7", "move:5:6 ", "moves:5:6", "move::6", "attach:several"};
	struct load_phase phase;

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(texts); i++)
		assert_int_equal(load_phase_parse(&phase, texts[i]), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases_are_read_with_rate_and_seconds),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
