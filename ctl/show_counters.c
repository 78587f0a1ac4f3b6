/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>

#include "ctl/answer.h"
#include "ctl/drops.h"
#include "ctl/show.h"
#include "ctl/table.h"
#include "lib/types.h"

static const struct table_column drop_columns[] = {
	{"REASON", TABLE_LEFT, 0},
	{"PACKETS", TABLE_RIGHT, 0},
	{"MEANING", TABLE_LEFT, 0},
};

struct drop_list {
	struct table *table;
	bool is_all;
};

static void
add_drop(void *context, const char *group, const char *name, uint64_t count)
{
	struct drop_list *list = context;

	if (count == 0 && !list->is_all)
		return;
	table_add(list->table, "%s", name);
	table_add(list->table, "%" PRIu64, count);
	table_add(list->table, "%s", drops_help(name));
}

static enum ctl_status
print_drops(struct session *session, const json_t *drops)
{
	struct drop_list list = {
		.table = table_create(drop_columns, ARRAY_COUNT(drop_columns)),
		.is_all = session->is_all,
	};
	struct counter_visitor visitor = {add_drop, &list};
	int error = 0;

	if (list.table == NULL)
		return session_out_of_memory(session);
	answer_visit_counters(drops, &visitor);
	if (table_row_count(list.table) == 0)
		fprintf(session->out, "no packet was dropped\n");
	else
		error = table_print(list.table, session->out);
	table_destroy(list.table);
	return error == 0 ? CTL_OK : session_out_of_memory(session);
}

enum ctl_status
show_drops(struct session *session)
{
	json_t *answer, *drops;
	enum ctl_status status = session_ask(session, "/homeport/drops", NULL, &answer);

	if (status != CTL_OK)
		return status;
	drops = drops_rename(answer);
	json_decref(answer);
	if (drops == NULL)
		return session_out_of_memory(session);
	if (session->is_json)
		status = session_print_json(session, drops);
	else
		status = print_drops(session, drops);
	json_decref(drops);
	return status;
}

static const struct table_column stats_columns[] = {
	{"GROUP", TABLE_LEFT, 0},
	{"COUNTER", TABLE_LEFT, 0},
	{"COUNT", TABLE_RIGHT, 0},
};

static void
add_counter(void *context, const char *group, const char *name, uint64_t count)
{
	struct table *table = context;

	table_add(table, "%s", group);
	table_add(table, "%s", name);
	table_add(table, "%" PRIu64, count);
}

enum ctl_status
show_stats(struct session *session)
{
	struct counter_visitor visitor = {.visit = add_counter};
	json_t *stats;
	enum ctl_status status = session_ask(session, "/homeport/stats", NULL, &stats);
	struct table *table;

	if (status != CTL_OK)
		return status;
	if (session->is_json) {
		status = session_print_json(session, stats);
		json_decref(stats);
		return status;
	}
	table = table_create(stats_columns, ARRAY_COUNT(stats_columns));
	visitor.context = table;
	if (table != NULL)
		answer_visit_counters(stats, &visitor);
	if (table == NULL || table_print(table, session->out) < 0)
		status = session_out_of_memory(session);
	table_destroy(table);
	json_decref(stats);
	return status;
}
