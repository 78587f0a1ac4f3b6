/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/traffic.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SLOTS 4

struct fixture {
	struct slot_counters slots[2][SLOTS];
	struct worker workers[2];
	struct worker *pointers[2];
	struct traffic traffic;
};

static struct fixture fixture;

static int
start(void **state)
{
	fixture = (struct fixture){0};
	for (unsigned i = 0; i < 2; i++) {
		fixture.workers[i].slots = fixture.slots[i];
		fixture.pointers[i] = &fixture.workers[i];
	}
	*state = &fixture;
	return traffic_init(&fixture.traffic, fixture.pointers, 2, SLOTS);
}

static int
stop(void **state)
{
	traffic_fini(&fixture.traffic);
	return 0;
}

static void
traffic_of_all_workers_is_added(void **state)
{
	struct slot_counters sum;

	fixture.slots[0][1] = (struct slot_counters){1, 100, 2, 200};
	fixture.slots[1][1] = (struct slot_counters){10, 1000, 20, 2000};
	fixture.slots[1][2] = (struct slot_counters){7, 7, 7, 7};
	sum = traffic_read(&fixture.traffic, 1);
	assert_int_equal(sum.to_mobile_packets, 11);
	assert_int_equal(sum.to_mobile_bytes, 1100);
	assert_int_equal(sum.from_mobile_packets, 22);
	assert_int_equal(sum.from_mobile_bytes, 2200);
}

static void
next_binding_in_a_slot_begins_at_nothing(void **state)
{
	fixture.slots[0][1] = (struct slot_counters){1, 100, 2, 200};
	traffic_begin(&fixture.traffic, 1);
	assert_int_equal(traffic_read(&fixture.traffic, 1).to_mobile_packets, 0);
	fixture.slots[1][1].from_mobile_bytes = 50;
	assert_int_equal(traffic_read(&fixture.traffic, 1).from_mobile_bytes, 50);
	assert_int_equal(traffic_read(&fixture.traffic, 1).to_mobile_bytes, 0);
}

static void
slot_that_does_not_exist_has_no_traffic(void **state)
{
	traffic_begin(&fixture.traffic, SLOTS);
	assert_int_equal(traffic_read(&fixture.traffic, SLOTS).to_mobile_packets, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(traffic_of_all_workers_is_added),
		TEST(next_binding_in_a_slot_begins_at_nothing),
		TEST(slot_that_does_not_exist_has_no_traffic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
