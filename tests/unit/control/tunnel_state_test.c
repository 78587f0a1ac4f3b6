/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/tunnel_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>

static const struct mono_time start = {1000 * NS_PER_SEC};
#define AGENT 0x0100010a
static const struct tunnel_key one = {.agent = AGENT, .far_end = 0x010010ac, .protocol = 4};
static const struct tunnel_key other = {.agent = AGENT, .far_end = 0x020010ac, .protocol = 4};

static unsigned changes;

static void
note_change(struct tunnel_key key, void *context)
{
	changes++;
}

static void
who_has_been_heard_is_reachable_and_keeps_the_paths_mtu(void **state)
{
	struct timer_wheel *wheel = timer_wheel_create(start, NULL);
	struct tunnel_states *states = tunnel_states_create(wheel, note_change, NULL);

	assert_false(tunnel_state_set_reachable(states, one, start));
	tunnel_state_set_mtu(states, one, 1400, TUNNEL_WITNESS, start);
	tunnel_state_set_unreachable(states, one, TUNNEL_WITNESS, start);
	tunnel_state_set_unreachable(states, other, TUNNEL_WITNESS, start);
	assert_true(tunnel_state_set_reachable(states, one, start));
	assert_false(tunnel_state_set_reachable(states, one, start));
	assert_false(tunnel_state_find(states, one).is_unreachable);
	assert_int_equal(tunnel_state_find(states, one).mtu, 1400);
	assert_true(tunnel_state_find(states, other).is_unreachable);
	/* of the one there is only the MTU left to forget, of the other that it is out of reach */
	timer_wheel_run(wheel, mono_add_sec(start, TUNNEL_UNREACHABLE_FORGOTTEN_SEC + 1), 10);
	assert_int_equal(changes, 1);
	timer_wheel_run(wheel, mono_add_sec(start, TUNNEL_MTU_FORGOTTEN_SEC + 1), 10);
	assert_int_equal(changes, 2);
	assert_int_equal(tunnel_state_find(states, one).mtu, 0);
	tunnel_states_destroy(states);
	timer_wheel_destroy(wheel);
}

static void
errors_and_registrations_in_turn_change_little(void **state)
{
	struct timer_wheel *wheel = timer_wheel_create(start, NULL);
	struct tunnel_states *states = tunnel_states_create(wheel, note_change, NULL);
	struct mono_time now = start, end = mono_add_sec(start, 10ull * TUNNEL_HEARD_SEC);
	unsigned news = 0;

	changes = 0;
	for (; mono_is_before(now, end); now = mono_add_ms(now, 10)) {
		timer_wheel_run(wheel, now, 10);
		news += tunnel_state_set_unreachable(states, one, TUNNEL_RUMOUR, now);
		news += tunnel_state_set_reachable(states, one, now);
		assert_false(tunnel_state_find(states, one).is_unreachable);
	}
	/* it goes down and up again, and is left alone */
	assert_in_range(news, 2, 2 * 10);
	/* that it was heard is no news when it is forgotten */
	timer_wheel_run(wheel, mono_add_sec(now, TUNNEL_HEARD_SEC + 1), 10);
	assert_int_equal(changes, 0);
	assert_true(tunnel_state_set_unreachable(states, one, TUNNEL_RUMOUR, now));
	tunnel_states_destroy(states);
	timer_wheel_destroy(wheel);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_been_heard_is_reachable_and_keeps_the_paths_mtu),
		cmocka_unit_test(errors_and_registrations_in_turn_change_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
