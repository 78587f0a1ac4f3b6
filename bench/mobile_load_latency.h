/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MOBILE_LOAD_LATENCY_H
#define BENCH_MOBILE_LOAD_LATENCY_H

#include "lib/types.h"

/*
 * A histogram of times whose buckets are at most 1/64 of the value wide: as many samples as one likes in a
 * fixed amount of memory, percentiles no more than 1.6 % too high. One thread.
 */
#define LATENCY_STEPS 64u /* of each power of two */
#define LATENCY_BUCKETS (59u * LATENCY_STEPS)

struct latency {
	uint64_t count;
	uint64_t max_ns;
	uint64_t buckets[LATENCY_BUCKETS];
};

/* Counts one time. */
void latency_add(struct latency *latency, uint64_t ns);

/* The time that `per_10000` of 10,000 samples (5000: the median) do not exceed; the greatest sample at most.
 * 0 when there is none. */
uint64_t latency_percentile(const struct latency *latency, unsigned per_10000);

#endif
