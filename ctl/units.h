/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_UNITS_H
#define CTL_UNITS_H

#include <stdint.h>

/* A quantity as short text for people; returned by value so that several fit one call. */
struct unit_text {
	char text[32];
};

/* "45 s", "2 m 5 s", "3 h 20 m", "12 d 4 h". */
struct unit_text unit_duration(uint64_t sec);

/* "17 B", "1.5 kB", "20.3 MB": powers of 1000. */
struct unit_text unit_bytes(uint64_t bytes);

/* A rate a second of `before` -> `after` in `elapsed_ms`; "-" when no time has passed or the counter
 * went backwards (the box was restarted). */
struct unit_text unit_rate(uint64_t before, uint64_t after, uint64_t elapsed_ms);

/* The same for byte counters, in bits a second. */
struct unit_text unit_bit_rate(uint64_t before, uint64_t after, uint64_t elapsed_ms);

#endif
