/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/replay.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SEC (1ull << 32)
#define NOW (0xe4a1b2c4ull << 32)

static const struct config_association timestamps = {.replay = REPLAY_TIMESTAMPS, .window_sec = 7};
static const struct config_association nonces = {.replay = REPLAY_NONCES};

static bool
is_fresh(const struct replay_state *state, const struct config_association *association,
	 uint64_t identification)
{
	return replay_check(state, 0, association, (struct ntp_time){identification},
			    (struct ntp_time){NOW});
}

static void
timestamp_is_fresh_within_its_window_and_after_the_last(void **state)
{
	static const struct {
		uint64_t identification;
		bool is_fresh;
	} cases[] = {
		{NOW, true},
		{NOW - 7 * SEC, true},
		{NOW - 7 * SEC - 1, false},
		{NOW + 7 * SEC, true},
		{NOW + 7 * SEC + 1, false},
		{NOW - 6 * SEC, true},
		{0, false},
		{UINT64_MAX, false},
	};
	struct replay_state replay;

	(void)state;
	replay_init(&replay, (struct ntp_time){NOW - 100 * SEC}, NULL);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++)
		assert_int_equal(is_fresh(&replay, &timestamps, cases[i].identification),
				 cases[i].is_fresh);
}

static void
timestamp_must_be_greater_than_all_accepted(void **state)
{
	struct replay_state replay;

	(void)state;
	replay_init(&replay, (struct ntp_time){NOW - 100 * SEC}, NULL);
	replay_accept(&replay, 0, &timestamps, (struct ntp_time){NOW});
	assert_false(is_fresh(&replay, &timestamps, NOW));
	assert_false(is_fresh(&replay, &timestamps, NOW - 1));
	assert_true(is_fresh(&replay, &timestamps, NOW + 1));
}

static void
nothing_older_than_the_start_is_fresh(void **state)
{
	struct replay_state replay;

	(void)state;
	replay_init(&replay, (struct ntp_time){NOW - SEC}, NULL);
	assert_false(is_fresh(&replay, &timestamps, NOW - 2 * SEC));
	assert_false(is_fresh(&replay, &timestamps, NOW - SEC));
	assert_true(is_fresh(&replay, &timestamps, NOW - SEC + 1));
}

static void
timestamps_go_over_the_end_of_the_era(void **state)
{
	struct replay_state replay;
	const struct ntp_time after = {SEC};

	(void)state;
	replay_init(&replay, (struct ntp_time){UINT64_MAX - 2 * SEC}, NULL);
	assert_true(replay_check(&replay, 0, &timestamps, (struct ntp_time){UINT64_MAX}, after));
	assert_true(replay_check(&replay, 0, &timestamps, after, after));
	replay_accept(&replay, 0, &timestamps, after);
	assert_false(replay_check(&replay, 0, &timestamps, (struct ntp_time){UINT64_MAX}, after));
}

static uint64_t
reply_to(struct replay_state *state, const struct config_association *association,
	 uint64_t identification, enum replay_answer answer, uint32_t fresh)
{
	return replay_reply(state, 0, association, (struct ntp_time){identification},
			    (struct ntp_time){NOW}, answer, fresh)
		.units;
}

static void
reply_has_the_low_half_of_the_request_always(void **state)
{
	const uint64_t old = (NOW - 100 * SEC) | 0x12345678;
	const uint64_t clock = NOW | 0x12345678;
	const uint64_t with_nonce = 0xabcd000012345678ull;
	struct replay_state replay;

	(void)state;
	replay_init(&replay, (struct ntp_time){NOW - 10 * SEC}, &(struct replay_nonces){0});
	assert_int_equal(reply_to(&replay, &timestamps, clock, REPLAY_ANSWER_VALID, 0), clock);
	assert_int_equal(reply_to(&replay, &timestamps, old, REPLAY_ANSWER_MISMATCH, 0), clock);
	assert_int_equal(reply_to(&replay, &timestamps, old, REPLAY_ANSWER_UNVERIFIED, 0), clock);
	assert_int_equal(reply_to(&replay, &timestamps, clock + SEC, REPLAY_ANSWER_UNVERIFIED, 0),
			 clock + SEC);
	assert_int_equal(reply_to(&replay, &nonces, old, REPLAY_ANSWER_VALID, 0xabcd0000),
			 with_nonce);
	assert_int_equal(reply_to(&replay, &nonces, old, REPLAY_ANSWER_MISMATCH, 0xabcd0000),
			 with_nonce);
}

static void
nonce_is_fresh_once(void **state)
{
	struct replay_state replay;

	(void)state;
	replay_init(&replay, (struct ntp_time){NOW}, &(struct replay_nonces){0});
	assert_false(is_fresh(&replay, &nonces, 0));
	reply_to(&replay, &nonces, 1, REPLAY_ANSWER_MISMATCH, 0x1111);
	assert_true(is_fresh(&replay, &nonces, 0x1111ull << 32));
	replay_accept(&replay, 0, &nonces, (struct ntp_time){0x1111ull << 32});
	assert_false(is_fresh(&replay, &nonces, 0x1111ull << 32));
	reply_to(&replay, &nonces, 1, REPLAY_ANSWER_VALID, 0x2222);
	assert_true(is_fresh(&replay, &nonces, 0x2222ull << 32));
	assert_false(is_fresh(&replay, &nonces, 0));
}

static void
replayed_requests_do_not_push_out_the_nonce_that_the_mobile_holds(void **state)
{
	struct replay_state replay;

	(void)state;
	replay_init(&replay, (struct ntp_time){NOW}, &(struct replay_nonces){0});
	reply_to(&replay, &nonces, 1, REPLAY_ANSWER_VALID, 0x1111);
	for (uint32_t i = 0; i < 100; i++)
		reply_to(&replay, &nonces, 1, REPLAY_ANSWER_MISMATCH, 0x5000 + i);
	assert_true(is_fresh(&replay, &nonces, 0x1111ull << 32));
}

static void
one_captured_request_does_not_push_out_the_nonce_to_resynchronise_with(void **state)
{
	struct replay_state replay;
	uint64_t given, again;

	(void)state;
	replay_init(&replay, (struct ntp_time){NOW}, &(struct replay_nonces){0});
	given = reply_to(&replay, &nonces, 7, REPLAY_ANSWER_MISMATCH, 0x1111);
	for (uint32_t i = 0; i < 100; i++)
		again = reply_to(&replay, &nonces, 9, REPLAY_ANSWER_MISMATCH, 0x5000 + i);
	assert_int_equal(again, 0x5000ull << 32 | 9);
	assert_true(is_fresh(&replay, &nonces, given));
	/* what is used up is not given again */
	replay_accept(&replay, 0, &nonces, (struct ntp_time){given});
	again = reply_to(&replay, &nonces, 9, REPLAY_ANSWER_MISMATCH, 0x6000);
	assert_int_equal(again, 0x6000ull << 32 | 9);
}

static void
nonce_of_an_unauthenticated_answer_is_worthless(void **state)
{
	struct replay_state replay;

	(void)state;
	replay_init(&replay, (struct ntp_time){NOW}, &(struct replay_nonces){0});
	reply_to(&replay, &nonces, 1, REPLAY_ANSWER_UNVERIFIED, 0x1111);
	assert_false(is_fresh(&replay, &nonces, 0x1111ull << 32));
}

static uint64_t
clock_at(struct replay_clock *clock, uint64_t wall, unsigned sec)
{
	return replay_clock_read(clock, (struct ntp_time){wall},
				 (struct mono_time){sec * NS_PER_SEC})
		.units;
}

static void
clock_follows_the_wall_clock_but_never_back(void **state)
{
	struct replay_clock clock;

	(void)state;
	replay_clock_init(&clock, (struct ntp_time){NOW}, (struct mono_time){100 * NS_PER_SEC});
	assert_int_equal(clock_at(&clock, NOW + SEC, 101), NOW + SEC);
	assert_int_equal(clock_at(&clock, NOW + 1000 * SEC, 102), NOW + 1000 * SEC);
	assert_int_equal(clock_at(&clock, NOW + 1000 * SEC + SEC / 2, 103),
			 NOW + 1000 * SEC + SEC / 2);
	assert_false(clock.is_held);
	/* set back: it goes on, until the wall clock is there, too */
	assert_int_equal(clock_at(&clock, NOW + 3 * SEC, 104), NOW + 1002 * SEC);
	assert_true(clock.is_held);
	assert_int_equal(clock_at(&clock, NOW + 4 * SEC, 105), NOW + 1003 * SEC);
	assert_int_equal(clock_at(&clock, NOW + 2000 * SEC, 106), NOW + 2000 * SEC);
	assert_false(clock.is_held);
	/* and over the end of the era */
	assert_int_equal(clock_at(&clock, 3 * SEC, 107), 3 * SEC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timestamp_is_fresh_within_its_window_and_after_the_last),
		cmocka_unit_test(timestamp_must_be_greater_than_all_accepted),
		cmocka_unit_test(nothing_older_than_the_start_is_fresh),
		cmocka_unit_test(timestamps_go_over_the_end_of_the_era),
		cmocka_unit_test(reply_has_the_low_half_of_the_request_always),
		cmocka_unit_test(nonce_is_fresh_once),
		cmocka_unit_test(replayed_requests_do_not_push_out_the_nonce_that_the_mobile_holds),
		cmocka_unit_test(
			one_captured_request_does_not_push_out_the_nonce_to_resynchronise_with),
		cmocka_unit_test(clock_follows_the_wall_clock_but_never_back),
		cmocka_unit_test(nonce_of_an_unauthenticated_answer_is_worthless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
