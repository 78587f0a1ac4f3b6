/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/route_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdlib.h>

const uint8_t port_macs[2][ETH_ADDRESS_SIZE] = {{2, 0, 0, 0, 0, 0x10}, {2, 0, 0, 0, 0, 0x11}};
const uint8_t host_mac[ETH_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 0x77};
const uint8_t mobile_mac[ETH_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 0x99};
const uint8_t everybody[ETH_ADDRESS_SIZE] = {255, 255, 255, 255, 255, 255};

struct prefix
prefix_of(const char *text)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse(text, &prefix), 0);
	return prefix;
}

static void
told(void *context, struct rte_mbuf *mbuf)
{
	struct route_fixture *f = context;

	f->told++;
	rte_pktmbuf_free(mbuf);
}

struct route_fixture *
fixture_create(void)
{
	struct route_fixture *f = calloc(1, sizeof(*f));
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
	f->config.vpn.enabled = true;
	f->config.vpn.address = net_address("192.0.2.3");
	f->config.vpn.tia_networks[0] = prefix_of("10.8.0.0/24");
	f->config.vpn.tia_network_count = 1;
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
		.macs = port_macs,
		.next_hops_max = NEXT_HOPS_MAX,
	};
	f->table = route_create(&context, &f->config);
	assert_non_null(f->table);
	f->now = (struct mono_time){NS_PER_SEC * 1000};
	route_on_unreachable(f->table, told, f);
	return f;
}

void
fixture_destroy(struct route_fixture *f)
{
	route_destroy(f->table);
	fake_publisher_destroy(f->publisher);
	net_fixture_fini(&f->net);
	free(f);
}

void
settle(struct route_fixture *f)
{
	for (unsigned i = 0; i < 3; i++) {
		route_tick(f->table, f->now);
		f->now = mono_add_sec(f->now, 2);
	}
	net_injected_discard(&f->net);
}

void
pass_sec(struct route_fixture *f, unsigned sec)
{
	for (unsigned i = 0; i < sec * 10; i++) {
		f->now = mono_add_ms(f->now, 100);
		route_tick(f->table, f->now);
	}
}

void
arp_arrives(struct route_fixture *f, uint8_t port, uint16_t operation, const uint8_t *sender_mac,
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

void
answers(struct route_fixture *f, uint8_t port, const char *address)
{
	arp_arrives(f, port, ARP_REPLY, host_mac, net_address(address),
		    f->config.ports[port].network.address);
}

void
packet_to(struct route_fixture *f, be32 dst)
{
	const struct ip_header ip = {.version_ihl = IP_VERSION_IHL_PLAIN,
				     .total_len_be = htobe16(20),
				     .src = net_address("203.0.113.5"),
				     .dst = dst};

	route_resolve(f->table, net_mbuf(&ip, sizeof(ip), 0), f->now);
}

void
expect_request(struct route_fixture *f, const char *source, be32 target, const uint8_t *to)
{
	uint8_t dst[ETH_ADDRESS_SIZE];
	struct arp_packet arp = net_injected_arp(&f->net, dst);

	assert_memory_equal(dst, to, sizeof(dst));
	assert_int_equal(arp.operation_be, htobe16(ARP_REQUEST));
	assert_int_equal(arp.sender_ip, net_address(source));
	assert_int_equal(arp.target_ip, target);
}

void
expect_announcement(struct route_fixture *f, const char *address, const uint8_t *mac)
{
	uint8_t dst[ETH_ADDRESS_SIZE];
	struct arp_packet arp = net_injected_arp(&f->net, dst);

	assert_memory_equal(dst, everybody, sizeof(dst));
	assert_int_equal(arp.sender_ip, net_address(address));
	assert_int_equal(arp.target_ip, net_address(address));
	assert_memory_equal(arp.sender_mac, mac, sizeof(arp.sender_mac));
}

struct next_hop
hop_towards(struct route_fixture *f, const char *address)
{
	return fake_next_hop(f->publisher,
			     publish_route_lookup(f->publisher, net_address(address)));
}
