/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/route.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>

#include "tests/unit/control/route_fixture.h"

static void
configuration_becomes_routes(void **state)
{
	static const struct {
		const char *address;
		uint8_t state;
		uint8_t port;
	} cases[] = {
		{"192.0.2.77", NEXT_HOP_UNRESOLVED, 0},
		{"10.0.255.77", NEXT_HOP_UNRESOLVED, 1},
		{"10.1.3.77", NEXT_HOP_UNRESOLVED, 1},
		{"203.0.113.1", NEXT_HOP_UNRESOLVED, 0},   /* by the gateway */
		{"198.51.100.7", NEXT_HOP_UNREACHABLE, 0}, /* virtual home network */
		{"192.0.2.3", NEXT_HOP_UNREACHABLE, 0},	   /* the VPN gateway */
		{"10.8.0.7", NEXT_HOP_UNREACHABLE, 0},	   /* TIA without a tunnel */
		{"10.8.1.7", NEXT_HOP_UNRESOLVED, 0},	   /* beside the TIA network */
		{"192.0.2.255", NEXT_HOP_UNREACHABLE, 0},  /* broadcast */
		{"192.0.2.0", NEXT_HOP_UNREACHABLE, 0},
		{"10.1.255.255", NEXT_HOP_UNREACHABLE, 0},
		{"192.0.2.1", NEXT_HOP_UNREACHABLE, 0}, /* own */
		{"10.1.0.1", NEXT_HOP_UNREACHABLE, 0},
	};
	struct route_fixture *f = fixture_create();

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct next_hop hop = hop_towards(f, cases[i].address);

		assert_int_equal(hop.state, cases[i].state);
		assert_int_equal(hop.port, cases[i].port);
	}
	assert_int_equal(route_source(f->table, net_address("203.0.113.1")),
			 net_address("192.0.2.1"));
	assert_int_equal(route_source(f->table, net_address("10.1.9.9")), net_address("10.0.0.1"));
	assert_int_equal(route_source(f->table, net_address("198.51.100.7")), 0);
	fixture_destroy(f);
}

static void
no_route_is_no_next_hop(void **state)
{
	static const char *const nowhere[] = {"198.51.100.7", "10.8.0.7", "192.0.2.3",
					      "192.0.2.255", "192.0.2.1"};
	struct route_fixture *f = fixture_create();

	for (unsigned i = 0; i < ARRAY_COUNT(nowhere); i++)
		assert_int_equal(route_acquire(f->table, net_address(nowhere[i])), NEXT_HOP_NONE);
	route_release(f->table, NEXT_HOP_NONE);
	assert_int_equal(route_mtu(f->table, NEXT_HOP_NONE), 0);
	fixture_destroy(f);
}

static void
packet_without_a_route_tells_the_sender(void **state)
{
	struct route_fixture *f = fixture_create();

	settle(f);
	packet_to(f, net_address("198.51.100.9"));
	assert_int_equal(f->told, 1);
	assert_int_equal(f->net.drops.count[DROP_IP_UNREACHABLE], 1);
	fixture_destroy(f);
}

static void
reload_changes_routes_and_keeps_neighbours(void **state)
{
	struct route_fixture *f = fixture_create();
	unsigned routes;

	settle(f);
	answers(f, 0, "192.0.2.254");
	packet_to(f, net_address("10.0.7.7"));
	answers(f, 1, "10.0.7.7");
	net_injected_discard(&f->net);
	routes = fake_route_count(f->publisher);

	f->routes[1] =
		(struct config_route){prefix_of("203.0.113.0/24"), net_address("10.0.0.254")};
	f->config.route_count = 2;
	f->home_networks[1].prefix = prefix_of("198.18.0.0/15");
	assert_int_equal(route_reload(f->table, &f->config), 0);
	assert_int_equal(fake_route_count(f->publisher), routes + 1);
	assert_int_equal(hop_towards(f, "203.0.113.1").port, 1);
	assert_int_equal(hop_towards(f, "8.8.8.8").state, NEXT_HOP_RESOLVED);
	assert_int_equal(hop_towards(f, "10.0.7.7").state, NEXT_HOP_RESOLVED);
	assert_int_equal(hop_towards(f, "198.18.1.1").state, NEXT_HOP_UNREACHABLE);
	assert_int_equal(hop_towards(f, "198.51.100.1").state, NEXT_HOP_RESOLVED);

	f->config.route_count = 1;
	assert_int_equal(route_reload(f->table, &f->config), 0);
	assert_int_equal(hop_towards(f, "203.0.113.1").port, 0);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static void
reload_publishes_only_what_differs(void **state)
{
	struct route_fixture *f = fixture_create();
	unsigned writes = fake_route_writes(f->publisher);

	settle(f);
	assert_int_equal(route_reload(f->table, &f->config), 0);
	assert_int_equal(fake_route_writes(f->publisher), writes);
	f->routes[1] =
		(struct config_route){prefix_of("203.0.113.0/24"), net_address("10.0.0.254")};
	f->config.route_count = 2;
	assert_int_equal(route_reload(f->table, &f->config), 0);
	assert_int_equal(fake_route_writes(f->publisher), writes + 1);
	f->routes[1].gateway = net_address("10.0.0.253");
	assert_int_equal(route_reload(f->table, &f->config), 0);
	assert_int_equal(fake_route_writes(f->publisher), writes + 2);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static void
reload_that_fails_leaves_everything_as_it_was(void **state)
{
	struct route_fixture *f = fixture_create();
	unsigned routes;

	settle(f);
	routes = fake_route_count(f->publisher);
	f->routes[1] =
		(struct config_route){prefix_of("203.0.113.0/24"), net_address("172.16.0.1")};
	f->config.route_count = 2;
	assert_int_equal(route_reload(f->table, &f->config), -ENETUNREACH);
	f->routes[1].gateway = net_address("10.0.0.254");
	f->home_networks[1].prefix = prefix_of("198.18.0.0/15");
	fake_route_room(f->publisher, 1);
	assert_int_equal(route_reload(f->table, &f->config), -ENOSPC);
	assert_int_equal(fake_route_count(f->publisher), routes);
	assert_int_equal(hop_towards(f, "203.0.113.1").port, 0);
	assert_int_equal(hop_towards(f, "198.51.100.1").state, NEXT_HOP_UNREACHABLE);
	fixture_destroy(f);
}

static void
host_route_of_a_network_that_is_gone_goes_too(void **state)
{
	struct route_fixture *f = fixture_create();

	settle(f);
	answers(f, 0, "192.0.2.254");
	packet_to(f, net_address("10.1.3.3"));
	answers(f, 1, "10.1.3.3");
	route_proxy_begin(f->table, net_address("10.1.4.4"), f->now);
	net_injected_discard(&f->net);
	f->home_networks[0].port = -1;
	assert_int_equal(route_reload(f->table, &f->config), 0);
	assert_int_equal(hop_towards(f, "10.1.3.3").state, NEXT_HOP_UNREACHABLE);
	arp_arrives(f, 1, ARP_REQUEST, host_mac, net_address("10.0.3.3"), net_address("10.1.4.4"));
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configuration_becomes_routes),
		cmocka_unit_test(no_route_is_no_next_hop),
		cmocka_unit_test(packet_without_a_route_tells_the_sender),
		cmocka_unit_test(reload_changes_routes_and_keeps_neighbours),
		cmocka_unit_test(reload_publishes_only_what_differs),
		cmocka_unit_test(reload_that_fails_leaves_everything_as_it_was),
		cmocka_unit_test(host_route_of_a_network_that_is_gone_goes_too),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
