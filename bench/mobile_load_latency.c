/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/mobile_load_latency.h"

#define STEP_BITS 6

_Static_assert(1u << STEP_BITS == LATENCY_STEPS, "steps are a power of two");

/* Below LATENCY_STEPS a bucket is one value; above, the STEP_BITS bits behind the highest one tell it. */
static unsigned
bucket_of(uint64_t ns)
{
	unsigned shift;

	if (ns < LATENCY_STEPS)
		return (unsigned)ns;
	shift = 63 - STEP_BITS - (unsigned)__builtin_clzll(ns);
	return (shift + 1) * LATENCY_STEPS + (unsigned)((ns >> shift) - LATENCY_STEPS);
}

/* The greatest value in a bucket. */
static uint64_t
bucket_last(unsigned bucket)
{
	unsigned shift;

	if (bucket < LATENCY_STEPS)
		return bucket;
	shift = bucket / LATENCY_STEPS - 1;
	return ((uint64_t)(bucket % LATENCY_STEPS + LATENCY_STEPS) << shift) + (1ull << shift) - 1;
}

void
latency_add(struct latency *latency, uint64_t ns)
{
	latency->count++;
	latency->buckets[bucket_of(ns)]++;
	if (ns > latency->max_ns)
		latency->max_ns = ns;
}

uint64_t
latency_percentile(const struct latency *latency, unsigned per_10000)
{
	/* rounded up: half of three samples are two */
	uint64_t wanted = (latency->count * per_10000 + 9999) / 10000, seen = 0;

	if (latency->count == 0)
		return 0;
	for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
		seen += latency->buckets[i];
		if (seen >= wanted && seen > 0) {
			uint64_t last = bucket_last(i);

			return last < latency->max_ns ? last : latency->max_ns;
		}
	}
	return latency->max_ns;
}
