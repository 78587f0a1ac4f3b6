/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a worker takes for a packet while something else runs on another core, beside what it takes while nothing
 * does, in turn, a few milliseconds each:
 *
 *   second-worker  another worker on the same tables, with a queue and mobiles of its own
 *   moves, rekeys  the control core changes as many bindings a second, or pairs of security associations with
 *                  the recipe that seals, and takes back what was there before
 *
 * Packets of 64 bytes to the mobile, in the cache, mobiles at random. Cycles are time stamp counter cycles a packet,
 * of the median round. Needs a second core.
 */
#include <rte_cycles.h>
#include <rte_random.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/beside.h"
#include "bench/three_layers.h"

#define MOBILES 100000u /* of each worker */
#define OTHER_CORE 1
#define BURST 32u
#define LEN 64u
#define CHANGES_A_SEC 50000u
#define CHANGES_AT_A_TIME 32u
#define ROUNDS_A_TURN 2048u
#define ROUNDS_KEPT 65536u
#define LATE_MAX 100u /* steps; what is missed beyond is not made up for */

struct rounds {
	uint64_t count;
	uint64_t cycles[ROUNDS_KEPT]; /* of the last ones */
};

struct fixture {
	struct three_layers layers;
	struct path_rig second;
	struct rounds alone, beside;
};

/* What runs on the other core. */
enum other {
	OTHER_WORKER,
	OTHER_MOVES,
	OTHER_REKEYS,
};

struct scenario {
	struct fixture *fixture;
	enum other other;
	bool is_sealed; /* all three layers, or the x-HA's alone */
	uint32_t mobiles;
	uint64_t due; /* time stamp of the next changes */
	uint32_t turn;
	char name[64];
};

static void
write_burst(const struct scenario *scenario, struct path_rig *rig, uint32_t first, uint32_t count)
{
	for (unsigned i = 0; i < BURST; i++) {
		uint32_t mobile = first + (uint32_t)rte_rand_max(count);

		if (scenario->is_sealed)
			three_layers_write_plain(rig->mbufs[i], mobile, LEN);
		else
			three_layers_write_x_ha(rig->mbufs[i], mobile, LEN);
	}
}

static void
work(void *context)
{
	const struct scenario *scenario = context;
	struct path_rig *rig = &scenario->fixture->second;

	/* others than the first worker's: an SA belongs to one of them for good */
	write_burst(scenario, rig, MOBILES, scenario->mobiles);
	path_rig_round(rig, 0, BURST);
}

/* A few changes, when they are due. */
static void
change(void *context)
{
	struct scenario *scenario = context;
	struct three_layers *layers = &scenario->fixture->layers;
	uint64_t now = rte_rdtsc();
	uint64_t step = rte_get_tsc_hz() / CHANGES_A_SEC * CHANGES_AT_A_TIME;

	if (now < scenario->due)
		return;
	scenario->due = RTE_MAX(scenario->due, now - LATE_MAX * step) + step;
	for (unsigned i = 0; i < CHANGES_AT_A_TIME; i++) {
		uint32_t mobile = scenario->turn = (scenario->turn + 7919) % scenario->mobiles;
		int error = scenario->other == OTHER_MOVES ? three_layers_move(layers, mobile)
							   : three_layers_rekey(layers, mobile);

		if (error != 0)
			rte_panic("no room for a change\n");
	}
	publish_reclaim(layers->rig.publisher);
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double
median(struct rounds *rounds)
{
	uint64_t count = RTE_MIN(rounds->count, (uint64_t)ROUNDS_KEPT), middle = count / 2;

	qsort(rounds->cycles, count, sizeof(rounds->cycles[0]), compare);
	return count > 0 ? (double)rounds->cycles[middle] / BURST : 0;
}

static void
measure(struct bench *bench, const struct scenario *scenario, struct beside *beside)
{
	struct fixture *fixture = scenario->fixture;
	struct path_rig *rig = &fixture->layers.rig;
	struct rte_rcu_qsbr *qsbr = rig->worker->tables->qsbr;

	for (uint64_t round = 0; bench_next(bench); round++) {
		bool is_on = round / ROUNDS_A_TURN % 2 != 0;
		struct rounds *rounds = is_on ? &fixture->beside : &fixture->alone;
		uint64_t took;

		if (round % ROUNDS_A_TURN == 0)
			beside_switch(beside, is_on);
		write_burst(scenario, rig, 0, scenario->mobiles);
		took = path_rig_round(rig, 0, BURST);
		rte_rcu_qsbr_quiescent(qsbr, 0);
		bench_took(bench, (double)took / (double)rte_get_tsc_hz());
		if (round % ROUNDS_A_TURN >=
		    ROUNDS_A_TURN / 8) /* until the other core is awake, or asleep */
			rounds->cycles[rounds->count++ % ROUNDS_KEPT] = took;
	}
}

static void
run(struct bench *bench, void *argument)
{
	struct scenario *scenario = argument;
	struct fixture *fixture = scenario->fixture;
	struct beside beside = {.step = scenario->other == OTHER_WORKER ? work : change,
				.context = scenario,
				.core = OTHER_CORE};
	double alone, with;

	fixture->alone.count = fixture->beside.count = 0;
	if (beside_start(&beside) != 0) {
		bench_fail(bench, "there is no second core");
		return;
	}
	measure(bench, scenario, &beside);
	beside_stop(&beside);
	alone = median(&fixture->alone);
	with = median(&fixture->beside);
	bench_report(bench, "alone", alone);
	bench_report(bench, "beside", with);
	bench_report(bench, "percent", alone > 0 ? 100 * (with / alone - 1) : 0);
}

static void
scenario_add(const struct scenario *wanted)
{
	static const char *const names[] = {"second-worker", "moves", "rekeys"};
	struct scenario *scenario = malloc(sizeof(*scenario));

	if (scenario == NULL)
		return;
	*scenario = *wanted; /* lives as long as the program */
	snprintf(scenario->name, sizeof(scenario->name), "beside/%s/%s/%u-mobiles",
		 names[wanted->other], wanted->is_sealed ? "three-layers" : "ip-in-ip",
		 wanted->mobiles);
	bench_add(scenario->name, run, scenario);
}

int
main(int argc, char **argv)
{
	static struct fixture fixture;
	struct rte_rcu_qsbr *qsbr;

	if (three_layers_init(&fixture.layers, argv[0], 2 * MOBILES) != 0 ||
	    path_rig_beside(&fixture.layers.rig, &fixture.second) != 0) {
		fprintf(stderr, "beside_bench: cannot start; are huge pages free?\n");
		return 1;
	}
	qsbr = fixture.layers.rig.worker->tables->qsbr;
	rte_rcu_qsbr_thread_register(qsbr, 0);
	rte_rcu_qsbr_thread_online(qsbr, 0);
	for (unsigned i = 0; i < 12; i++) {
		struct scenario scenario = {
			.fixture = &fixture,
			.other = (enum other)(i / 4),
			.is_sealed = i / 2 % 2 != 0,
			.mobiles = i % 2 == 0 ? 1000 : MOBILES,
		};

		scenario_add(&scenario);
	}
	return bench_main(argc, argv);
}
