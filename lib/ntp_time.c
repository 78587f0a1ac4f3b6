/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/ntp_time.h"

#define NS_IN_SEC 1000000000ull
#define SEC_1900_TO_1970 2208988800ull
#define ERA_SEC (1ull << 32)

struct ntp_time
ntp_from_timespec(struct timespec time)
{
	uint64_t sec = ((uint64_t)time.tv_sec + SEC_1900_TO_1970) & (ERA_SEC - 1);
	/* rounded up, so that the way back, which rounds down, finds the same nanosecond */
	uint64_t fraction = (((uint64_t)time.tv_nsec << 32) + NS_IN_SEC - 1) / NS_IN_SEC;

	return (struct ntp_time){sec << 32 | fraction};
}

struct timespec
ntp_to_timespec(struct ntp_time time)
{
	uint64_t sec = time.units >> 32;
	uint64_t fraction = time.units & 0xffffffff;

	if (sec < ERA_SEC / 2)
		sec += ERA_SEC; /* top bit clear: the era that begins in 2036 */
	return (struct timespec){
		.tv_sec = (time_t)((int64_t)sec - (int64_t)SEC_1900_TO_1970),
		.tv_nsec = (long)(fraction * NS_IN_SEC >> 32),
	};
}

int64_t
ntp_difference_ns(struct ntp_time later, struct ntp_time earlier)
{
	int64_t units = (int64_t)(later.units - earlier.units);
	int64_t sec = units >> 32; /* rounded down, the fraction is then never negative */
	uint64_t fraction = (uint64_t)units & 0xffffffff;

	return sec * (int64_t)NS_IN_SEC + (int64_t)(fraction * NS_IN_SEC >> 32);
}
