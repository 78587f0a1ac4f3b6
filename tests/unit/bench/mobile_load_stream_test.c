/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/mobile_load_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/mobile_load_plan.h"
#include "bench/mobile_load_tunnel.h"

#define MOBILES 8u
#define PACKET_LEN 60u /* IP, UDP and the mark */
#define NOW ((struct mono_time){NS_PER_SEC})

/* Ports without a socket: what is committed stays in the batch. */
struct fixture {
	struct load_port external, internal;
	struct load_mobile mobiles[MOBILES];
	struct load_fleet fleet;
	struct load_stream stream;
};

static struct fixture fixture;

static int
setup(void **state)
{
	(void)state;
	memset(&fixture, 0, sizeof(fixture));
	fixture.fleet.count = MOBILES;
	fixture.fleet.mobiles = fixture.mobiles;
	fixture.stream.fleet = &fixture.fleet;
	fixture.stream.external = &fixture.external;
	fixture.stream.internal = &fixture.internal;
	pace_begin(&fixture.stream.pace, NOW, 1000);
	for (unsigned i = 0; i < MOBILES; i++)
		fixture.mobiles[i].is_registered = true;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(fixture.stream.flows[LOAD_TO_MOBILE].seen);
	free(fixture.stream.flows[LOAD_FROM_MOBILE].seen);
	return 0;
}

/* `count` packets, in turn from and to mobiles. */
static void
send_packets(unsigned count)
{
	assert_int_equal(load_stream_send(&fixture.stream, mono_add_ms(NOW, count - 1)), 0);
}

static const struct ip_header *
sent_packet(struct load_port *port, unsigned n, uint16_t *len)
{
	*len = (uint16_t)(port->out.vectors[n].iov_len - sizeof(struct eth_header));
	return (const struct ip_header *)(port->out.frames[n] + sizeof(struct eth_header));
}

/* What the box makes of the n-th packet from a mobile: out of the tunnel, to the correspondent. */
static void
deliver_from_mobile(unsigned n)
{
	uint16_t len;
	const uint8_t *outer = (const uint8_t *)sent_packet(&fixture.external, n, &len);

	load_stream_take_plain(&fixture.stream,
			       (const struct ip_header *)(outer + len - PACKET_LEN), PACKET_LEN);
}

/* What the box makes of the n-th packet to a mobile: into the tunnel to `place`. */
static void
deliver_to_mobile(unsigned n, uint8_t place)
{
	uint8_t bytes[256];
	uint16_t len;
	const struct ip_header *ip = sent_packet(&fixture.internal, n, &len);
	struct ip_header *outer = (struct ip_header *)bytes;
	uint32_t i = load_mobile_of(ip->dst);
	uint8_t *inner = load_tunnel_write(bytes, i, place, len);
	struct udp_header *udp = (struct udp_header *)(outer + 1);

	memcpy(inner, ip, len);
	outer->dst = outer->src;
	outer->src = LOAD_X_HA;
	if (load_is_behind_nat(i)) {
		udp->dst_port_be = udp->src_port_be;
		udp->src_port_be = htobe16(434);
	}
	load_stream_take_tunnelled(&fixture.stream, outer, (uint16_t)(inner - bytes + len));
}

static void
what_arrives_once_and_in_the_right_place_is_received(void **state)
{
	struct load_flow *flows = fixture.stream.flows;

	(void)state;
	send_packets(40);
	for (unsigned n = 0; n < 20; n++) {
		deliver_from_mobile(n);
		deliver_to_mobile(19 - n, 0);
	}
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(flows[i].sent, 20);
		assert_int_equal(flows[i].received, 20);
		assert_int_equal(flows[i].repeated, 0);
		assert_int_equal(flows[i].astray, 0);
	}
}

static void
what_comes_twice_is_received_once(void **state)
{
	struct load_flow *flow = &fixture.stream.flows[LOAD_FROM_MOBILE];

	(void)state;
	send_packets(4);
	deliver_from_mobile(1);
	deliver_from_mobile(1);
	assert_int_equal(flow->sent, 2);
	assert_int_equal(flow->received, 1);
	assert_int_equal(flow->repeated, 1);
}

static void
a_mobile_that_moves_gets_packets_at_both_places_and_afterwards_only_at_the_new_one(void **state)
{
	struct load_flow *flow = &fixture.stream.flows[LOAD_TO_MOBILE];

	(void)state;
	send_packets(6);
	for (unsigned i = 0; i < MOBILES; i++) {
		fixture.mobiles[i].is_pending = true;
		fixture.mobiles[i].new_place = 1;
	}
	deliver_to_mobile(0, 0);
	deliver_to_mobile(1, 1);
	assert_int_equal(flow->received, 2);
	for (unsigned i = 0; i < MOBILES; i++) {
		fixture.mobiles[i].is_pending = false;
		fixture.mobiles[i].place = 1;
	}
	deliver_to_mobile(2, 0);
	assert_int_equal(flow->received, 2);
	assert_int_equal(flow->astray, 1);
}

static void
a_mobile_that_moves_sends_nothing_until_it_is_registered(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MOBILES; i++) {
		fixture.mobiles[i].is_pending = true;
		fixture.mobiles[i].new_place = i == 5 ? 0 : 1; /* this one only renews */
	}
	send_packets(16);
	assert_int_equal(fixture.stream.flows[LOAD_FROM_MOBILE].sent, 8);
	assert_int_equal(fixture.external.out.count, 8);
	for (unsigned n = 0; n < 8; n++) {
		uint16_t len;

		assert_int_equal(sent_packet(&fixture.external, n, &len)->src, LOAD_PLACE(5, 0));
	}
}

static void
nothing_is_sent_while_nobody_is_registered(void **state)
{
	(void)state;
	memset(fixture.mobiles, 0, sizeof(fixture.mobiles));
	send_packets(16);
	assert_int_equal(fixture.stream.flows[0].sent + fixture.stream.flows[1].sent, 0);
}

static void
a_packet_whose_header_was_changed_is_astray(void **state)
{
	struct load_flow *flow = &fixture.stream.flows[LOAD_FROM_MOBILE];
	uint16_t len;

	(void)state;
	send_packets(2);
	sent_packet(&fixture.external, 0, &len);
	fixture.external.out.frames[0][sizeof(struct eth_header) + len - PACKET_LEN + 19]++;
	deliver_from_mobile(0);
	assert_int_equal(flow->received, 0);
	assert_int_equal(flow->astray, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_arrives_once_and_in_the_right_place_is_received, setup, teardown),
		cmocka_unit_test_setup_teardown(what_comes_twice_is_received_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_mobile_that_moves_gets_packets_at_both_places_and_afterwards_only_at_the_new_one,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_mobile_that_moves_sends_nothing_until_it_is_registered, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_sent_while_nobody_is_registered, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_packet_whose_header_was_changed_is_astray, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
