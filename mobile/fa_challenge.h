/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_CHALLENGE_H
#define MOBILE_FA_CHALLENGE_H

#include "mobile/fa_identity.h"

/*
 * The challenges that a foreign agent has offered (RFC 4721 section 3.2): the last few of its advertisements,
 * and one of his own for a mobile that has used the latest of them already. A mobile is remembered as long as
 * a challenge that he used could be taken for a fresh one; what he has not used costs no memory, so that
 * nobody fills it by asking. Bytes are the caller's to draw. One thread.
 */
#define FA_CHALLENGE_SIZE 16
#define FA_CHALLENGE_WINDOW_MAX 16

struct fa_challenge {
	uint8_t bytes[FA_CHALLENGE_SIZE];
};

struct fa_challenges;

/* `window`: CHALLENGE_WINDOW, 2 to FA_CHALLENGE_WINDOW_MAX; `users_max`: mobiles remembered. NULL: no
 * memory. */
struct fa_challenges *fa_challenges_create(unsigned window, unsigned users_max);
void fa_challenges_destroy(struct fa_challenges *challenges); /* NULL is fine */

/* A new one for the next multicast advertisement; the oldest of the window goes. */
void fa_challenges_advertise(struct fa_challenges *challenges, const struct fa_challenge *fresh);

/* The latest one advertised. Only after fa_challenges_advertise(). */
const struct fa_challenge *fa_challenges_latest(const struct fa_challenges *challenges);

enum fa_challenge_verdict {
	FA_CHALLENGE_FRESH,
	FA_CHALLENGE_STALE,   /* this mobile has used it, or a later one */
	FA_CHALLENGE_UNKNOWN, /* not offered, or too long ago */
};
enum fa_challenge_verdict
fa_challenges_check(const struct fa_challenges *challenges, const struct fa_identity *mobile,
		    const uint8_t *bytes, size_t len);

/* The mobile has used it, which was fresh. False: no memory for one more mobile. */
bool fa_challenges_use(struct fa_challenges *challenges, const struct fa_identity *mobile,
		       const uint8_t *bytes, size_t len);

/* One that the mobile may use next, for a reply or a unicast advertisement: the latest advertised, or his own,
 * which is `fresh` when he has none that is unused. Valid until the next call. */
const struct fa_challenge *
fa_challenges_offer(struct fa_challenges *challenges, const struct fa_identity *mobile,
		    const struct fa_challenge *fresh);

/* The mobile whose home address this is, as he is remembered, or NULL: who solicits says no more. */
const struct fa_identity *
fa_challenges_find_home(const struct fa_challenges *challenges, be32 home_address);

#endif
