/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_moves.h"

#include <string.h>

void
mn_moves_stop(struct mn_moves *moves, struct mono_time now)
{
	if (moves->is_interrupted)
		return;
	moves->is_interrupted = true;
	moves->stopped = now;
}

const struct mn_move *
mn_moves_open(struct mn_moves *moves, const struct mn_move *move)
{
	struct mn_move *entry = &moves->moves[moves->count % MN_MOVES_KEPT];

	const struct mn_move *last = mn_moves_last(moves);
	char from[IFNAMSIZ] = "";

	if (last != NULL)
		memcpy(from, last->interface, sizeof(from));
	*entry = *move;
	memcpy(entry->from, from, sizeof(entry->from));
	entry->interruption_ms =
		moves->is_interrupted ? mono_ms_until(moves->stopped, move->opened) : 0;
	moves->is_interrupted = false;
	moves->count++;
	return entry;
}

const struct mn_move *
mn_moves_last(const struct mn_moves *moves)
{
	return moves->count > 0 ? &moves->moves[(moves->count - 1) % MN_MOVES_KEPT] : NULL;
}

const struct mn_move *
mn_moves_at(const struct mn_moves *moves, unsigned index)
{
	unsigned kept = moves->count < MN_MOVES_KEPT ? moves->count : MN_MOVES_KEPT;

	if (index >= kept)
		return NULL;
	return &moves->moves[(moves->count - kept + index) % MN_MOVES_KEPT];
}
