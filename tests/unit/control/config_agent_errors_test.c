/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define KEY "key = { ascii = \"0123456789abcdef\"; };"

/* What is wrong in x_ha, i_ha and foreign_agents: which line is exchanged for what,
 * the line of the error counted from there, and part of the error. */
static const struct config_case cases[] = {
	{LINE_X_HA, "x_ha: { };", 0, "x_ha.address: missing"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113\"; };", 0,
	 "x_ha.address: \"203.0.113\" is not an IPv4 address"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.255\"; };", 0,
	 "x_ha.address: this is the network's or the broadcast address of port \"outside\""},
	{LINE_X_HA, "x_ha: { address = \"198.51.100.255\"; };", 0,
	 "x_ha.address: this is the network's or the broadcast address of home_networks[0]"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n trusted_networks = [\"10.0.0.0/8\"]; };",
	 1, "x_ha.trusted_networks: only the i-HA has trusted networks"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n lifetime_max_sec = 0; };", 1,
	 "x_ha.lifetime_max_sec: 0 is out of range, give 1 to 65534"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n lifetime_max_sec = 65535; };", 1,
	 "x_ha.lifetime_max_sec: 65535 is out of range, give 1 to 65534"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n simultaneous_max = 0; };", 1,
	 "x_ha.simultaneous_max: 0 is out of range"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n simultaneous_max = 9; };", 1,
	 "x_ha.simultaneous_max: 9 is out of range"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n udp_keepalive_sec = 9; };", 1,
	 "x_ha.udp_keepalive_sec: 9 is out of range"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n udp_lifetime_max_sec = 0; };", 1,
	 "x_ha.udp_lifetime_max_sec: 0 is out of range"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n reverse_tunnel = \"on\"; };", 1,
	 "x_ha.reverse_tunnel: \"on\" is not one of \"off\", \"optional\", \"required\""},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n gre = \"x\"; };", 1,
	 "x_ha.gre: true or false is expected"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n minimal_encapsulation = \"x\"; };", 1,
	 "x_ha.minimal_encapsulation: true or false is expected"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n broadcasts = \"x\"; };", 1,
	 "x_ha.broadcasts: true or false is expected"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n udp_tunnel = \"x\"; };", 1,
	 "x_ha.udp_tunnel: true or false is expected"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n udp_tunnel_forced = \"x\"; };", 1,
	 "x_ha.udp_tunnel_forced: true or false is expected"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n strict_reserved_bits = \"x\"; };", 1,
	 "x_ha.strict_reserved_bits: true or false is expected"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n message_string = \"x\"; };", 1,
	 "x_ha.message_string: true or false is expected"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n advertise_interval_sec = 3; };", 1,
	 "x_ha.advertise_interval_sec: 3 is too often; give 4 or more"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n advertise_interval_sec = 1801; };", 1,
	 "x_ha.advertise_interval_sec: 1801 is out of range, give 0 to 1800"},
	{LINE_X_HA, "x_ha: { address = \"203.0.113.2\";\n revocation = \"x\"; };", 1,
	 "x_ha.revocation: true or false is expected"},
	{LINE_I_HA, "i_ha: {\n address = \"203.0.113.2\"; };", 1,
	 "i_ha.address: x_ha has this address; RFC 5265 section 3.5"},
	{LINE_I_HA, "i_ha: { address = \"10.1.0.2\";\n trusted_networks = [\"10.0.0.1/8\"]; };", 1,
	 "i_ha.trusted_networks[0]: 10.0.0.1/8 has host bits set"},
	{LINE_I_HA,
	 "i_ha: { address = \"10.1.0.2\";\n trusted_networks = [\"10.0.0.0/8\", \"10.0.0.0/8\"]; "
	 "};",
	 1, "i_ha.trusted_networks[1]: the same as trusted_networks[0]"},
	{LINE_I_HA, "i_ha: { address = \"10.1.0.2\";\n trusted_networks = \"10.0.0.0/8\"; };", 1,
	 "i_ha.trusted_networks: a list is expected"},
	{LINE_FOREIGN_AGENTS, "foreign_agents = (\n{ spi = 300; " KEY " } );", 1,
	 "foreign_agents[0].address: missing"},
	{LINE_FOREIGN_AGENTS,
	 "foreign_agents = (\n{ address = \"255.255.255.255\"; spi = 300; " KEY " } );", 1,
	 "foreign_agents[0].address: 255.255.255.255 is not an address that a host"},
	{LINE_FOREIGN_AGENTS,
	 "foreign_agents = (\n{ address = \"10.1.0.2\"; spi = 300; " KEY " } );", 1,
	 "foreign_agents[0].address: this is the box's own"},
	{LINE_FOREIGN_AGENTS,
	 "foreign_agents = (\n{ address = \"192.0.2.1\"; spi = 300; " KEY
	 " },\n{ address = \"192.0.2.1\"; spi = 300; " KEY " } );",
	 2, "foreign_agents[1].address: foreign_agents[0] (line 10) has the same"},
	{LINE_FOREIGN_AGENTS,
	 "foreign_agents = (\n{ address = \"192.0.2.1\"; spi = 1; " KEY " } );", 1,
	 "foreign_agents[0].spi: 1 is out of range"},
	{LINE_FOREIGN_AGENTS,
	 "foreign_agents = (\n{ address = \"192.0.2.1\"; spi = 300; " KEY " revocaton = true; } );",
	 1, "foreign_agents[0].revocaton: there is no such key; did you mean \"revocation\"?"},
};

static void
error_names_line_key_and_what_is_wrong(void **state)
{
	config_cases_check(cases, ARRAY_COUNT(cases));
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
	};

	return cmocka_run_group_tests(tests, begin, end);
}
