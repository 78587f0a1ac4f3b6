/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MOBILE_LOAD_H
#define BENCH_MOBILE_LOAD_H

#include "bench/mobile_load_phase.h"

#define LOAD_PHASES_MAX 16

/* The load generator as a whole. One thread. */
struct mobile_load {
	struct load_port external, internal;
	struct load_fleet fleet;
	struct load_stream stream;
	uint32_t window; /* registrations pending at most */
	uint32_t next;	 /* mobile */
	struct mono_time next_tick;
	uint64_t longest_round_ns; /* what of a latency this program may have to answer for */
	unsigned phase_count;
	struct load_phase phases[LOAD_PHASES_MAX];
	struct load_tally afterwards; /* what comes when all phases are over */
};

/* Plays a phase to its end, the stream going on. 0 or -errno. */
int mobile_load_play(struct mobile_load *load, struct load_phase *phase);

/* Waits until all that the stream sent has come, or nothing comes any more. 0 or -errno. */
int mobile_load_drain(struct mobile_load *load);

/* Prints the results as JSON. */
void mobile_load_report(const struct mobile_load *load);

#endif
