/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "mobile/mn_policy.h"
#include "tests/unit/mobile/registration_bench.h"

/* Two real registrations under the detection, home agents and a clock that the test plays, and beside
 * them what the test itself knows: that decides what may be. */

#define X_HA 0
#define I_HA 1
#define T_MONITOR_MS 60000
#define PERIOD_MS 2500
#define WALK_STEPS 200000

struct kept {
	uint8_t bytes[512];
	size_t len;
};

struct walk {
	struct bench *bench; /* key, algorithm and clock of both agents */
	struct mn_agent_config configs[2];
	struct mn_registration registrations[2];
	struct mn_policy policy;
	unsigned effects[2];
	unsigned actions;

	/* the test's own knowledge; times in ms since 0 */
	uint32_t random;
	bool is_attached;
	uint64_t begun;		/* the last attachment, or when the inside was lost */
	uint64_t sent[2];	/* the latest request */
	bool is_proved;		/* since the last change, and not taken back */
	uint64_t proved_sent;	/* the request that the last proof answered */
	bool is_x_ha_accepted;	/* since the last change */
	bool is_unproved_known; /* an answer without proof ends the waiting */
	struct kept kept[2];	/* an older answer of each */
	unsigned inside_count, outside_count;
};

static uint64_t
now_ms(const struct walk *walk)
{
	return walk->bench->at.mono.ns / NS_PER_MS;
}

static unsigned
choose(struct walk *walk, unsigned count)
{
	walk->random = walk->random * 1664525u + 1013904223u;
	return (walk->random >> 8) % count;
}

static void
prepare(struct walk *walk, struct bench *bench, unsigned period_ms)
{
	static const struct mn_detect_config detect[] = {{.period_ms = 0},
							 {.period_ms = PERIOD_MS}};

	memset(walk, 0, sizeof(*walk));
	walk->bench = bench;
	walk->random = 20250608;
	for (unsigned i = 0; i < 2; i++) {
		walk->configs[i] = bench->config;
		walk->configs[i].monitor_grace_sec = 15;
		walk->configs[i].lifetime_sec = 600;
		walk->configs[i].role = i == I_HA ? MN_ROLE_I_HA : MN_ROLE_X_HA;
		walk->configs[i].address = bench_address(i == I_HA ? "10.1.0.1" : "203.0.113.1");
		walk->configs[i].home_address =
			bench_address(i == I_HA ? "10.1.0.7" : "203.0.113.7");
		mn_registration_init(&walk->registrations[i], &walk->configs[i], &bench->timing,
				     bench->auth);
	}
	mn_policy_init(&walk->policy, walk->registrations, 2, &detect[period_ms != 0],
		       bench->at.mono);
}

static void
settle(struct walk *walk)
{
	walk->actions |= mn_policy_settle(&walk->policy, &walk->bench->at, walk->effects);
	for (unsigned i = 0; i < 2; i++) {
		if ((walk->effects[i] & MN_SEND) != 0)
			walk->sent[i] = now_ms(walk);
	}
}

static void
begin_event(struct walk *walk)
{
	memset(walk->effects, 0, sizeof(walk->effects));
	walk->actions = 0;
}

static void
forget(struct walk *walk)
{
	walk->is_proved = walk->is_x_ha_accepted = walk->is_unproved_known = false;
}

static void
attach(struct walk *walk, const char *care_of)
{
	be32 addresses[2] = {0};

	begin_event(walk);
	if (care_of != NULL)
		addresses[0] = addresses[1] = bench_address(care_of);
	walk->actions = mn_policy_move(&walk->policy, addresses, &walk->bench->at, walk->effects);
	walk->is_attached = care_of != NULL;
	walk->begun = now_ms(walk);
	forget(walk);
	settle(walk);
}

static void
interrupt(struct walk *walk)
{
	begin_event(walk);
	walk->actions = mn_policy_interrupt(&walk->policy, walk->bench->at.mono);
	walk->is_attached = false;
	forget(walk);
}

static void
pass_ms(struct walk *walk, uint64_t ms)
{
	begin_event(walk);
	bench_pass_ms(walk->bench, ms);
	for (unsigned i = 0; i < 2; i++)
		walk->effects[i] = mn_registration_tick(&walk->registrations[i], &walk->bench->at);
	settle(walk);
}

/* The bench builds answers for the registration that it holds. */
static size_t
build(struct walk *walk, unsigned agent, const struct answer *answer, uint8_t *bytes, size_t size)
{
	walk->bench->registration = walk->registrations[agent];
	return bench_build_answer(walk->bench, answer, bytes, size);
}

static enum mn_verdict
deliver(struct walk *walk, unsigned agent, const uint8_t *bytes, size_t len)
{
	enum mn_verdict verdict;

	begin_event(walk);
	verdict = mn_registration_reply(&walk->registrations[agent],
					walk->registrations[agent].home_agent, bytes, len,
					&walk->bench->at, &walk->effects[agent]);
	settle(walk);
	return verdict;
}

static enum mn_verdict
answer(struct walk *walk, unsigned agent, const struct answer *how)
{
	uint8_t bytes[512];
	size_t len = build(walk, agent, how, bytes, sizeof(bytes));
	uint64_t sent = walk->sent[agent];
	enum mn_state before = walk->registrations[agent].state;
	enum mn_verdict verdict = deliver(walk, agent, bytes, len);

	if (how->has_wrong_key || how->has_no_auth || how->has_wrong_low) {
		assert_true(verdict >= MN_REPLY_MALFORMED);
		return verdict;
	}
	if (before == MN_DEREGISTERING || verdict >= MN_REPLY_MALFORMED)
		return verdict;
	if (agent == I_HA && how->code == 0 && how->has_tnc) {
		walk->is_proved = true;
		walk->proved_sent = sent;
	} else if (agent == I_HA) {
		walk->is_unproved_known |= how->code == 0;
		/* inside, any answer without a renewed proof takes it back */
		if (before == MN_REGISTERED)
			walk->is_proved = false;
	} else if (how->code == 0) {
		walk->is_x_ha_accepted = true;
	}
	return verdict;
}

/* RFC 5265 sections 3.2.1 to 3.2.4, by the test's own knowledge. */
static void
check_invariants(struct walk *walk)
{
	const struct mn_detect *detect = &walk->policy.detect;
	struct mono_time now = walk->bench->at.mono;
	bool plain = mn_detect_admits(detect, I_HA, now);
	bool x_ha = mn_detect_admits(detect, X_HA, now);

	assert_false(plain && x_ha);
	if (!walk->is_attached)
		assert_false(plain || x_ha);
	if (plain) {
		assert_true(walk->is_proved);
		assert_true(now_ms(walk) < walk->proved_sent + T_MONITOR_MS);
		assert_int_equal(detect->place, MN_PLACE_INSIDE);
	}
	if (x_ha) {
		assert_true(walk->is_x_ha_accepted);
		assert_true(walk->is_unproved_known || now_ms(walk) >= walk->begun + PERIOD_MS);
		assert_int_equal(detect->place, MN_PLACE_OUTSIDE);
	}
	if (detect->place == MN_PLACE_INSIDE) {
		assert_int_not_equal(walk->registrations[X_HA].state, MN_REGISTERED);
		assert_int_not_equal(walk->registrations[X_HA].state, MN_REGISTERING);
	} else if (walk->is_attached) {
		assert_int_not_equal(walk->registrations[X_HA].state, MN_STOPPED);
	}
	if (walk->is_attached)
		assert_true(walk->registrations[I_HA].is_due_set);
	assert_int_equal(detect->active, plain ? I_HA : x_ha ? X_HA : -1);
	walk->inside_count += plain;
	walk->outside_count += x_ha;
}

static void
walk_one_step(struct walk *walk)
{
	static const struct answer answers[] = {
		{.has_tnc = true},
		{.has_tnc = true},
		{.has_tnc = true},
		{0},
		{.has_tnc = true, .has_wrong_key = true},
		{.has_tnc = true, .has_no_auth = true},
		{.has_tnc = true, .has_wrong_low = true},
		{.code = MIP_CODE_PROHIBITED, .has_tnc = true},
	};
	enum mn_place before = walk->policy.detect.place;
	unsigned agent = choose(walk, 2);
	struct kept *kept = &walk->kept[agent];

	switch (choose(walk, 40)) {
	case 0:
		attach(walk, choose(walk, 2) != 0 ? "172.16.5.9" : "172.16.6.9");
		break;
	case 1:
		if (choose(walk, 4) == 0)
			attach(walk, NULL);
		break;
	case 2:
		interrupt(walk);
		break;
	case 3: /* a true answer that somebody keeps ... */
		if (!walk->is_attached || walk->registrations[agent].request_len == 0)
			break;
		kept->len = build(walk, agent, &answers[0], kept->bytes, sizeof(kept->bytes));
		attach(walk, "172.16.5.9");
		break;
	case 4: /* ... for another connection */
		if (kept->len != 0)
			assert_true(deliver(walk, agent, kept->bytes, kept->len) >=
				    MN_REPLY_MALFORMED);
		break;
	default:
		if (choose(walk, 3) != 0)
			pass_ms(walk,
				choose(walk, 4) != 0 ? choose(walk, 900) + 1 : choose(walk, 20000));
		else if (walk->registrations[agent].request_len != 0 && walk->is_attached)
			(void)answer(walk, agent, &answers[choose(walk, ARRAY_COUNT(answers))]);
		break;
	}
	if (before == MN_PLACE_INSIDE && walk->is_attached &&
	    walk->policy.detect.place != MN_PLACE_INSIDE)
		walk->begun = now_ms(walk);
}

static void
no_walk_leads_user_data_to_where_it_may_not_go(void **state)
{
	struct walk walk;

	prepare(&walk, *state, PERIOD_MS);
	for (unsigned i = 0; i < WALK_STEPS; i++) {
		walk_one_step(&walk);
		check_invariants(&walk);
	}
	/* it has been everywhere */
	assert_true(walk.inside_count > WALK_STEPS / 50);
	assert_true(walk.outside_count > WALK_STEPS / 50);
}

static void
both_agents_are_asked_at_the_same_time_and_the_i_ha_on_and_on(void **state)
{
	struct walk walk;
	uint64_t asked;

	prepare(&walk, *state, 0);
	attach(&walk, "172.16.5.9");
	assert_int_equal(walk.effects[X_HA] & MN_SEND, MN_SEND);
	assert_int_equal(walk.effects[I_HA] & MN_SEND, MN_SEND);
	assert_int_equal(answer(&walk, X_HA, &(struct answer){0}), MN_REPLY_ACCEPTED);
	assert_int_equal(walk.policy.detect.place, MN_PLACE_OUTSIDE);
	assert_true(walk.registrations[I_HA].another_serves);
	asked = walk.registrations[I_HA].request_count;
	for (unsigned i = 0; i < 20; i++)
		pass_ms(&walk, 1000);
	assert_true(walk.registrations[I_HA].request_count > asked + 2);
	assert_int_equal(walk.registrations[X_HA].request_count, 1);
}

static void
late_proof_switches_inside_and_leaves_the_x_ha(void **state)
{
	struct walk walk;

	prepare(&walk, *state, 0);
	attach(&walk, "172.16.5.9");
	(void)answer(&walk, X_HA, &(struct answer){0});
	for (unsigned i = 0; i < 20; i++)
		pass_ms(&walk, 1000);
	assert_int_equal(answer(&walk, I_HA, &(struct answer){.has_tnc = true}), MN_REPLY_ACCEPTED);
	assert_int_equal(walk.policy.detect.place, MN_PLACE_INSIDE);
	assert_int_equal(walk.registrations[X_HA].state, MN_DEREGISTERING);
	assert_int_equal(walk.effects[X_HA] & MN_SEND, MN_SEND);
	assert_int_equal(walk.registrations[I_HA].is_pending, false);
}

static void
denial_of_the_renewal_ends_the_inside(void **state)
{
	struct walk walk;

	prepare(&walk, *state, 0);
	attach(&walk, "172.16.5.9");
	(void)answer(&walk, I_HA, &(struct answer){.has_tnc = true});
	pass_ms(&walk, 45000); /* T_MONITOR less the grace period */
	assert_int_equal(walk.effects[I_HA], MN_SEND);
	assert_int_equal(
		answer(&walk, I_HA, &(struct answer){.code = MIP_CODE_PROHIBITED, .has_tnc = true}),
		MN_REPLY_DENIED);
	assert_int_equal(walk.policy.detect.place, MN_PLACE_DETECTING);
	assert_int_equal(walk.policy.detect.why, MN_WHY_REFUSED);
	assert_int_equal(walk.registrations[X_HA].state, MN_REGISTERING);
}

static void
silence_until_t_monitor_ends_the_inside(void **state)
{
	struct walk walk;

	prepare(&walk, *state, 0);
	attach(&walk, "172.16.5.9");
	(void)answer(&walk, I_HA, &(struct answer){.has_tnc = true});
	pass_ms(&walk, 59999);
	assert_int_equal(walk.policy.detect.place, MN_PLACE_INSIDE);
	pass_ms(&walk, 1);
	assert_int_equal(walk.policy.detect.place, MN_PLACE_DETECTING);
	assert_int_equal(walk.policy.detect.why, MN_WHY_MONITOR_EXPIRED);
}

static void
i_ha_that_moved_to_the_x_has_address_proves_nothing(void **state)
{
	struct walk walk;

	prepare(&walk, *state, 0);
	attach(&walk, "172.16.5.9");
	assert_int_equal(answer(&walk, I_HA,
				&(struct answer){.has_tnc = true,
						 .home_agent = bench_address("203.0.113.1")}),
			 MN_REPLY_ACCEPTED);
	assert_int_equal(walk.policy.detect.place, MN_PLACE_DETECTING);
	(void)answer(&walk, X_HA, &(struct answer){0});
	assert_int_equal(walk.policy.detect.place, MN_PLACE_OUTSIDE);
	assert_int_equal(walk.policy.detect.why, MN_WHY_SAME_ADDRESS);
}

static void
hint_puts_the_x_ha_off_until_the_i_ha_had_its_turn(void **state)
{
	struct walk walk;

	for (unsigned round = 0; round < 2; round++) {
		prepare(&walk, *state, 0);
		walk.policy.is_hinted = true;
		walk.policy.hint_ms = 1500;
		attach(&walk, "172.16.5.9");
		assert_int_equal(walk.effects[I_HA] & MN_SEND, MN_SEND);
		assert_int_equal(walk.effects[X_HA] & MN_SEND, 0);
		if (round == 0) {
			pass_ms(&walk, 1499);
			assert_int_equal(walk.effects[X_HA] & MN_SEND, 0);
			pass_ms(&walk, 1);
		} else {
			(void)answer(&walk, I_HA, &(struct answer){0});
		}
		assert_int_equal(walk.effects[X_HA] & MN_SEND, MN_SEND);
		/* the hint has not decided anything */
		assert_int_equal(walk.policy.detect.place, MN_PLACE_DETECTING);
		(void)answer(&walk, X_HA, &(struct answer){0});
		assert_int_equal(walk.policy.detect.place, MN_PLACE_OUTSIDE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(both_agents_are_asked_at_the_same_time_and_the_i_ha_on_and_on),
		BENCH_TEST(late_proof_switches_inside_and_leaves_the_x_ha),
		BENCH_TEST(denial_of_the_renewal_ends_the_inside),
		BENCH_TEST(silence_until_t_monitor_ends_the_inside),
		BENCH_TEST(i_ha_that_moved_to_the_x_has_address_proves_nothing),
		BENCH_TEST(hint_puts_the_x_ha_off_until_the_i_ha_had_its_turn),
		BENCH_TEST(no_walk_leads_user_data_to_where_it_may_not_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
