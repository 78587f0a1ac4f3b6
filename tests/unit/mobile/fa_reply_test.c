/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "tests/unit/mobile/fa_bench.h"

static struct fa_visitor *
visitor_of(const struct fa_bench *bench, be32 home)
{
	return fa_visitors_find(fa_relay_visitors(bench->relay), home);
}

static void
register_one(struct fa_bench *bench, const struct fa_ask *ask, const struct fa_answer *answer)
{
	assert_int_equal(fa_bench_ask(bench, ask), -1);
	assert_int_equal(fa_bench_answer(bench, answer), answer->code);
}

static void
accepted_registration_makes_a_visitor(void **state)
{
	struct fa_bench *bench = *state;
	const struct fa_visitor *visitor;

	register_one(bench, &(struct fa_ask){.flags = MIP_FLAG_T, .mac_last = 5},
		     &(struct fa_answer){.has_no_fa_ha = true});
	visitor = visitor_of(bench, FA_HOME);
	assert_non_null(visitor);
	assert_int_equal(visitor->mac[5], 5);
	assert_int_equal(visitor->lifetime_sec, 300);
	assert_true(visitor->expires.ns == mono_add_sec(bench->now, 300).ns);
	assert_true(visitor->has_tunnel && visitor->tunnel.spec.reverse);
	assert_int_equal(visitor->tunnel.spec.care_of, FA_CARE_OF);
	assert_int_equal(visitor->tunnel.spec.home_agent, FA_HOME_AGENT);
	assert_true(bench->is_here);
	assert_int_equal(bench->changed_count, 1);
	assert_int_equal(fa_visitors_pending_count(fa_relay_visitors(bench->relay)), 0);
	assert_int_equal(bench->to_mobile.dst, FA_HOME);
}

static void
lifetime_is_the_shorter_of_the_home_agent_s_and_ours(void **state)
{
	struct fa_bench *bench = *state;

	register_one(bench, &(struct fa_ask){0},
		     &(struct fa_answer){.lifetime_sec = 9000, .has_no_fa_ha = true});
	assert_int_equal(visitor_of(bench, FA_HOME)->lifetime_sec, 600);
	/* the mobile reads what the home agent said */
	assert_int_equal(be16toh(fa_bench_at_mobile(bench).reply.lifetime_be), 9000);
}

static void
visitors_expire_and_leave(void **state)
{
	struct fa_bench *bench = *state;
	const struct fa_answer yes = {.has_no_fa_ha = true};

	register_one(bench, &(struct fa_ask){0}, &yes);
	fa_relay_tick(bench->relay, mono_add_ms(bench->now, 299999));
	assert_non_null(visitor_of(bench, FA_HOME));
	fa_relay_tick(bench->relay, mono_add_sec(bench->now, 300));
	assert_null(visitor_of(bench, FA_HOME));
	assert_false(bench->is_here);
	register_one(bench, &(struct fa_ask){0}, &yes);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.lifetime_sec = FA_ZERO}), -1);
	assert_non_null(visitor_of(bench, FA_HOME));
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.lifetime_sec = FA_ZERO,
								    .has_no_fa_ha = true}),
			 0);
	assert_null(visitor_of(bench, FA_HOME));
}

static void
a_denial_leaves_the_visitor_as_it_is(void **state)
{
	struct fa_bench *bench = *state;

	register_one(bench, &(struct fa_ask){0}, &(struct fa_answer){.has_no_fa_ha = true});
	register_one(bench, &(struct fa_ask){.mac_last = 3, .flags = MIP_FLAG_G},
		     &(struct fa_answer){.code = 131, .has_no_fa_ha = true});
	assert_int_equal(visitor_of(bench, FA_HOME)->mac[5], 0);
	assert_int_equal(visitor_of(bench, FA_HOME)->tunnel.spec.kind, TUNNEL_IPIP);
	assert_int_equal(bench->changed_count, 1);
}

static void
replies_that_are_to_nothing_are_discarded(void **state)
{
	const struct fa_answer cases[] = {
		{.identification = FA_IDENTIFICATION + 1, .has_no_fa_ha = true},
		{.home = FA_OTHER_AGENT, .has_no_fa_ha = true},
		{.src = FA_OTHER_AGENT, .has_no_fa_ha = true},
	};
	struct fa_bench *bench = *state;

	(void)fa_bench_ask(bench, &(struct fa_ask){0});
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++)
		assert_int_equal(fa_bench_answer(bench, &cases[i]), -1);
	assert_int_equal(fa_relay_counters(bench->relay)->replies_discarded, 3);
	/* the high half is the home agent's to change (RFC 5944 section 5.7) */
	assert_int_equal(
		fa_bench_answer(
			bench, &(struct fa_answer){.identification = FA_IDENTIFICATION ^ 1ull << 40,
						   .code = 133,
						   .has_no_fa_ha = true}),
		133);
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.has_no_fa_ha = true}), -1);
}

static void
the_home_agent_must_sign_what_it_grants(void **state)
{
	static const struct {
		struct fa_answer answer;
		int code;
	} cases[] = {
		{{0}, 0},
		{{.has_no_fa_ha = true}, 68},
		{{.has_wrong_fa_ha = true}, 68},
		{{.lifetime_sec = FA_ZERO, .has_no_fa_ha = true}, 68},
		{{.code = 133, .lifetime_sec = FA_ZERO, .has_no_fa_ha = true}, 133},
		{{.code = 133, .lifetime_sec = FA_ZERO, .has_wrong_fa_ha = true}, 68},
	};
	struct fa_bench *bench = *state;

	bench->config.home_agents.count = 1;
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		fa_bench_restart(bench);
		(void)fa_bench_ask(bench, &(struct fa_ask){0});
		assert_int_equal(fa_bench_answer(bench, &cases[i].answer), cases[i].code);
		assert_int_equal(fa_visitors_count(fa_relay_visitors(bench->relay)),
				 cases[i].code == 0);
		assert_int_equal(fa_visitors_pending_count(fa_relay_visitors(bench->relay)), 0);
	}
}

static void
a_malformed_reply_is_71(void **state)
{
	struct fa_bench *bench = *state;

	(void)fa_bench_ask(bench, &(struct fa_ask){0});
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.has_malformed = true,
								    .has_no_fa_ha = true}),
			 71);
	assert_null(visitor_of(bench, FA_HOME));
}

static void
what_was_for_us_is_not_passed_on_and_our_words_are_added(void **state)
{
	struct fa_bench *bench = *state;
	struct mip_message message;
	struct fa_challenge other = {{9}};

	bench->config.home_agents.count = 1;
	bench->config.mobiles.count = 1;
	bench->config.challenge.required = true;
	fa_bench_restart(bench);
	register_one(bench,
		     &(struct fa_ask){
			     .has_mn_fa = true,
			     .challenge = fa_challenges_latest(fa_relay_challenges(bench->relay))},
		     &(struct fa_answer){0});
	message = fa_bench_at_mobile(bench);
	assert_int_equal(message.mn_ha.count, 1);
	assert_int_equal(message.fa_ha.count, 0);
	assert_int_equal(message.mn_fa.count, 1);
	assert_true(mip_auth_verify(bench->auth, MIP_AUTH_HMAC_MD5, &bench->mobiles[0].key,
				    message.bytes, message.mn_fa.covered_len,
				    message.mn_fa.authenticator.data,
				    message.mn_fa.authenticator.len));
	/* a fresh challenge, before the authenticator */
	assert_int_equal(message.challenge.len, FA_CHALLENGE_SIZE);
	assert_true(message.challenge.data > message.mn_ha.authenticator.data &&
		    message.challenge.data < message.mn_fa.authenticator.data);
	memcpy(&other, message.challenge.data, sizeof(other));
	register_one(bench, &(struct fa_ask){.has_mn_fa = true, .challenge = &other},
		     &(struct fa_answer){.challenge = &(struct fa_challenge){{8}}});
	assert_memory_equal(bench->mobile_bytes + 20 + 6 + 16, "\x2d\x02\x00\x6d", 4);
}

static void
the_tunnel_is_what_was_negotiated(void **state)
{
	static const struct {
		uint8_t flags;
		bool asks_udp, has_udp;
		enum tunnel_kind kind;
	} cases[] = {
		{0, false, false, TUNNEL_IPIP},
		{MIP_FLAG_G, false, false, TUNNEL_GRE},
		{MIP_FLAG_M, false, false, TUNNEL_MINENC},
		{0, true, true, TUNNEL_UDP_IPIP},
		{MIP_FLAG_G, true, true, TUNNEL_UDP_GRE},
		{0, true, false, TUNNEL_IPIP},
		{0, false, true, TUNNEL_IPIP},
	};
	struct fa_bench *bench = *state;

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		bench->config.tunnels.udp = cases[i].asks_udp;
		fa_bench_restart(bench);
		register_one(
			bench, &(struct fa_ask){.flags = cases[i].flags},
			&(struct fa_answer){.has_udp = cases[i].has_udp, .has_no_fa_ha = true});
		assert_int_equal(visitor_of(bench, FA_HOME)->tunnel.spec.kind, cases[i].kind);
	}
	register_one(bench, &(struct fa_ask){.flags = MIP_FLAG_D, .care_of = 1},
		     &(struct fa_answer){.has_no_fa_ha = true});
	assert_false(visitor_of(bench, FA_HOME)->has_tunnel);
}

static void
tunnels_follow_the_way_to_the_home_agent(void **state)
{
	struct fa_bench *bench = *state;

	bench->path_mtu = 1400;
	register_one(bench, &(struct fa_ask){0}, &(struct fa_answer){.has_no_fa_ha = true});
	assert_int_equal(mn_tunnel_mtu(&visitor_of(bench, FA_HOME)->tunnel), 1380);
	bench->path_mtu = 1300;
	fa_relay_path_changed(bench->relay, FA_OTHER_AGENT);
	assert_int_equal(mn_tunnel_mtu(&visitor_of(bench, FA_HOME)->tunnel), 1380);
	fa_relay_path_changed(bench->relay, FA_HOME_AGENT);
	assert_int_equal(mn_tunnel_mtu(&visitor_of(bench, FA_HOME)->tunnel), 1280);
	bench->path_mtu = 1;
	fa_relay_path_changed(bench->relay, FA_HOME_AGENT);
	assert_int_equal(mn_tunnel_mtu(&visitor_of(bench, FA_HOME)->tunnel), 1280);
}

static void
two_home_addresses_of_one_mac_address_are_two_visitors(void **state)
{
	struct fa_bench *bench = *state;
	be32 inner = htobe32(0x0a020007);

	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){0}), -1);
	assert_int_equal(
		fa_bench_ask(bench, &(struct fa_ask){.home = inner, .agent = FA_OTHER_AGENT}), -1);
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.home = inner,
								    .src = FA_OTHER_AGENT,
								    .has_no_fa_ha = true}),
			 0);
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.has_no_fa_ha = true}), 0);
	assert_int_equal(visitor_of(bench, inner)->tunnel.spec.home_agent, FA_OTHER_AGENT);
	assert_int_equal(visitor_of(bench, FA_HOME)->tunnel.spec.home_agent, FA_HOME_AGENT);
	/* the list is full now, but who is in it may renew */
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.home = htobe32(0x0a020008)}), 66);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){0}), -1);
	/* one home address has one home agent */
	bench->now = mono_add_sec(bench->now, 1);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.agent = FA_OTHER_AGENT}), 65);
}

static void
an_assigned_home_address_is_known_by_the_nai(void **state)
{
	struct fa_bench *bench = *state;
	be32 assigned = htobe32(0xcb0071f0);

	(void)fa_bench_ask(bench, &(struct fa_ask){.home = UINT32_MAX, .nai = "a@b"});
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.home = assigned,
								    .nai = "c@b",
								    .has_no_fa_ha = true}),
			 -1);
	assert_int_equal(
		fa_bench_answer(bench, &(struct fa_answer){.home = assigned, .has_no_fa_ha = true}),
		-1);
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.home = assigned,
								    .nai = "a@b",
								    .has_no_fa_ha = true}),
			 0);
	assert_non_null(visitor_of(bench, assigned));
	assert_int_equal(bench->to_mobile.dst, assigned);
}

static void
a_grant_of_an_impossible_address_is_71(void **state)
{
	struct fa_bench *bench = *state;

	(void)fa_bench_ask(bench, &(struct fa_ask){.home = UINT32_MAX, .nai = "a@b"});
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.home = FA_CARE_OF,
								    .nai = "a@b",
								    .has_no_fa_ha = true}),
			 71);
	assert_int_equal(fa_visitors_count(fa_relay_visitors(bench->relay)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FA_TEST(accepted_registration_makes_a_visitor),
		FA_TEST(lifetime_is_the_shorter_of_the_home_agent_s_and_ours),
		FA_TEST(visitors_expire_and_leave),
		FA_TEST(a_denial_leaves_the_visitor_as_it_is),
		FA_TEST(replies_that_are_to_nothing_are_discarded),
		FA_TEST(the_home_agent_must_sign_what_it_grants),
		FA_TEST(a_malformed_reply_is_71),
		FA_TEST(what_was_for_us_is_not_passed_on_and_our_words_are_added),
		FA_TEST(the_tunnel_is_what_was_negotiated),
		FA_TEST(tunnels_follow_the_way_to_the_home_agent),
		FA_TEST(two_home_addresses_of_one_mac_address_are_two_visitors),
		FA_TEST(an_assigned_home_address_is_known_by_the_nai),
		FA_TEST(a_grant_of_an_impossible_address_is_71),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
