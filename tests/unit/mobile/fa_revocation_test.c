/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "tests/unit/mobile/fa_bench.h"

#define LATER (FA_AGENT_TIME + 1)

static const struct fa_answer grant = {.has_revocation = true, .has_inform = true};

static const struct fa_visitor *
visitor_of(const struct fa_bench *bench)
{
	return fa_visitors_find(fa_relay_visitors(bench->relay), FA_HOME);
}

/* An agent that offers revocation, and a visitor whose home agent gave `answer`. */
static void
begin(struct fa_bench *bench, const struct fa_answer *answer)
{
	bench->config.home_agents.count = 1;
	bench->config.revocation =
		(struct fa_revocation_config){.offer = true, .home_agent_decides = true};
	fa_bench_restart(bench);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.mac_last = 5}), -1);
	assert_int_equal(fa_bench_answer(bench, answer), 0);
	assert_non_null(visitor_of(bench));
}

static const struct fa_counters *
counters(const struct fa_bench *bench)
{
	return fa_relay_counters(bench->relay);
}

static void
tick_after_ms(struct fa_bench *bench, uint64_t ms)
{
	bench->now = mono_add_ms(bench->now, ms);
	fa_relay_tick(bench->relay, bench->now);
}

static void
it_is_offered_where_there_is_a_key(void **state)
{
	struct fa_bench *bench = *state;
	struct mip_message message;

	begin(bench, &grant);
	message = fa_bench_at_agent(bench);
	assert_int_equal(message.revocation_support.author, MIP_BY_FOREIGN_AGENT);
	assert_true(message.revocation_support.inform);
	assert_int_equal(message.revocation_support.timestamp, FA_TIME);
	assert_int_equal(message.fa_ha.count, 1);
	bench->now = mono_add_sec(bench->now, 3);
	(void)fa_bench_ask(bench, &(struct fa_ask){0});
	assert_int_equal(fa_bench_at_agent(bench).revocation_support.timestamp, FA_TIME + 3);
	(void)fa_bench_ask(bench, &(struct fa_ask){.lifetime_sec = FA_ZERO});
	assert_int_equal(fa_bench_at_agent(bench).revocation_support.author, MIP_BY_NOBODY);
	(void)fa_bench_ask(bench, &(struct fa_ask){.flags = MIP_FLAG_D, .care_of = 1});
	assert_int_equal(fa_bench_at_agent(bench).revocation_support.author, MIP_BY_NOBODY);
	bench->config.home_agents.count = 0;
	fa_bench_restart(bench);
	(void)fa_bench_ask(bench, &(struct fa_ask){0});
	assert_int_equal(fa_bench_at_agent(bench).revocation_support.author, MIP_BY_NOBODY);
}

static void
a_mobile_that_offers_it_itself_is_discarded(void **state)
{
	struct fa_bench *bench = *state;

	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.has_revocation = true}), -1);
	assert_int_equal(bench->to_agent_count, 0);
	assert_int_equal(counters(bench)->requests_discarded, 1);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.has_revocation = true,
							      .flags = MIP_FLAG_D,
							      .care_of = 1}),
			 -1);
	assert_int_equal(bench->to_agent_count, 1);
}

static void
the_operator_revokes_and_the_home_agent_is_told_until_it_answers(void **state)
{
	struct fa_bench *bench = *state;
	struct mip_message message;
	unsigned before;

	begin(bench, &grant);
	before = bench->to_agent_count;
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now), 0);
	assert_null(visitor_of(bench));
	assert_false(bench->is_here);
	/* one registration or revocation a second */
	assert_int_equal(bench->to_agent_count, before);
	tick_after_ms(bench, 999);
	assert_int_equal(bench->to_agent_count, before);
	for (unsigned i = 0; i < 3; i++) {
		tick_after_ms(bench, i == 0 ? 1 : 1000u << (i - 1));
		assert_int_equal(bench->to_agent_count, before + i + 1);
		message = fa_bench_at_agent(bench);
		assert_int_equal(message.type, MIP_REVOCATION);
		assert_int_equal(be16toh(message.revocation.flags_be), MIP_REVOCATION_FLAG_I);
		assert_int_equal(message.revocation.home_address, FA_HOME);
		assert_int_equal(message.revocation.home_domain, FA_HOME_AGENT);
		assert_int_equal(message.revocation.foreign_domain, FA_CARE_OF);
		assert_int_equal(message.fa_ha.count, 1);
		tick_after_ms(bench, 0);
	}
	assert_int_equal(be32toh(message.revocation.revocation_id_be), FA_TIME + 4);
	/* the home agent decides whether the mobile is told */
	assert_int_equal(bench->lost_count, 0);
	/* an answer to the first one is as good */
	fa_bench_revoke(bench,
			&(struct fa_revoke){.is_ack = true, .has_inform = true, .id = FA_TIME + 1});
	assert_int_equal(bench->lost_count, 1);
	assert_int_equal(fa_relay_revoking_count(bench->relay), 0);
	assert_int_equal(counters(bench)->revocations_acknowledged, 1);
	tick_after_ms(bench, 100000);
	assert_int_equal(bench->to_agent_count, before + 3);
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now), -ENOENT);
}

static void
an_acknowledgement_counts_only_when_it_is_the_home_agents(void **state)
{
	static const struct fa_revoke cases[] = {
		{.is_ack = true, .id = FA_TIME + 2},
		{.is_ack = true, .id = FA_TIME + 1, .is_forged = true},
		{.is_ack = true, .id = FA_TIME + 1, .home = 7},
		{.is_ack = true, .id = FA_TIME + 1, .src = 7},
	};
	struct fa_bench *bench = *state;

	begin(bench, &grant);
	(void)fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now);
	tick_after_ms(bench, 1000);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		fa_bench_revoke(bench, &cases[i]);
		assert_int_equal(counters(bench)->revocations_refused, i + 1);
	}
	assert_int_equal(fa_relay_revoking_count(bench->relay), 1);
	fa_bench_revoke(bench, &(struct fa_revoke){.is_ack = true, .id = FA_TIME + 1});
	assert_int_equal(fa_relay_revoking_count(bench->relay), 0);
	assert_int_equal(bench->lost_count, 0);
}

static void
without_i_we_tell_the_mobile_ourselves(void **state)
{
	struct fa_bench *bench = *state;

	begin(bench, &(struct fa_answer){.has_revocation = true});
	(void)fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now);
	assert_int_equal(bench->lost_count, 1);
	tick_after_ms(bench, 1000);
	assert_int_equal(fa_bench_at_agent(bench).revocation.flags_be, 0);
	/* I in an acknowledgement of a revocation without it means nothing */
	fa_bench_revoke(bench,
			&(struct fa_revoke){.is_ack = true, .has_inform = true, .id = FA_TIME + 1});
	assert_int_equal(bench->lost_count, 1);
	assert_int_equal(fa_relay_revoking_count(bench->relay), 0);
}

static void
who_did_not_negotiate_is_not_told(void **state)
{
	struct fa_bench *bench = *state;
	unsigned before;

	begin(bench, &(struct fa_answer){0});
	before = bench->to_agent_count;
	fa_bench_revoke(bench, &(struct fa_revoke){.id = LATER});
	assert_non_null(visitor_of(bench));
	assert_int_equal(counters(bench)->revocations_refused, 1);
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now), 0);
	tick_after_ms(bench, 5000);
	assert_null(visitor_of(bench));
	assert_int_equal(bench->lost_count, 1);
	assert_int_equal(bench->to_agent_count, before);
}

static void
telling_stops_when_the_registration_would_have_ended(void **state)
{
	struct fa_bench *bench = *state;
	struct mono_time when;

	begin(bench, &grant);
	(void)fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now);
	for (unsigned i = 0; i < 299; i++)
		tick_after_ms(bench, 1000);
	assert_int_equal(fa_relay_revoking_count(bench->relay), 1);
	/* after 1, 2, 4, ... 64 and then every 64 seconds */
	assert_int_equal(counters(bench)->revocations_sent, 10);
	tick_after_ms(bench, 1000);
	assert_int_equal(fa_relay_revoking_count(bench->relay), 0);
	assert_int_equal(counters(bench)->revocations_given_up, 1);
	assert_false(fa_relay_deadline(bench->relay, &when));
}

static void
who_registers_again_is_not_revoked_any_more(void **state)
{
	struct fa_bench *bench = *state;

	begin(bench, &grant);
	(void)fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now);
	(void)fa_bench_ask(bench, &(struct fa_ask){0});
	assert_int_equal(fa_bench_answer(bench, &grant), 0);
	assert_int_equal(fa_relay_revoking_count(bench->relay), 0);
	tick_after_ms(bench, 2000);
	assert_int_equal(counters(bench)->revocations_sent, 0);
}

static void
but_what_another_home_agent_grants_ends_no_revocation(void **state)
{
	struct fa_bench *bench = *state;

	begin(bench, &grant);
	(void)fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now);
	(void)fa_bench_ask(bench, &(struct fa_ask){.agent = FA_OTHER_AGENT});
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.src = FA_OTHER_AGENT}), 0);
	assert_non_null(visitor_of(bench));
	assert_int_equal(fa_relay_revoking_count(bench->relay), 1);
	tick_after_ms(bench, 1000);
	assert_int_equal(counters(bench)->revocations_sent, 1);
	fa_bench_revoke(bench, &(struct fa_revoke){.is_ack = true, .id = FA_TIME + 1});
	assert_int_equal(fa_relay_revoking_count(bench->relay), 0);
	assert_non_null(visitor_of(bench));
}

static void
a_renewal_under_way_is_revoked_with_the_rest(void **state)
{
	struct fa_bench *bench = *state;
	unsigned before;

	begin(bench, &grant);
	tick_after_ms(bench, 5500);
	(void)fa_bench_ask(bench, &(struct fa_ask){.mac_last = 5});
	before = bench->to_agent_count;
	(void)fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now);
	assert_int_equal(bench->mobile_bytes[1], 65);
	assert_int_equal(fa_bench_answer(bench, &grant), -1);
	assert_null(visitor_of(bench));
	/* later than the renewal, which the home agent has granted */
	assert_int_equal(bench->to_agent_count, before);
	tick_after_ms(bench, 1000);
	assert_int_equal(bench->to_agent_count, before + 1);
	assert_int_equal(be32toh(fa_bench_at_agent(bench).revocation.revocation_id_be),
			 FA_TIME + 6);
}

static void
whom_the_operator_revokes_is_denied_for_as_long_as_he_would_have_stayed(void **state)
{
	struct fa_bench *bench = *state;

	begin(bench, &grant);
	tick_after_ms(bench, 100000);
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, FA_BAN_LIFETIME, bench->now), 0);
	assert_null(visitor_of(bench));
	tick_after_ms(bench, 199000);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.mac_last = 6}), 65);
	/* he can give his binding back all the same, and others are none of it */
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.lifetime_sec = FA_ZERO}), -1);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.home = htobe32(0xcb007108)}), -1);
	tick_after_ms(bench, 1000);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){0}), -1);
	assert_int_equal(fa_bench_answer(bench, &grant), 0);
	assert_non_null(visitor_of(bench));
}

static void
a_ban_is_for_seconds_and_can_be_lifted(void **state)
{
	struct fa_bench *bench = *state;

	begin(bench, &(struct fa_answer){0});
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, 1000, bench->now), 0);
	tick_after_ms(bench, 999000);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){0}), 65);
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now), 0);
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now), -ENOENT);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){0}), -1);
	/* nobody need be here yet */
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, 5, bench->now), 0);
	tick_after_ms(bench, 4999);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){0}), 65);
	tick_after_ms(bench, 1);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){0}), -1);
}

static void
who_is_banned_is_known_by_his_nai_when_he_asks_for_any_address(void **state)
{
	const struct fa_ask nameless = {.home = UINT32_MAX, .nai = "me@example.com"};
	struct fa_bench *bench = *state;

	bench->config.home_agents.count = 1;
	fa_bench_restart(bench);
	assert_int_equal(fa_bench_ask(bench, &nameless), -1);
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.nai = "me@example.com"}), 0);
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, FA_BAN_LIFETIME, bench->now), 0);
	assert_int_equal(fa_bench_ask(bench, &nameless), 65);
	assert_int_equal(
		fa_bench_ask(bench, &(struct fa_ask){.home = UINT32_MAX, .nai = "you@example.com"}),
		-1);
}

static void
as_many_as_can_be_are_banned(void **state)
{
	struct fa_bench *bench = *state;

	begin(bench, &(struct fa_answer){0});
	for (uint32_t i = 0; i < FA_BANS_MAX; i++)
		assert_int_equal(
			fa_relay_revoke(bench->relay, htobe32(0x0a000001 + i), 10, bench->now), 0);
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, 10, bench->now), -ENOSPC);
	assert_non_null(visitor_of(bench));
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now), 0);
	assert_null(visitor_of(bench));
	/* whose time is over makes room */
	tick_after_ms(bench, 10000);
	assert_int_equal(fa_relay_revoke(bench->relay, FA_HOME, 10, bench->now), 0);
}

static void
who_leaves_tells_all_home_agents_and_serves_nobody(void **state)
{
	struct fa_bench *bench = *state;

	begin(bench, &grant);
	(void)fa_bench_ask(bench, &(struct fa_ask){.mac_last = 6});
	fa_relay_leave(bench->relay, bench->now);
	assert_int_equal(bench->mobile_bytes[1], 66);
	assert_int_equal(fa_visitors_count(fa_relay_visitors(bench->relay)), 0);
	assert_int_equal(fa_relay_revoking_count(bench->relay), 1);
	tick_after_ms(bench, 1000);
	/* the last advertisement is for all, so nobody need be asked */
	assert_int_equal(fa_bench_at_agent(bench).type, MIP_REVOCATION);
	assert_int_equal(fa_bench_at_agent(bench).revocation.flags_be, 0);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){0}), 66);
}

#define MANY 120

/* Until all have been told once, no sooner than that, and each again when his time comes. */
static void
when_many_leave_at_once_their_home_agents_are_told_one_after_the_other(void **state)
{
	struct fa_bench *bench = *state;
	struct mono_time when;
	uint64_t sent = 0;

	bench->config.limits.visitors_max = MANY;
	begin(bench, &grant);
	for (uint32_t i = 1; i < MANY; i++) {
		be32 home = htobe32(be32toh(FA_HOME) + i);

		(void)fa_bench_ask(bench, &(struct fa_ask){.home = home});
		assert_int_equal(
			fa_bench_answer(bench,
					&(struct fa_answer){.home = home, .has_revocation = true}),
			0);
	}
	tick_after_ms(bench, 2000);
	fa_relay_leave(bench->relay, bench->now);
	assert_int_equal(fa_relay_revoking_count(bench->relay), MANY);
	for (unsigned ticks = 0; counters(bench)->revocations_sent < MANY; ticks++) {
		assert_in_range(counters(bench)->revocations_sent, sent + 1, sent + 60);
		sent = counters(bench)->revocations_sent;
		assert_true(fa_relay_deadline(bench->relay, &when));
		assert_true(mono_is_before(bench->now, when));
		bench->now = when;
		fa_relay_tick(bench->relay, bench->now);
		assert_in_range(ticks, 0, 20);
	}
	/* the next one is who was told first */
	assert_true(fa_relay_deadline(bench->relay, &when));
	assert_in_range(mono_ms_until(bench->now, when), 500, 1000);
	for (unsigned i = 0; i < 100; i++)
		tick_after_ms(bench, 10);
	tick_after_ms(bench, 200);
	assert_int_equal(counters(bench)->revocations_sent, 2 * MANY);
	fa_bench_revoke(bench, &(struct fa_revoke){.is_ack = true,
						   .home = htobe32(be32toh(FA_HOME) + 77),
						   .id = FA_TIME + 2});
	assert_int_equal(fa_relay_revoking_count(bench->relay), MANY - 1);
	tick_after_ms(bench, 300000);
	assert_int_equal(fa_relay_revoking_count(bench->relay), 0);
}

static void
a_home_agents_revocation_is_obeyed_and_acknowledged(void **state)
{
	struct fa_bench *bench = *state;
	struct mip_message message;

	for (unsigned inform = 0; inform < 2; inform++) {
		begin(bench, &grant);
		bench->lost_count = 0;
		fa_bench_revoke(bench, &(struct fa_revoke){
					       .has_inform = inform, .id = LATER, .port = 9000});
		assert_null(visitor_of(bench));
		assert_int_equal(bench->lost_count, inform);
		message = fa_bench_at_agent(bench);
		assert_int_equal(message.type, MIP_REVOCATION_ACK);
		assert_int_equal(be16toh(message.revocation_ack.flags_be),
				 inform != 0 ? MIP_REVOCATION_ACK_FLAG_I : 0);
		assert_int_equal(message.revocation_ack.home_address, FA_HOME);
		assert_int_equal(be32toh(message.revocation_ack.revocation_id_be), LATER);
		assert_int_equal(message.fa_ha.count, 1);
		assert_int_equal(be16toh(bench->agent.port_be), 9000);
	}
	/* where I was not negotiated, our own policy is to tell */
	begin(bench, &(struct fa_answer){.has_revocation = true});
	fa_bench_revoke(bench, &(struct fa_revoke){.id = LATER});
	assert_int_equal(bench->lost_count, 2);
	assert_int_equal(fa_bench_at_agent(bench).revocation_ack.flags_be, 0);
}

static void
an_acknowledgement_that_was_lost_is_sent_again(void **state)
{
	struct fa_bench *bench = *state;
	unsigned before;

	begin(bench, &grant);
	fa_bench_revoke(bench, &(struct fa_revoke){.id = LATER});
	before = bench->to_agent_count;
	fa_bench_revoke(bench, &(struct fa_revoke){.id = LATER + 1});
	assert_int_equal(bench->to_agent_count, before + 1);
	fa_bench_revoke(bench, &(struct fa_revoke){.id = LATER});
	assert_int_equal(bench->to_agent_count, before + 1);
	assert_int_equal(counters(bench)->revocations_refused, 1);
	assert_int_equal(counters(bench)->revocations_received, 2);
}

static void
a_revocation_that_is_not_right_is_dropped(void **state)
{
	const struct fa_revoke cases[] = {
		{.id = FA_AGENT_TIME},		  /* not later than the registration */
		{.id = LATER, .is_forged = true}, /* not the home agent's */
		{.id = LATER, .has_no_a = true},  /* from a foreign agent: perhaps our own */
		{.id = LATER, .src = 7},	  /* from elsewhere */
		{.id = LATER, .home_domain = 7},  /* of another home agent */
		{.id = LATER, .home_domain = 7, .src = 7},
		{.id = LATER, .care_of = FA_LINK_ADDRESS}, /* about another place */
	};
	struct fa_bench *bench = *state;
	unsigned before;

	begin(bench, &grant);
	before = bench->to_agent_count;
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		fa_bench_revoke(bench, &cases[i]);
		assert_int_equal(counters(bench)->revocations_refused, i + 1);
	}
	bench->config.revocation.offer = false;
	fa_bench_revoke(bench, &(struct fa_revoke){.id = LATER});
	assert_non_null(visitor_of(bench));
	assert_int_equal(bench->to_agent_count, before);
	assert_int_equal(bench->lost_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FA_TEST(it_is_offered_where_there_is_a_key),
		FA_TEST(a_mobile_that_offers_it_itself_is_discarded),
		FA_TEST(the_operator_revokes_and_the_home_agent_is_told_until_it_answers),
		FA_TEST(an_acknowledgement_counts_only_when_it_is_the_home_agents),
		FA_TEST(without_i_we_tell_the_mobile_ourselves),
		FA_TEST(who_did_not_negotiate_is_not_told),
		FA_TEST(telling_stops_when_the_registration_would_have_ended),
		FA_TEST(who_registers_again_is_not_revoked_any_more),
		FA_TEST(but_what_another_home_agent_grants_ends_no_revocation),
		FA_TEST(a_renewal_under_way_is_revoked_with_the_rest),
		FA_TEST(whom_the_operator_revokes_is_denied_for_as_long_as_he_would_have_stayed),
		FA_TEST(a_ban_is_for_seconds_and_can_be_lifted),
		FA_TEST(who_is_banned_is_known_by_his_nai_when_he_asks_for_any_address),
		FA_TEST(as_many_as_can_be_are_banned),
		FA_TEST(who_leaves_tells_all_home_agents_and_serves_nobody),
		FA_TEST(when_many_leave_at_once_their_home_agents_are_told_one_after_the_other),
		FA_TEST(a_home_agents_revocation_is_obeyed_and_acknowledged),
		FA_TEST(an_acknowledgement_that_was_lost_is_sent_again),
		FA_TEST(a_revocation_that_is_not_right_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
