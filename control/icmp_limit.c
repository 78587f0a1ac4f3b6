/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/icmp_limit.h"

#include <rte_jhash.h>

void
icmp_limit_init(struct icmp_limit *limit, uint32_t seed, struct mono_time now)
{
	limit->seed = seed;
	token_bucket_init(&limit->all, ICMP_LIMIT_PER_SEC, ICMP_LIMIT_BURST, now);
	for (unsigned i = 0; i < ICMP_LIMIT_BUCKETS; i++)
		token_bucket_init(&limit->destinations[i], ICMP_LIMIT_DESTINATION_PER_SEC,
				  ICMP_LIMIT_DESTINATION_BURST, now);
}

bool
icmp_limit_allows(struct icmp_limit *limit, be32 destination, struct mono_time now)
{
	uint32_t bucket = rte_jhash_1word(destination, limit->seed) % ICMP_LIMIT_BUCKETS;

	/* the destination's first: what it may not have costs the others nothing */
	return token_bucket_take(&limit->destinations[bucket], now) &&
	       token_bucket_take(&limit->all, now);
}
