/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mobile/mn_watch.h"

static char *
printed(const char *text)
{
	json_t *status = json_loads(text, 0, NULL);
	char *buffer = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&buffer, &size);

	assert_non_null(status);
	assert_non_null(out);
	mn_watch_print(status, out);
	fclose(out);
	json_decref(status);
	return buffer;
}

static void
mode_tracks_agents_and_moves_are_shown(void **state)
{
	char *text =
		printed("{\"mode\": \"cvc\", \"layers\": [\"x-mip\", \"vpn\", \"i-mip\"],"
			"\"why\": \"no i-HA answers\", \"active\": \"i-ha\","
			"\"detection\": {\"moves\": [{\"from\": \"wlan0\", \"interface\":"
			" \"eth0\", \"interruption_ms\": 17}]},"
			"\"tracks\": [{\"name\": \"eth0\", \"carries\": true, \"duty\": \"ask\","
			"\"agents\": [{\"name\": \"x-ha\", \"state\": \"registered\","
			"\"tunnel\": {\"encapsulation\": \"udp\"}}]},"
			"{\"name\": \"wlan0\", \"duty\": \"rest\"}]}");

	assert_non_null(strstr(text, "mode cvc: x-mip > vpn > i-mip\n"));
	assert_non_null(strstr(text, "no i-HA answers"));
	assert_non_null(strstr(text, "eth0            -               carries"));
	assert_non_null(strstr(text, "wlan0           -               rest"));
	assert_non_null(strstr(text, "x-ha            eth0            registered"));
	assert_non_null(strstr(text, "17 ms"));
	free(text);
}

static void
the_vpn_is_shown_with_its_last_error(void **state)
{
	char *text = printed("{\"vpn\": {\"state\": \"down\", \"since_sec\": 7, \"outer_address\":"
			     " \"203.0.113.7\", \"last_error\": \"no proposal chosen\"}}");

	assert_non_null(strstr(text, "vpn  down for 7 s, TIA -, from 203.0.113.7\n"));
	assert_non_null(strstr(text, "     no proposal chosen\n"));
	free(text);
}

static void
status_without_anything_is_shown_all_the_same(void **state)
{
	char *text = printed("{}");

	assert_non_null(strstr(text, "mode -"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mode_tracks_agents_and_moves_are_shown),
		cmocka_unit_test(the_vpn_is_shown_with_its_last_error),
		cmocka_unit_test(status_without_anything_is_shown_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
