/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/mobile/roaming_world.h"

/* A random walk: whatever happens to the interfaces and to the messages, in whatever order. */

#define WALK_STEPS 60000
#define CALM_STEPS 4000

/* Where user data must pass once everybody has been heard. */
static int
best(const struct world *world)
{
	int found = -1;

	for (unsigned t = TRACKS; t-- > 0;) {
		const struct link *link = &world->links[t];

		if (link->care_of != 0 &&
		    (found < 0 || link->is_inside || !world->links[found].is_inside))
			found = (int)t;
	}
	return found;
}

/* Long before anything is renewed, no home agent in use sends to where the mobile was before. */
static void
check_bindings(struct world *world)
{
	world_calm_down(world, 10);
	for (unsigned i = 0; i < AGENTS; i++) {
		int sender = mn_roaming_sender(&world->roaming, i, world->bench->at.mono);

		if (sender >= 0)
			assert_int_equal(world_binding_count(world, i),
					 world->links[sender].is_home ? 0 : 1);
	}
}

static void
check_calm(struct world *world)
{
	int expected = best(world);
	unsigned agent;

	for (unsigned t = 0; t < TRACKS; t++) {
		if (world->tracks[t].is_interrupted)
			world_detach(world, t);
	}
	check_bindings(world);
	/* so long that everything which is asked patiently has been asked */
	world_calm_down(world, 400);
	world_traffic(world);
	world_calm_down(world, 5);
	assert_int_equal(world->roaming.carrier, expected);
	if (expected < 0)
		return;
	agent = world->links[expected].is_inside ? I_HA : X_HA;
	assert_int_equal(mn_roaming_sender(&world->roaming, agent, world->bench->at.mono),
			 expected);
	assert_true(world->links[expected].is_home ||
		    world_is_bound(world, agent, world->links[expected].care_of));
}

static void
walk_one_step(struct world *world)
{
	unsigned t = world_choose(world, TRACKS), i = world_choose(world, AGENTS);

	switch (world_choose(world, 60)) {
	case 0:
		if (world->has_home_link && world_choose(world, 4) == 0)
			world_come_home(world, t);
		else
			world_attach(world, t, world_choose(world, 2) != 0);
		break;
	case 1:
		if (world_choose(world, 3) == 0)
			world_detach(world, t);
		break;
	case 2:
		if (world_choose(world, 2) == 0)
			world_interrupt(world, t);
		break;
	case 3:
		world_pass_ms(world, world_choose(world, 20000));
		break;
	case 4:
		world->flights[t][i].is_under_way = false;
		break;
	case 5:
		world_traffic(world);
		break;
	default:
		if (world_choose(world, 3) == 0)
			world_pass_ms(world, world_choose(world, 900) + 1);
		else
			world_deliver(world, t, i, world_choose(world, 8) == 0);
		break;
	}
}

static void
walk(struct world *world)
{
	world->has_hints = true;
	for (unsigned step = 0; step < WALK_STEPS; step++) {
		walk_one_step(world);
		world_check(world);
		if (step % CALM_STEPS == CALM_STEPS - 1)
			check_calm(world);
	}
	/* it has been everywhere */
	for (unsigned t = 0; t < TRACKS; t++) {
		for (unsigned i = 0; i < AGENTS; i++)
			assert_true(world->sends[i][t] > WALK_STEPS / 200);
	}
}

static void
no_walk_lets_two_tracks_send_nor_one_that_is_not_proved(void **state)
{
	walk(world_create(*state, true));
}

static void
nor_does_one_without_simultaneous_bindings(void **state)
{
	struct world *world = world_create(*state, true);

	world->agents[X_HA].is_single = world->agents[I_HA].is_single = true;
	walk(world);
	walk(world_create(*state, false));
}

static void
nor_does_one_with_naps(void **state)
{
	struct world *world = world_create(*state, true);

	world->config.detect.idle = true;
	walk(world);
}

static void
nor_does_one_that_comes_home(void **state)
{
	struct world *world = world_create(*state, true);

	world->has_home_link = true;
	walk(world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(no_walk_lets_two_tracks_send_nor_one_that_is_not_proved),
		BENCH_TEST(nor_does_one_without_simultaneous_bindings),
		BENCH_TEST(nor_does_one_with_naps),
		BENCH_TEST(nor_does_one_that_comes_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
