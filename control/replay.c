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
replay_clock_init(struct replay_clock *clock, struct ntp_time wall, struct mono_time now)
{
	*clock = (struct replay_clock){.wall = wall, .at = now};
}

struct ntp_time
replay_clock_read(struct replay_clock *clock, struct ntp_time wall, struct mono_time now)
{
	uint64_t elapsed_ms = mono_ms_until(clock->at, now);
	struct ntp_time expected = {clock->wall.units + (elapsed_ms / 1000 << 32) +
				    (elapsed_ms % 1000 << 32) / 1000};
	int64_t step_units = (int64_t)((uint64_t)REPLAY_CLOCK_STEP_MS << 32) / 1000;
	int64_t behind = (int64_t)(expected.units - wall.units);

	clock->is_held = behind > step_units;
	if (clock->is_held)
		return expected;
	if (behind <= 0)
		replay_clock_init(clock, wall, now);
	return wall;
}

void
replay_init(struct replay_state *state, struct ntp_time start, struct replay_nonces *nonces)
{
	*state = (struct replay_state){.last = start, .nonces = nonces};
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

/* The nonce of the 133 reply to a request whose low half is `low`. */
static uint32_t
nonce_resync(struct replay_nonces *nonces, uint32_t low, uint32_t fresh)
{
	for (unsigned i = 0; i < REPLAY_RESYNC_NONCES; i++) {
		if (nonces->resync[i] != 0 && nonces->resync_for[i] == low)
			return nonces->resync[i];
	}
	nonces->resync[nonces->resync_turn] = fresh;
	nonces->resync_for[nonces->resync_turn] = low;
	nonces->resync_turn = (nonces->resync_turn + 1) % REPLAY_RESYNC_NONCES;
	return fresh;
}

static uint32_t
nonce_give(struct replay_nonces *nonces, enum replay_answer answer, uint32_t low, uint32_t fresh)
{
	if (answer == REPLAY_ANSWER_MISMATCH)
		return nonce_resync(nonces, low, fresh);
	if (answer == REPLAY_ANSWER_VALID)
		nonces->current = fresh;
	return fresh;
}

struct ntp_time
replay_reply(struct replay_state *state, unsigned index,
	     const struct config_association *association, struct ntp_time identification,
	     struct ntp_time now, enum replay_answer answer, uint32_t fresh)
{
	uint64_t low = identification.units & LOW_HALF;

	if (association->replay == REPLAY_NONCES) {
		uint32_t nonce = nonce_give(&state->nonces[index], answer, (uint32_t)low, fresh);

		return (struct ntp_time){(uint64_t)nonce << 32 | low};
	}
	if (answer == REPLAY_ANSWER_VALID)
		return identification;
	if (answer == REPLAY_ANSWER_UNVERIFIED &&
	    timestamp_is_fresh(state, association, identification, now))
		return identification;
	return (struct ntp_time){(now.units & ~LOW_HALF) | low};
}
