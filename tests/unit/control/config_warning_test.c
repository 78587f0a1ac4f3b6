/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SUBSCRIBER(key)                                                                            \
	"subscribers = ( { agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = { " key \
	"; }; } );"

/* A configuration that works but probably not as it was meant. */
static const struct {
	enum config_line line;
	const char *text;
	const char *expected; /* part of the warning */
} cases[] = {
	{LINE_EAL, "eal: { main_core = 1; worker_cores = [2, 1]; };",
	 ":1: eal.worker_cores: worker 1 shares CPU 1 with the control core"},
	{LINE_EAL, "eal: { buffers = 4096; };", ":1: eal.buffers: 4096 are few"},
	{LINE_X_HA, "x_ha: { address = \"10.1.0.9\"; };",
	 ":5: x_ha.address: this is on the network of the internal port \"inside\""},
	{LINE_I_HA, "i_ha: { address = \"10.1.0.2\"; };",
	 "i_ha.trusted_networks: none is given and there is no default"},
	{LINE_I_HA, "i_ha: { address = \"10.1.0.2\"; trusted_networks = [\"0.0.0.0/0\"]; };",
	 ":6: i_ha.trusted_networks[0]: this trusts every address"},
	{LINE_I_HA, "i_ha: { address = \"10.1.0.2\"; trusted_networks = [\"203.0.0.0/16\"]; };",
	 ":6: i_ha.trusted_networks[0]: this overlaps with the network of the external port"},
	{LINE_I_HA, "i_ha: { address = \"203.0.113.3\"; trusted_networks = [\"10.0.0.0/8\"]; };",
	 ":6: i_ha.address: this is on the network of the external port \"outside\""},
	{LINE_HOME_NETWORKS,
	 "home_networks = ( { agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; } );",
	 ":5: x_ha: it has no home network"},
	{LINE_HOME_NETWORKS,
	 "home_networks = ( { agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; virtual = true; } );",
	 ":7: home_networks[0].virtual: the prefix overlaps with the network of port \"inside\""},
	{LINE_SUBSCRIBERS, SUBSCRIBER("ascii = \"012345678\""),
	 ":8: subscribers[0].key: the key has 9 bytes; RFC 5944 section 5.1 wants 16 or more"},
	{LINE_SUBSCRIBERS, SUBSCRIBER("hex = \"abababababababababababababababab\""),
	 ":8: subscribers[0].key: the key is one byte over and over"},
};

static void
doubtful_configuration_loads_with_a_warning(void **state)
{
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct config_error error;
		struct config *config = NULL;

		if (config_line_load(cases[i].line, cases[i].text, &config, &error) < 0)
			fail_msg("%d: %s", error.line, error.text);
		if (strstr(config_warnings(), cases[i].expected) == NULL)
			fail_msg("\"%s\" is not in \"%s\"", cases[i].expected, config_warnings());
		config_unload(config);
	}
}

static void
more_subscribers_than_bindings_are_warned_of(void **state)
{
	struct config_error error;
	struct config *config = NULL;

	config_file_write(
		"subscribers.conf",
		"subscribers = ( { agent = \"i-ha\"; home_address = \"10.1.0.8\"; spi = 256; "
		"key = { ascii = \"0123456789abcdef\"; }; }, { agent = \"i-ha\"; home_address "
		"= \"10.1.0.7\"; spi = 256; key = { ascii = \"0123456789abcdef\"; }; } );\n"
		"limits: { bindings_max = 1; };\n",
		0600);
	assert_int_equal(
		config_text_load(
			"ports = ( { name = \"a\"; device = \"net_null0\"; role = \"internal\"; "
			"address = \"10.1.0.1/16\"; } );\n"
			"i_ha: { address = \"10.1.0.2\"; trusted_networks = [\"10.0.0.0/8\"]; };\n"
			"home_networks = ( { agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = "
			"\"a\"; } );\n"
			"@include \"subscribers.conf\"\n",
			&config, &error),
		0);
	assert_non_null(strstr(config_warnings(),
			       "limits.bindings_max: 2 subscribers stand against 1 bindings"));
	config_unload(config);
}

static void
file_that_everybody_may_read_is_warned_of_once(void **state)
{
	struct config_error error;
	struct config *config = NULL;
	char text[1024];
	const char *first;

	/* Twice the same key, and a file for the keys that every user may read. */
	snprintf(text, sizeof(text), "%s",
		 "subscribers = ( { agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key "
		 "= { "
		 "ascii = \"0123456789abcdef\"; }; }, { agent = \"i-ha\"; home_address = "
		 "\"10.1.0.8\"; spi = 256; key = { ascii = \"0123456789abcdef\"; }; } );\n");
	config_file_write("subscribers.conf", text, 0644);
	assert_int_equal(config_line_load(LINE_SUBSCRIBERS, "@include \"subscribers.conf\"",
					  &config, &error),
			 0);
	first = strstr(config_warnings(), "every user may read");
	assert_non_null(first);
	assert_non_null(strstr(first, "subscribers.conf"));
	assert_null(strstr(first + 1, "every user may read"));
	config_unload(config);
}

static void
warnings_past_a_hundred_are_counted(void **state)
{
	struct config_error error;
	struct config *config = NULL;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	fputs("subscribers = (", file);
	for (unsigned i = 0; i < 103; i++)
		fprintf(file,
			"%s{ agent = \"i-ha\"; home_address = \"10.1.0.%u\"; spi = 256; key = { "
			"ascii = \"shortish\"; }; }",
			i > 0 ? ", " : "", i + 10);
	fputs(" );\n", file);
	fclose(file);
	config_file_write("many.conf", text, 0600);
	free(text);
	assert_int_equal(
		config_line_load(LINE_SUBSCRIBERS, "@include \"many.conf\"", &config, &error), 0);
	assert_non_null(strstr(config_warnings(), "subscribers[99].key"));
	assert_null(strstr(config_warnings(), "subscribers[100].key"));
	assert_non_null(strstr(config_warnings(), ": 3 more warnings are not shown"));
	config_unload(config);
}

static void
error_in_an_included_file_names_that_file(void **state)
{
	struct config_error error;
	struct config *config = NULL;

	config_file_write("limits.conf", "limits: {\n bindings_max = 0; };\n", 0600);
	assert_true(config_line_load(LINE_LIMITS, "@include \"limits.conf\"", &config, &error) < 0);
	assert_string_equal(error.file, "limits.conf");
	assert_int_equal(error.line, 2);
}

static void
hostile_text_does_not_reach_the_terminal(void **state)
{
	struct config_error error;
	struct config *config = NULL;

	assert_true(config_line_load(LINE_X_HA, "x_ha: { address = \"\\x1b[2J\"; };", &config,
				     &error) < 0);
	assert_non_null(strstr(error.text, "?[2J"));
	assert_null(strchr(error.text, '\x1b'));
}

static void
key_is_never_in_an_error(void **state)
{
	struct config_error error;
	struct config *config = NULL;

	assert_true(config_line_load(LINE_SUBSCRIBERS, SUBSCRIBER("hex = \"c0ffeec0ffeeg\""),
				     &config, &error) < 0);
	assert_null(strstr(error.text, "c0ffee"));
}

static int
begin(void **state)
{
	config_files_begin();
	return 0;
}

static int
end(void **state)
{
	config_files_end();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubtful_configuration_loads_with_a_warning),
		cmocka_unit_test(more_subscribers_than_bindings_are_warned_of),
		cmocka_unit_test(file_that_everybody_may_read_is_warned_of_once),
		cmocka_unit_test(warnings_past_a_hundred_are_counted),
		cmocka_unit_test(error_in_an_included_file_names_that_file),
		cmocka_unit_test(hostile_text_does_not_reach_the_terminal),
		cmocka_unit_test(key_is_never_in_an_error),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
