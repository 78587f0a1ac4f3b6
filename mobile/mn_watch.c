/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_watch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "mobile/status_client.h"

#define CLEAR_SCREEN "\033[H\033[2J"

/* A member's text; "-" when there is none. */
static const char *
text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value != NULL && value[0] != '\0' ? value : "-";
}

static long long
number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static bool
is_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static void
print_head(const json_t *status, FILE *out)
{
	const json_t *detection = json_object_get(status, "detection");
	const json_t *queue = json_object_get(status, "queue"), *layer;
	size_t i;

	fprintf(out, "mode %s", text(status, "mode"));
	json_array_foreach(json_object_get(status, "layers"), i, layer)
		fprintf(out, "%s%s", i == 0 ? ": " : " > ", json_string_value(layer));
	fprintf(out, "\nwhy  %s\n", text(status, "why"));
	fprintf(out, "data %s on %s; stopped %lld, queued %lld of %lld, released %lld\n",
		text(status, "active"), text(status, "interface"),
		number(detection, "stopped_packets"), number(queue, "packets"),
		number(queue, "packets_max"), number(queue, "released"));
}

static void
print_vpn(const json_t *vpn, FILE *out)
{
	const json_t *error = json_object_get(vpn, "last_error");

	if (!json_is_object(vpn))
		return;
	fprintf(out, "vpn  %s for %lld s, TIA %s, from %s\n", text(vpn, "state"),
		number(vpn, "since_sec"), text(vpn, "tunnel_inner_address"),
		text(vpn, "outer_address"));
	if (json_is_string(error))
		fprintf(out, "     %s\n", json_string_value(error));
}

static const char *
role_of(const json_t *track)
{
	if (is_true(track, "carries"))
		return "carries";
	return is_true(track, "draining") ? "drains" : text(track, "duty");
}

static void
print_tracks(const json_t *tracks, FILE *out)
{
	const json_t *track;
	size_t i;

	fprintf(out, "\n%-15s %-15s %-9s %-10s %7s  %s\n", "TRACK", "CARE-OF", "DOES", "PLACE",
		"SINCE", "WHY");
	json_array_foreach(tracks, i, track)
	{
		const json_t *detection = json_object_get(track, "detection");

		fprintf(out, "%-15s %-15s %-9s %-10s %5lld s  %s\n", text(track, "name"),
			text(track, "care_of_address"), role_of(track), text(detection, "place"),
			number(detection, "since_sec"), text(detection, "why"));
	}
}

static void
print_agents(const json_t *track, FILE *out)
{
	const json_t *agent;
	size_t i;

	json_array_foreach(json_object_get(track, "agents"), i, agent)
	{
		const json_t *tunnel = json_object_get(agent, "tunnel");
		const json_t *traffic = json_object_get(agent, "traffic");

		if (json_is_null(tunnel) && !is_true(track, "carries"))
			continue;
		fprintf(out, "%-15s %-15s %-13s %-15s %-12s %5lld s  %lld/%lld\n",
			text(agent, "name"), text(track, "name"), text(agent, "state"),
			text(agent, "home_address"), text(tunnel, "encapsulation"),
			number(tunnel, "expires_in_sec"), number(traffic, "sent_packets"),
			number(traffic, "received_packets"));
	}
}

static void
print_moves(const json_t *moves, FILE *out)
{
	const json_t *move;
	size_t i;

	fprintf(out, "\n%-8s %-15s %-15s %-15s %-9s %8s\n", "AGO", "FROM", "TO", "CARE-OF", "MODE",
		"BROKEN");
	json_array_foreach(moves, i, move) fprintf(
		out, "%6lld s %-15s %-15s %-15s %-9s %5lld ms\n", number(move, "seconds_ago"),
		text(move, "from"), text(move, "interface"), text(move, "care_of_address"),
		text(move, "mode"), number(move, "interruption_ms"));
}

void
mn_watch_print(const json_t *status, FILE *out)
{
	const json_t *tracks = json_object_get(status, "tracks"), *track;
	size_t i;

	print_head(status, out);
	print_vpn(json_object_get(status, "vpn"), out);
	print_tracks(tracks, out);
	fprintf(out, "\n%-15s %-15s %-13s %-15s %-12s %7s  %s\n", "HOME AGENT", "TRACK", "STATE",
		"HOME ADDRESS", "TUNNEL", "EXPIRES", "SENT/RECEIVED");
	json_array_foreach(tracks, i, track) print_agents(track, out);
	print_moves(json_object_get(json_object_get(status, "detection"), "moves"), out);
}

/* The daemon's answer; NULL and -errno in `*result` otherwise. */
static json_t *
ask(const char *path, int *result)
{
	char *answer = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&answer, &size);
	json_t *status = NULL;

	*result = memory != NULL ? status_client_copy(path, memory) : -ENOMEM;
	if (memory != NULL)
		fclose(memory);
	if (*result == 0)
		status = json_loadb(answer, size, 0, NULL);
	if (*result == 0 && status == NULL)
		*result = -EPROTO;
	free(answer);
	return status;
}

int
mn_watch_run(const char *path, unsigned interval_sec, unsigned count, FILE *out)
{
	bool is_screen = isatty(fileno(out)) == 1;
	int result;

	for (unsigned i = 0; count == 0 || i < count; i++) {
		json_t *status;

		if (i > 0)
			sleep(interval_sec);
		status = ask(path, &result);
		if (status == NULL)
			return result;
		if (is_screen)
			fputs(CLEAR_SCREEN, out);
		else if (i > 0)
			fputc('\n', out);
		mn_watch_print(status, out);
		json_decref(status);
		if (fflush(out) != 0)
			return -EIO;
	}
	return 0;
}
