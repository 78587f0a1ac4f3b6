/* SPDX-License-Identifier: BSD-3-Clause */
/* Time to live, routes and ports: packets that no tunnel takes. */
#include "tests/unit/dataplane/fixture.h"

static void
forwarded(struct craft *packet)
{
	craft_at(packet)[8]--;
	craft_ip_checksum(craft_at(packet));
}

static void
checksum_follows_the_time_to_live_for_every_value_it_can_have(void **state)
{
	struct fixture *f = fixture_new(1);

	/* the identification takes the checksum through all its values, 0 and 0xfffe among them */
	for (uint32_t id = 0; id < 0x10000; id += 32) {
		struct rte_mbuf *mbufs[32];
		struct craft packets[32];

		for (uint32_t i = 0; i < 32; i++) {
			struct craft *packet = &packets[i];
			struct craft_ip ip = {.src = OFFICE_HOST,
					      .dst = INTERNET_HOST,
					      .protocol = 6,
					      .id = (uint16_t)(id + i),
					      .ttl = (uint8_t)(2 + (id + i) % 254)};

			craft_payload(packet, 0);
			craft_ip(packet, &ip);
			craft_ethernet(packet, port_macs[INTERNAL], 0x0800);
			mbufs[i] = fixture_mbuf(f, packet, 0, 0);
			packet->len -= 14;
		}
		path_receive(f->workers[0], INTERNAL, mbufs, 32);
		worker_flush(f->workers[0]);
		for (uint32_t i = 0; i < 32; i++) {
			forwarded(&packets[i]);
			assert_sent(f, EXTERNAL, &packets[i]);
		}
	}
	fixture_end(f);
}

static void
sender_is_told_when_the_time_to_live_runs_out(void **state)
{
	struct fixture *f = fixture_new(1);

	for (uint8_t ttl = 0; ttl < 2; ttl++) {
		struct craft packet, seen;
		struct packet punted;

		craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 60);
		craft_at(&packet)[8] = ttl;
		craft_ip_checksum(craft_at(&packet));
		fixture_send(f, INTERNAL, &packet);
		assert_drops(f, DROP_IP_TTL, 1);
		assert_punted(f, PUNT_ICMP_ERROR, &punted, &seen);
		assert_int_equal(punted.icmp_type, 11);
		assert_int_equal(punted.icmp_code, 0);
		assert_same(&seen, &packet); /* as it came: the ICMP error quotes it */
	}
	fixture_end(f);
}

static void
longest_route_decides(void **state)
{
	struct fixture *f = fixture_new(1);
	struct prefix host = {INTERNET_HOST, 32};
	struct craft packet;

	craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 60);
	fixture_send(f, INTERNAL, &packet);
	forwarded(&packet);
	assert_sent(f, EXTERNAL, &packet);

	assert_int_equal(publish_route(f->publisher, host, HOP_INTERNAL), 0);
	craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 60);
	fixture_send(f, INTERNAL, &packet);
	forwarded(&packet);
	assert_sent(f, INTERNAL, &packet);
	publish_route_remove(f->publisher, host);
	fixture_end(f);
}

static void
default_route_takes_both_halves_of_the_world(void **state)
{
	static const be32 hosts[] = {ADDRESS(1, 1, 1, 1), ADDRESS(127 + 1, 0, 0, 1),
				     ADDRESS(223, 255, 255, 254)};
	struct fixture *f = fixture_new(1);

	for (unsigned i = 0; i < ARRAY_COUNT(hosts); i++) {
		struct craft packet;

		craft_plain(&packet, OFFICE_HOST, hosts[i], 60);
		fixture_send(f, INTERNAL, &packet);
		forwarded(&packet);
		assert_sent(f, EXTERNAL, &packet);
	}
	fixture_end(f);
}

static void
sender_is_told_that_there_is_no_way(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft packet, seen;
	struct packet punted;

	craft_plain(&packet, OFFICE_HOST, UNREACHABLE_HOST, 60);
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_IP_UNREACHABLE, 1);
	assert_punted(f, PUNT_ICMP_ERROR, &punted, &seen);
	assert_int_equal(punted.icmp_type, 3);
	assert_int_equal(punted.icmp_code, 1);
	fixture_end(f);
}

static void
packet_without_any_route_has_no_way(void **state)
{
	struct fixture *f = fixture_new(1);
	struct prefix all = {0, 0};
	struct craft packet, seen;
	struct packet punted;

	publish_route_remove(f->publisher, all);
	craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 60);
	fixture_send(f, INTERNAL, &packet);
	assert_int_equal(publish_route(f->publisher, all, HOP_EXTERNAL), 0);
	assert_drops(f, DROP_IP_UNREACHABLE, 1);
	assert_punted(f, PUNT_ICMP_ERROR, &punted, &seen);
	assert_int_equal(punted.icmp_type, 3);
	assert_int_equal(punted.icmp_code, 0); /* RFC 1812 section 4.3.3.1: the network's */
	fixture_end(f);
}

static void
unresolved_next_hop_is_the_control_core_s_to_resolve(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft packet, seen;
	struct packet punted;

	craft_plain(&packet, OFFICE_HOST, UNRESOLVED_HOST, 60);
	fixture_send(f, INTERNAL, &packet);
	assert_punted(f, PUNT_RESOLVE, &punted, &seen);
	assert_int_equal(punted.next_hop, HOP_UNRESOLVED);
	forwarded(&packet);
	assert_same(&seen, &packet);
	fixture_end(f);
}

static void
external_packet_gets_inside_only_if_allowed(void **state)
{
	for (int allowed = 0; allowed < 2; allowed++) {
		struct fixture *f = fixture_new(1);
		struct craft packet, seen;

		f->settings.forward_external_to_internal = allowed;
		fixture_settings(f);
		craft_plain(&packet, INTERNET_HOST, OFFICE_HOST, 60);
		fixture_send(f, EXTERNAL, &packet);
		assert_int_equal(fixture_sent(f, INTERNAL, &seen), allowed);
		assert_drops(f, DROP_IP_EXTERNAL_TO_INTERNAL, !allowed);
		fixture_end(f);
	}
}

static void
sender_is_told_the_next_link_s_mtu(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft packet, seen;
	struct packet punted;

	f->settings.mtu[EXTERNAL] = 1000;
	fixture_settings(f);
	craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 1000);
	fixture_send(f, INTERNAL, &packet);
	forwarded(&packet);
	assert_sent(f, EXTERNAL, &packet);

	craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 1001);
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_IP_TOO_BIG, 1);
	assert_punted(f, PUNT_ICMP_ERROR, &punted, &seen);
	assert_int_equal(punted.icmp_type, 3);
	assert_int_equal(punted.icmp_code, 4);
	assert_int_equal(punted.mtu, 1000);
	fixture_end(f);
}

static void
packet_without_df_is_cut_to_the_next_link_s_mtu(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft_ip ip = {.src = OFFICE_HOST, .dst = INTERNET_HOST, .protocol = 17, .id = 5};
	struct craft whole, packet;

	f->settings.mtu[EXTERNAL] = 1000;
	fixture_settings(f);
	craft_payload(&whole, 1400);
	packet = whole;
	craft_ip(&packet, &ip);
	fixture_send(f, INTERNAL, &packet);
	ip.ttl = 63;
	for (uint32_t at = 0; at < 1400; at += 976) {
		packet.len = 0;
		ip.fragment = (uint16_t)(at / 8 | (at == 0 ? IP_FLAG_MF : 0));
		craft_bytes(&packet, craft_at(&whole) + at, at == 0 ? 976 : 1400 - 976);
		craft_ip(&packet, &ip);
		assert_sent(f, EXTERNAL, &packet);
	}
	fixture_end(f);
}

static void
fragments_for_a_wide_link_keep_to_their_buffers(void **state)
{
	/* about what a buffer holds, and far more */
	static const uint16_t mtus[] = {2040, 2048, 2056, 2064, 2068, 2072, 4000};
	struct craft whole, packet;

	craft_payload(&whole, 8000);
	for (unsigned i = 0; i < ARRAY_COUNT(mtus); i++) {
		struct fixture *f = fixture_new(1);
		uint32_t at = 0;

		f->settings.mtu[EXTERNAL] = mtus[i];
		fixture_settings(f);
		packet = whole;
		craft_ip(&packet, &(struct craft_ip){.src = OFFICE_HOST,
						     .dst = INTERNET_HOST,
						     .protocol = 17});
		fixture_send(f, INTERNAL, &packet);
		fixture_run(f);
		while (at < whole.len) {
			assert_true(fixture_sent(f, EXTERNAL, &packet));
			assert_true(packet.len <= 2048 && packet.len <= mtus[i]);
			assert_memory_equal(craft_at(&packet) + 20, craft_at(&whole) + at,
					    packet.len - 20);
			at += packet.len - 20;
		}
		assert_drops(f, DROP_REASON_COUNT, 0);
		fixture_end(f);
	}
}

static void
packet_that_needs_too_many_fragments_is_counted(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft packet;

	f->settings.mtu[EXTERNAL] = 68;
	fixture_settings(f);
	craft_payload(&packet, 9000);
	craft_ip(&packet,
		 &(struct craft_ip){.src = OFFICE_HOST, .dst = INTERNET_HOST, .protocol = 17});
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_FRAGMENT_FAILED, 1);
	fixture_end(f);
}

static void
full_transmit_ring_is_counted(void **state)
{
	struct fixture *f = fixture_new(1);
	uint64_t dropped;
	unsigned sent = 0;
	struct craft packet;

	craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 60);
	for (unsigned i = 0; i < 600; i++)
		fixture_send(f, INTERNAL, &packet);
	dropped = f->workers[0]->counters.drops.count[DROP_TX_FULL];
	while (fixture_sent(f, EXTERNAL, &packet))
		sent++;
	assert_true(dropped > 0);
	assert_int_equal(sent + dropped, 600);
	assert_drops(f, DROP_TX_FULL, dropped);
	fixture_end(f);
}

static void
packets_for_a_port_that_is_gone_are_counted(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft packet;

	atomic_store(&f->workers[0]->port_down, 1u << EXTERNAL);
	craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 60);
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_TX_PORT_DOWN, 1);

	/* nothing is received from it either, until it is back */
	craft_plain(&packet, INTERNET_HOST, ADDRESS(192, 0, 2, 6), 60);
	fixture_send(f, EXTERNAL, &packet);
	assert_quiet(f);
	atomic_store(&f->workers[0]->port_down, 0);
	fixture_run(f);
	forwarded(&packet);
	assert_sent(f, EXTERNAL, &packet);
	fixture_end(f);
}

static void
segments_are_joined_for_a_port_that_cannot_send_them(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft packet;

	f->workers[0]->port_multi_segments[EXTERNAL] = false;
	craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 600);
	craft_ethernet(&packet, port_macs[INTERNAL], 0x0800);
	fixture_send_frame(f, 0, INTERNAL, &packet, 100, 100);
	fixture_run(f);
	packet.len -= 14;
	forwarded(&packet);
	assert_sent(f, EXTERNAL, &packet);

	f->settings.mtu[EXTERNAL] = 9000;
	fixture_settings(f);
	craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 5000);
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_IP_NOT_CONTIGUOUS, 1);
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksum_follows_the_time_to_live_for_every_value_it_can_have),
		cmocka_unit_test(sender_is_told_when_the_time_to_live_runs_out),
		cmocka_unit_test(longest_route_decides),
		cmocka_unit_test(default_route_takes_both_halves_of_the_world),
		cmocka_unit_test(sender_is_told_that_there_is_no_way),
		cmocka_unit_test(packet_without_any_route_has_no_way),
		cmocka_unit_test(unresolved_next_hop_is_the_control_core_s_to_resolve),
		cmocka_unit_test(external_packet_gets_inside_only_if_allowed),
		cmocka_unit_test(sender_is_told_the_next_link_s_mtu),
		cmocka_unit_test(packet_without_df_is_cut_to_the_next_link_s_mtu),
		cmocka_unit_test(fragments_for_a_wide_link_keep_to_their_buffers),
		cmocka_unit_test(packet_that_needs_too_many_fragments_is_counted),
		cmocka_unit_test(full_transmit_ring_is_counted),
		cmocka_unit_test(packets_for_a_port_that_is_gone_are_counted),
		cmocka_unit_test(segments_are_joined_for_a_port_that_cannot_send_them),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
