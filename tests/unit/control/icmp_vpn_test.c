/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of errors about the VPN gateway's packets, and of those through security associations. */
#include "tests/unit/control/icmp_fixture.h"

static void
assert_error_from(struct fixture *f, const char *src, const char *dst)
{
	struct rte_mbuf *mbuf = net_injected(&f->net);

	assert_non_null(mbuf);
	assert_int_equal(packet_of(mbuf)->punt_class, INJECT_IP);
	assert_int_equal(packet_ip(mbuf)->src, net_address(src));
	assert_int_equal(packet_ip(mbuf)->dst, net_address(dst));
	rte_pktmbuf_free(mbuf);
}

/* What is due to one behind a security association comes from inside: its selectors need not have the
 * addresses of the outside. */
static void
error_through_a_security_association_comes_from_inside(void **state)
{
	struct fixture *f = fixture_create();
	struct rte_mbuf *mbuf;

	icmp_error_due(f->icmp, due(IP_PROTOCOL_TCP, "10.8.0.5", "10.1.0.7", 100), f->now);
	assert_error_from(f, "10.1.0.2", "10.8.0.5");
	/* a network behind a client */
	mbuf = due(IP_PROTOCOL_TCP, "203.0.113.99", "10.1.0.7", 100);
	packet_of(mbuf)->origin = ORIGIN_VPN;
	icmp_error_due(f->icmp, mbuf, f->now);
	assert_error_from(f, "10.1.0.2", "203.0.113.99");
	/* came by the x-HA's tunnel, out of which the ESP packet came */
	mbuf = due(IP_PROTOCOL_TCP, "10.8.0.6", "10.1.0.7", 100);
	packet_of(mbuf)->origin = ORIGIN_VPN;
	packet_of(mbuf)->flags = PACKET_FROM_TUNNEL;
	packet_of(mbuf)->outer_dst = net_address("192.0.2.2");
	icmp_error_due(f->icmp, mbuf, f->now);
	assert_error_from(f, "10.1.0.2", "10.8.0.6");
	/* the i-HA's tunnel inside */
	mbuf = due(IP_PROTOCOL_TCP, "10.1.0.9", "10.1.0.7", 100);
	packet_of(mbuf)->origin = ORIGIN_VPN;
	packet_of(mbuf)->flags = PACKET_FROM_TUNNEL;
	packet_of(mbuf)->outer_dst = net_address("10.1.0.2");
	icmp_error_due(f->icmp, mbuf, f->now);
	assert_error_from(f, "10.1.0.2", "10.1.0.9");
	fixture_destroy(f);
}

static void
without_an_i_ha_the_internal_port_speaks(void **state)
{
	struct fixture *f = fixture_create();
	struct icmp_context context = {
		.injector = &f->net.injector,
		.drops = &f->net.drops,
		.bindings = &f->bindings,
		.sas = (const struct sa_table *)f,
		.config = &icmp_fixture_config,
	};
	struct rte_mbuf *mbuf = due(IP_PROTOCOL_TCP, "10.8.0.6", "10.1.0.7", 100);

	icmp_destroy(f->icmp);
	f->icmp = icmp_create(&context, f->now);
	packet_of(mbuf)->origin = ORIGIN_VPN;
	icmp_error_due(f->icmp, mbuf, f->now);
	assert_error_from(f, "10.1.0.254", "10.8.0.6");
	fixture_destroy(f);
}

/* An error about a packet of the gateway: to a port when it is in UDP, with the SPI when that is not 0. */
static struct rte_mbuf *
esp_error(uint8_t code, uint16_t mtu, const char *peer, uint16_t port, be32 spi_be)
{
	const struct udp_header udp = {.src_port_be = htobe16(4500), .dst_port_be = htobe16(port)};
	uint8_t bytes[128] = {0};
	uint8_t *quoted = bytes + HEADERS;
	uint16_t len = 20;

	ip_write(quoted, 1500, port != 0 ? IP_PROTOCOL_UDP : IP_PROTOCOL_ESP,
		 net_address("192.0.2.3"), net_address(peer));
	if (port != 0) {
		memcpy(quoted + len, &udp, sizeof(udp));
		len += sizeof(udp);
	}
	if (spi_be != 0) {
		memcpy(quoted + len, &spi_be, sizeof(spi_be));
		len += 8;
	}
	icmp_write(bytes, (struct icmp_header){.type = 3, .code = code, .mtu_be = htobe16(mtu)},
		   len, net_address("172.16.0.1"), net_address("192.0.2.3"));
	return net_mbuf(bytes, (uint16_t)(HEADERS + len), 0);
}

static void
errors_about_esp_become_soft_state_of_its_tunnel(void **state)
{
	static const struct {
		uint8_t code;
		uint16_t mtu, port;
		be32 spi_be;
		unsigned mtus, unreachables;
		uint16_t learnt;
	} cases[] = {
		{4, 1400, 0, SPI, 1, 0, 1400},
		{4, 1400, 40000, SPI_NATTED, 1, 0, 1400},
		{4, 68, 0, SPI, 1, 0, 576},	 /* vpn.path_mtu_min */
		{4, 0, 0, SPI, 1, 0, 1492},	 /* a router older than RFC 1191 */
		{4, 1400, 40000, 0, 1, 0, 1400}, /* 28 octets are quoted: a rumour */
		{4, 600, 40000, 0, 1, 0, ICMP_RELAY_MTU_MIN_RUMOUR},
		{4, 1500, 0, SPI, 0, 0, 0},
		{0, 0, 0, SPI, 0, 1, 0},
		{1, 0, 40000, SPI_NATTED, 0, 1, 0},
		{3, 0, 40000, SPI_NATTED, 0, 0, 0}, /* closed ports are IKE's concern */
		{5, 0, 0, SPI, 0, 0, 0},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fixture *f = fixture_create();

		icmp_input(f->icmp,
			   esp_error(cases[i].code, cases[i].mtu, "172.16.5.9", cases[i].port,
				     cases[i].spi_be),
			   f->now);
		assert_int_equal(f->bindings.mtus, cases[i].mtus);
		assert_int_equal(f->bindings.unreachables, cases[i].unreachables);
		assert_int_equal(f->bindings.last_mtu, cases[i].learnt);
		if (cases[i].mtus + cases[i].unreachables > 0) {
			assert_int_equal(f->bindings.last_agent, net_address("192.0.2.3"));
			assert_int_equal(f->bindings.last_care_of, net_address("172.16.5.9"));
			assert_int_equal(f->bindings.last_port_be, htobe16(cases[i].port));
			assert_int_equal(f->bindings.last_evidence,
					 cases[i].spi_be != 0 ? TUNNEL_WITNESS : TUNNEL_RUMOUR);
		} else {
			assert_int_equal(f->net.drops.count[DROP_ICMP_IGNORED], 1);
		}
		/* what was inside is sealed: nobody is told */
		assert_int_equal(net_injected_count(&f->net), 0);
		fixture_destroy(f);
	}
}

static void
errors_about_no_security_association_are_not_believed(void **state)
{
	static const struct {
		const char *peer;
		uint16_t port;
		be32 spi_be;
	} cases[] = {
		{"172.16.5.9", 0, RTE_BE32(0xc0ffee00)},
		{"172.16.5.10", 0, SPI},
		{"172.16.5.9", 40000, SPI},
		{"172.16.5.9", 40001, SPI_NATTED},
		{"172.16.5.9", 0, SPI_NATTED},
		{"172.16.5.9", 0, SPI_INBOUND},
	};
	struct fixture *f = fixture_create();

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++)
		icmp_input(f->icmp,
			   esp_error(4, 1400, cases[i].peer, cases[i].port, cases[i].spi_be),
			   f->now);
	assert_int_equal(f->bindings.mtus, 0);
	assert_int_equal(f->net.drops.count[DROP_ICMP_IGNORED], ARRAY_COUNT(cases));
	fixture_destroy(f);
}

static void
reloaded_floor_counts_for_errors_to_come(void **state)
{
	struct fixture *f = fixture_create();
	struct config reloaded = icmp_fixture_config;

	reloaded.vpn.path_mtu_min = 1000;
	icmp_reload(f->icmp, &reloaded);
	icmp_input(f->icmp, esp_error(4, 68, "172.16.5.9", 0, SPI), f->now);
	assert_int_equal(f->bindings.last_mtu, 1000);
	fixture_destroy(f);
}

/* ARP found nobody there. */
static void
unreachable_peer_of_the_gateway_is_soft_state(void **state)
{
	const be32 spi_be = SPI;
	struct fixture *f = fixture_create();
	uint8_t bytes[120] = {0};

	ip_write(bytes, 120, IP_PROTOCOL_ESP, net_address("192.0.2.3"), net_address("172.16.5.9"));
	memcpy(bytes + 20, &spi_be, sizeof(spi_be));
	icmp_host_unreachable(f->icmp, net_mbuf(bytes, sizeof(bytes), 0));
	assert_int_equal(f->bindings.unreachables, 1);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

/* Sealed packets are a packet of the gateway's inside the x-HA's tunnel: the tunnel's state is news, but
 * there is nobody to tell. */
static void
the_box_does_not_write_to_itself(void **state)
{
	struct fixture *f = fixture_create();
	uint8_t bytes[256] = {0};
	uint8_t *quoted = bytes + HEADERS;

	ip_write(quoted, 1500, IP_PROTOCOL_IPIP, net_address("192.0.2.2"),
		 net_address("172.16.5.9"));
	ip_write(quoted + 20, 1480, IP_PROTOCOL_ESP, net_address("192.0.2.3"),
		 net_address("10.1.0.7"));
	icmp_write(bytes, (struct icmp_header){.type = 3, .code = 4, .mtu_be = htobe16(1400)}, 60,
		   net_address("172.16.0.1"), net_address("192.0.2.2"));
	icmp_input(f->icmp, net_mbuf(bytes, HEADERS + 60, 0), f->now);
	assert_int_equal(f->bindings.mtus, 1);
	assert_int_equal(f->bindings.last_mtu, 1400);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}
int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_through_a_security_association_comes_from_inside),
		cmocka_unit_test(without_an_i_ha_the_internal_port_speaks),
		cmocka_unit_test(errors_about_esp_become_soft_state_of_its_tunnel),
		cmocka_unit_test(errors_about_no_security_association_are_not_believed),
		cmocka_unit_test(reloaded_floor_counts_for_errors_to_come),
		cmocka_unit_test(unreachable_peer_of_the_gateway_is_soft_state),
		cmocka_unit_test(the_box_does_not_write_to_itself),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
