/* SPDX-License-Identifier: BSD-3-Clause */
/* Who may trace, for how long, and what a turn brings. */
#include "control/tracing.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/unit/control/net_fixture.h"

#define ADDRESS RTE_BE32(0xc0000207)
#define WORKERS 2

static struct worker workers[WORKERS];
static struct worker *const pointers[WORKERS] = {&workers[0], &workers[1]};
static struct rte_mempool *pool;
static struct tracing tracing;
static const struct mono_time begin = {.ns = 1000000};

static int
start_all(void **state)
{
	if (net_eal_start(state) != 0)
		return -1;
	pool = rte_pktmbuf_pool_create("tracing", 63, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	return pool == NULL ? -1 : 0;
}

static int
start(void **state)
{
	tracing = (struct tracing){0};
	for (unsigned i = 0; i < WORKERS; i++) {
		workers[i] = (struct worker){.id = i, .trace = trace_create(0)};
		assert_non_null(workers[i].trace);
	}
	return 0;
}

static int
stop(void **state)
{
	for (unsigned i = 0; i < WORKERS; i++)
		trace_destroy(workers[i].trace);
	return 0;
}

/* A packet of ADDRESS comes by at a worker. */
static void
record_packet(unsigned worker)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
	struct ip_header *ip;

	assert_non_null(mbuf);
	*packet_of(mbuf) = (struct packet){0};
	ip = (struct ip_header *)rte_pktmbuf_append(mbuf, sizeof(*ip));
	*ip = (struct ip_header){.version_ihl = IP_VERSION_IHL_PLAIN, .src = ADDRESS};
	if (trace_is_on(&workers[worker]))
		trace_stage(&workers[worker], STAGE_TTL, &mbuf, 1);
	rte_pktmbuf_free(mbuf);
}

static bool
are_tracing(void)
{
	assert_int_equal(trace_is_on(&workers[0]), trace_is_on(&workers[1]));
	return trace_is_on(&workers[0]);
}

static void
records_of_all_workers_are_read(void **state)
{
	struct trace_record record;
	unsigned worker;

	assert_int_equal(tracing_start(&tracing, pointers, WORKERS, ADDRESS, begin), 0);
	record_packet(1);
	record_packet(0);
	assert_true(tracing_read(&tracing, &worker, &record));
	assert_int_equal(worker, 0);
	assert_true(tracing_read(&tracing, &worker, &record));
	assert_int_equal(worker, 1);
	assert_false(tracing_read(&tracing, &worker, &record));
}

static void
packets_of_two_workers_have_different_numbers(void **state)
{
	struct trace_record first, second;
	unsigned worker;

	assert_int_equal(tracing_start(&tracing, pointers, WORKERS, ADDRESS, begin), 0);
	record_packet(0);
	record_packet(1);
	assert_true(tracing_read(&tracing, &worker, &first));
	assert_true(tracing_read(&tracing, &worker, &second));
	assert_int_not_equal(first.packet, second.packet);
}

static void
records_of_an_earlier_trace_are_not_read(void **state)
{
	struct trace_record record;
	unsigned worker;

	assert_int_equal(tracing_start(&tracing, pointers, WORKERS, ADDRESS, begin), 0);
	record_packet(0);
	tracing_stop(&tracing);
	assert_false(are_tracing());
	record_packet(0);
	assert_int_equal(tracing_start(&tracing, pointers, WORKERS, ADDRESS, begin), 0);
	assert_false(tracing_read(&tracing, &worker, &record));
	assert_int_equal(tracing_lost(&tracing), 0);
}

static void
one_trace_at_a_time(void **state)
{
	uint64_t turn;

	assert_int_equal(tracing_start(&tracing, pointers, WORKERS, 0, begin), -EINVAL);
	assert_int_equal(tracing_start(&tracing, pointers, WORKERS, ADDRESS, begin), 0);
	turn = tracing.turn;
	assert_int_equal(tracing_start(&tracing, pointers, WORKERS, ADDRESS, begin), -EBUSY);
	assert_true(tracing_go_on(&tracing, turn, begin));
	assert_false(tracing_go_on(&tracing, turn, begin));
	assert_true(tracing_go_on(&tracing, tracing.turn, begin));
	tracing_stop(&tracing);
	assert_false(tracing_go_on(&tracing, tracing.turn, begin));
}

static void
trace_that_is_left_alone_ends(void **state)
{
	struct mono_time asked = mono_add_ms(begin, 5000), end;

	assert_int_equal(tracing_start(&tracing, pointers, WORKERS, ADDRESS, begin), 0);
	assert_true(tracing_go_on(&tracing, tracing.turn, asked));
	end = mono_add_ms(asked, TRACING_IDLE_SEC * 1000);
	tracing_tick(&tracing, end);
	assert_true(are_tracing());
	tracing_tick(&tracing, mono_add_ms(end, 1));
	assert_false(are_tracing());
	assert_int_equal(tracing_start(&tracing, pointers, WORKERS, ADDRESS, begin), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(records_of_all_workers_are_read, start, stop),
		cmocka_unit_test_setup_teardown(packets_of_two_workers_have_different_numbers,
						start, stop),
		cmocka_unit_test_setup_teardown(records_of_an_earlier_trace_are_not_read, start,
						stop),
		cmocka_unit_test_setup_teardown(one_trace_at_a_time, start, stop),
		cmocka_unit_test_setup_teardown(trace_that_is_left_alone_ends, start, stop),
	};

	return cmocka_run_group_tests(tests, start_all, NULL);
}
