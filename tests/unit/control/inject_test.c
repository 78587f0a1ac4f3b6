/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/inject.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>

#include "lib/checksum.h"
#include "lib/recipe.h"
#include "tests/unit/control/net_fixture.h"

static void
datagram_has_right_headers_and_checksums(void **state)
{
	const struct udp_flow flow = {net_address("10.0.0.1"), net_address("10.0.0.9"),
				      htobe16(434), htobe16(5000)};
	static const uint8_t payload[] = {1, 2, 3, 4, 5};
	const struct ip_header *ip;
	const struct udp_header *udp;
	struct net_fixture net;
	struct rte_mbuf *mbuf;
	uint64_t sum;

	net_fixture_init(&net);
	assert_int_equal(inject_udp(&net.injector, &flow, payload, 5, INJECT_IP), 0);
	mbuf = net_injected(&net);
	assert_non_null(mbuf);
	assert_int_equal(packet_of(mbuf)->punt_class, INJECT_IP);
	assert_int_equal(packet_of(mbuf)->origin, ORIGIN_CONTROL);
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), 33);
	assert_true(rte_pktmbuf_headroom(mbuf) >= RECIPE_HEADROOM);
	ip = packet_ip(mbuf);
	assert_int_equal(ip->ttl, 64);
	assert_int_equal(ip->fragment_be, 0);
	assert_int_equal(be16toh(ip->total_len_be), 33);
	assert_int_equal(checksum_of(ip, sizeof(*ip)), 0);
	udp = (const struct udp_header *)(ip + 1);
	assert_int_equal(be16toh(udp->len_be), 13);
	assert_int_not_equal(udp->checksum_be, 0);
	sum = checksum_pseudo_header(ip->src, ip->dst, IP_PROTOCOL_UDP, udp->len_be);
	assert_int_equal(checksum_fold(checksum_add(sum, udp, 13)), 0xffff);
	assert_memory_equal(udp + 1, payload, 5);
	rte_pktmbuf_free(mbuf);
	net_fixture_fini(&net);
}

static void
packets_have_identifications_of_their_own(void **state)
{
	const struct udp_flow flow = {net_address("10.0.0.1"), net_address("10.0.0.9"), 1, 2};
	struct net_fixture net;
	struct rte_mbuf *first, *second;

	net_fixture_init(&net);
	inject_udp(&net.injector, &flow, "a", 1, INJECT_IP);
	inject_udp(&net.injector, &flow, "a", 1, INJECT_IP);
	first = net_injected(&net);
	second = net_injected(&net);
	assert_int_not_equal(packet_ip(first)->id_be, packet_ip(second)->id_be);
	rte_pktmbuf_free(first);
	rte_pktmbuf_free(second);
	net_fixture_fini(&net);
}

static void
long_datagram_is_in_many_segments_and_whole(void **state)
{
	const struct udp_flow flow = {net_address("10.0.0.1"), net_address("10.0.0.9"), 1, 2};
	static uint8_t payload[INJECT_UDP_MAX + 1], packet[INJECT_UDP_MAX + 28];
	const struct udp_header *udp = (const struct udp_header *)(packet + 20);
	const uint16_t lens[] = {2048 - 28, 2048 - 27, 5001, INJECT_UDP_MAX};
	struct net_fixture net;

	for (unsigned i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7 + i / 256);
	net_fixture_init(&net);
	for (unsigned i = 0; i < ARRAY_COUNT(lens); i++) {
		struct rte_mbuf *mbuf;
		uint64_t sum;

		assert_int_equal(inject_udp(&net.injector, &flow, payload, lens[i], INJECT_IP), 0);
		mbuf = net_injected(&net);
		assert_non_null(mbuf);
		assert_int_equal(mbuf->nb_segs > 1, i > 0);
		assert_int_equal(rte_pktmbuf_pkt_len(mbuf), lens[i] + 28u);
		rte_pktmbuf_read(mbuf, 0, lens[i] + 28u, packet);
		if (mbuf->nb_segs == 1)
			memcpy(packet, packet_ip(mbuf), lens[i] + 28u);
		assert_memory_equal(packet + 28, payload, lens[i]);
		assert_int_equal(be16toh(((struct ip_header *)packet)->total_len_be), lens[i] + 28);
		sum = checksum_pseudo_header(flow.src, flow.dst, IP_PROTOCOL_UDP, udp->len_be);
		assert_int_equal(checksum_fold(checksum_add(sum, udp, lens[i] + 8u)), 0xffff);
		rte_pktmbuf_free(mbuf);
	}
	assert_int_equal(inject_udp(&net.injector, &flow, payload, INJECT_UDP_MAX + 1, INJECT_IP),
			 -EMSGSIZE);
	assert_int_equal(net_injected_count(&net), 0);
	net_fixture_fini(&net);
}

static void
workers_take_turns_and_a_full_ring_is_passed_over(void **state)
{
	struct mailbox mailboxes[2];
	struct net_fixture net;
	unsigned room;

	net_fixture_init(&net);
	mailboxes[0] = net.mailbox;
	assert_int_equal(mailbox_init(&mailboxes[1], 1, SOCKET_ID_ANY), 0);
	net.injector.mailboxes = mailboxes;
	net.injector.mailbox_count = 2;
	for (unsigned i = 0; i < 4; i++)
		inject_packet(&net.injector, inject_alloc(&net.injector, 20), INJECT_IP);
	assert_int_equal(rte_ring_count(mailboxes[0].inject), 2);
	assert_int_equal(rte_ring_count(mailboxes[1].inject), 2);

	while (rte_ring_free_count(mailboxes[0].inject) > 0)
		rte_ring_enqueue(mailboxes[0].inject, net_mbuf("x", 1, 0));
	inject_packet(&net.injector, inject_alloc(&net.injector, 20), INJECT_IP);
	inject_packet(&net.injector, inject_alloc(&net.injector, 20), INJECT_IP);
	assert_int_equal(rte_ring_count(mailboxes[1].inject), 4);
	assert_int_equal(net.injector.failures, 0);

	room = rte_ring_free_count(mailboxes[1].inject);
	for (unsigned i = 0; i < room; i++)
		inject_packet(&net.injector, inject_alloc(&net.injector, 20), INJECT_IP);
	assert_int_equal(rte_ring_free_count(mailboxes[1].inject), 0);
	inject_packet(&net.injector, inject_alloc(&net.injector, 20), INJECT_IP);
	assert_int_equal(net.injector.failures, 1);
	mailbox_fini(&mailboxes[1]);
	net_fixture_fini(&net);
}

static void
arp_is_a_whole_frame_for_its_port(void **state)
{
	static const uint8_t mac[ETH_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 1};
	static const uint8_t everybody[] = {255, 255, 255, 255, 255, 255};
	const struct arp_packet arp = {.operation_be = htobe16(ARP_REQUEST)};
	uint8_t dst[ETH_ADDRESS_SIZE];
	struct net_fixture net;
	struct rte_mbuf *mbuf;

	net_fixture_init(&net);
	assert_int_equal(inject_arp(&net.injector, 3, &arp, mac, NULL), 0);
	assert_int_equal(inject_arp(&net.injector, 3, &arp, mac, mac), 0);
	mbuf = net_injected(&net);
	assert_int_equal(packet_of(mbuf)->port, 3);
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), 60);
	assert_memory_equal(rte_pktmbuf_mtod(mbuf, struct eth_header *)->dst, everybody, 6);
	assert_memory_equal(rte_pktmbuf_mtod(mbuf, struct eth_header *)->src, mac, 6);
	rte_pktmbuf_free(mbuf);
	net_injected_arp(&net, dst);
	assert_memory_equal(dst, mac, 6);
	net_fixture_fini(&net);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagram_has_right_headers_and_checksums),
		cmocka_unit_test(packets_have_identifications_of_their_own),
		cmocka_unit_test(long_datagram_is_in_many_segments_and_whole),
		cmocka_unit_test(workers_take_turns_and_a_full_ring_is_passed_over),
		cmocka_unit_test(arp_is_a_whole_frame_for_its_port),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
