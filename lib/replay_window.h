/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_REPLAY_WINDOW_H
#define LIB_REPLAY_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/types.h"

/*
 * The anti-replay window of an inbound SA, as RFC 6479 builds it: a ring of words that never shifts. A number
 * that is skipped is marked by its bit, not with its word as there, which would take twice the words.
 * Written by the SA's owner alone. The sequence number in a packet is first completed to 64 bits
 * (replay_window_seq, RFC 4303 appendix A), checked before the ICV is, and recorded after it was right.
 */
#define REPLAY_WINDOW_BITS_MIN 32
#define REPLAY_WINDOW_BITS_MAX 4096
#define REPLAY_WORD_BITS 64

struct replay_window {
	uint64_t top;	    /* highest sequence number recorded; 0: none */
	uint32_t size_bits; /* 0: no anti-replay service */
	uint32_t word_mask; /* words in `words`, a power of two, less one */
	uint64_t words[];
};

/* Bytes of storage for a window of `size_bits` (0, or REPLAY_WINDOW_BITS_MIN to _MAX). */
size_t replay_window_size(uint32_t size_bits);
void replay_window_init(struct replay_window *window, uint32_t size_bits);

/*
 * The 64-bit number that the low half `seq` of a packet stands for; without ESN it is `seq` itself. RFC 4303
 * appendix A2.2, in its names. Case A, where the window lies in one subspace: what is left of
 * its bottom is of the next one. Case B, where it reaches back into the one before: what is at or right
 * of its bottom is of that. In the first subspace there is none before.
 *
 * Without anti-replay service half of the subspace counts as the window: that suffers any reordering.
 */
static inline uint64_t
replay_window_seq(const struct replay_window *window, uint32_t seq, bool is_esn)
{
	uint32_t window_size = window->size_bits > 0 ? window->size_bits : UINT32_C(1) << 31;
	uint32_t top_low = (uint32_t)window->top, high = (uint32_t)(window->top >> 32);
	uint32_t bottom = top_low - window_size + 1;

	if (!is_esn)
		return seq;
	if (top_low >= window_size - 1)
		high += seq < bottom;
	else if (seq >= bottom && high > 0)
		high--;
	return (uint64_t)high << 32 | seq;
}

enum replay_verdict {
	REPLAY_FRESH,
	REPLAY_DUPLICATE,
	REPLAY_OLD, /* left of the window; also sequence number 0 */
};

static inline enum replay_verdict
replay_window_check(const struct replay_window *window, uint64_t seq)
{
	if (window->size_bits == 0)
		return REPLAY_FRESH;
	if (seq == 0)
		return REPLAY_OLD;
	if (seq > window->top)
		return REPLAY_FRESH;
	if (window->top - seq >= window->size_bits)
		return REPLAY_OLD;
	if (window->words[seq / REPLAY_WORD_BITS & window->word_mask] >> seq % REPLAY_WORD_BITS & 1)
		return REPLAY_DUPLICATE;
	return REPLAY_FRESH;
}

/* Records `seq`, which was fresh and authentic. True when it is the newest so far. */
bool replay_window_record(struct replay_window *window, uint64_t seq);

#endif
