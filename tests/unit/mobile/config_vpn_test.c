/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "lib/types.h"
#include "mobile/mn_config.h"

#define KEY "spi = 256; key = { ascii = \"k\"; };"
#define X_HA                                                       \
	"{ name = \"x\"; address = \"192.0.2.1\"; home_address = " \
	"\"192.0.2.7\"; " KEY " }"
#define I_HA                                                                       \
	"{ name = \"i\"; role = \"i-ha\"; address = \"10.1.0.1\"; home_address = " \
	"\"10.1.0.7\"; " KEY " }"
#define BOTH "home_agents = ( " X_HA ", " I_HA " );"
#define INNER "home_agents = ( " I_HA " );"
#define INTERFACES "interfaces = [ \"eth0\" ];"
#define VPN(more) "vpn = { connection = \"home\"; " more " };"

static int
load(const char *text, struct mn_config **config, struct mn_config_error *error)
{
	char path[] = "/tmp/config_vpn_test.XXXXXX";
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	result = mn_config_load(path, config, error);
	unlink(path);
	return result;
}

static struct mn_config *
loaded(const char *text)
{
	struct mn_config *config = NULL;
	struct mn_config_error error;

	if (load(text, &config, &error) != 0)
		fail_msg("%s", error.text);
	return config;
}

static void
with_an_x_ha_ike_runs_from_its_home_address_on_a_device_of_its_own(void **state)
{
	struct mn_config *config = loaded(BOTH INTERFACES VPN(""));

	assert_true(config->vpn.is_set);
	assert_string_equal(config->vpn.connections[MN_VPN_OUTER_X_HA], "home");
	assert_string_equal(config->vpn.connections[MN_VPN_OUTER_MOBIKE], "");
	assert_string_equal(config->vpn.child, "net");
	assert_string_equal(config->vpn.socket, "/run/charon.vici");
	assert_int_equal(config->vpn.inside, MN_VPN_INSIDE_TERMINATE);
	assert_string_equal(config->tun.name, "hp0");
	assert_string_equal(config->tun.external_name, "hpx0");
	/* before charon's rule, which is 220 */
	assert_int_equal(config->routing.rule_priority, 100);
	mn_config_destroy(config);
}

static void
without_an_x_ha_the_vpn_moves_itself_and_stays_inside(void **state)
{
	struct mn_config *config = loaded(INNER INTERFACES VPN(""));

	assert_string_equal(config->vpn.connections[MN_VPN_OUTER_MOBIKE], "home");
	assert_string_equal(config->vpn.connections[MN_VPN_OUTER_X_HA], "");
	assert_int_equal(config->vpn.inside, MN_VPN_INSIDE_KEEP);
	assert_int_equal(config->vpn.delay_ms, 1000);
	assert_string_equal(config->tun.external_name, "");
	mn_config_destroy(config);
}

static void
there_is_another_connection_for_where_no_x_ha_answers(void **state)
{
	struct mn_config *config = loaded(BOTH INTERFACES VPN("mobike_connection = \"roam\";"));

	assert_string_equal(config->vpn.connections[MN_VPN_OUTER_X_HA], "home");
	assert_string_equal(config->vpn.connections[MN_VPN_OUTER_MOBIKE], "roam");
	assert_int_equal(config->vpn.inside, MN_VPN_INSIDE_TERMINATE);
	assert_int_equal(config->vpn.delay_ms, 1500);
	assert_string_equal(config->tun.external_name, "hpx0");
	mn_config_destroy(config);
}

static void
a_delay_of_0_is_for_who_has_one_way_to_dial(void **state)
{
	static const char *const texts[] = {
		INNER INTERFACES VPN("delay_ms = 0;"),
		BOTH INTERFACES VPN("delay_ms = 0;"),
	};

	for (unsigned i = 0; i < ARRAY_COUNT(texts); i++) {
		struct mn_config *config = loaded(texts[i]);

		assert_int_equal(config->vpn.delay_ms, 0);
		mn_config_destroy(config);
	}
}

static void
without_a_vpn_nothing_changes(void **state)
{
	struct mn_config *config = loaded(BOTH INTERFACES);

	assert_false(config->vpn.is_set);
	assert_string_equal(config->tun.external_name, "");
	assert_int_equal(config->routing.rule_priority, 4340);
	assert_int_equal(config->dns.server_count, 0);
	mn_config_destroy(config);
}

static void
dns_servers_and_domains_are_read(void **state)
{
	struct mn_config *config = loaded(
		INNER INTERFACES "dns = { servers = [ \"10.1.0.53\", \"10.1.0.54\" ]; search = [ "
				 "\"corp.example\" ]; method = \"file\"; };");

	assert_int_equal(config->dns.server_count, 2);
	assert_int_equal(config->dns.servers[1], inet_addr("10.1.0.54"));
	assert_int_equal(config->dns.search_count, 1);
	assert_string_equal(config->dns.search[0], "corp.example");
	assert_int_equal(config->dns.method, MN_DNS_FILE);
	mn_config_destroy(config);
}

static void
what_cannot_work_is_refused(void **state)
{
	static const struct {
		const char *text, *complaint;
	} cases[] = {
		{BOTH INTERFACES "vpn = { };", "vpn.connection: missing"},
		{BOTH INTERFACES VPN("socket = \"charon.vici\";"), "vpn.socket"},
		{BOTH INTERFACES VPN("outer = \"mobike\";"), "vpn.outer"},
		{INNER INTERFACES VPN("outer = \"x-ha\";"), "vpn.outer"},
		{"home_agents = ( " X_HA " );" INTERFACES VPN(""), "vpn: needs"},
		{BOTH INTERFACES VPN("inside = \"keep\";"), "vpn.inside"},
		{BOTH INTERFACES VPN("mobike_connection = \"roam\"; inside = \"keep\";"),
		 "vpn.inside"},
		{BOTH INTERFACES VPN("mobike_connection = \"home\";"), "vpn.mobike_connection"},
		{INNER INTERFACES VPN("mobike_connection = \"roam\";"), "vpn.mobike_connection"},
		{BOTH INTERFACES VPN("mobike_connection = \"roam\"; delay_ms = 0;"),
		 "vpn.delay_ms: with 0"},
		{INNER INTERFACES VPN("retry_initial_ms = 5000; retry_max_sec = 4;"),
		 "vpn.retry_max_sec"},
		{INNER INTERFACES VPN("delay = 1;"), "delay"},
		{INNER INTERFACES "tun = { external_name = \"hp0\"; };", "tun.external_name"},
		{INNER INTERFACES "dns = { servers = [ \"ns\" ]; };", "dns.servers: entry 1"},
		{INNER INTERFACES "dns = { servers = [ \"1.1.1.1\", \"1.1.1.2\", \"1.1.1.3\", "
				  "\"1.1.1.4\" ]; };",
		 "servers: more than 3"},
		{INNER INTERFACES "dns = { search = [ \"a\" ]; };", "dns.search"},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mn_config_error error;
		struct mn_config *config;

		assert_int_not_equal(load(cases[i].text, &config, &error), 0);
		if (strstr(error.text, cases[i].complaint) == NULL)
			fail_msg("case %zu: %s", i, error.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			with_an_x_ha_ike_runs_from_its_home_address_on_a_device_of_its_own),
		cmocka_unit_test(without_an_x_ha_the_vpn_moves_itself_and_stays_inside),
		cmocka_unit_test(there_is_another_connection_for_where_no_x_ha_answers),
		cmocka_unit_test(a_delay_of_0_is_for_who_has_one_way_to_dial),
		cmocka_unit_test(without_a_vpn_nothing_changes),
		cmocka_unit_test(dns_servers_and_domains_are_read),
		cmocka_unit_test(what_cannot_work_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
