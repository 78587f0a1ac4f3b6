/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/timer_wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define TIMER_COUNT 200
#define TICK_NS (TIMER_TICK_MS * NS_PER_MS)

/* A timer, and what the naive model knows of it. */
struct watched {
	struct timer_node node;
	bool is_armed;
	uint64_t due_ns;
};

struct fixture {
	struct timer_wheel *wheel;
	struct mono_time now;
	struct watched timers[TIMER_COUNT];
	unsigned fired;
	uint64_t last_tick;
};

static struct fixture *
fixture_create(uint64_t now_ns)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->now.ns = now_ns;
	f->wheel = timer_wheel_create(f->now, f);
	assert_non_null(f->wheel);
	return f;
}

static void
fixture_destroy(struct fixture *f)
{
	timer_wheel_destroy(f->wheel);
	free(f);
}

/* The tick of the wheel at which a time is due. */
static uint64_t
tick_of(uint64_t ns)
{
	return ns / TICK_NS + (ns % TICK_NS != 0);
}

static void
fire(struct timer_node *node, void *context)
{
	struct fixture *f = context;
	struct watched *timer = (struct watched *)node;

	assert_false(timer_is_armed(node));
	assert_true(timer->is_armed);
	assert_true(timer->due_ns <= f->now.ns); /* never earlier */
	assert_true(node->tick >= f->last_tick); /* in order */
	f->last_tick = node->tick;
	timer->is_armed = false;
	f->fired++;
}

static void
arm(struct fixture *f, struct watched *timer, uint64_t due_ns)
{
	timer->is_armed = true;
	timer->due_ns = due_ns;
	timer_arm(f->wheel, &timer->node, (struct mono_time){due_ns}, fire);
	assert_true(timer_is_armed(&timer->node));
}

static void
advance_to(struct fixture *f, uint64_t now_ns)
{
	f->now.ns = now_ns;
	f->last_tick = 0;
	timer_wheel_run(f->wheel, f->now, UINT32_MAX);
	for (unsigned i = 0; i < TIMER_COUNT; i++) {
		struct watched *timer = &f->timers[i];

		/* none late by more than a tick, none lost */
		if (timer->is_armed)
			assert_true(tick_of(timer->due_ns) > now_ns / TICK_NS);
		assert_int_equal(timer->is_armed, timer_is_armed(&timer->node));
	}
}

/* Delays of every order of magnitude. */
static uint64_t
random_delay(void)
{
	uint64_t bits = ((uint64_t)rand() << 31) ^ (uint64_t)rand();

	return bits & ((1ull << (20 + rand() % 34)) - 1);
}

static uint64_t
model_next(const struct fixture *f)
{
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i < TIMER_COUNT; i++) {
		if (f->timers[i].is_armed && f->timers[i].due_ns < next)
			next = f->timers[i].due_ns;
	}
	return next;
}

static void
the_wheel_does_what_a_naive_model_does(void **state)
{
	struct fixture *f = fixture_create(123456789012345);

	(void)state;
	srand(4);
	for (unsigned round = 0; round < 30000; round++) {
		struct watched *timer = &f->timers[rand() % TIMER_COUNT];
		struct mono_time next;
		bool is_any;

		switch (rand() % 4) {
		case 0:
		case 1:
			arm(f, timer, f->now.ns + random_delay());
			break;
		case 2:
			timer_disarm(f->wheel, &timer->node);
			timer->is_armed = false;
			break;
		default:
			advance_to(f, f->now.ns + (rand() % 8 == 0 ? random_delay()
								   : (uint64_t)rand() % 30000000));
			break;
		}
		is_any = timer_wheel_next(f->wheel, &next);
		assert_int_equal(is_any, model_next(f) != UINT64_MAX);
		if (is_any)
			assert_true(next.ns <= tick_of(model_next(f)) * TICK_NS);
	}
	assert_true(f->fired > 1000);
	fixture_destroy(f);
}

static void
a_timer_fires_in_the_tick_of_its_time_and_not_before(void **state)
{
	struct fixture *f = fixture_create(0);

	(void)state;
	arm(f, &f->timers[0], 5 * TICK_NS);
	arm(f, &f->timers[1], 5 * TICK_NS + 1);
	advance_to(f, 5 * TICK_NS - 1);
	assert_int_equal(f->fired, 0);
	advance_to(f, 5 * TICK_NS);
	assert_int_equal(f->fired, 1);
	advance_to(f, 6 * TICK_NS - 1);
	assert_int_equal(f->fired, 1);
	advance_to(f, 6 * TICK_NS);
	assert_int_equal(f->fired, 2);
	fixture_destroy(f);
}

static void
sleeping_until_next_again_and_again_reaches_every_timer(void **state)
{
	struct fixture *f = fixture_create(0);
	struct mono_time next;
	unsigned wakes = 0;

	(void)state;
	arm(f, &f->timers[0], 3600 * NS_PER_SEC);
	arm(f, &f->timers[1], 65534 * NS_PER_SEC);
	while (timer_wheel_next(f->wheel, &next)) {
		assert_true(next.ns > f->now.ns || wakes == 0);
		advance_to(f, next.ns);
		wakes++;
	}
	assert_int_equal(f->fired, 2);
	assert_true(wakes < 20); /* at most once a level and timer */
	fixture_destroy(f);
}

static void
a_run_fires_no_more_than_asked_and_goes_on_where_it_stopped(void **state)
{
	struct fixture *f = fixture_create(0);
	struct mono_time next;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		arm(f, &f->timers[i], TICK_NS * (1 + i % 10));
	f->now.ns = NS_PER_SEC;
	assert_int_equal(timer_wheel_run(f->wheel, f->now, 0), 0);
	assert_int_equal(timer_wheel_run(f->wheel, f->now, 33), 33);
	assert_int_equal(f->fired, 33);
	assert_true(timer_wheel_next(f->wheel, &next));
	assert_true(next.ns <= f->now.ns);
	assert_int_equal(timer_wheel_run(f->wheel, f->now, 1000), 67);
	assert_int_equal(f->fired, 100);
	assert_false(timer_wheel_next(f->wheel, &next));
	fixture_destroy(f);
}

static void
what_is_due_may_be_put_off_as_long_as_it_has_not_fired(void **state)
{
	struct fixture *f = fixture_create(0);
	struct watched *waiting;

	(void)state;
	arm(f, &f->timers[0], TICK_NS);
	arm(f, &f->timers[1], TICK_NS);
	f->now.ns = TICK_NS;
	assert_int_equal(timer_wheel_run(f->wheel, f->now, 1), 1);
	waiting = &f->timers[f->timers[0].is_armed ? 0 : 1];
	arm(f, waiting, 5 * TICK_NS);
	advance_to(f, 5 * TICK_NS - 1);
	assert_int_equal(f->fired, 1);
	advance_to(f, 5 * TICK_NS);
	assert_int_equal(f->fired, 2);
	fixture_destroy(f);
}

/* Fires and arms itself again, and disarms its neighbours. */
static void
fire_again(struct timer_node *node, void *context)
{
	struct fixture *f = context;

	f->fired++;
	timer_arm(f->wheel, node, mono_add_ms(f->now, TIMER_TICK_MS), fire_again);
	for (unsigned i = 0; i < 3; i++) {
		if (&f->timers[i].node != node)
			timer_disarm(f->wheel, &f->timers[i].node);
	}
}

static void
a_firing_timer_may_arm_itself_and_disarm_others_that_are_due(void **state)
{
	struct fixture *f = fixture_create(0);

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		timer_arm(f->wheel, &f->timers[i].node, (struct mono_time){TICK_NS}, fire_again);
	for (unsigned i = 1; i <= 50; i++) {
		f->now.ns = i * TICK_NS;
		assert_int_equal(timer_wheel_run(f->wheel, f->now, 100), 1);
	}
	assert_int_equal(f->fired, 50);
	fixture_destroy(f);
}

static void
a_time_in_the_past_or_beyond_all_time_is_fine(void **state)
{
	struct fixture *f = fixture_create(1000 * NS_PER_SEC);
	struct mono_time next;

	(void)state;
	arm(f, &f->timers[0], 5);
	arm(f, &f->timers[1], UINT64_MAX);
	advance_to(f, 1000 * NS_PER_SEC);
	assert_int_equal(f->fired, 1);
	assert_true(timer_wheel_next(f->wheel, &next));
	assert_true(next.ns > 1000 * NS_PER_SEC);
	timer_disarm(f->wheel, &f->timers[1].node);
	assert_false(timer_wheel_next(f->wheel, &next));
	fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_wheel_does_what_a_naive_model_does),
		cmocka_unit_test(a_timer_fires_in_the_tick_of_its_time_and_not_before),
		cmocka_unit_test(sleeping_until_next_again_and_again_reaches_every_timer),
		cmocka_unit_test(a_run_fires_no_more_than_asked_and_goes_on_where_it_stopped),
		cmocka_unit_test(what_is_due_may_be_put_off_as_long_as_it_has_not_fired),
		cmocka_unit_test(a_firing_timer_may_arm_itself_and_disarm_others_that_are_due),
		cmocka_unit_test(a_time_in_the_past_or_beyond_all_time_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
