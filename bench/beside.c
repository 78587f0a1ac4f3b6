/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/beside.h"

#include <sched.h>
#include <time.h>

#define PAUSE_NS 100000

static void *
run(void *argument)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	struct beside *beside = argument;

	while (!atomic_load(&beside->stop)) {
		if (!atomic_load_explicit(&beside->is_on, memory_order_relaxed)) {
			nanosleep(&pause, NULL);
			continue;
		}
		beside->step(beside->context);
		atomic_fetch_add_explicit(&beside->steps, 1, memory_order_relaxed);
	}
	return NULL;
}

int
beside_start(struct beside *beside)
{
	pthread_attr_t attributes;
	cpu_set_t cores;
	int error;

	CPU_ZERO(&cores);
	CPU_SET(beside->core, &cores);
	atomic_store(&beside->is_on, false);
	atomic_store(&beside->stop, false);
	atomic_store(&beside->steps, 0);
	pthread_attr_init(&attributes);
	pthread_attr_setaffinity_np(&attributes, sizeof(cores), &cores);
	error = pthread_create(&beside->thread, &attributes, run, beside);
	pthread_attr_destroy(&attributes);
	return error == 0 ? 0 : -1;
}

void
beside_switch(struct beside *beside, bool is_on)
{
	atomic_store(&beside->is_on, is_on);
}

void
beside_stop(struct beside *beside)
{
	atomic_store(&beside->stop, true);
	pthread_join(beside->thread, NULL);
}
