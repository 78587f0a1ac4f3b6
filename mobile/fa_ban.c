/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_ban.h"

#include <errno.h>
#include <stdlib.h>

struct fa_bans {
	struct fa_ban list[FA_BANS_MAX];
	unsigned count;
};

struct fa_bans *
fa_bans_create(void)
{
	return calloc(1, sizeof(struct fa_bans));
}

void
fa_bans_destroy(struct fa_bans *bans)
{
	free(bans);
}

static void
drop_expired(struct fa_bans *bans, struct mono_time now)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < bans->count; i++) {
		if (mono_is_before(now, bans->list[i].until))
			bans->list[kept++] = bans->list[i];
	}
	bans->count = kept;
}

int
fa_bans_set(struct fa_bans *bans, const struct fa_identity *mobile, struct mono_time until,
	    struct mono_time now)
{
	bool is_lifted = !mono_is_before(now, until);
	unsigned i = 0;

	drop_expired(bans, now);
	while (i < bans->count && bans->list[i].mobile.home_address != mobile->home_address)
		i++;
	if (i == bans->count && is_lifted)
		return -ENOENT;
	if (i == FA_BANS_MAX)
		return -ENOSPC;
	if (is_lifted) {
		bans->list[i] = bans->list[--bans->count];
		return 0;
	}
	/* who is banned once more need not say his name again */
	if (i == bans->count || mobile->nai_len != 0)
		bans->list[i].mobile = *mobile;
	bans->list[i].until = until;
	bans->count += i == bans->count;
	return 0;
}

static bool
is_him(const struct fa_identity *banned, const struct fa_identity *mobile)
{
	if (mobile->home_address != 0)
		return mobile->home_address == banned->home_address;
	return mobile->nai_len != 0 && fa_identity_has_nai_of(mobile, banned);
}

bool
fa_bans_has(const struct fa_bans *bans, const struct fa_identity *mobile, struct mono_time now)
{
	for (unsigned i = 0; i < bans->count; i++) {
		if (is_him(&bans->list[i].mobile, mobile) &&
		    mono_is_before(now, bans->list[i].until))
			return true;
	}
	return false;
}

const struct fa_ban *
fa_bans_next(const struct fa_bans *bans, unsigned *at, struct mono_time now)
{
	while (*at < bans->count) {
		const struct fa_ban *ban = &bans->list[(*at)++];

		if (mono_is_before(now, ban->until))
			return ban;
	}
	return NULL;
}
