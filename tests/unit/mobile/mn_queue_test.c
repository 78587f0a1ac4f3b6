/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mobile/mn_queue.h"
#include "mobile/mn_tunnel.h"

static bool
put(struct mn_queue *queue, uint8_t number)
{
	return mn_queue_put(queue, number, &number, 1, (struct mono_time){number});
}

static void
take(struct mn_queue *queue, uint8_t number)
{
	struct mn_queued queued;

	assert_true(mn_queue_take(queue, &queued));
	assert_int_equal(queued.buffer[MN_TUNNEL_HEADROOM], number);
	assert_int_equal(queued.agent, number);
	assert_int_equal(queued.at.ns, number);
	assert_int_equal(queued.len, 1);
	free(queued.buffer);
}

static void
packets_leave_in_the_order_they_came_and_none_is_taken_beyond_the_bound(void **state)
{
	struct mn_queue queue;
	struct mn_queued queued;

	assert_int_equal(mn_queue_init(&queue, 3), 0);
	for (uint8_t round = 0; round < 5; round++) {
		assert_true(put(&queue, 1) && put(&queue, 2) && put(&queue, 3));
		assert_false(put(&queue, 4));
		take(&queue, 1);
		assert_true(put(&queue, 5));
		take(&queue, 2);
		take(&queue, 3);
		take(&queue, 5);
		assert_false(mn_queue_take(&queue, &queued));
	}
	assert_true(put(&queue, 6));
	mn_queue_fini(&queue);
}

static void
queue_of_no_size_takes_nothing(void **state)
{
	struct mn_queue queue;

	assert_int_equal(mn_queue_init(&queue, 0), 0);
	assert_false(put(&queue, 1));
	mn_queue_fini(&queue);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			packets_leave_in_the_order_they_came_and_none_is_taken_beyond_the_bound),
		cmocka_unit_test(queue_of_no_size_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
