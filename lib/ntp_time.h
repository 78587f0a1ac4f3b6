/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_NTP_TIME_H
#define LIB_NTP_TIME_H

#include <time.h>

#include "lib/types.h"

/* A wall-clock time in the 64-bit form of NTP: units of 2^-32 seconds since 1900, modulo 136
 * years. The Identification of a registration is one when timestamps guard against replay (RFC
 * 5944 section 5.7.1). */
struct ntp_time {
	uint64_t units;
};

static inline struct ntp_time
ntp_from_be(be64 identification_be)
{
	return (struct ntp_time){be64toh(identification_be)};
}

static inline be64
ntp_to_be(struct ntp_time time)
{
	return htobe64(time.units);
}

/* The whole seconds of a time, and a time of whole seconds. */
static inline uint32_t
ntp_to_sec(struct ntp_time time)
{
	return (uint32_t)(time.units >> 32);
}

static inline struct ntp_time
ntp_from_sec(uint32_t sec)
{
	return (struct ntp_time){(uint64_t)sec << 32};
}

/* From Unix time (CLOCK_REALTIME). Any core. */
struct ntp_time ntp_from_timespec(struct timespec time);

/* To Unix time: 1968 to 2104, as RFC 4330 section 3 reads the wrap of 2036. The way there and back
 * keeps every nanosecond. Any core. */
struct timespec ntp_to_timespec(struct ntp_time time);

/* Nanoseconds from `earlier` to `later`; negative when they are the other way round. Right for
 * times less than 68 years apart, over the wrap too. Any core. */
int64_t ntp_difference_ns(struct ntp_time later, struct ntp_time earlier);

#endif
