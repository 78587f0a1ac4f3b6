/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_siblings.h"

static bool
is_bound(const struct mn_track *track, unsigned agent)
{
	return !track->is_interrupted && !track->is_replaced &&
	       mn_registration_carries(&track->registrations[agent]);
}

void
mn_siblings_mark(struct mn_roaming *roaming)
{
	for (unsigned i = 0; i < roaming->config->agent_count; i++) {
		unsigned bound = 0;

		for (unsigned t = 0; t < roaming->count; t++)
			bound += is_bound(&roaming->tracks[t], i);
		for (unsigned t = 0; t < roaming->count; t++)
			roaming->tracks[t].registrations[i].has_sibling =
				bound > is_bound(&roaming->tracks[t], i);
	}
}

bool
mn_siblings_were_kept(const struct mn_registration *registration)
{
	return registration->requested.simultaneous && registration->last_code == MIP_CODE_ACCEPTED;
}

void
mn_siblings_forget(struct mn_roaming *roaming, const struct mn_effects *effects)
{
	for (unsigned t = 0; t < roaming->count; t++) {
		for (unsigned i = 0; i < roaming->config->agent_count; i++) {
			const struct mn_registration *registration =
				&roaming->tracks[t].registrations[i];

			if ((effects->bits[t][i] & MN_CHANGED) == 0 ||
			    !mn_registration_carries(registration) ||
			    mn_siblings_were_kept(registration))
				continue;
			for (unsigned u = 0; u < roaming->count; u++) {
				if (u != t)
					roaming->tracks[u].registrations[i].bound_care_of = 0;
			}
		}
	}
}

void
mn_roaming_learn(struct mn_roaming *roaming, const struct mn_track *track, unsigned agent)
{
	const struct mn_registration *from = &track->registrations[agent];

	for (unsigned t = 0; t < roaming->count; t++) {
		struct mn_registration *to = &roaming->tracks[t].registrations[agent];

		if (to == from)
			continue;
		to->nonce = from->nonce;
		if (to->clock_offset_sec != from->clock_offset_sec)
			to->last_id = 0;
		to->clock_offset_sec = from->clock_offset_sec;
		if (from->home_address != 0)
			to->home_address = from->home_address;
		if (!to->is_pending && !mn_registration_carries(to))
			to->home_agent = from->home_agent;
	}
}

void
mn_siblings_doubt(const struct mn_roaming *roaming, struct mn_track *track)
{
	for (unsigned i = 0; i < roaming->config->agent_count; i++) {
		const struct mn_registration *registration = &track->registrations[i];

		if (registration->is_pending && (registration->state == MN_REGISTERING ||
						 registration->state == MN_DEREGISTERING))
			track->doubts |= 1u << i;
	}
}

void
mn_siblings_lose(const struct mn_roaming *roaming, struct mn_track *track)
{
	for (unsigned i = 0; i < roaming->config->agent_count; i++) {
		if (track->registrations[i].bound_care_of != 0)
			track->doubts |= 1u << i;
	}
}

void
mn_siblings_resolve(struct mn_roaming *roaming)
{
	for (unsigned t = 0; t < roaming->count; t++) {
		struct mn_track *track = &roaming->tracks[t];

		for (unsigned i = 0; i < roaming->config->agent_count; i++) {
			if ((track->doubts & 1u << i) == 0 ||
			    track->registrations[i].state == MN_DEREGISTERING)
				continue;
			track->doubts &= ~(1u << i);
			if (roaming->carrier >= 0 && roaming->carrier != (int)t)
				roaming->tracks[roaming->carrier].registrations[i].is_doubted =
					true;
		}
	}
}
