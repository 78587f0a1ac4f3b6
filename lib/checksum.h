/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_CHECKSUM_H
#define LIB_CHECKSUM_H

#include <string.h>

#include "lib/types.h"

/* The Internet checksum (RFC 1071). Sums are of 16-bit words taken as they lie in memory, so they
 * need no byte swapping and results are stored as they are. */

/* Folds a running sum of 16-bit words to 16 bits. */
static inline uint16_t
checksum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The same for a sum of few words, which fits 32 bits with room to spare (below 2^31). */
static inline uint16_t
checksum_fold_few(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(sum + (sum >> 16));
}

/* Adds `len` bytes at `data` (any alignment) to a running sum. A last odd byte counts as if a zero
 * followed it, so only the last piece of a message may be of odd length. */
static inline uint64_t
checksum_add(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len >= 4; len -= 4, p += 4) {
		uint32_t word;

		memcpy(&word, p, 4);
		sum += word;
	}
	if (len >= 2) {
		uint16_t word;

		memcpy(&word, p, 2);
		sum += word;
		p += 2;
		len -= 2;
	}
	if (len == 1) {
		uint16_t word = 0;

		memcpy(&word, p, 1);
		sum += word;
	}
	return sum;
}

/* The checksum of `len` bytes, ready to be stored (network order as it lies in memory). */
static inline be16
checksum_of(const void *data, size_t len)
{
	return (be16)~checksum_fold(checksum_add(0, data, len));
}

/* The sum of the UDP pseudo header (RFC 768); `len_be` is the UDP length. */
static inline uint64_t
checksum_pseudo_header(be32 src, be32 dst, uint8_t protocol, be16 len_be)
{
	return (uint64_t)src + dst + htobe16(protocol) + len_be;
}

/* RFC 1624 equation 3: the checksum after one 16-bit word changed from `was` to `is`. */
static inline be16
checksum_update(be16 checksum_be, uint16_t was, uint16_t is)
{
	return (be16)~checksum_fold((uint64_t)(uint16_t)~checksum_be + (uint16_t)~was + is);
}

#endif
