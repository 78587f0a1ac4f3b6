/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_PAGED_TABLE_H
#define CTL_PAGED_TABLE_H

#include "ctl/session.h"
#include "ctl/table.h"

/* A list that comes in pages and is printed page by page: it may have millions of rows, so that nothing of
 * a page is kept. */
struct paged_table {
	const char *command; /* "/homeport/bindings" */
	const char *key;     /* of the rows: "bindings" */
	const char *none;    /* said of an empty list, with its newline */
	const struct table_column *columns;
	unsigned column_count;
	/* Adds the row's cells, one for each column. */
	void (*add)(struct table *table, const json_t *row);
	/* Rows to print; NULL: all. */
	bool (*is_wanted)(const struct session *session, const json_t *row);
};

/* Prints the whole list, as a table or in JSON. CTL_OK, or what session_ask() gave, or no memory. */
enum ctl_status paged_table_show(const struct paged_table *list, struct session *session);

#endif
