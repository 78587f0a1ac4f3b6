/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/route.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "control/neighbour.h"
#include "control/pending.h"
#include "lib/log.h"
#include "net_fixture.h"

/*
 *     port 0, external: 192.0.2.1/24, default gateway 192.0.2.254, x-HA 192.0.2.2
 *     port 1, internal: 10.0.0.1/16, home network of the i-HA 10.1.0.0/16 with the i-HA 10.1.0.1
 *     virtual home network of the x-HA: 198.51.100.0/24
 */
#define NEXT_HOPS_MAX 2048

static const uint8_t macs[2][ETH_ADDRESS_SIZE] = {{2, 0, 0, 0, 0, 0x10}, {2, 0, 0, 0, 0, 0x11}};
static const uint8_t host_mac[ETH_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 0x77};
static const uint8_t mobile_mac[ETH_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 0x99};
static const uint8_t everybody[ETH_ADDRESS_SIZE] = {255, 255, 255, 255, 255, 255};

struct fixture {
	struct net_fixture net;
	struct config config;
	struct config_route routes[2];
	struct config_home_network home_networks[2];
	struct publisher *publisher;
	struct route_table *table;
	struct mono_time now;
	unsigned told;
};

static struct prefix
prefix_of(const char *text)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse(text, &prefix), 0);
	return prefix;
}

static void
told(void *context, struct rte_mbuf *mbuf)
{
	struct fixture *f = context;

	f->told++;
	rte_pktmbuf_free(mbuf);
}

static struct fixture *
fixture_create(void)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct route_context context;

	assert_non_null(f);
	net_fixture_init(&f->net);
	f->publisher = fake_publisher_create();
	f->config.port_count = 2;
	f->config.ports[0].network = prefix_of("192.0.2.1/24");
	f->config.ports[0].mtu = 1500;
	f->config.ports[1].network = prefix_of("10.0.0.1/16");
	f->config.ports[1].mtu = 9000;
	f->config.agents[AGENT_X_HA].enabled = true;
	f->config.agents[AGENT_X_HA].address = net_address("192.0.2.2");
	f->config.agents[AGENT_I_HA].enabled = true;
	f->config.agents[AGENT_I_HA].address = net_address("10.1.0.1");
	f->home_networks[0] = (struct config_home_network){
		.agent = AGENT_I_HA, .prefix = prefix_of("10.1.0.0/16"), .port = 1};
	f->home_networks[1] = (struct config_home_network){
		.agent = AGENT_X_HA, .prefix = prefix_of("198.51.100.0/24"), .port = -1};
	f->config.home_networks = f->home_networks;
	f->config.home_network_count = 2;
	f->routes[0] = (struct config_route){prefix_of("0.0.0.0/0"), net_address("192.0.2.254")};
	f->config.routes = f->routes;
	f->config.route_count = 1;
	context = (struct route_context){
		.publisher = f->publisher,
		.injector = &f->net.injector,
		.drops = &f->net.drops,
		.macs = macs,
		.next_hops_max = NEXT_HOPS_MAX,
	};
	f->table = route_create(&context, &f->config);
	assert_non_null(f->table);
	f->now = (struct mono_time){NS_PER_SEC * 1000};
	route_on_unreachable(f->table, told, f);
	return f;
}

static void
fixture_destroy(struct fixture *f)
{
	route_destroy(f->table);
	fake_publisher_destroy(f->publisher);
	net_fixture_fini(&f->net);
	free(f);
}

/* Past the announcements of own addresses and the first request to the gateway. */
static void
settle(struct fixture *f)
{
	for (unsigned i = 0; i < 3; i++) {
		route_tick(f->table, f->now);
		f->now = mono_add_sec(f->now, 2);
	}
	net_injected_discard(&f->net);
}

static void
pass_sec(struct fixture *f, unsigned sec)
{
	for (unsigned i = 0; i < sec * 10; i++) {
		f->now = mono_add_ms(f->now, 100);
		route_tick(f->table, f->now);
	}
}

static void
arp_arrives(struct fixture *f, uint8_t port, uint16_t operation, const uint8_t *sender_mac,
	    be32 sender, be32 target)
{
	struct arp_packet arp = {
		.hardware_be = htobe16(ARP_HARDWARE_ETHERNET),
		.protocol_be = htobe16(ETH_TYPE_IPV4),
		.hardware_size = ETH_ADDRESS_SIZE,
		.protocol_size = 4,
		.operation_be = htobe16(operation),
		.sender_ip = sender,
		.target_ip = target,
	};
	struct rte_mbuf *mbuf;

	memcpy(arp.sender_mac, sender_mac, sizeof(arp.sender_mac));
	mbuf = net_mbuf(&arp, sizeof(arp), 0);
	packet_of(mbuf)->port = port;
	route_arp_input(f->table, mbuf, f->now);
}

static void
answers(struct fixture *f, uint8_t port, const char *address)
{
	arp_arrives(f, port, ARP_REPLY, host_mac, net_address(address),
		    f->config.ports[port].network.address);
}

static void
packet_to(struct fixture *f, be32 dst)
{
	const struct ip_header ip = {.version_ihl = IP_VERSION_IHL_PLAIN,
				     .total_len_be = htobe16(20),
				     .src = net_address("203.0.113.5"),
				     .dst = dst};

	route_resolve(f->table, net_mbuf(&ip, sizeof(ip), 0), f->now);
}

/* The next injected packet is a broadcast request for `target`. */
static void
expect_request(struct fixture *f, const char *source, be32 target, const uint8_t *to)
{
	uint8_t dst[ETH_ADDRESS_SIZE];
	struct arp_packet arp = net_injected_arp(&f->net, dst);

	assert_memory_equal(dst, to, sizeof(dst));
	assert_int_equal(arp.operation_be, htobe16(ARP_REQUEST));
	assert_int_equal(arp.sender_ip, net_address(source));
	assert_int_equal(arp.target_ip, target);
}

static void
expect_announcement(struct fixture *f, const char *address, const uint8_t *mac)
{
	uint8_t dst[ETH_ADDRESS_SIZE];
	struct arp_packet arp = net_injected_arp(&f->net, dst);

	assert_memory_equal(dst, everybody, sizeof(dst));
	assert_int_equal(arp.sender_ip, net_address(address));
	assert_int_equal(arp.target_ip, net_address(address));
	assert_memory_equal(arp.sender_mac, mac, sizeof(arp.sender_mac));
}

static struct next_hop
hop_towards(struct fixture *f, const char *address)
{
	return fake_next_hop(f->publisher,
			     publish_route_lookup(f->publisher, net_address(address)));
}

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
		{"192.0.2.255", NEXT_HOP_UNREACHABLE, 0},  /* broadcast */
		{"192.0.2.0", NEXT_HOP_UNREACHABLE, 0},
		{"10.1.255.255", NEXT_HOP_UNREACHABLE, 0},
		{"192.0.2.1", NEXT_HOP_UNREACHABLE, 0}, /* own */
		{"10.1.0.1", NEXT_HOP_UNREACHABLE, 0},
	};
	struct fixture *f = fixture_create();

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
own_addresses_are_announced_twice_at_start(void **state)
{
	struct fixture *f = fixture_create();

	route_tick(f->table, f->now);
	/* the gateway is asked for, then each own address is announced */
	expect_request(f, "192.0.2.1", net_address("192.0.2.254"), everybody);
	expect_announcement(f, "192.0.2.1", macs[0]);
	expect_announcement(f, "192.0.2.2", macs[0]);
	expect_announcement(f, "10.0.0.1", macs[1]);
	expect_announcement(f, "10.1.0.1", macs[1]);
	assert_int_equal(net_injected_count(&f->net), 0);
	f->now = mono_add_sec(f->now, 2);
	answers(f, 0, "192.0.2.254");
	route_tick(f->table, f->now);
	assert_int_equal(net_injected_count(&f->net), 4);
	f->now = mono_add_sec(f->now, 2);
	route_tick(f->table, f->now);
	assert_int_equal(net_injected_count(&f->net), 4);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static void
gateway_is_resolved_and_shared_and_kept_fresh(void **state)
{
	struct fixture *f = fixture_create();
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
	struct fixture *f = fixture_create();
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
	struct fixture *f = fixture_create();
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
	struct fixture *f = fixture_create();

	settle(f);
	packet_to(f, net_address("10.1.3.3"));
	expect_request(f, "10.1.0.1", net_address("10.1.3.3"), everybody);
	fixture_destroy(f);
}

static void
silence_tells_the_sender_after_three_requests(void **state)
{
	struct fixture *f = fixture_create();

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
packet_without_a_route_tells_the_sender(void **state)
{
	struct fixture *f = fixture_create();

	settle(f);
	packet_to(f, net_address("198.51.100.9"));
	assert_int_equal(f->told, 1);
	assert_int_equal(f->net.drops.count[DROP_IP_UNREACHABLE], 1);
	fixture_destroy(f);
}

static void
host_that_answers_no_check_loses_its_route(void **state)
{
	struct fixture *f = fixture_create();
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
	struct fixture *f = fixture_create();
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

static void
no_route_is_no_next_hop(void **state)
{
	static const char *const nowhere[] = {"198.51.100.7", "192.0.2.255", "192.0.2.1"};
	struct fixture *f = fixture_create();

	for (unsigned i = 0; i < ARRAY_COUNT(nowhere); i++)
		assert_int_equal(route_acquire(f->table, net_address(nowhere[i])), NEXT_HOP_NONE);
	route_release(f->table, NEXT_HOP_NONE);
	assert_int_equal(route_mtu(f->table, NEXT_HOP_NONE), 0);
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
	struct fixture *f = fixture_create();
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
	struct fixture *f = fixture_create();
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
	struct fixture *f = fixture_create();

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
	struct fixture *f = fixture_create();

	settle(f);
	fake_route_room(f->publisher, 0);
	packet_to(f, net_address("10.0.7.7"));
	net_injected_discard(&f->net);
	answers(f, 1, "10.0.7.7");
	assert_int_equal(net_injected_count(&f->net), 0);
	assert_int_equal(f->net.drops.count[DROP_ARP_QUEUE_FULL], 1);
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
		{0, "0.0.0.0", "192.0.2.1", true}, /* a probe: the address is taken */
		{0, "192.0.2.77", "10.0.0.1", false},	{1, "10.0.3.3", "192.0.2.2", false},
		{0, "192.0.2.77", "192.0.2.78", false},
	};
	struct fixture *f = fixture_create();
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
			assert_memory_equal(arp.sender_mac, macs[cases[i].port], 6);
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
	struct fixture *f = fixture_create();
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
	for (uint16_t len = 1; len < sizeof(good); len++)
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
	struct fixture *f = fixture_create();
	be32 own = net_address("192.0.2.2");

	settle(f);
	answers(f, 0, "192.0.2.254");
	arp_arrives(f, 0, ARP_REPLY, host_mac, own, net_address("192.0.2.77"));
	expect_announcement(f, "192.0.2.2", macs[0]);
	f->now = mono_add_sec(f->now, 9);
	arp_arrives(f, 0, ARP_REQUEST, host_mac, own, net_address("192.0.2.1"));
	assert_int_equal(net_injected_count(&f->net), 0);
	f->now = mono_add_sec(f->now, 10);
	arp_arrives(f, 0, ARP_REPLY, host_mac, own, net_address("192.0.2.77"));
	expect_announcement(f, "192.0.2.2", macs[0]);
	assert_int_equal(f->net.drops.count[DROP_ARP_CONFLICT], 3);
	/* the box's own announcement, come back, is no conflict */
	arp_arrives(f, 0, ARP_REQUEST, macs[0], own, own);
	assert_int_equal(f->net.drops.count[DROP_ARP_CONFLICT], 3);
	fixture_destroy(f);
}

static void
mobile_that_leaves_is_answered_for_and_announced_three_times(void **state)
{
	struct fixture *f = fixture_create();
	be32 home = net_address("10.1.3.3");
	uint8_t dst[ETH_ADDRESS_SIZE];
	struct arp_packet arp;

	settle(f);
	answers(f, 0, "192.0.2.254");
	route_proxy_begin(f->table, home, f->now);
	expect_announcement(f, "10.1.3.3", macs[1]);
	pass_sec(f, 10);
	expect_announcement(f, "10.1.3.3", macs[1]);
	expect_announcement(f, "10.1.3.3", macs[1]);
	assert_int_equal(net_injected_count(&f->net), 0);
	route_proxy_begin(f->table, home, f->now); /* a re-registration is no news */
	assert_int_equal(net_injected_count(&f->net), 0);

	arp_arrives(f, 1, ARP_REQUEST, host_mac, net_address("10.0.3.3"), home);
	arp = net_injected_arp(&f->net, dst);
	assert_int_equal(arp.sender_ip, home);
	assert_memory_equal(arp.sender_mac, macs[1], 6);
	arp_arrives(f, 0, ARP_REQUEST, host_mac, net_address("192.0.2.77"), home);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

static void
virtual_home_network_has_no_proxy(void **state)
{
	struct fixture *f = fixture_create();

	settle(f);
	route_proxy_begin(f->table, net_address("198.51.100.7"), f->now);
	route_proxy_end(f->table, net_address("198.51.100.7"), mobile_mac, f->now);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

static void
mobiles_own_probes_and_announcements_are_not_answered(void **state)
{
	struct fixture *f = fixture_create();
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
	struct fixture *f = fixture_create();
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
	struct fixture *f = fixture_create();
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

static void
reload_changes_routes_and_keeps_neighbours(void **state)
{
	struct fixture *f = fixture_create();
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
reload_that_fails_leaves_everything_as_it_was(void **state)
{
	struct fixture *f = fixture_create();
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
	struct fixture *f = fixture_create();

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
		cmocka_unit_test(own_addresses_are_announced_twice_at_start),
		cmocka_unit_test(gateway_is_resolved_and_shared_and_kept_fresh),
		cmocka_unit_test(gateway_that_falls_silent_is_asked_for_ever),
		cmocka_unit_test(packet_waits_for_the_answer_and_then_has_a_route),
		cmocka_unit_test(mobile_at_home_is_asked_from_the_agents_address),
		cmocka_unit_test(silence_tells_the_sender_after_three_requests),
		cmocka_unit_test(packet_without_a_route_tells_the_sender),
		cmocka_unit_test(host_that_answers_no_check_loses_its_route),
		cmocka_unit_test(held_next_hop_outlives_silence),
		cmocka_unit_test(no_route_is_no_next_hop),
		cmocka_unit_test(scan_is_bounded_and_spares_what_is_held),
		cmocka_unit_test(known_hosts_make_room_when_next_hops_run_out),
		cmocka_unit_test(latest_packets_are_kept_for_a_neighbour),
		cmocka_unit_test(full_route_table_drops_instead_of_looping),
		cmocka_unit_test(requests_for_own_addresses_are_answered_where_they_live),
		cmocka_unit_test(hostile_arp_is_dropped),
		cmocka_unit_test(own_address_is_defended_once_in_ten_seconds),
		cmocka_unit_test(mobile_that_leaves_is_answered_for_and_announced_three_times),
		cmocka_unit_test(virtual_home_network_has_no_proxy),
		cmocka_unit_test(mobiles_own_probes_and_announcements_are_not_answered),
		cmocka_unit_test(mobile_that_returns_is_announced_at_its_own_address),
		cmocka_unit_test(returned_mobile_whose_address_is_unknown_is_asked_for_it),
		cmocka_unit_test(reload_changes_routes_and_keeps_neighbours),
		cmocka_unit_test(reload_that_fails_leaves_everything_as_it_was),
		cmocka_unit_test(host_route_of_a_network_that_is_gone_goes_too),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
