/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/status_json.h"

#include "mobile/mn_daemon.h"
#include "mobile/mn_vpn_daemon.h"
#include "mobile/status_track.h"
#include "mobile/status_visit.h"

static json_t *
moves_json(const struct mn_moves *moves)
{
	struct mono_time now = mono_now();
	json_t *list = json_array();
	const struct mn_move *move;

	for (unsigned i = 0; (move = mn_moves_at(moves, i)) != NULL; i++)
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:I}", "mode",
				  mn_mode_name(move->mode), "place", mn_place_name(move->place),
				  "why", mn_why_text(move->why), "from", move->from, "interface",
				  move->interface, "care_of_address", status_address(move->care_of),
				  "seconds_ago", (json_int_t)mono_sec_until(move->opened, now),
				  "interruption_ms", (json_int_t)move->interruption_ms));
	return list;
}

/* The track that stands for the mobile: the carrier, or else the first that is attached. */
static const struct mn_track *
foremost(const struct mn_roaming *roaming)
{
	if (roaming->carrier >= 0)
		return &roaming->tracks[roaming->carrier];
	for (unsigned t = 0; t < roaming->count; t++) {
		if (roaming->tracks[t].attachment.care_of != 0)
			return &roaming->tracks[t];
	}
	return &roaming->tracks[0];
}

static json_t *
tracks_json(const struct mn_roaming *roaming)
{
	json_t *tracks = json_array();

	for (unsigned t = 0; t < roaming->count; t++)
		json_array_append_new(tracks, status_track(roaming, &roaming->tracks[t]));
	return tracks;
}

static json_t *
queue_json(const struct mn_traffic *traffic)
{
	return json_pack("{s:i, s:i, s:I, s:I, s:I}", "packets", (int)traffic->queue.count,
			 "packets_max", (int)traffic->queue.size, "queued",
			 (json_int_t)traffic->queued_packets, "released",
			 (json_int_t)traffic->released_packets, "dropped",
			 (json_int_t)traffic->expired_packets);
}

static json_t *
external_json(const struct mn_daemon *daemon)
{
	if (daemon->external.fd < 0)
		return json_null();
	return json_pack("{s:s, s:i}", "name", daemon->external.name, "mtu",
			 (int)daemon->routing.mtu[ROUTING_EXTERNAL]);
}

static json_t *
daemon_json(const struct mn_daemon *daemon)
{
	const struct mn_roaming *roaming = &daemon->roaming;
	const struct mn_track *track = foremost(roaming);
	json_t *active = json_null(), *interface = json_null(), *detection;
	int agent = mn_roaming_active(roaming);
	enum mn_mode mode = mn_roaming_mode(roaming, NULL);

	if (agent >= 0)
		active = json_string(daemon->config->agents[agent].name);
	if (track->attachment.care_of != 0 || track->attachment.home_agent != 0)
		interface = json_string(track->name);
	detection = status_detection(track);
	json_object_set_new(detection, "stopped_packets",
			    json_integer((json_int_t)daemon->traffic.stopped_packets));
	json_object_set_new(detection, "moves", moves_json(&roaming->moves));
	return json_pack("{s:b, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:{s:s, s:i}, s:o, s:I, s:I, "
			 "s:o, s:o, s:o, s:o, s:o}",
			 "inside", roaming->place == MN_PLACE_INSIDE, "mode", mn_mode_name(mode),
			 "layers", status_layers(mode), "why", mn_why_text(roaming->why),
			 "detection", detection, "active", active, "interface", interface,
			 "care_of_address", status_address(track->attachment.care_of), "tun",
			 "name", daemon->tun.name, "mtu", (int)daemon->routing.mtu[ROUTING_TUN],
			 "external_tun", external_json(daemon), "homeless_packets",
			 (json_int_t)daemon->traffic.homeless_packets, "undelivered_packets",
			 (json_int_t)daemon->traffic.undelivered_packets, "agents",
			 status_agents(track), "tracks", tracks_json(roaming), "queue",
			 queue_json(&daemon->traffic), "foreign_agent", status_foreign_agent(track),
			 "vpn", mn_vpn_daemon_json(daemon->vpn));
}

char *
status_json(const void *daemon)
{
	json_t *root = daemon_json(daemon);
	char *text;

	if (root == NULL)
		return NULL;
	text = json_dumps(root, JSON_INDENT(2));
	json_decref(root);
	return text;
}
