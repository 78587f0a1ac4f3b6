/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/config_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct config *
load_line(enum config_line line, const char *text)
{
	struct config_error error;
	struct config *config = NULL;

	if (config_line_load(line, text, &config, &error) < 0)
		fail_msg("%s:%d: %s", error.file, error.line, error.text);
	return config;
}

static be32
address(const char *text)
{
	be32 parsed;

	assert_int_equal(address_parse(text, &parsed), 0);
	return parsed;
}

static void
small_configuration_loads_without_a_warning(void **state)
{
	struct config *config = load_line(LINE_EAL, "");

	assert_string_equal(config_warnings(), "");
	config_unload(config);
}

static void
shipped_example_loads_and_holds_what_it_says(void **state)
{
	struct config_error error;
	struct config *config = NULL;

	if (config_load(CONFIG_EXAMPLE, &config, &error) < 0)
		fail_msg("%s:%d: %s", error.file, error.line, error.text);
	assert_int_equal(config->port_count, 2);
	assert_false(config->ports[0].is_internal);
	assert_true(config->ports[1].is_internal);
	assert_int_equal(config->ports[0].network.len_bits, 24);
	assert_true(config->agents[AGENT_X_HA].enabled && config->agents[AGENT_I_HA].enabled);
	assert_int_equal(config->vpn.address, address("203.0.113.3"));
	assert_int_equal(config->vpn.tia_networks[0].address, address("10.8.0.0"));
	assert_int_equal(config->home_networks[0].port, -1);
	assert_int_equal(config->home_networks[0].pool_first, address("198.51.100.100"));
	assert_int_equal(config->home_networks[0].pool_last, address("198.51.100.199"));
	assert_int_equal(config->home_networks[1].port, 1);
	assert_int_equal(config->subscriber_count, 2);
	assert_int_equal(config->subscribers[0].home_address, 0);
	assert_string_equal(config->subscribers[0].nai, "mn1@example.com");
	assert_int_equal(config->subscribers[1].association_count, 2);
	assert_int_equal(config->subscribers[1].associations[1].algorithm, MIP_AUTH_HMAC_SHA256);
	assert_int_equal(config->subscribers[1].associations[1].replay, REPLAY_NONCES);
	assert_int_equal(config->foreign_agents[0].association.spi, 300);
	config_unload(config);
}

/* What the example shows as default must be what an absent key gives. */
static void
defaults_that_the_example_shows_are_the_defaults(void **state)
{
	char shown[32768] = "";
	char line[512];
	struct config_error error;
	struct config *plain = NULL;
	struct config *spelled = NULL;
	FILE *example = fopen(CONFIG_EXAMPLE, "r");

	assert_non_null(example);
	while (fgets(line, sizeof(line), example) != NULL) {
		char *hash = strstr(line, "# ");

		/* "# key = value;" but no prose, and not the alternative to another key */
		if (hash != NULL && strspn(line, "\t #") == (size_t)(hash + 2 - line) &&
		    strstr(hash, " = ") != NULL && strstr(hash, "name = value") == NULL &&
		    strstr(hash, "mn1.key") == NULL)
			memmove(hash, hash + 2, strlen(hash + 2) + 1);
		strncat(shown, line, sizeof(shown) - strlen(shown) - 1);
	}
	fclose(example);
	assert_int_equal(config_load(CONFIG_EXAMPLE, &plain, &error), 0);
	if (config_text_load(shown, &spelled, &error) < 0)
		fail_msg("%d: %s", error.line, error.text);
	assert_memory_equal(&plain->eal, &spelled->eal, sizeof(plain->eal));
	assert_memory_equal(plain->ports, spelled->ports, sizeof(plain->ports));
	assert_memory_equal(&plain->limits, &spelled->limits, sizeof(plain->limits));
	assert_memory_equal(&plain->agents[AGENT_X_HA], &spelled->agents[AGENT_X_HA],
			    sizeof(plain->agents[AGENT_X_HA]));
	assert_memory_equal(&plain->vpn, &spelled->vpn, sizeof(plain->vpn));
	assert_memory_equal(&plain->ike, &spelled->ike, sizeof(plain->ike));
	assert_memory_equal(plain->subscribers[0].associations,
			    spelled->subscribers[0].associations,
			    sizeof(plain->subscribers[0].associations));
	assert_string_equal(plain->runtime_directory, spelled->runtime_directory);
	config_unload(plain);
	config_unload(spelled);
}

static void
absent_keys_get_their_defaults(void **state)
{
	struct config *config = load_line(LINE_EAL, "");

	assert_int_equal(config->eal.worker_count, 1);
	assert_int_equal(config->eal.worker_cores[0], 1);
	assert_true(config->eal.huge_pages);
	assert_string_equal(config->eal.file_prefix, "homeport");
	assert_int_equal(config->ports[0].mtu, 1500);
	assert_int_equal(config->agents[AGENT_X_HA].lifetime_max_sec, 3600);
	assert_int_equal(config->agents[AGENT_X_HA].reverse_tunnel, REVERSE_TUNNEL_OPTIONAL);
	assert_int_equal(config->agents[AGENT_I_HA].udp_keepalive_sec, 110);
	assert_int_equal(config->agents[AGENT_I_HA].advertise_interval_sec, 600);
	assert_int_equal(config->subscribers[0].associations[0].algorithm, MIP_AUTH_HMAC_MD5);
	assert_int_equal(config->subscribers[0].associations[0].replay, REPLAY_TIMESTAMPS);
	assert_int_equal(config->subscribers[0].associations[0].window_sec, 7);
	assert_true(config->foreign_agents[0].revocation);
	assert_int_equal(config->limits.reassembly_entries, 4096);
	config_unload(config);
}

static void
advertisements_may_be_at_intervals_or_on_request_only(void **state)
{
	static const unsigned allowed[] = {0, 4, 1800};

	for (unsigned i = 0; i < ARRAY_COUNT(allowed); i++) {
		struct config *config;
		char line[128];

		snprintf(line, sizeof(line),
			 "x_ha: { address = \"203.0.113.2\"; advertise_interval_sec = %u; };",
			 allowed[i]);
		config = load_line(LINE_X_HA, line);
		assert_int_equal(config->agents[AGENT_X_HA].advertise_interval_sec, allowed[i]);
		config_unload(config);
	}
}

static void
absent_section_leaves_that_home_agent_out(void **state)
{
	struct config_error error;
	struct config *config = NULL;

	assert_int_equal(
		config_text_load("ports = ( { name = \"a\"; device = \"net_null0\"; role = "
				 "\"internal\"; address = \"10.1.0.1/16\"; } );\n"
				 "i_ha: { address = \"10.1.0.2\"; };\n",
				 &config, &error),
		0);
	assert_false(config->agents[AGENT_X_HA].enabled);
	assert_true(config->agents[AGENT_I_HA].enabled);
	config_unload(config);
}

static void
home_agent_that_is_not_there_cannot_be_named(void **state)
{
	struct config_error error;
	struct config *config = NULL;

	assert_int_equal(config_line_load(LINE_I_HA, "", &config, &error), -EINVAL);
	assert_int_equal(error.line, LINE_HOME_NETWORKS + 1);
	assert_string_equal(error.text,
			    "home_networks[1].agent: i-ha is not enabled; add a section "
			    "\"i_ha\" with its address");
}

static void
box_without_any_role_is_refused(void **state)
{
	struct config_error error;
	struct config *config = NULL;

	assert_int_equal(
		config_text_load("ports = ( { name = \"a\"; device = \"net_null0\"; role = "
				 "\"internal\"; address = \"10.1.0.1/16\"; } );\n",
				 &config, &error),
		-EINVAL);
	assert_int_equal(error.line, 0);
	assert_non_null(strstr(error.text, "neither a home agent nor the VPN gateway is enabled"));
}

static void
file_that_cannot_be_read_is_named(void **state)
{
	static const char long_path[CONFIG_PATH_SIZE + 1] = {[0 ... CONFIG_PATH_SIZE - 1] = 'x'};
	const struct {
		const char *path;
		int expected;
	} cases[] = {
		{"/nonexistent/homeport.conf", -ENOENT},
		{"/", -EISDIR},
		{"/dev/null", -ENOTSUP},
		{long_path, -ENAMETOOLONG},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct config_error error;
		struct config *config = NULL;

		assert_int_equal(config_load(cases[i].path, &config, &error), cases[i].expected);
		assert_memory_equal(error.file, cases[i].path, 1);
		assert_int_equal(error.line, 0);
		assert_true(strlen(error.text) > 0);
		assert_null(config);
	}
}

static void
spi_takes_all_of_its_32_bits(void **state)
{
	static const char *const spis[] = {"4294967295", "0xffffffff", "4294967295L",
					   "0xFFFFFFFFL"};

	for (size_t i = 0; i < ARRAY_COUNT(spis); i++) {
		char text[256];
		struct config *config;

		snprintf(text, sizeof(text),
			 "foreign_agents = ( { address = \"192.0.2.1\"; spi = %s; key = { ascii = "
			 "\"0123456789abcdef\"; }; } );",
			 spis[i]);
		config = load_line(LINE_FOREIGN_AGENTS, text);
		assert_int_equal(config->foreign_agents[0].association.spi, UINT32_MAX);
		config_unload(config);
	}
}

static void
key_is_the_same_from_hex_ascii_and_a_file(void **state)
{
	static const char *const keys[] = {
		"ascii = \"0123456789abcdef\"",
		"hex = \"30313233343536373839616263646566\"",
		"file = \"mn.key\"",
	};

	config_file_write("mn.key", "0123456789abcdef\n", 0600);
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		char text[256];
		struct config *config;

		snprintf(text, sizeof(text),
			 "subscribers = ( { agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = "
			 "256; "
			 "key = { %s; }; } );",
			 keys[i]);
		config = load_line(LINE_SUBSCRIBERS, text);
		assert_int_equal(config->subscribers[0].associations[0].key.len, 16);
		assert_memory_equal(config->subscribers[0].associations[0].key.bytes,
				    "0123456789abcdef", 16);
		config_unload(config);
	}
}

static void
same_nai_may_be_known_to_both_home_agents(void **state)
{
	struct config *config = load_line(
		LINE_SUBSCRIBERS,
		"subscribers = ( { agent = \"x-ha\"; nai = \"a@b.c\"; spi = 256; key = { ascii = "
		"\"0123456789abcdef\"; }; }, { agent = \"i-ha\"; nai = \"a@b.c\"; home_address = "
		"\"10.1.0.7\"; spi = 256; key = { ascii = \"0123456789abcdef\"; }; } );");

	assert_int_equal(config->subscriber_count, 2);
	config_unload(config);
}

static void
included_file_is_found_beside_the_main_file(void **state)
{
	struct config *config;

	config_file_write("limits.conf", "limits: { bindings_max = 77; };\n", 0600);
	config = load_line(LINE_LIMITS, "@include \"limits.conf\"");
	assert_int_equal(config->limits.bindings_max, 77);
	config_unload(config);
}

static void
many_subscribers_load(void **state)
{
	const unsigned count = 100000;
	struct config_error error;
	struct config *config = NULL;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	fputs("ports = ( { name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	      "\"192.0.2.1/24\"; } );\n"
	      "x_ha: { address = \"192.0.2.2\"; };\n"
	      "home_networks = ( { agent = \"x-ha\"; prefix = \"10.0.0.0/8\"; virtual = true; } "
	      ");\n"
	      "subscribers = (\n",
	      file);
	for (unsigned i = 0; i < count; i++)
		fprintf(file,
			"%s{ agent = \"x-ha\"; home_address = \"10.%u.%u.%u\"; nai = \"m%u@b.c\"; "
			"spi "
			"= 256; key = { hex = \"00112233445566778899aabb%08x\"; }; }\n",
			i > 0 ? "," : "", (i + 1) >> 16, (i + 1) >> 8 & 255, (i + 1) & 255, i, i);
	fputs(");\n", file);
	fclose(file);
	if (config_text_load(text, &config, &error) < 0)
		fail_msg("%d: %s", error.line, error.text);
	assert_int_equal(config->subscriber_count, count);
	assert_string_equal(config->subscribers[count - 1].nai, "m99999@b.c");
	assert_int_equal(config->subscribers[count - 1].line, 4 + (int)count);
	config_unload(config);
	free(text);
}

static void
agents_have_the_names_of_the_file(void **state)
{
	assert_string_equal(agent_name(AGENT_X_HA), "x-ha");
	assert_string_equal(agent_name(AGENT_I_HA), "i-ha");
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
		cmocka_unit_test(small_configuration_loads_without_a_warning),
		cmocka_unit_test(shipped_example_loads_and_holds_what_it_says),
		cmocka_unit_test(defaults_that_the_example_shows_are_the_defaults),
		cmocka_unit_test(absent_keys_get_their_defaults),
		cmocka_unit_test(advertisements_may_be_at_intervals_or_on_request_only),
		cmocka_unit_test(absent_section_leaves_that_home_agent_out),
		cmocka_unit_test(home_agent_that_is_not_there_cannot_be_named),
		cmocka_unit_test(box_without_any_role_is_refused),
		cmocka_unit_test(file_that_cannot_be_read_is_named),
		cmocka_unit_test(spi_takes_all_of_its_32_bits),
		cmocka_unit_test(key_is_the_same_from_hex_ascii_and_a_file),
		cmocka_unit_test(same_nai_may_be_known_to_both_home_agents),
		cmocka_unit_test(included_file_is_found_beside_the_main_file),
		cmocka_unit_test(many_subscribers_load),
		cmocka_unit_test(agents_have_the_names_of_the_file),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
