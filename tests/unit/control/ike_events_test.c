/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ike_events.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>

static const struct ike_event *
first(const struct ike_events *events)
{
	size_t size;

	return ike_events_first(events, &size);
}

static void
events_leave_in_the_order_in_which_they_came(void **state)
{
	struct ike_events *events = ike_events_create(64);

	assert_null(first(events));
	/* round the ring many times, with some always waiting */
	for (uint32_t i = 0; i < 1000; i++) {
		const struct ike_expire expire = {.spi_be = i, .dst = 7};
		const struct ike_mapping mapping = {.spi_be = i, .dst = 7, .new_src = i};

		assert_int_equal(ike_events_add_expire(events, &expire), 0);
		assert_int_equal(ike_events_add_mapping(events, &mapping), 0);
		if (i < 20)
			continue;
		assert_int_equal(first(events)->header.type, IKE_EXPIRE);
		assert_int_equal(first(events)->body.expire.spi_be, i - 20);
		ike_events_drop_first(events);
		assert_int_equal(first(events)->header.type, IKE_MAPPING);
		assert_int_equal(first(events)->body.mapping.new_src, i - 20);
		ike_events_drop_first(events);
	}
	assert_int_equal(ike_events_count(events), 40);
	ike_events_clear(events);
	assert_null(first(events));
	ike_events_destroy(events);
}

static void
later_event_of_an_sa_takes_the_place_of_the_earlier(void **state)
{
	struct ike_events *events = ike_events_create(8);
	struct ike_expire expire = {.spi_be = 1, .dst = 2};
	struct ike_mapping mapping = {.spi_be = 1, .dst = 2, .new_src = 3};

	ike_events_add_expire(events, &expire);
	ike_events_add_mapping(events, &mapping);
	expire.is_hard = 1;
	mapping.new_src = 4;
	ike_events_add_expire(events, &expire);
	ike_events_add_mapping(events, &mapping);
	expire.is_hard = 0; /* what has ended does not come back */
	ike_events_add_expire(events, &expire);
	expire.dst = 3; /* another SA */
	ike_events_add_expire(events, &expire);
	assert_int_equal(ike_events_count(events), 3);
	assert_int_equal(first(events)->body.expire.is_hard, 1);
	ike_events_drop_first(events);
	assert_int_equal(first(events)->body.mapping.new_src, 4);
	ike_events_drop_first(events);
	assert_int_equal(first(events)->body.expire.dst, 3);
	ike_events_destroy(events);
}

static void
full_queue_says_so_and_keeps_what_it_has(void **state)
{
	struct ike_events *events = ike_events_create(8);

	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(ike_events_add_expire(events, &(struct ike_expire){.spi_be = i}),
				 0);
	assert_int_equal(ike_events_add_expire(events, &(struct ike_expire){.spi_be = 8}), -ENOSPC);
	assert_int_equal(ike_events_add_expire(events, &(struct ike_expire){.spi_be = 5}), 0);
	for (uint32_t i = 0; i < 8; i++) {
		assert_int_equal(first(events)->body.expire.spi_be, i);
		ike_events_drop_first(events);
	}
	assert_null(first(events));
	ike_events_destroy(events);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_leave_in_the_order_in_which_they_came),
		cmocka_unit_test(later_event_of_an_sa_takes_the_place_of_the_earlier),
		cmocka_unit_test(full_queue_says_so_and_keeps_what_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
