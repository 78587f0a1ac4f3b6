/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_challenge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WINDOW 2
#define USERS 2

static struct fa_challenge
make(uint8_t fill)
{
	struct fa_challenge challenge;

	memset(challenge.bytes, fill, sizeof(challenge.bytes));
	return challenge;
}

static struct fa_identity
mobile(uint8_t last)
{
	return (struct fa_identity){.home_address = htobe32(0xcb007100 | last), .home_agent = 1};
}

static int
setup(void **state)
{
	*state = fa_challenges_create(WINDOW, USERS);
	return *state != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	fa_challenges_destroy(*state);
	return 0;
}

static void
advertise(struct fa_challenges *challenges, uint8_t fill)
{
	struct fa_challenge challenge = make(fill);

	fa_challenges_advertise(challenges, &challenge);
}

static enum fa_challenge_verdict
check(const struct fa_challenges *challenges, uint8_t who, uint8_t fill)
{
	struct fa_identity id = mobile(who);
	struct fa_challenge challenge = make(fill);

	return fa_challenges_check(challenges, &id, challenge.bytes, sizeof(challenge.bytes));
}

static bool
use(struct fa_challenges *challenges, uint8_t who, uint8_t fill)
{
	struct fa_identity id = mobile(who);
	struct fa_challenge challenge = make(fill);

	return fa_challenges_use(challenges, &id, challenge.bytes, sizeof(challenge.bytes));
}

static uint8_t
offer(struct fa_challenges *challenges, uint8_t who, uint8_t fresh_fill)
{
	struct fa_identity id = mobile(who);
	struct fa_challenge fresh = make(fresh_fill);

	return fa_challenges_offer(challenges, &id, &fresh)->bytes[0];
}

static void
only_the_last_ones_advertised_are_known(void **state)
{
	advertise(*state, 1);
	assert_int_equal(check(*state, 1, 1), FA_CHALLENGE_FRESH);
	advertise(*state, 2);
	advertise(*state, 3);
	assert_int_equal(check(*state, 1, 1), FA_CHALLENGE_UNKNOWN);
	assert_int_equal(check(*state, 1, 2), FA_CHALLENGE_FRESH);
	assert_int_equal(check(*state, 1, 3), FA_CHALLENGE_FRESH);
	assert_int_equal(check(*state, 1, 9), FA_CHALLENGE_UNKNOWN);
	assert_int_equal(check(*state, 1, 0), FA_CHALLENGE_UNKNOWN);
}

static void
what_is_used_or_older_than_that_is_stale_for_this_mobile_alone(void **state)
{
	advertise(*state, 1);
	advertise(*state, 2);
	assert_true(use(*state, 1, 2));
	assert_int_equal(check(*state, 1, 2), FA_CHALLENGE_STALE);
	assert_int_equal(check(*state, 1, 1), FA_CHALLENGE_STALE);
	assert_int_equal(check(*state, 2, 2), FA_CHALLENGE_FRESH);
	assert_int_equal(check(*state, 2, 1), FA_CHALLENGE_FRESH);
}

static void
challenge_of_another_length_is_unknown(void **state)
{
	struct fa_identity id = mobile(1);
	struct fa_challenge challenge = make(1);

	advertise(*state, 1);
	assert_int_equal(fa_challenges_check(*state, &id, challenge.bytes, 15),
			 FA_CHALLENGE_UNKNOWN);
}

static void
who_has_used_the_latest_gets_one_of_his_own(void **state)
{
	advertise(*state, 1);
	assert_int_equal(offer(*state, 1, 100), 1);
	assert_true(use(*state, 1, 1));
	assert_int_equal(offer(*state, 1, 101), 101);
	assert_int_equal(offer(*state, 1, 102), 101); /* not used yet, so it is said again */
	assert_int_equal(check(*state, 1, 101), FA_CHALLENGE_FRESH);
	assert_int_equal(check(*state, 2, 101), FA_CHALLENGE_UNKNOWN);
	assert_true(use(*state, 1, 101));
	assert_int_equal(check(*state, 1, 101), FA_CHALLENGE_STALE);
	assert_int_equal(offer(*state, 1, 103), 103);
	advertise(*state, 2);
	assert_int_equal(offer(*state, 1, 104), 2);
}

static void
nobody_is_forgotten_while_what_he_used_is_in_the_window(void **state)
{
	advertise(*state, 1);
	assert_true(use(*state, 1, 1));
	assert_true(use(*state, 2, 1));
	assert_false(use(*state, 3, 1));
	assert_int_equal(check(*state, 1, 1), FA_CHALLENGE_STALE);
	advertise(*state, 2);
	advertise(*state, 3);
	assert_true(use(*state, 3, 3));
	assert_int_equal(check(*state, 3, 3), FA_CHALLENGE_STALE);
}

static void
a_mobile_with_a_nai_is_the_same_once_it_has_an_address(void **state)
{
	struct fa_identity before = {.home_agent = 1, .nai_len = 3, .nai = "a@b"}, after = before;
	struct fa_challenge challenge = make(1);

	after.home_address = 5;
	advertise(*state, 1);
	assert_true(fa_challenges_use(*state, &before, challenge.bytes, sizeof(challenge.bytes)));
	assert_int_equal(
		fa_challenges_check(*state, &after, challenge.bytes, sizeof(challenge.bytes)),
		FA_CHALLENGE_STALE);
}

#define CHALLENGE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CHALLENGE_TEST(only_the_last_ones_advertised_are_known),
		CHALLENGE_TEST(what_is_used_or_older_than_that_is_stale_for_this_mobile_alone),
		CHALLENGE_TEST(challenge_of_another_length_is_unknown),
		CHALLENGE_TEST(who_has_used_the_latest_gets_one_of_his_own),
		CHALLENGE_TEST(nobody_is_forgotten_while_what_he_used_is_in_the_window),
		CHALLENGE_TEST(a_mobile_with_a_nai_is_the_same_once_it_has_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
