/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/neighbour.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "control/pending.h"
#include "tests/unit/control/route_fixture.h"

static void
gateway_is_resolved_and_shared_and_kept_fresh(void **state)
{
	struct route_fixture *f = fixture_create();
	uint32_t first, second;

	settle(f);
	answers(f, 0, "192.0.2.254");
	assert_int_equal(hop_towards(f, "203.0.113.1").state, NEXT_HOP_RESOLVED);
	assert_memory_equal(hop_towards(f, "203.0.113.1").mac, host_mac, sizeof(host_mac));
	first = route_acquire(f->table, net_address("203.0.113.1"));
	second = route_acquire(f->table, net_address("8.8.8.8"));
	assert_int_equal(first, second);
	assert_int_equal(route_mtu(f->table, first), 1500);
	route_release(f->table, first);
	route_release(f->table, second);

	pass_sec(f, 60);
	expect_request(f, "192.0.2.1", net_address("192.0.2.254"), host_mac);
	assert_int_equal(hop_towards(f, "203.0.113.1").state, NEXT_HOP_RESOLVED);
	answers(f, 0, "192.0.2.254");
	pass_sec(f, 50);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

static void
gateway_that_falls_silent_is_asked_for_ever(void **state)
{
	struct route_fixture *f = fixture_create();
	uint8_t dst[ETH_ADDRESS_SIZE];

	settle(f);
	answers(f, 0, "192.0.2.254");
	pass_sec(f, 60);
	pass_sec(f, 3); /* three unicast requests, and a broadcast one */
	for (unsigned i = 0; i < 3; i++)
		expect_request(f, "192.0.2.1", net_address("192.0.2.254"), host_mac);
	assert_int_equal(hop_towards(f, "203.0.113.1").state, NEXT_HOP_UNRESOLVED);
	pass_sec(f, 20);
	assert_true(net_injected_count(&f->net) >= 6);
	while (net_injected_count(&f->net) > 0) {
		net_injected_arp(&f->net, dst);
		assert_memory_equal(dst, everybody, sizeof(dst));
	}
	answers(f, 0, "192.0.2.254");
	assert_int_equal(hop_towards(f, "203.0.113.1").state, NEXT_HOP_RESOLVED);
	fixture_destroy(f);
}

static void
packet_waits_for_the_answer_and_then_has_a_route(void **state)
{
	struct route_fixture *f = fixture_create();
	be32 host = net_address("10.0.7.7");
	struct rte_mbuf *mbuf;
	unsigned routes;

	settle(f);
	routes = fake_route_count(f->publisher);
	packet_to(f, host);
	packet_to(f, host);
	expect_request(f, "10.0.0.1", host, everybody);
	assert_int_equal(net_injected_count(&f->net), 0);
	answers(f, 1, "10.0.7.7");
	for (unsigned i = 0; i < 2; i++) {
		mbuf = net_injected(&f->net);
		assert_non_null(mbuf);
		assert_int_equal(packet_of(mbuf)->punt_class, INJECT_ROUTE);
		assert_int_equal(packet_ip(mbuf)->dst, host);
		rte_pktmbuf_free(mbuf);
	}
	assert_int_equal(fake_route_count(f->publisher), routes + 1);
	assert_int_equal(hop_towards(f, "10.0.7.7").state, NEXT_HOP_RESOLVED);
	assert_int_equal(hop_towards(f, "10.0.7.8").state, NEXT_HOP_UNRESOLVED);
	/* one that was punted before the route was there goes straight on */
	packet_to(f, host);
	assert_int_equal(net_injected_count(&f->net), 1);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static void
mobile_at_home_is_asked_from_the_agents_address(void **state)
{
	struct route_fixture *f = fixture_create();

	settle(f);
	packet_to(f, net_address("10.1.3.3"));
	expect_request(f, "10.1.0.1", net_address("10.1.3.3"), everybody);
	fixture_destroy(f);
}

static void
silence_tells_the_sender_after_three_requests(void **state)
{
	struct route_fixture *f = fixture_create();

	settle(f);
	answers(f, 0, "192.0.2.254");
	packet_to(f, net_address("10.0.7.7"));
	packet_to(f, net_address("10.0.7.7"));
	pass_sec(f, 2);
	assert_int_equal(f->told, 0);
	pass_sec(f, 1);
	assert_int_equal(net_injected_count(&f->net), 3);
	assert_int_equal(f->told, 2);
	assert_int_equal(f->net.drops.count[DROP_ARP_TIMEOUT], 2);
	net_injected_discard(&f->net);
	pass_sec(f, 10);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

static void
host_that_answers_no_check_loses_its_route(void **state)
{
	struct route_fixture *f = fixture_create();
	unsigned routes;

	settle(f);
	answers(f, 0, "192.0.2.254");
	routes = fake_route_count(f->publisher);
	packet_to(f, net_address("10.0.7.7"));
	answers(f, 1, "10.0.7.7");
	assert_int_equal(fake_route_count(f->publisher), routes + 1);
	pass_sec(f, 64);
	assert_int_equal(fake_route_count(f->publisher), routes);
	assert_int_equal(hop_towards(f, "10.0.7.7").state, NEXT_HOP_UNRESOLVED);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static void
held_next_hop_outlives_silence(void **state)
{
	struct route_fixture *f = fixture_create();
	uint32_t index;

	settle(f);
	index = route_acquire(f->table, net_address("10.0.7.7"));
	assert_int_not_equal(index, NEXT_HOP_NONE);
	assert_int_equal(route_mtu(f->table, index), 9000);
	pass_sec(f, 30);
	assert_int_equal(fake_next_hop(f->publisher, index).state, NEXT_HOP_UNRESOLVED);
	answers(f, 1, "10.0.7.7");
	assert_int_equal(fake_next_hop(f->publisher, index).state, NEXT_HOP_RESOLVED);
	assert_int_equal(route_acquire(f->table, net_address("10.0.7.7")), index);
	route_release(f->table, index);
	route_release(f->table, index);
	pass_sec(f, 70);
	assert_int_equal(fake_next_hop(f->publisher, index).state, NEXT_HOP_UNREACHABLE);
	assert_int_equal(route_mtu(f->table, index), 0);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static bool
count_neighbour(const struct neighbour_view *neighbour, void *context)
{
	(*(unsigned *)context)++;
	return true;
}

static void
scan_is_bounded_and_spares_what_is_held(void **state)
{
	struct route_fixture *f = fixture_create();
	uint32_t base = be32toh(net_address("10.0.16.0"));
	unsigned count = 0;
	uint32_t held;

	settle(f);
	answers(f, 0, "192.0.2.254");
	held = route_acquire(f->table, net_address("10.0.7.7"));
	for (uint32_t i = 0; i < 3000; i++) {
		packet_to(f, htobe32(base + i));
		net_injected_discard(&f->net);
	}
	route_neighbours(f->table, count_neighbour, &count);
	assert_int_equal(count, NEIGHBOUR_ASKED_MAX + 2);
	assert_int_equal(f->net.drops.count[DROP_ARP_QUEUE_FULL], 3000 - NEIGHBOUR_ASKED_MAX);
	/* the youngest are still waited for, the oldest are not */
	arp_arrives(f, 1, ARP_REPLY, host_mac, htobe32(base + 2999), net_address("10.0.0.1"));
	assert_int_equal(net_injected_count(&f->net), 1);
	arp_arrives(f, 1, ARP_REPLY, host_mac, htobe32(base), net_address("10.0.0.1"));
	assert_int_equal(net_injected_count(&f->net), 1);
	answers(f, 1, "10.0.7.7");
	assert_int_equal(fake_next_hop(f->publisher, held).state, NEXT_HOP_RESOLVED);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static void
known_hosts_make_room_when_next_hops_run_out(void **state)
{
	struct route_fixture *f = fixture_create();
	uint32_t base = be32toh(net_address("10.0.16.0"));
	unsigned count = 0;

	settle(f);
	for (uint32_t i = 0; i < NEXT_HOPS_MAX + 100; i++) {
		packet_to(f, htobe32(base + i));
		arp_arrives(f, 1, ARP_REPLY, host_mac, htobe32(base + i), net_address("10.0.0.1"));
		net_injected_discard(&f->net);
	}
	route_neighbours(f->table, count_neighbour, &count);
	/* less index 0 and the two links */
	assert_int_equal(count, NEXT_HOPS_MAX - 3);
	assert_int_equal(f->net.drops.count[DROP_IP_UNREACHABLE], 0);
	assert_int_equal(f->told, 0);
	fixture_destroy(f);
}

static void
latest_packets_are_kept_for_a_neighbour(void **state)
{
	struct route_fixture *f = fixture_create();

	settle(f);
	for (unsigned i = 0; i < PENDING_MAX + 3; i++)
		packet_to(f, net_address("10.0.7.7"));
	assert_int_equal(f->net.drops.count[DROP_ARP_QUEUE_FULL], 3);
	net_injected_discard(&f->net);
	answers(f, 1, "10.0.7.7");
	assert_int_equal(net_injected_count(&f->net), PENDING_MAX);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static void
full_route_table_drops_instead_of_looping(void **state)
{
	struct route_fixture *f = fixture_create();

	settle(f);
	fake_route_room(f->publisher, 0);
	packet_to(f, net_address("10.0.7.7"));
	net_injected_discard(&f->net);
	answers(f, 1, "10.0.7.7");
	assert_int_equal(net_injected_count(&f->net), 0);
	assert_int_equal(f->net.drops.count[DROP_ARP_QUEUE_FULL], 1);
	fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gateway_is_resolved_and_shared_and_kept_fresh),
		cmocka_unit_test(gateway_that_falls_silent_is_asked_for_ever),
		cmocka_unit_test(packet_waits_for_the_answer_and_then_has_a_route),
		cmocka_unit_test(mobile_at_home_is_asked_from_the_agents_address),
		cmocka_unit_test(silence_tells_the_sender_after_three_requests),
		cmocka_unit_test(host_that_answers_no_check_loses_its_route),
		cmocka_unit_test(held_next_hop_outlives_silence),
		cmocka_unit_test(scan_is_bounded_and_spares_what_is_held),
		cmocka_unit_test(known_hosts_make_room_when_next_hops_run_out),
		cmocka_unit_test(latest_packets_are_kept_for_a_neighbour),
		cmocka_unit_test(full_route_table_drops_instead_of_looping),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
