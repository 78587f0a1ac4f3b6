/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/proxy_arp.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "lib/log.h"
#include "tests/unit/control/route_fixture.h"

static void
own_addresses_are_announced_twice_at_start(void **state)
{
	struct route_fixture *f = fixture_create();

	route_tick(f->table, f->now);
	/* the gateway is asked for, then each own address is announced */
	expect_request(f, "192.0.2.1", net_address("192.0.2.254"), everybody);
	expect_announcement(f, "192.0.2.1", port_macs[0]);
	expect_announcement(f, "192.0.2.2", port_macs[0]);
	expect_announcement(f, "192.0.2.3", port_macs[0]);
	expect_announcement(f, "10.0.0.1", port_macs[1]);
	expect_announcement(f, "10.1.0.1", port_macs[1]);
	assert_int_equal(net_injected_count(&f->net), 0);
	f->now = mono_add_sec(f->now, 2);
	answers(f, 0, "192.0.2.254");
	route_tick(f->table, f->now);
	assert_int_equal(net_injected_count(&f->net), 5);
	f->now = mono_add_sec(f->now, 2);
	route_tick(f->table, f->now);
	assert_int_equal(net_injected_count(&f->net), 5);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static void
requests_for_own_addresses_are_answered_where_they_live(void **state)
{
	static const struct {
		uint8_t port;
		const char *sender, *target;
		bool is_answered;
	} cases[] = {
		{0, "192.0.2.77", "192.0.2.1", true},	{0, "192.0.2.77", "192.0.2.2", true},
		{1, "10.0.3.3", "10.0.0.1", true},	{1, "10.0.3.3", "10.1.0.1", true},
		{0, "192.0.2.77", "192.0.2.3", true},	{1, "10.0.3.3", "192.0.2.3", false},
		{0, "192.0.2.77", "10.8.0.7", false}, /* a TIA is on no link */
		{0, "0.0.0.0", "192.0.2.1", true},    /* a probe: the address is taken */
		{0, "192.0.2.77", "10.0.0.1", false},	{1, "10.0.3.3", "192.0.2.2", false},
		{0, "192.0.2.77", "192.0.2.78", false},
	};
	struct route_fixture *f = fixture_create();
	uint8_t dst[ETH_ADDRESS_SIZE];
	unsigned ignored = 0;

	settle(f);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		arp_arrives(f, cases[i].port, ARP_REQUEST, host_mac, net_address(cases[i].sender),
			    net_address(cases[i].target));
		ignored += !cases[i].is_answered;
		assert_int_equal(f->net.drops.count[DROP_ARP_IGNORED], ignored);
		if (cases[i].is_answered) {
			struct arp_packet arp = net_injected_arp(&f->net, dst);

			assert_memory_equal(dst, host_mac, sizeof(dst));
			assert_int_equal(arp.operation_be, htobe16(ARP_REPLY));
			assert_int_equal(arp.sender_ip, net_address(cases[i].target));
			assert_memory_equal(arp.sender_mac, port_macs[cases[i].port], 6);
			assert_int_equal(arp.target_ip, net_address(cases[i].sender));
		}
		assert_int_equal(net_injected_count(&f->net), 0);
	}
	fixture_destroy(f);
}

static void
hostile_arp_is_dropped(void **state)
{
	const struct arp_packet good = {
		.hardware_be = htobe16(ARP_HARDWARE_ETHERNET),
		.protocol_be = htobe16(ETH_TYPE_IPV4),
		.hardware_size = ETH_ADDRESS_SIZE,
		.protocol_size = 4,
		.operation_be = htobe16(ARP_REQUEST),
		.sender_mac = {2, 0, 0, 0, 0, 0x77},
		.sender_ip = net_address("192.0.2.77"),
		.target_ip = net_address("192.0.2.1"),
	};
	struct route_fixture *f = fixture_create();
	struct arp_packet bad[13];
	struct rte_mbuf *mbuf;

	for (unsigned i = 0; i < ARRAY_COUNT(bad); i++)
		bad[i] = good;
	bad[0].hardware_be = htobe16(6);
	bad[1].protocol_be = htobe16(0x86dd);
	bad[2].hardware_size = 8;
	bad[3].protocol_size = 16;
	bad[4].operation_be = htobe16(3);
	bad[5].sender_mac[0] = 0x01;
	memset(bad[6].sender_mac, 0, 6);
	memset(bad[7].sender_mac, 0xff, 6);
	bad[8].sender_ip = net_address("224.0.0.1");
	bad[9].sender_ip = net_address("127.0.0.1");
	bad[10].sender_ip = net_address("255.255.255.255");
	bad[11].sender_ip = net_address("0.0.0.9");
	bad[12].sender_ip = net_address("10.0.0.77"); /* of another link */

	settle(f);
	for (unsigned i = 0; i < ARRAY_COUNT(bad); i++) {
		route_arp_input(f->table, net_mbuf(&bad[i], sizeof(bad[i]), 0), f->now);
		assert_int_equal(f->net.drops.count[DROP_ARP_INVALID], i + 1);
	}
	for (size_t len = 1; len < sizeof(good); len++)
		route_arp_input(f->table, net_mbuf(&good, len, 0), f->now);
	assert_int_equal(f->net.drops.count[DROP_ARP_INVALID], ARRAY_COUNT(bad) + sizeof(good) - 1);
	mbuf = net_mbuf(&good, sizeof(good), 0);
	packet_of(mbuf)->port = 200;
	route_arp_input(f->table, mbuf, f->now);
	assert_int_equal(net_injected_count(&f->net), 0);
	route_arp_input(f->table, net_mbuf(&good, sizeof(good), 5), f->now);
	assert_int_equal(net_injected_count(&f->net), 1);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static void
own_address_is_defended_once_in_ten_seconds(void **state)
{
	struct route_fixture *f = fixture_create();
	be32 own = net_address("192.0.2.2");

	settle(f);
	answers(f, 0, "192.0.2.254");
	arp_arrives(f, 0, ARP_REPLY, host_mac, own, net_address("192.0.2.77"));
	expect_announcement(f, "192.0.2.2", port_macs[0]);
	f->now = mono_add_sec(f->now, 9);
	arp_arrives(f, 0, ARP_REQUEST, host_mac, own, net_address("192.0.2.1"));
	assert_int_equal(net_injected_count(&f->net), 0);
	f->now = mono_add_sec(f->now, 10);
	arp_arrives(f, 0, ARP_REPLY, host_mac, own, net_address("192.0.2.77"));
	expect_announcement(f, "192.0.2.2", port_macs[0]);
	assert_int_equal(f->net.drops.count[DROP_ARP_CONFLICT], 3);
	/* the box's own announcement, come back, is no conflict */
	arp_arrives(f, 0, ARP_REQUEST, port_macs[0], own, own);
	assert_int_equal(f->net.drops.count[DROP_ARP_CONFLICT], 3);
	fixture_destroy(f);
}

static void
mobile_that_leaves_is_answered_for_and_announced_three_times(void **state)
{
	struct route_fixture *f = fixture_create();
	be32 home = net_address("10.1.3.3");
	uint8_t dst[ETH_ADDRESS_SIZE];
	struct arp_packet arp;

	settle(f);
	answers(f, 0, "192.0.2.254");
	route_proxy_begin(f->table, home, f->now);
	expect_announcement(f, "10.1.3.3", port_macs[1]);
	pass_sec(f, 10);
	expect_announcement(f, "10.1.3.3", port_macs[1]);
	expect_announcement(f, "10.1.3.3", port_macs[1]);
	assert_int_equal(net_injected_count(&f->net), 0);
	route_proxy_begin(f->table, home, f->now); /* a re-registration is no news */
	assert_int_equal(net_injected_count(&f->net), 0);

	arp_arrives(f, 1, ARP_REQUEST, host_mac, net_address("10.0.3.3"), home);
	arp = net_injected_arp(&f->net, dst);
	assert_int_equal(arp.sender_ip, home);
	assert_memory_equal(arp.sender_mac, port_macs[1], 6);
	arp_arrives(f, 0, ARP_REQUEST, host_mac, net_address("192.0.2.77"), home);
	assert_int_equal(net_injected_count(&f->net), 0);
	assert_int_equal(route_proxy_counters(f->table)->announcements, 3);
	assert_int_equal(route_proxy_counters(f->table)->answers, 1);
	fixture_destroy(f);
}

static void
virtual_home_network_has_no_proxy(void **state)
{
	struct route_fixture *f = fixture_create();

	settle(f);
	route_proxy_begin(f->table, net_address("198.51.100.7"), f->now);
	route_proxy_end(f->table, net_address("198.51.100.7"), mobile_mac, f->now);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

static void
mobiles_own_probes_and_announcements_are_not_answered(void **state)
{
	struct route_fixture *f = fixture_create();
	be32 home = net_address("10.1.3.3");

	log_set_level(LOG_LEVEL_WARNING);
	settle(f);
	answers(f, 0, "192.0.2.254");
	route_proxy_begin(f->table, home, f->now);
	pass_sec(f, 5);
	net_injected_discard(&f->net);
	arp_arrives(f, 1, ARP_REQUEST, mobile_mac, 0, home);
	arp_arrives(f, 1, ARP_REQUEST, mobile_mac, home, home);
	assert_int_equal(net_injected_count(&f->net), 0);
	/* its link address is known now: another host's probe is told that the address is taken */
	arp_arrives(f, 1, ARP_REQUEST, host_mac, 0, home);
	assert_int_equal(net_injected_count(&f->net), 1);
	net_injected_discard(&f->net);
	/* its question for the home agent is answered */
	arp_arrives(f, 1, ARP_REQUEST, mobile_mac, home, net_address("10.1.0.1"));
	assert_int_equal(net_injected_count(&f->net), 1);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static void
mobile_that_returns_is_announced_at_its_own_address(void **state)
{
	struct route_fixture *f = fixture_create();
	be32 home = net_address("10.1.3.3");

	settle(f);
	answers(f, 0, "192.0.2.254");
	route_proxy_begin(f->table, home, f->now);
	pass_sec(f, 5);
	net_injected_discard(&f->net);
	route_proxy_end(f->table, home, mobile_mac, f->now);
	pass_sec(f, 5);
	for (unsigned i = 0; i < 3; i++)
		expect_announcement(f, "10.1.3.3", mobile_mac);
	assert_int_equal(net_injected_count(&f->net), 0);
	arp_arrives(f, 1, ARP_REQUEST, host_mac, net_address("10.0.3.3"), home);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

static void
returned_mobile_whose_address_is_unknown_is_asked_for_it(void **state)
{
	struct route_fixture *f = fixture_create();
	be32 home = net_address("10.1.3.3");

	settle(f);
	answers(f, 0, "192.0.2.254");
	route_proxy_begin(f->table, home, f->now);
	pass_sec(f, 5);
	net_injected_discard(&f->net);
	route_proxy_end(f->table, home, NULL, f->now);
	expect_request(f, "10.1.0.1", home, everybody);
	arp_arrives(f, 1, ARP_REPLY, mobile_mac, home, net_address("10.1.0.1"));
	pass_sec(f, 5);
	for (unsigned i = 0; i < 3; i++)
		expect_announcement(f, "10.1.3.3", mobile_mac);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_addresses_are_announced_twice_at_start),
		cmocka_unit_test(requests_for_own_addresses_are_answered_where_they_live),
		cmocka_unit_test(hostile_arp_is_dropped),
		cmocka_unit_test(own_address_is_defended_once_in_ten_seconds),
		cmocka_unit_test(mobile_that_leaves_is_answered_for_and_announced_three_times),
		cmocka_unit_test(virtual_home_network_has_no_proxy),
		cmocka_unit_test(mobiles_own_probes_and_announcements_are_not_answered),
		cmocka_unit_test(mobile_that_returns_is_announced_at_its_own_address),
		cmocka_unit_test(returned_mobile_whose_address_is_unknown_is_asked_for_it),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
