/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_TOKEN_BUCKET_H
#define LIB_TOKEN_BUCKET_H

#include "lib/mono_time.h"

/* A rate limit: `per_sec` events a second on average, `burst` at once. For the control core;
 * workers use rte_meter. One thread. */
struct token_bucket {
	uint32_t per_sec;
	uint32_t burst;
	uint64_t credit; /* an event costs NS_PER_SEC; per_sec of these come in a nanosecond */
	struct mono_time last;
};

/* A full bucket. A rate of 0 lets the burst through and nothing after it. */
static inline void
token_bucket_init(struct token_bucket *bucket, uint32_t per_sec, uint32_t burst,
		  struct mono_time now)
{
	*bucket = (struct token_bucket){
		.per_sec = per_sec,
		.burst = burst,
		.credit = burst * NS_PER_SEC,
		.last = now,
	};
}

/* True, and one event is spent, when the limit allows it at `now`. */
static inline bool
token_bucket_take(struct token_bucket *bucket, struct mono_time now)
{
	uint64_t full = bucket->burst * NS_PER_SEC;

	if (bucket->per_sec != 0 && mono_is_before(bucket->last, now)) {
		uint64_t elapsed_ns = now.ns - bucket->last.ns;
		uint64_t missing = full - bucket->credit;

		/* compared by division: a product of a long time would overflow */
		if (elapsed_ns > missing / bucket->per_sec)
			bucket->credit = full;
		else
			bucket->credit += elapsed_ns * bucket->per_sec;
		bucket->last = now;
	}
	if (bucket->credit < NS_PER_SEC)
		return false;
	bucket->credit -= NS_PER_SEC;
	return true;
}

#endif
