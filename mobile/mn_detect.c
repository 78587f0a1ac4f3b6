/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_detect.h"

const char *
mn_place_name(enum mn_place place)
{
	static const char *const names[MN_PLACE_COUNT] = {
		"unknown", "detecting", "inside", "outside", "asleep",
	};

	return (unsigned)place < MN_PLACE_COUNT ? names[place] : "unknown";
}

const char *
mn_why_text(enum mn_why why)
{
	static const char *const texts[MN_WHY_COUNT] = {
		"no interface leads to a home agent",
		"link or address has just changed",
		"the home agents are being asked",
		"an x-HA accepted; an i-HA has until the end of the detection period",
		"an i-HA accepted through this interface, with the proof of being inside (TNC)",
		"an i-HA answered without the proof of being inside (TNC)",
		"no i-HA has given a valid answer",
		"the i-HA has the address of an x-HA, so its answer proves nothing",
		"no i-HA is configured",
		"an i-HA accepted through the VPN",
		"the i-HA did not confirm within T_MONITOR or the lifetime",
		"the i-HA took its proof of being inside back",
		"the x-HA does not serve any more",
		"no traffic: the i-HA is not asked until there is some",
		"ready; another interface carries user data",
	};

	return (unsigned)why < MN_WHY_COUNT ? texts[why] : "unknown";
}

void
mn_detect_init(struct mn_detect *detect, unsigned x_ha_bits, unsigned i_ha_bits, unsigned period_ms,
	       struct mono_time now)
{
	*detect = (struct mn_detect){
		.x_ha_bits = x_ha_bits,
		.i_ha_bits = i_ha_bits,
		.period_ms = period_ms,
		.no_i_ha = MN_WHY_NO_I_HA,
		.place = MN_PLACE_UNKNOWN,
		.why = MN_WHY_NOT_ATTACHED,
		.since = now,
		.active = -1,
	};
}

static bool
carries_data(enum mn_place place)
{
	return place == MN_PLACE_INSIDE || place == MN_PLACE_OUTSIDE;
}

/* Goes to `place`; a place that is not new only gets the reason. */
static void
enter(struct mn_detect *detect, enum mn_place place, enum mn_why why, struct mono_time now)
{
	if (detect->place != place)
		detect->since = now;
	detect->place = place;
	detect->why = why;
}

/* All that was concluded is void; when there is a way to the home agents, they are asked. */
static void
begin(struct mn_detect *detect, enum mn_place place, enum mn_why why, struct mono_time now)
{
	detect->holding = 0;
	detect->is_answered = false;
	detect->wait = mono_add_ms(now, detect->period_ms);
	enter(detect, place, why, now);
}

static void
judge_outside(struct mn_detect *detect, struct mono_time now)
{
	if (detect->i_ha_bits == 0)
		enter(detect, MN_PLACE_OUTSIDE, detect->no_i_ha, now);
	else if (detect->is_answered)
		enter(detect, MN_PLACE_OUTSIDE, detect->no_proof, now);
	else if (detect->place == MN_PLACE_OUTSIDE || !mono_is_before(now, detect->wait))
		enter(detect, MN_PLACE_OUTSIDE, MN_WHY_NO_ANSWER, now);
	else
		enter(detect, MN_PLACE_DETECTING, MN_WHY_WAITING, now);
}

/* RFC 5265 section 3.3: a proof always decides; an x-HA's acceptance does when there is none.
 * `loss` is why the registration that served until now does so no longer. */
static unsigned
judge(struct mn_detect *detect, enum mn_why loss, struct mono_time now)
{
	unsigned actions = 0;

	if (detect->place == MN_PLACE_UNKNOWN || detect->place == MN_PLACE_ASLEEP)
		return 0;
	if ((detect->holding & detect->i_ha_bits) != 0) {
		if (detect->place != MN_PLACE_INSIDE)
			actions |= MN_ACTION_LEAVE_X_HA;
		detect->holding &= detect->i_ha_bits;
		enter(detect, MN_PLACE_INSIDE, MN_WHY_PROVED, now);
	} else if (detect->place == MN_PLACE_INSIDE) {
		bool is_answered = detect->is_answered;

		begin(detect, MN_PLACE_DETECTING, loss, now);
		detect->is_answered = is_answered;
		actions |= MN_ACTION_ASK_X_HA;
	} else if (detect->holding != 0) {
		judge_outside(detect, now);
	} else if (detect->place == MN_PLACE_OUTSIDE) {
		enter(detect, MN_PLACE_DETECTING, MN_WHY_X_HA_LOST, now);
	}
	return actions;
}

static void
drop_expired(struct mn_detect *detect, struct mono_time now)
{
	for (unsigned i = 0; i < 32; i++) {
		if ((detect->holding & 1u << i) != 0 && !mono_is_before(now, detect->until[i]))
			detect->holding &= ~(1u << i);
	}
}

static void
accept(struct mn_detect *detect, const struct mn_detect_event *event)
{
	/* inside, the x-HAs were told to stop: what they say is about that */
	if (detect->place == MN_PLACE_UNKNOWN || detect->place == MN_PLACE_ASLEEP ||
	    (detect->place == MN_PLACE_INSIDE && (detect->i_ha_bits & 1u << event->agent) == 0))
		return;
	detect->holding |= 1u << event->agent;
	if ((detect->i_ha_bits & 1u << event->agent) != 0)
		detect->is_answered = false;
	detect->until[event->agent] = event->until;
}

static void
take_unproved(struct mn_detect *detect, unsigned agent, enum mn_why why)
{
	detect->holding &= ~(1u << agent);
	if (detect->place == MN_PLACE_UNKNOWN)
		return;
	detect->is_answered = true;
	detect->no_proof = why;
}

/* The registration that new sessions use; it stays while it can. */
static void
choose_active(struct mn_detect *detect)
{
	if (!carries_data(detect->place)) {
		detect->active = -1;
		return;
	}
	if (detect->active >= 0 && (detect->holding & 1u << detect->active) != 0)
		return;
	detect->active = __builtin_ctz(detect->holding);
}

static unsigned
take(struct mn_detect *detect, const struct mn_detect_event *event, struct mono_time now)
{
	enum mn_why loss = MN_WHY_MONITOR_EXPIRED;
	unsigned actions = 0;

	switch (event->kind) {
	case MN_DETECT_CHANGED:
		begin(detect, MN_PLACE_UNKNOWN, MN_WHY_CHANGED, now);
		return 0;
	case MN_DETECT_DETACHED:
		begin(detect, MN_PLACE_UNKNOWN, MN_WHY_NOT_ATTACHED, now);
		return MN_ACTION_ASK_ALL;
	case MN_DETECT_ATTACHED:
		begin(detect, MN_PLACE_DETECTING, MN_WHY_ASKING, now);
		return MN_ACTION_ASK_ALL;
	case MN_DETECT_RESTED:
		begin(detect, MN_PLACE_UNKNOWN, MN_WHY_READY, now);
		return 0;
	case MN_DETECT_ACCEPTED:
		accept(detect, event);
		break;
	case MN_DETECT_NOT_PROVED:
		take_unproved(detect, event->agent, MN_WHY_NOT_PROVED);
		loss = MN_WHY_REFUSED;
		break;
	case MN_DETECT_SAME_ADDRESS:
		take_unproved(detect, event->agent, MN_WHY_SAME_ADDRESS);
		loss = MN_WHY_SAME_ADDRESS;
		break;
	case MN_DETECT_LOST:
		detect->holding &= ~(1u << event->agent);
		loss = mono_is_before(now, detect->until[event->agent]) ? MN_WHY_REFUSED
									: MN_WHY_MONITOR_EXPIRED;
		break;
	case MN_DETECT_SLEPT:
		if (detect->place == MN_PLACE_INSIDE)
			begin(detect, MN_PLACE_ASLEEP, MN_WHY_IDLE, now);
		return 0;
	case MN_DETECT_WOKEN:
		if (detect->place == MN_PLACE_ASLEEP)
			begin(detect, MN_PLACE_DETECTING, MN_WHY_ASKING, now);
		return 0;
	case MN_DETECT_TICK:
		break;
	}
	drop_expired(detect, now);
	actions |= judge(detect, loss, now);
	return actions;
}

unsigned
mn_detect_step(struct mn_detect *detect, const struct mn_detect_event *event, struct mono_time now)
{
	enum mn_place before = detect->place;
	unsigned actions = take(detect, event, now);

	choose_active(detect);
	if (carries_data(before) && detect->place != before)
		actions |= MN_ACTION_STOP_DATA;
	if (carries_data(detect->place) && detect->place != before)
		actions |= MN_ACTION_OPEN_DATA;
	return actions;
}

static void
take_earlier(struct mono_time candidate, bool *is_set, struct mono_time *when)
{
	if (candidate.ns == UINT64_MAX || (*is_set && !mono_is_before(candidate, *when)))
		return;
	*when = candidate;
	*is_set = true;
}

bool
mn_detect_deadline(const struct mn_detect *detect, struct mono_time *when)
{
	bool is_set = false;

	for (unsigned i = 0; i < 32; i++) {
		if ((detect->holding & 1u << i) != 0)
			take_earlier(detect->until[i], &is_set, when);
	}
	if (detect->place == MN_PLACE_DETECTING && detect->holding != 0)
		take_earlier(detect->wait, &is_set, when);
	return is_set;
}

bool
mn_detect_admits(const struct mn_detect *detect, unsigned agent, struct mono_time now)
{
	unsigned bits;

	if (!carries_data(detect->place))
		return false;
	bits = detect->place == MN_PLACE_INSIDE ? detect->i_ha_bits : detect->x_ha_bits;
	return (detect->holding & bits & 1u << agent) != 0 &&
	       mono_is_before(now, detect->until[agent]);
}
