/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctl/box.h"
#include "lib/types.h"
#include "tests/unit/ctl/fake_box.h"

static const struct fake_answer no_answers[] = {{NULL, NULL}};

static void
answer_loses_the_wrapper_that_names_the_command(void **state)
{
	static const struct fake_answer answers[] = {{"/homeport/x,1", "{\"/homeport/x\":[5]}"},
						     {NULL, NULL}};
	struct fake_box server;
	struct box box;
	json_t *answer;

	fake_box_start(&server, FAKE_GREETING, answers);
	assert_int_equal(box_connect(&box, server.path), 0);
	assert_int_equal(box_ask(&box, "/homeport/x", "1", &answer), 0);
	assert_int_equal(json_integer_value(json_array_get(answer, 0)), 5);
	json_decref(answer);
	box_close(&box);
	fake_box_stop(&server);
}

/* What the box sends in place of an answer -> what box_ask() makes of it. */
static void
odd_answers_are_refused(void **state)
{
	char huge[20000];
	const struct {
		const char *answer;
		int error;
	} cases[] = {
		{"{\"/q\":null}", -ENOTSUP},
		{"{\"/other\":{}}", -EPROTO},
		{"{\"/q\":{\"a\":1", -EPROTO}, /* cut short */
		{"{\"/q\":{\"a\":\"\\1\"}}", -EPROTO},
		{"{\"/q\":99999999999999999999999}", -EPROTO},
		{"[]", -EPROTO},
		{"\"/q\"", -EPROTO},
		{"\xff\xfe\xfd", -EPROTO},
		{huge, -EMSGSIZE}, /* more than the greeting announced */
		{NULL, -ECONNRESET},
	};

	memset(huge, ' ', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		const struct fake_answer answers[] = {{"/q", cases[i].answer}, {NULL, NULL}};
		struct fake_box server;
		struct box box;
		json_t *answer;

		fake_box_start(&server, FAKE_GREETING, answers);
		assert_int_equal(box_connect(&box, server.path), 0);
		assert_int_equal(box_ask(&box, "/q", NULL, &answer), cases[i].error);
		box_close(&box);
		fake_box_stop(&server);
	}
}

static void
odd_greetings_are_refused(void **state)
{
	static const struct {
		const char *greeting;
		int error;
	} cases[] = {
		{"hello", -EPROTO},
		{"{\"version\":\"1\"}", -EPROTO},
		{"{\"max_output_len\":-1}", -EPROTO},
		{"{\"max_output_len\":99999999999}", -EPROTO},
		{"{\"max_output_len\":\"16384\"}", -EPROTO},
		{NULL, -ECONNRESET}, /* DPDK does so beyond ten clients */
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fake_box server;
		struct box box;

		fake_box_start(&server, cases[i].greeting, no_answers);
		assert_int_equal(box_connect(&box, server.path), cases[i].error);
		assert_int_equal(box.fd, -1);
		fake_box_stop(&server);
	}
}

static void
request_too_long_is_refused(void **state)
{
	char argument[400];
	struct fake_box server;
	struct box box;
	json_t *answer;

	memset(argument, 'x', sizeof(argument) - 1);
	argument[sizeof(argument) - 1] = '\0';
	fake_box_start(&server, FAKE_GREETING, no_answers);
	assert_int_equal(box_connect(&box, server.path), 0);
	assert_int_equal(box_ask(&box, "/q", argument, &answer), -EMSGSIZE);
	box_close(&box);
	fake_box_stop(&server);
}

/* The fake box listens at "...v2:1"; here "...v2" is what a killed box left behind. */
static void
dead_socket_is_passed_over_for_the_living_one(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct fake_box server;
	struct box box;
	int dead;

	fake_box_start(&server, FAKE_GREETING, no_answers);
	dead = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/dpdk_telemetry.v2",
		 server.prefix_dir);
	assert_int_equal(bind(dead, (struct sockaddr *)&address, sizeof(address)), 0);
	close(dead);
	assert_int_equal(box_connect_prefix(&box, server.dir, "homeport"), 0);
	assert_string_equal(box.path, server.path);
	box_close(&box);
	unlink(address.sun_path);
	fake_box_stop(&server);
}

static void
nobody_there_is_told_apart_by_cause(void **state)
{
	char long_path[200], text[256];
	struct box box;

	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(box_connect(&box, long_path), -ENAMETOOLONG);
	assert_int_equal(box_connect_prefix(&box, "/nonexistent", "homeport"), -ENOENT);
	box_explain(&box, -ENOENT, text, sizeof(text));
	assert_string_equal(text, "homeport is not running (no socket at "
				  "/nonexistent/dpdk/homeport/dpdk_telemetry.v2)");
	box_explain(&box, -EACCES, text, sizeof(text));
	assert_non_null(strstr(text, "permission denied"));
	assert_non_null(strstr(text, "run as root"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_loses_the_wrapper_that_names_the_command),
		cmocka_unit_test(odd_answers_are_refused),
		cmocka_unit_test(odd_greetings_are_refused),
		cmocka_unit_test(request_too_long_is_refused),
		cmocka_unit_test(dead_socket_is_passed_over_for_the_living_one),
		cmocka_unit_test(nobody_there_is_told_apart_by_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
