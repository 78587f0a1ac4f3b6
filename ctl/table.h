/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 12
#define TABLE_CELL_SIZE 160

/*
 * Aligned columns for people. Cells are filled from left to right; the end of a row is known by the
 * number of columns. Text from the box is made harmless for a terminal (lib/utf8.h).
 */
enum table_align {
	TABLE_LEFT,
	TABLE_RIGHT, /* numbers */
};

struct table_column {
	const char *title; /* NULL in all columns: a table without titles */
	enum table_align align;
	size_t width; /* at least, for lists printed a page at a time; 0: as wide as the widest cell */
};

struct table;

/* NULL: no memory, or more than TABLE_COLUMNS_MAX columns. `columns` must outlive the table. */
struct table *table_create(const struct table_column *columns, size_t column_count);
void table_destroy(struct table *table);

/* Adds a cell. Text beyond TABLE_CELL_SIZE is cut. Out of memory: the cell is left out of the table
 * and table_print() says so. */
void table_add(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Number of whole rows so far. */
size_t table_row_count(const struct table *table);

/* Prints the titles and all rows, then forgets the rows but not the widths, so that a long list can be
 * printed a page at a time; titles are printed with the first page only. 0 or -ENOMEM. */
int table_print(struct table *table, FILE *out);

/* `text` made harmless for a terminal, for messages outside a table; cuts at `clean_size`. */
void table_clean(const char *text, char *clean, size_t clean_size);

#endif
