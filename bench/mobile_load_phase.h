/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MOBILE_LOAD_PHASE_H
#define BENCH_MOBILE_LOAD_PHASE_H

#include "bench/mobile_load_stream.h"

/* What the mobiles do for a while. */
enum load_pattern {
	LOAD_ATTACH,  /* each registers for the first time */
	LOAD_REFRESH, /* each renews where it is */
	LOAD_MOVE,    /* each goes to another care-of address */
};

struct load_phase {
	enum load_pattern pattern;
	uint32_t per_sec; /* registrations begun a second; 0: as fast as they are accepted */
	uint32_t seconds; /* attach ends when all have begun */
	uint64_t held_up; /* rounds in which one was due and too many were pending */
	struct load_tally tally;
};

/* Reads PATTERN[:RATE:SECONDS], such as "attach" or "move:10000:15". 0 or -EINVAL. */
int load_phase_parse(struct load_phase *phase, const char *text);

const char *load_pattern_name(enum load_pattern pattern);

#endif
