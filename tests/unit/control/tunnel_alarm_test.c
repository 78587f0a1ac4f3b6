/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/tunnel_alarm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct worker workers[2];
static struct worker *const pointers[2] = {&workers[0], &workers[1]};
static struct tunnel_alarm alarm;
static struct mono_time now;
static char said[1024];

/* In place of log_warnx(). */
void __wrap_log_warnx(const char *format, ...);

void
__wrap_log_warnx(const char *format, ...)
{
	size_t len = strlen(said);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(said + len, sizeof(said) - len, format, arguments);
	va_end(arguments);
	strncat(said, "\n", sizeof(said) - strlen(said) - 1);
}

static int
start(void **state)
{
	memset(workers, 0, sizeof(workers));
	alarm = (struct tunnel_alarm){0};
	now = mono_add_sec((struct mono_time){0}, 1000);
	return 0;
}

/* What is said `sec` seconds later. */
static const char *
look_after(unsigned sec)
{
	now = mono_add_sec(now, sec);
	said[0] = '\0';
	tunnel_alarm_look(&alarm, pointers, 2, now);
	return said;
}

static void
forged_packets_of_all_workers_are_said_once_for_each_cause(void **state)
{
	char expected[512];

	assert_string_equal(look_after(0), "");
	workers[0].counters.drops.count[DROP_TUNNEL_WRONG_SOURCE] = 3;
	workers[1].counters.drops.count[DROP_TUNNEL_WRONG_SOURCE] = 4;
	workers[1].counters.drops.count[DROP_TUNNEL_WRONG_KIND] = 1;
	snprintf(expected, sizeof(expected),
		 "security: 7 tunnelled packets dropped: %s\n"
		 "security: 1 tunnelled packets dropped: %s\n",
		 drop_reason_help(DROP_TUNNEL_WRONG_SOURCE),
		 drop_reason_help(DROP_TUNNEL_WRONG_KIND));
	assert_string_equal(look_after(TUNNEL_ALARM_INTERVAL_SEC), expected);
	assert_string_equal(look_after(TUNNEL_ALARM_INTERVAL_SEC), "");
}

static void
a_flood_is_said_once_in_ten_seconds(void **state)
{
	char expected[256];

	look_after(0);
	for (unsigned i = 1; i < TUNNEL_ALARM_INTERVAL_SEC; i++) {
		workers[0].counters.drops.count[DROP_TUNNEL_NO_BINDING] += 1000;
		assert_string_equal(look_after(1), "");
	}
	snprintf(expected, sizeof(expected), "security: 9000 tunnelled packets dropped: %s\n",
		 drop_reason_help(DROP_TUNNEL_NO_BINDING));
	assert_string_equal(look_after(1), expected);
}

static void
strange_congestion_marks_are_said(void **state)
{
	look_after(0);
	workers[1].counters.ecn_alarms = 2;
	assert_non_null(strstr(look_after(TUNNEL_ALARM_INTERVAL_SEC), "2 tunnelled packets had"));
	assert_string_equal(look_after(TUNNEL_ALARM_INTERVAL_SEC), "");
}

static void
other_drops_are_no_alarm(void **state)
{
	look_after(0);
	workers[0].counters.drops.count[DROP_IP_TTL] = 5;
	workers[0].counters.drops.count[DROP_TUNNEL_HALF_BOUND] = 5;
	assert_string_equal(look_after(TUNNEL_ALARM_INTERVAL_SEC), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(forged_packets_of_all_workers_are_said_once_for_each_cause,
				       start),
		cmocka_unit_test_setup(a_flood_is_said_once_in_ten_seconds, start),
		cmocka_unit_test_setup(strange_congestion_marks_are_said, start),
		cmocka_unit_test_setup(other_drops_are_no_alarm, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
