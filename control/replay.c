/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/replay.h"

#include <string.h>

#define LOW_HALF 0xffffffffull

static bool
timestamp_is_later(struct ntp_time a, struct ntp_time b)
{
	return (int64_t)(a.units - b.units) > 0;
}

static bool
timestamp_is_fresh(const struct replay_state *state, const struct config_association *association,
		   struct ntp_time identification, struct ntp_time now)
{
	int64_t distance = (int64_t)(identification.units - now.units);
	uint64_t window = (uint64_t)association->window_sec << 32;
	uint64_t magnitude = distance < 0 ? -(uint64_t)distance : (uint64_t)distance;

	return magnitude <= window && timestamp_is_later(identification, state->last);
}

static bool
nonce_is_outstanding(const struct replay_nonces *nonces, uint32_t nonce)
{
	bool found = nonce == nonces->current;

	for (unsigned i = 0; i < REPLAY_RESYNC_NONCES; i++)
		found |= nonce == nonces->resync[i];
	return found && nonce != 0;
}

void
replay_init(struct replay_state *state, struct ntp_time start)
{
	*state = (struct replay_state){.last = start};
}

bool
replay_check(const struct replay_state *state, unsigned index,
	     const struct config_association *association, struct ntp_time identification,
	     struct ntp_time now)
{
	if (association->replay == REPLAY_NONCES)
		return nonce_is_outstanding(&state->nonces[index],
					    (uint32_t)(identification.units >> 32));
	return timestamp_is_fresh(state, association, identification, now);
}

void
replay_accept(struct replay_state *state, unsigned index,
	      const struct config_association *association, struct ntp_time identification)
{
	if (association->replay == REPLAY_NONCES)
		state->nonces[index] = (struct replay_nonces){0};
	else
		state->last = identification;
}

static void
nonce_remember(struct replay_state *state, unsigned index, enum replay_answer answer,
	       uint32_t fresh)
{
	struct replay_nonces *nonces = &state->nonces[index];

	if (answer == REPLAY_ANSWER_VALID) {
		nonces->current = fresh;
	} else if (answer == REPLAY_ANSWER_MISMATCH) {
		nonces->resync[state->resync_turn] = fresh;
		state->resync_turn = (uint8_t)((state->resync_turn + 1) % REPLAY_RESYNC_NONCES);
	}
}

struct ntp_time
replay_reply(struct replay_state *state, unsigned index,
	     const struct config_association *association, struct ntp_time identification,
	     struct ntp_time now, enum replay_answer answer, uint32_t fresh)
{
	uint64_t low = identification.units & LOW_HALF;

	if (association->replay == REPLAY_NONCES) {
		nonce_remember(state, index, answer, fresh);
		return (struct ntp_time){(uint64_t)fresh << 32 | low};
	}
	if (answer == REPLAY_ANSWER_VALID)
		return identification;
	if (answer == REPLAY_ANSWER_UNVERIFIED &&
	    timestamp_is_fresh(state, association, identification, now))
		return identification;
	return (struct ntp_time){(now.units & ~LOW_HALF) | low};
}
