/* SPDX-License-Identifier: BSD-3-Clause */
/* What workers may still read is kept until each has been quiescent. */
#include "control/retire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#define OBJECTS 3000u

struct fixture {
	struct rte_rcu_qsbr *qsbr;
	struct retired retired;
	unsigned freed[OBJECTS]; /* objects, in the order in which they were freed */
	unsigned freed_count;
	unsigned objects[OBJECTS];
};

static void
note_free(void *object, void *context)
{
	struct fixture *f = context;

	f->freed[f->freed_count++] = *(unsigned *)object;
}

static int
start(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->qsbr = aligned_alloc(RTE_CACHE_LINE_SIZE, rte_rcu_qsbr_get_memsize(2));
	rte_rcu_qsbr_init(f->qsbr, 2);
	retired_init(&f->retired, f->qsbr, f);
	for (unsigned i = 0; i < OBJECTS; i++)
		f->objects[i] = i;
	*state = f;
	return 0;
}

static int
stop(void **state)
{
	struct fixture *f = *state;

	retired_fini(&f->retired);
	free(f->qsbr);
	free(f);
	return 0;
}

static void
worker_online(struct fixture *f, unsigned id)
{
	rte_rcu_qsbr_thread_register(f->qsbr, id);
	rte_rcu_qsbr_thread_online(f->qsbr, id);
}

static void
retire_all(struct fixture *f, unsigned first, unsigned end)
{
	for (unsigned i = first; i < end; i++)
		retire(&f->retired, &f->objects[i], note_free);
}

static void
object_is_freed_at_once_when_no_worker_runs(void **state)
{
	struct fixture *f = *state;

	retire_all(f, 0, 3);
	assert_int_equal(retired_reclaim(&f->retired, false), 0);
	assert_int_equal(f->freed_count, 3);
}

static void
object_is_kept_until_every_worker_was_quiescent(void **state)
{
	struct fixture *f = *state;

	worker_online(f, 0);
	worker_online(f, 1);
	retire_all(f, 0, 1);
	assert_int_equal(retired_reclaim(&f->retired, false), 1);
	rte_rcu_qsbr_quiescent(f->qsbr, 0);
	assert_int_equal(retired_reclaim(&f->retired, false), 1);
	rte_rcu_qsbr_quiescent(f->qsbr, 1);
	assert_int_equal(retired_reclaim(&f->retired, false), 0);
	assert_int_equal(f->freed_count, 1);
}

static void
quiescent_state_before_the_retirement_does_not_count(void **state)
{
	struct fixture *f = *state;

	worker_online(f, 0);
	rte_rcu_qsbr_quiescent(f->qsbr, 0);
	retire_all(f, 0, 1);
	assert_int_equal(retired_reclaim(&f->retired, false), 1);
}

static void
oldest_objects_are_freed_first_and_only_those_that_are_due(void **state)
{
	struct fixture *f = *state;

	worker_online(f, 0);
	retire_all(f, 0, 2);
	rte_rcu_qsbr_quiescent(f->qsbr, 0);
	retire_all(f, 2, 4);
	assert_int_equal(retired_reclaim(&f->retired, false), 2);
	assert_int_equal(f->freed_count, 2);
	assert_int_equal(f->freed[0], 0);
	assert_int_equal(f->freed[1], 1);
}

static void
room_grows_while_workers_hold_everything(void **state)
{
	struct fixture *f = *state;

	/* the ring begins in its middle when it grows */
	worker_online(f, 0);
	retire_all(f, 0, 700);
	rte_rcu_qsbr_quiescent(f->qsbr, 0);
	assert_int_equal(retired_reclaim(&f->retired, false), 0);
	retire_all(f, 700, OBJECTS);
	assert_int_equal(retired_reclaim(&f->retired, false), OBJECTS - 700);
	rte_rcu_qsbr_quiescent(f->qsbr, 0);
	assert_int_equal(retired_reclaim(&f->retired, false), 0);
	assert_int_equal(f->freed_count, OBJECTS);
	for (unsigned i = 0; i < OBJECTS; i++)
		assert_int_equal(f->freed[i], i);
}

static void
waiting_frees_half_at_least(void **state)
{
	struct fixture *f = *state;

	retire_all(f, 0, 9);
	assert_true(retired_reclaim(&f->retired, true) <= 4);
	assert_int_equal(retired_reclaim(&f->retired, true), 0);
}

static void
nothing_may_be_retired(void **state)
{
	struct fixture *f = *state;

	retire(&f->retired, NULL, note_free);
	assert_int_equal(f->retired.count, 0);
}

static void
end_frees_what_workers_never_let_go_of(void **state)
{
	struct fixture *f = *state;

	worker_online(f, 0);
	retire_all(f, 0, 5);
	retired_fini(&f->retired);
	assert_int_equal(f->freed_count, 5);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(object_is_freed_at_once_when_no_worker_runs),
		TEST(object_is_kept_until_every_worker_was_quiescent),
		TEST(quiescent_state_before_the_retirement_does_not_count),
		TEST(oldest_objects_are_freed_first_and_only_those_that_are_due),
		TEST(room_grows_while_workers_hold_everything),
		TEST(waiting_frees_half_at_least),
		TEST(nothing_may_be_retired),
		TEST(end_frees_what_workers_never_let_go_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
