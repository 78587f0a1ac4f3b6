/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/table.h"
#include "lib/types.h"

static const struct table_column columns[] = {{"NAME", TABLE_LEFT, 0}, {"COUNT", TABLE_RIGHT, 0}};

static char *
printed(struct table *table)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(table_print(table, out), 0);
	fclose(out);
	return text;
}

static void
columns_are_as_wide_as_their_widest_cell(void **state)
{
	struct table *table = table_create(columns, ARRAY_COUNT(columns));
	char *text;

	table_add(table, "%s", "a");
	table_add(table, "%d", 1);
	table_add(table, "%s", "longer");
	table_add(table, "%d", 1234567);
	text = printed(table);
	assert_string_equal(text, "NAME      COUNT\n"
				  "a             1\n"
				  "longer  1234567\n");
	free(text);
	table_destroy(table);
}

static void
letters_of_two_bytes_take_one_column(void **state)
{
	struct table *table = table_create(columns, ARRAY_COUNT(columns));
	char *text;

	table_add(table, "%s", "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa9");
	table_add(table, "%d", 1);
	text = printed(table);
	assert_string_equal(text, "NAME   COUNT\n"
				  "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa9      1\n");
	free(text);
	table_destroy(table);
}

static void
later_pages_keep_the_widths_and_have_no_titles(void **state)
{
	struct table *table = table_create(columns, ARRAY_COUNT(columns));
	char *text;

	table_add(table, "%s", "longer");
	table_add(table, "%d", 1);
	free(printed(table));
	assert_int_equal(table_row_count(table), 0);
	table_add(table, "%s", "b");
	table_add(table, "%d", 2);
	text = printed(table);
	assert_string_equal(text, "b           2\n");
	free(text);
	table_destroy(table);
}

static void
hostile_text_cannot_drive_the_terminal(void **state)
{
	struct table *table = table_create(columns, ARRAY_COUNT(columns));
	char long_text[1000];
	char *text;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	table_add(table, "%s", "a\033[2Jb\nc\x7f\xc2\x9b");
	table_add(table, "%s", long_text);
	text = printed(table);
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\x7f'));
	assert_null(strstr(text, "\xc2\x9b"));
	assert_true(strlen(text) < sizeof(long_text));
	free(text);
	table_destroy(table);
}

static void
table_without_titles_prints_rows_only(void **state)
{
	static const struct table_column untitled[] = {{NULL, TABLE_LEFT, 0},
						       {NULL, TABLE_LEFT, 0}};
	struct table *table = table_create(untitled, ARRAY_COUNT(untitled));
	char *text;

	table_add(table, "a");
	table_add(table, "b");
	text = printed(table);
	assert_string_equal(text, "a  b\n");
	free(text);
	table_destroy(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
		cmocka_unit_test(letters_of_two_bytes_take_one_column),
		cmocka_unit_test(later_pages_keep_the_widths_and_have_no_titles),
		cmocka_unit_test(hostile_text_cannot_drive_the_terminal),
		cmocka_unit_test(table_without_titles_prints_rows_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
