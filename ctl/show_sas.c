/* SPDX-License-Identifier: BSD-3-Clause */
/* The VPN gateway: its security associations, one of them, and the whole. */
#include <inttypes.h>

#include "ctl/answer.h"
#include "ctl/paged_table.h"
#include "ctl/show.h"
#include "ctl/units.h"
#include "lib/types.h"

/* Widths that later pages fit, too. */
static const struct table_column sa_columns[] = {
	{"SPI", TABLE_LEFT, 8},	   {"DIR", TABLE_LEFT, 3},     {"PEER", TABLE_LEFT, 21},
	{"TIA", TABLE_LEFT, 15},   {"SUITE", TABLE_LEFT, 0},   {"PACKETS", TABLE_RIGHT, 9},
	{"BYTES", TABLE_RIGHT, 8}, {"ERRORS", TABLE_RIGHT, 6}, {"IDLE", TABLE_RIGHT, 8},
	{"LEFT", TABLE_RIGHT, 9},  {"STATE", TABLE_LEFT, 10},  {"IDENTITY", TABLE_LEFT, 0},
};

static uint64_t
errors_of(const json_t *sa)
{
	return answer_number(sa, "replays") + answer_number(sa, "forged");
}

/* "192.0.2.7:4500"; without UDP encapsulation there is no port. */
static void
add_peer(struct table *table, const json_t *sa)
{
	uint64_t port = answer_number(sa, "peer_port");

	if (port == 0)
		table_add(table, "%s", answer_text(sa, "peer_address"));
	else
		table_add(table, "%s:%" PRIu64, answer_text(sa, "peer_address"), port);
}

static struct unit_text
left_text(const json_t *sa)
{
	if (answer_number(sa, "lifetime_sec") == 0)
		return (struct unit_text){"-"}; /* charon rekeys by traffic, or never */
	return unit_duration(answer_number(sa, "left_sec"));
}

static void
add_sa(struct table *table, const json_t *sa)
{
	table_add(table, "%s", answer_text(sa, "spi"));
	table_add(table, "%s", answer_text(sa, "direction"));
	add_peer(table, sa);
	table_add(table, "%s", answer_text(sa, "tia"));
	table_add(table, "%s", answer_text(sa, "suite"));
	table_add(table, "%" PRIu64, answer_number(sa, "packets"));
	table_add(table, "%s", unit_bytes(answer_number(sa, "bytes")).text);
	table_add(table, "%" PRIu64, errors_of(sa));
	table_add(table, "%s", unit_duration(answer_number(sa, "idle_sec")).text);
	table_add(table, "%s", left_text(sa).text);
	table_add(table, "%s", answer_text(sa, "state"));
	table_add(table, "%s", answer_text(sa, "identity"));
}

enum ctl_status
show_sas(struct session *session)
{
	static const struct paged_table list = {
		.command = "/homeport/sas",
		.key = "sas",
		.none = "no security associations\n",
		.columns = sa_columns,
		.column_count = ARRAY_COUNT(sa_columns),
		.add = add_sa,
	};

	return paged_table_show(&list, session);
}

static const struct table_column detail_columns[] = {{NULL, TABLE_LEFT, 0}, {NULL, TABLE_LEFT, 0}};

static void
add_details(struct table *table, const json_t *sa)
{
	table_add(table, "SPI");
	table_add(table, "%s", answer_text(sa, "spi"));
	table_add(table, "  Direction");
	table_add(table, "%s the mobile", answer_text(sa, "direction")[0] == 'i' ? "from" : "to");
	table_add(table, "  State");
	table_add(table, "%s", answer_text(sa, "state"));
	table_add(table, "  Identity");
	table_add(table, "%s", answer_text(sa, "identity"));
	table_add(table, "  Tunnel inner address");
	table_add(table, "%s", answer_text(sa, "tia"));
	table_add(table, "  Peer");
	add_peer(table, sa);
	table_add(table, "  In UDP");
	table_add(table, "%s", answer_number(sa, "peer_port") == 0 ? "no" : "yes");
	table_add(table, "  Suite");
	table_add(table, "%s%s", answer_text(sa, "suite"),
		  answer_number(sa, "esn") == 0 ? "" : ", extended sequence numbers");
	table_add(table, "  Sequence number");
	table_add(table, "%" PRIu64, answer_number(sa, "sequence"));
	table_add(table, "  Traffic");
	table_add(table, "%" PRIu64 " packets, %s", answer_number(sa, "packets"),
		  unit_bytes(answer_number(sa, "bytes")).text);
	table_add(table, "  Refused");
	table_add(table, "%" PRIu64 " replayed, %" PRIu64 " forged or corrupted",
		  answer_number(sa, "replays"), answer_number(sa, "forged"));
	table_add(table, "  Age");
	table_add(table, "%s, idle for %s", unit_duration(answer_number(sa, "age_sec")).text,
		  unit_duration(answer_number(sa, "idle_sec")).text);
	table_add(table, "  Lifetime left");
	table_add(table, "%s", left_text(sa).text);
}

static enum ctl_status
print_sa(struct session *session, const json_t *answer)
{
	struct table *table = table_create(detail_columns, ARRAY_COUNT(detail_columns));
	json_t *sa;
	size_t index;
	int error;

	if (table == NULL)
		return session_out_of_memory(session);
	json_array_foreach(json_object_get(answer, "sas"), index, sa) add_details(table, sa);
	error = table_print(table, session->out);
	table_destroy(table);
	return error == 0 ? CTL_OK : session_out_of_memory(session);
}

enum ctl_status
show_sa(struct session *session)
{
	json_t *answer;
	enum ctl_status status = session_ask(session, "/homeport/sa", session->argument, &answer);

	if (status != CTL_OK)
		return status;
	if (answer_make_rows(answer, "sas") < 0)
		status = session_out_of_memory(session);
	else if (session->is_json)
		status = session_print_json(session, answer);
	else
		status = print_sa(session, answer);
	json_decref(answer);
	return status;
}

static void
add_charon(struct table *table, const json_t *charon)
{
	uint64_t pid = answer_number(charon, "pid");

	table_add(table, "charon");
	if (answer_number(charon, "connected") == 0)
		table_add(table, "not connected");
	else
		table_add(table, "connected, version %s", answer_text(charon, "version"));
	if (pid != 0) {
		table_add(table, "  Process");
		table_add(table, "%" PRIu64 ", started %" PRIu64 " times", pid,
			  answer_number(charon, "starts"));
	}
	table_add(table, "  IKE messages");
	table_add(table, "%" PRIu64 " in, %" PRIu64 " lost, %" PRIu64 " out, %" PRIu64 " refused",
		  answer_number(charon, "datagrams_in"),
		  answer_number(charon, "datagrams_in_dropped"),
		  answer_number(charon, "datagrams_out"),
		  answer_number(charon, "datagrams_out_refused"));
}

static enum ctl_status
print_vpn(struct session *session, const json_t *vpn)
{
	struct table *table = table_create(detail_columns, ARRAY_COUNT(detail_columns));
	int error;

	if (table == NULL)
		return session_out_of_memory(session);
	table_add(table, "Address");
	table_add(table, "%s", answer_text(vpn, "address"));
	add_charon(table, json_object_get(vpn, "charon"));
	table_add(table, "Mobiles with a tunnel");
	table_add(table, "%" PRIu64, answer_number(vpn, "tunnels"));
	table_add(table, "Security associations");
	table_add(table, "%" PRIu64 " of %" PRIu64 ": %" PRIu64 " in, %" PRIu64 " out",
		  answer_number(vpn, "sas"), answer_number(vpn, "sas_max"),
		  answer_number(vpn, "inbound"), answer_number(vpn, "outbound"));
	table_add(table, "Orphans");
	table_add(table, "%" PRIu64, answer_number(vpn, "orphans"));
	error = table_print(table, session->out);
	table_destroy(table);
	return error == 0 ? CTL_OK : session_out_of_memory(session);
}

enum ctl_status
show_vpn(struct session *session)
{
	json_t *vpn;
	enum ctl_status status = session_ask(session, "/homeport/vpn", NULL, &vpn);

	if (status != CTL_OK)
		return status;
	status = session->is_json ? session_print_json(session, vpn) : print_vpn(session, vpn);
	json_decref(vpn);
	return status;
}
