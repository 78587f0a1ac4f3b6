/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_MOVES_H
#define MOBILE_MN_MOVES_H

#include <net/if.h>

#include "lib/types.h"
#include "mobile/mn_mode.h"

#define MN_MOVES_KEPT 16

/* Where user data passes now, where it did before, since when, and how long it did not pass at all. */
struct mn_move {
	char from[IFNAMSIZ]; /* the track before; empty: none since the start */
	enum mn_mode mode;
	enum mn_place place;
	enum mn_why why;
	be32 care_of;
	char interface[IFNAMSIZ];
	struct mono_time opened;
	uint64_t interruption_ms;
};

/* The last moves, for the operator. All zero is a valid beginning. One thread. */
struct mn_moves {
	struct mn_move moves[MN_MOVES_KEPT];
	unsigned count; /* since the start: the latest is at (count - 1) % MN_MOVES_KEPT */
	bool is_interrupted;
	struct mono_time stopped; /* is_interrupted only */
};

/* User data does not pass any more. */
void mn_moves_stop(struct mn_moves *moves, struct mono_time now);

/* User data passes again, or elsewhere; `from` and the length of the interruption are filled in here.
 * Returns the entry. */
const struct mn_move *mn_moves_open(struct mn_moves *moves, const struct mn_move *move);

/* The latest; NULL: there was none. */
const struct mn_move *mn_moves_last(const struct mn_moves *moves);

/* The `index`th of the moves kept, 0 being the oldest; NULL: there are no more. */
const struct mn_move *mn_moves_at(const struct mn_moves *moves, unsigned index);

#endif
