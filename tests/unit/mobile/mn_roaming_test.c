/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/mobile/roaming_world.h"

static void
old_track_carries_until_the_new_one_is_accepted_and_receives_until_it_has_drained(void **state)
{
	struct world *world = world_create(*state, true);
	struct mn_roaming *roaming = &world->roaming;
	const struct mono_time *now = &world->bench->at.mono;

	world_attach(world, 1, false);
	world_calm_down(world, 2);
	world_attach(world, 0, false);
	assert_int_equal(mn_roaming_sender(roaming, X_HA, *now), 1);
	assert_true(world->flights[0][X_HA].registration.requested.simultaneous);
	world_deliver(world, 0, X_HA, false);
	assert_int_equal(mn_roaming_sender(roaming, X_HA, *now), 0);
	assert_true(mn_roaming_admits(roaming, &world->tracks[1], X_HA, *now));
	assert_int_equal(world_binding_count(world, X_HA), 2);
	world_pass_ms(world, 499);
	assert_true(mn_roaming_admits(roaming, &world->tracks[1], X_HA, *now));
	world_pass_ms(world, 1);
	assert_false(mn_roaming_admits(roaming, &world->tracks[1], X_HA, *now));
	world_calm_down(world, 3);
	assert_int_equal(world_binding_count(world, X_HA), 1);
	assert_true(world_is_bound(world, X_HA, world->links[0].care_of));
	assert_int_equal(roaming->moves.moves[1].interruption_ms, 0);
	assert_string_equal(roaming->moves.moves[1].from, "wlan0");
}

/* It cannot say goodbye any more, so its successor has the home agent forget it. */
static void
old_track_that_is_lost_while_it_drains_leaves_no_binding_behind(void **state)
{
	struct world *world = world_create(*state, true);

	world_attach(world, 1, false);
	world_calm_down(world, 2);
	world_attach(world, 0, false);
	world_deliver(world, 0, X_HA, false);
	assert_int_equal(world_binding_count(world, X_HA), 2);
	world_pass_ms(world, 100);
	world_interrupt(world, 1);
	world_calm_down(world, 3);
	assert_int_equal(world->roaming.carrier, 0);
	assert_int_equal(world_binding_count(world, X_HA), 1);
	assert_true(world_is_bound(world, X_HA, world->links[0].care_of));
}

/* Whoever was to sweep it away is no longer the carrier: his successor does. */
static void
binding_left_behind_is_swept_by_the_next_carrier_but_one(void **state)
{
	struct world *world = world_create(*state, true);

	world_attach(world, 2, false);
	world_calm_down(world, 2);
	world_attach(world, 1, false);
	world_deliver(world, 1, X_HA, false);
	world_pass_ms(world, 10);
	world_attach(world, 0, false);
	world_interrupt(world, 2);
	assert_false(world->flights[1][X_HA].is_under_way);
	world_deliver(world, 0, X_HA, false);
	assert_int_equal(world->roaming.carrier, 0);
	assert_int_equal(world_binding_count(world, X_HA), 3);
	world_calm_down(world, 5);
	assert_int_equal(world_binding_count(world, X_HA), 1);
	assert_true(world_is_bound(world, X_HA, world->links[0].care_of));
}

/* What it has bound is not forgotten only because that is in doubt. */
static void
carrier_that_is_in_doubt_is_given_back_when_another_takes_over(void **state)
{
	struct world *world = world_create(*state, true);

	world_attach(world, 1, false);
	world_calm_down(world, 2);
	world_attach(world, 0, false);
	world_interrupt(world,
			0); /* its request may have arrived, or not: track 1 is to ask again */
	world_attach(world, 0, false);
	world_pass_ms(world, 1000);
	world_deliver(world, 0, X_HA, false);
	assert_int_equal(world->roaming.carrier, 0);
	world_calm_down(world, 5);
	assert_int_equal(world_binding_count(world, X_HA), 1);
	assert_true(world_is_bound(world, X_HA, world->links[0].care_of));
}

static void
what_the_home_agent_has_forgotten_is_not_given_back(void **state)
{
	struct world *world = world_create(*state, false);

	world_attach(world, 1, false);
	world_calm_down(world, 2);
	world_attach(world, 0, false);
	world_deliver(world, 0, X_HA, false);
	assert_int_equal(world->roaming.carrier, 0);
	world_pass_ms(world, 500);
	assert_false(world->flights[1][X_HA].is_under_way);
	assert_int_not_equal(world->tracks[1].registrations[X_HA].state, MN_DEREGISTERING);
	assert_true(world_is_bound(world, X_HA, world->links[0].care_of));
}

static void
track_that_was_forgotten_registers_anew_when_its_successor_is_lost(void **state)
{
	struct world *world = world_create(*state, false);

	world_attach(world, 1, false);
	world_calm_down(world, 2);
	world_attach(world, 0, false);
	world_deliver(world, 0, X_HA, false);
	world_interrupt(world, 0);
	assert_int_equal(world->roaming.carrier, -1);
	world_pass_ms(world, 1000); /* RFC 5944 section 3.6.3 */
	assert_true(world->flights[1][X_HA].is_under_way);
	world_deliver(world, 1, X_HA, false);
	assert_int_equal(world->roaming.carrier, 1);
	assert_true(world_is_bound(world, X_HA, world->links[1].care_of));
}

static void
two_tracks_that_ask_at_the_same_time_are_not_taken_for_a_replay(void **state)
{
	struct world *world = world_create(*state, true);

	world_attach(world, 0, false);
	world_calm_down(world, 2);
	world_attach(world, 1, true);
	world_attach(world, 2, true);
	world_deliver(world, 1, I_HA, true);
	world_deliver(world, 2, I_HA, false);
	assert_int_equal(world->agents[I_HA].mismatches, 0);
}

static void
loss_of_the_carrier_makes_the_next_one_register_at_once(void **state)
{
	struct world *world = world_create(*state, true);

	world_attach(world, 0, false);
	world_attach(world, 1, false);
	world_calm_down(world, 3);
	assert_int_equal(world->roaming.carrier, 0);
	assert_int_equal(world->tracks[1].policy.duty, MN_DUTY_PROBE);
	world_interrupt(world, 0);
	assert_int_equal(world->roaming.carrier, -1);
	assert_true(world->flights[1][X_HA].is_under_way);
	assert_false(world->flights[1][X_HA].registration.requested.simultaneous);
	world_deliver(world, 1, X_HA, false);
	assert_int_equal(world->roaming.carrier, 1);
	assert_int_equal(world_binding_count(world, X_HA), 1);
}

static void
what_was_held_back_leaves_only_where_nothing_has_changed_since(void **state)
{
	struct world *world = world_create(*state, true);
	struct mono_time *now = &world->bench->at.mono;
	struct mono_time held;

	world_attach(world, 0, false);
	world_attach(world, 1, false);
	world_calm_down(world, 3);
	world_interrupt(world, 0);
	assert_false(mn_roaming_is_open(&world->roaming, *now));
	world_pass_ms(world, 10);
	held = *now;
	assert_int_equal(mn_roaming_releaser(&world->roaming, X_HA, held, *now), -1);
	world_deliver(world, 1, X_HA, false);
	assert_true(mn_roaming_is_open(&world->roaming, *now));
	assert_int_equal(mn_roaming_releaser(&world->roaming, X_HA, held, *now), 1);
	/* the same wait, but the connection changes once more */
	world_pass_ms(world, 10);
	world_attach(world, 1, false);
	world_pass_ms(world, 1000);
	world_deliver(world, 1, X_HA, false);
	assert_int_equal(mn_roaming_sender(&world->roaming, X_HA, *now), 1);
	assert_int_equal(mn_roaming_releaser(&world->roaming, X_HA, held, *now), -1);
}

static void
next_one_asks_too_when_the_preferred_one_asks_in_vain(void **state)
{
	struct world *world = world_create(*state, true);

	world_attach(world, 0, false);
	world_attach(world, 1, false);
	world->links[0].care_of = 0; /* a captive portal: nothing comes back */
	world_pass_ms(world, 1999);
	assert_int_equal(world->tracks[1].policy.duty, MN_DUTY_REST);
	world_pass_ms(world, 1);
	assert_int_equal(world->tracks[1].policy.duty, MN_DUTY_ASK);
	world_deliver(world, 1, X_HA, false);
	assert_int_equal(world->roaming.carrier, 1);
}

static void
inside_on_a_less_preferred_track_is_found_and_taken(void **state)
{
	struct world *world = world_create(*state, true);

	world_attach(world, 0, false);
	world_calm_down(world, 2);
	world_attach(world, 2, true);
	assert_int_equal(world->tracks[2].policy.duty, MN_DUTY_PROBE);
	assert_false(world->flights[2][X_HA].is_under_way);
	world_deliver(world, 2, I_HA, false);
	assert_int_equal(world->roaming.carrier, 2);
	assert_int_equal(world->tracks[0].is_draining, true);
	world_calm_down(world, 5);
	assert_int_equal(world_binding_count(world, X_HA), 0);
	assert_true(world_is_bound(world, I_HA, world->links[2].care_of));
}

static void
carrier_that_a_late_request_made_forgotten_registers_again(void **state)
{
	struct world *world = world_create(*state, false);

	world_attach(world, 0, false);
	world_attach(world, 1, false);
	world_pass_ms(world, 2000); /* both ask now */
	world_deliver(world, 0, X_HA, true);
	world_pass_ms(world, 2000);
	world->flights[1][X_HA].is_under_way = true;
	world_deliver(world, 0, X_HA, false);
	assert_int_equal(world->roaming.carrier, 0);
	world_calm_down(world, 3);
	assert_int_equal(world->roaming.carrier, 0);
	assert_true(world_is_bound(world, X_HA, world->links[0].care_of));
}

static void
at_home_nothing_is_bound_and_from_there_others_take_over(void **state)
{
	struct world *world = world_create(*state, true);
	const struct mono_time *now = &world->bench->at.mono;

	world_attach(world, 1, true);
	world_calm_down(world, 2);
	assert_int_equal(world_binding_count(world, I_HA), 1);
	world_come_home(world, 0);
	assert_int_equal(mn_roaming_sender(&world->roaming, I_HA, *now), 1);
	world_deliver(world, 0, I_HA, false);
	assert_int_equal(mn_roaming_sender(&world->roaming, I_HA, *now), 0);
	assert_int_equal(world_binding_count(world, I_HA), 0);
	assert_string_equal(mn_mode_name(mn_roaming_mode(&world->roaming, NULL)), "home");
	world_calm_down(world, 120);
	assert_int_equal(mn_roaming_sender(&world->roaming, I_HA, *now), 0);
	assert_int_equal(world_binding_count(world, I_HA), 0);
	/* a sweep is not asked for again and again */
	assert_true(world->tracks[0].registrations[I_HA].request_count < 10);
	world_interrupt(world, 0);
	world_calm_down(world, 2);
	assert_int_equal(mn_roaming_sender(&world->roaming, I_HA, *now), 1);
	assert_int_equal(world_binding_count(world, I_HA), 1);
	assert_true(world_is_bound(world, I_HA, world->links[1].care_of));
}

/* A carrier inside, without traffic. */
static struct world *
idle_world(struct bench *bench)
{
	struct world *world = world_create(bench, true);

	world->config.detect.idle = true;
	world_attach(world, 0, true);
	world_calm_down(world, 2);
	assert_int_equal(world->roaming.carrier, 0);
	return world;
}

static void
on_an_x_has_home_link_user_data_waits_for_the_vpn_that_is_configured(void **state)
{
	for (unsigned has_vpn = 0; has_vpn < 2; has_vpn++) {
		struct world *world = world_create(*state, true);

		if (has_vpn)
			world_add_vpn(world);
		world_come_home(world, 0);
		world_deliver(world, 0, X_HA, false);
		assert_int_equal(world->roaming.place, MN_PLACE_OUTSIDE);
		for (unsigned t = 0; t < 2; t++)
			assert_string_equal(
				mn_mode_name(mn_roaming_mode(&world->roaming,
							     t == 0 ? NULL : &world->tracks[0])),
				has_vpn ? "none" : "home");
		world_deliver(world, 0, I_HA, false);
		assert_string_equal(mn_mode_name(mn_roaming_mode(&world->roaming, NULL)), "home");
		if (has_vpn)
			mn_track_fini(&world->tracks[VPN]);
	}
}

static void
without_traffic_t_monitor_ends_in_sleep_from_which_traffic_wakes(void **state)
{
	struct world *world = idle_world(*state);
	const struct mono_time *now = &world->bench->at.mono;
	unsigned before = 0;

	for (unsigned s = 0; world->tracks[0].policy.detect.place != MN_PLACE_ASLEEP; s++) {
		assert_true(s < 130);
		world_pass_ms(world, 1000);
		world_deliver(world, 0, I_HA, false);
		world_check(world);
	}
	before = (unsigned)world->tracks[0].registrations[I_HA].request_count;
	world_calm_down(world, 60);
	assert_int_equal(world->tracks[0].registrations[I_HA].request_count, before);
	assert_int_equal(mn_roaming_sender(&world->roaming, I_HA, *now), -1);
	assert_int_equal(world->roaming.carrier, 0);
	assert_true(world_is_bound(world, I_HA, world->links[0].care_of));

	world_traffic(world);
	assert_true(world->flights[0][I_HA].is_under_way);
	assert_false(world->flights[0][X_HA].is_under_way);
	assert_int_equal(mn_roaming_sender(&world->roaming, I_HA, *now), -1);
	world_deliver(world, 0, I_HA, false);
	assert_int_equal(mn_roaming_sender(&world->roaming, I_HA, *now), 0);
}

static void
traffic_in_the_last_seconds_of_t_monitor_renews_at_once(void **state)
{
	struct world *world = idle_world(*state);

	for (unsigned s = 0; !world->tracks[0].policy.is_drowsy; s++) {
		assert_true(s < 130);
		world_pass_ms(world, 1000);
		world_deliver(world, 0, I_HA, false);
	}
	assert_int_equal(mn_roaming_sender(&world->roaming, I_HA, world->bench->at.mono), 0);
	world_traffic(world);
	assert_true(world->flights[0][I_HA].is_under_way);
}

static void
sleeper_keeps_its_binding_by_ordinary_registrations(void **state)
{
	struct world *world = idle_world(*state);
	uint64_t before = world->tracks[0].registrations[I_HA].request_count;
	uint64_t x_ha = world->tracks[0].registrations[X_HA].request_count;

	world_calm_down(world, 1200); /* twice the lifetime */
	assert_true(world->tracks[0].registrations[I_HA].request_count > before);
	assert_true(world->tracks[0].registrations[I_HA].request_count < before + 12);
	assert_int_equal(world->tracks[0].registrations[X_HA].request_count, x_ha);
}

static void
sleeper_that_is_outside_by_now_finds_out(void **state)
{
	struct world *world = idle_world(*state);

	world_calm_down(world, 120);
	assert_int_equal(world->tracks[0].policy.detect.place, MN_PLACE_ASLEEP);
	world->links[0].is_inside = false;
	world_traffic(world);
	world_calm_down(world, 3);
	assert_int_equal(world->tracks[0].policy.detect.place, MN_PLACE_OUTSIDE);
	assert_int_equal(mn_roaming_sender(&world->roaming, X_HA, world->bench->at.mono), 0);
}

static void
what_the_vpn_hears_from_an_i_ha_proves_nothing(void **state)
{
	struct bench *bench = *state;
	struct world *world = world_create(bench, true);
	struct mn_track vpn;

	assert_int_equal(mn_track_init(&vpn, MN_TRACK_VPN, TRACKS, "vpn", &world->config,
				       bench->auth, bench->at.mono),
			 0);
	assert_int_equal(vpn.registrations[I_HA].config->role, MN_ROLE_X_HA);
	assert_true(vpn.registrations[I_HA].config->reverse_tunnel);
	assert_int_equal(vpn.policy.detect.i_ha_bits, 0);
	mn_track_fini(&vpn);
}

static void
vpn_serves_outside_and_drains_once_the_inside_is_proved(void **state)
{
	struct world *world = world_create(*state, true);
	struct mn_roaming *roaming = &world->roaming;
	const struct mono_time *now = &world->bench->at.mono;

	world_add_vpn(world);
	world_attach(world, 0, false);
	world_calm_down(world, 2);
	assert_true(roaming->moves.is_interrupted); /* what the x-HA carries is not user data */
	world_attach(world, VPN, false);
	world_deliver(world, VPN, I_HA, false);
	assert_int_equal(world->tracks[VPN].policy.detect.why, MN_WHY_BY_VPN);
	assert_int_equal(mn_roaming_sender(roaming, I_HA, *now), VPN);
	assert_string_equal(mn_mode_name(mn_roaming_mode(roaming, NULL)), "cvc");
	assert_false(roaming->moves.is_interrupted);

	/* the connection below changes: nothing passes until that is settled */
	world_attach(world, 0, true);
	assert_int_equal(mn_roaming_sender(roaming, I_HA, *now), -1);
	assert_true(roaming->moves.is_interrupted);
	world_pass_ms(world, 1000);
	world_deliver(world, 0, X_HA, false);
	assert_int_equal(mn_roaming_sender(roaming, I_HA, *now), VPN);
	world_deliver(world, 0, I_HA, false);
	assert_int_equal(mn_roaming_sender(roaming, I_HA, *now), 0);
	assert_string_equal(mn_mode_name(mn_roaming_mode(roaming, NULL)), "c");
	assert_true(mn_roaming_admits(roaming, &world->tracks[VPN], I_HA, *now));
	assert_int_equal(world_binding_count(world, I_HA), 2);
	world_calm_down(world, 5);
	assert_false(mn_roaming_admits(roaming, &world->tracks[VPN], I_HA, *now));
	assert_int_equal(world_binding_count(world, I_HA), 1);
	assert_true(world_is_bound(world, I_HA, world->links[0].care_of));
	mn_track_fini(&world->tracks[VPN]);
}

/* Whether it has just come inside is not known until the i-HA has been asked plainly; the binding through the VPN must
 * not be made anew behind that request's back. */
static void
through_the_vpn_nothing_is_swept_while_the_i_ha_may_answer_plainly(void **state)
{
	for (unsigned is_inside = 0; is_inside < 2; is_inside++) {
		struct world *world = world_create(*state, true);

		world_add_vpn(world);
		world_attach(world, 0, false);
		world_calm_down(world, 2);
		world_attach(world, VPN, false);
		world_deliver(world, VPN, I_HA, false);
		/* what was asked where it was may yet have made a binding */
		world_calm_down(world, 8);
		world_interrupt(world, 0);
		world_attach(world, 0, is_inside);
		world_deliver(world, 0, X_HA, false);
		assert_true(world->roaming.is_stale[I_HA]);
		assert_false(world->flights[VPN][I_HA].is_under_way);
		world_deliver(world, 0, I_HA, false);
		if (is_inside) {
			assert_true(world_is_bound(world, I_HA, world->links[0].care_of));
			/* for what has just left there */
			assert_true(world_is_bound(world, I_HA, world->links[VPN].care_of));
		} else {
			world_pass_ms(world, 1000);
			assert_true(world->flights[VPN][I_HA].is_under_way);
		}
		world_calm_down(world, 5);
		assert_false(world->roaming.is_stale[I_HA]);
		assert_int_equal(world_binding_count(world, I_HA), 1);
		assert_true(world_is_bound(world, I_HA, world->links[is_inside ? 0 : VPN].care_of));
		mn_track_fini(&world->tracks[VPN]);
	}
}

/* Outside, bound with the x-HA through the first interface, with a VPN over it that is up. */
static struct world *
world_with_a_vpn_to_hang_up(struct bench *bench)
{
	struct world *world = world_create(bench, true);

	world_attach(world, 0, false);
	world_calm_down(world, 2);
	world_keep_x_ha(world, true);
	return world;
}

static void
x_ha_is_kept_inside_until_the_vpn_is_hung_up(void **state)
{
	struct world *world = world_with_a_vpn_to_hang_up(*state);
	const struct mono_time *now = &world->bench->at.mono;
	uint64_t requests;

	world_attach(world, 0, true);
	world_pass_ms(world, 1000);
	world_deliver(world, 0, I_HA, false);
	assert_int_equal(mn_roaming_sender(&world->roaming, I_HA, *now), 0);
	assert_int_equal(mn_roaming_sender(&world->roaming, X_HA, *now), -1);
	requests = world->tracks[0].registrations[X_HA].request_count;
	world_pass_ms(world, 3000);
	assert_int_equal(world->tracks[0].registrations[X_HA].request_count, requests);
	world_deliver(world, 0, X_HA, false);
	assert_int_equal(mn_roaming_sender(&world->roaming, X_HA, *now), 0);
	assert_true(mn_roaming_admits(&world->roaming, &world->tracks[0], X_HA, *now));
	assert_string_equal(mn_mode_name(mn_roaming_mode(&world->roaming, NULL)), "c");
	world_keep_x_ha(world, false);
	assert_int_equal(mn_roaming_sender(&world->roaming, X_HA, *now), -1);
	world_calm_down(world, 3);
	assert_int_equal(world_binding_count(world, X_HA), 0);
}

static void
so_is_the_one_of_an_interface_that_is_no_longer_the_carrier(void **state)
{
	struct world *world = world_with_a_vpn_to_hang_up(*state);
	const struct mono_time *now = &world->bench->at.mono;

	world_attach(world, 1, true);
	world_deliver(world, 1, I_HA, false);
	assert_int_equal(world->roaming.carrier, 1);
	world_pass_ms(world, 4000);
	assert_int_equal(mn_roaming_sender(&world->roaming, X_HA, *now), 0);
	assert_int_equal(mn_roaming_sender(&world->roaming, I_HA, *now), 1);
	assert_true(mono_is_before(*now, mn_roaming_deadline(&world->roaming, *now)));
	world_keep_x_ha(world, false);
	assert_int_equal(mn_roaming_sender(&world->roaming, X_HA, *now), -1);
	world_calm_down(world, 3);
	assert_int_equal(world_binding_count(world, X_HA), 0);
}

/* Held back, or accepted when that did not count: neither is enough for the outside. */
static void
x_ha_that_was_kept_is_asked_anew_when_the_inside_is_lost(void **state)
{
	for (unsigned is_accepted = 0; is_accepted < 2; is_accepted++) {
		struct world *world = world_with_a_vpn_to_hang_up(*state);
		const struct mono_time *now = &world->bench->at.mono;
		uint64_t requests;

		world_attach(world, 0, true);
		world_pass_ms(world, 1000);
		world_deliver(world, 0, I_HA, false);
		if (is_accepted)
			world_deliver(world, 0, X_HA, false);
		requests = world->tracks[0].registrations[X_HA].request_count;
		world_pass_ms(world, T_MONITOR_MS);
		assert_int_equal(world->roaming.place, MN_PLACE_UNKNOWN);
		assert_int_equal(world->tracks[0].registrations[X_HA].request_count, requests + 1);
		world_deliver(world, 0, X_HA, false);
		assert_int_equal(mn_roaming_sender(&world->roaming, X_HA, *now), 0);
		assert_int_equal(world->roaming.place, MN_PLACE_OUTSIDE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(
			old_track_carries_until_the_new_one_is_accepted_and_receives_until_it_has_drained),
		BENCH_TEST(old_track_that_is_lost_while_it_drains_leaves_no_binding_behind),
		BENCH_TEST(binding_left_behind_is_swept_by_the_next_carrier_but_one),
		BENCH_TEST(carrier_that_is_in_doubt_is_given_back_when_another_takes_over),
		BENCH_TEST(what_the_home_agent_has_forgotten_is_not_given_back),
		BENCH_TEST(track_that_was_forgotten_registers_anew_when_its_successor_is_lost),
		BENCH_TEST(two_tracks_that_ask_at_the_same_time_are_not_taken_for_a_replay),
		BENCH_TEST(loss_of_the_carrier_makes_the_next_one_register_at_once),
		BENCH_TEST(what_was_held_back_leaves_only_where_nothing_has_changed_since),
		BENCH_TEST(next_one_asks_too_when_the_preferred_one_asks_in_vain),
		BENCH_TEST(inside_on_a_less_preferred_track_is_found_and_taken),
		BENCH_TEST(carrier_that_a_late_request_made_forgotten_registers_again),
		BENCH_TEST(at_home_nothing_is_bound_and_from_there_others_take_over),
		BENCH_TEST(on_an_x_has_home_link_user_data_waits_for_the_vpn_that_is_configured),
		BENCH_TEST(without_traffic_t_monitor_ends_in_sleep_from_which_traffic_wakes),
		BENCH_TEST(traffic_in_the_last_seconds_of_t_monitor_renews_at_once),
		BENCH_TEST(sleeper_keeps_its_binding_by_ordinary_registrations),
		BENCH_TEST(sleeper_that_is_outside_by_now_finds_out),
		BENCH_TEST(vpn_serves_outside_and_drains_once_the_inside_is_proved),
		BENCH_TEST(through_the_vpn_nothing_is_swept_while_the_i_ha_may_answer_plainly),
		BENCH_TEST(x_ha_is_kept_inside_until_the_vpn_is_hung_up),
		BENCH_TEST(so_is_the_one_of_an_interface_that_is_no_longer_the_carrier),
		BENCH_TEST(x_ha_that_was_kept_is_asked_anew_when_the_inside_is_lost),
		BENCH_TEST(what_the_vpn_hears_from_an_i_ha_proves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
