/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_track.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "mobile/mn_daemon.h"

/* Through the VPN an i-HA is asked as if it were an x-HA; an x-HA is not asked at all, because it never
 * gets a care-of address. */
static int
take_roles_of_vpn(struct mn_track *track, const struct mn_config *config)
{
	track->agents_config = calloc(config->agent_count, sizeof(track->agents_config[0]));
	if (track->agents_config == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < config->agent_count; i++) {
		track->agents_config[i] = config->agents[i];
		track->agents_config[i].role = MN_ROLE_X_HA;
		track->agents_config[i].reverse_tunnel = true;
		track->agents_config[i].reverse_tunnel_required = true;
	}
	return 0;
}

int
mn_track_init(struct mn_track *track, enum mn_track_kind kind, unsigned index, const char *name,
	      const struct mn_config *config, struct mip_auth *auth, struct mono_time now)
{
	const struct mn_agent_config *agents = config->agents;

	*track = (struct mn_track){
		.kind = kind,
		.needs_carrier = kind == MN_TRACK_VPN,
		.index = index,
		.agent_count = config->agent_count,
	};
	snprintf(track->name, sizeof(track->name), "%s", name);
	if (kind == MN_TRACK_VPN) {
		if (take_roles_of_vpn(track, config) != 0)
			return -ENOMEM;
		agents = track->agents_config;
	}
	for (unsigned i = 0; i < config->agent_count; i++)
		mn_registration_init(&track->registrations[i], &agents[i], &config->timing, auth);
	mn_policy_init(&track->policy, track->registrations, config->agent_count, &config->detect,
		       now);
	track->policy.duty = MN_DUTY_REST;
	if (kind == MN_TRACK_VPN)
		track->policy.detect.no_i_ha = MN_WHY_BY_VPN;
	return 0;
}

void
mn_track_fini(struct mn_track *track)
{
	/* the keys are copies */
	for (unsigned i = 0; track->agents_config != NULL && i < track->agent_count; i++)
		secret_wipe(&track->agents_config[i].key);
	free(track->agents_config);
	track->agents_config = NULL;
}

void
mn_track_open(struct mn_track *track, struct mn_daemon *daemon)
{
	for (unsigned i = 0; i < track->agent_count; i++) {
		struct mn_instant at = mn_daemon_instant();

		mn_agent_init(&track->agents[i], daemon, track, i, (uint16_t)at.random);
	}
}

void
mn_track_close(struct mn_track *track)
{
	for (unsigned i = 0; i < track->agent_count; i++) {
		if (track->agents[i].daemon != NULL)
			mn_agent_detach(&track->agents[i]);
	}
}

static bool
is_asked_here(const struct mn_track *track, const struct mn_agent *agent)
{
	return track->kind == MN_TRACK_INTERFACE ||
	       agent->daemon->config->agents[agent - track->agents].role == MN_ROLE_I_HA;
}

void
mn_track_attach(struct mn_track *track, const struct attachment *attachment, be32 *care_of)
{
	for (unsigned i = 0; i < track->agent_count; i++) {
		struct mn_agent *agent = &track->agents[i];
		int result;

		care_of[i] = 0;
		if (!is_asked_here(track, agent))
			continue;
		result = mn_agent_attach(agent, attachment);
		/* the address may be gone again already: the next change tells */
		if (result != 0)
			log_warn(-result, "%s: sockets on %s", agent->config->name,
				 attachment->interface);
		else
			care_of[i] = mn_agent_is_home(agent, attachment)
					     ? agent->registration->home_address
					     : attachment->care_of;
	}
}

struct mn_candidate
mn_track_candidate(const struct mn_track *track, unsigned vain_ms, struct mono_time now)
{
	const struct mn_detect *detect = &track->policy.detect;
	struct mn_candidate candidate = {
		.is_vpn = track->kind == MN_TRACK_VPN,
		.needs_carrier = track->needs_carrier,
		.place = detect->place,
		.carries = !track->is_replaced &&
			   (detect->place == MN_PLACE_ASLEEP ||
			    (detect->active >= 0 &&
			     mn_detect_admits(detect, (unsigned)detect->active, now))),
		.is_in_vain = track->policy.duty == MN_DUTY_ASK &&
			      detect->place == MN_PLACE_DETECTING && detect->holding == 0 &&
			      !mono_is_before(now, mono_add_ms(track->asked, vain_ms)),
	};

	for (unsigned i = 0; i < track->agent_count; i++)
		candidate.is_attached |= !track->is_interrupted && !track->is_retired &&
					 track->policy.care_of[i] != 0;
	return candidate;
}

bool
mn_track_is_home(const struct mn_track *track)
{
	int active = mn_track_active(track);

	return active >= 0 && track->registrations[active].is_home;
}

unsigned
mn_track_link_mtu(const struct mn_track *track, const struct mn_agent *agent)
{
	unsigned path_mtu;

	/* no tunnel takes any of it */
	if (agent->registration->is_home)
		return track->attachment.mtu + tunnel_overhead(TUNNEL_IPIP);
	/* the foreign agent's tunnel may be the largest, in UDP, and is not ours to choose */
	if (track->attachment.foreign_agent != 0)
		return track->attachment.mtu -
		       (tunnel_overhead(TUNNEL_UDP_GRE) - tunnel_overhead(TUNNEL_IPIP));
	path_mtu = agent_socket_path_mtu(&agent->socket, agent->registration->home_agent);
	return path_mtu != 0 && path_mtu < track->attachment.mtu ? path_mtu : track->attachment.mtu;
}
