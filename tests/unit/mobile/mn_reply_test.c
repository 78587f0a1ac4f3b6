/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "mobile/mn_code.h"
#include "tests/unit/mobile/registration_bench.h"

static void
granted_lifetime_is_never_longer_than_asked(void **state)
{
	struct bench *bench = *state;

	bench_begin(bench);
	assert_int_equal(bench_reply(bench, &(struct answer){.lifetime_sec = 60000}),
			 MN_REPLY_ACCEPTED);
	assert_int_equal(bench->registration.grant.lifetime_sec, 1800);
}

static void
udp_tunnel_needs_an_assent(void **state)
{
	static const struct {
		bool asked, answered;
		uint8_t code;
		enum tunnel_kind kind;
	} cases[] = {
		{true, true, 0, TUNNEL_UDP_IPIP},
		{true, true, 63, TUNNEL_UDP_IPIP},
		{true, true, UDP_TUNNEL_DECLINED, TUNNEL_IPIP},
		{true, false, 0, TUNNEL_IPIP},
		{false, true, 0, TUNNEL_IPIP},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mip_udp_tunnel_reply udp = {true, cases[i].code, false, 77};
		struct bench *bench = *state;

		bench->config.udp_tunnel = cases[i].asked;
		bench_begin(bench);
		assert_int_equal(
			bench_reply(bench,
				    &(struct answer){.udp = cases[i].answered ? &udp : NULL}),
			MN_REPLY_ACCEPTED);
		assert_int_equal(bench->registration.grant.kind, cases[i].kind);
		assert_int_equal(bench->registration.grant.keepalive_sec,
				 cases[i].answered ? 77 : 0);
	}
}

static void
discarded_replies_change_nothing(void **state)
{
	static const struct {
		struct answer answer;
		const char *src;
		enum mn_verdict verdict;
	} cases[] = {
		{{0}, "10.1.0.2", MN_REPLY_WRONG_SOURCE},
		{{.has_wrong_low = true}, "10.1.0.1", MN_REPLY_UNEXPECTED},
		{{.has_no_auth = true}, "10.1.0.1", MN_REPLY_BAD_AUTH},
		{{.has_wrong_key = true}, "10.1.0.1", MN_REPLY_BAD_AUTH},
		{{.code = MIP_CODE_MALFORMED, .has_no_auth = true}, "10.1.0.1", MN_REPLY_BAD_AUTH},
		{{.code = MIP_CODE_ID_MISMATCH, .high = 5, .has_wrong_key = true},
		 "10.1.0.1",
		 MN_REPLY_BAD_AUTH},
		{{.home_address = 0x09090909}, "10.1.0.1", MN_REPLY_WRONG_IDENTITY},
		{{.nai = "mallory@example.com"}, "10.1.0.1", MN_REPLY_WRONG_IDENTITY},
	};
	struct bench *bench = *state;

	bench_begin(bench);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		unsigned effects;

		assert_int_equal(bench_reply_from(bench, bench_address(cases[i].src),
						  &cases[i].answer, &effects),
				 cases[i].verdict);
		assert_int_equal(effects, 0);
		assert_int_equal(bench->registration.state, MN_REGISTERING);
		assert_int_equal(bench->registration.clock_offset_sec, 0);
		assert_int_equal(bench_wait_ms(bench), 1000);
	}
	assert_int_equal(bench->registration.discard_count, ARRAY_COUNT(cases));
	assert_int_equal(bench->registration.bad_auth_count, 4);
}

static void
truncated_replies_are_discarded_at_every_length(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[512];
	unsigned effects = 0;
	size_t len;

	bench_begin(bench);
	len = bench_build_answer(bench, &(struct answer){0}, bytes, sizeof(bytes));
	for (size_t cut = 0; cut < len; cut++) {
		assert_true(mn_registration_reply(&bench->registration, bench->config.address,
						  bytes, cut, &bench->at,
						  &effects) >= MN_REPLY_MALFORMED);
	}
	assert_int_equal(effects, 0);
}

static void
a_reply_counts_once(void **state)
{
	struct bench *bench = *state;

	bench_begin(bench);
	assert_int_equal(bench_reply(bench, &(struct answer){0}), MN_REPLY_ACCEPTED);
	assert_int_equal(bench_reply(bench, &(struct answer){0}), MN_REPLY_UNEXPECTED);
}

static void
denials_that_the_request_cannot_repair_wait(void **state)
{
	static const struct {
		uint8_t code;
		uint64_t wait_sec; /* UINT64_MAX: until the next move */
	} cases[] = {
		{MIP_CODE_UNSPECIFIED, 30},
		{MIP_CODE_PROHIBITED, 300},
		{MIP_CODE_NO_RESOURCES, 30},
		{MIP_CODE_MN_FAILED_AUTH, 300},
		{MIP_CODE_FA_FAILED_AUTH, 300},
		{MIP_CODE_MALFORMED, UINT64_MAX},
		{MIP_CODE_TOO_MANY_BINDINGS, 30},
		{MIP_CODE_UNKNOWN_HA, 300},
		{MIP_CODE_REVERSE_TUNNEL_MANDATORY, 300},
		{MIP_CODE_ENCAP_UNAVAILABLE, 300},
		{MIP_CODE_UNSUPPORTED_VENDOR_MN, 300},
		{MIP_CODE_UNSUPPORTED_VENDOR_FA, 300},
		{MIP_CODE_UDP_ENCAP_UNAVAILABLE, 300},
		{MIP_CODE_REDIRECT_HA, 300},
		{MIP_CODE_MN_AAA_FAILED_AUTH, 300},
		{MIP_CODE_ZERO_CARE_OF_ADDRESS, 300},
		{MIP_CODE_MOBILE_NETWORK_ERROR, 300},
		{MIP_CODE_MOBILE_NETWORK_DISALLOWED, 300},
		{MIP_CODE_SERVICE_AUTH_FAILED, 300},
		{64, 30},
		{255, 30},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct bench *bench = *state;
		uint64_t wait = cases[i].wait_sec;

		bench_begin(bench);
		assert_int_equal(bench_reply(bench, &(struct answer){.code = cases[i].code}),
				 MN_REPLY_DENIED);
		assert_int_equal(bench->registration.last_code, cases[i].code);
		assert_true(mn_code_text(cases[i].code)[0] != '\0');
		assert_true(bench_wait_ms(bench) == (wait == UINT64_MAX ? wait : wait * 1000));
	}
}

static void
denials_that_the_request_can_repair_are_answered_after_a_second(void **state)
{
	static const struct {
		uint8_t code;
		bool simultaneous, no_reverse;
		enum tunnel_kind encapsulation;
		uint8_t flags; /* of the second request */
	} cases[] = {
		{MIP_CODE_TOO_MANY_BINDINGS, true, false, TUNNEL_IPIP, MIP_FLAG_D | MIP_FLAG_T},
		{MIP_CODE_REVERSE_TUNNEL_UNAVAILABLE, false, false, TUNNEL_IPIP, MIP_FLAG_D},
		{MIP_CODE_REVERSE_TUNNEL_MANDATORY, false, true, TUNNEL_IPIP,
		 MIP_FLAG_D | MIP_FLAG_T},
		{MIP_CODE_ENCAP_UNAVAILABLE, false, false, TUNNEL_GRE, MIP_FLAG_D | MIP_FLAG_T},
		{MIP_CODE_ENCAP_UNAVAILABLE, false, false, TUNNEL_MINENC, MIP_FLAG_D | MIP_FLAG_T},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct bench *bench = *state;

		bench->config.simultaneous = cases[i].simultaneous;
		bench->config.reverse_tunnel = !cases[i].no_reverse;
		bench->config.encapsulation = cases[i].encapsulation;
		bench_begin(bench);
		assert_int_not_equal(bench_sent(bench).flags, cases[i].flags);
		assert_int_equal(bench_reply(bench, &(struct answer){.code = cases[i].code}),
				 MN_REPLY_DENIED);
		assert_int_equal(bench_wait_ms(bench), 1000);
		assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
		assert_int_equal(bench_sent(bench).flags, cases[i].flags);
	}
}

/* RFC 5266 section 3, in the VPN. */
static void
reverse_tunnel_that_is_required_is_not_given_up(void **state)
{
	struct bench *bench = *state;

	bench->config.reverse_tunnel_required = true;
	bench_begin(bench);
	(void)bench_reply(bench, &(struct answer){.code = MIP_CODE_REVERSE_TUNNEL_UNAVAILABLE});
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(bench_sent(bench).flags & MIP_FLAG_T, MIP_FLAG_T);
}

static void
udp_encapsulation_denied_falls_back_to_ip_in_ip_then_to_no_udp(void **state)
{
	struct bench *bench = *state;
	struct mip_message message;

	bench->config.udp_tunnel = true;
	bench->config.encapsulation = TUNNEL_GRE;
	bench_begin(bench);
	for (unsigned round = 0; round < 2; round++) {
		(void)bench_reply(bench, &(struct answer){.code = MIP_CODE_UDP_ENCAP_UNAVAILABLE});
		assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
		assert_int_equal(mip_parse(bench->registration.request,
					   bench->registration.request_len, &message),
				 MIP_PARSE_OK);
		assert_int_equal(message.udp_request.author,
				 round == 0 ? MIP_BY_MOBILE : MIP_BY_NOBODY);
		assert_int_equal(message.request.flags, MIP_FLAG_D | MIP_FLAG_T);
	}
}

static void
clock_follows_the_home_agents_after_code_133(void **state)
{
	struct bench *bench = *state;
	uint32_t high = (uint32_t)(NTP_START >> 32) - 5000; /* our clock is ahead */

	bench_begin(bench);
	assert_int_equal(
		bench_reply(bench, &(struct answer){.code = MIP_CODE_ID_MISMATCH, .high = high}),
		MN_REPLY_DENIED);
	assert_int_equal(bench_wait_ms(bench), 1000);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(be64toh(bench_sent(bench).identification_be) >> 32, high + 1);
}

static void
resynchronising_in_vain_slows_down(void **state)
{
	struct bench *bench = *state;
	unsigned quick = 0;

	bench_begin(bench);
	while (bench_reply(bench, &(struct answer){.code = MIP_CODE_ID_MISMATCH, .high = 7}) ==
		       MN_REPLY_DENIED &&
	       bench_wait_ms(bench) == 1000) {
		assert_true(++quick < 10);
		(void)bench_wait_and_tick(bench);
	}
	assert_int_equal(bench_wait_ms(bench), 30000);
}

static void
home_agent_in_the_reply_is_adopted(void **state)
{
	static const struct answer answers[] = {
		{.code = MIP_CODE_UNKNOWN_HA, .home_agent = 0x0505050a},
		{.code = MIP_CODE_REDIRECT_HA, .redirect = 0x0505050a},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(answers); i++) {
		struct bench *bench = *state;

		bench_begin(bench);
		assert_int_equal(bench_reply(bench, &answers[i]), MN_REPLY_DENIED);
		assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
		assert_int_equal(bench_sent(bench).home_agent, 0x0505050a);
		/* one that stays silent is given up for the configured one */
		for (unsigned k = 0; k < 5; k++)
			(void)bench_wait_and_tick(bench);
		assert_int_equal(bench_sent(bench).home_agent, bench->config.address);
	}
}

static void
discovery_takes_the_agent_that_answers_the_broadcast(void **state)
{
	struct bench *bench = *state;
	be32 agent = bench_address("10.1.0.3");
	unsigned effects;

	bench->config.discovery = true;
	bench->config.address = bench_address("10.1.0.255");
	bench_begin(bench);
	assert_int_equal(bench_sent(bench).home_agent, bench_address("10.1.0.255"));
	assert_int_equal(
		bench_reply_from(bench, agent,
				 &(struct answer){.code = MIP_CODE_UNKNOWN_HA, .home_agent = agent},
				 &effects),
		MN_REPLY_DENIED);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(bench_sent(bench).home_agent, agent);
}

static void
home_address_is_assigned_kept_and_asked_anew_when_prohibited(void **state)
{
	struct bench *bench = *state;

	bench->config.home_address = 0;
	strcpy(bench->config.nai, "mn1@example.com");
	bench_begin(bench);
	assert_int_equal(bench_sent(bench).home_address, 0);
	assert_int_equal(
		bench_reply(bench, &(struct answer){.home_address = bench_address("10.1.0.99"),
						    .nai = "mn1@example.com"}),
		MN_REPLY_ACCEPTED);
	assert_int_equal(bench->registration.home_address, bench_address("10.1.0.99"));
	bench_pass_ms(bench, 5000);
	assert_int_equal(bench_arrive(bench, "172.16.6.9"), MN_SEND | MN_CHANGED);
	assert_int_equal(bench_sent(bench).home_address, bench_address("10.1.0.99"));
	assert_int_equal(bench_reply(bench, &(struct answer){.code = MIP_CODE_PROHIBITED}),
			 MN_REPLY_DENIED);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(bench_sent(bench).home_address, 0);
}

static void
acceptance_without_an_address_or_lifetime_is_none(void **state)
{
	struct bench *bench = *state;

	bench->config.home_address = 0;
	strcpy(bench->config.nai, "mn1@example.com");
	bench_begin(bench);
	assert_int_equal(bench_reply(bench, &(struct answer){0}), MN_REPLY_DENIED);
	assert_int_equal(bench->registration.state, MN_REGISTERING);
}

static void
i_ha_without_tnc_does_not_mean_inside(void **state)
{
	struct bench *bench = *state;

	bench->config.role = MN_ROLE_I_HA;
	bench_begin(bench);
	assert_int_equal(bench_reply(bench, &(struct answer){0}), MN_REPLY_NOT_TRUSTED);
	assert_false(mn_registration_carries(&bench->registration));
	assert_int_equal(bench_wait_ms(bench), 30000);
	(void)bench_wait_and_tick(bench);
	assert_int_equal(bench_reply(bench, &(struct answer){.has_tnc = true}), MN_REPLY_ACCEPTED);
	assert_true(mn_registration_carries(&bench->registration));
}

static void
i_ha_that_loses_tnc_stops_traffic(void **state)
{
	struct bench *bench = *state;
	unsigned effects;

	bench->config.role = MN_ROLE_I_HA;
	bench_begin(bench);
	(void)bench_reply(bench, &(struct answer){.has_tnc = true});
	(void)bench_wait_and_tick(bench);
	assert_int_equal(
		bench_reply_from(bench, bench->config.address, &(struct answer){0}, &effects),
		MN_REPLY_NOT_TRUSTED);
	assert_int_equal(effects, MN_CHANGED | MN_UNPROVED);
	assert_false(mn_registration_carries(&bench->registration));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(granted_lifetime_is_never_longer_than_asked),
		BENCH_TEST(udp_tunnel_needs_an_assent),
		BENCH_TEST(discarded_replies_change_nothing),
		BENCH_TEST(truncated_replies_are_discarded_at_every_length),
		BENCH_TEST(a_reply_counts_once),
		BENCH_TEST(denials_that_the_request_cannot_repair_wait),
		BENCH_TEST(denials_that_the_request_can_repair_are_answered_after_a_second),
		BENCH_TEST(reverse_tunnel_that_is_required_is_not_given_up),
		BENCH_TEST(udp_encapsulation_denied_falls_back_to_ip_in_ip_then_to_no_udp),
		BENCH_TEST(clock_follows_the_home_agents_after_code_133),
		BENCH_TEST(resynchronising_in_vain_slows_down),
		BENCH_TEST(home_agent_in_the_reply_is_adopted),
		BENCH_TEST(discovery_takes_the_agent_that_answers_the_broadcast),
		BENCH_TEST(home_address_is_assigned_kept_and_asked_anew_when_prohibited),
		BENCH_TEST(acceptance_without_an_address_or_lifetime_is_none),
		BENCH_TEST(i_ha_without_tnc_does_not_mean_inside),
		BENCH_TEST(i_ha_that_loses_tnc_stops_traffic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
