/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/status_json.h"

#include <jansson.h>

#include "mobile/mn_code.h"
#include "mobile/mn_daemon.h"

static json_t *
address_json(be32 address)
{
	char text[ADDRESS_TEXT_SIZE];

	return address != 0 ? json_string(address_format(address, text)) : json_null();
}

/* Seconds until `when`; null: never. */
static json_t *
seconds_json(struct mono_time when)
{
	return when.ns != UINT64_MAX ? json_integer((json_int_t)mono_sec_until(mono_now(), when))
				     : json_null();
}

static json_t *
tunnel_json(const struct mn_agent *agent)
{
	const struct mn_registration *registration = agent->registration;
	const struct mn_grant *grant = &registration->grant;

	if (!agent->has_tunnel)
		return json_null();
	return json_pack("{s:s, s:b, s:o, s:i, s:i, s:o, s:b}", "encapsulation",
			 tunnel_kind_name(grant->kind), "reverse", grant->reverse,
			 "care_of_address", address_json(grant->care_of), "udp_port",
			 tunnel_is_udp(grant->kind) ? be16toh(agent->socket.port_be) : 0,
			 "lifetime_sec", grant->lifetime_sec, "expires_in_sec",
			 seconds_json(grant->expires), "trusted_networks_configured",
			 grant->trusted_networks);
}

static json_t *
keepalive_json(const struct mn_keepalive *keepalive)
{
	return json_pack("{s:b, s:i, s:I, s:I, s:I}", "running", keepalive->is_running,
			 "interval_sec", (int)keepalive->interval_sec, "sent",
			 (json_int_t)keepalive->sent_count, "answered",
			 (json_int_t)keepalive->answered_count, "mappings_lost",
			 (json_int_t)keepalive->lost_count);
}

static json_t *
registration_json(const struct mn_registration *registration)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "requests",
			 (json_int_t)registration->request_count, "replies",
			 (json_int_t)registration->reply_count, "denials",
			 (json_int_t)registration->denial_count, "discarded",
			 (json_int_t)registration->discard_count, "bad_authenticators",
			 (json_int_t)registration->bad_auth_count);
}

static json_t *
traffic_json(const struct mn_agent *agent)
{
	json_t *refused = json_object();

	for (unsigned i = MN_OPEN_FINE + 1; i < MN_OPEN_VERDICT_COUNT; i++)
		json_object_set_new(refused, mn_open_verdict_name((enum mn_open_verdict)i),
				    json_integer((json_int_t)agent->refused[i]));
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "sent_packets",
			 (json_int_t)agent->sent_packets, "sent_bytes",
			 (json_int_t)agent->sent_bytes, "received_packets",
			 (json_int_t)agent->received_packets, "received_bytes",
			 (json_int_t)agent->received_bytes, "unsent_packets",
			 (json_int_t)agent->unsent_packets, "refused", refused);
}

static json_t *
agent_json(const struct mn_agent *agent)
{
	const struct mn_registration *registration = agent->registration;
	json_t *code = registration->has_code ? json_integer(registration->last_code) : json_null();
	json_t *meaning = registration->has_code
				  ? json_string(mn_code_text(registration->last_code))
				  : json_null();

	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
			 agent->config->name, "role", mn_role_name(agent->config->role), "state",
			 mn_state_name(registration->state), "home_agent",
			 address_json(registration->home_agent), "home_address",
			 address_json(registration->home_address), "last_code", code,
			 "last_code_text", meaning, "tunnel", tunnel_json(agent), "keepalive",
			 keepalive_json(&agent->keepalive), "registration",
			 registration_json(registration), "traffic", traffic_json(agent));
}

static json_t *
moves_json(const struct mn_moves *moves)
{
	struct mono_time now = mono_now();
	json_t *list = json_array();
	const struct mn_move *move;

	for (unsigned i = 0; (move = mn_moves_at(moves, i)) != NULL; i++)
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:s, s:o, s:I, s:I}", "place",
				  mn_place_name(move->place), "why", mn_why_text(move->why), "from",
				  move->from, "interface", move->interface, "care_of_address",
				  address_json(move->care_of), "seconds_ago",
				  (json_int_t)mono_sec_until(move->opened, now), "interruption_ms",
				  (json_int_t)move->interruption_ms));
	return list;
}

static json_t *
detection_json(const struct mn_track *track)
{
	const struct mn_detect *detect = &track->policy.detect;
	struct mono_time now = mono_now();
	json_t *open_sec = json_null(), *wait_ms = json_null();

	if (detect->active >= 0)
		open_sec = seconds_json(detect->until[detect->active]);
	if (detect->why == MN_WHY_WAITING)
		wait_ms = json_integer((json_int_t)mono_ms_until(now, detect->wait));
	return json_pack("{s:s, s:s, s:I, s:o, s:o}", "place", mn_place_name(detect->place), "why",
			 mn_why_text(detect->why), "since_sec",
			 (json_int_t)mono_sec_until(detect->since, now), "data_stops_in_sec",
			 open_sec, "waits_for_i_ha_ms", wait_ms);
}

static json_t *
agents_json(const struct mn_track *track)
{
	json_t *agents = json_array();

	for (unsigned i = 0; i < track->agent_count; i++)
		json_array_append_new(agents, agent_json(&track->agents[i]));
	return agents;
}

static json_t *
track_json(const struct mn_roaming *roaming, const struct mn_track *track)
{
	return json_pack("{s:s, s:s, s:b, s:b, s:s, s:o, s:o, s:o}", "name", track->name, "kind",
			 track->kind == MN_TRACK_VPN ? "vpn" : "interface", "carries",
			 (int)track->index == roaming->carrier || (int)track->index == roaming->vpn,
			 "draining", track->is_draining, "duty", mn_duty_name(track->policy.duty),
			 "care_of_address", address_json(track->attachment.care_of), "detection",
			 detection_json(track), "agents", agents_json(track));
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
		json_array_append_new(tracks, track_json(roaming, &roaming->tracks[t]));
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
daemon_json(const struct mn_daemon *daemon)
{
	const struct mn_roaming *roaming = &daemon->roaming;
	const struct mn_track *track = foremost(roaming);
	json_t *active = json_null(), *interface = json_null(), *detection;
	int agent = mn_roaming_active(roaming);

	if (agent >= 0)
		active = json_string(daemon->config->agents[agent].name);
	if (track->attachment.care_of != 0)
		interface = json_string(track->name);
	detection = detection_json(track);
	json_object_set_new(detection, "stopped_packets",
			    json_integer((json_int_t)daemon->traffic.stopped_packets));
	json_object_set_new(detection, "moves", moves_json(&roaming->moves));
	return json_pack("{s:b, s:o, s:o, s:o, s:o, s:{s:s, s:i}, s:I, s:I, s:o, s:o, s:o}",
			 "inside", roaming->place == MN_PLACE_INSIDE, "detection", detection,
			 "active", active, "interface", interface, "care_of_address",
			 address_json(track->attachment.care_of), "tun", "name", daemon->tun.name,
			 "mtu", (int)daemon->routing.mtu, "homeless_packets",
			 (json_int_t)daemon->traffic.homeless_packets, "undelivered_packets",
			 (json_int_t)daemon->traffic.undelivered_packets, "agents",
			 agents_json(track), "tracks", tracks_json(roaming), "queue",
			 queue_json(&daemon->traffic));
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
