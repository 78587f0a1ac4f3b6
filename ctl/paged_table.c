/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/paged_table.h"

#include <inttypes.h>

#include "ctl/pages.h"

/* State across the pages. */
struct printer {
	const struct paged_table *list;
	struct session *session;
	struct table *table; /* NULL with --json */
	uint64_t count;
	bool has_begun;
};

static enum ctl_status
print_row(struct printer *printer, const json_t *row)
{
	FILE *out = printer->session->out;

	printer->count++;
	if (printer->table != NULL) {
		printer->list->add(printer->table, row);
		return CTL_OK;
	}
	fputs(printer->count > 1 ? ",\n    " : "\n    ", out);
	return json_dumpf(row, out, JSON_ENCODE_ANY) < 0 ? session_out_of_memory(printer->session)
							 : CTL_OK;
}

/* In JSON the list begins with the first page that the box gives, so that an error stands alone. */
static enum ctl_status
print_page(void *context, const json_t *rows)
{
	struct printer *printer = context;
	const struct paged_table *list = printer->list;
	enum ctl_status status;
	json_t *row;
	size_t index;

	if (printer->table == NULL && !printer->has_begun)
		fprintf(printer->session->out, "{\n  \"%s\": [", list->key);
	printer->has_begun = true;
	json_array_foreach(rows, index, row)
	{
		if (list->is_wanted != NULL && !list->is_wanted(printer->session, row))
			continue;
		status = print_row(printer, row);
		if (status != CTL_OK)
			return status;
	}
	if (printer->table != NULL && table_row_count(printer->table) > 0 &&
	    table_print(printer->table, printer->session->out) < 0)
		return session_out_of_memory(printer->session);
	return CTL_OK;
}

static enum ctl_status
print_all(struct printer *printer)
{
	const struct page_reader reader = {
		.session = printer->session,
		.command = printer->list->command,
		.key = printer->list->key,
		.read_rows = print_page,
		.context = printer,
	};
	enum ctl_status status = pages_read(&reader);

	if (status == CTL_OK && printer->table == NULL)
		fputs("\n  ]\n}\n", printer->session->out);
	else if (status == CTL_OK && printer->count == 0)
		fputs(printer->list->none, printer->session->out);
	return status;
}

enum ctl_status
paged_table_show(const struct paged_table *list, struct session *session)
{
	struct printer printer = {.list = list, .session = session};
	enum ctl_status status;

	if (!session->is_json) {
		printer.table = table_create(list->columns, list->column_count);
		if (printer.table == NULL)
			return session_out_of_memory(session);
	}
	status = print_all(&printer);
	table_destroy(printer.table);
	return status;
}
