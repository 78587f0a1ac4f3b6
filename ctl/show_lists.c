/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/show.h"

#include <inttypes.h>
#include <time.h>

#include "ctl/answer.h"
#include "ctl/table.h"
#include "lib/types.h"

#define WORKERS_MAX 1024 /* more than cores of any machine: a bound for what an answer may claim */

/* A command that asks for one list and prints a row for each of its entries. */
struct list_view {
	const char *command;
	const char *empty; /* the sentence when there are no entries */
	const struct table_column *columns;
	size_t column_count;
	void (*add_row)(struct table *table, const json_t *entry);
};

static enum ctl_status
print_rows(struct session *session, const struct list_view *view, const json_t *rows)
{
	struct table *table;
	json_t *entry;
	size_t index;
	int error;

	if (json_array_size(rows) == 0) {
		fprintf(session->out, "%s\n", view->empty);
		return CTL_OK;
	}
	table = table_create(view->columns, view->column_count);
	if (table == NULL)
		return session_out_of_memory(session);
	json_array_foreach(rows, index, entry) view->add_row(table, entry);
	error = table_print(table, session->out);
	table_destroy(table);
	return error == 0 ? CTL_OK : session_out_of_memory(session);
}

static enum ctl_status
show_rows(struct session *session, const struct list_view *view, const json_t *rows)
{
	return session->is_json ? session_print_json(session, rows)
				: print_rows(session, view, rows);
}

static enum ctl_status
show_list(struct session *session, const struct list_view *view)
{
	json_t *answer, *rows;
	enum ctl_status status = session_ask(session, view->command, NULL, &answer);

	if (status != CTL_OK)
		return status;
	rows = answer_rows(answer);
	json_decref(answer);
	if (rows == NULL)
		return session_out_of_memory(session);
	status = show_rows(session, view, rows);
	json_decref(rows);
	return status;
}

static const struct table_column neighbour_columns[] = {
	{"ADDRESS", TABLE_LEFT, 0},
	{"MAC", TABLE_LEFT, 0},
	{"PORT", TABLE_LEFT, 0},
	{"STATE", TABLE_LEFT, 0},
};

static void
add_neighbour(struct table *table, const json_t *entry)
{
	table_add(table, "%s", answer_text(entry, "address"));
	table_add(table, "%s", answer_text(entry, "mac"));
	table_add(table, "%s", answer_value(entry, "port").text);
	table_add(table, "%s", answer_text(entry, "state"));
}

enum ctl_status
show_neighbours(struct session *session)
{
	static const struct list_view view = {
		.command = "/homeport/neighbours",
		.empty = "no neighbours known",
		.columns = neighbour_columns,
		.column_count = ARRAY_COUNT(neighbour_columns),
		.add_row = add_neighbour,
	};

	return show_list(session, &view);
}

static const struct table_column stage_columns[] = {
	{"WORKER", TABLE_RIGHT, 0},	   {"STAGE", TABLE_LEFT, 0},
	{"CALLS", TABLE_RIGHT, 0},	   {"PACKETS", TABLE_RIGHT, 0},
	{"CYCLES/PACKET", TABLE_RIGHT, 0}, {"PACKETS/CALL", TABLE_RIGHT, 0},
};

static void
add_stage(struct table *table, const json_t *entry)
{
	table_add(table, "%s", answer_value(entry, "worker").text);
	table_add(table, "%s", answer_text(entry, "stage"));
	table_add(table, "%" PRIu64, answer_number(entry, "calls"));
	table_add(table, "%" PRIu64, answer_number(entry, "packets"));
	table_add(table, "%s", answer_value(entry, "cycles_per_packet").text);
	table_add(table, "%s", answer_value(entry, "packets_per_call").text);
}

/* The stages of one worker, put behind the others'. */
static enum ctl_status
ask_worker(struct session *session, const char *command, uint64_t worker, json_t *all)
{
	enum ctl_status status;
	json_t *answer, *rows;
	char argument[24];

	snprintf(argument, sizeof(argument), "%" PRIu64, worker);
	status = session_ask(session, command, argument, &answer);
	if (status != CTL_OK)
		return status;
	rows = answer_rows(answer);
	json_decref(answer);
	if (rows == NULL || json_array_extend(all, rows) < 0)
		status = session_out_of_memory(session);
	json_decref(rows);
	return status;
}

/* An answer has room for a few workers only, so each is asked for alone. */
enum ctl_status
show_stages(struct session *session)
{
	static const struct list_view view = {
		.command = "/homeport/stages",
		.empty = "no stage has run yet",
		.columns = stage_columns,
		.column_count = ARRAY_COUNT(stage_columns),
		.add_row = add_stage,
	};
	json_t *info, *rows;
	enum ctl_status status = session_ask(session, "/homeport/info", NULL, &info);
	uint64_t workers;

	if (status != CTL_OK)
		return status;
	workers = answer_number(info, "workers");
	json_decref(info);
	rows = json_array();
	if (rows == NULL)
		return session_out_of_memory(session);
	for (uint64_t i = 0; i < workers && i < WORKERS_MAX && status == CTL_OK; i++)
		status = ask_worker(session, view.command, i, rows);
	if (status == CTL_OK)
		status = show_rows(session, &view, rows);
	json_decref(rows);
	return status;
}

static const struct table_column security_columns[] = {
	{"LAST", TABLE_LEFT, 0},	   {"AGENT", TABLE_LEFT, 0},  {"MOBILE", TABLE_LEFT, 0},
	{"SPI", TABLE_RIGHT, 0},	   {"REASON", TABLE_LEFT, 0}, {"COUNT", TABLE_RIGHT, 0},
	{"IDENTIFICATION", TABLE_LEFT, 0},
};

/* Seconds since 1970 as local time; text passes as it is. */
static void
add_time(struct table *table, const json_t *entry, const char *key)
{
	time_t sec = (time_t)answer_number(entry, key);
	char text[32];
	struct tm local;

	if (sec > 0 && localtime_r(&sec, &local) != NULL &&
	    strftime(text, sizeof(text), "%F %T", &local) > 0)
		table_add(table, "%s", text);
	else
		table_add(table, "%s", answer_text(entry, key));
}

static void
add_violation(struct table *table, const json_t *entry)
{
	const char *address = answer_text(entry, "home_address");

	add_time(table, entry, "last_time");
	table_add(table, "%s", answer_text(entry, "agent"));
	table_add(table, "%s", address[0] != '-' ? address : answer_text(entry, "nai"));
	table_add(table, "%s", answer_value(entry, "spi").text);
	table_add(table, "%s", answer_value(entry, "reason").text);
	table_add(table, "%" PRIu64, answer_number(entry, "count"));
	table_add(table, "%s", answer_value(entry, "identification").text);
}

enum ctl_status
show_security(struct session *session)
{
	static const struct list_view view = {
		.command = "/homeport/security",
		.empty = "no security violations",
		.columns = security_columns,
		.column_count = ARRAY_COUNT(security_columns),
		.add_row = add_violation,
	};

	return show_list(session, &view);
}
