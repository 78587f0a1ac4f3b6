/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MOBILE_LOAD_PACE_H
#define BENCH_MOBILE_LOAD_PACE_H

#include "lib/mono_time.h"

/*
 * A constant stream of events: number k is due at `begin` + k / rate, whatever happened to those before. One
 * that is late because the box or this program was busy keeps its due time, so that a latency counted
 * from there has the wait in it.
 */
struct pace {
	struct mono_time begin;
	uint64_t per_sec; /* 0: no pace, an event is due whenever it is asked for */
	uint64_t taken;
};

static inline void
pace_begin(struct pace *pace, struct mono_time now, uint64_t per_sec)
{
	*pace = (struct pace){.begin = now, .per_sec = per_sec};
}

/* When the next event is due: long ago (0) without a pace. Good for 18 thousand million events. */
static inline struct mono_time
pace_due(const struct pace *pace)
{
	if (pace->per_sec == 0)
		return (struct mono_time){0};
	return (struct mono_time){pace->begin.ns + pace->taken * NS_PER_SEC / pace->per_sec};
}

/* True when an event is due at `now`; then it is taken, and *due is when it should have been. */
static inline bool
pace_take(struct pace *pace, struct mono_time now, struct mono_time *due)
{
	*due = pace->per_sec == 0 ? now : pace_due(pace);
	if (mono_is_before(now, *due))
		return false;
	pace->taken++;
	return true;
}

#endif
