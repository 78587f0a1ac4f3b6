/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mobile/mn_moves.h"

static void
open_at(struct mn_moves *moves, uint64_t ms)
{
	struct mn_move move = {.place = MN_PLACE_OUTSIDE};

	move.opened = mono_add_ms(move.opened, ms);
	(void)mn_moves_open(moves, &move);
}

static void
interruption_lasts_from_the_first_stop_until_data_passes(void **state)
{
	struct mn_moves moves = {0};

	mn_moves_stop(&moves, mono_add_ms((struct mono_time){0}, 100));
	mn_moves_stop(&moves, mono_add_ms((struct mono_time){0}, 250));
	open_at(&moves, 300);
	open_at(&moves, 400);
	assert_int_equal(mn_moves_at(&moves, 0)->interruption_ms, 200);
	assert_int_equal(mn_moves_at(&moves, 1)->interruption_ms, 0);
	assert_null(mn_moves_at(&moves, 2));
}

static void
oldest_moves_are_forgotten(void **state)
{
	struct mn_moves moves = {0};

	for (unsigned i = 0; i < MN_MOVES_KEPT + 3; i++)
		open_at(&moves, i);
	assert_int_equal(mn_moves_at(&moves, 0)->opened.ns, 3 * NS_PER_MS);
	assert_int_equal(mn_moves_at(&moves, MN_MOVES_KEPT - 1)->opened.ns,
			 (MN_MOVES_KEPT + 2) * NS_PER_MS);
	assert_null(mn_moves_at(&moves, MN_MOVES_KEPT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interruption_lasts_from_the_first_stop_until_data_passes),
		cmocka_unit_test(oldest_moves_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
