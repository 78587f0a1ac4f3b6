/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets for a mobile: what leaves the box is compared, octet by octet, with what the RFCs say. */
#include "tests/unit/dataplane/fixture.h"

static const enum tunnel_kind kinds[] = {TUNNEL_IPIP,	 TUNNEL_UDP_IPIP, TUNNEL_GRE,
					 TUNNEL_UDP_GRE, TUNNEL_MINENC,	  TUNNEL_UDP_MINENC};

static void
one_less_to_live(struct craft *packet)
{
	craft_at(packet)[8]--;
	craft_ip_checksum(craft_at(packet));
}

/* The packet as it leaves the box for CARE_OF. */
static void
tunnelled(struct craft *packet, enum tunnel_kind kind, be32 care_of, uint16_t id)
{
	const uint8_t *ip = craft_at(packet);
	struct craft_ip outer = {.src = X_HA,
				 .dst = care_of,
				 .id = id,
				 .tos = ip[1],
				 .fragment = ip[6] & 0x40 ? IP_FLAG_DF : 0};

	craft_tunnel(packet, kind, &outer, 434, MOBILE_PORT);
}

static struct fixture *
bound(enum tunnel_kind kind, uint8_t flags)
{
	struct fixture *f = fixture_new(1);
	struct recipe_spec spec = fixture_spec(kind);

	spec.flags |= flags;
	fixture_bind(f, &spec, 1);
	return f;
}

static void
packet_is_tunnelled_by_every_kind(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i], 0);
		struct craft packet;

		craft_plain(&packet, OFFICE_HOST, HOME, 333);
		fixture_send(f, INTERNAL, &packet);
		one_less_to_live(&packet);
		tunnelled(&packet, kinds[i], CARE_OF, 1);
		assert_sent(f, EXTERNAL, &packet);
		assert_int_equal(fixture_slot(f, 1).to_mobile_packets, 1);
		assert_int_equal(fixture_slot(f, 1).to_mobile_bytes, 333);
		fixture_end(f);
	}
}

static void
packet_in_segments_is_tunnelled_the_same(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i], 0);

		for (uint32_t cut = 1; cut < 60; cut++) {
			struct craft packet;

			craft_plain(&packet, OFFICE_HOST, HOME, 200);
			craft_ethernet(&packet, port_macs[INTERNAL], 0x0800);
			fixture_send_frame(f, 0, INTERNAL, &packet, cut, 1 + cut % 9);
			fixture_run(f);
			packet.len -= 14;
			one_less_to_live(&packet);
			tunnelled(&packet, kinds[i], CARE_OF, (uint16_t)cut);
			assert_sent(f, EXTERNAL, &packet);
		}
		fixture_end(f);
	}
}

static void
tos_ecn_and_df_are_copied_outward(void **state)
{
	static const struct {
		uint8_t tos, flags, outer_tos;
		uint16_t fragment;
	} cases[] = {
		{0xb8, 0, 0xb8, 0},
		{0xb9, 0, 0xb9, IP_FLAG_DF},
		{0x02, 0, 0x02, 0},
		{0x03, 0, 0x03, IP_FLAG_DF},
		{0xbb, RECIPE_ECN_COMPATIBLE, 0xb8, IP_FLAG_DF},
		{0x02, RECIPE_ECN_COMPATIBLE, 0x00, 0},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fixture *f = bound(TUNNEL_UDP_IPIP, cases[i].flags);
		struct craft packet;
		struct craft_ip ip = {.src = OFFICE_HOST,
				      .dst = HOME,
				      .protocol = 6,
				      .tos = cases[i].tos,
				      .fragment = cases[i].fragment};
		struct craft_ip outer = {.src = X_HA,
					 .dst = CARE_OF,
					 .id = 1,
					 .tos = cases[i].outer_tos,
					 .fragment = cases[i].fragment};

		craft_payload(&packet, 40);
		craft_ip(&packet, &ip);
		fixture_send(f, INTERNAL, &packet);
		one_less_to_live(&packet);
		craft_tunnel(&packet, TUNNEL_UDP_IPIP, &outer, 434, MOBILE_PORT);
		assert_sent(f, EXTERNAL, &packet);
		fixture_end(f);
	}
}

static uint32_t
fitting_len(enum tunnel_kind kind)
{
	static const uint8_t overhead[] = {20, 32, 24, 36, 20, 32};

	return FIXTURE_MTU - overhead[kind];
}

static void
packet_that_just_fits_goes_and_one_byte_more_does_not(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i], 0);
		struct craft packet, seen;
		struct packet punted;

		craft_plain(&packet, OFFICE_HOST, HOME, fitting_len(kinds[i]));
		fixture_send(f, INTERNAL, &packet);
		one_less_to_live(&packet);
		tunnelled(&packet, kinds[i], CARE_OF, 1);
		assert_sent(f, EXTERNAL, &packet);

		craft_plain(&packet, OFFICE_HOST, HOME, fitting_len(kinds[i]) + 1);
		fixture_send(f, INTERNAL, &packet);
		assert_drops(f, DROP_IP_TOO_BIG, 1);
		assert_punted(f, PUNT_ICMP_ERROR, &punted, &seen);
		assert_int_equal(punted.icmp_type, 3);
		assert_int_equal(punted.icmp_code, 4);
		assert_int_equal(punted.mtu, fitting_len(kinds[i]));
		assert_int_equal(punted.origin, ORIGIN_INTERNAL);
		assert_int_equal(punted.port, INTERNAL);
		one_less_to_live(&packet);
		assert_same(&seen, &packet);
		fixture_end(f);
	}
}

/* Cut by hand: a payload of 1508 bytes, fragments of at most `mtu`. */
static void
expect_fragments(struct fixture *f, enum tunnel_kind kind, uint32_t mtu, uint16_t first_offset,
		 bool more_follows)
{
	uint32_t piece_max = (mtu - 20) / 8 * 8;
	uint16_t id = 1;
	struct craft whole;

	craft_payload(&whole, 1508);
	for (uint32_t at = 0; at < 1508; at += piece_max, id++) {
		uint32_t len = RTE_MIN(piece_max, 1508 - at);
		bool is_last = at + len == 1508 && !more_follows;
		struct craft_ip ip = {.src = OFFICE_HOST,
				      .dst = HOME,
				      .protocol = 17,
				      .id = 0x7777,
				      .ttl = 63,
				      .tos = 0x28,
				      .fragment = (uint16_t)((is_last ? 0 : IP_FLAG_MF) |
							     (first_offset + at / 8))};
		struct craft fragment = {0};

		craft_bytes(&fragment, craft_at(&whole) + at, len);
		craft_ip(&fragment, &ip);
		tunnelled(&fragment, kind & 4 ? (enum tunnel_kind)(kind & 1) : kind, CARE_OF, id);
		assert_true(fragment.len <= FIXTURE_MTU);
		assert_sent(f, EXTERNAL, &fragment);
	}
}

static void
send_large(struct fixture *f, uint16_t fragment)
{
	struct craft packet;

	craft_payload(&packet, 1508);
	craft_ip(&packet, &(struct craft_ip){.src = OFFICE_HOST,
					     .dst = HOME,
					     .protocol = 17,
					     .id = 0x7777,
					     .tos = 0x28,
					     .fragment = fragment});
	fixture_send(f, INTERNAL, &packet);
}

static void
large_packet_without_df_is_cut_before_it_is_encapsulated(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i], 0);

		send_large(f, 0);
		expect_fragments(f, kinds[i], fitting_len(kinds[i]), 0, false);
		assert_int_equal(fixture_slot(f, 1).to_mobile_packets, 2);
		fixture_end(f);
	}
}

static void
large_fragment_is_cut_again_and_keeps_its_place(void **state)
{
	static const uint16_t offset = 100;
	struct fixture *f = bound(TUNNEL_IPIP, 0);

	send_large(f, IP_FLAG_MF | offset);
	expect_fragments(f, TUNNEL_IPIP, fitting_len(TUNNEL_IPIP), offset, true);
	fixture_end(f);
}

static void
fragment_in_minimal_encapsulation_goes_as_ip_in_ip(void **state)
{
	static const struct {
		enum tunnel_kind bound, seen;
	} cases[] = {{TUNNEL_MINENC, TUNNEL_IPIP}, {TUNNEL_UDP_MINENC, TUNNEL_UDP_IPIP}};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fixture *f = bound(cases[i].bound, 0);
		struct craft packet;

		craft_payload(&packet, 64);
		craft_ip(&packet, &(struct craft_ip){.src = OFFICE_HOST,
						     .dst = HOME,
						     .protocol = 17,
						     .fragment = IP_FLAG_MF});
		fixture_send(f, INTERNAL, &packet);
		one_less_to_live(&packet);
		tunnelled(&packet, cases[i].seen, CARE_OF, 1);
		assert_sent(f, EXTERNAL, &packet);
		fixture_end(f);
	}
}

static void
packet_with_options_is_tunnelled_with_them(void **state)
{
	static const enum tunnel_kind all[] = {TUNNEL_IPIP, TUNNEL_UDP_GRE};

	for (unsigned i = 0; i < ARRAY_COUNT(all); i++) {
		struct fixture *f = bound(all[i], 0);
		struct craft packet;

		craft_payload(&packet, 64);
		craft_ip(&packet, &(struct craft_ip){.src = OFFICE_HOST,
						     .dst = HOME,
						     .protocol = 17,
						     .options_len = 8,
						     .options = {7, 7, 4}});
		fixture_send(f, INTERNAL, &packet);
		one_less_to_live(&packet);
		tunnelled(&packet, all[i], CARE_OF, 1);
		assert_sent(f, EXTERNAL, &packet);
		fixture_end(f);
	}
}

/* Two care-of addresses: in UDP by CARE_OF, in IP by OTHER_CARE_OF. */
static struct fixture *
bound_twice(uint8_t first_flags, uint8_t second_flags)
{
	struct fixture *f = fixture_new(1);
	struct recipe_spec specs[2] = {fixture_spec(TUNNEL_IPIP), fixture_spec(TUNNEL_UDP_GRE)};

	specs[0].flags |= first_flags;
	specs[1].flags |= second_flags;
	specs[1].slot = 2;
	specs[1].layers[0].dst = OTHER_CARE_OF;
	fixture_bind(f, specs, 2);
	return f;
}

static void
simultaneous_bindings_get_a_copy_each(void **state)
{
	struct fixture *f = bound_twice(0, 0);
	struct craft packet, first, second;

	craft_plain(&packet, OFFICE_HOST, HOME, 700);
	fixture_send(f, INTERNAL, &packet);
	one_less_to_live(&packet);
	second = first = packet;
	tunnelled(&second, TUNNEL_UDP_GRE, OTHER_CARE_OF, 1);
	tunnelled(&first, TUNNEL_IPIP, CARE_OF, 2);
	assert_sent(f, EXTERNAL, &second);
	assert_sent(f, EXTERNAL, &first);
	assert_int_equal(fixture_slot(f, 1).to_mobile_bytes, 700);
	assert_int_equal(fixture_slot(f, 2).to_mobile_bytes, 700);
	fixture_end(f);
}

static void
copies_fit_the_narrowest_of_the_tunnels(void **state)
{
	struct fixture *f = bound_twice(0, 0);
	struct craft packet, seen;
	struct packet punted;

	craft_plain(&packet, OFFICE_HOST, HOME, fitting_len(TUNNEL_UDP_GRE) + 1);
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_IP_TOO_BIG, 1);
	assert_punted(f, PUNT_ICMP_ERROR, &punted, &seen);
	assert_int_equal(punted.mtu, fitting_len(TUNNEL_UDP_GRE));
	fixture_end(f);
}

static void
half_bound_care_of_address_gets_no_copy_and_keeps_none_from_the_other(void **state)
{
	static const struct {
		uint8_t first, second;
		bool first_is_open;
	} cases[] = {
		{RECIPE_HALF_BOUND, 0, false},
		{0, RECIPE_HALF_BOUND, true},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fixture *f = bound_twice(cases[i].first, cases[i].second);
		struct craft packet;

		craft_plain(&packet, OFFICE_HOST, HOME, 100);
		fixture_send(f, INTERNAL, &packet);
		one_less_to_live(&packet);
		if (cases[i].first_is_open)
			tunnelled(&packet, TUNNEL_IPIP, CARE_OF, 1);
		else
			tunnelled(&packet, TUNNEL_UDP_GRE, OTHER_CARE_OF, 1);
		assert_sent(f, EXTERNAL, &packet);
		fixture_end(f);
	}
}

static void
half_bound_mobile_gets_nothing(void **state)
{
	struct fixture *f = bound(TUNNEL_UDP_IPIP, RECIPE_HALF_BOUND);
	struct craft packet;

	craft_plain(&packet, OFFICE_HOST, HOME, 100);
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_TUNNEL_HALF_BOUND, 1);
	fixture_end(f);
}

static void
senders_hear_of_an_unreachable_care_of_address_and_their_packets_go_on(void **state)
{
	struct fixture *f = bound(TUNNEL_IPIP, RECIPE_UNREACHABLE);
	struct craft packet, seen;
	struct packet punted;

	craft_plain(&packet, OFFICE_HOST, HOME, 100);
	fixture_send(f, INTERNAL, &packet);
	assert_punted(f, PUNT_ICMP_ERROR, &punted, &seen);
	assert_int_equal(punted.icmp_type, 3);
	assert_int_equal(punted.icmp_code, 1);
	assert_int_equal(punted.origin, ORIGIN_INTERNAL);
	one_less_to_live(&packet);
	assert_same(&seen, &packet);
	tunnelled(&packet, TUNNEL_IPIP, CARE_OF, 1);
	assert_sent(f, EXTERNAL, &packet);
	fixture_end(f);
}

static void
packet_from_the_tunnel_s_own_end_does_not_loop(void **state)
{
	struct fixture *f = bound(TUNNEL_IPIP, 0);
	struct craft packet;

	craft_plain(&packet, CARE_OF, HOME, 100);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_TUNNEL_LOOP, 1);
	fixture_end(f);
}

static void
packet_from_behind_the_mobile_s_nat_is_no_loop(void **state)
{
	struct fixture *f = bound(TUNNEL_UDP_IPIP, 0);
	struct craft packet;

	craft_plain(&packet, CARE_OF, HOME, 100);
	fixture_send(f, EXTERNAL, &packet);
	one_less_to_live(&packet);
	tunnelled(&packet, TUNNEL_UDP_IPIP, CARE_OF, 1);
	assert_sent(f, EXTERNAL, &packet);
	fixture_end(f);
}

static void
external_packet_reaches_an_internal_binding_only_if_allowed(void **state)
{
	for (int allowed = 0; allowed < 2; allowed++) {
		struct fixture *f = fixture_new(1);
		struct recipe_spec spec = fixture_spec(TUNNEL_IPIP);
		struct craft packet, seen;

		spec.flags |= RECIPE_INTERNAL;
		spec.next_hop = HOP_INTERNAL;
		spec.layers[0].src = I_HA;
		spec.layers[0].dst = INTERNAL_CARE_OF;
		fixture_bind(f, &spec, 1);
		f->settings.forward_external_to_internal = allowed;
		fixture_settings(f);
		craft_plain(&packet, INTERNET_HOST, HOME, 100);
		fixture_send(f, EXTERNAL, &packet);
		assert_int_equal(fixture_sent(f, INTERNAL, &seen), allowed);
		assert_drops(f, DROP_IP_EXTERNAL_TO_INTERNAL, !allowed);
		fixture_end(f);
	}
}

static void
packet_without_head_room_is_dropped(void **state)
{
	struct fixture *f = bound(TUNNEL_IPIP, 0);
	struct craft packet;
	struct rte_mbuf *mbuf;

	craft_plain(&packet, OFFICE_HOST, HOME, 100);
	craft_ethernet(&packet, port_macs[INTERNAL], 0x0800);
	mbuf = fixture_mbuf(f, &packet, 0, 0);
	memmove(rte_pktmbuf_prepend(mbuf, 100), craft_at(&packet), packet.len);
	rte_pktmbuf_trim(mbuf, 100);
	path_receive(f->workers[0], INTERNAL, &mbuf, 1);
	assert_drops(f, DROP_TUNNEL_NO_HEADROOM, 1);
	fixture_end(f);
}

static void
gone_home_address_is_routed(void **state)
{
	struct fixture *f = bound(TUNNEL_IPIP, 0);
	struct craft packet;

	publish_recipes_remove(f->publisher, HOME);
	craft_plain(&packet, INTERNET_HOST, HOME, 100);
	f->settings.forward_external_to_internal = true;
	fixture_settings(f);
	fixture_send(f, EXTERNAL, &packet);
	one_less_to_live(&packet);
	assert_sent(f, INTERNAL, &packet);
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_is_tunnelled_by_every_kind),
		cmocka_unit_test(packet_in_segments_is_tunnelled_the_same),
		cmocka_unit_test(tos_ecn_and_df_are_copied_outward),
		cmocka_unit_test(packet_that_just_fits_goes_and_one_byte_more_does_not),
		cmocka_unit_test(large_packet_without_df_is_cut_before_it_is_encapsulated),
		cmocka_unit_test(large_fragment_is_cut_again_and_keeps_its_place),
		cmocka_unit_test(fragment_in_minimal_encapsulation_goes_as_ip_in_ip),
		cmocka_unit_test(packet_with_options_is_tunnelled_with_them),
		cmocka_unit_test(simultaneous_bindings_get_a_copy_each),
		cmocka_unit_test(copies_fit_the_narrowest_of_the_tunnels),
		cmocka_unit_test(
			half_bound_care_of_address_gets_no_copy_and_keeps_none_from_the_other),
		cmocka_unit_test(half_bound_mobile_gets_nothing),
		cmocka_unit_test(
			senders_hear_of_an_unreachable_care_of_address_and_their_packets_go_on),
		cmocka_unit_test(packet_from_the_tunnel_s_own_end_does_not_loop),
		cmocka_unit_test(packet_from_behind_the_mobile_s_nat_is_no_loop),
		cmocka_unit_test(external_packet_reaches_an_internal_binding_only_if_allowed),
		cmocka_unit_test(packet_without_head_room_is_dropped),
		cmocka_unit_test(gone_home_address_is_routed),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
