/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_UTF8_H
#define LIB_UTF8_H

#include <stdbool.h>

#include "lib/types.h"

/* Text from the network (RFC 3629): is it UTF-8, and a form of it that a terminal or a log can
 * take. */

/* Reads one character: how many of the `len` bytes it takes (1 to 4), its number into `code`. 0
 * when there is none, or the bytes are no UTF-8 (cut off, overlong, surrogate, above U+10FFFF).
 * Any core. */
unsigned utf8_next(const uint8_t *bytes, size_t len, uint32_t *code);

/* True for a character that shows: no control, no line or paragraph separator, nothing invisible or
 * that turns the direction of writing. Any core. */
bool utf8_is_printable(uint32_t code);

/* True when all `len` bytes are well-formed UTF-8; control characters are allowed. Any core. */
bool utf8_is_valid(const void *bytes, size_t len);

/*
 * Copies `len` bytes of anything into `text`, `size` bytes with the end (at least 1), so that it is
 * valid UTF-8 on one line: what is not printable becomes \xNN, a byte each. What does not fit is
 * left out, never in the middle of a character. Returns the length of `text`. Any core.
 */
size_t utf8_make_printable(char *text, size_t size, const void *bytes, size_t len);

#endif
