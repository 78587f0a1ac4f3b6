/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/status_visit.h"

#include <stdio.h>

#include "mobile/mn_daemon.h"
#include "mobile/status_track.h"

static const struct mn_visit *
visit_of(const struct mn_track *track)
{
	const struct mn_daemon *daemon = track->agents[0].daemon;

	if (daemon == NULL || track->kind != MN_TRACK_INTERFACE)
		return NULL;
	return &daemon->visits[track->index];
}

static json_t *
mac_json(const uint8_t mac[ETH_ADDRESS_SIZE])
{
	char text[3 * ETH_ADDRESS_SIZE];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	return json_string(text);
}

json_t *
status_foreign_agent(const struct mn_track *track)
{
	const struct mn_visit *visit = visit_of(track);
	const struct mn_foreign *foreign;

	if (visit == NULL || visit->foreign.address == 0)
		return json_null();
	foreign = &visit->foreign;
	return json_pack("{s:o, s:o, s:o, s:b, s:b}", "address", status_address(foreign->address),
			 "care_of_address", status_address(foreign->care_of), "mac",
			 mac_json(visit->mac), "shares_a_key", foreign->association != NULL,
			 "challenges", foreign->challenge.len != 0);
}

static json_t *
heard_json(const struct mn_advert_agent *agent, struct mono_time now)
{
	uint16_t flags = agent->heard.flags;

	return json_pack(
		"{s:o, s:o, s:I, s:i, s:i, s:b, s:b, s:b, s:b, s:b}", "address",
		status_address(agent->heard.src), "mac", mac_json(agent->mac), "expires_in_sec",
		(json_int_t)mono_sec_until(now, agent->until), "sequence", agent->heard.sequence,
		"registration_sec", agent->heard.registration_sec, "registration_required",
		(flags & MIP_ADVERTISEMENT_R) != 0, "busy", (flags & MIP_ADVERTISEMENT_B) != 0,
		"reverse_tunnel", (flags & MIP_ADVERTISEMENT_T) != 0, "home_agent",
		(flags & MIP_ADVERTISEMENT_H) != 0, "avoided",
		mono_is_before(now, agent->avoid_until));
}

json_t *
status_foreign_agents(const struct mn_track *track)
{
	const struct mn_visit *visit = visit_of(track);
	struct mono_time now = mono_now();
	json_t *list = json_array();

	if (visit == NULL) {
		json_decref(list);
		return json_null();
	}
	for (unsigned i = 0; i < visit->advert.count; i++) {
		if (mono_is_before(now, visit->advert.agents[i].until))
			json_array_append_new(list, heard_json(&visit->advert.agents[i], now));
	}
	return json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "use",
			 mn_foreign_use_name(visit->use), "heard", list, "advertisements",
			 (json_int_t)visit->advert.heard_count, "refused",
			 (json_int_t)visit->advert.refused_count, "conflicts",
			 (json_int_t)visit->advert.conflict_count, "restarts",
			 (json_int_t)visit->advert.restart_count, "solicitations",
			 (json_int_t)visit->advert.solicitation_count, "malformed",
			 (json_int_t)visit->malformed_count);
}
