/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/replay_window.h"

#include <string.h>

/* One word more than the window fills: the word of the newest number is partly of the future. A power of
 * two, so that a number's word is told by its bits (RFC 6479 section 2). */
static uint32_t
word_count(uint32_t size_bits)
{
	uint32_t needed = (size_bits + REPLAY_WORD_BITS - 1) / REPLAY_WORD_BITS + 1;
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

bool
replay_window_record(struct replay_window *window, uint64_t seq)
{
	uint64_t word = seq / REPLAY_WORD_BITS, top_word = window->top / REPLAY_WORD_BITS;
	bool is_newest = seq > window->top;

	if (is_newest) {
		uint64_t step = word - top_word;

		if (step > window->word_mask)
			step = window->word_mask + UINT64_C(1);
		for (uint64_t i = 1; i <= step; i++)
			window->words[(top_word + i) & window->word_mask] = 0;
		window->top = seq;
	}
	window->words[word & window->word_mask] |= UINT64_C(1) << seq % REPLAY_WORD_BITS;
	return is_newest;
}
