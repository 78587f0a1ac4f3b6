/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP connections begin with segment sizes that fit the mobile's tunnel, in both directions. */
#include "tests/unit/dataplane/vpn.h"

#include "dataplane/clamp.h"

#define SYN 0x02
#define SYN_ACK 0x12
#define INNER_MTU (FIXTURE_MTU - 20) /* of an IP-in-IP tunnel */

static struct fixture *
bound(bool is_clamping)
{
	struct fixture *f = fixture_new(1);
	struct recipe_spec spec = fixture_spec(TUNNEL_IPIP);

	fixture_bind(f, &spec, 1);
	f->settings.forward_external_to_internal = true;
	f->settings.mss_clamp = is_clamping;
	fixture_settings(f);
	return f;
}

/* A segment whose options are a NOP-aligned window scale, the MSS, and two NOPs; its checksum is right. */
static void
segment(struct craft *packet, be32 src, be32 dst, uint8_t flags, uint16_t mss)
{
	uint8_t tcp[32] = {0x30, 0x39, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0x80, 0, 0xff, 0xff};
	uint8_t pseudo[12] = {0};
	uint16_t sum;

	tcp[13] = flags;
	memcpy(tcp + 20,
	       (uint8_t[]){1, 3, 3, 7, 2, 4, (uint8_t)(mss >> 8), (uint8_t)mss, 1, 1, 1, 1}, 12);
	craft_payload(packet, 4);
	craft_bytes(packet, tcp, sizeof(tcp));
	memcpy(pseudo, &src, 4);
	memcpy(pseudo + 4, &dst, 4);
	pseudo[9] = 6;
	pseudo[11] = (uint8_t)packet->len;
	sum = craft_sum((uint16_t)~craft_sum(0, pseudo, 12), craft_at(packet), packet->len);
	craft_at(packet)[16] = (uint8_t)(sum >> 8);
	craft_at(packet)[17] = (uint8_t)sum;
	craft_ip(packet, &(struct craft_ip){.src = src,
					    .dst = dst,
					    .protocol = 6,
					    .id = 0x1234,
					    .fragment = IP_FLAG_DF});
}

static void
one_less_to_live(struct craft *packet)
{
	craft_at(packet)[8]--;
	craft_ip_checksum(craft_at(packet));
}

static void
to_mobile(struct craft *packet)
{
	craft_tunnel(
		packet, TUNNEL_IPIP,
		&(struct craft_ip){.src = X_HA, .dst = CARE_OF, .id = 1, .fragment = IP_FLAG_DF}, 0,
		0);
}

static void
assert_clamped(struct fixture *f, uint64_t count)
{
	assert_int_equal(f->workers[0]->counters.mss_clamped, count);
}

static void
connections_to_the_mobile_fit_its_tunnel(void **state)
{
	static const uint8_t flags[] = {SYN, SYN_ACK};

	for (unsigned i = 0; i < ARRAY_COUNT(flags); i++) {
		struct fixture *f = bound(true);
		struct craft packet, expected;

		segment(&packet, OFFICE_HOST, HOME, flags[i], 1460);
		segment(&expected, OFFICE_HOST, HOME, flags[i], INNER_MTU - 40);
		one_less_to_live(&expected);
		to_mobile(&expected);
		fixture_send(f, INTERNAL, &packet);
		assert_sent(f, EXTERNAL, &expected);
		assert_clamped(f, 1);
		fixture_end(f);
	}
}

static void
connections_from_the_mobile_fit_the_way_back(void **state)
{
	struct fixture *f = bound(true);
	struct craft packet, expected;

	segment(&packet, HOME, OFFICE_HOST, SYN, 1460);
	craft_tunnel(&packet, TUNNEL_IPIP, &(struct craft_ip){.src = CARE_OF, .dst = X_HA, .id = 9},
		     0, 0);
	segment(&expected, HOME, OFFICE_HOST, SYN, INNER_MTU - 40);
	one_less_to_live(&expected);
	fixture_send(f, EXTERNAL, &packet);
	assert_sent(f, INTERNAL, &expected);
	assert_clamped(f, 1);
	fixture_end(f);
}

static void
what_fits_and_what_is_no_syn_goes_as_it_is(void **state)
{
	static const struct {
		uint8_t flags;
		uint16_t mss;
	} cases[] = {{SYN, INNER_MTU - 40}, {SYN, 536}, {0x10, 1460}, {0x18, 1460}};
	struct fixture *f = bound(true);

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct craft packet, seen;

		segment(&packet, OFFICE_HOST, HOME, cases[i].flags, cases[i].mss);
		fixture_send(f, INTERNAL, &packet);
		assert_true(fixture_sent(f, EXTERNAL, &seen));
		assert_memory_equal(craft_at(&seen) + 40, craft_at(&packet) + 20, packet.len - 20);
	}
	assert_clamped(f, 0);
	fixture_end(f);
}

static void
nothing_is_clamped_when_the_settings_say_so(void **state)
{
	struct fixture *f = bound(false);
	struct craft packet;

	segment(&packet, OFFICE_HOST, HOME, SYN, 1460);
	fixture_send(f, INTERNAL, &packet);
	one_less_to_live(&packet);
	to_mobile(&packet);
	assert_sent(f, EXTERNAL, &packet);
	assert_clamped(f, 0);
	fixture_end(f);
}

static void
traffic_of_no_mobile_is_left_alone(void **state)
{
	struct fixture *f = bound(true);
	struct craft packet;

	segment(&packet, OFFICE_HOST, INTERNET_HOST, SYN, 1460);
	fixture_send(f, INTERNAL, &packet);
	one_less_to_live(&packet);
	assert_sent(f, EXTERNAL, &packet);
	assert_clamped(f, 0);
	fixture_end(f);
}

static void
the_narrowest_of_several_tunnels_counts(void **state)
{
	struct fixture *f = fixture_new(1);
	struct recipe_spec specs[2] = {fixture_spec(TUNNEL_IPIP), fixture_spec(TUNNEL_IPIP)};
	struct craft packet, seen;

	specs[1].layers[0].dst = OTHER_CARE_OF;
	specs[1].link_mtu = 1300;
	fixture_bind(f, specs, 2);
	f->settings.mss_clamp = true;
	fixture_settings(f);
	segment(&packet, OFFICE_HOST, HOME, SYN, 1460);
	fixture_send(f, INTERNAL, &packet);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(fixture_sent(f, EXTERNAL, &seen));
		assert_int_equal(craft_at(&seen)[66] << 8 | craft_at(&seen)[67], 1300 - 20 - 40);
	}
	assert_clamped(f, 1);
	fixture_end(f);
}

/* A VPN client: 1500 - 20 (IP) - 8 (ESP) - 8 (IV) - 16 (ICV) - 2 (trailer) = 1446 go in, whether larger ones
 * are cut before or after they are sealed. */
#define SEALED_MSS (1446 - 40)

static void
assert_clamped_through_an_sa(bool is_cut_after)
{
	struct fixture *f = bound(true);
	struct vpn vpn = {.suite = ESP_AES128_GCM16, .tia = TIA, .peer = CARE_OF};
	struct recipe_spec spec;
	struct craft packet, expected, seen;

	vpn_connect(f, &vpn, 0);
	spec = vpn_spec(&vpn);
	spec.seal.cut_after = is_cut_after;
	fixture_bind(f, &spec, 1);

	segment(&packet, OFFICE_HOST, TIA, SYN_ACK, 1460);
	segment(&expected, OFFICE_HOST, TIA, SYN_ACK, SEALED_MSS);
	one_less_to_live(&expected);
	fixture_send(f, INTERNAL, &packet);
	assert_true(fixture_sent(f, EXTERNAL, &seen));
	vpn_open(&vpn, &seen, 1);
	assert_same(&seen, &expected);

	segment(&packet, TIA, OFFICE_HOST, SYN, 1460);
	segment(&expected, TIA, OFFICE_HOST, SYN, SEALED_MSS);
	one_less_to_live(&expected);
	vpn_seal(&vpn, &packet);
	fixture_send(f, EXTERNAL, &packet);
	assert_sent(f, INTERNAL, &expected);
	assert_clamped(f, 2);
	vpn_close(&vpn);
	fixture_end(f);
}

static void
connections_through_a_security_association_fit_it(void **state)
{
	assert_clamped_through_an_sa(false);
	assert_clamped_through_an_sa(true);
}

static void
connections_that_another_worker_seals_fit_too(void **state)
{
	struct fixture *f = fixture_new(2);
	struct vpn vpn = {.suite = ESP_AES128_GCM16, .tia = TIA, .peer = CARE_OF};
	struct craft packet, expected, seen;
	struct recipe_spec spec;

	f->settings.mss_clamp = true;
	fixture_settings(f);
	vpn_connect(f, &vpn, 0);
	spec = vpn_spec(&vpn);
	fixture_bind(f, &spec, 1);
	atomic_store(&vpn.outbound->owner, 1);
	segment(&packet, OFFICE_HOST, TIA, SYN_ACK, 1460);
	segment(&expected, OFFICE_HOST, TIA, SYN_ACK, SEALED_MSS);
	one_less_to_live(&expected);
	fixture_send(f, INTERNAL, &packet);
	assert_true(fixture_sent(f, EXTERNAL, &seen));
	vpn_open(&vpn, &seen, 1);
	assert_same(&seen, &expected);
	vpn_close(&vpn);
	fixture_end(f);
}

/* Calls the stage's function itself: segments of any length, and packets that are not whole. */
static void
scattered_headers_are_gathered_and_cut_ones_let_pass(void **state)
{
	struct fixture *f = bound(true);
	struct craft packet, expected;
	uint8_t seen[128];

	segment(&packet, OFFICE_HOST, HOME, SYN, 1460);
	segment(&expected, OFFICE_HOST, HOME, SYN, 1360);
	worker_round(f->workers[0]); /* fetches the settings */
	for (uint32_t first = 20; first < packet.len; first++) {
		struct rte_mbuf *mbuf = fixture_mbuf(f, &packet, first, 3);
		const void *at;

		clamp_mss(f->workers[0], mbuf, 1400);
		rte_mbuf_sanity_check(mbuf, 1);
		at = rte_pktmbuf_read(mbuf, 0, packet.len, seen);
		assert_memory_equal(at, craft_at(&expected), packet.len);
		rte_pktmbuf_free(mbuf);
	}
	for (uint32_t len = 20; len < 52; len++) {
		struct rte_mbuf *mbuf = fixture_mbuf(f, &packet, 0, 0);
		const void *at;

		packet_trim(mbuf, len);
		clamp_mss(f->workers[0], mbuf, 1400);
		at = rte_pktmbuf_read(mbuf, 0, len, seen);
		assert_memory_equal(at, craft_at(&packet), len);
		rte_pktmbuf_free(mbuf);
	}
	fixture_end(f);
}

static void
fragments_are_let_pass(void **state)
{
	static const uint16_t fields[] = {IP_FLAG_MF, IP_FLAG_MF | 1, 1};
	struct fixture *f = bound(true);

	for (unsigned i = 0; i < ARRAY_COUNT(fields); i++) {
		struct craft packet, seen;

		segment(&packet, OFFICE_HOST, HOME, SYN, 1460);
		craft_at(&packet)[6] = (uint8_t)(fields[i] >> 8);
		craft_at(&packet)[7] = (uint8_t)fields[i];
		craft_ip_checksum(craft_at(&packet));
		fixture_send(f, INTERNAL, &packet);
		assert_true(fixture_sent(f, EXTERNAL, &seen));
		assert_memory_equal(craft_at(&seen) + 40, craft_at(&packet) + 20, packet.len - 20);
	}
	assert_clamped(f, 0);
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_to_the_mobile_fit_its_tunnel),
		cmocka_unit_test(connections_from_the_mobile_fit_the_way_back),
		cmocka_unit_test(what_fits_and_what_is_no_syn_goes_as_it_is),
		cmocka_unit_test(nothing_is_clamped_when_the_settings_say_so),
		cmocka_unit_test(traffic_of_no_mobile_is_left_alone),
		cmocka_unit_test(the_narrowest_of_several_tunnels_counts),
		cmocka_unit_test(connections_through_a_security_association_fit_it),
		cmocka_unit_test(connections_that_another_worker_seals_fit_too),
		cmocka_unit_test(scattered_headers_are_gathered_and_cut_ones_let_pass),
		cmocka_unit_test(fragments_are_let_pass),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
