/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/replay_window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WRAP (UINT64_C(1) << 32)

static struct replay_window *
make_window(uint32_t size_bits)
{
	struct replay_window *window = malloc(replay_window_size(size_bits));

	assert_non_null(window);
	replay_window_init(window, size_bits);
	return window;
}

struct step {
	uint64_t seq;
	enum replay_verdict verdict;
};

/* Packets one after the other in a window of 64; those that are fresh are recorded. */
static void
each_packet_gets_the_verdict_that_it_deserves(void **state)
{
	static const struct step steps[] = {
		{0, REPLAY_OLD},
		{1, REPLAY_FRESH},
		{1, REPLAY_DUPLICATE},
		{2, REPLAY_FRESH},
		{64, REPLAY_FRESH},
		{3, REPLAY_FRESH},
		{1, REPLAY_DUPLICATE},
		{65, REPLAY_FRESH},
		{1, REPLAY_OLD},
		{2, REPLAY_DUPLICATE},
		{4, REPLAY_FRESH},
		{4, REPLAY_DUPLICATE},
		{65, REPLAY_DUPLICATE},
		{1000, REPLAY_FRESH},
		{936, REPLAY_OLD},
		{937, REPLAY_FRESH},
		{937, REPLAY_DUPLICATE},
		{999, REPLAY_FRESH},
		{0, REPLAY_OLD},
		{1064, REPLAY_FRESH},
		{1000, REPLAY_OLD},
		{1001, REPLAY_FRESH},
		{1000000, REPLAY_FRESH},
		{999937, REPLAY_FRESH},
		{999936, REPLAY_OLD},
		{WRAP - 1, REPLAY_FRESH},
		{WRAP, REPLAY_FRESH},
		{WRAP + 40, REPLAY_FRESH},
		{WRAP - 1, REPLAY_DUPLICATE},
		{WRAP - 2, REPLAY_FRESH},
		{WRAP - 24, REPLAY_OLD},
		{UINT64_MAX, REPLAY_FRESH},
		{UINT64_MAX, REPLAY_DUPLICATE},
		{UINT64_MAX - 63, REPLAY_FRESH},
		{UINT64_MAX - 64, REPLAY_OLD},
	};
	struct replay_window *window = make_window(64);

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(steps); i++) {
		uint64_t top = window->top;

		assert_int_equal(replay_window_check(window, steps[i].seq), steps[i].verdict);
		if (steps[i].verdict != REPLAY_FRESH)
			continue;
		assert_int_equal(replay_window_record(window, steps[i].seq), steps[i].seq > top);
		assert_true(window->top == (steps[i].seq > top ? steps[i].seq : top));
	}
	free(window);
}

static void
a_check_alone_changes_nothing(void **state)
{
	struct replay_window *window = make_window(128);

	(void)state;
	assert_int_equal(replay_window_check(window, 5000), REPLAY_FRESH);
	assert_int_equal(replay_window_check(window, 5000), REPLAY_FRESH);
	assert_int_equal(window->top, 0);
	assert_int_equal(replay_window_check(window, 1), REPLAY_FRESH);
	free(window);
}

struct completion {
	uint32_t size_bits;
	uint64_t top;
	uint32_t seq;
	uint64_t expected;
};

static void
the_high_half_is_found_on_both_sides_of_a_wrap(void **state)
{
	static const struct completion cases[] = {
		/* nothing yet, and no subspace before the first */
		{64, 0, 1, 1},
		{64, 0, UINT32_MAX, UINT32_MAX},
		{64, 10, UINT32_MAX, UINT32_MAX},
		/* case A: the window in one subspace */
		{64, 1000, 1000, 1000},
		{64, 1000, 937, 937},
		{64, 1000, 936, WRAP + 936},
		{64, 1000, 1001, 1001},
		{64, 1000, UINT32_MAX, UINT32_MAX},
		{64, WRAP - 1, 0, WRAP},
		{64, WRAP - 1, 5, WRAP + 5},
		{64, WRAP - 1, UINT32_MAX - 63, UINT32_MAX - 63},
		{64, WRAP - 1, UINT32_MAX - 64, 2 * WRAP - 65},
		{64, 63, 0, 0},
		{64, 5 * WRAP + 63, 0, 5 * WRAP},
		/* case B: it reaches back into the one before */
		{64, 5 * WRAP + 62, UINT32_MAX, 5 * WRAP - 1},
		{64, 5 * WRAP + 62, 0, 5 * WRAP},
		{64, 5 * WRAP + 62, UINT32_MAX - 1, 5 * WRAP + UINT32_MAX - 1},
		{64, 5 * WRAP, UINT32_MAX - 62, 5 * WRAP - 63},
		{64, 5 * WRAP, UINT32_MAX - 63, 5 * WRAP + UINT32_MAX - 63},
		{64, 5 * WRAP, 7, 5 * WRAP + 7},
		{4096, WRAP + 4094, UINT32_MAX, WRAP - 1},
		{4096, WRAP + 4095, UINT32_MAX, WRAP + UINT32_MAX},
		/* no window: the nearer one */
		{0, 0, 1, 1},
		{0, WRAP + 100, 99, WRAP + 99},
		{0, WRAP + 100, UINT32_MAX, WRAP - 1},
		{0, 2 * WRAP - 1, 3, 2 * WRAP + 3},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct replay_window *window = make_window(cases[i].size_bits);

		window->top = cases[i].top;
		assert_true(replay_window_seq(window, cases[i].seq, true) == cases[i].expected);
		assert_true(replay_window_seq(window, cases[i].seq, false) == cases[i].seq);
		free(window);
	}
}

static void
without_a_window_all_is_fresh_and_the_newest_is_kept(void **state)
{
	struct replay_window *window = make_window(0);

	(void)state;
	assert_true(replay_window_record(window, 700));
	assert_false(replay_window_record(window, 700));
	assert_false(replay_window_record(window, 1));
	assert_int_equal(replay_window_check(window, 700), REPLAY_FRESH);
	assert_int_equal(replay_window_check(window, 0), REPLAY_FRESH);
	assert_int_equal(window->top, 700);
	assert_true(replay_window_record(window, UINT64_C(1) << 40));
	assert_true(window->top == UINT64_C(1) << 40);
	free(window);
}

#define SPAN 60000u

/* What a window is by its definition: all numbers that came, and how far back it looks. */
static enum replay_verdict
naive_check(const uint8_t *seen, uint64_t top, uint32_t size_bits, uint64_t seq)
{
	if (seq == 0 || (seq <= top && top - seq >= size_bits))
		return REPLAY_OLD;
	return seen[seq] ? REPLAY_DUPLICATE : REPLAY_FRESH;
}

static void
any_window_agrees_with_a_naive_one_on_random_packets(void **state)
{
	static const uint32_t sizes[] = {32,  33,  63,	64,   65,   100, 128,
					 191, 192, 193, 1000, 4095, 4096};
	static uint8_t seen[SPAN + 2 * REPLAY_WINDOW_BITS_MAX];

	(void)state;
	srandom(1);
	for (unsigned i = 0; i < ARRAY_COUNT(sizes); i++) {
		struct replay_window *window = make_window(sizes[i]);
		uint64_t top = 0;

		memset(seen, 0, sizeof(seen));
		while (top < SPAN) {
			uint64_t ahead =
				(uint64_t)random() % (random() % 50 == 0 ? sizes[i] * 2 : 4);
			uint64_t behind = (uint64_t)random() % (sizes[i] + 70);
			uint64_t seq = random() % 3 == 0 ? top + ahead
				       : top > behind	 ? top - behind
							 : 0;
			enum replay_verdict verdict = naive_check(seen, top, sizes[i], seq);

			assert_int_equal(replay_window_check(window, seq), verdict);
			if (verdict != REPLAY_FRESH)
				continue;
			assert_int_equal(replay_window_record(window, seq), seq > top);
			seen[seq] = 1;
			top = seq > top ? seq : top;
		}
		free(window);
	}
}

/* Over the wrap, with the low half alone to go by. */
static void
an_extended_number_is_followed_across_a_wrap(void **state)
{
	struct replay_window *window = make_window(256);
	uint64_t next = WRAP - 5000;

	(void)state;
	assert_true(replay_window_record(window, next - 1));
	for (; next < WRAP + 5000; next += 8) {
		for (unsigned i = 0; i < 8; i++) { /* eight at a time, out of order */
			uint64_t seq = next + (i * 5 + 3) % 8;

			assert_true(replay_window_seq(window, (uint32_t)seq, true) == seq);
			assert_int_equal(replay_window_check(window, seq), REPLAY_FRESH);
			replay_window_record(window, seq);
		}
		for (unsigned i = 0; i < 200; i++) {
			uint64_t seq = next + 7 - i;

			if (seq < WRAP - 5001)
				continue;
			assert_true(replay_window_seq(window, (uint32_t)seq, true) == seq);
			assert_int_equal(replay_window_check(window, seq), REPLAY_DUPLICATE);
		}
	}
	free(window);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_packet_gets_the_verdict_that_it_deserves),
		cmocka_unit_test(a_check_alone_changes_nothing),
		cmocka_unit_test(the_high_half_is_found_on_both_sides_of_a_wrap),
		cmocka_unit_test(without_a_window_all_is_fresh_and_the_newest_is_kept),
		cmocka_unit_test(any_window_agrees_with_a_naive_one_on_random_packets),
		cmocka_unit_test(an_extended_number_is_followed_across_a_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
