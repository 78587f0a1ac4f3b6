/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "tests/unit/mobile/fa_bench.h"

static void
each_code_has_its_cause(void **state)
{
	const struct {
		int code; /* -1: relayed */
		struct fa_ask ask;
	} cases[] = {
		{-1, {0}},
		{-1, {.flags = MIP_FLAG_T}},
		{-1, {.flags = MIP_FLAG_G}},
		{-1, {.flags = MIP_FLAG_D, .care_of = FA_HOME_AGENT}},
		{-1, {.lifetime_sec = 600}},
		{-1, {.lifetime_sec = FA_ZERO, .care_of = FA_HOME}},
		{-1, {.home = UINT32_MAX, .nai = "a@b"}},
		{65, {.home = FA_LINK_ADDRESS}},
		{65, {.home = FA_HOME_AGENT}},
		{67, {.has_mn_fa = true}}, /* there is no association */
		{69, {.lifetime_sec = 601}},
		{69, {.lifetime_sec = MIP_LIFETIME_INFINITE}},
		{70, {.flags = MIP_FLAG_R_RESERVED}},
		{70, {.flags = MIP_FLAG_X_RESERVED}},
		{70, {.has_no_auth = true}},
		{70, {.home = UINT32_MAX}},
		{70, {.home = 0x0100007f}},
		{70, {.has_delivery_style = true}},
		{76, {.flags = MIP_FLAG_T, .ttl = 254}},
		{77, {.care_of = FA_LINK_ADDRESS}},
		{194, {.agent = FA_CARE_OF}},
		{194, {.agent = UINT32_MAX}},
	};
	struct fa_bench *bench = *state;

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		unsigned relayed = bench->to_agent_count;

		fa_bench_restart(bench);
		assert_int_equal(fa_bench_ask(bench, &cases[i].ask), cases[i].code);
		assert_int_equal(bench->to_agent_count - relayed, cases[i].code < 0);
	}
}

static void
each_service_can_be_off(void **state)
{
	static const struct {
		struct fa_tunnels_config tunnels;
		int code;
		uint8_t flags;
		bool delivery_style;
	} cases[] = {
		{{.reverse = FA_REVERSE_OPTIONAL, .minimal = true}, 72, MIP_FLAG_G, false},
		{{.reverse = FA_REVERSE_OPTIONAL, .gre = true}, 72, MIP_FLAG_M, false},
		{{.reverse = FA_REVERSE_NONE}, 74, MIP_FLAG_T, false},
		{{.reverse = FA_REVERSE_MANDATORY}, 75, 0, false},
		{{.reverse = FA_REVERSE_MANDATORY}, -1, MIP_FLAG_T, false},
		{{.reverse = FA_REVERSE_OPTIONAL}, 79, MIP_FLAG_T, true},
		{{.reverse = FA_REVERSE_OPTIONAL, .encapsulating_delivery = true},
		 -1,
		 MIP_FLAG_T,
		 true},
		{{.reverse = FA_REVERSE_NONE, .encapsulating_delivery = true},
		 74,
		 MIP_FLAG_T,
		 true},
		{{.reverse = FA_REVERSE_NONE}, -1, MIP_FLAG_D | MIP_FLAG_T | MIP_FLAG_G, false},
	};
	struct fa_bench *bench = *state;

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		bench->config.tunnels = cases[i].tunnels;
		fa_bench_restart(bench);
		assert_int_equal(
			fa_bench_ask(bench, &(struct fa_ask){.flags = cases[i].flags,
							     .has_delivery_style =
								     cases[i].delivery_style}),
			cases[i].code);
	}
}

static void
a_denial_repeats_what_was_asked(void **state)
{
	struct fa_bench *bench = *state;
	struct mip_message reply;

	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.lifetime_sec = 601, .nai = "a@b"}),
			 69);
	reply = fa_bench_at_mobile(bench);
	assert_int_equal(reply.type, MIP_REGISTRATION_REPLY);
	assert_int_equal(be16toh(reply.reply.lifetime_be), 600);
	assert_int_equal(reply.reply.home_address, FA_HOME);
	assert_int_equal(reply.reply.home_agent, FA_HOME_AGENT);
	assert_true(reply.reply.identification_be == htobe64(FA_IDENTIFICATION));
	assert_int_equal(reply.nai.len, 3);
	assert_int_equal(bench->to_mobile.dst, FA_HOME);
	assert_int_equal(bench->to_mobile.src, FA_LINK_ADDRESS);
	assert_int_equal(be16toh(bench->to_mobile.to.src_port_be), 5000);
	bench->now = mono_add_sec(bench->now, 1);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.care_of = 1}), 77);
	assert_int_equal(be16toh(fa_bench_at_mobile(bench).reply.lifetime_be), 300);
}

static void
who_has_no_home_address_is_answered_by_broadcast(void **state)
{
	struct fa_bench *bench = *state;

	assert_int_equal(
		fa_bench_ask(bench,
			     &(struct fa_ask){.home = UINT32_MAX, .nai = "a@b", .care_of = 1}),
		77);
	assert_int_equal(bench->to_mobile.dst, UINT32_MAX);
}

static void
one_mobile_is_denied_once_a_second(void **state)
{
	struct fa_bench *bench = *state;
	const struct fa_ask bad = {.care_of = 1}, other = {.care_of = 1, .mac_last = 9};

	assert_int_equal(fa_bench_ask(bench, &bad), 77);
	bench->now = mono_add_ms(bench->now, 999);
	assert_int_equal(fa_bench_ask(bench, &bad), -1);
	assert_int_equal(fa_bench_ask(bench, &other), 77);
	bench->now = mono_add_ms(bench->now, 1);
	assert_int_equal(fa_bench_ask(bench, &bad), 77);
	assert_int_equal(fa_relay_counters(bench->relay)->denials_withheld, 1);
	assert_int_equal(fa_relay_counters(bench->relay)->denials[77], 3);
}

static void
what_the_mobile_signed_is_relayed_untouched_and_no_more(void **state)
{
	struct fa_bench *bench = *state;
	struct mip_message message;
	uint8_t plain[MIP_MESSAGE_SIZE_MAX];
	size_t plain_len;

	(void)fa_bench_ask(bench, &(struct fa_ask){0});
	plain_len = bench->agent_len;
	memcpy(plain, bench->agent_bytes, plain_len);
	(void)fa_bench_ask(bench, &(struct fa_ask){.has_foreign_tail = true});
	assert_int_equal(bench->agent.address, FA_HOME_AGENT);
	assert_int_equal(bench->agent_len, plain_len);
	assert_memory_equal(bench->agent_bytes, plain, plain_len);
	message = fa_bench_at_agent(bench);
	assert_int_equal(message.mn_ha.count, 1);
	assert_int_equal(message.fa_ha.count, 0);
}

static void
the_home_agent_s_key_signs_what_is_relayed(void **state)
{
	struct fa_bench *bench = *state;
	struct mip_message message;

	bench->config.home_agents.count = 1;
	fa_bench_restart(bench);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){0}), -1);
	message = fa_bench_at_agent(bench);
	assert_int_equal(message.fa_ha.count, 1);
	assert_int_equal(message.fa_ha.spi, 300);
	assert_true(mip_auth_verify(bench->auth, MIP_AUTH_HMAC_MD5, &bench->agents[0].key,
				    message.bytes, message.fa_ha.covered_len,
				    message.fa_ha.authenticator.data,
				    message.fa_ha.authenticator.len));
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.agent = FA_OTHER_AGENT}), -1);
	assert_int_equal(fa_bench_at_agent(bench).fa_ha.count, 0);
}

static void
udp_tunnel_is_asked_for_behind_the_mobile_s_words(void **state)
{
	static const struct {
		uint8_t flags, encapsulation;
		uint16_t lifetime_sec;
		enum mip_author author;
	} cases[] = {
		{0, 0, 0, MIP_BY_FOREIGN_AGENT},
		{MIP_FLAG_G, IP_PROTOCOL_GRE, 0, MIP_BY_FOREIGN_AGENT},
		{MIP_FLAG_M, IP_PROTOCOL_MINENC, 0, MIP_BY_FOREIGN_AGENT},
		{MIP_FLAG_D, 0, 0, MIP_BY_NOBODY},
		{0, 0, FA_ZERO, MIP_BY_NOBODY},
	};
	struct fa_bench *bench = *state;

	bench->config.tunnels.udp = true;
	fa_bench_restart(bench);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mip_message message;

		assert_int_equal(
			fa_bench_ask(bench,
				     &(struct fa_ask){.flags = cases[i].flags,
						      .lifetime_sec = cases[i].lifetime_sec}),
			-1);
		message = fa_bench_at_agent(bench);
		assert_int_equal(message.udp_request.author, cases[i].author);
		assert_int_equal(message.udp_request.encapsulation, cases[i].encapsulation);
	}
}

static void
the_mobile_s_key_is_asked_for_where_there_is_one(void **state)
{
	struct fa_bench *bench = *state;

	bench->config.mobiles.count = 1;
	fa_bench_restart(bench);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.has_mn_fa = true}), -1);
	assert_int_equal(fa_bench_at_agent(bench).mn_fa.count, 0);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){0}), 67);
	assert_int_equal(fa_bench_at_mobile(bench).mn_fa.count, 1);
	bench->now = mono_add_sec(bench->now, 1);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.has_wrong_mn_fa = true}), 67);
	assert_int_equal(fa_relay_counters(bench->relay)->bad_authenticators, 2);
}

static void
challenges_are_asked_for(void **state)
{
	struct fa_bench *bench = *state;
	struct fa_challenge offered, stranger = {{1, 2, 3}};
	struct fa_ask ask = {.has_mn_fa = true};

	bench->config.mobiles.count = 1;
	bench->config.challenge.required = true;
	fa_bench_restart(bench);
	assert_int_equal(fa_bench_ask(bench, &ask), 105);
	assert_int_equal(fa_bench_at_mobile(bench).challenge.len, FA_CHALLENGE_SIZE);
	memcpy(&offered, fa_bench_at_mobile(bench).challenge.data, sizeof(offered));
	bench->now = mono_add_sec(bench->now, 1);
	ask.challenge = &stranger;
	assert_int_equal(fa_bench_ask(bench, &ask), 104);
	ask.challenge = &offered;
	assert_int_equal(fa_bench_ask(bench, &ask), -1);
	assert_int_equal(bench->to_agent_count, 1);
	/* the same once more while it waits, with another Identification: he just asks again */
	ask.identification = FA_IDENTIFICATION + 1;
	assert_int_equal(fa_bench_ask(bench, &ask), -1);
	assert_int_equal(bench->to_agent_count, 2);
	bench->now = mono_add_sec(bench->now, 1);
	ask.lifetime_sec = 200;
	assert_int_equal(fa_bench_ask(bench, &ask), 106);
	assert_memory_not_equal(fa_bench_at_mobile(bench).challenge.data, &offered,
				sizeof(offered));
}

static void
a_challenge_without_an_authenticator_is_not_answered(void **state)
{
	struct fa_bench *bench = *state;
	struct fa_ask ask = {.challenge = fa_challenges_latest(fa_relay_challenges(bench->relay))};

	assert_int_equal(fa_bench_ask(bench, &ask), -1);
	assert_int_equal(bench->to_agent_count, 0);
	assert_int_equal(fa_relay_counters(bench->relay)->requests_discarded, 1);
}

static void
pending_requests_are_limited_and_given_up(void **state)
{
	struct fa_bench *bench = *state;

	for (uint8_t i = 0; i < 2; i++)
		assert_int_equal(
			fa_bench_ask(bench, &(struct fa_ask){.mac_last = i, .identification = i}),
			-1);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.mac_last = 2, .identification = 2}),
			 66);
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.mac_last = 1, .identification = 1}),
			 -1);
	fa_relay_tick(bench->relay, mono_add_ms(bench->now, 6999));
	assert_int_equal(fa_visitors_pending_count(fa_relay_visitors(bench->relay)), 2);
	fa_relay_tick(bench->relay, mono_add_sec(bench->now, 7));
	assert_int_equal(fa_visitors_pending_count(fa_relay_visitors(bench->relay)), 0);
	assert_int_equal(fa_relay_counters(bench->relay)->denials[78], 2);
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){0}), -1);
}

/* The reply would make a visitor of who sent it last. */
static void
a_copy_from_another_mac_address_is_discarded(void **state)
{
	static const struct fa_ask copies[] = {
		{.mac_last = 9},
		{.mac_last = 9, .identification = FA_IDENTIFICATION ^ 1ull << 40},
		{.mac_last = 9, .home = UINT32_MAX, .nai = "mobile@example.org"},
	};
	struct fa_bench *bench = *state;
	const struct fa_visitor *visitor;

	bench->config.limits.pending_max = 8;
	fa_bench_restart(bench);
	assert_int_equal(
		fa_bench_ask(bench, &(struct fa_ask){.mac_last = 1, .nai = "mobile@example.org"}),
		-1);
	for (unsigned i = 0; i < ARRAY_COUNT(copies); i++) {
		assert_int_equal(fa_bench_ask(bench, &copies[i]), -1);
		assert_int_equal(fa_relay_counters(bench->relay)->requests_discarded, i + 1);
	}
	assert_int_equal(bench->to_agent_count, 1);
	/* with another Identification it is one of its own, which the home agent has to judge */
	assert_int_equal(fa_bench_ask(bench, &(struct fa_ask){.mac_last = 9, .identification = 7}),
			 -1);
	assert_int_equal(bench->to_agent_count, 2);
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.nai = "mobile@example.org"}),
			 0);
	visitor = fa_visitors_find(fa_relay_visitors(bench->relay), FA_HOME);
	assert_non_null(visitor);
	assert_int_equal(visitor->mac[5], 1);
}

static void
icmp_errors_end_requests_to_that_home_agent(void **state)
{
	static const struct {
		uint8_t icmp, code;
	} cases[] = {{0, 80}, {1, 81}, {3, 82}, {2, 88}, {13, 88}};
	struct fa_bench *bench = *state;

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		fa_bench_restart(bench);
		(void)fa_bench_ask(bench, &(struct fa_ask){0});
		fa_relay_unreachable(bench->relay, FA_OTHER_AGENT, cases[i].icmp, bench->now);
		assert_int_equal(fa_visitors_pending_count(fa_relay_visitors(bench->relay)), 1);
		fa_relay_unreachable(bench->relay, FA_HOME_AGENT, cases[i].icmp, bench->now);
		assert_int_equal(bench->mobile_bytes[1], cases[i].code);
		assert_int_equal(fa_visitors_pending_count(fa_relay_visitors(bench->relay)), 0);
	}
}

static void
garbage_is_not_answered(void **state)
{
	static const uint8_t unknown[] = {99, 1, 0};
	struct fa_bench *bench = *state;
	const struct fa_asker asker = {.src_port_be = 1};
	uint8_t bytes[24 + sizeof(unknown)] = {MIP_REGISTRATION_REQUEST};

	for (size_t len = 0; len < 24; len++)
		fa_relay_request(bench->relay, &asker, 255, bytes, len, bench->now);
	memcpy(bytes + 24, unknown, sizeof(unknown));
	fa_relay_request(bench->relay, &asker, 255, bytes, sizeof(bytes), bench->now);
	bytes[0] = MIP_REGISTRATION_REPLY;
	fa_relay_request(bench->relay, &asker, 255, bytes, 20, bench->now);
	assert_int_equal(bench->to_mobile_count + bench->to_agent_count, 0);
	assert_int_equal(fa_relay_counters(bench->relay)->requests_discarded, 26);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FA_TEST(each_code_has_its_cause),
		FA_TEST(each_service_can_be_off),
		FA_TEST(a_denial_repeats_what_was_asked),
		FA_TEST(who_has_no_home_address_is_answered_by_broadcast),
		FA_TEST(one_mobile_is_denied_once_a_second),
		FA_TEST(what_the_mobile_signed_is_relayed_untouched_and_no_more),
		FA_TEST(the_home_agent_s_key_signs_what_is_relayed),
		FA_TEST(udp_tunnel_is_asked_for_behind_the_mobile_s_words),
		FA_TEST(the_mobile_s_key_is_asked_for_where_there_is_one),
		FA_TEST(challenges_are_asked_for),
		FA_TEST(a_challenge_without_an_authenticator_is_not_answered),
		FA_TEST(pending_requests_are_limited_and_given_up),
		FA_TEST(a_copy_from_another_mac_address_is_discarded),
		FA_TEST(icmp_errors_end_requests_to_that_home_agent),
		FA_TEST(garbage_is_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
