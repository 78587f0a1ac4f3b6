/* SPDX-License-Identifier: BSD-3-Clause */
/* ESP from the mobile: what is right is opened and let through, each wrong packet is dropped for its own
 * reason, and nothing but authentic packets moves the window. */
#include "tests/unit/dataplane/vpn.h"

static struct vpn
client(enum esp_suite suite, be16 port_be)
{
	return (struct vpn){.suite = suite, .tia = TIA, .peer = CARE_OF, .peer_port_be = port_be};
}

struct scene {
	struct fixture *f;
	struct vpn vpn;
};

static struct scene
scene(unsigned workers, struct vpn vpn)
{
	struct scene s = {.f = fixture_new(workers), .vpn = vpn};

	vpn_connect(s.f, &s.vpn, 0);
	return s;
}

static void
scene_end(struct scene *s)
{
	vpn_close(&s->vpn);
	fixture_end(s->f);
}

static void
delivered(struct fixture *f, struct craft *packet)
{
	craft_at(packet)[8]--;
	craft_ip_checksum(craft_at(packet));
	assert_sent(f, INTERNAL, packet);
}

static void
sealed_packet_is_opened_with_every_suite(void **state)
{
	for (unsigned suite = 0; suite < ESP_SUITE_COUNT; suite++)
		for (unsigned variant = 0; variant < 4; variant++) {
			struct vpn vpn = client((enum esp_suite)suite,
						variant & 1 ? htobe16(MOBILE_PORT) : 0);
			struct scene s;
			struct craft packet, outer;

			vpn.is_esn = (variant & 2) != 0;
			s = scene(1, vpn);
			for (uint32_t len = 60; len < 90; len++) {
				craft_plain(&packet, TIA, OFFICE_HOST, len);
				outer = packet;
				vpn_seal(&s.vpn, &outer);
				fixture_send(s.f, EXTERNAL, &outer);
				delivered(s.f, &packet);
			}
			assert_int_equal(s.vpn.inbound->packets, 30);
			scene_end(&s);
		}
}

static void
packet_may_be_cut_anywhere(void **state)
{
	struct scene s = scene(1, client(ESP_AES128_CBC_SHA1_96, htobe16(MOBILE_PORT)));

	for (uint32_t cut = 1; cut < 130; cut++) {
		struct craft packet, outer;

		craft_plain(&packet, TIA, OFFICE_HOST, 300);
		outer = packet;
		vpn_seal(&s.vpn, &outer);
		craft_ethernet(&outer, port_macs[EXTERNAL], 0x0800);
		fixture_send_frame(s.f, 0, EXTERNAL, &outer, cut, 1 + cut % 13);
		fixture_run(s.f);
		delivered(s.f, &packet);
	}
	scene_end(&s);
}

/* Seals a packet as number `seq`, sends it, and expects it to arrive or to be dropped for a reason. */
static void
sends(struct scene *s, uint64_t seq, enum drop_reason reason)
{
	struct craft packet, outer;

	craft_plain(&packet, TIA, OFFICE_HOST, 100);
	outer = packet;
	vpn_seal_as(&s->vpn, &outer, seq, s->vpn.peer);
	fixture_send(s->f, EXTERNAL, &outer);
	if (reason == DROP_REASON_COUNT)
		delivered(s->f, &packet);
	else
		assert_drops(s->f, reason, 1);
}

static void
every_sequence_number_is_taken_once(void **state)
{
	static const struct {
		uint64_t seq;
		enum drop_reason reason;
	} cases[] = {
		{0, DROP_ESP_REPLAY},	   {1, DROP_REASON_COUNT},	    {1, DROP_ESP_REPLAY},
		{3, DROP_REASON_COUNT},	   {2, DROP_REASON_COUNT},	    {2, DROP_ESP_REPLAY},
		{5000, DROP_REASON_COUNT}, {4999, DROP_REASON_COUNT},	    {3000, DROP_ESP_REPLAY},
		{5000, DROP_ESP_REPLAY},   {UINT32_MAX, DROP_REASON_COUNT}, {5001, DROP_ESP_REPLAY},
	};
	struct scene s = scene(1, client(ESP_AES128_GCM16, 0));

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++)
		sends(&s, cases[i].seq, cases[i].reason);
	scene_end(&s);
}

static void
two_of_a_number_in_one_burst_are_one(void **state)
{
	struct scene s = scene(1, client(ESP_AES128_GCM16, 0));
	struct craft packet, outer;

	craft_plain(&packet, TIA, OFFICE_HOST, 100);
	outer = packet;
	vpn_seal(&s.vpn, &outer);
	fixture_send_to(s.f, 0, EXTERNAL, &outer);
	fixture_send_to(s.f, 0, EXTERNAL, &outer);
	fixture_run(s.f);
	delivered(s.f, &packet);
	assert_drops(s.f, DROP_ESP_REPLAY, 1);
	scene_end(&s);
}

static void
forgeries_are_dropped_and_move_no_window(void **state)
{
	struct scene s = scene(1, client(ESP_AES128_GCM16, 0));
	struct craft packet;

	sends(&s, 1, DROP_REASON_COUNT);
	for (uint32_t at = 24; at < 20 + 8 + 8 + 100; at += 5) {
		craft_plain(&packet, TIA, OFFICE_HOST, 100);
		vpn_seal_as(&s.vpn, &packet, 100000, s.vpn.peer);
		craft_at(&packet)[at] ^= 1;
		fixture_send(s.f, EXTERNAL, &packet);
		assert_drops(s.f, DROP_ESP_INTEGRITY, 1);
	}
	assert_int_equal(s.vpn.inbound->window.top, 1);
	assert_int_equal(s.vpn.inbound->packets, 1);
	sends(&s, 2, DROP_REASON_COUNT);
	scene_end(&s);
}

static void
unknown_spis_are_dropped(void **state)
{
	static const uint32_t flips[] = {1, FIXTURE_SAS, 0x80000000, 5};
	struct scene s = scene(1, client(ESP_AES128_GCM16, 0));
	be32 right = s.vpn.spi_be;

	for (unsigned i = 0; i < ARRAY_COUNT(flips); i++) {
		s.vpn.spi_be = right ^ htobe32(flips[i]);
		sends(&s, 1, DROP_ESP_NO_SA);
	}
	scene_end(&s);
}

static void
source_that_is_not_the_tia_is_dropped(void **state)
{
	static const be32 sources[] = {OTHER_TIA, INTERNET_HOST, OFFICE_HOST, HOME};
	struct scene s = scene(1, client(ESP_AES128_GCM16, 0));

	for (unsigned i = 0; i < ARRAY_COUNT(sources); i++) {
		struct craft packet;

		craft_plain(&packet, sources[i], OFFICE_HOST, 100);
		vpn_seal(&s.vpn, &packet);
		fixture_send(s.f, EXTERNAL, &packet);
		assert_drops(s.f, DROP_ESP_SELECTOR, 1);
	}
	scene_end(&s);
}

static void
plain_packet_of_a_tia_is_dropped_on_every_port(void **state)
{
	struct scene s = scene(1, client(ESP_AES128_GCM16, 0));

	for (uint8_t port = 0; port < 2; port++) {
		struct craft packet;

		craft_plain(&packet, TIA, OFFICE_HOST, 100);
		fixture_send(s.f, port, &packet);
		assert_drops(s.f, DROP_ESP_PLAIN, 1);
	}
	scene_end(&s);
}

static void
new_outer_address_is_taken_note_of_when_authentic_and_newest(void **state)
{
	struct scene s = scene(1, client(ESP_AES128_GCM16, htobe16(MOBILE_PORT)));
	union sa_peer seen;
	struct craft packet;

	sends(&s, 5, DROP_REASON_COUNT);
	s.vpn.peer_port_be = htobe16(7777);
	craft_plain(&packet, TIA, OFFICE_HOST, 100);
	vpn_seal_as(&s.vpn, &packet, 4, OTHER_CARE_OF); /* delayed, not newest */
	fixture_send(s.f, EXTERNAL, &packet);
	assert_true(fixture_sent(s.f, INTERNAL, &packet));
	seen.word = s.vpn.inbound->seen_peer;
	assert_int_equal(seen.address, CARE_OF);
	assert_int_equal(be16toh(seen.port_be), MOBILE_PORT);
	craft_plain(&packet, TIA, OFFICE_HOST, 100);
	vpn_seal_as(&s.vpn, &packet, 6, OTHER_CARE_OF);
	fixture_send(s.f, EXTERNAL, &packet);
	assert_true(fixture_sent(s.f, INTERNAL, &packet));
	seen.word = s.vpn.inbound->seen_peer;
	assert_int_equal(seen.address, OTHER_CARE_OF);
	assert_int_equal(be16toh(seen.port_be), 7777);
	scene_end(&s);
}

static void
dummies_are_dropped_in_silence(void **state)
{
	struct scene s = scene(1, client(ESP_NULL_SHA1_96, 0));
	struct craft packet;

	s.vpn.is_dummy = true;
	craft_payload(&packet, 62);
	vpn_seal(&s.vpn, &packet);
	fixture_send(s.f, EXTERNAL, &packet);
	assert_drops(s.f, DROP_ESP_DUMMY, 1);
	scene_end(&s);
}

static void
what_is_no_packet_inside_is_dropped(void **state)
{
	struct scene s = scene(1, client(ESP_AES128_GCM16, 0));
	struct craft packet;

	craft_payload(&packet, 62);
	vpn_seal(&s.vpn, &packet);
	fixture_send(s.f, EXTERNAL, &packet);
	assert_drops(s.f, DROP_ESP_INNER_INVALID, 1);
	scene_end(&s);
}

static void
padding_behind_the_packet_is_cut(void **state)
{
	struct scene s = scene(1, client(ESP_AES128_GCM16, 0));
	struct craft packet, padded;
	static const uint8_t zeros[200];

	craft_plain(&packet, TIA, OFFICE_HOST, 100);
	padded.len = 0;
	craft_bytes(&padded, zeros, sizeof(zeros)); /* RFC 4303 section 2.7 */
	craft_bytes(&padded, craft_at(&packet), packet.len);
	vpn_seal(&s.vpn, &padded);
	fixture_send(s.f, EXTERNAL, &padded);
	delivered(s.f, &packet);
	scene_end(&s);
}

/* Through all three layers: x-HA tunnel, ESP, i-HA tunnel. */
static void
bind_all(struct scene *s)
{
	struct recipe_spec x_ha = fixture_spec(TUNNEL_UDP_IPIP), i_ha = fixture_spec(TUNNEL_IPIP);

	x_ha.home_address = X_HOME;
	fixture_bind(s->f, &x_ha, 1);
	i_ha.flags |= RECIPE_INTERNAL;
	i_ha.slot = 2;
	i_ha.layers[0].src = I_HA;
	i_ha.layers[0].dst = TIA;
	vpn_layer(&s->vpn, &i_ha);
	i_ha.layers[2] = x_ha.layers[0];
	i_ha.layer_count = 3;
	fixture_bind(s->f, &i_ha, 1);
	atomic_store(&s->vpn.inbound->via_home_address, X_HOME);
}

static void
nested(struct scene *s, struct craft *packet)
{
	craft_tunnel(packet, TUNNEL_IPIP, &(struct craft_ip){.src = TIA, .dst = I_HA}, 0, 0);
	vpn_seal(&s->vpn, packet);
	craft_tunnel(packet, TUNNEL_UDP_IPIP, &(struct craft_ip){.src = CARE_OF, .dst = X_HA},
		     MOBILE_PORT, 434);
}

static void
three_layers_are_taken_off(void **state)
{
	for (unsigned workers = 1; workers <= 3; workers++) {
		struct vpn vpn = client(ESP_AES128_GCM16, htobe16(ESP_UDP_PORT));
		struct scene s;
		struct craft packet, outer;

		vpn.peer = X_HOME;
		s = scene(workers, vpn);
		bind_all(&s);
		for (unsigned i = 0; i < 12; i++) {
			craft_plain(&packet, HOME, OFFICE_HOST, 100 + i);
			outer = packet;
			nested(&s, &outer);
			fixture_send_to(s.f, i % workers, EXTERNAL, &outer);
			fixture_run(s.f);
			delivered(s.f, &packet);
		}
		assert_int_equal(fixture_slot(s.f, 2).from_mobile_packets, 12);
		scene_end(&s);
	}
}

static void
layers_that_do_not_belong_together_are_dropped(void **state)
{
	struct vpn vpn = client(ESP_AES128_GCM16, htobe16(ESP_UDP_PORT));
	struct recipe_spec other = fixture_spec(TUNNEL_UDP_IPIP);
	struct craft packet;
	struct scene s;

	vpn.peer = X_HOME;
	s = scene(1, vpn);
	bind_all(&s);
	/* ESP without the x-HA tunnel */
	craft_plain(&packet, TIA, OFFICE_HOST, 100);
	vpn_seal(&s.vpn, &packet);
	fixture_send(s.f, EXTERNAL, &packet);
	assert_drops(s.f, DROP_ESP_WRONG_TUNNEL, 1);
	/* in another mobile's tunnel */
	other.home_address = OTHER_HOME;
	fixture_bind(s.f, &other, 1);
	craft_plain(&packet, TIA, OFFICE_HOST, 100);
	vpn_seal_as(&s.vpn, &packet, 9, OTHER_HOME);
	craft_tunnel(&packet, TUNNEL_UDP_IPIP, &(struct craft_ip){.src = CARE_OF, .dst = X_HA},
		     MOBILE_PORT, 434);
	fixture_send(s.f, EXTERNAL, &packet);
	assert_drops(s.f, DROP_ESP_WRONG_TUNNEL, 1);
	/* the i-HA tunnel of a sealed binding, from a port inside */
	craft_plain(&packet, HOME, OFFICE_HOST, 100);
	craft_tunnel(&packet, TUNNEL_IPIP, &(struct craft_ip){.src = INTERNAL_CARE_OF, .dst = I_HA},
		     0, 0);
	fixture_send(s.f, INTERNAL, &packet);
	assert_drops(s.f, DROP_TUNNEL_WRONG_SOURCE, 1);
	scene_end(&s);
}

static void
registration_out_of_an_association_is_an_insiders(void **state)
{
	struct scene s = scene(1, client(ESP_AES128_GCM16, 0));
	struct packet punted;
	struct craft packet, seen;

	craft_payload(&packet, 40);
	craft_at(&packet)[0] = 1;
	craft_udp(&packet, 5000, 434);
	craft_ip(&packet, &(struct craft_ip){.src = TIA, .dst = I_HA, .protocol = 17});
	seen = packet;
	vpn_seal(&s.vpn, &packet);
	fixture_send(s.f, EXTERNAL, &packet);
	assert_punted(s.f, PUNT_REGISTRATION_INTERNAL, &punted, &seen);
	assert_int_equal(punted.origin, ORIGIN_VPN);
	scene_end(&s);
}

static void
split_tunnel_lets_its_networks_and_the_i_ha_through(void **state)
{
	struct scene s = scene(1, client(ESP_AES128_GCM16, 0));
	struct sa *sa = s.vpn.inbound;
	struct packet punted;
	struct craft packet, seen;

	sa->flags &= (uint8_t)~SA_ANY_REMOTE;
	sa->remote_count = sa->local_count = 1;
	*sa_remote(sa) =
		(struct traffic_selector){be32toh(TIA), be32toh(TIA), 0, UINT16_MAX, 0, {0}};
	*sa_local(sa) = (struct traffic_selector){
		be32toh(OFFICE_HOST), be32toh(OFFICE_HOST), 0, UINT16_MAX, 0, {0}};
	sends(&s, 1, DROP_REASON_COUNT);
	craft_plain(&packet, TIA, INTERNET_HOST, 100);
	vpn_seal_as(&s.vpn, &packet, 2, CARE_OF);
	fixture_send(s.f, EXTERNAL, &packet);
	assert_drops(s.f, DROP_ESP_SELECTOR, 1);
	for (unsigned i = 0; i < 2; i++) {
		craft_payload(&packet, 40);
		craft_at(&packet)[0] = 1;
		craft_udp(&packet, 5000, i == 0 ? 434 : 435);
		craft_ip(&packet, &(struct craft_ip){.src = TIA, .dst = I_HA, .protocol = 17});
		seen = packet;
		vpn_seal_as(&s.vpn, &packet, 3 + i, CARE_OF);
		fixture_send(s.f, EXTERNAL, &packet);
		if (i == 0)
			assert_punted(s.f, PUNT_REGISTRATION_INTERNAL, &punted, &seen);
		else
			assert_drops(s.f, DROP_ESP_SELECTOR, 1);
	}
	scene_end(&s);
}

static void
mobiles_talk_to_each_other_through_the_box(void **state)
{
	struct scene s = scene(1, client(ESP_AES128_GCM16, 0));
	struct vpn other = client(ESP_AES256_CBC_SHA256_128, 0);
	struct recipe_spec spec;
	struct craft packet, outer, seen;

	other.tia = OTHER_TIA;
	other.peer = OTHER_CARE_OF;
	vpn_connect(s.f, &other, 2);
	spec = vpn_spec(&other);
	fixture_bind(s.f, &spec, 1);
	craft_plain(&packet, TIA, OTHER_TIA, 100);
	outer = packet;
	vpn_seal(&s.vpn, &outer);
	fixture_send(s.f, EXTERNAL, &outer);
	assert_true(fixture_sent(s.f, EXTERNAL, &seen));
	vpn_open(&other, &seen, 1);
	craft_at(&packet)[8]--;
	craft_ip_checksum(craft_at(&packet));
	assert_same(&seen, &packet);
	vpn_close(&other);
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealed_packet_is_opened_with_every_suite),
		cmocka_unit_test(packet_may_be_cut_anywhere),
		cmocka_unit_test(every_sequence_number_is_taken_once),
		cmocka_unit_test(two_of_a_number_in_one_burst_are_one),
		cmocka_unit_test(forgeries_are_dropped_and_move_no_window),
		cmocka_unit_test(unknown_spis_are_dropped),
		cmocka_unit_test(source_that_is_not_the_tia_is_dropped),
		cmocka_unit_test(plain_packet_of_a_tia_is_dropped_on_every_port),
		cmocka_unit_test(new_outer_address_is_taken_note_of_when_authentic_and_newest),
		cmocka_unit_test(dummies_are_dropped_in_silence),
		cmocka_unit_test(what_is_no_packet_inside_is_dropped),
		cmocka_unit_test(padding_behind_the_packet_is_cut),
		cmocka_unit_test(three_layers_are_taken_off),
		cmocka_unit_test(layers_that_do_not_belong_together_are_dropped),
		cmocka_unit_test(registration_out_of_an_association_is_an_insiders),
		cmocka_unit_test(split_tunnel_lets_its_networks_and_the_i_ha_through),
		cmocka_unit_test(mobiles_talk_to_each_other_through_the_box),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
