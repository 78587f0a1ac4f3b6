/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/types.h"
#include "mobile/mn_detect.h"

#define X_HA 0
#define I_HA 1
#define PERIOD_MS 3000

enum {
	STOP = MN_ACTION_STOP_DATA,
	ASK = MN_ACTION_ASK_ALL,
	ASK_X = MN_ACTION_ASK_X_HA,
	LEAVE_X = MN_ACTION_LEAVE_X_HA,
	OPEN = MN_ACTION_OPEN_DATA,
};

static struct mono_time
at_ms(uint64_t ms)
{
	return mono_add_ms((struct mono_time){0}, ms);
}

/* An event at a time, and what must come of it. */
struct row {
	uint64_t ms;
	enum mn_detect_kind kind;
	unsigned agent;
	uint64_t until_ms;
	unsigned actions;
	enum mn_place place;
	enum mn_why why;
};

static void
play(struct mn_detect *detect, const struct row *rows, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct mono_time now = at_ms(rows[i].ms);
		struct mn_detect_event event = {rows[i].kind, rows[i].agent,
						at_ms(rows[i].until_ms)};
		unsigned actions = mn_detect_step(detect, &event, now);
		bool carries =
			rows[i].place == MN_PLACE_INSIDE || rows[i].place == MN_PLACE_OUTSIDE;

		if (actions != rows[i].actions || detect->place != rows[i].place ||
		    detect->why != rows[i].why)
			fail_msg("row %u: actions %#x, %s, %s", i, actions,
				 mn_place_name(detect->place), mn_why_text(detect->why));
		assert_int_equal(detect->active >= 0, carries);
		assert_int_equal(mn_detect_admits(detect, X_HA, now),
				 rows[i].place == MN_PLACE_OUTSIDE);
		assert_int_equal(mn_detect_admits(detect, I_HA, now),
				 rows[i].place == MN_PLACE_INSIDE);
	}
}

static void
play_anew(unsigned period_ms, const struct row *rows, unsigned count)
{
	struct mn_detect detect;

	mn_detect_init(&detect, 1u << X_HA, 1u << I_HA, period_ms, at_ms(0));
	play(&detect, rows, count);
}

static void
x_ha_alone_means_outside_when_the_period_is_over(void **state)
{
	static const struct row rows[] = {
		{0, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{50, MN_DETECT_ACCEPTED, X_HA, 900000, 0, MN_PLACE_DETECTING, MN_WHY_WAITING},
		{2999, MN_DETECT_TICK, 0, 0, 0, MN_PLACE_DETECTING, MN_WHY_WAITING},
		{3000, MN_DETECT_TICK, 0, 0, OPEN, MN_PLACE_OUTSIDE, MN_WHY_NO_ANSWER},
		{60000, MN_DETECT_ACCEPTED, X_HA, 960000, 0, MN_PLACE_OUTSIDE, MN_WHY_NO_ANSWER},
		{960000, MN_DETECT_TICK, 0, 0, STOP, MN_PLACE_DETECTING, MN_WHY_X_HA_LOST},
	};

	play_anew(PERIOD_MS, rows, ARRAY_COUNT(rows));
}

static void
period_of_zero_waits_for_nobody(void **state)
{
	static const struct row rows[] = {
		{0, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{50, MN_DETECT_ACCEPTED, X_HA, 900000, OPEN, MN_PLACE_OUTSIDE, MN_WHY_NO_ANSWER},
	};

	play_anew(0, rows, ARRAY_COUNT(rows));
}

static void
proof_means_inside_before_and_after_the_x_has_answer(void **state)
{
	static const struct row early[] = {
		{0, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{50, MN_DETECT_ACCEPTED, I_HA, 60000, LEAVE_X | OPEN, MN_PLACE_INSIDE,
		 MN_WHY_PROVED},
		{60, MN_DETECT_ACCEPTED, X_HA, 900000, 0, MN_PLACE_INSIDE, MN_WHY_PROVED},
	};
	static const struct row waiting[] = {
		{0, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{50, MN_DETECT_ACCEPTED, X_HA, 900000, 0, MN_PLACE_DETECTING, MN_WHY_WAITING},
		{70, MN_DETECT_ACCEPTED, I_HA, 60000, LEAVE_X | OPEN, MN_PLACE_INSIDE,
		 MN_WHY_PROVED},
	};
	static const struct row late[] = {
		{0, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{50, MN_DETECT_ACCEPTED, X_HA, 900000, 0, MN_PLACE_DETECTING, MN_WHY_WAITING},
		{3000, MN_DETECT_TICK, 0, 0, OPEN, MN_PLACE_OUTSIDE, MN_WHY_NO_ANSWER},
		{9000, MN_DETECT_ACCEPTED, I_HA, 69000, STOP | LEAVE_X | OPEN, MN_PLACE_INSIDE,
		 MN_WHY_PROVED},
	};

	play_anew(PERIOD_MS, early, ARRAY_COUNT(early));
	play_anew(PERIOD_MS, waiting, ARRAY_COUNT(waiting));
	play_anew(PERIOD_MS, late, ARRAY_COUNT(late));
}

static void
answer_without_proof_means_outside_without_waiting(void **state)
{
	static const struct row rows[] = {
		{0, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{40, MN_DETECT_NOT_PROVED, I_HA, 0, 0, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{50, MN_DETECT_ACCEPTED, X_HA, 900000, OPEN, MN_PLACE_OUTSIDE, MN_WHY_NOT_PROVED},
		{9000, MN_DETECT_ACCEPTED, I_HA, 69000, STOP | LEAVE_X | OPEN, MN_PLACE_INSIDE,
		 MN_WHY_PROVED},
		{9050, MN_DETECT_NOT_PROVED, I_HA, 0, STOP | ASK_X, MN_PLACE_DETECTING,
		 MN_WHY_REFUSED},
	};

	play_anew(PERIOD_MS, rows, ARRAY_COUNT(rows));
}

static void
i_ha_with_the_address_of_the_x_ha_means_outside(void **state)
{
	static const struct row rows[] = {
		{0, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{40, MN_DETECT_SAME_ADDRESS, I_HA, 60000, 0, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{50, MN_DETECT_ACCEPTED, X_HA, 900000, OPEN, MN_PLACE_OUTSIDE, MN_WHY_SAME_ADDRESS},
	};

	play_anew(PERIOD_MS, rows, ARRAY_COUNT(rows));
}

static void
t_monitor_without_success_stops_data_and_detects_anew(void **state)
{
	static const struct row rows[] = {
		{0, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{50, MN_DETECT_ACCEPTED, I_HA, 60000, LEAVE_X | OPEN, MN_PLACE_INSIDE,
		 MN_WHY_PROVED},
		{50000, MN_DETECT_ACCEPTED, I_HA, 110000, 0, MN_PLACE_INSIDE, MN_WHY_PROVED},
		{109999, MN_DETECT_TICK, 0, 0, 0, MN_PLACE_INSIDE, MN_WHY_PROVED},
		{110000, MN_DETECT_LOST, I_HA, 0, STOP | ASK_X, MN_PLACE_DETECTING,
		 MN_WHY_MONITOR_EXPIRED},
		{110050, MN_DETECT_ACCEPTED, X_HA, 900000, 0, MN_PLACE_DETECTING, MN_WHY_WAITING},
		{111000, MN_DETECT_ACCEPTED, I_HA, 170000, LEAVE_X | OPEN, MN_PLACE_INSIDE,
		 MN_WHY_PROVED},
		{120000, MN_DETECT_LOST, I_HA, 0, STOP | ASK_X, MN_PLACE_DETECTING, MN_WHY_REFUSED},
	};

	play_anew(PERIOD_MS, rows, ARRAY_COUNT(rows));
}

static void
nothing_is_known_after_a_change(void **state)
{
	static const struct row rows[] = {
		{0, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{50, MN_DETECT_ACCEPTED, I_HA, 60000, LEAVE_X | OPEN, MN_PLACE_INSIDE,
		 MN_WHY_PROVED},
		{100, MN_DETECT_CHANGED, 0, 0, STOP, MN_PLACE_UNKNOWN, MN_WHY_CHANGED},
		{110, MN_DETECT_ACCEPTED, I_HA, 60000, 0, MN_PLACE_UNKNOWN, MN_WHY_CHANGED},
		{120, MN_DETECT_ACCEPTED, X_HA, 60000, 0, MN_PLACE_UNKNOWN, MN_WHY_CHANGED},
		{130, MN_DETECT_NOT_PROVED, I_HA, 0, 0, MN_PLACE_UNKNOWN, MN_WHY_CHANGED},
		{200, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{5000, MN_DETECT_TICK, 0, 0, 0, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{5010, MN_DETECT_ACCEPTED, X_HA, 60000, OPEN, MN_PLACE_OUTSIDE, MN_WHY_NO_ANSWER},
		{5020, MN_DETECT_ATTACHED, 0, 0, STOP | ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{5030, MN_DETECT_DETACHED, 0, 0, ASK, MN_PLACE_UNKNOWN, MN_WHY_NOT_ATTACHED},
	};

	play_anew(PERIOD_MS, rows, ARRAY_COUNT(rows));
}

static void
ordinary_mobile_without_an_i_ha_is_outside_at_once(void **state)
{
	static const struct row rows[] = {
		{0, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{50, MN_DETECT_ACCEPTED, X_HA, 60000, OPEN, MN_PLACE_OUTSIDE, MN_WHY_NO_I_HA},
	};
	struct mn_detect detect;

	mn_detect_init(&detect, 1u << X_HA, 0, PERIOD_MS, at_ms(0));
	play(&detect, rows, ARRAY_COUNT(rows));
}

static void
late_timer_lets_no_packet_through(void **state)
{
	static const struct row rows[] = {
		{0, MN_DETECT_ATTACHED, 0, 0, ASK, MN_PLACE_DETECTING, MN_WHY_ASKING},
		{50, MN_DETECT_ACCEPTED, I_HA, 60000, LEAVE_X | OPEN, MN_PLACE_INSIDE,
		 MN_WHY_PROVED},
	};
	struct mono_time when;
	struct mn_detect detect;

	mn_detect_init(&detect, 1u << X_HA, 1u << I_HA, 0, at_ms(0));
	assert_false(mn_detect_deadline(&detect, &when));
	play(&detect, rows, ARRAY_COUNT(rows));
	assert_true(mn_detect_deadline(&detect, &when));
	assert_int_equal(when.ns, at_ms(60000).ns);
	assert_true(mn_detect_admits(&detect, I_HA, at_ms(59999)));
	assert_false(mn_detect_admits(&detect, I_HA, at_ms(60000)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x_ha_alone_means_outside_when_the_period_is_over),
		cmocka_unit_test(period_of_zero_waits_for_nobody),
		cmocka_unit_test(proof_means_inside_before_and_after_the_x_has_answer),
		cmocka_unit_test(answer_without_proof_means_outside_without_waiting),
		cmocka_unit_test(i_ha_with_the_address_of_the_x_ha_means_outside),
		cmocka_unit_test(t_monitor_without_success_stops_data_and_detects_anew),
		cmocka_unit_test(nothing_is_known_after_a_change),
		cmocka_unit_test(ordinary_mobile_without_an_i_ha_is_outside_at_once),
		cmocka_unit_test(late_timer_lets_no_packet_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
