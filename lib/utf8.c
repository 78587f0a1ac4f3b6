/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/utf8.h"

#include <string.h>

/* The length of the sequence that `first` begins and its bits of the number; 0: it begins none. */
static unsigned
sequence_len(uint8_t first, uint32_t *bits)
{
	if (first < 0x80) {
		*bits = first;
		return 1;
	}
	if (first >= 0xc2 && first < 0xe0) {
		*bits = first & 0x1f;
		return 2;
	}
	if (first >= 0xe0 && first < 0xf0) {
		*bits = first & 0x0f;
		return 3;
	}
	if (first >= 0xf0 && first < 0xf5) {
		*bits = first & 0x07;
		return 4;
	}
	return 0;
}

unsigned
utf8_next(const uint8_t *bytes, size_t len, uint32_t *code)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t value;
	unsigned count;

	if (len == 0)
		return 0;
	count = sequence_len(bytes[0], &value);
	if (count == 0 || count > len)
		return 0;
	for (unsigned i = 1; i < count; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3f);
	}
	if (value < smallest[count] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*code = value;
	return count;
}

bool
utf8_is_printable(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{0x00, 0x1f},	      /* C0 controls */
		{0x7f, 0x9f},	      /* DEL, C1 controls */
		{0xad, 0xad},	      /* soft hyphen */
		{0x61c, 0x61c},	      /* Arabic letter mark */
		{0x180e, 0x180e},     /* Mongolian vowel separator */
		{0x200b, 0x200f},     /* zero width, direction marks */
		{0x2028, 0x202e},     /* separators of lines, direction overrides */
		{0x2060, 0x206f},     /* joiners, direction isolates */
		{0xd800, 0xf8ff},     /* surrogates, private use */
		{0xfe00, 0xfe0f},     /* variation selectors */
		{0xfeff, 0xfeff},     /* byte order mark */
		{0xfff0, 0xffff},     /* specials */
		{0xe0000, 0xffffffff} /* tags, private use, out of range */
	};

	for (size_t i = 0; i < ARRAY_COUNT(hidden); i++) {
		if (code >= hidden[i].first && code <= hidden[i].last)
			return false;
	}
	return true;
}

bool
utf8_is_valid(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	while (len > 0) {
		uint32_t code;
		unsigned count = utf8_next(p, len, &code);

		if (count == 0)
			return false;
		p += count;
		len -= count;
	}
	return true;
}

/* One byte as \xNN. */
static void
escape_byte(char out[4], uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";

	out[0] = '\\';
	out[1] = 'x';
	out[2] = digits[byte >> 4];
	out[3] = digits[byte & 0x0f];
}

size_t
utf8_make_printable(char *text, size_t size, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t used = 0;

	while (len > 0) {
		char piece[4];
		uint32_t code;
		unsigned taken = utf8_next(p, len, &code);
		unsigned piece_len = taken;

		if (taken > 0 && utf8_is_printable(code)) {
			memcpy(piece, p, taken);
		} else {
			escape_byte(piece, *p);
			piece_len = sizeof(piece);
			taken = 1;
		}
		if (used + piece_len >= size)
			break;
		memcpy(text + used, piece, piece_len);
		used += piece_len;
		p += taken;
		len -= taken;
	}
	text[used] = '\0';
	return used;
}
