/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/mobile/registration_bench.h"

/* On the home link: RFC 5944 sections 2.4.3 and 3.6.1.2. */

static void
come_home(struct bench *bench)
{
	mn_registration_init(&bench->registration, &bench->config, &bench->timing, bench->auth);
	mn_registration_set_home(&bench->registration, true);
	assert_int_equal(mn_registration_move(&bench->registration,
					      bench->registration.home_address, &bench->at),
			 MN_SEND | MN_CHANGED);
}

static void
request_deregisters_every_care_of_address(void **state)
{
	struct bench *bench = *state;
	struct mip_message message;
	struct mip_request request;

	bench->config.udp_tunnel = bench->config.broadcasts = true;
	come_home(bench);
	request = bench_sent(bench);
	assert_int_equal(request.lifetime_be, 0);
	assert_int_equal(request.flags, 0);
	assert_int_equal(request.care_of_address, bench->registration.home_address);
	assert_int_equal(
		mip_parse(bench->registration.request, bench->registration.request_len, &message),
		MIP_PARSE_OK);
	assert_int_equal(message.udp_request.author, MIP_BY_NOBODY);
	assert_true(bench->registration.sweeps);
}

static void
answer_holds_like_a_registration_and_is_asked_for_again(void **state)
{
	struct bench *bench = *state;
	struct answer answer = {0};

	come_home(bench);
	assert_int_equal(bench_reply(bench, &answer), MN_REPLY_ACCEPTED);
	assert_int_equal(bench->registration.state, MN_REGISTERED);
	assert_true(mn_registration_carries(&bench->registration));
	assert_int_equal(bench->registration.grant.lifetime_sec, bench->config.lifetime_sec);
	assert_int_equal(bench_wait_ms(bench), bench->config.lifetime_sec * 2000 / 3);
	assert_int_equal(bench_wait_and_tick(bench) & MN_SEND, MN_SEND);
	assert_int_equal(bench_sent(bench).lifetime_be, 0);
}

static void
i_ha_has_to_prove_the_inside_within_t_monitor(void **state)
{
	struct bench *bench = *state;
	struct answer answer = {0};

	bench->config.role = MN_ROLE_I_HA;
	bench->config.monitor_sec = 60;
	bench->config.monitor_grace_sec = 15;
	come_home(bench);
	assert_int_equal(bench_reply(bench, &answer), MN_REPLY_NOT_TRUSTED);
	assert_false(mn_registration_carries(&bench->registration));
	bench_wait_and_tick(bench);
	answer.has_tnc = true;
	assert_int_equal(bench_reply(bench, &answer), MN_REPLY_ACCEPTED);
	assert_true(mn_registration_carries(&bench->registration));
	assert_int_equal(bench_wait_ms(bench), 45000);
	assert_int_equal(bench->registration.grant.expires.ns - bench->at.mono.ns,
			 60 * (uint64_t)NS_PER_SEC);
}

static void
denial_is_no_home(void **state)
{
	struct bench *bench = *state;
	struct answer answer = {.code = MIP_CODE_PROHIBITED};

	come_home(bench);
	assert_int_equal(bench_reply(bench, &answer), MN_REPLY_DENIED);
	assert_false(mn_registration_carries(&bench->registration));
}

static void
nothing_is_given_back_from_home(void **state)
{
	struct bench *bench = *state;
	struct answer answer = {0};

	come_home(bench);
	assert_int_equal(bench_reply(bench, &answer), MN_REPLY_ACCEPTED);
	assert_int_equal(mn_registration_stop(&bench->registration, &bench->at), MN_CHANGED);
	assert_int_equal(bench->registration.state, MN_STOPPED);
	assert_int_equal(bench->registration.bound_care_of, 0);
}

static void
who_leaves_home_registers_as_before(void **state)
{
	struct bench *bench = *state;
	struct answer answer = {0};

	come_home(bench);
	assert_int_equal(bench_reply(bench, &answer), MN_REPLY_ACCEPTED);
	bench_pass_ms(bench, 5000);
	mn_registration_set_home(&bench->registration, false);
	assert_int_equal(bench_arrive(bench, "172.16.5.9"), MN_SEND | MN_CHANGED);
	assert_int_equal(bench_sent(bench).care_of_address, bench_address("172.16.5.9"));
	assert_int_equal(be16toh(bench_sent(bench).lifetime_be), bench->config.lifetime_sec);
	assert_int_equal(bench_sent(bench).flags & MIP_FLAG_D, MIP_FLAG_D);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(request_deregisters_every_care_of_address),
		BENCH_TEST(answer_holds_like_a_registration_and_is_asked_for_again),
		BENCH_TEST(i_ha_has_to_prove_the_inside_within_t_monitor),
		BENCH_TEST(denial_is_no_home),
		BENCH_TEST(nothing_is_given_back_from_home),
		BENCH_TEST(who_leaves_home_registers_as_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
