/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/trace_log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "ctl/answer.h"
#include "ctl/drops.h"
#include "ctl/table.h"
#include "lib/types.h"

#define FLOW_SIZE 128
#define NS_PER_SEC 1000000000u

static const char *
protocol_name(uint64_t protocol, char *text, size_t size)
{
	static const struct {
		uint64_t number;
		const char *name;
	} names[] = {{1, "icmp"}, {4, "ip-in-ip"}, {6, "tcp"},	   {17, "udp"},
		     {47, "gre"}, {50, "esp"},	   {55, "minimal"}};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (names[i].number == protocol)
			return names[i].name;
	snprintf(text, size, "protocol %" PRIu64, protocol);
	return text;
}

/* "203.0.113.7:40000", made harmless for a terminal. */
static const char *
end_text(const json_t *record, const char *address_key, const char *port_key, char *text,
	 size_t size)
{
	size_t len;

	table_clean(answer_text(record, address_key), text, size);
	len = strlen(text);
	if (json_object_get(record, port_key) != NULL)
		snprintf(text + len, size - len, ":%" PRIu64, answer_number(record, port_key));
	return text;
}

/* The outermost header of a record; "" when it has none. */
static void
flow_text(const json_t *record, char *text, size_t size)
{
	char src[40], dst[40], protocol[32];

	text[0] = '\0';
	if (json_object_get(record, "src") == NULL)
		return;
	snprintf(text, size, "%s > %s %s", end_text(record, "src", "src_port", src, sizeof(src)),
		 end_text(record, "dst", "dst_port", dst, sizeof(dst)),
		 protocol_name(answer_number(record, "protocol"), protocol, sizeof(protocol)));
}

static void
print_time(FILE *out, uint64_t time_ns)
{
	time_t sec = (time_t)(time_ns / NS_PER_SEC);
	struct tm tm = {0};
	char text[16];

	localtime_r(&sec, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	fprintf(out, "%s.%06u", text, (unsigned)(time_ns % NS_PER_SEC / 1000));
}

/* The stage and, when the outermost header is another than before, that header. */
static void
print_stage(FILE *out, const json_t *record, char flow[FLOW_SIZE])
{
	char name[64], now[FLOW_SIZE];

	flow_text(record, now, sizeof(now));
	if (now[0] != '\0' && strcmp(now, flow) != 0) {
		fprintf(out, " [%s %" PRIu64 "]", now, answer_number(record, "length"));
		memcpy(flow, now, FLOW_SIZE);
	}
	table_clean(answer_text(record, "stage"), name, sizeof(name));
	fprintf(out, " %s", name);
	if (strcmp(name, "send") != 0)
		return;
	table_clean(answer_text(record, "port"), name, sizeof(name));
	fprintf(out, " %s", name);
}

static void
print_record(FILE *out, const json_t *record, char flow[FLOW_SIZE])
{
	const char *drop = answer_text(record, "drop"), *punt = answer_text(record, "punt");
	char name[64];

	if (strcmp(drop, "-") != 0) {
		table_clean(drop, name, sizeof(name));
		fprintf(out, " drop %s: %s", name, drops_help(name));
	} else if (strcmp(punt, "-") != 0) {
		table_clean(punt, name, sizeof(name));
		fprintf(out, " punt %s", name);
	} else {
		print_stage(out, record, flow);
	}
}

static void
print_line(FILE *out, const json_t *records)
{
	const json_t *first = json_array_get(records, 0);
	char flow[FLOW_SIZE], origin[16];
	json_t *record;
	size_t index;

	print_time(out, answer_number(first, "time_ns"));
	table_clean(answer_text(first, "origin"), origin, sizeof(origin));
	flow_text(first, flow, sizeof(flow));
	fprintf(out, " w%" PRIu64 " %s %s %" PRIu64 " ", answer_number(first, "worker"), origin,
		flow, answer_number(first, "length"));
	json_array_foreach(records, index, record) print_record(out, record, flow);
	fputc('\n', out);
}

static int
print_json(FILE *out, const struct trace_packet *packet)
{
	json_t *line =
		json_pack("{s:O, s:O}", "packet", packet->number, "records", packet->records);
	int error = line == NULL || json_dumpf(line, out, JSON_COMPACT) < 0 ? -ENOMEM : 0;

	json_decref(line);
	fputc('\n', out);
	return error;
}

bool
trace_log_is_full(const struct trace_log *log)
{
	return log->most != 0 && log->printed >= log->most;
}

/* Prints a packet and takes it off the log. */
static int
print_packet(struct trace_log *log, unsigned i)
{
	struct trace_packet *packet = &log->packets[i];
	int error = 0;

	if (!trace_log_is_full(log)) {
		if (log->is_json)
			error = print_json(log->out, packet);
		else
			print_line(log->out, packet->records);
		log->printed++;
	}
	json_decref(packet->number);
	json_decref(packet->records);
	log->count--;
	memmove(packet, packet + 1, (log->count - i) * sizeof(*packet));
	return error;
}

static bool
has_ended(const struct trace_packet *packet)
{
	const json_t *last = json_array_get(packet->records, json_array_size(packet->records) - 1);

	return json_object_get(last, "stage") == NULL ||
	       strcmp(answer_text(last, "stage"), "send") == 0;
}

int
trace_log_print(struct trace_log *log, bool is_all)
{
	int error = 0;

	for (unsigned i = 0; error == 0 && i < log->count;) {
		if (is_all || !log->packets[i].is_new || has_ended(&log->packets[i]))
			error = print_packet(log, i);
		else
			log->packets[i++].is_new = false;
	}
	return error;
}

/* The packet that the record is of, new if need be; NULL: no memory. */
static struct trace_packet *
packet_of(struct trace_log *log, json_t *number)
{
	struct trace_packet *packet;

	for (unsigned i = log->count; i > 0; i--)
		if (json_equal(log->packets[i - 1].number, number))
			return &log->packets[i - 1];
	if (log->count == TRACE_LOG_PACKETS && print_packet(log, 0) != 0)
		return NULL;
	packet = &log->packets[log->count];
	*packet = (struct trace_packet){.number = json_incref(number), .records = json_array()};
	if (packet->records == NULL) {
		json_decref(number);
		return NULL;
	}
	log->count++;
	return packet;
}

int
trace_log_add(struct trace_log *log, json_t *record)
{
	json_t *number = json_object_get(record, "packet");
	uint64_t time_ns = answer_number(record, "time_ns");
	struct trace_packet *packet;
	size_t at;

	if (number == NULL)
		return 0; /* no record */
	packet = packet_of(log, number);
	if (packet == NULL)
		return -ENOMEM;
	packet->is_new = true;
	at = json_array_size(packet->records);
	while (at > 0 &&
	       answer_number(json_array_get(packet->records, at - 1), "time_ns") > time_ns)
		at--;
	return json_array_insert(packet->records, at, record) == 0 ? 0 : -ENOMEM;
}

void
trace_log_fini(struct trace_log *log)
{
	for (unsigned i = 0; i < log->count; i++) {
		json_decref(log->packets[i].number);
		json_decref(log->packets[i].records);
	}
	log->count = 0;
}
