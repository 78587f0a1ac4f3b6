/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/utf8.h"

#define GAP "  "

struct cell {
	char text[TABLE_CELL_SIZE];
};

struct table {
	const struct table_column *columns;
	size_t column_count;
	size_t width[TABLE_COLUMNS_MAX]; /* in characters */
	struct cell *cells;
	size_t cell_count;
	size_t cell_room;
	bool has_titles_printed;
	bool is_out_of_memory;
};

/* Characters, not bytes: continuation bytes of UTF-8 take no column. */
static size_t
display_width(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void
table_clean(const char *text, char *clean, size_t clean_size)
{
	utf8_make_printable(clean, clean_size, text, strlen(text));
}

static size_t
title_width(const struct table_column *column)
{
	size_t width = column->title == NULL ? 0 : display_width(column->title);

	return width > column->width ? width : column->width;
}

struct table *
table_create(const struct table_column *columns, size_t column_count)
{
	struct table *table;

	if (column_count == 0 || column_count > TABLE_COLUMNS_MAX)
		return NULL;
	table = calloc(1, sizeof(*table));
	if (table == NULL)
		return NULL;
	table->columns = columns;
	table->column_count = column_count;
	for (size_t i = 0; i < column_count; i++)
		table->width[i] = title_width(&columns[i]);
	table->has_titles_printed = columns[0].title == NULL;
	return table;
}

void
table_destroy(struct table *table)
{
	if (table == NULL)
		return;
	free(table->cells);
	free(table);
}

static struct cell *
next_cell(struct table *table)
{
	if (table->cell_count == table->cell_room) {
		size_t room = table->cell_room == 0 ? 64 : 2 * table->cell_room;
		struct cell *cells = reallocarray(table->cells, room, sizeof(*cells));

		if (cells == NULL) {
			table->is_out_of_memory = true;
			return NULL;
		}
		table->cells = cells;
		table->cell_room = room;
	}
	return &table->cells[table->cell_count++];
}

void
table_add(struct table *table, const char *format, ...)
{
	size_t column = table->cell_count % table->column_count;
	struct cell *cell = next_cell(table);
	char text[TABLE_CELL_SIZE];
	va_list arguments;
	size_t width;

	if (cell == NULL)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	table_clean(text, cell->text, sizeof(cell->text));
	width = display_width(cell->text);
	if (width > table->width[column])
		table->width[column] = width;
}

size_t
table_row_count(const struct table *table)
{
	return table->cell_count / table->column_count;
}

static void
print_cell(const struct table *table, size_t column, const char *text, FILE *out)
{
	bool is_last = column + 1 == table->column_count;
	bool is_right = table->columns[column].align == TABLE_RIGHT;
	size_t width = display_width(text);
	int pad = (int)(table->width[column] > width ? table->width[column] - width : 0);

	fprintf(out, "%*s%s%*s%s", is_right ? pad : 0, "", text, is_right || is_last ? 0 : pad, "",
		is_last ? "\n" : GAP);
}

int
table_print(struct table *table, FILE *out)
{
	size_t whole = table_row_count(table) * table->column_count;

	if (!table->has_titles_printed) {
		for (size_t i = 0; i < table->column_count; i++)
			print_cell(table, i, table->columns[i].title, out);
		table->has_titles_printed = true;
	}
	for (size_t i = 0; i < whole; i++)
		print_cell(table, i % table->column_count, table->cells[i].text, out);
	table->cell_count = 0;
	return table->is_out_of_memory ? -ENOMEM : 0;
}
