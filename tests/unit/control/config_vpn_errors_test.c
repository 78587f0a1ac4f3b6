/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define VPN "vpn: { address = \"203.0.113.3\"; tia_networks = [\"10.8.0.0/24\"]; };\n"
#define VPN_WITH(more) \
	"vpn: { address = \"203.0.113.3\"; tia_networks = [\"10.8.0.0/24\"];\n" more " };"
#define VPN_AT(address) "vpn: {\naddress = \"" address "\"; tia_networks = [\"10.8.0.0/24\"]; };"
#define VPN_TO(networks) "vpn: { address = \"203.0.113.3\";\ntia_networks = [" networks "]; };"
#define LONG_PATH                                                                          \
	"/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* What is wrong in vpn and ike, or elsewhere because of them: which line is exchanged for what, the
 * line of the error counted from there, and part of the error. */
static const struct config_case cases[] = {
	{LINE_VPN, "vpn = 1;", 0, "vpn: a group is expected"},
	{LINE_VPN, "vpn: { tia_networks = [\"10.8.0.0/24\"]; };", 0, "vpn.address: missing"},
	{LINE_VPN, "vpn: { address = \"203.0.113.3\"; };", 0, "vpn.tia_networks: missing"},
	{LINE_VPN, VPN_WITH("sas = 64;"), 1, "vpn.sas: there is no such key"},
	{LINE_VPN, VPN_AT("203.0.113.1"), 1, "vpn.address: port \"outside\" has this address"},
	{LINE_VPN, VPN_AT("10.1.0.1"), 1, "vpn.address: port \"inside\" has this address"},
	{LINE_VPN, VPN_AT("203.0.113.2"), 1, "vpn.address: the x-ha has this address"},
	{LINE_VPN, VPN_AT("10.1.0.2"), 1, "vpn.address: the i-ha has this address"},
	{LINE_VPN, VPN_AT("203.0.113.255"), 1,
	 "vpn.address: this is the network's or the broadcast address of port \"outside\""},
	{LINE_VPN, VPN_AT("198.51.100.0"), 1,
	 "vpn.address: this is the network's or the broadcast address of home_networks[0]"},
	{LINE_VPN, VPN_AT("198.51.100.150"), LINE_HOME_NETWORKS - LINE_VPN,
	 "home_networks[0].pool: 198.51.100.150 in it is this box's own address"},
	{LINE_VPN, VPN_AT("203.0.113.254"), LINE_ROUTES - LINE_VPN,
	 "routes[0].gateway: 203.0.113.254 is this box's own address"},
	{LINE_VPN, VPN_AT("239.1.1.1"), 1, "vpn.address: 239.1.1.1 is not an address"},
	{LINE_VPN, VPN_TO(""), 1, "vpn.tia_networks: 0 networks are not possible, give 1 to 8"},
	{LINE_VPN,
	 VPN_TO("\"10.8.0.0/24\", \"10.8.1.0/24\", \"10.8.2.0/24\", \"10.8.3.0/24\", "
		"\"10.8.4.0/24\", \"10.8.5.0/24\", \"10.8.6.0/24\", \"10.8.7.0/24\", "
		"\"10.8.8.0/24\""),
	 1, "vpn.tia_networks: 9 networks are not possible, give 1 to 8"},
	{LINE_VPN, VPN_TO("\"10.8.0.1/24\""), 1,
	 "vpn.tia_networks[0]: 10.8.0.1/24 has host bits set; the network is 10.8.0.0/24"},
	{LINE_VPN, VPN_TO("\"10.8.0.0/24\", \"10.8.0.128/25\""), 1,
	 "vpn.tia_networks[1]: it overlaps with tia_networks[0]"},
	{LINE_VPN, VPN_TO("\"224.0.0.0/24\""), 1, "vpn.tia_networks[0]: these are not all"},
	{LINE_VPN, VPN_TO("\"0.0.0.0/0\""), 1, "vpn.tia_networks[0]: these are not all"},
	{LINE_VPN, VPN_TO("\"10.1.8.0/24\""), 1,
	 "vpn.tia_networks[0]: it overlaps with the network of port \"inside\""},
	{LINE_VPN, VPN_TO("\"203.0.113.128/25\""), 1,
	 "vpn.tia_networks[0]: it overlaps with the network of port \"outside\""},
	{LINE_VPN, "vpn: { address = \"10.8.0.3\";\ntia_networks = [\"10.8.0.0/24\"]; };", 1,
	 "vpn.tia_networks[0]: vpn.address is in it"},
	{LINE_VPN, VPN_TO("\"192.168.8.0/24\""), 1,
	 "vpn.tia_networks[0]: it is in none of i_ha.trusted_networks, so no mobile could register "
	 "with the i-HA through the VPN (RFC 5265 section 4.3)"},
	{LINE_VPN, VPN_TO("\"10.8.0.0/24\", \"192.168.8.0/24\""), 1,
	 "vpn.tia_networks[1]: it is in none of i_ha.trusted_networks"},
	{LINE_I_HA,
	 "i_ha: { address = \"10.9.0.2\"; trusted_networks = [\"10.0.0.0/8\"]; };\nvpn: { address "
	 "= "
	 "\"203.0.113.3\"; tia_networks = [\"10.9.0.0/24\"]; };",
	 1, "vpn.tia_networks[0]: the address of the i-ha is in it"},
	{LINE_HOME_NETWORKS,
	 VPN
	 "home_networks = ( { agent = \"x-ha\"; prefix = \"198.51.100.0/24\"; virtual = true; },\n"
	 "{ agent = \"i-ha\"; prefix = \"10.8.0.0/16\"; virtual = true; } );",
	 2, "home_networks[1].prefix: it overlaps with vpn.tia_networks[0]"},
	{LINE_ROUTES, VPN "routes = ( { prefix = \"10.8.0.128/25\"; gateway = \"10.1.0.3\"; } );",
	 1, "routes[0].prefix: it is in vpn.tia_networks[0]"},
	{LINE_ROUTES, VPN "routes = ( { prefix = \"10.8.0.0/24\"; gateway = \"10.1.0.3\"; } );", 1,
	 "routes[0].prefix: it is in vpn.tia_networks[0]"},
	{LINE_VPN, VPN_WITH("sas_max = 63;"), 1,
	 "vpn.sas_max: 63 is out of range, give 64 to 4194304"},
	{LINE_VPN, VPN_WITH("sas_max = 4194305;"), 1, "vpn.sas_max: 4194305 is out of range"},
	{LINE_VPN, VPN_WITH("sas_max = 100000;"), 1,
	 "vpn.sas_max: 100000 is not a power of two; give 131072"},
	{LINE_VPN, VPN_WITH("replay_window = 31;"), 1,
	 "vpn.replay_window: 31 is out of range, give 32 to 4096"},
	{LINE_VPN, VPN_WITH("replay_window = 4097;"), 1, "vpn.replay_window: 4097 is out of range"},
	{LINE_VPN, VPN_WITH("fragment = \"no\";"), 1,
	 "vpn.fragment: \"no\" is not one of \"pre\", \"post\", \"drop\""},
	{LINE_VPN, VPN_WITH("df = \"no\";"), 1,
	 "vpn.df: \"no\" is not one of \"copy\", \"set\", \"clear\""},
	{LINE_VPN, VPN_WITH("mss_clamp = 1;"), 1, "vpn.mss_clamp: true or false is expected"},
	{LINE_VPN, VPN_WITH("path_mtu_min = 67;"), 1,
	 "vpn.path_mtu_min: 67 is out of range, give 68 to 9000"},
	{LINE_VPN, VPN_WITH("path_mtu_min = 9001;"), 1, "vpn.path_mtu_min: 9001 is out of range"},
	{LINE_VPN, VPN_WITH("from_inside = \"yes\";"), 1, "vpn.from_inside: true or false"},
	{LINE_VPN, "ike: { };", 0, "ike: without a section \"vpn\" there is nothing that charon"},
	{LINE_VPN, VPN "ike: {\nsocket = \"ike.sock\"; };", 2,
	 "ike.socket: an absolute path is expected"},
	{LINE_VPN, VPN "ike: {\nsocket = \"" LONG_PATH "\"; };", 2,
	 "is too long for a UNIX socket"},
	{LINE_VPN, VPN "ike: {\ncharon = \"charon\"; };", 2,
	 "ike.charon: an absolute path is expected"},
	{LINE_VPN, VPN "ike: {\nstrongswan_conf = \"a\"; };", 2,
	 "ike.strongswan_conf: an absolute path is expected"},
	{LINE_VPN, VPN "ike: {\nswanctl_directory = \"a\"; };", 2,
	 "ike.swanctl_directory: an absolute path is expected"},
	{LINE_VPN, VPN "ike: {\nuser = \"no-such-user\"; };", 2,
	 "ike.user: there is no user of the name \"no-such-user\""},
	{LINE_VPN, VPN "ike: {\nuser = \"12x\"; };", 2, "ike.user: \"12x\" is not the number"},
	{LINE_VPN, VPN "ike: {\nuser = \"4294967295\"; };", 2, "ike.user: \"4294967295\" is not"},
	{LINE_VPN, VPN "ike: {\nuser = 0; };", 2, "ike.user: a text in quotes is expected"},
	{LINE_VPN, VPN "ike: {\ngrace_sec = 86401; };", 2, "ike.grace_sec: 86401 is out of range"},
	{LINE_RUNTIME, VPN "runtime_directory = \"" LONG_PATH "\";", CONFIG_WHOLE_FILE,
	 "ike.socket: the path /xxxxxxxxxxxxxxxxxxx... is too long for a UNIX socket, give 107"},
};

static struct config *
load(const char *text)
{
	struct config_error error;
	struct config *config = NULL;

	if (config_line_load(LINE_VPN, text, &config, &error) < 0)
		fail_msg("%d: %s in %s", error.line, error.text, text);
	return config;
}

static void
error_names_line_key_and_what_is_wrong(void **state)
{
	config_cases_check(cases, ARRAY_COUNT(cases));
}

static void
gateway_has_its_defaults(void **state)
{
	struct config *config = load(VPN);

	assert_string_equal(config_warnings(), "");
	assert_true(config->vpn.enabled);
	assert_int_equal(config->vpn.address, htobe32(0xcb007103));
	assert_int_equal(config->vpn.tia_network_count, 1);
	assert_int_equal(config->vpn.tia_networks[0].address, htobe32(0x0a080000));
	assert_int_equal(config->vpn.tia_networks[0].len_bits, 24);
	assert_int_equal(config->vpn.sas_max, 65536);
	assert_int_equal(config->vpn.replay_window, 1024);
	assert_int_equal(config->vpn.fragment, FRAGMENT_PRE);
	assert_int_equal(config->vpn.df, DF_COPY);
	assert_true(config->vpn.mss_clamp);
	assert_int_equal(config->vpn.path_mtu_min, 576);
	assert_false(config->vpn.from_inside);
	assert_string_equal(config->ike.socket, "/run/homeport/ike.sock");
	assert_false(config->ike.supervise);
	assert_string_equal(config->ike.charon, "/usr/sbin/charon-systemd");
	assert_string_equal(config->ike.strongswan_conf, "");
	assert_string_equal(config->ike.swanctl_directory, "");
	assert_int_equal(config->ike.uid, 0);
	assert_int_equal(config->ike.grace_sec, 300);
	assert_int_equal(config->limits.punt_ike_per_sec, 5000);
	config_unload(config);
}

static void
gateway_has_what_is_given(void **state)
{
	struct config *config =
		load(VPN_WITH("sas_max = 128; replay_window = 64; fragment = \"post\"; df = "
			      "\"clear\"; mss_clamp = false; path_mtu_min = 1280; from_inside = "
			      "true;") "ike: { socket = \"/a\"; supervise = true; charon = "
				       "\"/bin/sh\"; strongswan_conf = \"/b\"; swanctl_directory "
				       "= \"/c\"; user = \"65534\"; grace_sec = 0; };");

	assert_string_equal(config_warnings(), "");
	assert_int_equal(config->vpn.sas_max, 128);
	assert_int_equal(config->vpn.replay_window, 64);
	assert_int_equal(config->vpn.fragment, FRAGMENT_POST);
	assert_int_equal(config->vpn.df, DF_CLEAR);
	assert_false(config->vpn.mss_clamp);
	assert_int_equal(config->vpn.path_mtu_min, 1280);
	assert_true(config->vpn.from_inside);
	assert_string_equal(config->ike.socket, "/a");
	assert_true(config->ike.supervise);
	assert_string_equal(config->ike.charon, "/bin/sh");
	assert_string_equal(config->ike.strongswan_conf, "/b");
	assert_string_equal(config->ike.swanctl_directory, "/c");
	assert_int_equal(config->ike.uid, 65534);
	assert_int_equal(config->ike.grace_sec, 0);
	config_unload(config);
}

static void
user_is_known_by_name(void **state)
{
	struct config *config = load(VPN "ike: { user = \"root\"; };");

	assert_int_equal(config->ike.uid, 0);
	config_unload(config);
}

/* Each role can be switched on alone; without an i-HA, no network has to be trusted. */
static void
gateway_needs_no_home_agent(void **state)
{
	struct config_error error;
	struct config *config = NULL;

	assert_int_equal(
		config_text_load("ports = ( { name = \"a\"; device = \"net_null0\"; role = "
				 "\"external\"; address = \"203.0.113.1/24\"; } );\n" VPN,
				 &config, &error),
		0);
	assert_true(config->vpn.enabled);
	assert_false(config->agents[AGENT_X_HA].enabled || config->agents[AGENT_I_HA].enabled);
	config_unload(config);
}

/* A warning for each doubt, and the configuration loads. */
static void
doubtful_gateway_is_warned_of(void **state)
{
	static const struct {
		const char *text, *expected;
	} doubts[] = {
		{VPN_AT("10.1.0.9"), "vpn.address: this is on the network of the internal port"},
		{VPN "ike: { supervise = true; charon = \"/nonexistent\"; };",
		 "ike.charon: /nonexistent cannot be run"},
		{VPN "ike: { charon = \"/bin/sh\"; };", "ike.charon: it has no effect"},
		{VPN "ike: { strongswan_conf = \"/b\"; };",
		 "ike.strongswan_conf: it has no effect"},
		{VPN "ike: { swanctl_directory = \"/c\"; };",
		 "ike.swanctl_directory: it has no effect"},
	};

	for (size_t i = 0; i < ARRAY_COUNT(doubts); i++) {
		config_unload(load(doubts[i].text));
		if (strstr(config_warnings(), doubts[i].expected) == NULL)
			fail_msg("\"%s\" is not in \"%s\"", doubts[i].expected, config_warnings());
	}
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
		cmocka_unit_test(gateway_has_its_defaults),
		cmocka_unit_test(gateway_has_what_is_given),
		cmocka_unit_test(user_is_known_by_name),
		cmocka_unit_test(gateway_needs_no_home_agent),
		cmocka_unit_test(doubtful_gateway_is_warned_of),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
