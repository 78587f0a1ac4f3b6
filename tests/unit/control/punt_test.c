/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/punt.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "control/broadcast.h"
#include "control/icmp.h"
#include "control/ike_link.h"
#include "control/route.h"
#include "lib/checksum.h"
#include "lib/wire_mip.h"
#include "tests/unit/control/net_fixture.h"

/* Who was called. Each fake frees what it is given, as the real ones do. */
static struct {
	unsigned registrations, icmps, icmp_errors, arps, resolves, broadcasts, ikes;
	unsigned bursts, arps_before_burst;
	struct reg_datagram datagram;
	uint8_t payload[64];
} calls;

void
registration_input(struct registration *engine, const struct reg_datagram *datagrams,
		   unsigned count, struct mono_time now)
{
	const struct reg_datagram *last = &datagrams[count - 1];

	calls.bursts++;
	calls.arps_before_burst = calls.arps;
	calls.registrations += count;
	calls.datagram = *last;
	memcpy(calls.payload, last->payload, RTE_MIN(last->len, sizeof(calls.payload)));
}

void
icmp_input(struct icmp *icmp, struct rte_mbuf *mbuf, struct mono_time now)
{
	calls.icmps++;
	rte_pktmbuf_free(mbuf);
}

void
icmp_error_due(struct icmp *icmp, struct rte_mbuf *mbuf, struct mono_time now)
{
	calls.icmp_errors++;
	rte_pktmbuf_free(mbuf);
}

void
route_arp_input(struct route_table *routes, struct rte_mbuf *mbuf, struct mono_time now)
{
	calls.arps++;
	rte_pktmbuf_free(mbuf);
}

void
route_resolve(struct route_table *routes, struct rte_mbuf *mbuf, struct mono_time now)
{
	calls.resolves++;
	rte_pktmbuf_free(mbuf);
}

void
broadcast_input(struct broadcast_context *context, struct rte_mbuf *mbuf)
{
	calls.broadcasts++;
	rte_pktmbuf_free(mbuf);
}

void
ike_link_input(struct ike_link *link, struct rte_mbuf *mbuf, struct mono_time now)
{
	calls.ikes++;
	rte_pktmbuf_free(mbuf);
}

#define PAYLOAD_LEN 24
#define PACKET_LEN (20 + 8 + PAYLOAD_LEN)

/* A registration with the right checksum. */
static void
registration_write(uint8_t bytes[PACKET_LEN])
{
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16(PACKET_LEN),
		.ttl = 64,
		.protocol = IP_PROTOCOL_UDP,
		.src = net_address("172.16.5.9"),
		.dst = net_address("192.0.2.2"),
	};
	struct udp_header udp = {
		.src_port_be = htobe16(5000),
		.dst_port_be = htobe16(MIP_PORT),
		.len_be = htobe16(8 + PAYLOAD_LEN),
	};
	uint64_t sum = checksum_pseudo_header(ip.src, ip.dst, IP_PROTOCOL_UDP, udp.len_be);

	memcpy(bytes, &ip, sizeof(ip));
	memset(bytes + 28, 0x31, PAYLOAD_LEN);
	sum = checksum_add(sum, &udp, sizeof(udp));
	udp.checksum_be = (be16)~checksum_fold(checksum_add(sum, bytes + 28, PAYLOAD_LEN));
	memcpy(bytes + 20, &udp, sizeof(udp));
}

static void
punt_packet(struct mailbox *mailbox, struct rte_mbuf *mbuf, enum punt_class punt_class)
{
	packet_of(mbuf)->punt_class = (uint8_t)punt_class;
	assert_int_equal(rte_ring_enqueue(mailbox->punt, mbuf), 0);
}

/* `net`, whose punts `context` has, and no calls yet. */
static void
begin(struct punt_context *context, struct net_fixture *net)
{
	net_fixture_init(net);
	context->mailboxes = &net->mailbox;
	context->drops = &net->drops;
	memset(&calls, 0, sizeof(calls));
}

static void
each_class_goes_to_its_own(void **state)
{
	struct punt_context context = {.mailbox_count = 1};
	uint8_t bytes[PACKET_LEN];
	struct net_fixture net;

	begin(&context, &net);
	registration_write(bytes);
	for (unsigned i = 0; i <= PUNT_CLASS_COUNT; i++)
		punt_packet(&net.mailbox, net_mbuf(bytes, sizeof(bytes), 0), (enum punt_class)i);
	assert_int_equal(punt_drain(&context, 1000, mono_now()), PUNT_CLASS_COUNT + 1);
	assert_int_equal(calls.registrations, 2);
	assert_int_equal(calls.icmps, 2);
	assert_int_equal(calls.icmp_errors, 1);
	assert_int_equal(calls.arps, 1);
	assert_int_equal(calls.resolves, 1);
	assert_int_equal(calls.broadcasts, 1);
	assert_int_equal(calls.ikes, 0); /* the box is no VPN gateway */
	context.ike = (struct ike_link *)&net;
	punt_packet(&net.mailbox, net_mbuf(bytes, sizeof(bytes), 0), PUNT_IKE);
	punt_drain(&context, 1, mono_now());
	assert_int_equal(calls.ikes, 1);
	net_fixture_fini(&net);
}

static void
registration_arrives_with_its_addresses_and_origin(void **state)
{
	struct punt_context context = {.mailbox_count = 1};
	uint8_t bytes[PACKET_LEN], expected[PAYLOAD_LEN];
	struct net_fixture net;
	struct rte_mbuf *mbuf;

	begin(&context, &net);
	memset(expected, 0x31, sizeof(expected));
	registration_write(bytes);
	mbuf = net_mbuf(bytes, sizeof(bytes), 11); /* in many segments */
	packet_of(mbuf)->origin = ORIGIN_EXTERNAL;
	packet_of(mbuf)->port = 3;
	packet_of(mbuf)->flags = PACKET_OWN_BROADCAST;
	punt_packet(&net.mailbox, mbuf, PUNT_REGISTRATION_EXTERNAL);
	punt_drain(&context, 10, mono_now());
	assert_int_equal(calls.registrations, 1);
	assert_int_equal(calls.datagram.origin, ORIGIN_EXTERNAL);
	assert_int_equal(calls.datagram.port, 3);
	assert_int_equal(calls.datagram.flags, PACKET_OWN_BROADCAST);
	assert_int_equal(calls.datagram.src, net_address("172.16.5.9"));
	assert_int_equal(calls.datagram.dst, net_address("192.0.2.2"));
	assert_int_equal(calls.datagram.src_port_be, htobe16(5000));
	assert_int_equal(calls.datagram.len, PAYLOAD_LEN);
	assert_memory_equal(calls.payload, expected, PAYLOAD_LEN);
	net_fixture_fini(&net);
}

static void
registrations_in_a_row_go_together_and_in_order_with_the_rest(void **state)
{
	struct punt_context context = {.mailbox_count = 1};
	uint8_t bytes[PACKET_LEN];
	struct net_fixture net;

	begin(&context, &net);
	registration_write(bytes);
	for (unsigned i = 0; i < 9; i++)
		punt_packet(&net.mailbox, net_mbuf(bytes, sizeof(bytes), 0),
			    i == 3 || i == 8 ? PUNT_ARP : PUNT_REGISTRATION_EXTERNAL);
	bytes[40] ^= 1; /* a wrong checksum */
	punt_packet(&net.mailbox, net_mbuf(bytes, sizeof(bytes), 0), PUNT_REGISTRATION_EXTERNAL);
	assert_int_equal(punt_drain(&context, 1000, mono_now()), 10);
	assert_int_equal(calls.registrations, 7);
	assert_int_equal(calls.bursts, 2);
	assert_int_equal(calls.arps_before_burst, 1);
	assert_int_equal(calls.arps, 2);
	assert_int_equal(net.drops.count[DROP_UDP_CHECKSUM], 1);
	net_fixture_fini(&net);
}

static void
datagrams_are_checked_before_they_are_read(void **state)
{
	uint8_t good[PACKET_LEN], bytes[PACKET_LEN];
	struct reg_datagram datagram;
	static const struct {
		unsigned at;
		uint8_t value;
		enum drop_reason reason;
	} cases[] = {
		{0, 0x44, DROP_IP_SHORT},
		{0, 0x65, DROP_IP_SHORT},
		{3, PACKET_LEN + 1, DROP_IP_SHORT},
		{3, 19, DROP_IP_SHORT},
		{3, 27, DROP_UDP_SHORT},
		{7, 1, DROP_LOCAL_PROTOCOL},
		{9, IP_PROTOCOL_TCP, DROP_LOCAL_PROTOCOL},
		{23, 0x34, DROP_LOCAL_PORT},
		{25, 7, DROP_UDP_SHORT},
		{25, 33, DROP_UDP_SHORT},
		{25, 31, DROP_UDP_CHECKSUM},
		{40, 0, DROP_UDP_CHECKSUM},
		{15, 1, DROP_UDP_CHECKSUM},
		{8, 1, DROP_REASON_COUNT},
	};

	registration_write(good);
	assert_int_equal(punt_datagram_parse(good, sizeof(good), &datagram), DROP_REASON_COUNT);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		memcpy(bytes, good, sizeof(bytes));
		bytes[cases[i].at] = cases[i].value;
		assert_int_equal(punt_datagram_parse(bytes, sizeof(bytes), &datagram),
				 cases[i].reason);
	}
	for (size_t len = 0; len < sizeof(good); len++)
		assert_int_equal(punt_datagram_parse(good, len, &datagram), DROP_IP_SHORT);
	/* no checksum is fine, whatever the payload */
	memcpy(bytes, good, sizeof(bytes));
	bytes[26] = bytes[27] = 0;
	bytes[40] ^= 0xff;
	assert_int_equal(punt_datagram_parse(bytes, sizeof(bytes), &datagram), DROP_REASON_COUNT);
}

static void
bad_registration_is_counted_and_goes_nowhere(void **state)
{
	struct punt_context context = {.mailbox_count = 1};
	uint8_t bytes[PACKET_LEN];
	struct net_fixture net;

	begin(&context, &net);
	registration_write(bytes);
	bytes[40] ^= 1;
	punt_packet(&net.mailbox, net_mbuf(bytes, sizeof(bytes), 0), PUNT_REGISTRATION_EXTERNAL);
	punt_drain(&context, 10, mono_now());
	assert_int_equal(calls.registrations, 0);
	assert_int_equal(net.drops.count[DROP_UDP_CHECKSUM], 1);
	net_fixture_fini(&net);
}

static void
workers_take_turns_within_the_bound(void **state)
{
	struct punt_context context = {.mailbox_count = 2};
	struct mailbox mailboxes[2];
	struct net_fixture net;

	net_fixture_init(&net);
	mailboxes[0] = net.mailbox;
	assert_int_equal(mailbox_init(&mailboxes[1], 1, SOCKET_ID_ANY), 0);
	context.mailboxes = mailboxes;
	context.drops = &net.drops;
	memset(&calls, 0, sizeof(calls));
	for (unsigned i = 0; i < 500; i++)
		punt_packet(&mailboxes[0], net_mbuf("x", 1, 0), PUNT_ARP);
	for (unsigned i = 0; i < 10; i++)
		punt_packet(&mailboxes[1], net_mbuf("x", 1, 0), PUNT_RESOLVE);
	assert_int_equal(punt_drain(&context, 64, mono_now()), 64);
	assert_int_equal(calls.resolves, 10);
	assert_int_equal(calls.arps, 54);
	assert_int_equal(punt_drain(&context, 1000, mono_now()), 446);
	assert_int_equal(punt_drain(&context, 1000, mono_now()), 0);
	mailbox_fini(&mailboxes[1]);
	net_fixture_fini(&net);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_class_goes_to_its_own),
		cmocka_unit_test(registration_arrives_with_its_addresses_and_origin),
		cmocka_unit_test(registrations_in_a_row_go_together_and_in_order_with_the_rest),
		cmocka_unit_test(datagrams_are_checked_before_they_are_read),
		cmocka_unit_test(bad_registration_is_counted_and_goes_nowhere),
		cmocka_unit_test(workers_take_turns_within_the_bound),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
