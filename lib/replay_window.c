/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/replay_window.h"

#include <string.h>

/* A power of two, so that a number's word is told by its bits (RFC 6479 section 2). */
static uint32_t
word_count(uint32_t size_bits)
{
	uint32_t count = 1;

	while (count * REPLAY_WORD_BITS < size_bits)
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

/* Marks the numbers from `first` to `last` as not seen: their bits are those of numbers long gone. */
static void
forget(struct replay_window *window, uint64_t first, uint64_t last)
{
	uint64_t bits = (window->word_mask + UINT64_C(1)) * REPLAY_WORD_BITS;

	if (last - first >= bits)
		first = last - bits + 1;
	for (uint64_t word = first / REPLAY_WORD_BITS; word <= last / REPLAY_WORD_BITS; word++) {
		uint64_t gone = UINT64_MAX;

		if (word == first / REPLAY_WORD_BITS)
			gone <<= first % REPLAY_WORD_BITS;
		if (word == last / REPLAY_WORD_BITS)
			gone &= UINT64_MAX >> (REPLAY_WORD_BITS - 1 - last % REPLAY_WORD_BITS);
		window->words[word & window->word_mask] &= ~gone;
	}
}

bool
replay_window_record(struct replay_window *window, uint64_t seq)
{
	bool is_newest = seq > window->top;

	if (is_newest) {
		if (seq > window->top + 1)
			forget(window, window->top + 1, seq - 1);
		window->top = seq;
	}
	window->words[seq / REPLAY_WORD_BITS & window->word_mask] |= UINT64_C(1)
								     << seq % REPLAY_WORD_BITS;
	return is_newest;
}
