/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PLACE                                               \
	"visitor_interface = \"eth0\"; uplink = \"eth1\"; " \
	"care_of_address = \"192.0.2.200\";\n"
#define KEY "spi = 300; key = { ascii = \"k\"; };"

static int
load(const char *text, struct fa_config **config, struct mn_config_error *error)
{
	char path[] = "/tmp/fa_config_test.XXXXXX";
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	result = fa_config_load(path, config, error);
	unlink(path);
	return result;
}

static void
minimal_file_gets_the_defaults(void **state)
{
	struct mn_config_error error;
	struct fa_config *config;

	assert_int_equal(load(PLACE, &config, &error), 0);
	assert_string_equal(config->visitor_interface, "eth0");
	assert_int_equal(config->care_of, htobe32(0xc00002c8));
	assert_int_equal(config->limits.pending_sec, 7);
	assert_int_equal(config->tunnels.reverse, FA_REVERSE_OPTIONAL);
	assert_false(config->challenge.required);
	assert_int_equal(config->challenge.window, 2);
	assert_int_equal(config->home_agents.count, 0);
	assert_string_equal(config->control_socket, FA_DEFAULT_CONTROL_SOCKET);
	fa_config_destroy(config);
}

static void
associations_are_read(void **state)
{
	struct mn_config_error error;
	struct fa_config *config;

	assert_int_equal(load(PLACE "home_agents = ( { address = \"198.51.100.2\"; " KEY " } );\n"
				    "mobiles = ( { home_address = \"203.0.113.7\"; " KEY
				    " algorithm = \"hmac-sha256\"; }, { nai = \"a@b.c\"; " KEY
				    " } );\n",
			      &config, &error),
			 0);
	assert_int_equal(config->home_agents.count, 1);
	assert_int_equal(config->home_agents.list[0].spi, 300);
	assert_int_equal(config->mobiles.count, 2);
	assert_int_equal(config->mobiles.list[0].algorithm, MIP_AUTH_HMAC_SHA256);
	assert_string_equal(config->mobiles.list[1].nai, "a@b.c");
	fa_config_destroy(config);
}

static void
revocation_needs_registration_with_us(void **state)
{
	struct mn_config_error error;
	struct fa_config *config;

	assert_int_equal(load(PLACE "revocation = { home_agent_decides = false; stop_sec = 0; };",
			      &config, &error),
			 0);
	assert_true(config->revocation.offer && !config->revocation.home_agent_decides);
	assert_int_equal(config->revocation.stop_sec, 0);
	fa_config_destroy(config);
	assert_int_equal(
		load(PLACE "advertise = { registration_required = false; };", &config, &error), 0);
	assert_false(config->revocation.offer);
	fa_config_destroy(config);
}

static void
mistakes_are_said_with_their_key(void **state)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
		{"", "visitor_interface"},
		{"visitor_interface = \"a\"; uplink = \"a\"; care_of_address = \"192.0.2.1\";",
		 "uplink"},
		{"visitor_interface = \"a\"; uplink = \"b\";", "care_of_address"},
		{PLACE "nonsense = 1;", "homeport-fa.conf(5)"},
		{PLACE "limits = { pending_sec = 0; };", "pending_sec"},
		{PLACE "limits = { lifetime = 5; };", "lifetime"},
		{PLACE "tunnels = { reverse = \"maybe\"; };", "reverse"},
		{PLACE "tunnels = { udp_forced = true; };", "udp_forced"},
		{PLACE "advertise = { interval_sec = 0; };", "interval_sec"},
		{PLACE "advertise = { nai = \"branch\"; };", "nai"},
		{PLACE "challenge = { window = 1; };", "window"},
		{PLACE "revocation = { stop_sec = 61; };", "stop_sec"},
		{PLACE "home_agents = ( { " KEY " } );", "address"},
		{PLACE "home_agents = ( { address = \"192.0.2.1\"; spi = 300; } );", "key"},
		{PLACE "home_agents = ( 5 );", "home_agents"},
		{PLACE "mobiles = ( { " KEY " } );", "home_address"},
		{PLACE "mobiles = ( { nai = \"@\"; " KEY " } );", "nai"},
		{PLACE "mobiles = ( { nai = \"a@b.c\"; key = { ascii = \"k\"; }; } );", "spi"},
		{PLACE "runtime_directory = \"x\";", "runtime_directory"},
		{PLACE "rule_priority = 0;", "rule_priority"},
		{PLACE "log_level = \"loud\";", "log_level"},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mn_config_error error;
		struct fa_config *config;

		assert_int_equal(load(cases[i].text, &config, &error), -EINVAL);
		assert_non_null(strstr(error.text, cases[i].word));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minimal_file_gets_the_defaults),
		cmocka_unit_test(associations_are_read),
		cmocka_unit_test(revocation_needs_registration_with_us),
		cmocka_unit_test(mistakes_are_said_with_their_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
