/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/nai.h"

#include <string.h>

#include "lib/utf8.h"

static bool
is_letter_or_digit(uint32_t code)
{
	return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
	       (code >= '0' && code <= '9');
}

/* Beyond ASCII, what shows may stand in a name; the no-break space and its kind do not show. */
static bool
is_foreign_letter(uint32_t code)
{
	return code > 0xa0 && utf8_is_printable(code) && !(code >= 0x2000 && code <= 0x200a) &&
	       code != 0x202f && code != 0x205f && code != 0x3000 && code != 0x1680;
}

/* RFC 4282's "c" */
static bool
is_username_character(uint32_t code)
{
	return is_letter_or_digit(code) || is_foreign_letter(code) ||
	       (code > 0 && code < 0x80 && strchr("!#$%&'*+-/=?^_`{|}~", (int)code) != NULL);
}

/* dot-string: pieces of one or more characters, dots between them. */
static bool
username_is_valid(const uint8_t *p, size_t len)
{
	bool is_piece_empty = true;

	while (len > 0) {
		uint32_t code;
		unsigned count = utf8_next(p, len, &code);

		if (count == 0)
			return false;
		if (code == '\\') { /* quotes the next one, which must show all the same */
			p++;
			len--;
			count = utf8_next(p, len, &code);
			if (count == 0 || !((code > ' ' && code < 0x7f) || is_foreign_letter(code)))
				return false;
		} else if (code == '.') {
			if (is_piece_empty)
				return false;
			is_piece_empty = true;
			p++;
			len--;
			continue;
		} else if (!is_username_character(code)) {
			return false;
		}
		is_piece_empty = false;
		p += count;
		len -= count;
	}
	return !is_piece_empty;
}

/* Two or more labels; a label neither begins nor ends with a hyphen. */
static bool
realm_is_valid(const uint8_t *p, size_t len)
{
	unsigned dots = 0;
	uint32_t last = '.';

	while (len > 0) {
		uint32_t code;
		unsigned count = utf8_next(p, len, &code);

		if (count == 0)
			return false;
		if (code == '.') {
			if (last == '.' || last == '-')
				return false;
			dots++;
		} else if (code == '-') {
			if (last == '.')
				return false;
		} else if (!is_letter_or_digit(code) && !is_foreign_letter(code)) {
			return false;
		}
		last = code;
		p += count;
		len -= count;
	}
	return dots > 0 && last != '.' && last != '-';
}

/* The "@" before the realm: one that no backslash quotes; `len` when there is none. */
static size_t
find_at_sign(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\\')
			i++;
		else if (p[i] == '@')
			return i;
	}
	return len;
}

bool
nai_is_valid(const void *nai, size_t len)
{
	const uint8_t *p = nai;
	size_t at;

	if (len == 0 || len > MIP_NAI_SIZE_MAX)
		return false;
	at = find_at_sign(p, len);
	if (at > 0 && !username_is_valid(p, at))
		return false;
	return at == len || realm_is_valid(p + at + 1, len - at - 1);
}
