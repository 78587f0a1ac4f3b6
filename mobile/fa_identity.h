/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_IDENTITY_H
#define MOBILE_FA_IDENTITY_H

#include <stdbool.h>
#include <string.h>

#include "lib/wire_mip.h"

/* Who registers with whom: a mobile that uses two home agents at once (RFC 5265 section 3.5) is two of these,
 * from one MAC address. Zero-initialised, then filled, so that no byte is undefined. */
struct fa_identity {
	be32 home_address; /* 0: the home agent assigns one; nai is there then */
	be32 home_agent;
	uint8_t nai_len; /* 0: none was sent */
	uint8_t nai[MIP_NAI_SIZE_MAX];
};

static inline bool
fa_identity_has_nai_of(const struct fa_identity *a, const struct fa_identity *b)
{
	return a->nai_len == b->nai_len && memcmp(a->nai, b->nai, a->nai_len) == 0;
}

static inline bool
fa_identity_equal(const struct fa_identity *a, const struct fa_identity *b)
{
	return a->home_address == b->home_address && a->home_agent == b->home_agent &&
	       fa_identity_has_nai_of(a, b);
}

#endif
