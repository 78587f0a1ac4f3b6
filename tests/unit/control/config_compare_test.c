/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_compare.h"
#include "tests/unit/control/config_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OUTSIDE                                                                         \
	"{ name = \"outside\"; device = \"net_null0\"; role = \"external\"; address = " \
	"\"203.0.113.1/24\"; }"
#define INSIDE(name, device, address, more)         \
	"{ name = \"" name "\"; device = \"" device \
	"\"; role = \"internal\"; address = \"" address "\"; " more " }"
#define PORTS(inside) "ports = ( " OUTSIDE ", " inside " );"
#define VPN(more) "vpn: { address = \"203.0.113.3\"; tia_networks = [\"10.8.0.0/24\"]; " more " };"
#define ASSOCIATION "spi = 256; key = { ascii = \"0123456789abcdef\"; };"

/* What changes in the small configuration, and the keys that take a restart for it. */
static const struct {
	enum config_line line;
	const char *text;
	const char *expected; /* "": it can change live */
} cases[] = {
	{LINE_EAL, "eal: { worker_cores = [1]; };", "eal.worker_cores "},
	{LINE_EAL, "eal: { worker_cores = [1, 2, 3]; };", "eal.worker_cores "},
	{LINE_EAL, "eal: { worker_cores = [2, 1]; };", "eal.worker_cores "},
	{LINE_EAL,
	 "eal: { worker_cores = [1, 2]; main_core = 3; huge_pages = false; memory_mb = 64; "
	 "file_prefix = \"x\"; buffers = 32768; idle_sleep = true; extra = [\"--x\"]; };",
	 "eal.main_core eal.huge_pages eal.memory_mb eal.file_prefix eal.buffers eal.idle_sleep "
	 "eal.extra "},
	{LINE_RUNTIME, "runtime_directory = \"/tmp\";", "runtime_directory "},
	{LINE_RUNTIME, "", ""},
	{LINE_PORTS, PORTS(INSIDE("inside", "net_null2", "10.1.0.1/16", "")), "ports[1].device "},
	{LINE_PORTS, PORTS(INSIDE("inside", "net_null1", "10.1.0.3/16", "")), "ports[1].address "},
	{LINE_PORTS, PORTS(INSIDE("inside", "net_null1", "10.1.0.1/15", "")), "ports[1].address "},
	{LINE_PORTS,
	 PORTS(INSIDE("inside", "net_null1", "10.1.0.1/16",
		      "mtu = 9000; rx_descriptors = 512; tx_descriptors = 256;")),
	 "ports[1].mtu ports[1].rx_descriptors ports[1].tx_descriptors "},
	{LINE_PORTS,
	 "ports = ( " OUTSIDE ", " INSIDE("inside", "net_null1", "10.1.0.1/16", "") ", " INSIDE(
		 "x", "net_null2", "10.2.0.1/16", "") " );",
	 "ports "},
	{LINE_ROUTES, "", ""},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.3\"; };", "x_ha.address "},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\"; lifetime_max_sec = 7; gre = false; };", ""},
	{LINE_I_HA, "i_ha: { address = \"10.1.0.2\"; trusted_networks = [\"10.1.0.0/16\"]; };", ""},
	{LINE_HOME_NETWORKS,
	 "home_networks = ( { agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; virtual = true; } );",
	 ""},
	{LINE_SUBSCRIBERS,
	 "subscribers = ( { agent = \"i-ha\"; home_address = \"10.1.0.8\"; " ASSOCIATION " } );",
	 ""},
	{LINE_FOREIGN_AGENTS, "", ""},
	{LINE_SECURITY, "security: { forward_external_to_internal = true; };", ""},
	{LINE_LIMITS, "limits: { bindings_max = 1001; };", "limits.bindings_max "},
	{LINE_LIMITS,
	 "limits: { bindings_max = 1000; reassembly_entries = 64; reassembly_timeout_ms = 500; };",
	 "limits.reassembly_entries limits.reassembly_timeout_ms "},
	{LINE_LIMITS,
	 "limits: { bindings_max = 1000; punt_arp_per_sec = 7; log_per_sec = 7; "
	 "auth_failure_replies_per_sec = 7; };",
	 ""},
};

static struct config *
load(enum config_line line, const char *text)
{
	struct config_error error;
	struct config *config = NULL;

	if (config_line_load(line, text, &config, &error) < 0)
		fail_msg("%d: %s in %s", error.line, error.text, text);
	return config;
}

static void
append_key(const char *key, void *context)
{
	strcat(context, key);
	strcat(context, " ");
}

static void
change_that_takes_a_restart_is_named(void **state)
{
	struct config *running = load(LINE_RUNTIME, "");

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct config *wanted = load(cases[i].line, cases[i].text);
		char keys[512] = "";
		int count = config_needs_restart(running, wanted, append_key, keys);

		assert_string_equal(keys, cases[i].expected);
		assert_int_equal(count > 0, keys[0] != '\0');
		config_unload(wanted);
	}
	config_unload(running);
}

static void
change_of_the_gateway_that_takes_a_restart_is_named(void **state)
{
	static const struct {
		const char *text, *expected;
	} changes[] = {
		{"", "vpn "},
		{VPN(""), ""},
		{"vpn: { address = \"203.0.113.4\"; tia_networks = [\"10.9.0.0/24\"]; };",
		 "vpn.address "},
		{VPN("sas_max = 64; replay_window = 64; fragment = \"drop\"; df = \"set\"; "
		     "mss_clamp "
		     "= false; path_mtu_min = 100; from_inside = true;"),
		 "vpn.sas_max "},
		{VPN("") "ike: { socket = \"/x\"; supervise = true; charon = \"/bin/sh\"; "
			 "strongswan_conf = \"/x\"; swanctl_directory = \"/x\"; user = \"7\"; "
			 "grace_sec = 7; };",
		 "ike.socket ike.supervise ike.charon ike.strongswan_conf ike.swanctl_directory "
		 "ike.user "},
	};
	struct config *running = load(LINE_VPN, VPN(""));

	for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
		struct config *wanted = load(LINE_VPN, changes[i].text);
		char keys[512] = "";

		config_needs_restart(running, wanted, append_key, keys);
		assert_string_equal(keys, changes[i].expected);
		config_unload(wanted);
	}
	config_unload(running);
}

static void
tia_network_that_the_running_box_uses_otherwise_is_found(void **state)
{
	static const char *const taken[] = {"203.0.113.0/24", "10.1.7.0/24", "198.51.100.0/25",
					    "203.0.113.3/32", "203.0.113.2/32"};
	struct config *config = load(LINE_VPN, VPN(""));
	char problem[160];

	assert_int_equal(config_check_own_addresses(config, problem, sizeof(problem)), 0);
	for (size_t i = 0; i < ARRAY_COUNT(taken); i++) {
		assert_int_equal(prefix_parse(taken[i], &config->vpn.tia_networks[0]), 0);
		assert_int_equal(config_check_own_addresses(config, problem, sizeof(problem)),
				 -EINVAL);
		assert_non_null(strstr(problem, "vpn.tia_networks[0]"));
	}
	config_unload(config);
}

static void
port_that_changes_its_role_is_named(void **state)
{
	struct config *running = load(LINE_RUNTIME, "");
	struct config *wanted = load(LINE_RUNTIME, "");
	char keys[512] = "";

	wanted->ports[0].is_internal = true;
	assert_int_equal(config_needs_restart(running, wanted, append_key, keys), 1);
	assert_string_equal(keys, "ports[0].role ");
	config_unload(wanted);
	config_unload(running);
}

static void
home_agent_that_comes_or_goes_is_named(void **state)
{
	struct config *both = load(LINE_RUNTIME, "");
	struct config *one = load(LINE_RUNTIME, "");
	char keys[512] = "";

	one->agents[AGENT_X_HA].enabled = false;
	one->agents[AGENT_X_HA].address = 0;
	assert_int_equal(config_needs_restart(both, one, append_key, keys), 1);
	assert_int_equal(config_needs_restart(one, both, append_key, keys), 1);
	assert_string_equal(keys, "x_ha x_ha ");
	config_unload(one);
	config_unload(both);
}

static void
address_of_the_running_box_is_found_where_it_must_not_be(void **state)
{
	struct config *config = load(LINE_RUNTIME, "");
	be32 own = config->agents[AGENT_I_HA].address, before;
	char problem[160];

	assert_int_equal(config_check_own_addresses(config, problem, sizeof(problem)), 0);
	before = config->subscribers[0].home_address;
	config->subscribers[0].home_address = own;
	assert_int_equal(config_check_own_addresses(config, problem, sizeof(problem)), -EINVAL);
	assert_non_null(strstr(problem, "subscribers[0].home_address"));
	config->subscribers[0].home_address = before;
	config->home_networks[0].pool_first = config->home_networks[0].pool_last = own;
	assert_int_equal(config_check_own_addresses(config, problem, sizeof(problem)), -EINVAL);
	assert_non_null(strstr(problem, "home_networks[0]"));
	config->home_networks[0].pool_first = config->home_networks[0].pool_last = 0;
	config->home_networks[0].prefix = (struct prefix){own, 32};
	assert_int_equal(config_check_own_addresses(config, problem, sizeof(problem)), 0);
	config->home_networks[0].prefix = (struct prefix){own & htobe32(0xfffffffe), 30};
	config->agents[AGENT_I_HA].address = prefix_broadcast(config->home_networks[0].prefix);
	assert_int_equal(config_check_own_addresses(config, problem, sizeof(problem)), -EINVAL);
	config_unload(config);
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
		cmocka_unit_test(change_that_takes_a_restart_is_named),
		cmocka_unit_test(change_of_the_gateway_that_takes_a_restart_is_named),
		cmocka_unit_test(tia_network_that_the_running_box_uses_otherwise_is_found),
		cmocka_unit_test(port_that_changes_its_role_is_named),
		cmocka_unit_test(home_agent_that_comes_or_goes_is_named),
		cmocka_unit_test(address_of_the_running_box_is_found_where_it_must_not_be),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
