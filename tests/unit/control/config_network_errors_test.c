/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/config_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What is wrong in routes, home_networks, security, limits and @include: which line is exchanged
 * for what, the line of the error counted from there, and part of the error. */
static const struct config_case cases[] = {
	{LINE_ROUTES, "routes = (\n{ prefix = \"10.2.0.1/16\"; gateway = \"203.0.113.254\"; } );",
	 1, "routes[0].prefix: 10.2.0.1/16 has host bits set; the network is 10.2.0.0/16"},
	{LINE_ROUTES, "routes = (\n{ prefix = \"10.2.0.0/40\"; gateway = \"203.0.113.254\"; } );",
	 1, "routes[0].prefix: \"10.2.0.0/40\" is not an IPv4 prefix"},
	{LINE_ROUTES, "routes = (\n{ gateway = \"203.0.113.254\"; } );", 1,
	 "routes[0].prefix: missing"},
	{LINE_ROUTES, "routes = (\n{ prefix = \"0.0.0.0/0\"; } );", 1,
	 "routes[0].gateway: missing"},
	{LINE_ROUTES, "routes = (\n{ prefix = \"128.0.0.0/1\"; gateway = \"203.0.113.254\"; } );",
	 1, "routes[0].prefix: a prefix of one bit"},
	{LINE_ROUTES, "routes = (\n{ prefix = \"0.0.0.0/0\"; gateway = \"x\"; } );", 1,
	 "routes[0].gateway: \"x\" is not an IPv4 address"},
	{LINE_ROUTES, "routes = (\n{ prefix = \"0.0.0.0/0\"; gateway = \"239.0.0.1\"; } );", 1,
	 "routes[0].gateway: 239.0.0.1 is not an address that a host can have"},
	{LINE_ROUTES, "routes = (\n{ prefix = \"0.0.0.0/0\"; gateway = \"192.0.2.1\"; } );", 1,
	 "routes[0].gateway: 192.0.2.1 is not a host on the network of any port"},
	{LINE_ROUTES, "routes = (\n{ prefix = \"0.0.0.0/0\"; gateway = \"203.0.113.255\"; } );", 1,
	 "routes[0].gateway: 203.0.113.255 is not a host on the network"},
	{LINE_ROUTES, "routes = (\n{ prefix = \"0.0.0.0/0\"; gateway = \"203.0.113.1\"; } );", 1,
	 "routes[0].gateway: 203.0.113.1 is this box's own address"},
	{LINE_ROUTES, "routes = (\n{ prefix = \"0.0.0.0/0\"; gateway = \"10.1.0.2\"; } );", 1,
	 "routes[0].gateway: 10.1.0.2 is this box's own address"},
	{LINE_ROUTES, "routes = (\n{ prefix = \"10.1.0.0/16\"; gateway = \"203.0.113.254\"; } );",
	 1, "routes[0].prefix: this is the network of port \"inside\""},
	{LINE_ROUTES,
	 "routes = (\n{ prefix = \"0.0.0.0/0\"; gateway = \"203.0.113.254\"; },\n{ prefix = "
	 "\"10.2.0.0/16\"; gateway = \"203.0.113.254\"; },\n{ prefix = \"0.0.0.0/0\"; gateway = "
	 "\"203.0.113.254\"; } );",
	 3, "routes[2].prefix: routes[0] (line 5) is to the same prefix"},
	{LINE_ROUTES,
	 "routes = (\n{ prefix = \"0.0.0.0/0\"; gateway = \"203.0.113.254\"; gatewax = "
	 "\"203.0.113.1\"; } );",
	 1, "routes[0].gatewax: there is no such key; did you mean \"gateway\"?"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ prefix = \"10.1.0.0/16\"; port = \"inside\"; } );", 1,
	 "home_networks[0].agent: missing"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"v-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; } );",
	 1, "home_networks[0].agent: \"v-ha\" is not one of \"x-ha\", \"i-ha\""},
	{LINE_HOME_NETWORKS, "home_networks = (\n{ agent = \"i-ha\"; port = \"inside\"; } );", 1,
	 "home_networks[0].prefix: missing"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.1/16\"; port = \"inside\"; } );",
	 1, "home_networks[0].prefix: 10.1.0.1/16 has host bits set"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"0.0.0.0/0\"; port = \"inside\"; } );",
	 1, "home_networks[0].prefix: these are not all addresses"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"224.0.0.0/24\"; port = \"inside\"; } "
	 ");",
	 1, "home_networks[0].prefix: these are not all addresses"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; } );", 1,
	 "home_networks[0].port: missing: name the port"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; "
	 "virtual = true; } );",
	 1, "home_networks[0].virtual: a virtual home network has no port"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"middle\"; } );",
	 1, "home_networks[0].port: there is no port of the name \"middle\""},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"203.0.113.0/24\"; port = \"outside\"; "
	 "} );",
	 1, "home_networks[0].port: \"outside\" is external"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.2.0.0/16\"; port = \"inside\"; } );",
	 1, "home_networks[0].prefix: it is not within 10.1.0.1/16, the network of port"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.0.0.0/8\"; port = \"inside\"; } );",
	 1, "home_networks[0].prefix: it is not within"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; "
	 "},\n{ agent = \"i-ha\"; prefix = \"10.1.4.0/24\"; port = \"inside\"; } );",
	 2, "home_networks[1].prefix: it overlaps with that of home_networks[0]"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; "
	 "},\n{ agent = \"x-ha\"; prefix = \"10.0.0.0/8\"; virtual = true; } );",
	 2, "home_networks[1].prefix: it overlaps with that of home_networks[0]"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/24\"; port = \"inside\"; "
	 "},\n{ agent = \"i-ha\"; prefix = \"10.1.1.0/24\"; port = \"inside\"; },\n{ agent = "
	 "\"i-ha\"; prefix = \"10.1.2.0/24\"; port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = "
	 "\"10.1.3.0/24\"; port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = \"10.1.4.0/24\"; "
	 "port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = \"10.1.5.0/24\"; port = \"inside\"; "
	 "},\n{ agent = \"i-ha\"; prefix = \"10.1.6.0/24\"; port = \"inside\"; },\n{ agent = "
	 "\"i-ha\"; prefix = \"10.1.7.0/24\"; port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = "
	 "\"10.1.8.0/24\"; port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = \"10.1.9.0/24\"; "
	 "port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = \"10.1.10.0/24\"; port = \"inside\"; "
	 "},\n{ agent = \"i-ha\"; prefix = \"10.1.11.0/24\"; port = \"inside\"; },\n{ agent = "
	 "\"i-ha\"; prefix = \"10.1.12.0/24\"; port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = "
	 "\"10.1.13.0/24\"; port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = \"10.1.14.0/24\"; "
	 "port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = \"10.1.15.0/24\"; port = \"inside\"; "
	 "},\n{ agent = \"i-ha\"; prefix = \"10.1.16.0/24\"; port = \"inside\"; },\n{ agent = "
	 "\"i-ha\"; prefix = \"10.1.17.0/24\"; port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = "
	 "\"10.1.18.0/24\"; port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = \"10.1.19.0/24\"; "
	 "port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = \"10.1.20.0/24\"; port = \"inside\"; "
	 "},\n{ agent = \"i-ha\"; prefix = \"10.1.21.0/24\"; port = \"inside\"; },\n{ agent = "
	 "\"i-ha\"; prefix = \"10.1.22.0/24\"; port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = "
	 "\"10.1.23.0/24\"; port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = \"10.1.24.0/24\"; "
	 "port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = \"10.1.25.0/24\"; port = \"inside\"; "
	 "},\n{ agent = \"i-ha\"; prefix = \"10.1.26.0/24\"; port = \"inside\"; },\n{ agent = "
	 "\"i-ha\"; prefix = \"10.1.27.0/24\"; port = \"inside\"; },\n{ agent = \"i-ha\"; prefix = "
	 "\"10.1.28.0/24\"; port = \"inside\"; } );",
	 0, "home_networks: 29 home networks are too many"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"10.1.0.100\"; } );",
	 1, "home_networks[0].pool: \"10.1.0.100\" is not a range"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"10.1.0.100-\"; } );",
	 1, "home_networks[0].pool: \"10.1.0.100-\" is not a range"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"-10.1.0.100\"; } );",
	 1, "home_networks[0].pool: \"-10.1.0.100\" is not a range"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"10.1.0.100-10.1.0.x\"; } );",
	 1, "home_networks[0].pool: \"10.1.0.100-10.1.0.x\" is not a range"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"10.1.0.100 - 10.1.0.200\"; } );",
	 1, "home_networks[0].pool: \"10.1.0.100 - 10.1.0.200\" is not a range"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"10.1.0.100-10.1.0.101-10.1.0.102\"; } );",
	 1, "home_networks[0].pool: \"10.1.0.100-10.1.0.101-10.1.0.102\" is not a range"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"10.1.0.200-10.1.0.100\"; } );",
	 1, "home_networks[0].pool: the first address is above the last"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"10.1.0.200-10.2.0.100\"; } );",
	 1, "home_networks[0].pool: it is not within the home network's prefix"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"10.1.0.0-10.1.0.100\"; } );",
	 1, "home_networks[0].pool: the prefix's first and last address"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"10.1.1.0-10.1.255.255\"; } );",
	 1, "home_networks[0].pool: the prefix's first and last address"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"10.1.0.1-10.1.0.100\"; } );",
	 1, "home_networks[0].pool: 10.1.0.1 in it is this box's own address"},
	{LINE_HOME_NETWORKS,
	 "home_networks = (\n{ agent = \"i-ha\"; prefix = \"10.1.0.0/16\"; port = \"inside\"; pool "
	 "= \"10.1.0.2-10.1.0.100\"; } );",
	 1, "home_networks[0].pool: 10.1.0.2 in it is this box's own address"},
	{LINE_SECURITY, "security: { forward_external_to_internal = 1; };", 0,
	 "security.forward_external_to_internal: true or false"},
	{LINE_SECURITY, "security: { forward = true; };", 0,
	 "security.forward: there is no such key"},
	{LINE_LIMITS, "limits: {\n bindings_max = 0; };", 1,
	 "limits.bindings_max: 0 is out of range"},
	{LINE_LIMITS, "limits: {\n auth_failure_replies_per_sec = 1000001; };", 1,
	 "limits.auth_failure_replies_per_sec: 1000001 is out of range"},
	{LINE_LIMITS, "limits: {\n punt_registration_per_sec = 0; };", 1,
	 "limits.punt_registration_per_sec: 0 is out of range"},
	{LINE_LIMITS, "limits: {\n punt_keepalive_per_sec = 0; };", 1,
	 "limits.punt_keepalive_per_sec: 0 is out of range"},
	{LINE_LIMITS, "limits: {\n punt_icmp_per_sec = 0; };", 1,
	 "limits.punt_icmp_per_sec: 0 is out of range"},
	{LINE_LIMITS, "limits: {\n punt_icmp_error_per_sec = 0; };", 1,
	 "limits.punt_icmp_error_per_sec: 0 is out of range"},
	{LINE_LIMITS, "limits: {\n punt_arp_per_sec = 0; };", 1,
	 "limits.punt_arp_per_sec: 0 is out of range"},
	{LINE_LIMITS, "limits: {\n punt_resolve_per_sec = 0; };", 1,
	 "limits.punt_resolve_per_sec: 0 is out of range"},
	{LINE_LIMITS, "limits: {\n punt_broadcast_per_sec = 0; };", 1,
	 "limits.punt_broadcast_per_sec: 0 is out of range"},
	{LINE_LIMITS, "limits: {\n reassembly_entries = 15; };", 1,
	 "limits.reassembly_entries: 15 is out of range"},
	{LINE_LIMITS, "limits: {\n reassembly_timeout_ms = 99; };", 1,
	 "limits.reassembly_timeout_ms: 99 is out of range"},
	{LINE_LIMITS, "limits: {\n log_per_sec = 0; };", 1,
	 "limits.log_per_sec: 0 is out of range"},
	{LINE_LIMITS, "@include \"absent.conf\"", 0,
	 "@include \"absent.conf\" cannot be read: No such file"},
	{LINE_LIMITS, "@include \".\"", 0, "@include \".\" cannot be read: Is a directory"},
	{LINE_LIMITS, "@include \"/etc/hostname\"", 0, "give the file name relative"},
	{LINE_LIMITS, "@include \"homeport.conf\"", 0,
	 "files include each other deeper than 9 levels"},
	{LINE_LIMITS,
	 "@include "
	 "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
	 0, "@include: the file name is too long"},
};

static void
error_names_line_key_and_what_is_wrong(void **state)
{
	config_cases_check(cases, ARRAY_COUNT(cases));
}

static void
routes_are_bounded(void **state)
{
	const unsigned count = CONFIG_ROUTES_MAX + 1;
	struct config_error error;
	struct config *config;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	fputs("routes = (", out);
	for (unsigned i = 0; i < count; i++)
		fprintf(out, "%s\n{ prefix = \"11.%u.%u.0/24\"; gateway = \"203.0.113.254\"; }",
			i == 0 ? "" : ",", i >> 8 & 0xff, i & 0xff);
	fputs(" );", out);
	fclose(out);
	config_file_write("routes.conf", text, 0600);
	assert_int_equal(config_line_load(LINE_ROUTES, "@include \"routes.conf\"", &config, &error),
			 -EINVAL);
	assert_non_null(strstr(error.text, "65537 routes are more than the 65536"));
	free(text);
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
		cmocka_unit_test(error_names_line_key_and_what_is_wrong),
		cmocka_unit_test(routes_are_bounded),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
