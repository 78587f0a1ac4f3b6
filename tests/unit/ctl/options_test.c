/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/types.h"
#include "tests/unit/ctl/fake_box.h"

/* Command line -> what is said about it. */
static void
lines_that_make_no_sense_are_refused_before_connecting(void **state)
{
	static const struct {
		const char *words;
		const char *complaint;
	} cases[] = {
		{"--json", "no command"},
		{"fly", "unknown command: fly"},
		{"--fly", "unknown option"},
		{"-p", "an option lacks its value"},
		{"status now", "one word too many: now"},
		{"binding", "which address?"},
		{"binding 10.1.0", "not an IPv4 address: 10.1.0"},
		{"binding 10.1.0.9,1", "not an IPv4 address: 10.1.0.9,1"},
		{"revoke everyone", "not an IPv4 address: everyone"},
		{"binding 10.1.0.9 10.1.0.8", "one word too many: 10.1.0.8"},
		{"bindings --agent y-ha", "--agent is x-ha or i-ha, not y-ha"},
		{"status --agent x-ha", "--agent belongs to bindings, not to status"},
		{"status --all", "--all belongs to drops, not to status"},
		{"drops --count 3", "--count belongs to watch and trace, not to drops"},
		{"watch --seconds 3", "--seconds belongs to trace, not to watch"},
		{"trace", "which address?"},
		{"trace mobile", "not an IPv4 address: mobile"},
		{"trace 10.1.0.9 --seconds 0", "--seconds takes a number from 1 to 86400, not 0"},
		{"trace 10.1.0.9 --seconds 86401", "--seconds takes a number"},
		{"sa", "which SPI?"},
		{"sa 0xg", "not an SPI: 0xg"},
		{"sa 0x", "not an SPI: 0x"},
		{"sa 12345678901", "not an SPI: 12345678901"},
		{"sa c0000001,1", "not an SPI: c0000001,1"},
		{"watch 0", "not a number of seconds from 1 to 3600: 0"},
		{"watch 3601", "not a number of seconds"},
		{"watch 1x", "not a number of seconds"},
		{"watch --count 0", "--count takes a number from 1, not 0"},
		{"watch --count=-1", "--count takes a number from 1, not -1"},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct ctl_output output = run_ctl(cases[i].words);

		assert_int_equal(output.status, CTL_USAGE);
		assert_non_null(strstr(output.err, cases[i].complaint));
		assert_string_equal(output.out, "");
		ctl_output_fini(&output);
	}
}

static void
help_names_every_command(void **state)
{
	static const char *const names[] = {
		"status", "bindings", "binding", "drops", "stages", "security", "neighbours",
		"stats",  "revoke",   "watch",	 "vpn",	  "sas",    "sa",	"trace",
	};
	struct ctl_output output = run_ctl("--help");

	assert_int_equal(output.status, CTL_OK);
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		char line[32];

		snprintf(line, sizeof(line), "\n  %s ", names[i]);
		assert_non_null(strstr(output.out, line));
	}
	ctl_output_fini(&output);
}

static void
version_needs_no_box(void **state)
{
	struct ctl_output output = run_ctl("--version -s /nonexistent");

	assert_int_equal(output.status, CTL_OK);
	assert_int_equal(strncmp(output.out, "homeportctl ", 12), 0);
	ctl_output_fini(&output);
}

static void
missing_box_is_said_and_has_its_exit_status(void **state)
{
	struct ctl_output output = run_ctl("-s /nonexistent/socket status");

	assert_int_equal(output.status, CTL_UNREACHABLE);
	assert_string_equal(output.err, "homeportctl: homeport is not running (no socket at "
					"/nonexistent/socket)\n");
	ctl_output_fini(&output);
}

static void
prefix_chooses_the_socket(void **state)
{
	struct ctl_output output = run_ctl("-p no-such-box-runs-here status");

	assert_int_equal(output.status, CTL_UNREACHABLE);
	assert_non_null(strstr(output.err, "/dpdk/no-such-box-runs-here/dpdk_telemetry.v2"));
	ctl_output_fini(&output);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_make_no_sense_are_refused_before_connecting),
		cmocka_unit_test(help_names_every_command),
		cmocka_unit_test(version_needs_no_box),
		cmocka_unit_test(missing_box_is_said_and_has_its_exit_status),
		cmocka_unit_test(prefix_chooses_the_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
