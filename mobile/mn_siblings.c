/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_siblings.h"

#include "lib/types.h"

static bool
is_bound(const struct mn_track *track, unsigned agent)
{
	return !track->is_interrupted && !track->is_replaced &&
	       mn_registration_carries(&track->registrations[agent]);
}

/* The track whose binding with `agent` has to stay; -1: none. */
static int
holder_of(const struct mn_roaming *roaming, unsigned agent)
{
	const int order[] = {roaming->carrier, roaming->vpn};

	for (unsigned i = 0; i < ARRAY_COUNT(order); i++) {
		if (order[i] >= 0 && is_bound(&roaming->tracks[order[i]], agent))
			return order[i];
	}
	return -1;
}

/* The same, or the VPN's track while its x-HA is asked: what waits may leave there before the i-HA's answer comes. */
static int
keeper_of(const struct mn_roaming *roaming, unsigned agent)
{
	int holder = holder_of(roaming, agent);

	for (unsigned t = 0; t < roaming->count && holder < 0; t++) {
		if (roaming->tracks[t].kind == MN_TRACK_VPN && is_bound(&roaming->tracks[t], agent))
			holder = (int)t;
	}
	return holder;
}

/* No request that is under way can help. */
static void
become_stale(struct mn_roaming *roaming, unsigned agent)
{
	roaming->is_stale[agent] = true;
	for (unsigned t = 0; t < roaming->count; t++)
		roaming->tracks[t].registrations[agent].sweeps = false;
}

void
mn_siblings_mark(struct mn_roaming *roaming)
{
	for (unsigned i = 0; i < roaming->config->agent_count; i++) {
		int keeper = keeper_of(roaming, i);
		unsigned bound = 0;

		for (unsigned t = 0; t < roaming->count; t++)
			bound += is_bound(&roaming->tracks[t], i);
		for (unsigned t = 0; t < roaming->count; t++) {
			struct mn_registration *registration = &roaming->tracks[t].registrations[i];

			registration->has_sibling = bound > is_bound(&roaming->tracks[t], i);
			registration->must_sweep =
				roaming->is_stale[i] && (keeper < 0 || keeper == (int)t);
		}
	}
}

bool
mn_siblings_were_kept(const struct mn_registration *registration)
{
	return registration->requested.simultaneous && registration->last_code == MIP_CODE_ACCEPTED;
}

/* The home agent has no other binding than that of track `t`. */
static void
forget_others(struct mn_roaming *roaming, unsigned t, unsigned agent)
{
	if (roaming->tracks[t].registrations[agent].sweeps)
		roaming->is_stale[agent] = false;
	for (unsigned u = 0; u < roaming->count; u++) {
		if (u != t)
			roaming->tracks[u].registrations[agent].bound_care_of = 0;
	}
}

void
mn_siblings_forget(struct mn_roaming *roaming, const struct mn_effects *effects)
{
	for (unsigned t = 0; t < roaming->count; t++) {
		for (unsigned i = 0; i < roaming->config->agent_count; i++) {
			const struct mn_registration *registration =
				&roaming->tracks[t].registrations[i];

			if ((effects->bits[t][i] & MN_CHANGED) != 0 &&
			    mn_registration_carries(registration) &&
			    !mn_siblings_were_kept(registration))
				forget_others(roaming, t, i);
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
mn_siblings_doubt(struct mn_roaming *roaming, const struct mn_track *track, bool is_lost)
{
	for (unsigned i = 0; i < roaming->config->agent_count; i++) {
		const struct mn_registration *registration = &track->registrations[i];

		if ((registration->is_pending && registration->state == MN_REGISTERING) ||
		    (is_lost && registration->bound_care_of != 0))
			become_stale(roaming, i);
	}
}

/* Whoever said goodbye in vain has left a binding behind. */
static bool
has_left_any(struct mn_roaming *roaming, unsigned agent)
{
	bool result = false;

	for (unsigned t = 0; t < roaming->count; t++) {
		struct mn_registration *registration = &roaming->tracks[t].registrations[agent];

		if (registration->state != MN_STOPPED || registration->bound_care_of == 0)
			continue;
		registration->bound_care_of = 0;
		result = true;
	}
	return result;
}

/* Another track has just asked, and the answer may come any moment: a sweep that is sent now may reach the home agent
 * after that request, and undo what the answer says. It can wait for the answer, or the first repetition. */
static bool
is_being_asked(const struct mn_roaming *roaming, unsigned holder, unsigned agent)
{
	for (unsigned t = 0; t < roaming->count; t++) {
		const struct mn_registration *registration =
			&roaming->tracks[t].registrations[agent];

		if (t != holder && !roaming->tracks[t].is_interrupted && registration->is_pending &&
		    registration->state == MN_REGISTERING && registration->attempts == 1)
			return true;
	}
	return false;
}

int
mn_siblings_resolve(struct mn_roaming *roaming, unsigned agent)
{
	int holder = holder_of(roaming, agent);
	const struct mn_registration *registration;

	if (has_left_any(roaming, agent))
		become_stale(roaming, agent);
	if (holder < 0)
		return -1;
	registration = &roaming->tracks[holder].registrations[agent];
	if (registration->bound_care_of == 0 && !roaming->is_stale[agent])
		become_stale(roaming, agent);
	if (!roaming->is_stale[agent] || registration->sweeps ||
	    is_being_asked(roaming, (unsigned)holder, agent))
		return -1;
	return holder;
}
