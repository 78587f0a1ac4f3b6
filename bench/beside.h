/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_BESIDE_H
#define BENCH_BESIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Something that runs on another core, on and off: what a benchmark takes with it and without it is then told
 * apart in one run, whatever else the machine does. */
struct beside {
	void (*step)(void *context); /* again and again while it is on */
	void *context;
	unsigned core;

	/* the rest is set by beside_start() */
	pthread_t thread;
	_Atomic bool is_on, stop;
	_Atomic uint64_t steps;
};

/* Starts it, off. 0 or -1: there is no such core. */
int beside_start(struct beside *beside);
void beside_switch(struct beside *beside, bool is_on);
void beside_stop(struct beside *beside);

#endif
