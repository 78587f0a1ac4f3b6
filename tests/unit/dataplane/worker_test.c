/* SPDX-License-Identifier: BSD-3-Clause */
/* Workers scale as long as none writes what another reads on its way: that is told by where things lie. */
#include "tests/unit/dataplane/fixture.h"

#include "dataplane/sa.h"
#include "dataplane/trace.h"

#define LINE 64u
#define LINE_OF(type, field) (offsetof(type, field) / LINE)
#define LAST_LINE_OF(type, field) \
	((offsetof(type, field) + sizeof(((type *)NULL)->field) - 1) / LINE)

static void
assert_begins_a_line(const void *at)
{
	assert_int_equal((uintptr_t)at % LINE, 0);
}

/* Others read where to hand packets over, the control core reads counters and writes commands. */
static void
lines_that_others_touch_are_not_written_by_each_packet(void **state)
{
	assert_true(LAST_LINE_OF(struct worker, handover) < LINE_OF(struct worker, stage_clock));
	assert_true(LAST_LINE_OF(struct worker, meter_profiles) < LINE_OF(struct worker, counters));
	assert_true(LAST_LINE_OF(struct worker, counters) < LINE_OF(struct worker, stop));
	assert_int_equal(sizeof(struct worker) % LINE, 0);
}

static void
memory_that_workers_write_begins_at_a_line_of_its_own(void **state)
{
	struct fixture *f = fixture_new(2);

	for (unsigned i = 0; i < f->worker_count; i++) {
		const struct worker *worker = f->workers[i];

		assert_begins_a_line(worker);
		assert_begins_a_line(worker->slots);
		assert_begins_a_line(worker->scratch);
		assert_begins_a_line(worker->esp);
		assert_begins_a_line(worker->trace);
		assert_begins_a_line(worker->handover);
		assert_begins_a_line(worker->fragments);
	}
	assert_ptr_not_equal(f->workers[0]->slots, f->workers[1]->slots);
	fixture_end(f);
}

/* What each packet changes of an SA lies in lines that the owner alone writes; sealing needs one of them. */
static void
lines_of_a_security_association_have_one_writer(void **state)
{
	assert_int_equal(LAST_LINE_OF(struct sa, last_use_tsc), 0);
	assert_int_equal(offsetof(struct sa, spi_be), LINE);
	assert_int_equal(LAST_LINE_OF(struct sa, align), 1);
	assert_int_equal(offsetof(struct sa, window), 2 * LINE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_others_touch_are_not_written_by_each_packet),
		cmocka_unit_test(memory_that_workers_write_begins_at_a_line_of_its_own),
		cmocka_unit_test(lines_of_a_security_association_have_one_writer),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
