/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets out of a mobile's tunnel: the right one is let through, and each wrong one is dropped for its
 * own reason and nothing else. */
#include "tests/unit/dataplane/fixture.h"

static const enum tunnel_kind kinds[] = {TUNNEL_IPIP,	 TUNNEL_UDP_IPIP, TUNNEL_GRE,
					 TUNNEL_UDP_GRE, TUNNEL_MINENC,	  TUNNEL_UDP_MINENC};

static struct fixture *
bound(enum tunnel_kind kind, uint8_t flags)
{
	struct fixture *f = fixture_new(1);
	struct recipe_spec spec = fixture_spec(kind);

	spec.flags = flags;
	fixture_bind(f, &spec, 1);
	f->settings.forward_external_to_internal = true;
	fixture_settings(f);
	return f;
}

static void
plain(struct craft *packet)
{
	craft_plain(packet, HOME, OFFICE_HOST, 120);
}

/* Puts a packet into the mobile's tunnel as the mobile does. */
static void
tunnelled(struct craft *packet, enum tunnel_kind kind)
{
	struct craft_ip outer = {.src = CARE_OF, .dst = X_HA, .id = 9, .ttl = 50};

	craft_tunnel(packet, kind, &outer, MOBILE_PORT, 434);
}

static void
delivered(struct fixture *f, struct craft *packet)
{
	craft_at(packet)[8]--;
	craft_ip_checksum(craft_at(packet));
	assert_sent(f, INTERNAL, packet);
}

static void
packet_of_every_kind_is_let_through(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i], RECIPE_REVERSE);
		struct craft packet, outer;

		plain(&packet);
		outer = packet;
		tunnelled(&outer, kinds[i]);
		fixture_send(f, EXTERNAL, &outer);
		delivered(f, &packet);
		assert_int_equal(fixture_slot(f, 1).from_mobile_packets, 1);
		assert_int_equal(fixture_slot(f, 1).from_mobile_bytes, 120);
		fixture_end(f);
	}
}

static void
tunnel_headers_may_be_cut_anywhere(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i], RECIPE_REVERSE);

		for (uint32_t cut = 1; cut < 110; cut++) {
			struct craft packet, outer;

			craft_plain(&packet, HOME, OFFICE_HOST, 300);
			outer = packet;
			tunnelled(&outer, kinds[i]);
			if (tunnel_is_udp(kinds[i]))
				craft_udp_checksum(&outer);
			craft_ethernet(&outer, port_macs[EXTERNAL], 0x0800);
			fixture_send_frame(f, 0, EXTERNAL, &outer, cut, 1 + cut % 13);
			fixture_run(f);
			delivered(f, &packet);
		}
		fixture_end(f);
	}
}

static void
fragments_of_minimal_encapsulation_come_as_ip_in_ip(void **state)
{
	static const struct {
		enum tunnel_kind bound, seen;
	} cases[] = {{TUNNEL_MINENC, TUNNEL_IPIP}, {TUNNEL_UDP_MINENC, TUNNEL_UDP_IPIP}};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fixture *f = bound(cases[i].bound, RECIPE_REVERSE);
		struct craft packet, outer;

		plain(&packet);
		outer = packet;
		tunnelled(&outer, cases[i].seen);
		fixture_send(f, EXTERNAL, &outer);
		delivered(f, &packet);
		fixture_end(f);
	}
}

static void
kind_that_was_not_negotiated_is_refused(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++)
		for (unsigned j = 0; j < ARRAY_COUNT(kinds); j++) {
			struct fixture *f;
			struct craft packet;

			if (i == j || (i >= 4 && j == (i & 1)))
				continue;
			f = bound(kinds[i], RECIPE_REVERSE);
			plain(&packet);
			tunnelled(&packet, kinds[j]);
			fixture_send(f, EXTERNAL, &packet);
			assert_drops(f, DROP_TUNNEL_WRONG_KIND, 1);
			fixture_end(f);
		}
}

/* One thing of the tunnel is not the binding's. */
static const struct {
	const char *what;
	be32 inner_src, outer_src, outer_dst;
	uint16_t port;
	uint8_t flags, arrives_by;
	enum drop_reason reason;
} mismatches[] = {
	{"inner source without a binding", OTHER_HOME, CARE_OF, X_HA, MOBILE_PORT, RECIPE_REVERSE,
	 EXTERNAL, DROP_TUNNEL_NO_BINDING},
	{"other care-of address", HOME, OTHER_CARE_OF, X_HA, MOBILE_PORT, RECIPE_REVERSE, EXTERNAL,
	 DROP_TUNNEL_WRONG_SOURCE},
	{"other agent", HOME, CARE_OF, I_HA, MOBILE_PORT, RECIPE_REVERSE, EXTERNAL,
	 DROP_TUNNEL_WRONG_AGENT},
	{"other port", HOME, CARE_OF, X_HA, MOBILE_PORT + 1, RECIPE_REVERSE, EXTERNAL,
	 DROP_TUNNEL_WRONG_PORT},
	{"x-HA's binding from inside", HOME, CARE_OF, X_HA, MOBILE_PORT, RECIPE_REVERSE, INTERNAL,
	 DROP_TUNNEL_WRONG_SIDE},
	{"i-HA's binding from outside", HOME, CARE_OF, X_HA, MOBILE_PORT,
	 RECIPE_REVERSE | RECIPE_INTERNAL, EXTERNAL, DROP_TUNNEL_WRONG_SIDE},
	{"no reverse tunnel", HOME, CARE_OF, X_HA, MOBILE_PORT, 0, EXTERNAL,
	 DROP_TUNNEL_NOT_REVERSE},
	{"half bound", HOME, CARE_OF, X_HA, MOBILE_PORT, RECIPE_REVERSE | RECIPE_HALF_BOUND,
	 EXTERNAL, DROP_TUNNEL_HALF_BOUND},
};

static void
tunnel_that_is_not_the_binding_s_is_refused_for_its_reason(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(mismatches); i++) {
		struct fixture *f = bound(TUNNEL_UDP_IPIP, mismatches[i].flags);
		struct craft_ip outer = {.src = mismatches[i].outer_src,
					 .dst = mismatches[i].outer_dst};
		struct craft packet;

		print_message("%s\n", mismatches[i].what);
		craft_plain(&packet, mismatches[i].inner_src, OFFICE_HOST, 100);
		craft_tunnel(&packet, TUNNEL_UDP_IPIP, &outer, mismatches[i].port, 434);
		fixture_send(f, mismatches[i].arrives_by, &packet);
		assert_drops(f, mismatches[i].reason, 1);
		fixture_end(f);
	}
}

static void
any_of_several_care_of_addresses_will_do(void **state)
{
	struct fixture *f = fixture_new(1);
	struct recipe_spec specs[2] = {fixture_spec(TUNNEL_IPIP), fixture_spec(TUNNEL_UDP_IPIP)};
	struct craft packet, outer;

	specs[0].layers[0].dst = OTHER_CARE_OF;
	specs[1].slot = 2;
	fixture_bind(f, specs, 2);
	f->settings.forward_external_to_internal = true;
	fixture_settings(f);
	plain(&packet);
	outer = packet;
	tunnelled(&outer, TUNNEL_UDP_IPIP);
	fixture_send(f, EXTERNAL, &outer);
	delivered(f, &packet);
	assert_int_equal(fixture_slot(f, 1).from_mobile_packets, 0);
	assert_int_equal(fixture_slot(f, 2).from_mobile_packets, 1);

	plain(&packet);
	tunnelled(&packet, TUNNEL_IPIP);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_TUNNEL_WRONG_KIND, 1);
	fixture_end(f);
}

static void
tunnel_to_an_address_that_is_no_agent_is_refused(void **state)
{
	static const struct {
		enum tunnel_kind kind;
		bool is_punted; /* a registration, for all that the worker knows */
	} cases[] = {{TUNNEL_IPIP, false},
		     {TUNNEL_GRE, false},
		     {TUNNEL_MINENC, false},
		     {TUNNEL_UDP_IPIP, true}};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fixture *f = bound(cases[i].kind, RECIPE_REVERSE);
		struct craft_ip outer = {.src = CARE_OF, .dst = EXTERNAL_ADDRESS};
		struct craft packet, seen;
		struct packet punted;

		plain(&packet);
		craft_tunnel(&packet, cases[i].kind, &outer, MOBILE_PORT, 434);
		fixture_send(f, EXTERNAL, &packet);
		if (cases[i].is_punted)
			assert_punted(f, PUNT_REGISTRATION_EXTERNAL, &punted, &seen);
		assert_drops(f, DROP_LOCAL_PROTOCOL, !cases[i].is_punted);
		fixture_end(f);
	}
}

static void
send_icmp(struct fixture *f, enum tunnel_kind kind, be32 dst, uint8_t protocol, uint16_t fragment)
{
	static const uint8_t echo[] = {8, 0, 0xf7, 0xff, 0, 0, 0, 0};
	struct craft packet = {0};

	craft_bytes(&packet, echo, sizeof(echo));
	craft_ip(&packet,
		 &(struct craft_ip){
			 .src = HOME, .dst = dst, .protocol = protocol, .fragment = fragment});
	tunnelled(&packet, kind);
	fixture_send(f, EXTERNAL, &packet);
}

static void
keepalive_goes_to_the_control_core_with_the_tunnel_it_came_by(void **state)
{
	static const uint8_t flags[] = {RECIPE_REVERSE, 0, RECIPE_HALF_BOUND};

	for (unsigned i = 0; i < ARRAY_COUNT(flags); i++) {
		struct fixture *f = bound(TUNNEL_UDP_IPIP, flags[i]);
		struct craft seen;
		struct packet punted;

		send_icmp(f, TUNNEL_UDP_IPIP, X_HA, 1, 0);
		assert_punted(f, PUNT_KEEPALIVE, &punted, &seen);
		assert_int_equal(seen.len, 28);
		assert_int_equal(punted.flags, PACKET_FROM_TUNNEL);
		assert_int_equal(punted.home_address, HOME);
		assert_int_equal(punted.outer_src, CARE_OF);
		assert_int_equal(punted.outer_dst, X_HA);
		assert_int_equal(punted.outer_port_be, htobe16(MOBILE_PORT));
		assert_int_equal(punted.tunnel_kind, TUNNEL_UDP_IPIP);
		assert_int_equal(punted.port, EXTERNAL);
		fixture_end(f);
	}
}

static void
half_bound_keepalive_may_come_from_another_port(void **state)
{
	struct fixture *f = bound(TUNNEL_UDP_IPIP, RECIPE_HALF_BOUND);
	struct craft_ip outer = {.src = CARE_OF, .dst = X_HA};
	struct craft packet, seen;
	struct packet punted;

	craft_payload(&packet, 8);
	craft_ip(&packet, &(struct craft_ip){.src = HOME, .dst = X_HA, .protocol = 1});
	craft_tunnel(&packet, TUNNEL_UDP_IPIP, &outer, 50000, 434);
	fixture_send(f, EXTERNAL, &packet);
	assert_punted(f, PUNT_KEEPALIVE, &punted, &seen);
	assert_int_equal(punted.outer_port_be, htobe16(50000));
	fixture_end(f);
}

static void
signalling_through_the_tunnel_is_refused(void **state)
{
	static const struct {
		be32 dst;
		uint8_t protocol;
		uint16_t fragment;
	} cases[] = {{INTERNAL_BROADCAST, 1, 0},
		     {X_HA, 17, 0},
		     {X_HA, 6, 0},
		     {I_HA, 17, 0},
		     {X_HA, 4, 0},
		     {X_HA, 1, IP_FLAG_MF},
		     {EXTERNAL_ADDRESS, 17, 0}};
	struct fixture *f = bound(TUNNEL_UDP_IPIP, RECIPE_REVERSE);

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		send_icmp(f, TUNNEL_UDP_IPIP, cases[i].dst, cases[i].protocol, cases[i].fragment);
		assert_drops(f, DROP_LOCAL_PROTOCOL, 1);
	}
	fixture_end(f);
}

static void
traffic_between_two_mobiles_turns_around_in_the_box(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i], RECIPE_REVERSE);
		struct recipe_spec spec = fixture_spec(TUNNEL_GRE);
		struct craft_ip outer = {
			.src = X_HA, .dst = OTHER_CARE_OF, .id = 1, .fragment = IP_FLAG_DF};
		struct craft packet, in;

		spec.home_address = OTHER_HOME;
		spec.slot = 2;
		spec.layers[0].dst = OTHER_CARE_OF;
		fixture_bind(f, &spec, 1);
		craft_plain(&packet, HOME, OTHER_HOME, 100);
		in = packet;
		tunnelled(&in, kinds[i]);
		fixture_send(f, EXTERNAL, &in);
		craft_at(&packet)[8]--;
		craft_ip_checksum(craft_at(&packet));
		craft_tunnel(&packet, TUNNEL_GRE, &outer, 0, 0);
		assert_sent(f, EXTERNAL, &packet);
		assert_int_equal(fixture_slot(f, 1).from_mobile_bytes, 100);
		assert_int_equal(fixture_slot(f, 2).to_mobile_bytes, 100);
		fixture_end(f);
	}
}

/* RFC 2784 section 3.1; the rule is GRE's alone, and behind a NAT the far end is not the mobile's alone. */
static void
gre_packet_for_the_tunnel_s_far_end_does_not_loop(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i], RECIPE_REVERSE);
		struct craft packet, outer;

		craft_plain(&packet, HOME, CARE_OF, 120);
		outer = packet;
		tunnelled(&outer, kinds[i]);
		fixture_send(f, EXTERNAL, &outer);
		if (kinds[i] == TUNNEL_GRE) {
			assert_drops(f, DROP_TUNNEL_LOOP, 1);
		} else {
			craft_at(&packet)[8]--;
			craft_ip_checksum(craft_at(&packet));
			assert_sent(f, EXTERNAL, &packet);
		}
		fixture_end(f);
	}
}

static void
tunnelled_packet_is_no_way_round_the_firewall(void **state)
{
	struct fixture *f = bound(TUNNEL_IPIP, RECIPE_REVERSE);
	struct craft packet;

	f->settings.forward_external_to_internal = false;
	fixture_settings(f);
	plain(&packet);
	tunnelled(&packet, TUNNEL_IPIP);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_IP_EXTERNAL_TO_INTERNAL, 1);
	fixture_end(f);
}

static void
mobile_s_last_hop_is_reported_to_it(void **state)
{
	struct fixture *f = bound(TUNNEL_IPIP, RECIPE_REVERSE);
	struct craft packet, seen;
	struct packet punted;

	craft_payload(&packet, 20);
	craft_ip(&packet,
		 &(struct craft_ip){.src = HOME, .dst = OFFICE_HOST, .protocol = 17, .ttl = 1});
	tunnelled(&packet, TUNNEL_IPIP);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_IP_TTL, 1);
	assert_punted(f, PUNT_ICMP_ERROR, &punted, &seen);
	assert_int_equal(punted.icmp_type, 11);
	assert_int_equal(punted.flags, PACKET_FROM_TUNNEL);
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_of_every_kind_is_let_through),
		cmocka_unit_test(tunnel_headers_may_be_cut_anywhere),
		cmocka_unit_test(fragments_of_minimal_encapsulation_come_as_ip_in_ip),
		cmocka_unit_test(kind_that_was_not_negotiated_is_refused),
		cmocka_unit_test(tunnel_that_is_not_the_binding_s_is_refused_for_its_reason),
		cmocka_unit_test(any_of_several_care_of_addresses_will_do),
		cmocka_unit_test(tunnel_to_an_address_that_is_no_agent_is_refused),
		cmocka_unit_test(keepalive_goes_to_the_control_core_with_the_tunnel_it_came_by),
		cmocka_unit_test(half_bound_keepalive_may_come_from_another_port),
		cmocka_unit_test(signalling_through_the_tunnel_is_refused),
		cmocka_unit_test(traffic_between_two_mobiles_turns_around_in_the_box),
		cmocka_unit_test(gre_packet_for_the_tunnel_s_far_end_does_not_loop),
		cmocka_unit_test(tunnelled_packet_is_no_way_round_the_firewall),
		cmocka_unit_test(mobile_s_last_hop_is_reported_to_it),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
