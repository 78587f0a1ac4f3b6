/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <string.h>

#include "ctl/answer.h"
#include "ctl/paged_table.h"
#include "ctl/show.h"
#include "ctl/units.h"
#include "lib/types.h"

/* Widths that later pages fit, too. */
static const struct table_column binding_columns[] = {
	{"HOME ADDRESS", TABLE_LEFT, 15}, {"CARE-OF ADDRESS", TABLE_LEFT, 15},
	{"AGENT", TABLE_LEFT, 0},	  {"TUNNEL", TABLE_LEFT, 14},
	{"PORT", TABLE_RIGHT, 5},	  {"FLAGS", TABLE_LEFT, 5},
	{"LIFETIME", TABLE_RIGHT, 9},	  {"REMAINING", TABLE_RIGHT, 9},
	{"NAI", TABLE_LEFT, 0},
};

static void
add_binding(struct table *table, const json_t *binding)
{
	table_add(table, "%s", answer_text(binding, "home_address"));
	table_add(table, "%s", answer_text(binding, "care_of_address"));
	table_add(table, "%s", answer_text(binding, "agent"));
	table_add(table, "%s", answer_text(binding, "kind"));
	table_add(table, "%s", answer_value(binding, "port").text);
	table_add(table, "%s", answer_text(binding, "flags"));
	table_add(table, "%s", unit_duration(answer_number(binding, "lifetime_sec")).text);
	table_add(table, "%s", unit_duration(answer_number(binding, "remaining_sec")).text);
	table_add(table, "%s", answer_text(binding, "nai"));
}

static bool
is_wanted(const struct session *session, const json_t *binding)
{
	return session->agent == NULL || strcmp(answer_text(binding, "agent"), session->agent) == 0;
}

enum ctl_status
show_bindings(struct session *session)
{
	static const struct paged_table list = {
		.command = "/homeport/bindings",
		.key = "bindings",
		.none = "no bindings\n",
		.columns = binding_columns,
		.column_count = ARRAY_COUNT(binding_columns),
		.add = add_binding,
		.is_wanted = is_wanted,
	};

	return paged_table_show(&list, session);
}

static const struct table_column detail_columns[] = {{NULL, TABLE_LEFT, 0}, {NULL, TABLE_LEFT, 0}};

static void
add_detail(struct table *table, const json_t *care_of, const char *title, const char *key)
{
	table_add(table, "  %s", title);
	table_add(table, "%s", answer_value(care_of, key).text);
}

static void
add_traffic(struct table *table, const json_t *care_of, const char *title, const char *packets_key,
	    const char *bytes_key)
{
	table_add(table, "  %s", title);
	table_add(table, "%" PRIu64 " packets, %s", answer_number(care_of, packets_key),
		  unit_bytes(answer_number(care_of, bytes_key)).text);
}

static void
add_care_of(struct table *table, const json_t *care_of)
{
	static const struct {
		const char *title, *key;
	} fields[] = {
		{"State", "state"},
		{"Agent", "agent"},
		{"Tunnel", "kind"},
		{"Layers", "layers"},
		{"Tunnel source", "tunnel_source"},
		{"UDP port", "port"},
		{"Inner MTU", "inner_mtu"},
		{"NAI", "nai"},
		{"Flags", "flags"},
		{"Registered from", "source_address"},
		{"Registered from port", "source_port"},
		{"Identification", "identification"},
	};

	table_add(table, "%s", "Care-of address");
	table_add(table, "%s", answer_text(care_of, "care_of_address"));
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
		add_detail(table, care_of, fields[i].title, fields[i].key);
	table_add(table, "  Lifetime");
	table_add(table, "%s, %s left", unit_duration(answer_number(care_of, "lifetime_sec")).text,
		  unit_duration(answer_number(care_of, "remaining_sec")).text);
	add_traffic(table, care_of, "To the mobile", "to_mobile_packets", "to_mobile_bytes");
	add_traffic(table, care_of, "From the mobile", "from_mobile_packets", "from_mobile_bytes");
}

static enum ctl_status
print_binding(struct session *session, const json_t *binding)
{
	struct table *table = table_create(detail_columns, ARRAY_COUNT(detail_columns));
	json_t *care_of;
	size_t index;
	int error;

	if (table == NULL)
		return session_out_of_memory(session);
	table_add(table, "%s", "Home address");
	table_add(table, "%s", answer_text(binding, "home_address"));
	json_array_foreach(json_object_get(binding, "care_of"), index, care_of)
		add_care_of(table, care_of);
	error = table_print(table, session->out);
	table_destroy(table);
	return error == 0 ? CTL_OK : session_out_of_memory(session);
}

enum ctl_status
show_binding(struct session *session)
{
	json_t *binding;
	enum ctl_status status =
		session_ask(session, "/homeport/binding", session->argument, &binding);

	if (status != CTL_OK)
		return status;
	if (answer_make_rows(binding, "care_of") < 0)
		status = session_out_of_memory(session);
	else if (session->is_json)
		status = session_print_json(session, binding);
	else
		status = print_binding(session, binding);
	json_decref(binding);
	return status;
}

enum ctl_status
show_revoke(struct session *session)
{
	json_t *answer;
	enum ctl_status status =
		session_ask(session, "/homeport/revoke", session->argument, &answer);
	uint64_t revoked;

	if (status != CTL_OK)
		return status;
	revoked = answer_number(answer, "revoked");
	if (session->is_json)
		status = session_print_json(session, answer);
	else
		fprintf(session->out, "revoked %" PRIu64 " binding%s of %s\n", revoked,
			revoked == 1 ? "" : "s", session->argument);
	json_decref(answer);
	return status;
}
