/* SPDX-License-Identifier: BSD-3-Clause */
/* Taking tunnels off: damaged headers, checksums, ECN, and what may be inside. */
#include "tests/unit/dataplane/fixture.h"

static struct fixture *
bound(enum tunnel_kind kind)
{
	struct fixture *f = fixture_new(1);
	struct recipe_spec spec = fixture_spec(kind);

	fixture_bind(f, &spec, 1);
	f->settings.forward_external_to_internal = true;
	fixture_settings(f);
	return f;
}

static void
plain(struct craft *packet)
{
	craft_plain(packet, HOME, OFFICE_HOST, 121); /* odd, so that sums end in half a word */
}

static void
tunnelled(struct craft *packet, enum tunnel_kind kind)
{
	struct craft_ip outer = {.src = CARE_OF, .dst = X_HA};

	craft_tunnel(packet, kind, &outer, MOBILE_PORT, 434);
}

static void
delivered(struct fixture *f, struct craft *packet)
{
	craft_at(packet)[8]--;
	craft_ip_checksum(craft_at(packet));
	assert_sent(f, INTERNAL, packet);
}

/* One octet of a good tunnel packet changed: at an offset behind the outer IP header. */
static const struct {
	const char *what;
	enum tunnel_kind kind;
	uint8_t at, value;
	enum drop_reason reason;
} damages[] = {
	{"next header TCP", TUNNEL_UDP_IPIP, 9, 6, DROP_TUNNEL_MALFORMED},
	{"next header UDP", TUNNEL_UDP_IPIP, 9, 17, DROP_TUNNEL_MALFORMED},
	{"GRE of another protocol", TUNNEL_GRE, 2, 0x86, DROP_TUNNEL_MALFORMED},
	{"GRE with routing", TUNNEL_GRE, 0, 0x40, DROP_TUNNEL_MALFORMED},
	{"GRE with a key", TUNNEL_GRE, 0, 0x20, DROP_TUNNEL_MALFORMED},
	{"GRE with a sequence", TUNNEL_GRE, 0, 0x10, DROP_TUNNEL_MALFORMED},
	{"GRE with strict source route", TUNNEL_GRE, 0, 0x08, DROP_TUNNEL_MALFORMED},
	{"GRE with recursion", TUNNEL_GRE, 0, 0x04, DROP_TUNNEL_MALFORMED},
	{"GRE version 1", TUNNEL_GRE, 1, 0x01, DROP_TUNNEL_MALFORMED},
	{"GRE with a wrong checksum", TUNNEL_GRE, 0, 0x80, DROP_TUNNEL_CHECKSUM},
	{"GRE in UDP with a key", TUNNEL_UDP_GRE, 12, 0x20, DROP_TUNNEL_MALFORMED},
	{"minimal header damaged", TUNNEL_MINENC, 4, 77, DROP_TUNNEL_CHECKSUM},
	{"minimal header in UDP damaged", TUNNEL_UDP_MINENC, 16, 77, DROP_TUNNEL_CHECKSUM},
	{"UDP checksum wrong", TUNNEL_UDP_IPIP, 7, 1, DROP_UDP_CHECKSUM},
	{"UDP longer than IP", TUNNEL_UDP_IPIP, 4, 1, DROP_UDP_SHORT},
	{"UDP length of 8", TUNNEL_UDP_IPIP, 5, 8, DROP_UDP_SHORT},
	{"UDP length of 0", TUNNEL_UDP_IPIP, 5, 0, DROP_UDP_SHORT},
	{"UDP ends in MIP Tunnel Data", TUNNEL_UDP_IPIP, 5, 11, DROP_TUNNEL_MALFORMED},
	{"UDP ends behind MIP Tunnel Data", TUNNEL_UDP_IPIP, 5, 12, DROP_TUNNEL_INNER_INVALID},
	{"UDP ends in the inner header", TUNNEL_UDP_IPIP, 5, 20, DROP_TUNNEL_INNER_INVALID},
	{"UDP ends in GRE", TUNNEL_UDP_GRE, 5, 14, DROP_TUNNEL_MALFORMED},
	{"UDP ends in the minimal header", TUNNEL_UDP_MINENC, 5, 18, DROP_TUNNEL_MALFORMED},
	{"inner version 6", TUNNEL_IPIP, 0, 0x65, DROP_TUNNEL_INNER_INVALID},
	{"inner header of 16", TUNNEL_IPIP, 0, 0x44, DROP_TUNNEL_INNER_INVALID},
	{"inner checksum wrong", TUNNEL_IPIP, 10, 0x77, DROP_TUNNEL_INNER_INVALID},
	{"inner longer than outer", TUNNEL_IPIP, 2, 0x10, DROP_TUNNEL_INNER_INVALID},
	{"inner shorter than its header", TUNNEL_IPIP, 3, 19, DROP_TUNNEL_INNER_INVALID},
};

static void
damaged_tunnel_is_dropped_for_its_reason(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(damages); i++) {
		struct fixture *f = bound(damages[i].kind);
		struct craft packet;

		print_message("%s\n", damages[i].what);
		plain(&packet);
		tunnelled(&packet, damages[i].kind);
		craft_at(&packet)[20 + damages[i].at] = damages[i].value;
		fixture_send(f, EXTERNAL, &packet);
		assert_drops(f, damages[i].reason, 1);
		fixture_end(f);
	}
}

static void
tunnel_cut_short_is_dropped_wherever_it_ends(void **state)
{
	static const enum tunnel_kind kinds[] = {TUNNEL_IPIP,	TUNNEL_UDP_IPIP,
						 TUNNEL_GRE,	TUNNEL_UDP_GRE,
						 TUNNEL_MINENC, TUNNEL_UDP_MINENC};

	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i]);
		struct craft whole;
		uint32_t overhead;

		plain(&whole);
		tunnelled(&whole, kinds[i]);
		overhead = whole.len - 121 + (kinds[i] & 4 ? 0 : 20);
		for (uint32_t len = 20; len < overhead; len++) {
			struct craft packet = {0};
			uint64_t drops = 0;

			craft_bytes(&packet, craft_at(&whole), len);
			craft_at(&packet)[3] = (uint8_t)len;
			craft_ip_checksum(craft_at(&packet));
			fixture_send(f, EXTERNAL, &packet);
			for (unsigned j = 0; j < DROP_REASON_COUNT; j++)
				drops += f->workers[0]->counters.drops.count[j];
			assert_int_equal(drops, 1);
			memset(&f->workers[0]->counters.drops, 0, sizeof(struct drop_counters));
		}
		fixture_end(f);
	}
}

static void
udp_checksum_is_verified_when_there_is_one(void **state)
{
	static const enum tunnel_kind kinds[] = {TUNNEL_UDP_IPIP, TUNNEL_UDP_GRE,
						 TUNNEL_UDP_MINENC};

	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i]);
		struct craft packet, outer;

		plain(&packet);
		outer = packet;
		tunnelled(&outer, kinds[i]);
		craft_udp_checksum(&outer);
		fixture_send(f, EXTERNAL, &outer);
		delivered(f, &packet);
		craft_at(&outer)[outer.len - 1] ^= 1;
		fixture_send(f, EXTERNAL, &outer);
		assert_drops(f, DROP_UDP_CHECKSUM, 1);
		fixture_end(f);
	}
}

static void
gre_checksum_is_verified_over_segments(void **state)
{
	struct fixture *f = bound(TUNNEL_GRE);

	for (uint32_t cut = 0; cut < 170; cut += 7)
		for (int is_wrong = 0; is_wrong < 2; is_wrong++) {
			struct craft packet, outer;

			craft_plain(&packet, HOME, OFFICE_HOST, 401);
			outer = packet;
			craft_gre(&outer, GRE_FLAG_CHECKSUM);
			craft_ip(&outer,
				 &(struct craft_ip){.src = CARE_OF, .dst = X_HA, .protocol = 47});
			craft_at(&outer)[outer.len - 1] ^= is_wrong;
			craft_ethernet(&outer, port_macs[EXTERNAL], 0x0800);
			fixture_send_frame(f, 0, EXTERNAL, &outer, cut, 1 + cut % 11);
			fixture_run(f);
			if (is_wrong)
				assert_drops(f, DROP_TUNNEL_CHECKSUM, 1);
			else
				delivered(f, &packet);
		}
	fixture_end(f);
}

static void
reserved_gre_bits_are_ignored(void **state)
{
	struct fixture *f = bound(TUNNEL_GRE);
	struct craft packet, outer;

	plain(&packet);
	outer = packet;
	tunnelled(&outer, TUNNEL_GRE);
	craft_at(&outer)[20] = 0x03; /* bits 6 and 7: RFC 2784 section 2.3 */
	craft_at(&outer)[21] = 0xf8;
	fixture_send(f, EXTERNAL, &outer);
	delivered(f, &packet);
	fixture_end(f);
}

/* RFC 6040 figure 4, rows by inner field and columns by outer one: Not-ECT, ECT(1), ECT(0), CE as their
 * values go. DROP: dropped. */
#define DROP 0xff
static const uint8_t figure_4[4][4] = {
	{0, 0, 0, DROP}, /* Not-ECT */
	{1, 1, 1, 3},	 /* ECT(1) */
	{2, 1, 2, 3},	 /* ECT(0) */
	{3, 3, 3, 3},	 /* CE */
};
static const bool alarms[4][4] = {
	{false, true, true, true},
	{false, false, false, false},
	{false, false, false, false},
	{false, true, false, false},
};

static void
send_ecn(struct fixture *f, enum tunnel_kind kind, uint8_t inner, uint8_t outer_ecn)
{
	struct craft packet, in;
	struct craft_ip ip = {
		.src = HOME, .dst = OFFICE_HOST, .protocol = 17, .tos = (uint8_t)(0x28 | inner)};
	struct craft_ip outer = {.src = CARE_OF, .dst = X_HA, .tos = (uint8_t)(0xb8 | outer_ecn)};

	craft_payload(&packet, 32);
	in = packet;
	craft_ip(&in, &ip);
	craft_tunnel(&in, kind, &outer, MOBILE_PORT, 434);
	fixture_send(f, EXTERNAL, &in);
	if (figure_4[inner][outer_ecn] == DROP) {
		assert_drops(f, DROP_TUNNEL_ECN, 1);
	} else {
		ip.tos = 0x28 | figure_4[inner][outer_ecn];
		craft_ip(&packet, &ip);
		delivered(f, &packet);
	}
	assert_int_equal(f->workers[0]->counters.ecn_alarms, alarms[inner][outer_ecn]);
	f->workers[0]->counters.ecn_alarms = 0;
}

static void
congestion_marks_come_out_as_rfc_6040_figure_4_says(void **state)
{
	static const enum tunnel_kind kinds[] = {TUNNEL_IPIP, TUNNEL_UDP_IPIP, TUNNEL_GRE,
						 TUNNEL_UDP_GRE};

	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i]);

		for (uint8_t inner = 0; inner < 4; inner++)
			for (uint8_t outer = 0; outer < 4; outer++)
				send_ecn(f, kinds[i], inner, outer);
		fixture_end(f);
	}
}

static void
bytes_behind_the_inner_packet_are_cut_off(void **state)
{
	static const enum tunnel_kind kinds[] = {TUNNEL_IPIP, TUNNEL_UDP_IPIP, TUNNEL_UDP_GRE};

	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i]);
		struct craft packet, outer = {0};

		plain(&packet);
		craft_bytes(&outer, "garbage", 7);
		craft_bytes(&outer, craft_at(&packet), packet.len);
		tunnelled(&outer, kinds[i]);
		fixture_send(f, EXTERNAL, &outer);
		delivered(f, &packet);
		fixture_end(f);
	}
}

static void
bytes_behind_udp_are_cut_off(void **state)
{
	struct fixture *f = bound(TUNNEL_UDP_IPIP);
	struct craft packet, outer, longer = {0};

	plain(&packet);
	outer = packet;
	tunnelled(&outer, TUNNEL_UDP_IPIP);
	craft_bytes(&longer, "garbage", 7);
	craft_bytes(&longer, craft_at(&outer), outer.len);
	craft_at(&longer)[3] = (uint8_t)longer.len;
	craft_ip_checksum(craft_at(&longer));
	fixture_send(f, EXTERNAL, &longer);
	delivered(f, &packet);
	fixture_end(f);
}

/* A packet inside that is well-formed, but not one to carry on. */
static const struct {
	const char *what;
	struct craft_ip ip;
	enum drop_reason reason;
} inners[] = {
	{"loopback source",
	 {.src = ADDRESS(127, 0, 0, 1), .dst = OFFICE_HOST},
	 DROP_TUNNEL_INNER_INVALID},
	{"source zero", {.src = 0, .dst = OFFICE_HOST}, DROP_TUNNEL_INNER_INVALID},
	{"multicast source",
	 {.src = ADDRESS(224, 0, 0, 1), .dst = OFFICE_HOST},
	 DROP_TUNNEL_INNER_INVALID},
	{"to multicast", {.src = HOME, .dst = ADDRESS(224, 0, 0, 1)}, DROP_TUNNEL_INNER_INVALID},
	{"to loopback", {.src = HOME, .dst = ADDRESS(127, 0, 0, 1)}, DROP_TUNNEL_INNER_INVALID},
	{"to all ones", {.src = HOME, .dst = UINT32_MAX}, DROP_TUNNEL_INNER_INVALID},
	{"to class E", {.src = HOME, .dst = ADDRESS(250, 0, 0, 1)}, DROP_TUNNEL_INNER_INVALID},
	{"source route",
	 {.src = HOME, .dst = OFFICE_HOST, .options_len = 8, .options = {131, 7, 4}},
	 DROP_TUNNEL_INNER_INVALID},
	{"bad options",
	 {.src = HOME, .dst = OFFICE_HOST, .options_len = 4, .options = {7, 77}},
	 DROP_TUNNEL_INNER_INVALID},
};

static void
inner_packet_that_nobody_may_send_is_dropped(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(inners); i++) {
		struct fixture *f = bound(TUNNEL_IPIP);
		struct craft packet;

		print_message("%s\n", inners[i].what);
		craft_payload(&packet, 20);
		craft_ip(&packet, &inners[i].ip);
		tunnelled(&packet, TUNNEL_IPIP);
		fixture_send(f, EXTERNAL, &packet);
		assert_drops(f, inners[i].reason, 1);
		fixture_end(f);
	}
}

static void
inner_packet_without_time_to_live_is_dropped(void **state)
{
	static const enum tunnel_kind kinds[] = {TUNNEL_IPIP, TUNNEL_UDP_GRE, TUNNEL_MINENC};

	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct fixture *f = bound(kinds[i]);
		struct craft packet;

		plain(&packet);
		craft_at(&packet)[8] = 0;
		craft_ip_checksum(craft_at(&packet));
		tunnelled(&packet, kinds[i]);
		fixture_send(f, EXTERNAL, &packet);
		assert_drops(f, DROP_TUNNEL_INNER_TTL, 1);
		fixture_end(f);
	}
}

static void
inner_options_are_carried_on(void **state)
{
	struct fixture *f = bound(TUNNEL_UDP_GRE);

	for (uint32_t cut = 1; cut < 150; cut += 2) {
		struct craft packet, outer;

		craft_payload(&packet, 60);
		craft_ip(&packet, &(struct craft_ip){.src = HOME,
						     .dst = OFFICE_HOST,
						     .protocol = 17,
						     .options_len = 40,
						     .options = {7, 39, 4}});
		outer = packet;
		tunnelled(&outer, TUNNEL_UDP_GRE);
		craft_ethernet(&outer, port_macs[EXTERNAL], 0x0800);
		fixture_send_frame(f, 0, EXTERNAL, &outer, cut, 1 + cut % 7);
		fixture_run(f);
		delivered(f, &packet);
	}
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_tunnel_is_dropped_for_its_reason),
		cmocka_unit_test(tunnel_cut_short_is_dropped_wherever_it_ends),
		cmocka_unit_test(udp_checksum_is_verified_when_there_is_one),
		cmocka_unit_test(gre_checksum_is_verified_over_segments),
		cmocka_unit_test(reserved_gre_bits_are_ignored),
		cmocka_unit_test(congestion_marks_come_out_as_rfc_6040_figure_4_says),
		cmocka_unit_test(bytes_behind_the_inner_packet_are_cut_off),
		cmocka_unit_test(bytes_behind_udp_are_cut_off),
		cmocka_unit_test(inner_packet_that_nobody_may_send_is_dropped),
		cmocka_unit_test(inner_packet_without_time_to_live_is_dropped),
		cmocka_unit_test(inner_options_are_carried_on),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
