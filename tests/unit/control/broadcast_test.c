/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/broadcast.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "lib/checksum.h"
#include "lib/wire_mip.h"
#include "tests/unit/control/fake_binding.h"
#include "tests/unit/control/net_fixture.h"

struct fixture {
	struct net_fixture net;
	struct binding_table bindings;
	struct config config;
	struct config_home_network networks[3];
	struct broadcast_context context;
};

static void
binding_add(struct fixture *f, const char *home, uint8_t flags)
{
	f->bindings.bindings[f->bindings.count++].terms = (struct binding_terms){
		.home_address = net_address(home),
		.agent_address = net_address("10.1.0.1"),
		.request_flags = flags,
	};
	fake_bindings_link(&f->bindings);
}

/* Home networks 10.1.0.0/16 and 10.2.0.0/16 on port 1, the first one of both home agents. */
static void
fixture_init(struct fixture *f)
{
	*f = (struct fixture){0};
	net_fixture_init(&f->net);
	f->networks[0] = (struct config_home_network){
		.prefix = {net_address("10.1.0.0"), 16}, .port = 1, .agent = AGENT_I_HA};
	f->networks[1] = (struct config_home_network){
		.prefix = {net_address("10.2.0.0"), 16}, .port = 1, .agent = AGENT_I_HA};
	f->networks[2] = f->networks[0];
	f->networks[2].agent = AGENT_X_HA;
	f->config.home_networks = f->networks;
	f->config.home_network_count = 3;
	f->context = (struct broadcast_context){
		.injector = &f->net.injector,
		.drops = &f->net.drops,
		.bindings = &f->bindings,
		.config = &f->config,
	};
}

/* A broadcast arrives; it is not copied yet. */
static void
broadcast_arrives(struct fixture *f, const char *dst, uint8_t port, uint8_t ttl)
{
	uint8_t bytes[60] = {0};
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16(48),
		.tos = 0x10,
		.ttl = ttl,
		.protocol = IP_PROTOCOL_UDP,
		.src = net_address("10.1.0.50"),
		.dst = net_address(dst),
	};
	struct rte_mbuf *mbuf;

	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(bytes, &ip, sizeof(ip));
	memset(bytes + sizeof(ip), 0x5a, 28);
	mbuf = net_mbuf(bytes, sizeof(bytes), 30); /* with Ethernet padding, in two segments */
	packet_of(mbuf)->port = port;
	broadcast_input(&f->context, mbuf);
}

static void
broadcast_to(struct fixture *f, const char *dst, uint8_t port, uint8_t ttl)
{
	broadcast_arrives(f, dst, port, ttl);
	broadcast_run(&f->context);
	assert_int_equal(f->context.count, 0);
}

/* Checks the broadcast at `ip`, one hop on. */
static void
expect_original(const struct ip_header *ip)
{
	const uint8_t *data = (const uint8_t *)(ip + 1);

	assert_int_equal(be16toh(ip->total_len_be), 48);
	assert_int_equal(ip->ttl, 63);
	assert_int_equal(ip->src, net_address("10.1.0.50"));
	assert_int_equal(checksum_of(ip, sizeof(*ip)), 0);
	for (unsigned i = 0; i < 28; i++)
		assert_int_equal(data[i], 0x5a);
}

static void
co_located_mobile_gets_the_broadcast_as_it_is(void **state)
{
	struct fixture f;
	struct rte_mbuf *mbuf;

	fixture_init(&f);
	binding_add(&f, "10.1.0.7", MIP_FLAG_B | MIP_FLAG_D);
	broadcast_to(&f, "255.255.255.255", 1, 64);
	mbuf = net_injected(&f.net);
	assert_non_null(mbuf);
	assert_int_equal(packet_of(mbuf)->punt_class, INJECT_VIA);
	assert_int_equal(packet_of(mbuf)->home_address, net_address("10.1.0.7"));
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), 48);
	expect_original(packet_ip(mbuf));
	rte_pktmbuf_free(mbuf);
	net_fixture_fini(&f.net);
}

static void
mobile_behind_a_foreign_agent_gets_it_addressed_to_itself(void **state)
{
	const struct ip_header *outer;
	struct fixture f;
	struct rte_mbuf *mbuf;

	fixture_init(&f);
	binding_add(&f, "10.1.0.7", MIP_FLAG_B);
	broadcast_to(&f, "10.1.255.255", 1, 64);
	mbuf = net_injected(&f.net);
	assert_non_null(mbuf);
	outer = packet_ip(mbuf);
	assert_int_equal(packet_of(mbuf)->punt_class, INJECT_VIA);
	assert_int_equal(outer->protocol, IP_PROTOCOL_IPIP);
	assert_int_equal(outer->src, net_address("10.1.0.1"));
	assert_int_equal(outer->dst, net_address("10.1.0.7"));
	assert_int_equal(outer->tos, 0x10);
	assert_int_equal(be16toh(outer->total_len_be), 68);
	assert_int_equal(checksum_of(outer, sizeof(*outer)), 0);
	expect_original(outer + 1);
	rte_pktmbuf_free(mbuf);
	net_fixture_fini(&f.net);
}

static void
broadcast_without_room_for_another_header_goes_nowhere(void **state)
{
	static uint8_t bytes[UINT16_MAX];
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16(UINT16_MAX),
		.ttl = 64,
		.protocol = IP_PROTOCOL_UDP,
		.dst = UINT32_MAX,
	};
	struct fixture f;
	struct rte_mbuf *mbuf;

	fixture_init(&f);
	binding_add(&f, "10.1.0.7", MIP_FLAG_B);
	memcpy(bytes, &ip, sizeof(ip));
	mbuf = net_mbuf(bytes, sizeof(bytes), 2000);
	packet_of(mbuf)->port = 1;
	broadcast_input(&f.context, mbuf);
	broadcast_run(&f.context);
	assert_int_equal(f.context.count, 0);
	assert_int_equal(net_injected_count(&f.net), 0);
	net_fixture_fini(&f.net);
}

static void
only_mobiles_of_that_network_and_with_the_b_bit_get_it(void **state)
{
	static const struct {
		const char *dst;
		uint8_t port, ttl;
		unsigned copies;
	} cases[] = {
		{"255.255.255.255", 1, 64, 2}, {"10.1.255.255", 1, 64, 1},
		{"10.2.255.255", 1, 64, 1},    {"10.1.255.255", 0, 64, 0},
		{"255.255.255.255", 1, 1, 0},  {"10.1.0.255", 1, 64, 0},
	};
	struct fixture f;

	fixture_init(&f);
	binding_add(&f, "10.1.0.7", MIP_FLAG_B | MIP_FLAG_D);
	binding_add(&f, "10.1.0.8", MIP_FLAG_D);
	binding_add(&f, "10.2.0.7", MIP_FLAG_B);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		broadcast_to(&f, cases[i].dst, cases[i].port, cases[i].ttl);
		assert_int_equal(net_injected_count(&f.net), cases[i].copies);
		net_injected_discard(&f.net);
	}
	assert_int_equal(f.net.drops.count[DROP_IP_TTL], 1);
	net_fixture_fini(&f.net);
}

static void
simultaneous_bindings_share_one_copy(void **state)
{
	struct fixture f;

	fixture_init(&f);
	binding_add(&f, "10.1.0.7", MIP_FLAG_D);
	binding_add(&f, "10.1.0.7", MIP_FLAG_B | MIP_FLAG_D);
	binding_add(&f, "10.1.0.7", MIP_FLAG_B | MIP_FLAG_D);
	broadcast_to(&f, "255.255.255.255", 1, 64);
	assert_int_equal(net_injected_count(&f.net), 1);
	net_injected_discard(&f.net);
	net_fixture_fini(&f.net);
}

static void
mobiles_add(struct fixture *f, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char home[16];

		snprintf(home, sizeof(home), "10.1.%u.%u", 1 + i / 250, 1 + i % 250);
		binding_add(f, home, MIP_FLAG_B | MIP_FLAG_D);
	}
}

static void
broadcast_for_very_many_is_copied_some_at_a_time_and_once_to_each(void **state)
{
	bool had[300] = {false};
	unsigned copies = 0, runs = 0, done;
	struct rte_mbuf *mbuf;
	struct fixture f;

	fixture_init(&f);
	mobiles_add(&f, ARRAY_COUNT(had));
	broadcast_arrives(&f, "255.255.255.255", 1, 64);
	while ((done = broadcast_run(&f.context)) > 0) {
		assert_true(done <= 256);
		assert_int_equal(net_injected_count(&f.net), done);
		while ((mbuf = net_injected(&f.net)) != NULL) {
			uint32_t host = be32toh(packet_of(mbuf)->home_address) & 0xffff;
			unsigned i = ((host >> 8) - 1) * 250 + (host & 0xff) - 1;

			assert_false(had[i]);
			had[i] = true;
			copies++;
			rte_pktmbuf_free(mbuf);
		}
		runs++;
	}
	assert_int_equal(copies, ARRAY_COUNT(had));
	assert_int_equal(runs, 2);
	assert_int_equal(f.context.count, 0);
	net_fixture_fini(&f.net);
}

static void
copies_wait_while_the_workers_have_enough_to_send(void **state)
{
	struct rte_ring *ring;
	void *filler = NULL;
	struct fixture f;

	fixture_init(&f);
	mobiles_add(&f, 1);
	broadcast_arrives(&f, "255.255.255.255", 1, 64);
	ring = f.net.mailbox.inject;
	while (rte_ring_count(ring) <= rte_ring_get_capacity(ring) / 2)
		rte_ring_enqueue(ring, filler);
	assert_int_equal(broadcast_run(&f.context), 0);
	while (rte_ring_dequeue(ring, &filler) == 0)
		;
	assert_int_equal(broadcast_run(&f.context), 1);
	net_injected_discard(&f.net);
	net_fixture_fini(&f.net);
}

static void
broadcasts_queue_up_and_are_dropped_when_too_many_do(void **state)
{
	struct fixture f;

	fixture_init(&f);
	mobiles_add(&f, 2);
	for (unsigned i = 0; i < BROADCASTS_MAX + 3; i++)
		broadcast_arrives(&f, "255.255.255.255", 1, 64);
	assert_int_equal(f.net.drops.count[DROP_BROADCAST_QUEUE_FULL], 3);
	assert_int_equal(broadcast_run(&f.context), BROADCASTS_MAX * 2);
	net_injected_discard(&f.net);
	broadcast_arrives(&f, "255.255.255.255", 1, 64);
	broadcast_fini(&f.context); /* no buffer stays behind */
	net_fixture_fini(&f.net);
}

static void
short_broadcast_is_dropped(void **state)
{
	const struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN, .total_len_be = htobe16(21), .ttl = 9};
	struct fixture f;

	fixture_init(&f);
	binding_add(&f, "10.1.0.7", MIP_FLAG_B | MIP_FLAG_D);
	broadcast_input(&f.context, net_mbuf(&ip, sizeof(ip), 0));
	broadcast_input(&f.context, net_mbuf(&ip, 12, 0));
	assert_int_equal(f.net.drops.count[DROP_IP_SHORT], 2);
	net_fixture_fini(&f.net);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(co_located_mobile_gets_the_broadcast_as_it_is),
		cmocka_unit_test(mobile_behind_a_foreign_agent_gets_it_addressed_to_itself),
		cmocka_unit_test(broadcast_without_room_for_another_header_goes_nowhere),
		cmocka_unit_test(only_mobiles_of_that_network_and_with_the_b_bit_get_it),
		cmocka_unit_test(simultaneous_bindings_share_one_copy),
		cmocka_unit_test(broadcast_for_very_many_is_copied_some_at_a_time_and_once_to_each),
		cmocka_unit_test(copies_wait_while_the_workers_have_enough_to_send),
		cmocka_unit_test(broadcasts_queue_up_and_are_dropped_when_too_many_do),
		cmocka_unit_test(short_broadcast_is_dropped),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
