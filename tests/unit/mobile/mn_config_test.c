/* SPDX-License-Identifier: BSD-3-Clause */
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

#include "mobile/mn_config.h"

#define AGENT_BEGIN "home_agents = ( { name = \"ha\"; spi = 256; key = { ascii = \"k\"; };\n"
#define AGENT_END "} );\n"
#define ADDRESS "address = \"192.0.2.1\";\n"
#define HOME "home_address = \"192.0.2.7\";\n"
#define AGENT AGENT_BEGIN ADDRESS HOME AGENT_END
#define INTERFACES "interfaces = [ \"eth0\" ];\n"

/* Loads `text`; the file is gone afterwards. */
static int
load(const char *text, struct mn_config **config, struct mn_config_error *error)
{
	char path[] = "/tmp/mn_config_test.XXXXXX";
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	result = mn_config_load(path, config, error);
	if (result != 0)
		assert_string_equal(error->file, path);
	unlink(path);
	return result;
}

static void
minimal_file_gets_the_defaults(void **state)
{
	struct mn_config_error error;
	struct mn_config *config;

	assert_int_equal(load(AGENT INTERFACES, &config, &error), 0);
	assert_int_equal(config->agent_count, 1);
	assert_int_equal(config->agents[0].role, MN_ROLE_X_HA);
	assert_int_equal(config->agents[0].lifetime_sec, 1800);
	assert_int_equal(config->agents[0].algorithm, MIP_AUTH_HMAC_MD5);
	assert_true(config->agents[0].udp_tunnel);
	assert_true(config->agents[0].reverse_tunnel);
	assert_string_equal(config->interfaces[0], "eth0");
	assert_int_equal(config->routing.count, 1);
	assert_int_equal(config->routing.prefixes[0].len_bits, 0);
	assert_int_equal(config->timing.retransmit_initial_ms, 1000);
	assert_int_equal(config->keepalive.interval_sec, 110);
	assert_int_equal(config->timing.drain_ms, 500);
	assert_int_equal(config->queue.packets, 64);
	assert_false(config->detect.idle);
	assert_int_equal(config->detect.hints.gateway_count + config->detect.hints.domain_count, 0);
	assert_string_equal(config->detect.hints.domain_file, "/etc/resolv.conf");
	assert_string_equal(config->control_socket, MN_DEFAULT_CONTROL_SOCKET);
	mn_config_destroy(config);
}

static void
every_key_is_read(void **state)
{
	static const char text[] =
		"home_agents = ( { name = \"i\"; role = \"i-ha\"; address = \"10.1.0.255\";\n"
		"discovery = true; home_address = \"0.0.0.0\"; nai = \"mn1@example.com\";\n"
		"spi = 4294967295L; algorithm = \"hmac-sha256\"; key = { hex = \"0a0b\"; };\n"
		"replay = \"nonces\"; lifetime_sec = 65535; monitor_sec = 30; udp_tunnel = true;\n"
		"udp_tunnel_forced = true; reverse_tunnel = false; encapsulation = \"minimal\";\n"
		"broadcasts = true; simultaneous = true; } );\n"
		"interfaces = [ \"wlan0\", \"eth0\" ]; tun = { name = \"t\"; mtu = 1300; };\n"
		"routing = { tunnel_routes = [ \"10.0.0.0/8\", \"192.0.2.0/24\" ]; table = 500;\n"
		"rule_priority = 77; direct_when_offline = true; };\n"
		"timing = { retransmit_initial_ms = 2000; retransmit_max_sec = 8;\n"
		"probe_interval_sec = 9; settle_ms = 10; exit_wait_ms = 11; drain_ms = 12;\n"
		"failover_ms = 13; }; queue = { packets = 14; age_ms = 15; };\n"
		"detect = { period_ms = 16; idle = true; hints = { period_ms = 17;\n"
		"gateways = [ \"02:00:00:00:00:0a\" ]; domains = [ \"a.example\", \"b.example\" "
		"];\n"
		"domain_file = \"/run/dhcp\"; realms = [ \"c.example\" ]; }; };\n"
		"keepalive = { interval_sec = 60; interval_min_sec = 20; answer_ms = 500;\n"
		"attempts = 5; }; log_level = \"debug\"; runtime_directory = \"/tmp/x\";\n";
	struct mn_config_error error;
	struct mn_config *config;
	const struct mn_agent_config *agent;

	assert_int_equal(load(text, &config, &error), 0);
	agent = &config->agents[0];
	assert_int_equal(agent->role, MN_ROLE_I_HA);
	assert_true(agent->discovery && agent->udp_tunnel_forced && !agent->reverse_tunnel &&
		    agent->broadcasts && agent->simultaneous);
	assert_int_equal(agent->spi, UINT32_MAX);
	assert_int_equal(agent->algorithm, MIP_AUTH_HMAC_SHA256);
	assert_int_equal(agent->key.len, 2);
	assert_int_equal(agent->replay, MN_REPLAY_NONCES);
	assert_int_equal(agent->lifetime_sec, 65535);
	assert_int_equal(agent->monitor_sec, 30);
	assert_int_equal(agent->encapsulation, TUNNEL_MINENC);
	assert_string_equal(agent->nai, "mn1@example.com");
	assert_int_equal(config->interface_count, 2);
	assert_int_equal(config->tun.mtu, 1300);
	assert_int_equal(config->routing.count, 2);
	assert_int_equal(config->routing.table, 500);
	assert_int_equal(config->routing.rule_priority, 77);
	assert_true(config->routing.direct_when_offline);
	assert_int_equal(config->timing.probe_interval_sec, 9);
	assert_int_equal(config->timing.exit_wait_ms, 11);
	assert_int_equal(config->timing.drain_ms, 12);
	assert_int_equal(config->timing.failover_ms, 13);
	assert_int_equal(config->queue.packets, 14);
	assert_int_equal(config->queue.age_ms, 15);
	assert_int_equal(config->detect.period_ms, 16);
	assert_true(config->detect.idle);
	assert_int_equal(config->detect.hints.period_ms, 17);
	assert_int_equal(config->detect.hints.gateway_count, 1);
	assert_int_equal(config->detect.hints.gateways[0][5], 10);
	assert_int_equal(config->detect.hints.domain_count, 2);
	assert_string_equal(config->detect.hints.domains[1], "b.example");
	assert_string_equal(config->detect.hints.domain_file, "/run/dhcp");
	assert_int_equal(config->detect.hints.realm_count, 1);
	assert_string_equal(config->detect.hints.realms[0], "c.example");
	assert_int_equal(config->keepalive.attempts, 5);
	assert_int_equal(config->log_level, LOG_LEVEL_DEBUG);
	assert_string_equal(config->control_socket, "/tmp/x/control.sock");
	mn_config_destroy(config);
}

static void
interfaces_may_say_what_they_think_of_agents(void **state)
{
	static const char text[] = AGENT
		"interfaces = ( \"eth0\", { name = \"wlan0\"; foreign_agents = \"require\"; },\n"
		"{ name = \"eth1\"; home_link = false; } );\n"
		"foreign_agents = ( { address = \"172.16.0.1\"; spi = 301;\n"
		"algorithm = \"hmac-sha1\"; key = { hex = \"0a0b\"; }; },\n"
		"{ spi = 302; key = { hex = \"0c\"; }; } );\n";
	struct mn_config_error error;
	struct mn_config *config;

	assert_int_equal(load(text, &config, &error), 0);
	assert_int_equal(config->interface_count, 3);
	assert_string_equal(config->interfaces[1], "wlan0");
	assert_int_equal(config->foreign_use[0], MN_FOREIGN_AUTO);
	assert_int_equal(config->foreign_use[1], MN_FOREIGN_REQUIRE);
	assert_int_equal(config->foreign_use[2], MN_FOREIGN_AUTO);
	assert_false(config->no_home_link[1]);
	assert_true(config->no_home_link[2]);
	assert_int_equal(config->association_count, 2);
	assert_int_equal(config->associations[0].address, htobe32(0xac100001));
	assert_int_equal(config->associations[0].algorithm, MIP_AUTH_HMAC_SHA1);
	assert_int_equal(config->associations[0].key.len, 2);
	assert_int_equal(config->associations[1].address, 0);
	assert_int_equal(config->associations[1].spi, 302);
	mn_config_destroy(config);
}

static void
mistakes_are_named_with_line_and_key(void **state)
{
	static const struct {
		const char *text;
		int line; /* 0: the file as a whole */
		const char *says;
	} cases[] = {
		{"home_agents = (", 1, "syntax error"},
		{INTERFACES, 0, "home_agents: give 1 to 8"},
		{"home_agents = 3;\n" INTERFACES, 1, "home_agents: must be a list"},
		{"home_agents = ( 3 );\n" INTERFACES, 1, "each entry is a group"},
		{AGENT, 0, "interfaces: name at least one"},
		{AGENT "interfaces = [ \"a-very-long-name\" ];\n", 5, "1 to 15 characters"},
		{AGENT "interfaces = [ \"eth0\", \"eth0\" ];\n", 5, "\"eth0\" is there twice"},
		{AGENT INTERFACES "detect = { hints = { gateways = [ \"x\" ]; }; };\n", 6,
		 "gateways: entry 1 is not a MAC address"},
		{AGENT INTERFACES "detect = { hints = { domains = [ \".x\" ]; }; };\n", 6,
		 "domains: entry 1 is not a domain"},
		{AGENT INTERFACES "colour = 3;\n", 6, "colour: unknown key"},
		{AGENT "interfaces = ( 3 );\n", 5, "1 to 15 characters"},
		{AGENT "interfaces = ( { foreign_agents = \"auto\"; } );\n", 5,
		 "1 to 15 characters"},
		{AGENT "interfaces = ( { name = \"eth0\";\nforeign_agents = \"yes\"; } );\n", 6,
		 "foreign_agents: \"yes\" is none of \"auto\""},
		{AGENT "interfaces = ( { name = \"eth0\"; speed = 3; } );\n", 5,
		 "speed: unknown key"},
		{AGENT INTERFACES "foreign_agents = ( 3 );\n", 6, "foreign_agents: each entry"},
		{AGENT INTERFACES "foreign_agents = ( { key = { hex = \"0a\"; }; } );\n", 6,
		 "spi: missing"},
		{AGENT INTERFACES "foreign_agents = ( { spi = 301; } );\n", 6, "key: give exactly"},
		{AGENT INTERFACES "foreign_agents = ( { address = \"0.1.2.3\"; spi = 301; } );\n",
		 6, "address: must be the foreign agent's"},
		{AGENT INTERFACES "foreign_agents = ( { spi = 301; key = { hex = \"0a\"; }; },\n"
				  "{ spi = 302; key = { hex = \"0b\"; }; } );\n",
		 7, "address: is there twice"},
		{AGENT_BEGIN ADDRESS HOME "spy = 1;\n" AGENT_END INTERFACES, 4, "spy: unknown key"},
		{AGENT_BEGIN HOME AGENT_END INTERFACES, 1, "address: must be"},
		{AGENT_BEGIN "address = \"1.2.3\";\n" AGENT_END INTERFACES, 2,
		 "address: \"1.2.3\" is not an IPv4 address"},
		{AGENT_BEGIN ADDRESS AGENT_END INTERFACES, 1, "home_address: without one"},
		{AGENT_BEGIN ADDRESS HOME "nai = \"a b\";\n" AGENT_END INTERFACES, 4, "nai: not"},
		{AGENT_BEGIN ADDRESS HOME "lifetime_sec = 70000;\n" AGENT_END INTERFACES, 4,
		 "lifetime_sec: 70000 is not from 10 to 65535"},
		{AGENT_BEGIN ADDRESS HOME "algorithm = \"rot13\";\n" AGENT_END INTERFACES, 4,
		 "algorithm: \"rot13\" is none of \"hmac-md5\""},
		{AGENT_BEGIN ADDRESS HOME "replay = 1;\n" AGENT_END INTERFACES, 4,
		 "replay: must be a string"},
		{AGENT_BEGIN ADDRESS HOME "monitor_sec = 60;\n" AGENT_END INTERFACES, 4,
		 "monitor_sec: only for role"},
		{AGENT_BEGIN ADDRESS HOME
		 "udp_tunnel = false; udp_tunnel_forced = true;\n" AGENT_END INTERFACES,
		 1, "udp_tunnel_forced: needs"},
		{"home_agents = ( { name = \"ha\"; spi = 255; } );\n" INTERFACES, 1, "address"},
		{"home_agents = ( { name = \"ha\"; " ADDRESS HOME "spi = 255; } );\n" INTERFACES, 3,
		 "spi: 255 is not from 256"},
		{"home_agents = ( { name = \"ha\"; " ADDRESS HOME "spi = 256; } );\n" INTERFACES, 1,
		 "key: give exactly one"},
		{"home_agents = ( { name = \"ha\"; " ADDRESS HOME
		 "spi = 256; key = { hex = \"0\"; }; } );\n" INTERFACES,
		 3, "key.hex: no key in it"},
		{"home_agents = ( { name = \"ha\"; " ADDRESS HOME
		 "spi = 256; key = { file = \"/nowhere/key\"; }; } );\n" INTERFACES,
		 3, "key.file: No such file"},
		{AGENT INTERFACES "routing = { tunnel_routes = [ \"10.0.0.1/8\" ]; };\n", 6,
		 "host bits"},
		{AGENT INTERFACES "routing = { table = 254; };\n", 6, "table: 254"},
		{AGENT INTERFACES "timing = { retransmit_initial_ms = 500; };\n", 6,
		 "retransmit_initial_ms: 500 is not from 1000"},
		{AGENT INTERFACES "keepalive = { interval_sec = 9; };\n", 6,
		 "interval_sec: 9 is not from 10"},
		{AGENT INTERFACES "keepalive = { interval_sec = 20; interval_min_sec = 30; };\n", 6,
		 "interval_min_sec: 30 is more"},
		{AGENT INTERFACES "runtime_directory = \"run\";\n", 6, "must begin with '/'"},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mn_config_error error;
		struct mn_config *config;

		assert_int_equal(load(cases[i].text, &config, &error), -EINVAL);
		if (strstr(error.text, cases[i].says) == NULL)
			fail_msg("case %u: \"%s\"", i, error.text);
		assert_int_equal(error.line, cases[i].line);
	}
}

static void
agents_that_contradict_each_other_are_refused(void **state)
{
	static const struct {
		const char *second;
		const char *says;
	} cases[] = {
		{"name = \"a\"; address = \"192.0.2.2\"; home_address = \"192.0.2.8\";", "twice"},
		{"name = \"b\"; role = \"i-ha\"; address = \"192.0.2.1\"; home_address = "
		 "\"192.0.2.8\";",
		 "RFC 5265 section 3.5"},
		{"name = \"b\"; address = \"192.0.2.2\"; home_address = \"192.0.2.7\";",
		 "one of its own"},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mn_config_error error;
		struct mn_config *config;
		char text[600];

		snprintf(text, sizeof(text),
			 "home_agents = ( { name = \"a\"; spi = 256; key = { ascii = \"k\"; }; "
			 "address = \"192.0.2.1\"; home_address = \"192.0.2.7\"; },\n"
			 "{ spi = 256; key = { ascii = \"k\"; }; %s } );\n" INTERFACES,
			 cases[i].second);
		assert_int_equal(load(text, &config, &error), -EINVAL);
		assert_non_null(strstr(error.text, cases[i].says));
		assert_int_equal(error.line, 2);
	}
}

#define LABEL_61 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxy"
#define LABEL_63 LABEL_61 "z0"
#define NAME_253 LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61

/* The domain as search domain, hint and realm. */
static int
load_domains(const char *domain, struct mn_config **config, struct mn_config_error *error)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 AGENT INTERFACES "dns = { servers = [ \"192.0.2.53\" ]; search = [ \"%s\" ]; };\n"
				  "detect = { hints = { domains = [ \"%s\" ];\n"
				  "realms = [ \"%s\" ]; }; };\n",
		 domain, domain, domain);
	return load(text, config, error);
}

static void
domains_are_told_from_what_is_none_by_one_rule(void **state)
{
	static const char *const domains[] = {
		"corp.example",
		"lan",
		"3com.example",
		"_msdcs.corp.example",
		"xn--bcher-kva.example",
		"b\xc3\xbc"
		"cher.example",
		"x-y." LABEL_63,
		NAME_253,
	};
	static const char *const others[] = {
		"",	".",	   "..",	  ".corp", "corp..example", "corp.example..",
		"-x",	"x-.y",	   "x.-y",	  "x-",	   "a b",	    "a/b",
		"a\tb", "x\xc3.y", "x\xc2\x9b.y", "a@b",   LABEL_63 "x",    NAME_253 "x",
	};
	struct mn_config_error error;
	struct mn_config *config;

	for (unsigned i = 0; i < ARRAY_COUNT(domains); i++) {
		if (load_domains(domains[i], &config, &error) != 0)
			fail_msg("%s: %s", domains[i], error.text);
		assert_string_equal(config->dns.search[0], domains[i]);
		assert_string_equal(config->detect.hints.domains[0], domains[i]);
		assert_string_equal(config->detect.hints.realms[0], domains[i]);
		mn_config_destroy(config);
	}
	for (unsigned i = 0; i < ARRAY_COUNT(others); i++) {
		if (load_domains(others[i], &config, &error) == 0)
			fail_msg("\"%s\" was taken", others[i]);
		assert_non_null(strstr(error.text, "entry 1 is not a domain"));
	}
}

static void
the_dot_at_the_end_of_a_domain_is_the_roots(void **state)
{
	struct mn_config_error error;
	struct mn_config *config;

	assert_int_equal(load_domains(NAME_253 ".", &config, &error), 0);
	assert_string_equal(config->dns.search[0], NAME_253);
	assert_string_equal(config->detect.hints.domains[0], NAME_253);
	mn_config_destroy(config);
}

static void
missing_file_is_said_to_be_missing(void **state)
{
	struct mn_config_error error;
	struct mn_config *config;

	assert_int_equal(mn_config_load("/nowhere/mn.conf", &config, &error), -ENOENT);
	assert_string_equal(error.file, "/nowhere/mn.conf");
	assert_non_null(strstr(error.text, "No such file"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minimal_file_gets_the_defaults),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(interfaces_may_say_what_they_think_of_agents),
		cmocka_unit_test(mistakes_are_named_with_line_and_key),
		cmocka_unit_test(agents_that_contradict_each_other_are_refused),
		cmocka_unit_test(domains_are_told_from_what_is_none_by_one_rule),
		cmocka_unit_test(the_dot_at_the_end_of_a_domain_is_the_roots),
		cmocka_unit_test(missing_file_is_said_to_be_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
