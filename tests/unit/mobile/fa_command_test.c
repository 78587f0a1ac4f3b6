/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mobile/fa_relay.h"
#include "mobile/status_server.h"

static void
an_address_and_seconds_are_read(void **state)
{
	static const struct {
		const char *words;
		uint32_t ban_sec;
	} cases[] = {
		{"revoke 192.0.2.7", FA_BAN_LIFETIME},
		{"revoke 192.0.2.7 ", FA_BAN_LIFETIME},
		{"revoke 192.0.2.7\n", FA_BAN_LIFETIME},
		{"revoke 192.0.2.7 0", 0},
		{" revoke  192.0.2.7\t100000\r\n", 100000},
		{"revoke 192.0.2.7 4294967294", 4294967294},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fa_command command = {0};

		assert_null(fa_command_parse(cases[i].words, &command));
		assert_int_equal(command.home_address, htobe32(0xc0000207));
		assert_int_equal(command.ban_sec, cases[i].ban_sec);
	}
}

static void
what_is_not_understood_is_refused_as_a_whole(void **state)
{
	static const struct {
		const char *words, *says;
	} cases[] = {
		{"", "no such command"},
		{" \n", "no such command"},
		{"status", "no such command"},
		{"revoked 192.0.2.7", "no such command"},
		{"revoke192.0.2.7", "no such command"},
		{"revoke", "no IPv4 address"},
		{"revoke 192.0.2", "no IPv4 address"},
		{"revoke 192.0.2.7junk", "no IPv4 address"},
		{"revoke 192.0.2.7000000000000", "no IPv4 address"},
		{"revoke 192.0.2.7 junk", "no number of seconds"},
		{"revoke 192.0.2.7 192.0.2.8", "no number of seconds"},
		{"revoke 192.0.2.7 10s", "no number of seconds"},
		{"revoke 192.0.2.7 -1", "no number of seconds"},
		{"revoke 192.0.2.7 +1", "no number of seconds"},
		{"revoke 192.0.2.7 4294967295", "no number of seconds"},
		{"revoke 192.0.2.7 99999999999999999999999", "no number of seconds"},
		{"revoke 192.0.2.7 10 junk", "more than an address"},
		{"revoke 192.0.2.7 10 20", "more than an address"},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fa_command command;
		const char *wrong = fa_command_parse(cases[i].words, &command);

		if (wrong == NULL || strstr(wrong, cases[i].says) == NULL)
			fail_msg("\"%s\": %s", cases[i].words, wrong != NULL ? wrong : "taken");
	}
}

static void
words_that_are_too_long_are_not_cut_off(void **state)
{
	char words[STATUS_COMMAND_SIZE + 16];
	struct fa_command command;

	memset(words, ' ', sizeof(words));
	memcpy(words, "revoke 192.0.2.7", 16);
	memcpy(words + STATUS_COMMAND_SIZE, "junk", 5);
	assert_string_equal(fa_command_parse(words, &command), "no such command");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_and_seconds_are_read),
		cmocka_unit_test(what_is_not_understood_is_refused_as_a_whole),
		cmocka_unit_test(words_that_are_too_long_are_not_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
