/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets that are sealed on their way to the mobile: one, two and three layers, each opened as the client
 * does it; limits of the security association; several workers. */
#include "tests/unit/dataplane/vpn.h"

static struct vpn
client(enum esp_suite suite, be16 port_be)
{
	return (struct vpn){.suite = suite, .tia = TIA, .peer = CARE_OF, .peer_port_be = port_be};
}

/* What the office sends to a host, and what is to arrive there: one less to live. */
static void
office_packet(struct craft *packet, be32 dst, uint32_t len, struct craft *arrives)
{
	craft_plain(packet, OFFICE_HOST, dst, len);
	*arrives = *packet;
	craft_at(arrives)[8]--;
	craft_ip_checksum(craft_at(arrives));
}

static void
packet_to_the_tia_is_sealed_with_every_suite(void **state)
{
	for (unsigned suite = 0; suite < ESP_SUITE_COUNT; suite++)
		for (unsigned variant = 0; variant < 4; variant++) {
			struct fixture *f = fixture_new(1);
			struct vpn vpn = client((enum esp_suite)suite,
						variant & 1 ? htobe16(MOBILE_PORT) : 0);
			struct recipe_spec spec;
			struct craft packet, arrives, seen;

			vpn.is_esn = (variant & 2) != 0;
			vpn_connect(f, &vpn, 0);
			spec = vpn_spec(&vpn);
			fixture_bind(f, &spec, 1);
			for (uint64_t seq = 1; seq <= 40; seq++) {
				office_packet(&packet, TIA, (uint32_t)(60 + seq), &arrives);
				fixture_send(f, INTERNAL, &packet);
				assert_true(fixture_sent(f, EXTERNAL, &seen));
				vpn_open(&vpn, &seen, seq);
				assert_same(&seen, &arrives);
			}
			assert_int_equal(vpn.outbound->packets, 40);
			vpn_close(&vpn);
			fixture_end(f);
		}
}

/* The i-HA's tunnel to the TIA, sealed; and the x-HA's to the care-of address when the client is at an
 * x-HoA. */
static struct recipe_spec
nested_spec(struct vpn *vpn)
{
	struct recipe_spec spec = fixture_spec(TUNNEL_IPIP);

	spec.flags |= RECIPE_INTERNAL;
	spec.layers[0].src = I_HA;
	spec.layers[0].dst = vpn->tia;
	vpn_layer(vpn, &spec);
	if (vpn->peer == X_HOME) {
		spec.layers[2] = fixture_spec(TUNNEL_UDP_IPIP).layers[0];
		spec.layer_count = 3;
	}
	return spec;
}

static void
three_layers_leave_as_one_packet(void **state)
{
	static const uint8_t data[4] = {4, 4, 0, 0};
	struct fixture *f = fixture_new(1);
	struct vpn vpn = client(ESP_AES128_GCM16, htobe16(ESP_UDP_PORT));
	struct recipe_spec spec;
	struct craft packet, arrives, seen;

	vpn.peer = X_HOME;
	vpn_connect(f, &vpn, 0);
	spec = nested_spec(&vpn);
	fixture_bind(f, &spec, 1);
	for (uint32_t len = 60; len < 110; len++) {
		be32 dst = CARE_OF;

		office_packet(&packet, HOME, len, &arrives);
		fixture_send(f, INTERNAL, &packet);
		assert_true(fixture_sent(f, EXTERNAL, &seen));
		assert_memory_equal(craft_at(&seen) + 16, &dst, 4);
		assert_int_equal(craft_at(&seen)[2] << 8 | craft_at(&seen)[3], seen.len);
		assert_int_equal(craft_at(&seen)[24] << 8 | craft_at(&seen)[25], seen.len - 20);
		assert_memory_equal(craft_at(&seen) + 28, data, 4);
		seen.len -= 32;
		vpn_open(&vpn, &seen, len - 59);
		vpn_strip_ipip(&seen, I_HA, TIA);
		assert_same(&seen, &arrives);
	}
	vpn_close(&vpn);
	fixture_end(f);
}

static void
packet_that_just_fits_fills_the_link(void **state)
{
	struct fixture *f = fixture_new(1);
	struct vpn vpn = client(ESP_AES128_GCM16, 0);
	struct recipe_spec spec;
	struct craft packet, arrives, seen;
	struct packet punted;

	vpn.peer = X_HOME;
	vpn_connect(f, &vpn, 0);
	spec = nested_spec(&vpn);
	spec.layers[2].kind = TUNNEL_IPIP;
	fixture_bind(f, &spec, 1);
	/* requirements A3, mode cvc with AES-GCM: 1406 */
	office_packet(&packet, HOME, 1406, &arrives);
	fixture_send(f, INTERNAL, &packet);
	assert_true(fixture_sent(f, EXTERNAL, &seen));
	assert_int_equal(seen.len, FIXTURE_MTU);
	office_packet(&packet, HOME, 1407, &arrives);
	craft_at(&packet)[6] = 0x40;
	craft_ip_checksum(craft_at(&packet));
	fixture_send(f, INTERNAL, &packet);
	assert_punted(f, PUNT_ICMP_ERROR, &punted, &seen);
	assert_int_equal(punted.mtu, 1406);
	assert_drops(f, DROP_IP_TOO_BIG, 1);
	vpn_close(&vpn);
	fixture_end(f);
}

static void
packet_in_pieces_is_sealed(void **state)
{
	struct fixture *f = fixture_new(1);
	struct vpn vpn = client(ESP_AES256_CBC_SHA256_128, 0);
	struct recipe_spec spec;
	struct craft packet, arrives, seen;

	vpn_connect(f, &vpn, 0);
	spec = vpn_spec(&vpn);
	fixture_bind(f, &spec, 1);
	for (uint32_t cut = 40; cut < 300; cut += 7) {
		office_packet(&packet, TIA, 300, &arrives);
		craft_ethernet(&packet, port_macs[INTERNAL], 0x0800);
		fixture_send_frame(f, 0, INTERNAL, &packet, cut, 1 + cut % 31);
		fixture_run(f);
		assert_true(fixture_sent(f, EXTERNAL, &seen));
		vpn_open(&vpn, &seen, vpn.outbound->seq);
		assert_same(&seen, &arrives);
	}
	vpn_close(&vpn);
	fixture_end(f);
}

static void
sequence_numbers_and_lifetimes_end_an_association(void **state)
{
	static const struct {
		uint64_t seq, hard_packets, hard_bytes;
		bool is_esn;
		enum drop_reason reason;
	} cases[] = {
		{SA_SEQ_MAX, UINT64_MAX, UINT64_MAX, false, DROP_ESP_EXHAUSTED},
		{SA_SEQ_MAX, UINT64_MAX, UINT64_MAX, true, DROP_REASON_COUNT},
		{SA_SEQ_MAX_ESN, UINT64_MAX, UINT64_MAX, true, DROP_ESP_EXHAUSTED},
		{5, 0, UINT64_MAX, false, DROP_ESP_LIFETIME},
		{5, UINT64_MAX, 0, false, DROP_ESP_LIFETIME},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fixture *f = fixture_new(1);
		struct vpn vpn = client(ESP_AES128_GCM16, 0);
		struct craft packet, arrives, seen;
		struct recipe_spec spec;

		vpn.is_esn = cases[i].is_esn;
		vpn_connect(f, &vpn, 0);
		vpn.outbound->seq = cases[i].seq;
		vpn.outbound->hard_packets = cases[i].hard_packets;
		vpn.outbound->hard_bytes = cases[i].hard_bytes;
		spec = vpn_spec(&vpn);
		fixture_bind(f, &spec, 1);
		office_packet(&packet, TIA, 100, &arrives);
		fixture_send(f, INTERNAL, &packet);
		if (cases[i].reason == DROP_REASON_COUNT) {
			assert_true(fixture_sent(f, EXTERNAL, &seen));
			vpn_open(&vpn, &seen, cases[i].seq + 1);
		} else {
			assert_drops(f, cases[i].reason, 1);
		}
		vpn_close(&vpn);
		fixture_end(f);
	}
}

static void
one_worker_numbers_all_packets_of_an_association(void **state)
{
	struct fixture *f = fixture_new(3);
	struct vpn vpn = client(ESP_AES128_GCM16, 0);
	struct craft packet, arrives, seen;
	struct recipe_spec spec;
	bool was_seen[31] = {false};

	vpn_connect(f, &vpn, 0);
	spec = vpn_spec(&vpn);
	fixture_bind(f, &spec, 1);
	for (unsigned i = 0; i < 30; i++) {
		office_packet(&packet, TIA, 100, &arrives);
		fixture_send_to(f, (i + 1) % 3, INTERNAL, &packet);
	}
	fixture_run(f);
	while (fixture_sent(f, EXTERNAL, &seen)) {
		unsigned seq = craft_at(&seen)[27];

		assert_in_range(seq, 1, 30);
		assert_false(was_seen[seq]);
		was_seen[seq] = true;
		vpn_open(&vpn, &seen, seq);
		assert_same(&seen, &arrives);
	}
	assert_int_equal(vpn.outbound->packets, 30);
	vpn_close(&vpn);
	fixture_end(f);
}

/* Two clients, of which the second's outbound SA is the second worker's. */
static void
two_clients(struct fixture *f, struct vpn *first, struct vpn *second)
{
	*first = *second = client(ESP_AES128_GCM16, 0);
	second->tia = OTHER_TIA;
	second->peer = OTHER_CARE_OF;
	vpn_connect(f, first, 0);
	vpn_connect(f, second, 2);
	atomic_store(&second->outbound->owner, 1);
}

/* Each of the two got its first packet, this one, from the i-HA. */
static void
both_get(struct fixture *f, struct vpn *first, struct vpn *second, struct craft *arrives)
{
	struct craft seen;
	unsigned count = 0;

	for (; fixture_sent(f, EXTERNAL, &seen); count++) {
		bool is_first = memcmp(craft_at(&seen) + 16, &first->peer, 4) == 0;
		struct vpn *vpn = is_first ? first : second;

		vpn_open(vpn, &seen, 1);
		vpn_strip_ipip(&seen, I_HA, vpn->tia);
		assert_same(&seen, arrives);
	}
	assert_int_equal(count, 2);
	vpn_close(first);
	vpn_close(second);
}

static void
copies_are_sealed_each_by_its_own_association(void **state)
{
	struct fixture *f = fixture_new(2);
	struct vpn first, second;
	struct recipe_spec specs[2];
	struct craft packet, arrives;

	two_clients(f, &first, &second);
	specs[0] = nested_spec(&first);
	specs[1] = nested_spec(&second);
	fixture_bind(f, specs, 2);
	office_packet(&packet, HOME, 100, &arrives);
	fixture_send(f, INTERNAL, &packet);
	both_get(f, &first, &second, &arrives);
	fixture_end(f);
}

/* While a copy waits for the worker that owns its SA, a rekey puts another SA in its place, which is another
 * worker's. */
static void
copy_is_sealed_by_the_owner_of_the_association_that_is_there_now(void **state)
{
	struct fixture *f = fixture_new(2);
	struct vpn first, second, rekeyed;
	struct recipe_spec specs[2];
	struct craft packet, arrives;

	two_clients(f, &first, &second);
	rekeyed = second;
	vpn_connect(f, &rekeyed, 4);
	specs[0] = nested_spec(&first);
	specs[1] = nested_spec(&second);
	fixture_bind(f, specs, 2);
	atomic_store(&rekeyed.outbound->owner, 0);
	office_packet(&packet, HOME, 100, &arrives);
	fixture_send_to(f, 0, INTERNAL, &packet);
	worker_round(f->workers[0]);
	specs[1] = nested_spec(&rekeyed);
	fixture_bind(f, specs, 2);
	fixture_run(f);
	both_get(f, &first, &rekeyed, &arrives);
	assert_int_equal(f->workers[1]->counters.handovers, 1);
	vpn_close(&second);
	fixture_end(f);
}

static void
copies_go_round_a_tunnel_that_is_not_open_yet(void **state)
{
	struct fixture *f = fixture_new(2);
	struct vpn first, second;
	struct recipe_spec specs[3];
	struct craft packet, arrives;

	two_clients(f, &first, &second);
	specs[0] = fixture_spec(TUNNEL_UDP_IPIP);
	specs[0].flags |= RECIPE_HALF_BOUND;
	specs[1] = nested_spec(&first);
	specs[2] = nested_spec(&second);
	fixture_bind(f, specs, 3);
	office_packet(&packet, HOME, 100, &arrives);
	fixture_send(f, INTERNAL, &packet);
	both_get(f, &first, &second, &arrives);
	fixture_end(f);
}

static void
traffic_that_was_not_selected_is_not_sealed(void **state)
{
	struct fixture *f = fixture_new(1);
	struct vpn vpn = client(ESP_AES128_GCM16, 0);
	struct craft packet, arrives, seen;
	struct recipe_spec spec;
	struct sa *sa;

	vpn_connect(f, &vpn, 0);
	sa = vpn.outbound;
	sa->flags &= (uint8_t)~SA_ANY_REMOTE;
	sa->remote_count = sa->local_count = 1;
	*sa_remote(sa) =
		(struct traffic_selector){be32toh(TIA), be32toh(TIA), 0, UINT16_MAX, 0, {0}};
	*sa_local(sa) = (struct traffic_selector){
		be32toh(OFFICE_HOST), be32toh(OFFICE_HOST), 40000, 50000, IP_PROTOCOL_UDP, {0}};
	spec = vpn_spec(&vpn);
	fixture_bind(f, &spec, 1);
	craft_payload(&packet, 20);
	craft_udp(&packet, 40000, 7);
	craft_ip(&packet, &(struct craft_ip){.src = OFFICE_HOST, .dst = TIA, .protocol = 17});
	fixture_send(f, INTERNAL, &packet);
	assert_true(fixture_sent(f, EXTERNAL, &seen));
	craft_payload(&packet, 20);
	craft_udp(&packet, 39999, 7);
	craft_ip(&packet, &(struct craft_ip){.src = OFFICE_HOST, .dst = TIA, .protocol = 17});
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_ESP_NO_POLICY, 1);
	/* RFC 4301 section 7.1: what has no ports is for selectors of any port */
	craft_payload(&packet, 20);
	craft_ip(&packet,
		 &(struct craft_ip){.src = OFFICE_HOST, .dst = TIA, .protocol = 17, .fragment = 2});
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_ESP_NO_POLICY, 1);
	office_packet(&packet, TIA, 100, &arrives);
	memcpy(craft_at(&packet) + 12, &(be32){ADDRESS(10, 2, 0, 2)}, 4);
	craft_ip_checksum(craft_at(&packet));
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_ESP_NO_POLICY, 1);
	vpn_close(&vpn);
	fixture_end(f);
}

static void
df_outside_is_copied_set_or_cleared(void **state)
{
	static const struct {
		uint8_t df, inner, outer;
	} cases[] = {
		{RECIPE_DF_COPY, 0x40, 0x40}, {RECIPE_DF_COPY, 0, 0},
		{RECIPE_DF_SET, 0x40, 0x40},  {RECIPE_DF_SET, 0, 0x40},
		{RECIPE_DF_CLEAR, 0x40, 0},   {RECIPE_DF_CLEAR, 0, 0},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fixture *f = fixture_new(1);
		struct vpn vpn = client(ESP_AES128_GCM16, 0);
		struct craft packet, arrives, seen;
		struct recipe_spec spec;

		vpn_connect(f, &vpn, 0);
		spec = vpn_spec(&vpn);
		spec.seal.df = cases[i].df;
		fixture_bind(f, &spec, 1);
		office_packet(&packet, TIA, 100, &arrives);
		craft_at(&packet)[6] = craft_at(&arrives)[6] = cases[i].inner;
		craft_ip_checksum(craft_at(&packet));
		craft_ip_checksum(craft_at(&arrives));
		fixture_send(f, INTERNAL, &packet);
		assert_true(fixture_sent(f, EXTERNAL, &seen));
		assert_int_equal(craft_at(&seen)[6] & 0x40, cases[i].outer);
		vpn_open(&vpn, &seen, 1);
		assert_same(&seen, &arrives);
		vpn_close(&vpn);
		fixture_end(f);
	}
}

static void
outsiders_do_not_reach_a_tia(void **state)
{
	struct fixture *f = fixture_new(1);
	struct vpn vpn = client(ESP_AES128_GCM16, 0);
	struct recipe_spec spec;
	struct craft packet;

	vpn_connect(f, &vpn, 0);
	spec = vpn_spec(&vpn);
	fixture_bind(f, &spec, 1);
	craft_plain(&packet, INTERNET_HOST, TIA, 100);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_IP_EXTERNAL_TO_INTERNAL, 1);
	vpn_close(&vpn);
	fixture_end(f);
}

static void
sealed_packet_is_cut_when_the_configuration_says_so(void **state)
{
	struct fixture *f = fixture_new(1);
	struct vpn vpn = client(ESP_AES128_GCM16, 0);
	struct craft packet, arrives, seen;
	struct recipe_spec spec;

	vpn_connect(f, &vpn, 0);
	spec = vpn_spec(&vpn);
	spec.seal.cut_after = true;
	fixture_bind(f, &spec, 1);
	office_packet(&packet, TIA, 1490, &arrives);
	fixture_send(f, INTERNAL, &packet);
	assert_true(fixture_sent(f, EXTERNAL, &seen));
	assert_int_equal(craft_at(&seen)[9], 50);
	assert_int_equal(craft_at(&seen)[6] & 0x20, 0x20);
	assert_true(fixture_sent(f, EXTERNAL, &seen));
	assert_int_equal(craft_at(&seen)[9], 50);
	assert_int_equal(craft_at(&seen)[6] & 0x20, 0);
	vpn_close(&vpn);
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_to_the_tia_is_sealed_with_every_suite),
		cmocka_unit_test(three_layers_leave_as_one_packet),
		cmocka_unit_test(packet_that_just_fits_fills_the_link),
		cmocka_unit_test(packet_in_pieces_is_sealed),
		cmocka_unit_test(sequence_numbers_and_lifetimes_end_an_association),
		cmocka_unit_test(one_worker_numbers_all_packets_of_an_association),
		cmocka_unit_test(copies_are_sealed_each_by_its_own_association),
		cmocka_unit_test(copy_is_sealed_by_the_owner_of_the_association_that_is_there_now),
		cmocka_unit_test(copies_go_round_a_tunnel_that_is_not_open_yet),
		cmocka_unit_test(traffic_that_was_not_selected_is_not_sealed),
		cmocka_unit_test(df_outside_is_copied_set_or_cleared),
		cmocka_unit_test(outsiders_do_not_reach_a_tia),
		cmocka_unit_test(sealed_packet_is_cut_when_the_configuration_says_so),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
