/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/icmp.h"

#include "control/icmp_limit.h"
#include "tests/unit/control/icmp_fixture.h"

static struct rte_mbuf *
echo_request(uint16_t data_len, uint16_t segment_len)
{
	static uint8_t bytes[8192];

	for (unsigned i = 0; i < data_len; i++)
		bytes[HEADERS + i] = (uint8_t)i;
	icmp_write(bytes,
		   (struct icmp_header){.type = ICMP_TYPE_ECHO_REQUEST, .id_be = 1, .mtu_be = 2},
		   data_len, net_address("203.0.113.5"), net_address("192.0.2.2"));
	return net_mbuf(bytes, (uint16_t)(HEADERS + data_len), segment_len);
}

/* Checks an echo reply of `data_len` bytes and frees it. */
static void
expect_echo_reply(struct rte_mbuf *mbuf, uint16_t data_len)
{
	static uint8_t bytes[8192];
	const struct ip_header *ip = (const struct ip_header *)bytes;
	const uint8_t *data;

	assert_non_null(mbuf);
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), HEADERS + data_len);
	data = rte_pktmbuf_read(mbuf, 0, (uint32_t)(HEADERS + data_len), bytes);
	if (data != bytes)
		memcpy(bytes, data, HEADERS + data_len);
	assert_int_equal(ip->src, net_address("192.0.2.2"));
	assert_int_equal(ip->dst, net_address("203.0.113.5"));
	assert_int_equal(ip->ttl, 64);
	assert_int_equal(checksum_of(ip, sizeof(*ip)), 0);
	assert_int_equal(bytes[sizeof(*ip)], ICMP_TYPE_ECHO_REPLY);
	assert_int_equal(checksum_of(bytes + sizeof(*ip), 8u + data_len), 0);
	for (unsigned i = 0; i < data_len; i++)
		assert_int_equal(bytes[HEADERS + i], (uint8_t)i);
	rte_pktmbuf_free(mbuf);
}

static void
echo_is_answered_whole_whatever_its_segments(void **state)
{
	static const struct {
		uint16_t data_len, segment_len;
	} cases[] = {{0, 0}, {56, 0}, {57, 0}, {56, 7}, {1472, 500}, {4001, 1999}};
	struct fixture *f = fixture_create();

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct rte_mbuf *mbuf;

		icmp_input(f->icmp, echo_request(cases[i].data_len, cases[i].segment_len), f->now);
		mbuf = net_injected(&f->net);
		assert_int_equal(packet_of(mbuf)->punt_class, INJECT_IP);
		expect_echo_reply(mbuf, cases[i].data_len);
	}
	assert_int_equal(f->bindings.latches, 0);
	fixture_destroy(f);
}

static void
echo_with_padding_is_answered_without_it(void **state)
{
	struct fixture *f = fixture_create();
	struct rte_mbuf *mbuf = echo_request(4, 0);

	memset(rte_pktmbuf_append(mbuf, 14), 0xee, 14);
	icmp_input(f->icmp, mbuf, f->now);
	expect_echo_reply(net_injected(&f->net), 4);
	fixture_destroy(f);
}

static void
keepalive_goes_back_through_its_tunnel_and_latches_the_port(void **state)
{
	struct fixture *f = fixture_create();
	struct rte_mbuf *mbuf = echo_request(8, 0);
	struct packet *packet = packet_of(mbuf);

	packet->flags = PACKET_FROM_TUNNEL;
	packet->home_address = net_address("203.0.113.5");
	packet->outer_src = net_address("172.16.5.9");
	packet->outer_dst = net_address("192.0.2.2");
	packet->outer_port_be = htobe16(4711);
	icmp_input(f->icmp, mbuf, f->now);
	mbuf = net_injected(&f->net);
	assert_int_equal(packet_of(mbuf)->punt_class, INJECT_VIA);
	assert_int_equal(packet_of(mbuf)->home_address, net_address("203.0.113.5"));
	expect_echo_reply(mbuf, 8);
	assert_int_equal(f->bindings.latches, 1);
	assert_int_equal(f->bindings.last_care_of, net_address("172.16.5.9"));
	assert_int_equal(f->bindings.last_port_be, htobe16(4711));
	fixture_destroy(f);
}

static void
echo_to_another_address_of_the_box_latches_no_port(void **state)
{
	struct fixture *f = fixture_create();
	struct rte_mbuf *mbuf = echo_request(8, 0);
	struct packet *packet = packet_of(mbuf);

	packet->flags = PACKET_FROM_TUNNEL;
	packet->home_address = net_address("203.0.113.5");
	packet->outer_src = net_address("172.16.5.9");
	packet->outer_dst = net_address("192.0.2.3");
	packet->outer_port_be = htobe16(4711);
	icmp_input(f->icmp, mbuf, f->now);
	expect_echo_reply(net_injected(&f->net), 8);
	assert_int_equal(f->bindings.latches, 0);
	fixture_destroy(f);
}

static void
invalid_icmp_is_dropped_and_counted(void **state)
{
	struct fixture *f = fixture_create();
	struct rte_mbuf *mbuf;
	uint8_t bytes[64] = {0};

	mbuf = echo_request(56, 0);
	rte_pktmbuf_mtod(mbuf, uint8_t *)[HEADERS + 3] ^= 1;
	icmp_input(f->icmp, mbuf, f->now);
	assert_int_equal(f->net.drops.count[DROP_ICMP_INVALID], 1);
	for (unsigned len = 1; len < HEADERS; len++) {
		ip_write(bytes, len, IP_PROTOCOL_ICMP, 1, 2);
		icmp_input(f->icmp, net_mbuf(bytes, len, 0), f->now);
	}
	assert_int_equal(f->net.drops.count[DROP_ICMP_INVALID], HEADERS);
	mbuf = echo_request(56, 0);
	rte_pktmbuf_trim(mbuf, 1);
	icmp_input(f->icmp, mbuf, f->now);
	assert_int_equal(f->net.drops.count[DROP_ICMP_INVALID], HEADERS + 1);

	mbuf = echo_request(56, 0);
	packet_of(mbuf)->flags = PACKET_OWN_BROADCAST;
	icmp_input(f->icmp, mbuf, f->now);
	assert_int_equal(f->net.drops.count[DROP_ICMP_IGNORED], 1);
	icmp_write(bytes, (struct icmp_header){.type = ICMP_TYPE_ECHO_REPLY}, 0,
		   net_address("203.0.113.5"), net_address("192.0.2.2"));
	icmp_input(f->icmp, net_mbuf(bytes, HEADERS, 0), f->now);
	assert_int_equal(f->net.drops.count[DROP_ICMP_IGNORED], 2);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

/* An error about the tunnel packet 192.0.2.2 > 172.16.5.9 that carried 203.0.113.5 > 10.1.0.7, of which
 * `inner_len` bytes are quoted. */
static struct rte_mbuf *
tunnel_error(uint8_t type, uint8_t code, uint16_t mtu, const char *home, uint16_t inner_len)
{
	uint8_t bytes[256] = {0};
	uint8_t *quoted = bytes + HEADERS;

	ip_write(quoted, 1500, IP_PROTOCOL_IPIP, net_address("192.0.2.2"),
		 net_address("172.16.5.9"));
	ip_write(quoted + 20, 1480, IP_PROTOCOL_TCP, net_address("203.0.113.5"), net_address(home));
	icmp_write(bytes, (struct icmp_header){.type = type, .code = code, .mtu_be = htobe16(mtu)},
		   (uint16_t)(20 + inner_len), net_address("172.16.0.1"), net_address("192.0.2.2"));
	return net_mbuf(bytes, (uint16_t)(HEADERS + 20 + inner_len), 0);
}

static void
tunnel_errors_become_soft_state_and_are_relayed(void **state)
{
	static const struct {
		uint8_t type, code;
		uint16_t mtu;
		unsigned mtus, unreachables;
		int relayed_code; /* -1: none */
	} cases[] = {
		{3, 0, 0, 0, 1, 0},	{3, 1, 0, 0, 1, 1},	{3, 2, 0, 0, 1, 1},
		{3, 3, 0, 0, 0, -1},	{3, 4, 1400, 1, 0, 4},	{3, 5, 0, 0, 0, -1},
		{4, 0, 0, 0, 0, -1},	{5, 0, 0, 0, 0, -1},	{11, 0, 0, 0, 1, 1},
		{3, 4, 1500, 0, 0, -1}, {3, 4, 9000, 0, 0, -1},
	};
	struct fixture *f = fixture_create();

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		const struct icmp_header *icmp;
		struct rte_mbuf *mbuf;

		f->bindings.mtus = f->bindings.unreachables = 0;
		icmp_input(f->icmp,
			   tunnel_error(cases[i].type, cases[i].code, cases[i].mtu, "10.1.0.7", 28),
			   f->now);
		assert_int_equal(f->bindings.mtus, cases[i].mtus);
		assert_int_equal(f->bindings.unreachables, cases[i].unreachables);
		mbuf = net_injected(&f->net);
		if (cases[i].relayed_code < 0) {
			assert_null(mbuf);
			continue;
		}
		assert_non_null(mbuf);
		assert_int_equal(packet_ip(mbuf)->dst, net_address("203.0.113.5"));
		assert_int_equal(packet_ip(mbuf)->src, net_address("192.0.2.1"));
		icmp = (const struct icmp_header *)(packet_ip(mbuf) + 1);
		assert_int_equal(icmp->type, ICMP_TYPE_UNREACHABLE);
		assert_int_equal(icmp->code, cases[i].relayed_code);
		if (cases[i].mtus > 0) {
			assert_int_equal(f->bindings.last_mtu, 1400);
			assert_int_equal(be16toh(icmp->mtu_be), 1380);
		}
		/* it quotes the inner packet, not the tunnel's */
		assert_int_equal(((const struct ip_header *)(icmp + 1))->dst,
				 net_address("10.1.0.7"));
		rte_pktmbuf_free(mbuf);
	}
	fixture_destroy(f);
}

static void
short_quote_is_soft_state_only_and_worth_less(void **state)
{
	struct fixture *f = fixture_create();

	icmp_input(f->icmp, tunnel_error(3, 4, 1400, "10.1.0.7", 28), f->now);
	assert_int_equal(f->bindings.last_evidence, TUNNEL_WITNESS);
	net_injected_discard(&f->net);
	icmp_input(f->icmp, tunnel_error(3, 4, 600, "10.1.0.7", 8), f->now);
	assert_int_equal(f->bindings.mtus, 2);
	assert_int_equal(f->bindings.last_agent, net_address("192.0.2.2"));
	assert_int_equal(f->bindings.last_care_of, net_address("172.16.5.9"));
	assert_int_equal(f->bindings.last_mtu, ICMP_RELAY_MTU_MIN_RUMOUR);
	assert_int_equal(f->bindings.last_evidence, TUNNEL_RUMOUR);
	f->bindings.last_evidence = TUNNEL_WITNESS;
	icmp_input(f->icmp, tunnel_error(3, 1, 0, "10.1.0.7", 8), f->now);
	assert_int_equal(f->bindings.unreachables, 1);
	assert_int_equal(f->bindings.last_evidence, TUNNEL_RUMOUR);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

/* RFC 792 asks routers for no more than 28 octets: just the ports of a tunnel in UDP. */
static void
short_quote_of_a_tunnel_in_udp_is_of_that_port(void **state)
{
	const struct udp_header udp = {.src_port_be = htobe16(434), .dst_port_be = htobe16(7777)};
	struct fixture *f = fixture_create();
	uint8_t bytes[64] = {0};
	uint8_t *quoted = bytes + HEADERS;

	ip_write(quoted, 1500, IP_PROTOCOL_UDP, net_address("192.0.2.2"),
		 net_address("172.16.5.9"));
	memcpy(quoted + 20, &udp, sizeof(udp));
	icmp_write(bytes, (struct icmp_header){.type = 3, .code = 4, .mtu_be = htobe16(1400)}, 28,
		   net_address("172.16.0.1"), net_address("192.0.2.2"));
	icmp_input(f->icmp, net_mbuf(bytes, HEADERS + 28, 0), f->now);
	assert_int_equal(f->bindings.mtus, 1);
	assert_int_equal(f->bindings.last_mtu, 1400);
	assert_int_equal(f->bindings.last_port_be, htobe16(7777));
	assert_int_equal(f->bindings.last_evidence, TUNNEL_RUMOUR);
	fixture_destroy(f);
}

static void
forged_quotes_are_not_believed(void **state)
{
	struct fixture *f = fixture_create();

	icmp_input(f->icmp, tunnel_error(3, 4, 1400, "10.1.0.8", 28), f->now);
	f->bindings.bindings[0].terms.tunnel_dst = net_address("172.16.5.10");
	icmp_input(f->icmp, tunnel_error(3, 4, 1400, "10.1.0.7", 28), f->now);
	f->bindings.bindings[0].terms.tunnel_dst = net_address("172.16.5.9");
	f->bindings.bindings[0].terms.kind = TUNNEL_UDP_IPIP;
	icmp_input(f->icmp, tunnel_error(3, 1, 0, "10.1.0.7", 28), f->now);
	assert_int_equal(f->bindings.mtus + f->bindings.unreachables, 0);
	assert_int_equal(net_injected_count(&f->net), 0);
	assert_int_equal(f->net.drops.count[DROP_ICMP_IGNORED], 3);
	fixture_destroy(f);
}

static void
error_is_sent_from_the_port_towards_the_sender(void **state)
{
	struct fixture *f = fixture_create();
	const struct icmp_header *icmp;
	struct rte_mbuf *mbuf;

	icmp_error_due(f->icmp, due(IP_PROTOCOL_TCP, "203.0.113.5", "10.1.0.7", 1500), f->now);
	mbuf = net_injected(&f->net);
	assert_non_null(mbuf);
	assert_int_equal(packet_of(mbuf)->punt_class, INJECT_IP);
	assert_int_equal(packet_ip(mbuf)->src, net_address("192.0.2.1"));
	assert_int_equal(packet_ip(mbuf)->dst, net_address("203.0.113.5"));
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), 576);
	icmp = (const struct icmp_header *)(packet_ip(mbuf) + 1);
	assert_int_equal(be16toh(icmp->mtu_be), 1300);
	assert_int_equal(checksum_of(icmp, 556), 0);
	rte_pktmbuf_free(mbuf);
	fixture_destroy(f);
}

static void
error_to_a_mobile_comes_from_its_home_agent(void **state)
{
	struct fixture *f = fixture_create();
	struct rte_mbuf *mbuf = due(IP_PROTOCOL_TCP, "10.1.0.7", "203.0.113.5", 100);

	packet_of(mbuf)->flags = PACKET_FROM_TUNNEL;
	packet_of(mbuf)->outer_dst = net_address("192.0.2.2");
	icmp_error_due(f->icmp, mbuf, f->now);
	mbuf = net_injected(&f->net);
	assert_int_equal(packet_ip(mbuf)->src, net_address("192.0.2.2"));
	rte_pktmbuf_free(mbuf);
	/* no route to a virtual home network: an agent's address must do */
	fake_source = 0;
	icmp_error_due(f->icmp, due(IP_PROTOCOL_TCP, "10.1.0.7", "203.0.113.5", 100), f->now);
	mbuf = net_injected(&f->net);
	assert_int_equal(packet_ip(mbuf)->src, net_address("192.0.2.2"));
	rte_pktmbuf_free(mbuf);
	fixture_destroy(f);
}

static void
errors_that_rfc_1812_forbids_are_not_sent(void **state)
{
	struct fixture *f = fixture_create();
	struct rte_mbuf *mbuf;

	mbuf = due(IP_PROTOCOL_UDP, "203.0.113.5", "10.1.0.7", 100);
	packet_of(mbuf)->flags = PACKET_LINK_BROADCAST;
	icmp_error_due(f->icmp, mbuf, f->now);
	mbuf = due(IP_PROTOCOL_UDP, "203.0.113.5", "10.1.0.7", 100);
	packet_of(mbuf)->origin = ORIGIN_CONTROL;
	icmp_error_due(f->icmp, mbuf, f->now);
	mbuf = due(IP_PROTOCOL_ICMP, "203.0.113.5", "10.1.0.7", 100);
	rte_pktmbuf_mtod(mbuf, uint8_t *)[20] = ICMP_TYPE_UNREACHABLE;
	icmp_error_due(f->icmp, mbuf, f->now);
	icmp_error_due(f->icmp, due(IP_PROTOCOL_UDP, "224.0.0.1", "10.1.0.7", 100), f->now);
	icmp_error_due(f->icmp, due(IP_PROTOCOL_UDP, "203.0.113.5", "224.0.0.5", 100), f->now);
	mbuf = due(IP_PROTOCOL_UDP, "203.0.113.5", "10.1.0.7", 100);
	packet_ip(mbuf)->fragment_be = htobe16(9);
	icmp_error_due(f->icmp, mbuf, f->now);
	assert_int_equal(net_injected_count(&f->net), 0);
	fixture_destroy(f);
}

static void
one_sender_gets_no_more_than_its_share(void **state)
{
	struct fixture *f = fixture_create();
	unsigned count;

	for (unsigned i = 0; i < 100; i++)
		icmp_error_due(f->icmp, due(IP_PROTOCOL_UDP, "203.0.113.5", "10.1.0.7", 100),
			       f->now);
	assert_int_equal(net_injected_count(&f->net), ICMP_LIMIT_DESTINATION_BURST);
	/* their buckets may be the same, but hardly for all of them */
	for (unsigned i = 6; i < 10; i++) {
		char src[32];

		snprintf(src, sizeof(src), "203.0.113.%u", i);
		icmp_error_due(f->icmp, due(IP_PROTOCOL_UDP, src, "10.1.0.7", 100), f->now);
	}
	count = net_injected_count(&f->net);
	assert_true(count > ICMP_LIMIT_DESTINATION_BURST);
	f->now = mono_add_sec(f->now, 1);
	for (unsigned i = 0; i < 1000; i++) {
		char src[32];

		snprintf(src, sizeof(src), "203.0.%u.%u", 100 + i / 200, 1 + i % 200);
		icmp_error_due(f->icmp, due(IP_PROTOCOL_UDP, src, "10.1.0.7", 100), f->now);
	}
	assert_int_equal(net_injected_count(&f->net), count + ICMP_LIMIT_BURST);
	net_injected_discard(&f->net);
	fixture_destroy(f);
}

static void
unreachable_neighbour_tells_the_sender(void **state)
{
	struct fixture *f = fixture_create();
	struct rte_mbuf *mbuf;

	icmp_host_unreachable(f->icmp, due(IP_PROTOCOL_TCP, "203.0.113.5", "10.0.0.9", 100));
	mbuf = net_injected(&f->net);
	assert_non_null(mbuf);
	assert_int_equal(((const struct icmp_header *)(packet_ip(mbuf) + 1))->code,
			 ICMP_CODE_HOST_UNREACHABLE);
	rte_pktmbuf_free(mbuf);
	fixture_destroy(f);
}

static void
unreachable_care_of_address_tells_the_original_sender(void **state)
{
	struct fixture *f = fixture_create();
	uint8_t bytes[120] = {0};
	struct rte_mbuf *mbuf;

	ip_write(bytes, 120, IP_PROTOCOL_IPIP, net_address("192.0.2.2"), net_address("172.16.5.9"));
	ip_write(bytes + 20, 100, IP_PROTOCOL_TCP, net_address("203.0.113.5"),
		 net_address("10.1.0.7"));
	icmp_host_unreachable(f->icmp, net_mbuf(bytes, sizeof(bytes), 0));
	assert_int_equal(f->bindings.unreachables, 1);
	mbuf = net_injected(&f->net);
	assert_non_null(mbuf);
	assert_int_equal(packet_ip(mbuf)->dst, net_address("203.0.113.5"));
	rte_pktmbuf_free(mbuf);
	fixture_destroy(f);
}
int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo_is_answered_whole_whatever_its_segments),
		cmocka_unit_test(echo_with_padding_is_answered_without_it),
		cmocka_unit_test(keepalive_goes_back_through_its_tunnel_and_latches_the_port),
		cmocka_unit_test(echo_to_another_address_of_the_box_latches_no_port),
		cmocka_unit_test(invalid_icmp_is_dropped_and_counted),
		cmocka_unit_test(tunnel_errors_become_soft_state_and_are_relayed),
		cmocka_unit_test(short_quote_is_soft_state_only_and_worth_less),
		cmocka_unit_test(short_quote_of_a_tunnel_in_udp_is_of_that_port),
		cmocka_unit_test(forged_quotes_are_not_believed),
		cmocka_unit_test(error_is_sent_from_the_port_towards_the_sender),
		cmocka_unit_test(error_to_a_mobile_comes_from_its_home_agent),
		cmocka_unit_test(errors_that_rfc_1812_forbids_are_not_sent),
		cmocka_unit_test(one_sender_gets_no_more_than_its_share),
		cmocka_unit_test(unreachable_neighbour_tells_the_sender),
		cmocka_unit_test(unreachable_care_of_address_tells_the_original_sender),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
