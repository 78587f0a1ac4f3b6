/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>

/* Integers in network byte order, as they stand in a packet. Variables of these types end in `_be`
 * or are addresses (an IPv4 address is always kept in network order). */
typedef uint16_t be16;
typedef uint32_t be32;
typedef uint64_t be64;

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Pins the size of a wire or hot structure. */
#define ASSERT_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " has another size")
/* Pins the place of a field. */
#define ASSERT_OFFSET(type, field, bytes) \
	_Static_assert(offsetof(type, field) == (bytes), #type "." #field " has moved")

#endif
