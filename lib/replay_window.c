/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/replay_window.h"

#include <string.h>

#define WORD_BITS 64

/* One word more than the window fills: the word of the newest number is partly of the future. A power of
 * two, so that a number's word is told by its bits (RFC 6479 section 2). */
static uint32_t
word_count(uint32_t size_bits)
{
	uint32_t needed = (size_bits + WORD_BITS - 1) / WORD_BITS + 1;
	uint32_t count = 1;

	if (size_bits == 0)
		return 1;
	while (count < needed)
		count *= 2;
	return count;
}

size_t
replay_window_size(uint32_t size_bits)
{
	return sizeof(struct replay_window) + word_count(size_bits) * sizeof(uint64_t);
}

void
replay_window_init(struct replay_window *window, uint32_t size_bits)
{
	memset(window, 0, replay_window_size(size_bits));
	window->size_bits = size_bits;
	window->word_mask = word_count(size_bits) - 1;
}

/*
 * RFC 4303 appendix A2.2, in its names. Case A, where the window lies in one subspace: what is left of
 * its bottom is of the next one. Case B, where it reaches back into the one before: what is at or right
 * of its bottom is of that. In the first subspace there is none before.
 *
 * Without anti-replay service half of the subspace counts as the window: that suffers any reordering.
 */
uint64_t
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

enum replay_verdict
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
	if (window->words[seq / WORD_BITS & window->word_mask] >> seq % WORD_BITS & 1)
		return REPLAY_DUPLICATE;
	return REPLAY_FRESH;
}

bool
replay_window_record(struct replay_window *window, uint64_t seq)
{
	uint64_t word = seq / WORD_BITS, top_word = window->top / WORD_BITS;
	bool is_newest = seq > window->top;

	if (is_newest) {
		uint64_t step = word - top_word;

		if (step > window->word_mask)
			step = window->word_mask + UINT64_C(1);
		for (uint64_t i = 1; i <= step; i++)
			window->words[(top_word + i) & window->word_mask] = 0;
		window->top = seq;
	}
	window->words[word & window->word_mask] |= UINT64_C(1) << seq % WORD_BITS;
	return is_newest;
}
