/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_PREFIX_H
#define LIB_PREFIX_H

#include <stdbool.h>

#include "lib/types.h"

/* An IPv4 prefix, or an address with the prefix length of its network. */
struct prefix {
	be32 address;
	uint8_t len_bits; /* 0 to 32 */
};

#define PREFIX_TEXT_SIZE 19 /* "255.255.255.255/32" and its end */
#define ADDRESS_TEXT_SIZE 16

/* The netmask of `len_bits` (0 to 32). */
static inline be32
prefix_mask(uint8_t len_bits)
{
	return len_bits == 0 ? 0 : htobe32(UINT32_MAX << (32 - len_bits));
}

static inline bool
prefix_contains(struct prefix prefix, be32 address)
{
	return ((prefix.address ^ address) & prefix_mask(prefix.len_bits)) == 0;
}

/* The network's first address, its host bits zero. */
static inline be32
prefix_network(struct prefix prefix)
{
	return prefix.address & prefix_mask(prefix.len_bits);
}

/* The network's directed broadcast address, its host bits one. */
static inline be32
prefix_broadcast(struct prefix prefix)
{
	return prefix.address | ~prefix_mask(prefix.len_bits);
}

/* Reads "192.0.2.1/24", or "192.0.2.1" as a /32. 0, or -EINVAL. Any core. */
int prefix_parse(const char *text, struct prefix *prefix);

/* Reads "192.0.2.1". 0, or -EINVAL. Any core. */
int address_parse(const char *text, be32 *address);

/* Writes the text form into `text` and returns it. */
const char *prefix_format(struct prefix prefix, char text[PREFIX_TEXT_SIZE]);
const char *address_format(be32 address, char text[ADDRESS_TEXT_SIZE]);

#endif
