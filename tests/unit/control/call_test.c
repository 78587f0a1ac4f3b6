/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#define CALLERS 4
#define CALLS_EACH 50

struct caller {
	struct control_calls *calls;
	pthread_t control; /* the thread that may run functions */
	unsigned *count;   /* without a lock: the control core alone counts */
	atomic_uint *done;
	bool ran_elsewhere;
	int error;
};

static void
count(void *argument)
{
	struct caller *caller = argument;

	(*caller->count)++;
	if (!pthread_equal(pthread_self(), caller->control))
		caller->ran_elsewhere = true;
}

static void *
call_often(void *argument)
{
	struct caller *caller = argument;

	for (unsigned i = 0; i < CALLS_EACH && caller->error == 0; i++)
		caller->error = control_call(caller->calls, count, caller);
	atomic_fetch_add(caller->done, 1);
	return NULL;
}

static void
calls_of_many_threads_run_one_by_one_on_the_control_core(void **state)
{
	struct control_calls *calls = control_calls_create();
	struct caller callers[CALLERS];
	pthread_t threads[CALLERS];
	atomic_uint done = 0;
	unsigned counted = 0;

	assert_non_null(calls);
	for (unsigned i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){.calls = calls,
					     .control = pthread_self(),
					     .count = &counted,
					     .done = &done};
		assert_int_equal(pthread_create(&threads[i], NULL, call_often, &callers[i]), 0);
	}
	while (atomic_load(&done) < CALLERS) {
		control_calls_run(calls);
		sched_yield();
	}
	for (unsigned i = 0; i < CALLERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(callers[i].error, 0);
		assert_false(callers[i].ran_elsewhere);
	}
	assert_int_equal(counted, CALLERS * CALLS_EACH);
	control_calls_destroy(calls);
}

static void
call_that_nobody_runs_times_out_and_never_runs(void **state)
{
	struct control_calls *calls = control_calls_create();
	unsigned counted = 0;
	struct caller caller = {.calls = calls, .count = &counted};

	assert_int_equal(control_call(calls, count, &caller), -ETIMEDOUT);
	control_calls_run(calls);
	assert_int_equal(counted, 0);
	control_calls_destroy(calls);
}

static void
round_without_calls_does_nothing(void **state)
{
	struct control_calls *calls = control_calls_create();

	control_calls_run(calls);
	control_calls_destroy(calls);
	control_calls_destroy(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_of_many_threads_run_one_by_one_on_the_control_core),
		cmocka_unit_test(call_that_nobody_runs_times_out_and_never_runs),
		cmocka_unit_test(round_without_calls_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
