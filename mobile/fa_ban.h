/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_BAN_H
#define MOBILE_FA_BAN_H

#include "lib/mono_time.h"
#include "mobile/fa_identity.h"

/*
 * Mobiles that the operator does not want as visitors for a while. One is known by his home address, and by his NAI
 * when he asks for any home address. One thread.
 */
#define FA_BANS_MAX 1000

struct fa_ban {
	struct fa_identity mobile;
	struct mono_time until; /* UINT64_MAX: for good */
};

struct fa_bans;

struct fa_bans *fa_bans_create(void);	    /* NULL: no memory */
void fa_bans_destroy(struct fa_bans *bans); /* NULL is fine */

/* Bans him until then, whatever was said before; a time that is over lifts it. 0; -ENOENT: there was nothing to lift;
 * -ENOSPC: FA_BANS_MAX are banned. */
int fa_bans_set(struct fa_bans *bans, const struct fa_identity *mobile, struct mono_time until,
		struct mono_time now);

/* True while he is banned. */
bool
fa_bans_has(const struct fa_bans *bans, const struct fa_identity *mobile, struct mono_time now);

/* One after the other, from `*at` 0 on; NULL at the end. */
const struct fa_ban *fa_bans_next(const struct fa_bans *bans, unsigned *at, struct mono_time now);

#endif
