/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_challenge.h"

#include <stdlib.h>

/* Challenges advertised are numbered from 1; 0 is none. */
struct user {
	struct fa_identity mobile;
	uint64_t last_used; /* of those advertised; a free place has 0 and no own one */
	bool has_own;
	bool has_used_own;
	struct fa_challenge own;
};

struct fa_challenges {
	struct fa_challenge ring[FA_CHALLENGE_WINDOW_MAX]; /* number n is at n % window */
	uint64_t latest;
	unsigned window;
	unsigned user_count; /* places ever taken */
	unsigned users_max;
	struct user users[];
};

struct fa_challenges *
fa_challenges_create(unsigned window, unsigned users_max)
{
	struct fa_challenges *challenges =
		calloc(1, sizeof(*challenges) + users_max * sizeof(struct user));

	if (challenges == NULL)
		return NULL;
	challenges->window = window;
	challenges->users_max = users_max;
	return challenges;
}

void
fa_challenges_destroy(struct fa_challenges *challenges)
{
	free(challenges);
}

void
fa_challenges_advertise(struct fa_challenges *challenges, const struct fa_challenge *fresh)
{
	challenges->latest++;
	challenges->ring[challenges->latest % challenges->window] = *fresh;
}

const struct fa_challenge *
fa_challenges_latest(const struct fa_challenges *challenges)
{
	return &challenges->ring[challenges->latest % challenges->window];
}

static bool
is_in_window(const struct fa_challenges *challenges, uint64_t number)
{
	return number != 0 && number + challenges->window > challenges->latest;
}

static bool
is_same(const struct fa_challenge *challenge, const uint8_t *bytes, size_t len)
{
	return len == FA_CHALLENGE_SIZE && memcmp(challenge->bytes, bytes, len) == 0;
}

/* The number of an advertised challenge that is in the window, or 0. */
static uint64_t
number_of(const struct fa_challenges *challenges, const uint8_t *bytes, size_t len)
{
	for (uint64_t n = challenges->latest; is_in_window(challenges, n); n--) {
		if (is_same(&challenges->ring[n % challenges->window], bytes, len))
			return n;
	}
	return 0;
}

/* A NAI is the same mobile's also before it has a home address. */
static bool
is_same_mobile(const struct fa_identity *a, const struct fa_identity *b)
{
	return a->home_agent == b->home_agent && fa_identity_has_nai_of(a, b) &&
	       (a->nai_len != 0 || a->home_address == b->home_address);
}

static struct user *
find(const struct fa_challenges *challenges, const struct fa_identity *mobile)
{
	for (unsigned i = 0; i < challenges->user_count; i++) {
		const struct user *user = &challenges->users[i];

		if (is_same_mobile(&user->mobile, mobile))
			return (struct user *)user;
	}
	return NULL;
}

/* A place for one more: a new one, or that of a mobile whom it is safe to forget, for nothing that he has used is
 * still in the window, and what was his own is unknown to all others. */
static struct user *
take_place(struct fa_challenges *challenges)
{
	if (challenges->user_count < challenges->users_max)
		return &challenges->users[challenges->user_count++];
	for (unsigned i = 0; i < challenges->user_count; i++) {
		if (!is_in_window(challenges, challenges->users[i].last_used))
			return &challenges->users[i];
	}
	return NULL;
}

enum fa_challenge_verdict
fa_challenges_check(const struct fa_challenges *challenges, const struct fa_identity *mobile,
		    const uint8_t *bytes, size_t len)
{
	const struct user *user = find(challenges, mobile);
	uint64_t number = number_of(challenges, bytes, len);

	if (user != NULL && user->has_own && is_same(&user->own, bytes, len))
		return user->has_used_own ? FA_CHALLENGE_STALE : FA_CHALLENGE_FRESH;
	if (number == 0)
		return FA_CHALLENGE_UNKNOWN;
	return user != NULL && number <= user->last_used ? FA_CHALLENGE_STALE : FA_CHALLENGE_FRESH;
}

bool
fa_challenges_use(struct fa_challenges *challenges, const struct fa_identity *mobile,
		  const uint8_t *bytes, size_t len)
{
	struct user *user = find(challenges, mobile);

	if (user == NULL) {
		user = take_place(challenges);
		if (user == NULL)
			return false;
		*user = (struct user){.mobile = *mobile};
	}
	if (user->has_own && is_same(&user->own, bytes, len))
		user->has_used_own = true;
	else
		user->last_used = number_of(challenges, bytes, len);
	return true;
}

const struct fa_challenge *
fa_challenges_offer(struct fa_challenges *challenges, const struct fa_identity *mobile,
		    const struct fa_challenge *fresh)
{
	struct user *user = find(challenges, mobile);

	if (user == NULL || user->last_used < challenges->latest)
		return fa_challenges_latest(challenges);
	if (!user->has_own || user->has_used_own) {
		user->own = *fresh;
		user->has_own = true;
		user->has_used_own = false;
	}
	return &user->own;
}

const struct fa_identity *
fa_challenges_find_home(const struct fa_challenges *challenges, be32 home_address)
{
	for (unsigned i = 0; i < challenges->user_count; i++) {
		if (challenges->users[i].mobile.home_address == home_address)
			return &challenges->users[i].mobile;
	}
	return NULL;
}
