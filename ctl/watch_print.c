/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/answer.h"
#include "ctl/table.h"
#include "ctl/units.h"
#include "ctl/watch.h"
#include "lib/types.h"

#define TOP_DROPS 5
#define DROPS_MAX 256

static const struct table_column port_columns[] = {
	{"PORT", TABLE_LEFT, 0},    {"LINK", TABLE_LEFT, 0},	    {"RX PACKETS", TABLE_RIGHT, 0},
	{"RX", TABLE_RIGHT, 0},	    {"TX PACKETS", TABLE_RIGHT, 0}, {"TX", TABLE_RIGHT, 0},
	{"MISSED", TABLE_RIGHT, 0},
};

static const struct table_column drop_columns[] = {
	{"DROPPED", TABLE_LEFT, 0},
	{"RATE", TABLE_RIGHT, 0},
	{"TOTAL", TABLE_RIGHT, 0},
};

/* A counter then and now. Without an earlier sample `elapsed_ms` is 0, which makes rates "-". */
struct change {
	uint64_t before;
	uint64_t now;
	uint64_t elapsed_ms;
};

static struct change
change_of(const json_t *before, const json_t *now, const char *key, uint64_t elapsed_ms)
{
	return (struct change){answer_number(before, key), answer_number(now, key), elapsed_ms};
}

static void
add_rate(struct table *table, struct change change)
{
	table_add(table, "%s", unit_rate(change.before, change.now, change.elapsed_ms).text);
}

static void
add_bit_rate(struct table *table, struct change change)
{
	table_add(table, "%s", unit_bit_rate(change.before, change.now, change.elapsed_ms).text);
}

static void
add_port(struct table *table, const json_t *before, const json_t *now, uint64_t elapsed_ms)
{
	table_add(table, "%s", answer_text(now, "name"));
	table_add(table, "%s", answer_text(now, "link"));
	add_rate(table, change_of(before, now, "rx_packets", elapsed_ms));
	add_bit_rate(table, change_of(before, now, "rx_bytes", elapsed_ms));
	add_rate(table, change_of(before, now, "tx_packets", elapsed_ms));
	add_bit_rate(table, change_of(before, now, "tx_bytes", elapsed_ms));
	add_rate(table, change_of(before, now, "rx_missed", elapsed_ms));
}

static int
print_ports(const json_t *before, const json_t *now, uint64_t elapsed_ms, FILE *out)
{
	struct table *table = table_create(port_columns, ARRAY_COUNT(port_columns));
	json_t *port;
	size_t index;
	int error;

	if (table == NULL)
		return -ENOMEM;
	json_array_foreach(json_object_get(now, "ports"), index, port) add_port(
		table, json_array_get(json_object_get(before, "ports"), index), port, elapsed_ms);
	error = table_print(table, out);
	table_destroy(table);
	return error;
}

static void
print_head(const json_t *before, const json_t *now, uint64_t elapsed_ms, FILE *out)
{
	const json_t *then = json_object_get(before, "registrations");
	const json_t *registrations = json_object_get(now, "registrations");
	struct change received = change_of(then, registrations, "received", elapsed_ms);
	struct change accepted = change_of(then, registrations, "accepted", elapsed_ms);
	char version[TABLE_CELL_SIZE];

	table_clean(answer_text(now, "version"), version, sizeof(version));
	fprintf(out, "homeport %s, up %s\n", version,
		unit_duration(answer_number(now, "uptime_sec")).text);
	fprintf(out, "bindings %" PRIu64 " of %" PRIu64 "\n", answer_number(now, "bindings"),
		answer_number(now, "bindings_max"));
	fprintf(out, "registrations %s (%" PRIu64 "), accepted %s (%" PRIu64 ")\n\n",
		unit_rate(received.before, received.now, elapsed_ms).text, received.now,
		unit_rate(accepted.before, accepted.now, elapsed_ms).text, accepted.now);
}

struct drop {
	const char *name;
	struct change change;
};

/* Fastest first; among equals the larger total. */
static int
compare_drops(const void *left, const void *right)
{
	const struct change *a = &((const struct drop *)left)->change;
	const struct change *b = &((const struct drop *)right)->change;
	uint64_t a_grown = a->now - a->before, b_grown = b->now - b->before;

	if (a_grown != b_grown)
		return a_grown < b_grown ? 1 : -1;
	return (a->now < b->now) - (a->now > b->now);
}

static size_t
collect_drops(const json_t *before, const json_t *now, uint64_t elapsed_ms, struct drop *drops)
{
	const char *name;
	json_t *count;
	size_t used = 0;

	json_object_foreach((json_t *)now, name, count)
	{
		struct change change = change_of(before, now, name, elapsed_ms);

		if (elapsed_ms == 0 || change.before > change.now)
			change.before = change.now;
		if (change.now > 0 && used < DROPS_MAX)
			drops[used++] = (struct drop){name, change};
	}
	qsort(drops, used, sizeof(drops[0]), compare_drops);
	return used;
}

static int
print_drops(const json_t *before, const json_t *now, uint64_t elapsed_ms, FILE *out)
{
	struct table *table = table_create(drop_columns, ARRAY_COUNT(drop_columns));
	struct drop drops[DROPS_MAX];
	size_t count = collect_drops(before, now, elapsed_ms, drops);
	int error = 0;

	if (table == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count && i < TOP_DROPS; i++) {
		table_add(table, "%s", drops[i].name);
		add_rate(table, drops[i].change);
		table_add(table, "%" PRIu64, drops[i].change.now);
	}
	if (count == 0)
		fprintf(out, "no packet was dropped\n");
	else
		error = table_print(table, out);
	table_destroy(table);
	return error;
}

int
watch_print(const struct watch_sample *before, const struct watch_sample *now, FILE *out)
{
	uint64_t elapsed_ms = before == NULL ? 0 : mono_ms_until(before->at, now->at);
	const json_t *info = before == NULL ? NULL : before->info;
	const json_t *drops = before == NULL ? NULL : before->drops;
	int error;

	print_head(info, now->info, elapsed_ms, out);
	error = print_ports(info, now->info, elapsed_ms, out);
	if (error != 0)
		return error;
	fputc('\n', out);
	return print_drops(drops, now->drops, elapsed_ms, out);
}
