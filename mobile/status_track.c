/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/status_track.h"

#include "mobile/mn_code.h"
#include "mobile/status_visit.h"

json_t *
status_address(be32 address)
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
	return json_pack(
		"{s:s, s:b, s:o, s:i, s:i, s:o, s:b}", "encapsulation",
		registration->is_home ? "none" : tunnel_kind_name(grant->kind), "reverse",
		grant->reverse, "care_of_address", status_address(grant->care_of), "udp_port",
		tunnel_is_udp(grant->kind) ? be16toh(agent->socket.port_be) : 0, "lifetime_sec",
		grant->lifetime_sec, "expires_in_sec", seconds_json(grant->expires),
		"trusted_networks_configured", grant->trusted_networks);
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
	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I}", "next_in_sec",
			 registration->is_due_set ? seconds_json(registration->due) : json_null(),
			 "requests", (json_int_t)registration->request_count, "replies",
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
			 status_address(registration->home_agent), "home_address",
			 status_address(registration->home_address), "last_code", code,
			 "last_code_text", meaning, "tunnel", tunnel_json(agent), "keepalive",
			 keepalive_json(&agent->keepalive), "registration",
			 registration_json(registration), "traffic", traffic_json(agent));
}

json_t *
status_detection(const struct mn_track *track)
{
	const struct mn_detect *detect = &track->policy.detect;
	struct mono_time now = mono_now();
	json_t *open_sec = json_null(), *wait_ms = json_null();

	if (detect->active >= 0)
		open_sec = seconds_json(detect->until[detect->active]);
	if (detect->why == MN_WHY_WAITING)
		wait_ms = json_integer((json_int_t)mono_ms_until(now, detect->wait));
	return json_pack("{s:s, s:s, s:I, s:o, s:o, s:b}", "place", mn_place_name(detect->place),
			 "why", mn_why_text(detect->why), "since_sec",
			 (json_int_t)mono_sec_until(detect->since, now), "data_stops_in_sec",
			 open_sec, "waits_for_i_ha_ms", wait_ms, "hinted_inside",
			 track->policy.is_hinted);
}

json_t *
status_agents(const struct mn_track *track)
{
	json_t *agents = json_array();

	for (unsigned i = 0; i < track->agent_count; i++)
		json_array_append_new(agents, agent_json(&track->agents[i]));
	return agents;
}

json_t *
status_layers(enum mn_mode mode)
{
	json_t *list = json_array();

	for (unsigned bit = 1; bit < 1u << MN_LAYER_COUNT; bit <<= 1) {
		if ((mn_mode_layers(mode) & bit) != 0)
			json_array_append_new(list, json_string(mn_layer_name(bit)));
	}
	return list;
}

json_t *
status_track(const struct mn_roaming *roaming, const struct mn_track *track)
{
	enum mn_mode mode = mn_roaming_mode(roaming, track);
	json_t *drains_ms = json_null();

	if (track->is_draining)
		drains_ms = json_integer((json_int_t)mono_ms_until(mono_now(), track->drained));
	return json_pack(
		"{s:s, s:s, s:b, s:b, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
		track->name, "kind", track->kind == MN_TRACK_VPN ? "vpn" : "interface", "carries",
		(int)track->index == roaming->carrier || (int)track->index == roaming->vpn,
		"draining", track->is_draining, "mode", mn_mode_name(mode), "layers",
		status_layers(mode), "duty", mn_duty_name(track->policy.duty), "drains_for_ms",
		drains_ms, "care_of_address", status_address(track->attachment.care_of),
		"home_link_of", status_address(track->attachment.home_agent), "detection",
		status_detection(track), "agents", status_agents(track), "foreign_agent",
		status_foreign_agent(track), "foreign_agents", status_foreign_agents(track));
}
