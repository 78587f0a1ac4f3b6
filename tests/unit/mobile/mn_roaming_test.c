/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "mobile/mn_roaming.h"
#include "tests/unit/mobile/registration_bench.h"

/* Three interfaces of a mobile and its two home agents, each with a table of bindings as RFC 5944 section
 * 3.8.2.2 has it, on a clock that the test moves. Beside them what the test itself knows about every
 * interface: that decides what may be. */

#define TRACKS 3
#define X_HA 0
#define I_HA 1
#define AGENTS 2
#define T_MONITOR_MS 60000
#define WALK_STEPS 60000
#define CALM_STEPS 4000

/* What the test knows of an interface, since its connection status changed last. */
struct link {
	be32 care_of; /* 0: not attached */
	bool is_inside;
	bool is_proved, is_x_ha_accepted;
	uint64_t proved_sent;
};

/* A request on its way. */
struct flight {
	bool is_under_way;
	struct mn_registration registration; /* when it was sent */
	uint64_t sent;
};

struct agent_model {
	be32 bindings[TRACKS + 1]; /* care-of addresses; 0: free */
	uint64_t last_id;
	unsigned mismatches;
	bool is_single; /* serves no simultaneous bindings */
};

struct world {
	struct bench *bench;
	struct mn_config config;
	struct mn_track tracks[TRACKS];
	struct mn_roaming roaming;
	struct mn_effects effects;
	struct link links[TRACKS];
	struct flight flights[TRACKS][AGENTS];
	struct agent_model agents[AGENTS];
	uint32_t random;
	unsigned address;
	unsigned sends[AGENTS][TRACKS]; /* steps in which each carried, for the walk's own sake */
};

static uint64_t
now_ms(const struct world *world)
{
	return world->bench->at.mono.ns / NS_PER_MS;
}

static unsigned
choose(struct world *world, unsigned count)
{
	world->random = world->random * 1664525u + 1013904223u;
	return (world->random >> 8) % count;
}

static struct world *
world_create(struct bench *bench, bool simultaneous)
{
	static struct world world;
	static const char *const names[TRACKS] = {"eth0", "wlan0", "wwan0"};

	memset(&world, 0, sizeof(world));
	world.bench = bench;
	world.random = 20261125;
	world.config.agent_count = AGENTS;
	world.config.interface_count = TRACKS;
	world.config.timing = bench->timing;
	world.config.timing.drain_ms = 500;
	world.config.timing.failover_ms = 2000;
	for (unsigned i = 0; i < AGENTS; i++) {
		struct mn_agent_config *agent = &world.config.agents[i];

		*agent = bench->config;
		agent->monitor_grace_sec = 15;
		agent->lifetime_sec = 600;
		agent->simultaneous = simultaneous;
		agent->role = i == I_HA ? MN_ROLE_I_HA : MN_ROLE_X_HA;
		agent->address = bench_address(i == I_HA ? "10.1.0.1" : "203.0.113.1");
		agent->home_address = bench_address(i == I_HA ? "10.1.0.7" : "203.0.113.7");
	}
	for (unsigned t = 0; t < TRACKS; t++)
		assert_int_equal(mn_track_init(&world.tracks[t], MN_TRACK_INTERFACE, t, names[t],
					       &world.config, bench->auth, bench->at.mono),
				 0);
	mn_roaming_init(&world.roaming, &world.config, world.tracks, TRACKS, bench->at.mono);
	return &world;
}

/* Requests that the last event sent are on their way. */
static void
take_sends(struct world *world)
{
	for (unsigned t = 0; t < TRACKS; t++) {
		for (unsigned i = 0; i < AGENTS; i++) {
			if ((world->effects.bits[t][i] & MN_SEND) == 0)
				continue;
			world->flights[t][i] = (struct flight){
				true, world->tracks[t].registrations[i], now_ms(world)};
		}
	}
	memset(&world->effects, 0, sizeof(world->effects));
}

static void
forget(struct world *world, unsigned t)
{
	world->links[t] = (struct link){0};
	memset(world->flights[t], 0, sizeof(world->flights[t]));
}

static void
attach(struct world *world, unsigned t, bool is_inside)
{
	be32 care_of[MN_AGENTS_MAX] = {0};

	forget(world, t);
	world->links[t].care_of = htobe32(0xac100000u + ++world->address % 60000u + 1);
	world->links[t].is_inside = is_inside;
	care_of[X_HA] = care_of[I_HA] = world->links[t].care_of;
	mn_roaming_move(&world->roaming, t, care_of, &world->bench->at, &world->effects);
	take_sends(world);
}

static void
detach(struct world *world, unsigned t)
{
	be32 care_of[MN_AGENTS_MAX] = {0};

	forget(world, t);
	mn_roaming_move(&world->roaming, t, care_of, &world->bench->at, &world->effects);
	take_sends(world);
}

static void
interrupt(struct world *world, unsigned t)
{
	forget(world, t);
	mn_roaming_interrupt(&world->roaming, t, &world->bench->at, &world->effects);
	take_sends(world);
}

static void
pass_ms(struct world *world, uint64_t ms)
{
	bench_pass_ms(world->bench, ms);
	mn_roaming_tick(&world->roaming, &world->bench->at, &world->effects);
	mn_roaming_settle(&world->roaming, &world->bench->at, &world->effects);
	take_sends(world);
}

static bool
is_bound(const struct world *world, unsigned agent, be32 care_of)
{
	for (unsigned i = 0; i <= TRACKS; i++) {
		if (world->agents[agent].bindings[i] == care_of)
			return care_of != 0;
	}
	return false;
}

static unsigned
binding_count(const struct world *world, unsigned agent)
{
	unsigned count = 0;

	for (unsigned i = 0; i <= TRACKS; i++)
		count += world->agents[agent].bindings[i] != 0;
	return count;
}

static void
unbind(struct agent_model *model, be32 care_of)
{
	for (unsigned i = 0; i <= TRACKS; i++) {
		if (care_of == 0 || model->bindings[i] == care_of)
			model->bindings[i] = 0;
	}
}

/* The home agent's table after an accepted request; the reply's code. */
static uint8_t
serve(struct agent_model *model, const struct mip_request *request)
{
	bool keeps_others = (request->flags & MIP_FLAG_S) != 0 && !model->is_single;

	if (request->lifetime_be == 0) {
		unbind(model, request->care_of_address == request->home_address
				      ? 0
				      : request->care_of_address);
		return MIP_CODE_ACCEPTED;
	}
	unbind(model, keeps_others ? request->care_of_address : 0);
	for (unsigned i = 0; i <= TRACKS; i++) {
		if (model->bindings[i] != 0)
			continue;
		model->bindings[i] = request->care_of_address;
		return model->is_single ? MIP_CODE_ACCEPTED_NO_SIMULTANEOUS : MIP_CODE_ACCEPTED;
	}
	return MIP_CODE_TOO_MANY_BINDINGS;
}

/* What the home agent makes of a request, and writes as its answer. */
static size_t
process(struct world *world, unsigned t, unsigned i, uint8_t *bytes, size_t size)
{
	struct flight *flight = &world->flights[t][i];
	struct agent_model *model = &world->agents[i];
	struct answer answer = {.has_tnc = i == I_HA};
	struct mip_message message;
	uint64_t id;

	assert_int_equal(
		mip_parse(flight->registration.request, flight->registration.request_len, &message),
		MIP_PARSE_OK);
	id = be64toh(message.request.identification_be);
	if (id <= model->last_id) {
		answer.code = MIP_CODE_ID_MISMATCH;
		answer.high = (uint32_t)(world->bench->at.ntp.units >> 32);
		model->mismatches++;
	} else {
		model->last_id = id;
		answer.code = serve(model, &message.request);
	}
	world->bench->registration = flight->registration;
	return bench_build_answer(world->bench, &answer, bytes, size);
}

static void
hear(struct world *world, unsigned t, unsigned i, const uint8_t *bytes, size_t len, uint64_t sent)
{
	struct mn_registration *registration = &world->tracks[t].registrations[i];
	enum mn_state before = registration->state;
	enum mn_verdict verdict;

	verdict = mn_registration_reply(registration, registration->home_agent, bytes, len,
					&world->bench->at, &world->effects.bits[t][i]);
	if (verdict < MN_REPLY_MALFORMED)
		mn_roaming_learn(&world->roaming, &world->tracks[t], i);
	mn_roaming_settle(&world->roaming, &world->bench->at, &world->effects);
	take_sends(world);
	if (verdict != MN_REPLY_ACCEPTED || before == MN_DEREGISTERING)
		return;
	world->links[t].is_x_ha_accepted |= i == X_HA;
	if (i == I_HA) {
		world->links[t].is_proved = true;
		world->links[t].proved_sent = sent;
	}
}

static bool
is_reachable(const struct world *world, unsigned t, unsigned i)
{
	return world->links[t].care_of != 0 && (i == X_HA || world->links[t].is_inside);
}

/* The request that is under way arrives, and so does the answer unless that is lost. */
static void
deliver(struct world *world, unsigned t, unsigned i, bool is_answer_lost)
{
	struct flight *flight = &world->flights[t][i];
	uint64_t sent = flight->sent;
	uint8_t bytes[512];
	size_t len;

	if (!flight->is_under_way)
		return;
	flight->is_under_way = false;
	if (!is_reachable(world, t, i))
		return;
	len = process(world, t, i, bytes, sizeof(bytes));
	if (!is_answer_lost)
		hear(world, t, i, bytes, len, sent);
}

static void
deliver_all(struct world *world)
{
	for (unsigned t = 0; t < TRACKS; t++) {
		for (unsigned i = 0; i < AGENTS; i++)
			deliver(world, t, i, false);
	}
}

/* RFC 5265 sections 3.2.1 to 3.2.4, by the test's own knowledge: what track `t` lets pass. */
static void
check_track(const struct world *world, unsigned t, unsigned i, bool passes)
{
	const struct link *link = &world->links[t];

	if (!passes)
		return;
	assert_int_not_equal(link->care_of, 0);
	if (i == X_HA) {
		assert_true(link->is_x_ha_accepted);
		return;
	}
	assert_true(link->is_inside && link->is_proved);
	assert_true(now_ms(world) < link->proved_sent + T_MONITOR_MS);
}

static void
check_invariants(struct world *world)
{
	struct mono_time now = world->bench->at.mono;
	int senders[AGENTS];

	for (unsigned i = 0; i < AGENTS; i++) {
		senders[i] = mn_roaming_sender(&world->roaming, i, now);
		if (senders[i] >= 0) {
			check_track(world, (unsigned)senders[i], i, true);
			assert_int_equal(senders[i], world->roaming.carrier);
			world->sends[i][senders[i]]++;
		}
		for (unsigned t = 0; t < TRACKS; t++) {
			bool admits = mn_roaming_admits(&world->roaming, &world->tracks[t], i, now);

			check_track(world, t, i, admits);
			/* only the carrier sends; who drains receives, and neither renews nor repeats */
			assert_true(!admits || (int)t == senders[i] ||
				    world->tracks[t].is_draining);
		}
	}
	assert_true(senders[X_HA] < 0 || senders[I_HA] < 0);
	assert_true(world->roaming.carrier < 0 ||
		    !world->tracks[world->roaming.carrier].is_draining);
}

/* Where user data must pass once everybody has been heard. */
static int
best(const struct world *world)
{
	int found = -1;

	for (unsigned t = TRACKS; t-- > 0;) {
		const struct link *link = &world->links[t];

		if (link->care_of != 0 &&
		    (found < 0 || link->is_inside || !world->links[found].is_inside))
			found = (int)t;
	}
	return found;
}

/* Nothing gets lost for so long that everything which is asked patiently has been asked. */
static void
calm_down(struct world *world, unsigned seconds)
{
	for (unsigned s = 0; s < 2 * seconds; s++) {
		deliver_all(world);
		pass_ms(world, 500);
		check_invariants(world);
	}
}

static void
check_calm(struct world *world)
{
	int expected = best(world);
	unsigned agent;

	for (unsigned t = 0; t < TRACKS; t++) {
		if (world->tracks[t].is_interrupted)
			detach(world, t);
	}
	calm_down(world, 400);
	assert_int_equal(world->roaming.carrier, expected);
	if (expected < 0)
		return;
	agent = world->links[expected].is_inside ? I_HA : X_HA;
	assert_int_equal(mn_roaming_sender(&world->roaming, agent, world->bench->at.mono),
			 expected);
	assert_true(is_bound(world, agent, world->links[expected].care_of));
}

static void
walk_one_step(struct world *world)
{
	unsigned t = choose(world, TRACKS), i = choose(world, AGENTS);

	switch (choose(world, 60)) {
	case 0:
		attach(world, t, choose(world, 2) != 0);
		break;
	case 1:
		if (choose(world, 3) == 0)
			detach(world, t);
		break;
	case 2:
		if (choose(world, 2) == 0)
			interrupt(world, t);
		break;
	case 3:
		pass_ms(world, choose(world, 20000));
		break;
	case 4:
		world->flights[t][i].is_under_way = false;
		break;
	default:
		if (choose(world, 3) == 0)
			pass_ms(world, choose(world, 900) + 1);
		else
			deliver(world, t, i, choose(world, 8) == 0);
		break;
	}
}

static void
walk(struct world *world)
{
	for (unsigned step = 0; step < WALK_STEPS; step++) {
		walk_one_step(world);
		check_invariants(world);
		if (step % CALM_STEPS == CALM_STEPS - 1)
			check_calm(world);
	}
	/* it has been everywhere */
	for (unsigned t = 0; t < TRACKS; t++) {
		for (unsigned i = 0; i < AGENTS; i++)
			assert_true(world->sends[i][t] > WALK_STEPS / 200);
	}
}

static void
no_walk_lets_two_tracks_send_nor_one_that_is_not_proved(void **state)
{
	walk(world_create(*state, true));
}

static void
nor_does_one_without_simultaneous_bindings(void **state)
{
	struct world *world = world_create(*state, true);

	world->agents[X_HA].is_single = world->agents[I_HA].is_single = true;
	walk(world);
	walk(world_create(*state, false));
}

static void
old_track_carries_until_the_new_one_is_accepted_and_receives_until_it_has_drained(void **state)
{
	struct world *world = world_create(*state, true);
	struct mn_roaming *roaming = &world->roaming;
	const struct mono_time *now = &world->bench->at.mono;

	attach(world, 1, false);
	calm_down(world, 2);
	attach(world, 0, false);
	assert_int_equal(mn_roaming_sender(roaming, X_HA, *now), 1);
	assert_true(world->flights[0][X_HA].registration.requested.simultaneous);
	deliver(world, 0, X_HA, false);
	assert_int_equal(mn_roaming_sender(roaming, X_HA, *now), 0);
	assert_true(mn_roaming_admits(roaming, &world->tracks[1], X_HA, *now));
	assert_int_equal(binding_count(world, X_HA), 2);
	pass_ms(world, 499);
	assert_true(mn_roaming_admits(roaming, &world->tracks[1], X_HA, *now));
	pass_ms(world, 1);
	assert_false(mn_roaming_admits(roaming, &world->tracks[1], X_HA, *now));
	calm_down(world, 3);
	assert_int_equal(binding_count(world, X_HA), 1);
	assert_true(is_bound(world, X_HA, world->links[0].care_of));
	assert_int_equal(roaming->moves.moves[1].interruption_ms, 0);
	assert_string_equal(roaming->moves.moves[1].from, "wlan0");
}

static void
what_the_home_agent_has_forgotten_is_not_given_back(void **state)
{
	struct world *world = world_create(*state, false);

	attach(world, 1, false);
	calm_down(world, 2);
	attach(world, 0, false);
	deliver(world, 0, X_HA, false);
	assert_int_equal(world->roaming.carrier, 0);
	pass_ms(world, 500);
	assert_false(world->flights[1][X_HA].is_under_way);
	assert_int_not_equal(world->tracks[1].registrations[X_HA].state, MN_DEREGISTERING);
	assert_true(is_bound(world, X_HA, world->links[0].care_of));
}

static void
track_that_was_forgotten_registers_anew_when_its_successor_is_lost(void **state)
{
	struct world *world = world_create(*state, false);

	attach(world, 1, false);
	calm_down(world, 2);
	attach(world, 0, false);
	deliver(world, 0, X_HA, false);
	interrupt(world, 0);
	assert_int_equal(world->roaming.carrier, -1);
	pass_ms(world, 1000); /* RFC 5944 section 3.6.3 */
	assert_true(world->flights[1][X_HA].is_under_way);
	deliver(world, 1, X_HA, false);
	assert_int_equal(world->roaming.carrier, 1);
	assert_true(is_bound(world, X_HA, world->links[1].care_of));
}

static void
two_tracks_that_ask_at_the_same_time_are_not_taken_for_a_replay(void **state)
{
	struct world *world = world_create(*state, true);

	attach(world, 0, false);
	calm_down(world, 2);
	attach(world, 1, true);
	attach(world, 2, true);
	deliver(world, 1, I_HA, true);
	deliver(world, 2, I_HA, false);
	assert_int_equal(world->agents[I_HA].mismatches, 0);
}

static void
loss_of_the_carrier_makes_the_next_one_register_at_once(void **state)
{
	struct world *world = world_create(*state, true);

	attach(world, 0, false);
	attach(world, 1, false);
	calm_down(world, 3);
	assert_int_equal(world->roaming.carrier, 0);
	assert_int_equal(world->tracks[1].policy.duty, MN_DUTY_PROBE);
	interrupt(world, 0);
	assert_int_equal(world->roaming.carrier, -1);
	assert_true(world->flights[1][X_HA].is_under_way);
	assert_false(world->flights[1][X_HA].registration.requested.simultaneous);
	deliver(world, 1, X_HA, false);
	assert_int_equal(world->roaming.carrier, 1);
	assert_int_equal(binding_count(world, X_HA), 1);
}

static void
what_was_held_back_leaves_only_where_nothing_has_changed_since(void **state)
{
	struct world *world = world_create(*state, true);
	struct mono_time *now = &world->bench->at.mono;
	struct mono_time held;

	attach(world, 0, false);
	attach(world, 1, false);
	calm_down(world, 3);
	interrupt(world, 0);
	assert_false(mn_roaming_is_open(&world->roaming, *now));
	pass_ms(world, 10);
	held = *now;
	assert_int_equal(mn_roaming_releaser(&world->roaming, X_HA, held, *now), -1);
	deliver(world, 1, X_HA, false);
	assert_true(mn_roaming_is_open(&world->roaming, *now));
	assert_int_equal(mn_roaming_releaser(&world->roaming, X_HA, held, *now), 1);
	/* the same wait, but the connection changes once more */
	pass_ms(world, 10);
	attach(world, 1, false);
	pass_ms(world, 1000);
	deliver(world, 1, X_HA, false);
	assert_int_equal(mn_roaming_sender(&world->roaming, X_HA, *now), 1);
	assert_int_equal(mn_roaming_releaser(&world->roaming, X_HA, held, *now), -1);
}

static void
next_one_asks_too_when_the_preferred_one_asks_in_vain(void **state)
{
	struct world *world = world_create(*state, true);

	attach(world, 0, false);
	attach(world, 1, false);
	world->links[0].care_of = 0; /* a captive portal: nothing comes back */
	pass_ms(world, 1999);
	assert_int_equal(world->tracks[1].policy.duty, MN_DUTY_REST);
	pass_ms(world, 1);
	assert_int_equal(world->tracks[1].policy.duty, MN_DUTY_ASK);
	deliver(world, 1, X_HA, false);
	assert_int_equal(world->roaming.carrier, 1);
}

static void
inside_on_a_less_preferred_track_is_found_and_taken(void **state)
{
	struct world *world = world_create(*state, true);

	attach(world, 0, false);
	calm_down(world, 2);
	attach(world, 2, true);
	assert_int_equal(world->tracks[2].policy.duty, MN_DUTY_PROBE);
	assert_false(world->flights[2][X_HA].is_under_way);
	deliver(world, 2, I_HA, false);
	assert_int_equal(world->roaming.carrier, 2);
	assert_int_equal(world->tracks[0].is_draining, true);
	calm_down(world, 5);
	assert_int_equal(binding_count(world, X_HA), 0);
	assert_true(is_bound(world, I_HA, world->links[2].care_of));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(
			old_track_carries_until_the_new_one_is_accepted_and_receives_until_it_has_drained),
		BENCH_TEST(what_the_home_agent_has_forgotten_is_not_given_back),
		BENCH_TEST(track_that_was_forgotten_registers_anew_when_its_successor_is_lost),
		BENCH_TEST(two_tracks_that_ask_at_the_same_time_are_not_taken_for_a_replay),
		BENCH_TEST(loss_of_the_carrier_makes_the_next_one_register_at_once),
		BENCH_TEST(what_was_held_back_leaves_only_where_nothing_has_changed_since),
		BENCH_TEST(next_one_asks_too_when_the_preferred_one_asks_in_vain),
		BENCH_TEST(inside_on_a_less_preferred_track_is_found_and_taken),
		BENCH_TEST(what_the_vpn_hears_from_an_i_ha_proves_nothing),
		BENCH_TEST(no_walk_lets_two_tracks_send_nor_one_that_is_not_proved),
		BENCH_TEST(nor_does_one_without_simultaneous_bindings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
