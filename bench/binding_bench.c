/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of bindings as workers see it: bursts of 32 look-ups of home addresses drawn at random, with
 * the first line of each recipe read, as a packet does. And what a binding costs in memory, all tables
 * together: what DPDK's heap and the C library's have grown by, divided by the bindings.
 */
#include <malloc.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_random.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench_shim.h"
#include "control/binding.h"
#include "control/publish.h"
#include "dataplane/recipe_table.h"
#include "dataplane/worker.h"

#define BURST 32u
#define HOME_FIRST 0x0a000001u
#define BINDINGS_SMOKE_MAX 100000u

struct table {
	uint32_t bindings;
	char lookup_name[64];
	char memory_name[64];
};

static be32
home_address(uint32_t i)
{
	return htobe32(HOME_FIRST + i);
}

/* Everything that is sized by the number of bindings is made for exactly that many. */
static struct publisher *
publish_all(uint32_t count)
{
	struct publish_limits limits = {
		.worker_count = 1,
		.bindings_max = count,
		.next_hops_max = 16,
		.socket = SOCKET_ID_ANY,
	};
	struct publisher *publisher = publish_create(&limits);

	for (uint32_t i = 0; publisher != NULL && i < count; i++) {
		struct recipe_spec spec = {
			.home_address = home_address(i),
			.slot = i,
			.next_hop = 1,
			.link_mtu = 1500,
			.layer_count = 1,
			.layers = {{.kind = TUNNEL_UDP_IPIP, .dst = home_address(i), .ttl = 64}},
		};

		if (publish_recipes(publisher, &spec, 1) != 0) {
			publish_destroy(publisher);
			return NULL;
		}
	}
	return publisher;
}

static void
lookup(struct bench *bench, void *argument)
{
	const struct table *table = argument;
	struct publisher *publisher = publish_all(table->bindings);
	const struct recipe_table *recipes;
	uint64_t cycles = 0, rounds = 0, sum = 0;

	if (publisher == NULL) {
		bench_fail(bench, "no memory for the tables: reserve more huge pages");
		return;
	}
	recipes = publish_tables(publisher)->recipes;
	while (bench_next(bench)) {
		const struct recipe *found[BURST];
		be32 addresses[BURST];
		uint64_t begin, took;

		for (unsigned i = 0; i < BURST; i++)
			addresses[i] = home_address((uint32_t)rte_rand_max(table->bindings));
		begin = rte_rdtsc_precise();
		if (recipe_lookup(recipes, addresses, BURST, found) != UINT32_MAX) {
			bench_fail(bench, "a binding was not found");
			break;
		}
		for (unsigned i = 0; i < BURST; i++)
			rte_prefetch0(found[i]);
		for (unsigned i = 0; i < BURST; i++)
			sum += found[i]->slot;
		took = rte_rdtsc_precise() - begin;
		cycles += took;
		rounds++;
		bench_took(bench, (double)took / (double)rte_get_tsc_hz());
	}
	bench_report(bench, "cycles/lookup", (double)cycles / (double)(rounds * BURST));
	bench_report(bench, "checksum", (double)(sum & 1));
	publish_destroy(publisher);
}

static size_t
heap_in_use(void)
{
	struct rte_malloc_socket_stats stats;
	struct mallinfo2 libc = mallinfo2();

	rte_malloc_get_socket_stats(0, &stats);
	return stats.heap_allocsz_bytes + libc.uordblks + libc.hblkhd;
}

/* The control core's records and the workers' counters are arrays: their entries are counted. */
static void
memory(struct bench *bench, void *argument)
{
	const struct table *table = argument;
	struct publisher *none = publish_all(1);
	size_t fixed, before;

	if (none == NULL) {
		bench_fail(bench, "no memory for the tables: reserve more huge pages");
		return;
	}
	publish_destroy(none);
	none = NULL;
	before = heap_in_use();
	none = publish_all(1);
	fixed = heap_in_use() - before;
	publish_destroy(none);
	while (bench_next(bench)) {
		uint64_t begin = rte_rdtsc_precise();
		struct publisher *publisher;
		size_t tables;

		before = heap_in_use();
		publisher = publish_all(table->bindings);
		if (publisher == NULL) {
			bench_fail(bench, "no memory for the tables: reserve more huge pages");
			return;
		}
		tables = heap_in_use() - before - fixed;
		bench_took(bench, (double)(rte_rdtsc_precise() - begin) / (double)rte_get_tsc_hz());
		bench_report(bench, "bytes/binding",
			     (double)tables / table->bindings +
				     (double)(sizeof(struct binding) + sizeof(struct binding *) +
					      2 * sizeof(struct slot_counters)));
		publish_destroy(publisher);
	}
}

int
main(int argc, char **argv)
{
	static struct table tables[] = {{.bindings = 1000},
					{.bindings = 100000},
					{.bindings = 1000000},
					{.bindings = 4000000}};
	char *eal[] = {argv[0],		 "--in-memory", "--no-pci",
		       "--no-telemetry", "-l0",		"--log-level=3"};
	bool is_smoke = getenv("HOMEPORT_BENCH_SMOKE") != NULL;

	if (rte_eal_init(ARRAY_COUNT(eal), eal) < 0) {
		fprintf(stderr, "binding_bench: cannot start; are huge pages free?\n");
		return 1;
	}
	for (unsigned i = 0; i < ARRAY_COUNT(tables); i++) {
		struct table *table = &tables[i];

		if (is_smoke && table->bindings > BINDINGS_SMOKE_MAX)
			continue;
		snprintf(table->lookup_name, sizeof(table->lookup_name), "lookup/%u-bindings",
			 table->bindings);
		bench_add(table->lookup_name, lookup, table);
		if (table->bindings < BINDINGS_SMOKE_MAX)
			continue;
		snprintf(table->memory_name, sizeof(table->memory_name), "memory/%u-bindings",
			 table->bindings);
		bench_add(table->memory_name, memory, table);
	}
	return bench_main(argc, argv);
}
