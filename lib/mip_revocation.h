/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_MIP_REVOCATION_H
#define LIB_MIP_REVOCATION_H

#include "lib/mip_message.h"

/* What home agents and foreign agents have in common of registration revocation, RFC 3543. */

/* With what a message is signed. */
struct mip_signer {
	struct mip_auth *auth;
	uint8_t type; /* MIP_EXT_FA_HA_AUTH or MIP_EXT_MN_HA_AUTH */
	uint32_t spi;
	enum mip_auth_algorithm algorithm;
	const struct secret *key;
};

/* Builds the revocation `fixed`, or the acknowledgement of `asked`, with its authenticator. The length, or -errno.
 * The thread that owns the signer's `auth`. */
int mip_revocation_build(const struct mip_revocation *fixed, const struct mip_signer *signer,
			 uint8_t bytes[MIP_MESSAGE_SIZE_MAX]);
int mip_revocation_ack_build(const struct mip_revocation *asked, bool inform,
			     const struct mip_signer *signer, uint8_t bytes[MIP_MESSAGE_SIZE_MAX]);

/* Timestamps are seconds that wrap every 136 years (section 3.5). */
static inline bool
revocation_id_is_later(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* The last revocation that one agent sent. One whose registration is gone already (our acknowledgement was lost) is
 * no replay when it is not older than that. */
struct revocation_memory {
	bool is_set;
	uint32_t id;
};

static inline bool
revocation_memory_allows(const struct revocation_memory *memory, uint32_t id)
{
	return !memory->is_set || !revocation_id_is_later(memory->id, id);
}

static inline void
revocation_memory_note(struct revocation_memory *memory, uint32_t id)
{
	if (revocation_memory_allows(memory, id))
		*memory = (struct revocation_memory){true, id};
}

/* Section 4.2.2.1: at most one a second, and less often the longer nobody answers; each with a timestamp of its own,
 * and the answer may be to an earlier one than the last. */
#define REVOCATION_IDS_REMEMBERED 4

struct revocation_retry {
	uint64_t interval_ms; /* until the next one */
	uint32_t ids[REVOCATION_IDS_REMEMBERED];
	unsigned sent;
};

void revocation_retry_init(struct revocation_retry *retry);
void revocation_retry_note(struct revocation_retry *retry, uint32_t id); /* `id` was sent */
bool revocation_retry_matches(const struct revocation_retry *retry, uint32_t id);

/* The interval until the next transmission; it is longer the next time. */
uint64_t revocation_retry_next_ms(struct revocation_retry *retry);

#endif
