/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* RFC 3629 section 3, forwards. */
static unsigned
encode(uint32_t code, uint8_t out[4])
{
	if (code < 0x80) {
		out[0] = (uint8_t)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (uint8_t)(0xc0 | code >> 6);
		out[1] = (uint8_t)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (uint8_t)(0xe0 | code >> 12);
		out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | code >> 18);
	out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (code & 0x3f));
	return 4;
}

static void
every_character_is_read_and_no_other_number(void **state)
{
	(void)state;
	for (uint32_t code = 0; code < 0x120000; code++) {
		bool is_character = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
		uint8_t bytes[4];
		unsigned len = encode(code, bytes);
		uint32_t found = 0;

		assert_int_equal(utf8_next(bytes, len, &found), is_character ? len : 0);
		if (is_character)
			assert_int_equal(found, code);
		assert_int_equal(utf8_next(bytes, len - 1, &found), 0);
	}
}

static void
ill_formed_sequences_are_not_valid(void **state)
{
	static const char *const invalid[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xc3\x28",
		"a\xe2\x82",
		"\xed\xa0\x80",
		"\xfe\xfe",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(invalid); i++)
		assert_false(utf8_is_valid(invalid[i], strlen(invalid[i])));
	assert_true(utf8_is_valid("", 0));
	assert_true(utf8_is_valid("a\0\n\xe2\x82\xac\xf0\x9f\x99\x82", 10));
}

static void
what_does_not_show_becomes_an_escape(void **state)
{
	static const struct {
		const char *bytes;
		const char *text;
	} cases[] = {
		{"plain text", "plain text"},
		{"", ""},
		{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82",
		 "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82"},
		{"a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f"},
		{"\x1b[31mred", "\\x1b[31mred"},
		{"\xff\xc3", "\\xff\\xc3"},
		{"\xc2\x9b", "\\xc2\\x9b"},		   /* U+009B, CSI */
		{"\xe2\x80\xaetxt", "\\xe2\\x80\\xaetxt"}, /* U+202E */
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		char text[64];
		size_t len = utf8_make_printable(text, sizeof(text), cases[i].bytes,
						 strlen(cases[i].bytes));

		assert_string_equal(text, cases[i].text);
		assert_int_equal(len, strlen(cases[i].text));
	}
}

static void
whatever_comes_the_text_is_valid_bounded_and_shows(void **state)
{
	(void)state;
	srand(8);
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t bytes[40];
		char text[100];
		size_t size = 1 + (size_t)rand() % 99, len;
		const uint8_t *p = (const uint8_t *)text;

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)(rand() >> (rand() % 2 ? 7 : 1));
		memset(text, 0xa5, sizeof(text));
		len = utf8_make_printable(text, size, bytes, (size_t)rand() % 41);
		assert_true(len < size);
		assert_int_equal(strlen(text), len);
		for (size_t i = size; i < sizeof(text); i++)
			assert_int_equal((uint8_t)text[i], 0xa5);
		while (len > 0) {
			uint32_t code = 0;
			unsigned count = utf8_next(p, len, &code);

			assert_true(count > 0 && utf8_is_printable(code));
			p += count;
			len -= count;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_is_read_and_no_other_number),
		cmocka_unit_test(ill_formed_sequences_are_not_valid),
		cmocka_unit_test(what_does_not_show_becomes_an_escape),
		cmocka_unit_test(whatever_comes_the_text_is_valid_bounded_and_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
