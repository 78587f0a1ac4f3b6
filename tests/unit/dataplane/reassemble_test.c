/* SPDX-License-Identifier: BSD-3-Clause */
/* Fragments for the box: put together in any order and by any worker; everything else is given up. */
#include <rte_cycles.h>

#include "dataplane/reassemble.h"
#include "tests/unit/dataplane/fixture.h"

#define PAYLOAD_LEN 480u
#define PIECE_LEN 80u
#define PIECES 6u

static struct fixture *
bound(unsigned worker_count)
{
	struct fixture *f = fixture_new(worker_count);
	struct recipe_spec spec = fixture_spec(TUNNEL_UDP_IPIP);

	fixture_bind(f, &spec, 1);
	f->settings.forward_external_to_internal = true;
	fixture_settings(f);
	return f;
}

/* What the mobile sends, and what must come out of the tunnel. */
static void
make(struct craft *inner, struct craft *outer)
{
	struct craft_ip ip = {.src = CARE_OF, .dst = X_HA};

	craft_plain(inner, HOME, OFFICE_HOST, PAYLOAD_LEN - 12);
	*outer = *inner;
	craft_tunnel(outer, TUNNEL_UDP_IPIP, &ip, MOBILE_PORT, 434);
	craft_udp_checksum(outer);
	assert_int_equal(outer->len, PAYLOAD_LEN + 20);
	craft_at(inner)[8]--;
	craft_ip_checksum(craft_at(inner));
}

static void
send_bytes(struct fixture *f, unsigned worker, const uint8_t *bytes, uint32_t len, uint32_t offset,
	   bool is_last, uint16_t id)
{
	struct craft_ip ip = {.src = CARE_OF,
			      .dst = X_HA,
			      .protocol = 17,
			      .id = id,
			      .fragment = (uint16_t)(offset / 8 | (is_last ? 0 : IP_FLAG_MF))};
	struct craft fragment = {0};

	craft_bytes(&fragment, bytes, len);
	craft_ip(&fragment, &ip);
	fixture_send_to(f, worker, EXTERNAL, &fragment);
}

/* The same, as if the mobile had got inside. */
static void
send_piece_inside(struct fixture *f, struct craft *outer, unsigned piece, uint16_t id)
{
	struct craft_ip ip = {.src = CARE_OF,
			      .dst = X_HA,
			      .protocol = 17,
			      .id = id,
			      .fragment = (uint16_t)(piece * PIECE_LEN / 8 |
						     (piece == PIECES - 1 ? 0 : IP_FLAG_MF))};
	struct craft fragment = {0};

	craft_bytes(&fragment, craft_at(outer) + 20 + piece * PIECE_LEN, PIECE_LEN);
	craft_ip(&fragment, &ip);
	fixture_send_to(f, 0, INTERNAL, &fragment);
}

static void
send_piece(struct fixture *f, unsigned worker, struct craft *outer, unsigned piece, uint16_t id)
{
	send_bytes(f, worker, craft_at(outer) + 20 + piece * PIECE_LEN, PIECE_LEN,
		   piece * PIECE_LEN, piece == PIECES - 1, id);
}

/* Whatever is left in the tables is given up when its time is over. */
static void
expire(struct fixture *f, uint64_t count)
{
	for (unsigned i = 0; i < f->worker_count; i++) {
		f->workers[i]->round_clock += rte_get_tsc_hz() * 2;
		reassemble_expire(f->workers[i]);
	}
	assert_drops(f, DROP_REASSEMBLY_FAILED, count);
}

static void
fragments_come_together_in_any_order(void **state)
{
	static const uint8_t orders[][PIECES] = {
		{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {3, 0, 5, 1, 4, 2}, {5, 0, 1, 2, 3, 4}};
	struct fixture *f = bound(1);

	for (unsigned i = 0; i < ARRAY_COUNT(orders); i++) {
		struct craft inner, outer;

		make(&inner, &outer);
		for (unsigned j = 0; j < PIECES; j++) {
			assert_quiet(f);
			send_piece(f, 0, &outer, orders[i][j], (uint16_t)i);
			fixture_run(f);
		}
		assert_sent(f, INTERNAL, &inner);
	}
	fixture_end(f);
}

static void
packets_with_mixed_fragments_are_told_apart(void **state)
{
	struct fixture *f = bound(1);
	struct craft inner, outer;

	make(&inner, &outer);
	for (unsigned j = 0; j < PIECES; j++)
		for (uint16_t id = 0; id < 4; id++)
			send_piece(f, 0, &outer, j, id);
	fixture_run(f);
	for (unsigned id = 0; id < 4; id++)
		assert_sent(f, INTERNAL, &inner);
	fixture_end(f);
}

static void
fragments_meet_at_one_worker_whichever_received_them(void **state)
{
	struct fixture *f = bound(3);
	uint64_t handovers = 0;

	for (uint16_t id = 0; id < 24; id++) {
		struct craft inner, outer;

		make(&inner, &outer);
		for (unsigned j = 0; j < PIECES; j++)
			send_piece(f, (j + id) % 3, &outer, (j * 5) % PIECES, id);
		fixture_run(f);
		assert_sent(f, INTERNAL, &inner);
	}
	for (unsigned i = 0; i < 3; i++) {
		handovers += f->workers[i]->counters.handovers;
		/* a share of the packets each */
		assert_true(f->workers[i]->slots[1].from_mobile_packets > 0);
	}
	assert_int_equal(handovers, 24 * PIECES * 2 / 3);
	fixture_end(f);
}

static void
full_handover_ring_is_counted(void **state)
{
	struct fixture *f = bound(2);
	struct rte_ring *ring = f->workers[1]->handover;
	struct craft inner, outer;
	struct rte_mbuf *mbuf;
	uint64_t refused;

	make(&inner, &outer);
	while (rte_ring_free_count(ring) > 0)
		assert_int_equal(rte_ring_enqueue(ring, rte_pktmbuf_alloc(f->pool)), 0);
	for (uint16_t id = 0; id < 8; id++)
		send_piece(f, 0, &outer, 0, id);
	worker_round(f->workers[0]); /* worker 1 does not run */
	refused = f->workers[0]->counters.drops.count[DROP_HANDOVER_RING_FULL];
	assert_true(refused > 0 && refused < 8);
	assert_drops(f, DROP_HANDOVER_RING_FULL, refused);
	assert_int_equal(f->workers[0]->counters.handovers, 0);
	while (rte_ring_dequeue(ring, (void **)&mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	expire(f, 8 - refused);
	fixture_end(f);
}

static void
packet_is_given_up_when_its_time_is_over(void **state)
{
	struct fixture *f = bound(1);
	struct craft inner, outer;

	make(&inner, &outer);
	for (unsigned j = 0; j < PIECES - 1; j++)
		send_piece(f, 0, &outer, j, 7);
	fixture_run(f);
	assert_quiet(f);
	expire(f, PIECES - 1);
	/* the last fragment alone is one more packet that is never whole */
	send_piece(f, 0, &outer, PIECES - 1, 7);
	fixture_run(f);
	assert_quiet(f);
	expire(f, 1);
	fixture_end(f);
}

static void
overlapping_fragments_never_make_a_packet(void **state)
{
	static const struct {
		uint32_t offset, len;
	} pieces[][4] = {
		{{0, 160}, {80, 160}, {240, 160}, {400, 80}}, /* the second lies over the first */
		{{0, 240}, {80, 160}, {240, 80}, {400, 80}},  /* lengths add up; a hole */
		{{0, 160}, {160, 80}, {160, 160}, {400, 80}}, /* two at one place */
	};

	for (unsigned i = 0; i < ARRAY_COUNT(pieces); i++) {
		struct fixture *f = bound(1);
		struct craft inner, outer;
		uint64_t drops;

		make(&inner, &outer);
		for (unsigned j = 0; j < 4; j++)
			send_bytes(f, 0, craft_at(&outer) + 20 + pieces[i][j].offset,
				   pieces[i][j].len, pieces[i][j].offset, j == 3, 7);
		fixture_run(f);
		drops = f->workers[0]->counters.drops.count[DROP_REASSEMBLY_FAILED];
		assert_drops(f, DROP_REASSEMBLY_FAILED, drops);
		expire(f, 4 - drops);
		fixture_end(f);
	}
}

static void
repeated_fragment_gives_the_packet_up_whole(void **state)
{
	static const unsigned repeated[] = {0, PIECES - 1};

	for (unsigned i = 0; i < ARRAY_COUNT(repeated); i++) {
		struct fixture *f = bound(1);
		struct craft inner, outer;

		make(&inner, &outer);
		send_piece(f, 0, &outer, repeated[i], 7);
		send_piece(f, 0, &outer, repeated[i], 7);
		fixture_run(f);
		assert_drops(f, DROP_REASSEMBLY_FAILED, 2);
		fixture_end(f);
	}
}

static void
packet_of_too_many_fragments_is_given_up(void **state)
{
	struct fixture *f = bound(1);
	struct craft inner, outer;
	uint64_t drops;

	make(&inner, &outer);
	for (unsigned j = 0; j < PAYLOAD_LEN / 8; j++)
		send_bytes(f, 0, craft_at(&outer) + 20 + j * 8, 8, j * 8, j == PAYLOAD_LEN / 8 - 1,
			   7);
	fixture_run(f);
	drops = f->workers[0]->counters.drops.count[DROP_REASSEMBLY_FAILED];
	assert_true(drops > 0);
	assert_drops(f, DROP_REASSEMBLY_FAILED, drops);
	expire(f, PAYLOAD_LEN / 8 - drops);
	fixture_end(f);
}

static void
fragments_from_both_sides_never_make_a_packet(void **state)
{
	for (unsigned inside = 0; inside < PIECES; inside++) {
		struct fixture *f = bound(1);
		struct craft inner, outer;

		make(&inner, &outer);
		for (unsigned j = 0; j < PIECES; j++) {
			if (j == inside)
				send_piece_inside(f, &outer, j, 7);
			else
				send_piece(f, 0, &outer, j, 7);
			fixture_run(f);
		}
		assert_drops(f, DROP_REASSEMBLY_FAILED, 1);
		fixture_end(f);
	}
}

static void
fragment_beyond_the_largest_packet_is_refused(void **state)
{
	static const uint8_t bytes[1400];
	struct fixture *f = bound(1);

	send_bytes(f, 0, bytes, sizeof(bytes), 65528, true, 7);
	fixture_run(f);
	assert_drops(f, DROP_REASSEMBLY_FAILED, 1);
	fixture_end(f);
}

static void
fragment_of_nothing_is_refused(void **state)
{
	struct fixture *f = bound(1);

	send_bytes(f, 0, (const uint8_t *)"", 0, 80, false, 7);
	fixture_run(f);
	assert_drops(f, DROP_REASSEMBLY_FAILED, 1);
	fixture_end(f);
}

static void
flood_of_first_fragments_takes_no_more_than_the_table(void **state)
{
	struct fixture *f = bound(1);
	struct craft inner, outer;
	uint64_t drops;

	make(&inner, &outer);
	for (uint16_t id = 0; id < 300; id++)
		send_piece(f, 0, &outer, 0, id);
	fixture_run(f);
	drops = f->workers[0]->counters.drops.count[DROP_REASSEMBLY_FAILED];
	assert_true(drops >= 300 - 16);
	assert_drops(f, DROP_REASSEMBLY_FAILED, drops);
	expire(f, 300 - drops);
	fixture_end(f);
}

static void
fragments_for_others_are_carried_on_as_they_are(void **state)
{
	struct fixture *f = bound(1);
	struct craft packet;

	craft_payload(&packet, 64);
	craft_ip(&packet, &(struct craft_ip){.src = INTERNET_HOST,
					     .dst = OFFICE_HOST,
					     .protocol = 17,
					     .fragment = IP_FLAG_MF | 5});
	fixture_send(f, EXTERNAL, &packet);
	craft_at(&packet)[8]--;
	craft_ip_checksum(craft_at(&packet));
	assert_sent(f, INTERNAL, &packet);
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragments_come_together_in_any_order),
		cmocka_unit_test(packets_with_mixed_fragments_are_told_apart),
		cmocka_unit_test(fragments_meet_at_one_worker_whichever_received_them),
		cmocka_unit_test(full_handover_ring_is_counted),
		cmocka_unit_test(packet_is_given_up_when_its_time_is_over),
		cmocka_unit_test(overlapping_fragments_never_make_a_packet),
		cmocka_unit_test(repeated_fragment_gives_the_packet_up_whole),
		cmocka_unit_test(packet_of_too_many_fragments_is_given_up),
		cmocka_unit_test(fragments_from_both_sides_never_make_a_packet),
		cmocka_unit_test(fragment_beyond_the_largest_packet_is_refused),
		cmocka_unit_test(fragment_of_nothing_is_refused),
		cmocka_unit_test(flood_of_first_fragments_takes_no_more_than_the_table),
		cmocka_unit_test(fragments_for_others_are_carried_on_as_they_are),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
