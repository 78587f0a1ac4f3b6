/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/bench_shim.h"

#include <benchmark/benchmark.h>
#include <cstdlib>

struct bench {
	benchmark::State &state;
};

void
bench_add(const char *name, void (*run)(struct bench *, void *), void *argument)
{
	const char *rounds = getenv("HOMEPORT_BENCH_ROUNDS");
	benchmark::internal::Benchmark *added =
		benchmark::RegisterBenchmark(name, [run, argument](benchmark::State &state) {
			struct bench bench = {state};
			run(&bench, argument);
		})->UseManualTime();

	if (rounds != nullptr)
		added->Iterations(atoi(rounds));
}

bool
bench_next(struct bench *bench)
{
	return bench->state.KeepRunning();
}

void
bench_took(struct bench *bench, double seconds)
{
	bench->state.SetIterationTime(seconds);
}

void
bench_report(struct bench *bench, const char *name, double value)
{
	bench->state.counters[name] = value;
}

void
bench_fail(struct bench *bench, const char *why)
{
	bench->state.SkipWithError(why);
}

int
bench_main(int argc, char **argv)
{
	benchmark::Initialize(&argc, argv);
	if (benchmark::ReportUnrecognizedArguments(argc, argv))
		return 2;
	return benchmark::RunSpecifiedBenchmarks() > 0 ? 0 : 1;
}
