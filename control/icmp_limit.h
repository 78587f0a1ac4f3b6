/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_ICMP_LIMIT_H
#define CONTROL_ICMP_LIMIT_H

#include "lib/token_bucket.h"
#include "lib/types.h"

/*
 * How many ICMP messages the control core sends (RFC 1812 section 4.3.2.8): so many a second in all, and
 * no more than a share of them to one destination, so that one host that provokes errors does not
 * use up everybody's. Destinations share a bucket when their hashes meet. Control core.
 */
#define ICMP_LIMIT_PER_SEC 1000
#define ICMP_LIMIT_BURST 200
#define ICMP_LIMIT_DESTINATION_PER_SEC 50
#define ICMP_LIMIT_DESTINATION_BURST 20
#define ICMP_LIMIT_BUCKETS 1024 /* a power of two */

struct icmp_limit {
	uint32_t seed;
	struct token_bucket all;
	struct token_bucket destinations[ICMP_LIMIT_BUCKETS];
};

/* All buckets full; `seed` makes it hard to choose destinations that meet. */
void icmp_limit_init(struct icmp_limit *limit, uint32_t seed, struct mono_time now);

/* True when a message to `destination` may be sent now, which is then counted. */
bool icmp_limit_allows(struct icmp_limit *limit, be32 destination, struct mono_time now);

#endif
