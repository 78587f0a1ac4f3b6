/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "tests/unit/mobile/registration_bench.h"

static void
assert_request_hex(const struct bench *bench, const char *hex)
{
	char text[2 * MN_REQUEST_SIZE_MAX + 1];

	for (unsigned i = 0; i < bench->registration.request_len; i++)
		snprintf(text + 2 * i, 3, "%02x", bench->registration.request[i]);
	assert_string_equal(text, hex);
}

static void
request_is_golden_vector_1(void **state)
{
	struct bench *bench = *state;

	bench_begin(bench);
	assert_request_hex(bench, "012207080a0100070a010001ac100509e4a1b2c312345678201400000100"
				  "fd37ab51020b9100603e1722303d7b14");
}

static void
request_with_nai_and_udp_tunnel_is_golden_vector_2(void **state)
{
	struct bench *bench = *state;

	bench->config.udp_tunnel = true;
	strcpy(bench->config.nai, "mn1@example.com");
	bench_begin(bench);
	assert_request_hex(bench,
			   "012207080a0100070a010001ac100509e4a1b2c312345678830f6d6e31406578"
			   "616d706c652e636f6d9006000000000000201400000100bfb81dc9b4936f22386b"
			   "9e349194f9a4");
}

static void
unanswered_requests_repeat_at_doubled_intervals_with_new_identification(void **state)
{
	static const unsigned seconds[] = {1, 2, 4, 8, 16, 30, 30};
	struct bench *bench = *state;
	uint64_t id;

	bench_begin(bench);
	for (unsigned i = 0; i < ARRAY_COUNT(seconds); i++) {
		id = be64toh(bench_sent(bench).identification_be);
		assert_int_equal(bench_wait_ms(bench), seconds[i] * 1000);
		assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
		assert_true(be64toh(bench_sent(bench).identification_be) > id);
	}
}

static void
unanswered_request_with_nonces_repeats_unchanged(void **state)
{
	struct bench *bench = *state;
	struct mip_request first;

	bench->config.replay = MN_REPLAY_NONCES;
	bench_begin(bench);
	first = bench_sent(bench);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(bench_sent(bench).identification_be, first.identification_be);
	/* the reply brings the nonce for the next one */
	assert_int_equal(bench_reply(bench, &(struct answer){.high = 0xabcd0123}),
			 MN_REPLY_ACCEPTED);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(be64toh(bench_sent(bench).identification_be) >> 32, 0xabcd0123);
	assert_int_not_equal((uint32_t)be64toh(bench_sent(bench).identification_be),
			     (uint32_t)be64toh(first.identification_be));
}

static void
accepted_registration_counts_from_sending_and_renews_at_two_thirds(void **state)
{
	struct bench *bench = *state;

	bench_begin(bench);
	bench_pass_ms(bench, 600);
	assert_int_equal(bench_reply(bench, &(struct answer){.lifetime_sec = 90}),
			 MN_REPLY_ACCEPTED);
	assert_int_equal(bench->registration.state, MN_REGISTERED);
	assert_int_equal(bench->registration.grant.kind, TUNNEL_IPIP);
	assert_int_equal(bench_wait_ms(bench), 60000 - 600);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(bench->registration.state, MN_REGISTERED);
	/* nobody answers: the grant ends 90 s after the first request */
	while (bench->registration.state == MN_REGISTERED)
		(void)bench_wait_and_tick(bench);
	assert_int_equal((bench->at.mono.ns - 1000 * NS_PER_SEC) / NS_PER_SEC, 90);
	assert_false(mn_registration_carries(&bench->registration));
}

static void
infinite_lifetime_has_no_deadline(void **state)
{
	struct bench *bench = *state;

	bench->config.lifetime_sec = MIP_LIFETIME_INFINITE;
	bench_begin(bench);
	assert_int_equal(bench_reply(bench, &(struct answer){0}), MN_REPLY_ACCEPTED);
	assert_true(bench_wait_ms(bench) == UINT64_MAX);
}

static void
moving_stops_traffic_and_registers_the_new_address_at_once(void **state)
{
	struct bench *bench = *state;

	bench_begin(bench);
	(void)bench_reply(bench, &(struct answer){0});
	assert_true(mn_registration_carries(&bench->registration));
	bench_pass_ms(bench, 5000);
	assert_int_equal(bench_arrive(bench, "172.16.6.9"), MN_SEND | MN_CHANGED);
	assert_false(mn_registration_carries(&bench->registration));
	assert_int_equal(bench_sent(bench).care_of_address, bench_address("172.16.6.9"));
}

static void
requests_are_a_second_apart_even_when_moving_fast(void **state)
{
	struct bench *bench = *state;

	bench_begin(bench);
	for (unsigned i = 0; i < 9; i++) {
		bench_pass_ms(bench, 100);
		assert_int_equal(bench_arrive(bench, "172.16.6.9"), MN_CHANGED);
	}
	assert_int_equal(bench_wait_ms(bench), 100);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
}

static void
without_a_care_of_address_nothing_is_sent(void **state)
{
	struct bench *bench = *state;

	bench_begin(bench);
	assert_int_equal(bench_arrive(bench, "0.0.0.0"), MN_CHANGED);
	assert_int_equal(bench->registration.state, MN_OFFLINE);
	assert_true(bench_wait_ms(bench) == UINT64_MAX);
	assert_int_equal(bench_reply(bench, &(struct answer){0}), MN_REPLY_UNEXPECTED);
}

static void
stopping_deregisters_and_waits_for_the_answer(void **state)
{
	struct bench *bench = *state;

	bench_begin(bench);
	(void)bench_reply(bench, &(struct answer){0});
	bench_pass_ms(bench, 5000);
	assert_int_equal(mn_registration_stop(&bench->registration, &bench->at),
			 MN_SEND | MN_CHANGED);
	assert_int_equal(bench_sent(bench).lifetime_be, 0);
	assert_int_equal(bench_sent(bench).care_of_address, bench_address("172.16.5.9"));
	assert_int_equal(bench->registration.state, MN_DEREGISTERING);
	assert_int_equal(bench_reply(bench, &(struct answer){0}), MN_REPLY_ACCEPTED);
	assert_int_equal(bench->registration.state, MN_STOPPED);
	assert_true(bench_wait_ms(bench) == UINT64_MAX);
}

static void
stopping_elsewhere_deregisters_every_care_of_address(void **state)
{
	struct bench *bench = *state;

	bench_begin(bench);
	(void)bench_reply(bench, &(struct answer){0});
	bench_pass_ms(bench, 5000);
	(void)bench_arrive(bench, "172.16.6.9");
	bench_pass_ms(bench, 5000);
	(void)mn_registration_stop(&bench->registration, &bench->at);
	assert_int_equal(bench_sent(bench).care_of_address, bench_address("10.1.0.7"));
}

static void
unanswered_deregistration_ends_after_three_requests(void **state)
{
	struct bench *bench = *state;
	unsigned requests = 1;

	bench_begin(bench);
	(void)bench_reply(bench, &(struct answer){0});
	bench_pass_ms(bench, 5000);
	(void)mn_registration_stop(&bench->registration, &bench->at);
	while (bench->registration.state == MN_DEREGISTERING)
		requests += (bench_wait_and_tick(bench) & MN_SEND) != 0;
	assert_int_equal(requests, 3);
	assert_int_equal(bench->registration.state, MN_STOPPED);
}

static void
stopping_what_was_never_registered_sends_nothing(void **state)
{
	struct bench *bench = *state;

	mn_registration_init(&bench->registration, &bench->config, &bench->timing, bench->auth);
	assert_int_equal(mn_registration_stop(&bench->registration, &bench->at), MN_CHANGED);
	assert_int_equal(bench->registration.state, MN_STOPPED);
}

static void
i_ha_is_asked_again_within_t_monitor_or_traffic_stops(void **state)
{
	struct bench *bench = *state;

	bench->config.role = MN_ROLE_I_HA;
	bench_begin(bench);
	(void)bench_reply(bench, &(struct answer){.has_tnc = true});
	assert_int_equal(bench_wait_ms(bench), 40000);
	while (mn_registration_carries(&bench->registration))
		(void)bench_wait_and_tick(bench);
	assert_int_equal((bench->at.mono.ns - 1000 * NS_PER_SEC) / NS_PER_SEC, 60);
}

static void
silent_agent_is_probed_rarely_while_another_serves(void **state)
{
	struct bench *bench = *state;

	bench_begin(bench);
	mn_registration_set_patience(&bench->registration, true);
	for (unsigned i = 0; i < 12; i++)
		(void)bench_wait_and_tick(bench);
	assert_int_equal(bench_wait_ms(bench), 300000);
	mn_registration_set_patience(&bench->registration, false);
	assert_int_equal(bench_wait_ms(bench), 30000);
}

static void
renewal_asks_at_once_and_keeps_the_grant(void **state)
{
	struct bench *bench = *state;

	bench_begin(bench);
	assert_int_equal(mn_registration_renew(&bench->registration, &bench->at), 0);
	(void)bench_reply(bench, &(struct answer){0});
	bench_pass_ms(bench, 5000);
	assert_int_equal(mn_registration_renew(&bench->registration, &bench->at), MN_SEND);
	assert_true(mn_registration_carries(&bench->registration));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(request_is_golden_vector_1),
		BENCH_TEST(request_with_nai_and_udp_tunnel_is_golden_vector_2),
		BENCH_TEST(unanswered_requests_repeat_at_doubled_intervals_with_new_identification),
		BENCH_TEST(unanswered_request_with_nonces_repeats_unchanged),
		BENCH_TEST(accepted_registration_counts_from_sending_and_renews_at_two_thirds),
		BENCH_TEST(infinite_lifetime_has_no_deadline),
		BENCH_TEST(moving_stops_traffic_and_registers_the_new_address_at_once),
		BENCH_TEST(requests_are_a_second_apart_even_when_moving_fast),
		BENCH_TEST(without_a_care_of_address_nothing_is_sent),
		BENCH_TEST(stopping_deregisters_and_waits_for_the_answer),
		BENCH_TEST(stopping_elsewhere_deregisters_every_care_of_address),
		BENCH_TEST(unanswered_deregistration_ends_after_three_requests),
		BENCH_TEST(stopping_what_was_never_registered_sends_nothing),
		BENCH_TEST(i_ha_is_asked_again_within_t_monitor_or_traffic_stops),
		BENCH_TEST(silent_agent_is_probed_rarely_while_another_serves),
		BENCH_TEST(renewal_asks_at_once_and_keeps_the_grant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
