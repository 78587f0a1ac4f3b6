/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "control/sa.h"
#include "tests/unit/control/sa_fixture.h"

static void
add_out(struct sa_fixture *f, uint32_t spi, be32 peer, be32 tia)
{
	struct ike_add_sa out = sa_outbound(spi, peer, tia);

	assert_int_equal(sa_add(f->sas, &out, EPOCH, f->now), IKE_STATUS_OK);
}

static enum ike_status
policy_out(struct sa_fixture *f, uint32_t spi, be32 peer, be32 tia, bool is_added)
{
	struct ike_policy policy = sa_policy(IKE_DIRECTION_OUT, htobe32(spi), peer, tia);

	return is_added ? sa_policy_add(f->sas, &policy, f->now)
			: sa_policy_remove(f->sas, &policy, f->now);
}

static void
an_outbound_sa_is_used_when_its_policy_comes(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_tunnel tunnel;

	add_out(f, 1000, PEER(1), TIA(1));
	assert_false(sa_tunnel_find(f->sas, TIA(1), &tunnel));
	assert_int_equal(policy_out(f, 1000, PEER(1), TIA(1), true), IKE_STATUS_OK);
	assert_true(sa_tunnel_find(f->sas, TIA(1), &tunnel));
	assert_int_equal(tunnel.gateway, GATEWAY);
	assert_int_equal(tunnel.peer.address, PEER(1));
	assert_null(tunnel.inbound);
	assert_int_equal(f->tunnel_changes, 1);
}

/* As charon rekeys, see 30-rekey-with-POLICY_SPI. */
static void
a_rekey_switches_once_and_removal_of_the_old_changes_nothing(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair old = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	be32 in_be = sa_spi_get(f, PEER(1));
	struct ike_add_sa in = sa_inbound(in_be, PEER(1), TIA(1));
	struct ike_policy policy = sa_policy(IKE_DIRECTION_IN, in_be, PEER(1), TIA(1));
	struct sa_tunnel tunnel;

	assert_int_equal(sa_add(f->sas, &in, EPOCH, f->now), IKE_STATUS_OK);
	add_out(f, 1001, PEER(1), TIA(1));
	assert_int_equal(sa_policy_add(f->sas, &policy, f->now), IKE_STATUS_OK);
	policy.direction = IKE_DIRECTION_FORWARD;
	assert_int_equal(sa_policy_add(f->sas, &policy, f->now), IKE_STATUS_OK);
	assert_true(sa_current_is(f, TIA(1), old.out_be));
	assert_int_equal(policy_out(f, 1001, PEER(1), TIA(1), true), IKE_STATUS_OK);
	assert_true(sa_current_is(f, TIA(1), htobe32(1001)));
	assert_int_equal(f->tunnel_changes, 2);
	sa_disconnect(f, old, PEER(1), TIA(1));
	assert_true(sa_current_is(f, TIA(1), htobe32(1001)));
	assert_int_equal(f->tunnel_changes, 2);
	assert_true(sa_tunnel_find(f->sas, TIA(1), &tunnel));
	assert_int_equal(tunnel.inbound->spi_be, in_be);
}

static void
removal_of_the_current_one_falls_back(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_tunnel tunnel;

	for (uint32_t spi = 1000; spi < 1003; spi++) {
		add_out(f, spi, PEER(1), TIA(1));
		assert_int_equal(policy_out(f, spi, PEER(1), TIA(1), true), IKE_STATUS_OK);
	}
	assert_true(sa_current_is(f, TIA(1), htobe32(1002)));
	policy_out(f, 1002, PEER(1), TIA(1), false);
	assert_true(sa_current_is(f, TIA(1), htobe32(1001)));
	policy_out(f, 1000, PEER(1), TIA(1), false);
	assert_true(sa_current_is(f, TIA(1), htobe32(1001)));
	policy_out(f, 1001, PEER(1), TIA(1), false);
	assert_false(sa_tunnel_find(f->sas, TIA(1), &tunnel));
	assert_int_equal(sa_count(f->sas), 3);
}

static void
an_sa_takes_its_policies_along(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	struct ike_sa_id id = sa_id(GATEWAY, PEER(1), pair.out_be);
	struct sa_tunnel tunnel;

	assert_int_equal(sa_remove(f->sas, &id, f->now), IKE_STATUS_OK);
	assert_false(sa_tunnel_find(f->sas, TIA(1), &tunnel));
	assert_int_equal(policy_out(f, 1000, PEER(1), TIA(1), false), IKE_STATUS_OK);
	assert_int_equal(policy_out(f, 1000, PEER(1), TIA(1), true), IKE_STATUS_UNKNOWN);
}

static void
a_policy_goes_when_it_was_removed_as_often_as_added(void **state)
{
	struct sa_fixture *f = *state;
	struct ike_policy narrow = sa_policy(IKE_DIRECTION_OUT, htobe32(1000), PEER(1), TIA(1));
	struct sa_tunnel tunnel;

	sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	narrow.src_selector.protocol = 17;
	assert_int_equal(policy_out(f, 1000, PEER(1), TIA(1), true), IKE_STATUS_OK);
	assert_int_equal(sa_policy_add(f->sas, &narrow, f->now), IKE_STATUS_OK);
	policy_out(f, 1000, PEER(1), TIA(1), false);
	policy_out(f, 1000, PEER(1), TIA(1), false);
	assert_true(sa_current_is(f, TIA(1), htobe32(1000)));
	sa_policy_remove(f->sas, &narrow, f->now);
	assert_false(sa_tunnel_find(f->sas, TIA(1), &tunnel));
	assert_int_equal(f->tunnel_changes, 2);
}

static void
the_policies_of_an_sa_are_bounded(void **state)
{
	struct sa_fixture *f = *state;
	struct ike_policy policy = sa_policy(IKE_DIRECTION_OUT, htobe32(1000), PEER(1), TIA(1));
	unsigned count = 0;

	add_out(f, 1000, PEER(1), TIA(1));
	while (sa_policy_add(f->sas, &policy, f->now) == IKE_STATUS_OK && count < 1000) {
		policy.priority++;
		count++;
	}
	assert_int_equal(count, TRAFFIC_SELECTORS_MAX * TRAFFIC_SELECTORS_MAX);
}

static void
only_tias_have_outbound_policies(void **state)
{
	struct sa_fixture *f = *state;
	struct ike_policy policy = sa_policy(IKE_DIRECTION_OUT, htobe32(1000), PEER(1), TIA(1));

	add_out(f, 1000, PEER(1), TIA(1));
	policy.dst_selector.last++;
	assert_int_equal(sa_policy_add(f->sas, &policy, f->now), IKE_STATUS_NOT_SUPPORTED);
	assert_int_equal(policy_out(f, 1000, PEER(1), TIA(2), true), IKE_STATUS_NOT_SUPPORTED);
	assert_int_equal(policy_out(f, 1000, PEER(1), I_HOA(2), true), IKE_STATUS_NOT_SUPPORTED);
	policy.direction = 9;
	assert_int_equal(sa_policy_add(f->sas, &policy, f->now), IKE_STATUS_NOT_SUPPORTED);
}

static void
the_newest_peer_has_the_tia(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair a = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	struct sa_pair b = sa_connect(f, PEER(2), 0, TIA(1), 1001, EPOCH);

	assert_true(sa_current_is(f, TIA(1), b.out_be));
	assert_non_null(sa_live(f, a.out_be, PEER(1)));
	sa_disconnect(f, a, PEER(1), TIA(1));
	assert_true(sa_current_is(f, TIA(1), b.out_be));
}

static void
count_tia(be32 tia, void *context)
{
	unsigned *count = context;

	(*count)++;
}

static void
tias_are_found_by_their_peer(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, X_HOA(1), 0, TIA(1), 1000, EPOCH);
	unsigned before = 0, after = 0;

	sa_connect(f, X_HOA(1), 0, TIA(2), 1001, EPOCH);
	sa_for_each_tia_of_peer(f->sas, X_HOA(1), count_tia, &before);
	assert_int_equal(before, 2);
	assert_int_equal(sa_move(f, pair, X_HOA(1), X_HOA(2), 0), IKE_STATUS_OK);
	sa_for_each_tia_of_peer(f->sas, X_HOA(1), count_tia, &after);
	assert_int_equal(after, 1);
	sa_for_each_tia_of_peer(f->sas, X_HOA(2), count_tia, &after);
	assert_int_equal(after, 2);
}

static void
policies_are_asked_by_their_selectors(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	struct ike_policy policy = sa_policy(IKE_DIRECTION_IN, 0, 0, TIA(1));
	struct ike_use use;

	sa_live(f, pair.in_be, GATEWAY)->packets = 7;
	sa_live(f, pair.out_be, PEER(1))->packets = 8;
	assert_int_equal(sa_policy_query(f->sas, &policy, &use), IKE_STATUS_OK);
	assert_int_equal(use.packets, 7);
	assert_int_equal(use.last_use_sec, 0);
	policy = sa_policy(IKE_DIRECTION_OUT, 0, 0, TIA(1));
	assert_int_equal(sa_policy_query(f->sas, &policy, &use), IKE_STATUS_OK);
	assert_int_equal(use.packets, 8);
	policy = sa_policy(IKE_DIRECTION_OUT, 0, 0, TIA(2));
	assert_int_equal(sa_policy_query(f->sas, &policy, &use), IKE_STATUS_UNKNOWN);
}

static void
a_flush_of_policies_leaves_no_tunnel(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_tunnel tunnel;

	sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	sa_connect(f, PEER(2), 0, TIA(2), 1001, EPOCH);
	sa_policy_flush(f->sas, f->now);
	assert_false(sa_tunnel_find(f->sas, TIA(1), &tunnel));
	assert_false(sa_tunnel_find(f->sas, TIA(2), &tunnel));
	assert_int_equal(sa_count(f->sas), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, sa_fixture_start, sa_fixture_stop)
		TEST(an_outbound_sa_is_used_when_its_policy_comes),
		TEST(a_rekey_switches_once_and_removal_of_the_old_changes_nothing),
		TEST(removal_of_the_current_one_falls_back),
		TEST(an_sa_takes_its_policies_along),
		TEST(a_policy_goes_when_it_was_removed_as_often_as_added),
		TEST(the_policies_of_an_sa_are_bounded),
		TEST(only_tias_have_outbound_policies),
		TEST(the_newest_peer_has_the_tia),
		TEST(tias_are_found_by_their_peer),
		TEST(policies_are_asked_by_their_selectors),
		TEST(a_flush_of_policies_leaves_no_tunnel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
