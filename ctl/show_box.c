/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>

#include "ctl/answer.h"
#include "ctl/show.h"
#include "ctl/table.h"
#include "ctl/units.h"
#include "lib/types.h"

static const struct table_column port_columns[] = {
	{"PORT", TABLE_LEFT, 0},	{"ROLE", TABLE_LEFT, 0},
	{"ADDRESS", TABLE_LEFT, 0},	{"MAC", TABLE_LEFT, 0},
	{"MTU", TABLE_RIGHT, 0},	{"LINK", TABLE_LEFT, 0},
	{"RX PACKETS", TABLE_RIGHT, 0}, {"RX BYTES", TABLE_RIGHT, 0},
	{"TX PACKETS", TABLE_RIGHT, 0}, {"TX BYTES", TABLE_RIGHT, 0},
	{"RX MISSED", TABLE_RIGHT, 0},	{"ERRORS", TABLE_RIGHT, 0},
};

static void
add_port(struct table *table, const json_t *port)
{
	uint64_t errors = answer_number(port, "rx_errors") + answer_number(port, "tx_errors");

	table_add(table, "%s", answer_text(port, "name"));
	table_add(table, "%s", answer_text(port, "role"));
	table_add(table, "%s", answer_text(port, "address"));
	table_add(table, "%s", answer_text(port, "mac"));
	table_add(table, "%" PRIu64, answer_number(port, "mtu"));
	table_add(table, "%s", answer_text(port, "link"));
	table_add(table, "%" PRIu64, answer_number(port, "rx_packets"));
	table_add(table, "%s", unit_bytes(answer_number(port, "rx_bytes")).text);
	table_add(table, "%" PRIu64, answer_number(port, "tx_packets"));
	table_add(table, "%s", unit_bytes(answer_number(port, "tx_bytes")).text);
	table_add(table, "%" PRIu64, answer_number(port, "rx_missed"));
	table_add(table, "%" PRIu64, errors);
}

static enum ctl_status
print_ports(struct session *session, const json_t *ports)
{
	struct table *table = table_create(port_columns, ARRAY_COUNT(port_columns));
	json_t *port;
	size_t index;
	int error;

	if (table == NULL)
		return session_out_of_memory(session);
	json_array_foreach(ports, index, port) add_port(table, port);
	error = table_print(table, session->out);
	table_destroy(table);
	return error == 0 ? CTL_OK : session_out_of_memory(session);
}

struct line_printer {
	FILE *out;
	const char *separator;
};

static void
print_counter(void *context, const char *group, const char *name, uint64_t count)
{
	struct line_printer *printer = context;
	char clean[TABLE_CELL_SIZE];

	table_clean(name, clean, sizeof(clean));
	fprintf(printer->out, "%s%s %" PRIu64, printer->separator, clean, count);
	printer->separator = ", ";
}

static void
print_line(FILE *out, const char *title, const char *text)
{
	char clean[TABLE_CELL_SIZE];

	table_clean(text, clean, sizeof(clean));
	fprintf(out, "%-15s%s\n", title, clean);
}

static void
print_summary(FILE *out, const json_t *info)
{
	struct line_printer printer = {out, ""};
	struct counter_visitor visitor = {print_counter, &printer};

	print_line(out, "Version", answer_text(info, "version"));
	fprintf(out, "%-15s%" PRIu64 "\n", "Process", answer_number(info, "pid"));
	print_line(out, "Up", unit_duration(answer_number(info, "uptime_sec")).text);
	fprintf(out, "%-15s%" PRIu64 "\n", "Workers", answer_number(info, "workers"));
	print_line(out, "x-HA", answer_text(info, "x_ha"));
	print_line(out, "i-HA", answer_text(info, "i_ha"));
	fprintf(out, "%-15s%" PRIu64 " of %" PRIu64 "\n", "Bindings",
		answer_number(info, "bindings"), answer_number(info, "bindings_max"));
	fprintf(out, "%-15s", "Registrations");
	answer_visit_counters(json_object_get(info, "registrations"), &visitor);
	fprintf(out, "\n%-15s%" PRIu64 "\n", "Neighbours", answer_number(info, "neighbours"));
	fprintf(out, "%-15s%" PRIu64 "\n", "Reloads", answer_number(info, "reloads"));
	print_line(out, "Last reload", answer_text(info, "last_reload"));
}

enum ctl_status
show_status(struct session *session)
{
	json_t *info;
	enum ctl_status status = session_ask(session, "/homeport/info", NULL, &info);

	if (status != CTL_OK)
		return status;
	if (answer_make_rows(info, "ports") < 0) {
		status = session_out_of_memory(session);
	} else if (session->is_json) {
		status = session_print_json(session, info);
	} else {
		print_summary(session->out, info);
		fputc('\n', session->out);
		status = print_ports(session, json_object_get(info, "ports"));
	}
	json_decref(info);
	return status;
}
