/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_MONO_TIME_H
#define LIB_MONO_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* A point on the monotonic clock. One field in a structure, so that seconds, milliseconds and
 * nanoseconds cannot be mixed, nor mistaken for wall-clock time. */
struct mono_time {
	uint64_t ns;
};

#define NS_PER_SEC 1000000000ull
#define NS_PER_MS 1000000ull

/* The present moment. Any thread. */
static inline struct mono_time
mono_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (struct mono_time){(uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec};
}

static inline struct mono_time
mono_add_ms(struct mono_time t, uint64_t ms)
{
	return (struct mono_time){t.ns + ms * NS_PER_MS};
}

static inline struct mono_time
mono_add_sec(struct mono_time t, uint64_t sec)
{
	return (struct mono_time){t.ns + sec * NS_PER_SEC};
}

static inline bool
mono_is_before(struct mono_time a, struct mono_time b)
{
	return a.ns < b.ns;
}

/* Whole milliseconds from `from` until `to`; 0 when `to` is not later. */
static inline uint64_t
mono_ms_until(struct mono_time from, struct mono_time to)
{
	return to.ns > from.ns ? (to.ns - from.ns) / NS_PER_MS : 0;
}

/* Whole seconds from `from` until `to`, rounded up; 0 when `to` is not later. */
static inline uint64_t
mono_sec_until(struct mono_time from, struct mono_time to)
{
	return to.ns > from.ns ? (to.ns - from.ns + NS_PER_SEC - 1) / NS_PER_SEC : 0;
}

#endif
