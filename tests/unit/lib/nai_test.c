/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/nai.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/utf8.h"

static void
identifiers_of_the_standards_are_valid(void **state)
{
	/* RFC 4282 section 2.6, RFC 7542 section 2.2, and some of our own */
	static const char *const valid[] = {
		"bob",
		"joe@example.com",
		"fred@foo-9.example.com",
		"jack@3rd.depts.example.com",
		"fred.smith@example.com",
		"fred_smith@example.com",
		"fred$@example.com",
		"fred=?#$&*+-/^smith@example.com",
		"nancy@eng.example.net",
		"eng.example.net!nancy@example.net",
		"eng%nancy@example.net",
		"@privatecorp.example.net",
		"\\(user\\)@example.net",
		"alice@xn--tmonesimerkki-bfbb.example.net",
		"m\xc3\xbcller@m\xc3\xbcller.example",
		"user\\@host@example.com",
		"a.b.c",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(valid); i++) {
		if (!nai_is_valid(valid[i], strlen(valid[i])))
			fail_msg("%s", valid[i]);
	}
}

static void
what_the_grammar_does_not_give_is_refused(void **state)
{
	static const char *const invalid[] = {
		"",
		"@",
		"fred@",
		"fred@example", /* RFC 4282: a realm has two labels at least */
		"fred@example_9.com",
		"fred@example.net@example.net",
		"fred.@example.net",
		".fred@example.net",
		"fred..x@example.net",
		"eng:nancy@example.net",
		"eng;nancy@example.net",
		"(user)@example.net",
		"<nancy>@example.net",
		"a b@example.net",
		"a@-b.net",
		"a@b-.net",
		"a@b..net",
		"a@.net",
		"a@b.net.",
		"a@b.net\n",
		"a\n@b.net",
		"a\\\n@b.net", /* RFC 4282 lets it be quoted; it could forge lines of a log */
		"a\\ @b.net",
		"a\\",
		"a\x7f@b.net",
		"a\x1b[2J@b.net",
		"a\xff@b.net",
		"a\xc3@b.net",
		"a\xc2\x85@b.net",     /* U+0085, a control */
		"a\xe2\x80\xae@b.net", /* U+202E turns the writing round */
		"a\xe2\x80\x8b@b.net", /* U+200B, no width */
		"a\xc2\xa0@b.net",     /* U+00A0, a space */
		"a\xe3\x80\x80@b.net", /* U+3000, another */
		"a@b\xe2\x80\xa8.net", /* U+2028, a line separator */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(invalid); i++) {
		if (nai_is_valid(invalid[i], strlen(invalid[i])))
			fail_msg("%zu: %s", i, invalid[i]);
	}
	assert_false(nai_is_valid("a\0b", 3));
}

static void
length_is_bounded(void **state)
{
	char nai[MIP_NAI_SIZE_MAX + 1];

	(void)state;
	memset(nai, 'a', sizeof(nai));
	for (size_t len = 1; len <= MIP_NAI_SIZE_MAX; len++)
		assert_true(nai_is_valid(nai, len));
	assert_false(nai_is_valid(nai, MIP_NAI_SIZE_MAX + 1));
}

static void
a_valid_identifier_may_be_logged_as_it_stands(void **state)
{
	(void)state;
	/* every pair of bytes, between two letters */
	for (unsigned pair = 0; pair < 65536; pair++) {
		char nai[4] = {'a', (char)(pair >> 8), (char)pair, 'z'}, text[32];

		if (!nai_is_valid(nai, sizeof(nai)))
			continue;
		assert_int_equal(utf8_make_printable(text, sizeof(text), nai, sizeof(nai)), 4);
		assert_memory_equal(text, nai, 4);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identifiers_of_the_standards_are_valid),
		cmocka_unit_test(what_the_grammar_does_not_give_is_refused),
		cmocka_unit_test(length_is_bounded),
		cmocka_unit_test(a_valid_identifier_may_be_logged_as_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
