/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/settings.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>

#define ADDRESS(text) address_of(text)

static be32
address_of(const char *text)
{
	be32 address;

	assert_int_equal(address_parse(text, &address), 0);
	return address;
}

static struct prefix
prefix_of(const char *text)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse(text, &prefix), 0);
	return prefix;
}

static const uint8_t macs[CONFIG_PORTS_MAX][ETH_ADDRESS_SIZE] = {{2, 0, 0, 0, 0, 1},
								 {2, 0, 0, 0, 0, 2}};

/* An external and an internal port; the x-HA has an address of its own, the i-HA that of its port. */
static void
make_config(struct config *config, struct config_home_network *networks)
{
	*config = (struct config){
		.port_count = 2,
		.ports = {{.mtu = 1500}, {.is_internal = true, .mtu = 1400}},
		.home_networks = networks,
		.home_network_count = 2,
		.limits = {.punt_registration_per_sec = 1,
			   .punt_keepalive_per_sec = 2,
			   .punt_icmp_per_sec = 3,
			   .punt_icmp_error_per_sec = 4,
			   .punt_arp_per_sec = 5,
			   .punt_resolve_per_sec = 6,
			   .punt_broadcast_per_sec = 7,
			   .punt_ike_per_sec = 8},
	};
	config->ports[0].network = prefix_of("198.51.100.254/24");
	config->ports[1].network = prefix_of("10.1.0.1/31");
	config->agents[AGENT_X_HA].enabled = true;
	config->agents[AGENT_X_HA].address = ADDRESS("198.51.100.1");
	config->agents[AGENT_I_HA].enabled = true;
	config->agents[AGENT_I_HA].address = ADDRESS("10.1.0.1");
	networks[0] = (struct config_home_network){.prefix = prefix_of("10.9.0.0/24"), .port = -1};
	networks[1] = (struct config_home_network){.prefix = prefix_of("10.8.0.0/16"), .port = 1};
}

static void
every_own_address_is_found_with_what_it_is_for(void **state)
{
	static const struct {
		const char *address;
		uint8_t roles, port;
	} expected[] = {
		{"198.51.100.254", OWN_PORT, 0},
		{"198.51.100.255", OWN_BROADCAST, 0},
		{"198.51.100.1", OWN_X_HA, PORTS_MAX},
		{"10.1.0.1", OWN_PORT | OWN_I_HA, 1},
		{"255.255.255.255", OWN_BROADCAST, PORTS_MAX},
		{"10.9.0.255", OWN_BROADCAST, PORTS_MAX},
		{"10.8.255.255", OWN_BROADCAST, 1},
	};
	static const char *const foreign[] = {"198.51.100.253", "10.1.0.0", "10.9.0.1",
					      "10.1.0.255"};
	struct config_home_network networks[2];
	struct live_settings settings;
	struct config config;

	make_config(&config, networks);
	assert_int_equal(settings_make(&config, macs, &settings), 0);
	for (unsigned i = 0; i < ARRAY_COUNT(expected); i++) {
		const struct own_address *own =
			own_address_lookup(&settings, ADDRESS(expected[i].address));

		assert_non_null(own);
		assert_int_equal(own->roles, expected[i].roles);
		assert_int_equal(own->port, expected[i].port);
	}
	for (unsigned i = 0; i < ARRAY_COUNT(foreign); i++)
		assert_null(own_address_lookup(&settings, ADDRESS(foreign[i])));
}

static void
ports_and_limits_are_as_configured(void **state)
{
	struct config_home_network networks[2];
	struct live_settings settings;
	struct config config;

	make_config(&config, networks);
	config.forward_external_to_internal = true;
	assert_int_equal(settings_make(&config, macs, &settings), 0);
	assert_true(settings.forward_external_to_internal);
	assert_false(settings.is_internal[0]);
	assert_true(settings.is_internal[1]);
	assert_false(settings.is_home_link[0]);
	assert_true(settings.is_home_link[1]);
	assert_int_equal(settings.mtu[1], 1400);
	assert_memory_equal(settings.stations[1].mac, macs[1], ETH_ADDRESS_SIZE);
	assert_int_equal(settings.punt_per_sec[PUNT_REGISTRATION_EXTERNAL], 1);
	assert_int_equal(settings.punt_per_sec[PUNT_REGISTRATION_INTERNAL], 1);
	assert_int_equal(settings.punt_per_sec[PUNT_KEEPALIVE], 2);
	assert_int_equal(settings.punt_per_sec[PUNT_ICMP], 3);
	assert_int_equal(settings.punt_per_sec[PUNT_ICMP_ERROR], 4);
	assert_int_equal(settings.punt_per_sec[PUNT_ARP], 5);
	assert_int_equal(settings.punt_per_sec[PUNT_RESOLVE], 6);
	assert_int_equal(settings.punt_per_sec[PUNT_BROADCAST], 7);
	assert_int_equal(settings.punt_per_sec[PUNT_IKE], 8);
}

static void
gateway_is_known_by_its_address_and_its_networks(void **state)
{
	struct config_home_network networks[2];
	struct live_settings settings;
	const struct own_address *own;
	struct config config;

	make_config(&config, networks);
	config.vpn = (struct config_vpn){
		.enabled = true,
		.address = ADDRESS("198.51.100.3"),
		.tia_networks = {prefix_of("10.7.0.0/24"), prefix_of("10.7.2.0/24")},
		.tia_network_count = 2,
		.mss_clamp = true,
		.from_inside = true};
	assert_int_equal(settings_make(&config, macs, &settings), 0);
	own = own_address_lookup(&settings, ADDRESS("198.51.100.3"));
	assert_non_null(own);
	assert_int_equal(own->roles, OWN_VPN);
	assert_int_equal(own->port, PORTS_MAX);
	assert_int_equal(settings.tia_network_count, 2);
	assert_int_equal(settings.tia_networks[1].address, ADDRESS("10.7.2.0"));
	assert_int_equal(settings.tia_networks[1].len_bits, 24);
	assert_true(settings.vpn_from_inside);
	assert_true(settings.mss_clamp);
}

static void
gateway_fragments_before_or_after_the_seal_or_not_at_all(void **state)
{
	static const struct {
		enum fragment_policy policy;
		bool after, drop;
	} cases[] = {
		{FRAGMENT_PRE, false, false},
		{FRAGMENT_POST, true, false},
		{FRAGMENT_DROP, false, true},
	};
	struct config_home_network networks[2];
	struct live_settings settings;
	struct config config;

	make_config(&config, networks);
	config.vpn.enabled = true;
	config.vpn.address = ADDRESS("198.51.100.3");
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		config.vpn.fragment = cases[i].policy;
		assert_int_equal(settings_make(&config, macs, &settings), 0);
		assert_int_equal(settings.fragment_after_seal, cases[i].after);
		assert_int_equal(settings.drop_too_big_to_seal, cases[i].drop);
	}
}

static void
gateway_that_is_off_has_neither_address_nor_networks(void **state)
{
	struct config_home_network networks[2];
	struct live_settings settings;
	struct config config;

	make_config(&config, networks);
	config.vpn = (struct config_vpn){.address = ADDRESS("198.51.100.3"),
					 .tia_networks = {prefix_of("10.7.0.0/24")},
					 .tia_network_count = 1};
	assert_int_equal(settings_make(&config, macs, &settings), 0);
	assert_null(own_address_lookup(&settings, ADDRESS("198.51.100.3")));
	assert_int_equal(settings.tia_network_count, 0);
}

static void
agent_that_is_off_has_no_address(void **state)
{
	struct config_home_network networks[2];
	struct live_settings settings;
	struct config config;

	make_config(&config, networks);
	config.agents[AGENT_X_HA].enabled = false;
	assert_int_equal(settings_make(&config, macs, &settings), 0);
	assert_null(own_address_lookup(&settings, ADDRESS("198.51.100.1")));
}

static void
more_addresses_than_the_table_takes_are_refused(void **state)
{
	static struct config_home_network networks[OWN_ADDRESSES_MAX];
	struct live_settings settings;
	struct config config;

	make_config(&config, networks);
	for (uint32_t i = 0; i < OWN_ADDRESSES_MAX; i++)
		networks[i] = (struct config_home_network){
			.prefix = {htobe32(0x0b000000 + (i << 8)), 24}, .port = -1};
	/* all ones, a port and its broadcast, a port of a /31 with the i-HA, the x-HA: 5 */
	config.home_network_count = OWN_ADDRESSES_MAX / 2 - 5;
	assert_int_equal(settings_make(&config, macs, &settings), 0);
	config.home_network_count++;
	assert_int_equal(settings_make(&config, macs, &settings), -ENOSPC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_own_address_is_found_with_what_it_is_for),
		cmocka_unit_test(ports_and_limits_are_as_configured),
		cmocka_unit_test(gateway_is_known_by_its_address_and_its_networks),
		cmocka_unit_test(gateway_fragments_before_or_after_the_seal_or_not_at_all),
		cmocka_unit_test(gateway_that_is_off_has_neither_address_nor_networks),
		cmocka_unit_test(agent_that_is_off_has_no_address),
		cmocka_unit_test(more_addresses_than_the_table_takes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
