/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_roaming.h"

#include <string.h>

#include "mobile/mn_siblings.h"

void
mn_roaming_init(struct mn_roaming *roaming, const struct mn_config *config, struct mn_track *tracks,
		unsigned count, struct mono_time now)
{
	*roaming = (struct mn_roaming){
		.config = config,
		.tracks = tracks,
		.count = count,
		.carrier = -1,
		.vpn = -1,
		.why = MN_WHY_NOT_ATTACHED,
		.traffic = now,
	};
	mn_moves_stop(&roaming->moves, now);
}

/* A home agent takes a mobile's requests in the order of their timestamps, whichever way they come: those
 * that several tracks make at the same time differ. */
static struct mn_instant
instant_of(const struct mn_instant *at, unsigned index)
{
	struct mn_instant own = *at;

	own.ntp.units += index;
	own.random += index;
	return own;
}

static bool
is_inside(const struct mn_roaming *roaming)
{
	return roaming->carrier >= 0 &&
	       roaming->tracks[roaming->carrier].policy.detect.place == MN_PLACE_INSIDE;
}

/* What has to be said through an x-HA still leaves here, although another one is inside by now. */
static bool
is_kept_for_x_ha(const struct mn_roaming *roaming, const struct mn_track *track)
{
	return roaming->keeps_x_ha && track->is_draining && track->kind == MN_TRACK_INTERFACE &&
	       is_inside(roaming);
}

/* Gives a track its duty. One that drains keeps what it has until that is over. */
static void
give_duty(struct mn_roaming *roaming, unsigned index, enum mn_duty duty,
	  const struct mn_instant *at, struct mn_effects *effects)
{
	struct mn_track *track = &roaming->tracks[index];
	struct mn_instant own = instant_of(at, index);
	bool is_void = track->is_replaced;

	if (track->is_interrupted)
		return;
	if (track->is_draining && (int)index != roaming->carrier && (int)index != roaming->vpn &&
	    (mono_is_before(at->mono, track->drained) || is_kept_for_x_ha(roaming, track)) &&
	    !(is_void && duty == MN_DUTY_ASK))
		return;
	track->is_draining = track->is_replaced = false;
	if (is_void)
		(void)mn_policy_assign(&track->policy, MN_DUTY_REST, &own, effects->bits[index]);
	if (track->policy.duty == duty)
		return;
	if (duty < track->policy.duty)
		mn_siblings_doubt(roaming, track, false);
	track->asked = at->mono;
	(void)mn_policy_assign(&track->policy, duty, &own, effects->bits[index]);
	(void)mn_policy_settle(&track->policy, &own, effects->bits[index]);
}

/* The old carrier goes on receiving, if it can. */
static void
drain(struct mn_roaming *roaming, const struct mn_candidate *old_state, int old,
      const struct mn_instant *at)
{
	struct mn_track *track = &roaming->tracks[old];
	const struct mn_track *now = &roaming->tracks[roaming->carrier];
	int active = mn_track_active(track);

	if (!old_state->carries || active < 0)
		return;
	track->is_draining = true;
	track->drained = mono_add_ms(at->mono, roaming->config->timing.drain_ms);
	track->is_replaced = mn_registration_carries(&now->registrations[active]) &&
			     !mn_siblings_were_kept(&now->registrations[active]);
}

static enum mn_why
why_nobody(const struct mn_roaming *roaming)
{
	for (unsigned t = 0; t < roaming->count; t++) {
		enum mn_why why = roaming->tracks[t].policy.detect.why;

		if (why != MN_WHY_NOT_ATTACHED && why != MN_WHY_READY)
			return why;
	}
	return MN_WHY_NOT_ATTACHED;
}

static be32
care_of_track(const struct mn_roaming *roaming, const struct mn_track *track)
{
	for (unsigned i = 0; i < roaming->config->agent_count; i++) {
		if (track->policy.care_of[i] != 0)
			return track->policy.care_of[i];
	}
	return 0;
}

/* With a VPN, what an x-HA carries outside is the VPN's own. */
static bool
passes(const struct mn_roaming *roaming)
{
	bool has_vpn =
		roaming->count > 0 && roaming->tracks[roaming->count - 1].kind == MN_TRACK_VPN;

	if (roaming->vpn >= 0)
		return true;
	return roaming->carrier >= 0 &&
	       (!has_vpn || roaming->place == MN_PLACE_INSIDE || roaming->place == MN_PLACE_ASLEEP);
}

/* Where the mobile is, and why, by the track that tells. */
static const struct mn_track *
note_place(struct mn_roaming *roaming)
{
	int index = roaming->carrier >= 0 ? roaming->carrier : roaming->vpn;
	const struct mn_track *track = index >= 0 ? &roaming->tracks[index] : NULL;

	roaming->place = track != NULL ? track->policy.detect.place : MN_PLACE_UNKNOWN;
	roaming->why = track != NULL ? track->policy.detect.why : why_nobody(roaming);
	return track;
}

/* Notes where user data passes since now, for the operator. */
static void
note_move(struct mn_roaming *roaming, struct mono_time now)
{
	const struct mn_track *track = note_place(roaming);
	struct mn_move move = {.place = roaming->place, .why = roaming->why, .opened = now};
	const struct mn_move *last;

	if (!passes(roaming)) {
		mn_moves_stop(&roaming->moves, now);
		return;
	}
	if (roaming->place == MN_PLACE_ASLEEP)
		return;
	move.mode = mn_roaming_mode(roaming, NULL);
	move.care_of = care_of_track(roaming, track);
	memcpy(move.interface, track->name, sizeof(move.interface));
	last = mn_moves_last(&roaming->moves);
	if (!roaming->moves.is_interrupted && last != NULL && last->mode == move.mode &&
	    last->care_of == move.care_of && strcmp(last->interface, move.interface) == 0)
		return;
	(void)mn_moves_open(&roaming->moves, &move);
}

static void
elect(struct mn_roaming *roaming, struct mono_time now, struct mn_candidate *candidates,
      struct mn_election *election)
{
	for (unsigned t = 0; t < roaming->count; t++)
		candidates[t] = mn_track_candidate(&roaming->tracks[t],
						   roaming->config->timing.failover_ms, now);
	mn_elect(candidates, roaming->count, election);
}

/* Home agents are to have the binding that is used, and no other. */
static void
renew_stale(struct mn_roaming *roaming, const struct mn_instant *at, struct mn_effects *effects)
{
	int tracks[MN_AGENTS_MAX];

	for (unsigned i = 0; i < roaming->config->agent_count; i++)
		tracks[i] = mn_siblings_resolve(roaming, i);
	mn_siblings_mark(roaming);
	for (unsigned i = 0; i < roaming->config->agent_count; i++) {
		if (tracks[i] < 0)
			continue;
		/* after all others, also after the goodbye of another track, which must not be the last word */
		struct mn_instant own = instant_of(at, roaming->count);

		effects->bits[tracks[i]][i] |=
			mn_registration_renew(&roaming->tracks[tracks[i]].registrations[i], &own);
	}
}

void
mn_roaming_settle(struct mn_roaming *roaming, const struct mn_instant *at,
		  struct mn_effects *effects)
{
	struct mn_candidate candidates[MN_TRACKS_MAX];
	struct mn_election election;
	int old = roaming->carrier, old_vpn = roaming->vpn;

	mn_siblings_forget(roaming, effects);
	mn_siblings_mark(roaming);
	for (unsigned t = 0; t < roaming->count; t++) {
		struct mn_instant own = instant_of(at, t);

		(void)mn_policy_settle(&roaming->tracks[t].policy, &own, effects->bits[t]);
	}
	elect(roaming, at->mono, candidates, &election);
	roaming->carrier = election.carrier;
	roaming->vpn = election.vpn;
	if (old >= 0 && election.carrier >= 0 && old != election.carrier)
		drain(roaming, &candidates[old], old, at);
	if (old_vpn >= 0 && election.vpn < 0 && election.carrier >= 0)
		drain(roaming, &candidates[old_vpn], old_vpn, at);
	renew_stale(roaming, at, effects);
	for (unsigned t = 0; t < roaming->count; t++)
		give_duty(roaming, t, election.duties[t], at, effects);
	note_move(roaming, at->mono);
}

void
mn_roaming_interrupt(struct mn_roaming *roaming, unsigned index, const struct mn_instant *at,
		     struct mn_effects *effects)
{
	struct mn_track *track = &roaming->tracks[index];

	mn_siblings_doubt(roaming, track, true);
	track->is_interrupted = true;
	track->changed = at->mono;
	track->is_draining = track->is_replaced = false;
	(void)mn_policy_interrupt(&track->policy, at->mono);
	mn_roaming_settle(roaming, at, effects);
}

void
mn_roaming_move(struct mn_roaming *roaming, unsigned index, const be32 *care_of,
		const struct mn_instant *at, struct mn_effects *effects)
{
	struct mn_track *track = &roaming->tracks[index];
	struct mn_instant own = instant_of(at, index);
	struct mn_candidate candidates[MN_TRACKS_MAX];
	struct mn_election election;

	(void)mn_policy_interrupt(&track->policy, at->mono);
	track->is_interrupted = track->is_draining = track->is_replaced = false;
	track->changed = at->mono;
	memcpy(track->policy.care_of, care_of, sizeof(track->policy.care_of));
	/* what it may ask is to be known before it asks */
	elect(roaming, at->mono, candidates, &election);
	track->policy.duty = election.duties[index];
	track->asked = at->mono;
	mn_siblings_mark(roaming);
	(void)mn_policy_move(&track->policy, care_of, &own, effects->bits[index]);
	mn_roaming_settle(roaming, at, effects);
}

/* Registrations of a track whose time stands still: they neither renew nor repeat. */
static bool
is_suspended(const struct mn_track *track)
{
	return track->is_draining || track->is_interrupted;
}

void
mn_roaming_tick(struct mn_roaming *roaming, const struct mn_instant *at, struct mn_effects *effects)
{
	mn_siblings_mark(roaming);
	for (unsigned t = 0; t < roaming->count; t++) {
		struct mn_track *track = &roaming->tracks[t];
		struct mn_instant own = instant_of(at, t);

		if (roaming->config->detect.idle && !is_suspended(track))
			(void)mn_policy_doze(&track->policy, roaming->traffic, &own,
					     effects->bits[t]);
		for (unsigned i = 0; i < roaming->config->agent_count && !is_suspended(track); i++)
			effects->bits[t][i] |= mn_registration_tick(&track->registrations[i], &own);
	}
}

bool
mn_roaming_traffic(struct mn_roaming *roaming, struct mono_time now)
{
	roaming->traffic = now;
	return roaming->carrier >= 0 &&
	       mn_policy_is_dozing(&roaming->tracks[roaming->carrier].policy);
}

void
mn_roaming_wake(struct mn_roaming *roaming, const struct mn_instant *at, struct mn_effects *effects)
{
	unsigned index = (unsigned)roaming->carrier;
	struct mn_instant own = instant_of(at, index);

	if (roaming->carrier < 0)
		return;
	mn_siblings_mark(roaming);
	(void)mn_policy_wake(&roaming->tracks[index].policy, &own, effects->bits[index]);
	mn_roaming_settle(roaming, at, effects);
}

void
mn_roaming_keep_x_ha(struct mn_roaming *roaming, bool keeps, const struct mn_instant *at,
		     struct mn_effects *effects)
{
	roaming->keeps_x_ha = keeps;
	for (unsigned t = 0; t < roaming->count; t++) {
		struct mn_instant own = instant_of(at, t);

		mn_policy_keep_x_ha(&roaming->tracks[t].policy, keeps, &own, effects->bits[t]);
	}
	mn_roaming_settle(roaming, at, effects);
}

void
mn_roaming_stop(struct mn_roaming *roaming, const struct mn_instant *at, struct mn_effects *effects)
{
	for (unsigned t = 0; t < roaming->count; t++) {
		struct mn_track *track = &roaming->tracks[t];
		struct mn_instant own = instant_of(at, t);

		track->is_draining = track->is_interrupted = false;
		for (unsigned i = 0; i < roaming->config->agent_count; i++)
			effects->bits[t][i] |= mn_registration_stop(&track->registrations[i], &own);
	}
}

bool
mn_roaming_is_stopped(const struct mn_roaming *roaming)
{
	for (unsigned t = 0; t < roaming->count; t++) {
		for (unsigned i = 0; i < roaming->config->agent_count; i++) {
			if (roaming->tracks[t].registrations[i].state == MN_DEREGISTERING)
				return false;
		}
	}
	return true;
}

static void
take_earlier(struct mono_time candidate, struct mono_time *when)
{
	if (mono_is_before(candidate, *when))
		*when = candidate;
}

struct mono_time
mn_roaming_deadline(const struct mn_roaming *roaming, struct mono_time now)
{
	struct mono_time next = {UINT64_MAX}, when;

	for (unsigned t = 0; t < roaming->count; t++) {
		const struct mn_track *track = &roaming->tracks[t];
		struct mono_time vain =
			mono_add_ms(track->asked, roaming->config->timing.failover_ms);

		for (unsigned i = 0; i < roaming->config->agent_count && !is_suspended(track);
		     i++) {
			if (mn_registration_deadline(&track->registrations[i], &when))
				take_earlier(when, &next);
		}
		if (mn_policy_deadline(&track->policy, &when))
			take_earlier(when, &next);
		if (track->is_draining && !is_kept_for_x_ha(roaming, track))
			take_earlier(track->drained, &next);
		if (track->policy.detect.place == MN_PLACE_DETECTING && mono_is_before(now, vain))
			take_earlier(vain, &next);
	}
	return next;
}

int
mn_roaming_sender(const struct mn_roaming *roaming, unsigned agent, struct mono_time now)
{
	const int order[] = {roaming->carrier, roaming->vpn};

	for (unsigned i = 0; i < ARRAY_COUNT(order); i++) {
		if (order[i] >= 0 &&
		    mn_policy_admits(&roaming->tracks[order[i]].policy, agent, now))
			return order[i];
	}
	for (unsigned t = 0; t < roaming->count; t++) {
		const struct mn_track *track = &roaming->tracks[t];

		if (roaming->config->agents[agent].role == MN_ROLE_X_HA &&
		    is_kept_for_x_ha(roaming, track) &&
		    mn_policy_admits(&track->policy, agent, now))
			return (int)t;
	}
	return -1;
}

bool
mn_roaming_is_open(const struct mn_roaming *roaming, struct mono_time now)
{
	for (unsigned i = 0; i < roaming->config->agent_count; i++) {
		if (mn_roaming_sender(roaming, i, now) >= 0)
			return true;
	}
	return false;
}

int
mn_roaming_releaser(const struct mn_roaming *roaming, unsigned agent, struct mono_time held,
		    struct mono_time now)
{
	int track = mn_roaming_sender(roaming, agent, now);

	return track >= 0 && !mono_is_before(held, roaming->tracks[track].changed) ? track : -1;
}

bool
mn_roaming_admits(const struct mn_roaming *roaming, const struct mn_track *track, unsigned agent,
		  struct mono_time now)
{
	return (track->is_draining || (int)track->index == roaming->carrier ||
		(int)track->index == roaming->vpn) &&
	       mn_policy_admits(&track->policy, agent, now);
}

be32
mn_roaming_home(const struct mn_roaming *roaming, unsigned agent)
{
	for (unsigned t = 0; t < roaming->count; t++) {
		be32 home = roaming->tracks[t].registrations[agent].home_address;

		if (home != 0)
			return home;
	}
	return 0;
}

int
mn_roaming_active(const struct mn_roaming *roaming)
{
	int track = roaming->vpn >= 0 ? roaming->vpn : roaming->carrier;

	return track >= 0 ? mn_track_active(&roaming->tracks[track]) : -1;
}

enum mn_mode
mn_roaming_mode(const struct mn_roaming *roaming, const struct mn_track *track)
{
	const struct mn_track *below =
		roaming->carrier >= 0 ? &roaming->tracks[roaming->carrier] : NULL;
	enum mn_access access = MN_ACCESS_CO_LOCATED;
	bool is_vpn = roaming->vpn >= 0;
	enum mn_mode mode;

	if (track != NULL && track->kind == MN_TRACK_INTERFACE && track != below)
		return MN_MODE_NONE;
	if (track != NULL && track->kind == MN_TRACK_VPN && !is_vpn)
		return MN_MODE_NONE;
	if (is_vpn && !roaming->tracks[roaming->vpn].needs_carrier)
		return MN_MODE_MC;
	if (below != NULL && mn_track_is_home(below))
		access = MN_ACCESS_HOME;
	else if (below != NULL && below->is_foreign)
		access = MN_ACCESS_FOREIGN;
	mode = mn_mode_of(below != NULL ? below->policy.detect.place : MN_PLACE_UNKNOWN, access,
			  is_vpn);
	return mode == MN_MODE_HOME && !passes(roaming) ? MN_MODE_NONE : mode;
}
