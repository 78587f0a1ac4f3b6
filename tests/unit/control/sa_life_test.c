/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "control/sa.h"
#include "tests/unit/control/sa_fixture.h"

#define SEQ_SOFT (0xffffffffull / 16 * 15)

static struct sa *
add_living(struct sa_fixture *f, const struct ike_lifetime *lifetime, uint32_t flags)
{
	struct ike_add_sa out = sa_outbound(1000, PEER(1), TIA(1));
	struct ike_policy policy = sa_policy(IKE_DIRECTION_OUT, htobe32(1000), PEER(1), TIA(1));

	out.lifetime = *lifetime;
	out.flags |= flags;
	assert_int_equal(sa_add(f->sas, &out, EPOCH, f->now), IKE_STATUS_OK);
	assert_int_equal(sa_policy_add(f->sas, &policy, f->now), IKE_STATUS_OK);
	return sa_live(f, htobe32(1000), PEER(1));
}

static void
time_ends_an_sa_after_charon_was_asked_for_another(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_tunnel tunnel;

	add_living(f, &(struct ike_lifetime){.soft_sec = 100, .hard_sec = 200}, 0);
	sa_fixture_pass(f, 98);
	assert_int_equal(f->soft, 0);
	sa_fixture_pass(f, 50);
	assert_int_equal(f->soft, 1);
	assert_int_equal(f->expire.spi_be, htobe32(1000));
	assert_int_equal(f->expire.dst, PEER(1));
	assert_true(sa_current_is(f, TIA(1), htobe32(1000)));
	sa_fixture_pass(f, 100);
	assert_int_equal(f->soft, 1);
	assert_int_equal(f->hard, 1);
	assert_false(sa_tunnel_find(f->sas, TIA(1), &tunnel));
	assert_null(sa_live(f, htobe32(1000), PEER(1)));
}

static void
bytes_and_packets_end_an_sa(void **state)
{
	struct sa_fixture *f = *state;
	struct sa *sa = add_living(f,
				   &(struct ike_lifetime){.soft_bytes = 1000,
							  .hard_bytes = 2000,
							  .soft_packets = 10,
							  .hard_packets = 20},
				   0);

	sa->bytes = 999;
	sa->packets = 9;
	sa_fixture_pass(f, 2);
	assert_int_equal(f->soft, 0);
	sa->packets = 10;
	sa_fixture_pass(f, 2);
	assert_int_equal(f->soft, 1);
	sa->bytes = 1999;
	sa_fixture_pass(f, 2);
	assert_int_equal(f->soft, 1);
	assert_int_equal(f->hard, 0);
	sa->bytes = 2000;
	sa_fixture_pass(f, 2);
	assert_int_equal(f->hard, 1);
	assert_int_equal(sa_count(f->sas), 0);
}

static void
sequence_numbers_run_out_without_esn(void **state)
{
	struct sa_fixture *f = *state;
	struct sa *sa = add_living(f, &(struct ike_lifetime){0}, 0);

	sa->seq = SEQ_SOFT - 16;
	sa_fixture_pass(f, 2);
	assert_int_equal(f->soft, 0);
	sa->seq = SEQ_SOFT + 16;
	sa_fixture_pass(f, 5);
	assert_int_equal(f->soft, 1);
	assert_int_equal(f->hard, 0);
	sa->seq = SA_SEQ_MAX;
	sa_fixture_pass(f, 5);
	assert_int_equal(f->hard, 1);
}

static void
sequence_numbers_do_not_run_out_with_esn(void **state)
{
	struct sa_fixture *f = *state;
	struct sa *sa = add_living(f, &(struct ike_lifetime){0}, IKE_SA_ESN);

	sa->seq = 5ull * SA_SEQ_MAX;
	sa_fixture_pass(f, 5);
	assert_int_equal(f->soft + f->hard, 0);
}

static void
lifetimes_beyond_all_measure_do_not_end_an_sa(void **state)
{
	struct sa_fixture *f = *state;

	add_living(f, &(struct ike_lifetime){.soft_sec = UINT64_MAX, .hard_sec = UINT64_MAX / 2},
		   0);
	sa_fixture_pass(f, 5);
	assert_int_equal(f->soft + f->hard, 0);
}

static void
packets_from(struct sa *sa, be32 address, uint16_t port)
{
	union sa_peer seen = {.address = address, .port_be = htobe16(port)};

	sa->seen_peer = seen.word;
	sa->packets++;
}

static void
a_mapping_is_said_once_a_second_until_charon_has_moved(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 33000, TIA(1), 1000, EPOCH);
	struct sa *in = sa_live(f, pair.in_be, GATEWAY);

	packets_from(in, PEER(1), 33000);
	sa_fixture_pass(f, 3);
	assert_int_equal(f->mappings, 0);
	packets_from(in, PEER(2), 44000);
	sa_fixture_pass(f, 1);
	assert_int_equal(f->mappings, 1);
	assert_int_equal(f->mapping.spi_be, pair.in_be);
	assert_int_equal(f->mapping.dst, GATEWAY);
	assert_int_equal(f->mapping.new_src, PEER(2));
	assert_int_equal(f->mapping.new_src_port_be, htobe16(44000));
	for (unsigned i = 0; i < 50; i++) {
		packets_from(in, PEER(2), 44000 + (i & 1));
		f->now = mono_add_ms(f->now, 10);
		sa_table_tick(f->sas, f->now);
	}
	assert_int_equal(f->mappings, 1);
	sa_fixture_pass(f, 2);
	assert_true(f->mappings > 1 && f->mappings <= 3);
}

static void
where_packets_came_from_before_a_move_is_no_mapping(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 33000, TIA(1), 1000, EPOCH);
	struct sa *in = sa_live(f, pair.in_be, GATEWAY);

	packets_from(in, PEER(1), 33000);
	assert_int_equal(sa_move(f, pair, PEER(1), PEER(2), 33000), IKE_STATUS_OK);
	sa_fixture_pass(f, 5);
	assert_int_equal(f->mappings, 0);
	packets_from(in, PEER(1), 33000); /* and back it is */
	sa_fixture_pass(f, 1);
	assert_int_equal(f->mappings, 1);
}

static void
orphans_end_after_their_grace(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	struct sa_view view;

	sa_charon_came(f->sas, EPOCH + 1, f->now);
	assert_true(sa_find(f->sas, pair.in_be, GATEWAY, &view));
	assert_true(view.is_orphan);
	sa_fixture_pass(f, 50);
	assert_true(sa_current_is(f, TIA(1), pair.out_be));
	sa_fixture_pass(f, 15);
	assert_int_equal(sa_count(f->sas), 0);
	assert_null(sa_published(f, TIA(1)));
	assert_int_equal(f->soft + f->hard, 0);
}

static void
a_charon_that_comes_back_keeps_its_sas(void **state)
{
	struct sa_fixture *f = *state;

	sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	sa_charon_left(f->sas, f->now);
	sa_fixture_pass(f, 50);
	sa_charon_came(f->sas, EPOCH, f->now);
	sa_fixture_pass(f, 100);
	assert_int_equal(sa_count(f->sas), 2);
}

static void
the_grace_begins_when_charon_leaves(void **state)
{
	struct sa_fixture *f = *state;

	sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	sa_charon_left(f->sas, f->now);
	sa_fixture_pass(f, 40);
	sa_charon_came(f->sas, EPOCH + 1, f->now);
	sa_fixture_pass(f, 25);
	assert_int_equal(sa_count(f->sas), 0);
}

static void
a_new_sa_of_the_same_tia_evicts_its_orphans(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair old = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH), new;

	sa_connect(f, PEER(9), 0, TIA(9), 1009, EPOCH);
	sa_charon_came(f->sas, EPOCH + 1, f->now);
	new = sa_connect(f, PEER(1), 0, TIA(1), 2000, EPOCH + 1);
	assert_int_not_equal(new.in_be, old.in_be);
	assert_null(sa_live(f, old.in_be, GATEWAY));
	assert_null(sa_live(f, old.out_be, PEER(1)));
	assert_true(sa_current_is(f, TIA(1), new.out_be));
	assert_int_equal(sa_count(f->sas), 4);
	/* from the old to the new one without a moment between */
	assert_int_equal(f->tunnel_changes, 3);
}

static void
an_orphan_makes_room_when_all_are_taken(void **state)
{
	struct sa_fixture *f = *state;

	for (unsigned i = 0; i < SAS_MAX / 2; i++)
		sa_connect(f, PEER(i), 0, TIA(i), 1000 + i, EPOCH);
	sa_charon_came(f->sas, EPOCH + 1, f->now);
	sa_connect(f, PEER(20), 0, TIA(20), 2000, EPOCH + 1);
	assert_int_equal(sa_count(f->sas), SAS_MAX);
	assert_true(sa_current_is(f, TIA(20), htobe32(2000)));
}

static void
what_charon_does_not_name_is_gone(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair a = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	struct sa_pair b = sa_connect(f, PEER(2), 0, TIA(2), 1001, EPOCH);
	struct ike_sa_id in = sa_id(PEER(1), GATEWAY, a.in_be);
	struct ike_sa_id out = sa_id(GATEWAY, PEER(1), a.out_be);
	struct ike_sa_id unknown = sa_id(GATEWAY, PEER(1), htobe32(4711));

	sa_charon_left(f->sas, f->now);
	sa_charon_came(f->sas, EPOCH, f->now);
	sa_sync_begin(f->sas);
	assert_int_equal(sa_sync_one(f->sas, &in), IKE_STATUS_OK);
	assert_int_equal(sa_sync_one(f->sas, &out), IKE_STATUS_OK);
	assert_int_equal(sa_sync_one(f->sas, &unknown), IKE_STATUS_UNKNOWN);
	sa_connect(f, PEER(3), 0, TIA(3), 1002, EPOCH);
	sa_sync_end(f->sas, EPOCH, f->now);
	assert_true(sa_current_is(f, TIA(1), a.out_be));
	assert_null(sa_live(f, b.in_be, GATEWAY));
	assert_null(sa_published(f, TIA(2)));
	assert_true(sa_current_is(f, TIA(3), htobe32(1002)));
	assert_int_equal(sa_count(f->sas), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, sa_fixture_start, sa_fixture_stop)
		TEST(time_ends_an_sa_after_charon_was_asked_for_another),
		TEST(bytes_and_packets_end_an_sa),
		TEST(sequence_numbers_run_out_without_esn),
		TEST(sequence_numbers_do_not_run_out_with_esn),
		TEST(lifetimes_beyond_all_measure_do_not_end_an_sa),
		TEST(a_mapping_is_said_once_a_second_until_charon_has_moved),
		TEST(where_packets_came_from_before_a_move_is_no_mapping),
		TEST(orphans_end_after_their_grace),
		TEST(a_charon_that_comes_back_keeps_its_sas),
		TEST(the_grace_begins_when_charon_leaves),
		TEST(a_new_sa_of_the_same_tia_evicts_its_orphans),
		TEST(an_orphan_makes_room_when_all_are_taken),
		TEST(what_charon_does_not_name_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
