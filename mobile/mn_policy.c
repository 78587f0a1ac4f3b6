/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_policy.h"

#include <string.h>

#include "lib/wire_mip.h"

static bool
is_i_ha(const struct mn_registration *registration)
{
	return registration->config->role == MN_ROLE_I_HA;
}

void
mn_policy_init(struct mn_policy *policy, struct mn_registration *registrations, unsigned count,
	       const struct mn_detect_config *config, struct mono_time now)
{
	unsigned bits[2] = {0};

	for (unsigned i = 0; i < count; i++)
		bits[is_i_ha(&registrations[i])] |= 1u << i;
	*policy = (struct mn_policy){
		.registrations = registrations,
		.count = count,
		.duty = MN_DUTY_ASK,
		.hint_ms = config->hints.period_ms,
	};
	mn_detect_init(&policy->detect, bits[0], bits[1], config->period_ms, now);
}

/* Redirection and discovery can lead to what the configuration may not say. */
static bool
has_address_of_x_ha(const struct mn_policy *policy, const struct mn_registration *i_ha)
{
	for (unsigned i = 0; i < policy->count; i++) {
		const struct mn_registration *other = &policy->registrations[i];

		if (!is_i_ha(other) && other->home_agent == i_ha->home_agent)
			return true;
	}
	return false;
}

/* What the detection has to know of registration `index`, which had these effects. False: nothing. */
static bool
describe(const struct mn_policy *policy, unsigned index, unsigned effects,
	 struct mn_detect_event *event)
{
	const struct mn_registration *registration = &policy->registrations[index];

	*event = (struct mn_detect_event){.agent = index};
	if ((effects & MN_UNPROVED) != 0) {
		event->kind = MN_DETECT_NOT_PROVED;
		return true;
	}
	if ((effects & MN_CHANGED) == 0)
		return false;
	event->until = registration->grant.expires;
	event->kind = MN_DETECT_ACCEPTED;
	if (mn_registration_carries(registration) && is_i_ha(registration) &&
	    has_address_of_x_ha(policy, registration))
		event->kind = MN_DETECT_SAME_ADDRESS;
	else if (!mn_registration_carries(registration))
		event->kind = MN_DETECT_LOST;
	return true;
}

static bool
is_asked(const struct mn_policy *policy, unsigned index)
{
	if (is_i_ha(&policy->registrations[index]))
		return policy->duty != MN_DUTY_REST;
	return policy->duty == MN_DUTY_ASK && !policy->is_deferred;
}

/* Takes up a registration that is not under way. */
static unsigned
ask(struct mn_policy *policy, unsigned index, const struct mn_instant *at)
{
	struct mn_registration *registration = &policy->registrations[index];

	if (registration->state == MN_REGISTERING || registration->state == MN_REGISTERED)
		return 0;
	return mn_registration_move(registration, policy->care_of[index], at);
}

/* One step of the detection, and what it means for the registrations. */
static unsigned
step(struct mn_policy *policy, const struct mn_detect_event *event, const struct mn_instant *at,
     unsigned *effects)
{
	unsigned actions = mn_detect_step(&policy->detect, event, at->mono);
	bool another_serves =
		policy->detect.place == MN_PLACE_OUTSIDE || policy->duty == MN_DUTY_PROBE;

	/* what was inside is so no longer: the hint was worth nothing */
	policy->is_deferred &= (actions & MN_ACTION_ASK_X_HA) == 0;
	for (unsigned i = 0; i < policy->count; i++) {
		struct mn_registration *registration = &policy->registrations[i];

		if (is_i_ha(registration)) {
			mn_registration_set_patience(registration, another_serves);
			continue;
		}
		/* RFC 5265 section 3.3: nothing is repeated to an x-HA any more, in any case */
		if ((actions & MN_ACTION_LEAVE_X_HA) != 0 && policy->keeps_x_ha)
			mn_registration_hold(registration);
		else if ((actions & MN_ACTION_LEAVE_X_HA) != 0)
			effects[i] |= mn_registration_stop(registration, at);
		/* the inside is lost; one that was kept may be silent, or was heard when that did not count */
		if ((actions & MN_ACTION_ASK_X_HA) != 0 && is_asked(policy, i))
			effects[i] |= mn_registration_move(registration, policy->care_of[i], at);
	}
	return actions;
}

unsigned
mn_policy_interrupt(struct mn_policy *policy, struct mono_time now)
{
	struct mn_detect_event event = {.kind = MN_DETECT_CHANGED};

	return mn_detect_step(&policy->detect, &event, now);
}

/* Everything begins anew, for those who are asked. */
static unsigned
begin(struct mn_policy *policy, const struct mn_instant *at, unsigned *effects)
{
	struct mn_detect_event event = {.kind = MN_DETECT_DETACHED};
	unsigned actions;

	for (unsigned i = 0; i < policy->count; i++) {
		if (policy->care_of[i] != 0)
			event.kind = policy->duty == MN_DUTY_REST ? MN_DETECT_RESTED
								  : MN_DETECT_ATTACHED;
	}
	actions = mn_detect_step(&policy->detect, &event, at->mono);
	policy->is_deferred = policy->is_hinted && policy->detect.i_ha_bits != 0;
	policy->turn = mono_add_ms(at->mono, policy->hint_ms);
	for (unsigned i = 0; i < policy->count; i++)
		effects[i] |=
			mn_registration_move(&policy->registrations[i],
					     is_asked(policy, i) ? policy->care_of[i] : 0, at);
	return actions;
}

unsigned
mn_policy_move(struct mn_policy *policy, const be32 *care_of, const struct mn_instant *at,
	       unsigned *effects)
{
	memcpy(policy->care_of, care_of, policy->count * sizeof(care_of[0]));
	return begin(policy, at, effects);
}

static unsigned
rest(struct mn_policy *policy, const struct mn_instant *at, unsigned *effects)
{
	struct mn_detect_event event = {.kind = MN_DETECT_DETACHED};

	for (unsigned i = 0; i < policy->count; i++) {
		if (policy->care_of[i] != 0)
			event.kind = MN_DETECT_RESTED;
		effects[i] |= mn_registration_stop(&policy->registrations[i], at);
	}
	return mn_detect_step(&policy->detect, &event, at->mono);
}

unsigned
mn_policy_assign(struct mn_policy *policy, enum mn_duty duty, const struct mn_instant *at,
		 unsigned *effects)
{
	enum mn_duty before = policy->duty;
	bool is_inside = policy->detect.place == MN_PLACE_INSIDE;

	policy->duty = duty;
	if (before == duty)
		return 0;
	if (duty == MN_DUTY_REST)
		return rest(policy, at, effects);
	if (before == MN_DUTY_REST)
		return begin(policy, at, effects);
	for (unsigned i = 0; i < policy->count; i++) {
		if (is_i_ha(&policy->registrations[i]))
			continue;
		if (duty == MN_DUTY_PROBE)
			effects[i] |= mn_registration_stop(&policy->registrations[i], at);
		else if (!is_inside && is_asked(policy, i))
			effects[i] |= ask(policy, i, at);
	}
	return 0;
}

void
mn_policy_keep_x_ha(struct mn_policy *policy, bool keeps, const struct mn_instant *at,
		    unsigned *effects)
{
	bool is_over = policy->keeps_x_ha && !keeps && policy->detect.place == MN_PLACE_INSIDE;

	policy->keeps_x_ha = keeps;
	for (unsigned i = 0; i < policy->count && is_over; i++) {
		if (!is_i_ha(&policy->registrations[i]))
			effects[i] |= mn_registration_stop(&policy->registrations[i], at);
	}
}

bool
mn_policy_admits(const struct mn_policy *policy, unsigned agent, struct mono_time now)
{
	const struct mn_registration *registration = &policy->registrations[agent];

	if (mn_detect_admits(&policy->detect, agent, now))
		return true;
	return policy->keeps_x_ha && policy->detect.place == MN_PLACE_INSIDE &&
	       !is_i_ha(registration) && mn_registration_carries(registration) &&
	       mono_is_before(now, registration->grant.expires);
}

/* The x-HAs' turn comes when the i-HAs had theirs, whatever came of it. */
static void
end_deferral(struct mn_policy *policy, const struct mn_instant *at, unsigned *effects)
{
	if (!policy->is_deferred ||
	    (mono_is_before(at->mono, policy->turn) && !policy->detect.is_answered))
		return;
	policy->is_deferred = false;
	for (unsigned i = 0; i < policy->count; i++) {
		if (!is_i_ha(&policy->registrations[i]) && is_asked(policy, i) &&
		    policy->detect.place != MN_PLACE_INSIDE)
			effects[i] |= ask(policy, i, at);
	}
}

/* An i-HA's renewal is left out; T_MONITOR goes on. */
static void
leave_out(struct mn_policy *policy, struct mn_registration *registration, struct mono_time quiet,
	  struct mono_time now)
{
	struct mono_time idle = mono_add_sec(quiet, registration->config->monitor_sec);

	if (registration->is_pending || !registration->is_due_set ||
	    mono_is_before(now, registration->due) || mono_is_before(now, idle) ||
	    !mono_is_before(registration->due, registration->grant.expires))
		return;
	registration->due = registration->grant.expires;
	policy->is_drowsy = true;
}

/* T_MONITOR is over. The binding is still there: an ordinary registration keeps it. */
static unsigned
fall_asleep(struct mn_policy *policy, struct mn_registration *registration)
{
	struct mono_time renewal = mono_add_ms(registration->first_sent,
					       registration->grant.lifetime_sec * 2000ull / 3);

	registration->state = MN_OFFLINE;
	registration->is_due_set = false;
	if (registration->grant.lifetime_sec != MIP_LIFETIME_INFINITE &&
	    mono_is_before(renewal, policy->alarm))
		policy->alarm = renewal;
	return MN_CHANGED;
}

unsigned
mn_policy_doze(struct mn_policy *policy, struct mono_time quiet, const struct mn_instant *at,
	       unsigned *effects)
{
	struct mn_detect_event event = {.kind = MN_DETECT_SLEPT};
	bool is_over = policy->is_drowsy;

	if (policy->detect.place == MN_PLACE_ASLEEP && !mono_is_before(at->mono, policy->alarm))
		return mn_policy_wake(policy, at, effects);
	policy->is_drowsy &= policy->detect.place == MN_PLACE_INSIDE;
	if (policy->detect.place != MN_PLACE_INSIDE)
		return 0;
	for (unsigned i = 0; i < policy->count; i++) {
		struct mn_registration *registration = &policy->registrations[i];

		if (!is_i_ha(registration) || !mn_registration_carries(registration))
			continue;
		leave_out(policy, registration, quiet, at->mono);
		is_over &= !mono_is_before(at->mono, registration->grant.expires);
	}
	if (!is_over || !policy->is_drowsy)
		return 0;
	policy->is_drowsy = false;
	policy->alarm = (struct mono_time){UINT64_MAX};
	for (unsigned i = 0; i < policy->count; i++) {
		if (is_i_ha(&policy->registrations[i]) &&
		    mn_registration_carries(&policy->registrations[i]))
			effects[i] |= fall_asleep(policy, &policy->registrations[i]);
	}
	return mn_detect_step(&policy->detect, &event, at->mono);
}

bool
mn_policy_is_dozing(const struct mn_policy *policy)
{
	return policy->is_drowsy || policy->detect.place == MN_PLACE_ASLEEP;
}

unsigned
mn_policy_wake(struct mn_policy *policy, const struct mn_instant *at, unsigned *effects)
{
	struct mn_detect_event event = {.kind = MN_DETECT_WOKEN};
	bool is_asleep = policy->detect.place == MN_PLACE_ASLEEP;

	if (!mn_policy_is_dozing(policy))
		return 0;
	policy->is_drowsy = false;
	if (is_asleep) {
		/* most probably it is still inside */
		policy->is_deferred = true;
		policy->turn = mono_add_ms(at->mono, policy->hint_ms);
	}
	for (unsigned i = 0; i < policy->count; i++) {
		struct mn_registration *registration = &policy->registrations[i];

		if (!is_i_ha(registration))
			continue;
		if (is_asleep)
			effects[i] |= mn_registration_move(registration, policy->care_of[i], at);
		else
			effects[i] |= mn_registration_renew(registration, at);
	}
	return mn_detect_step(&policy->detect, &event, at->mono);
}

bool
mn_policy_deadline(const struct mn_policy *policy, struct mono_time *when)
{
	bool is_set = mn_detect_deadline(&policy->detect, when);

	if (policy->is_deferred && (!is_set || mono_is_before(policy->turn, *when))) {
		*when = policy->turn;
		is_set = true;
	}
	if (policy->detect.place == MN_PLACE_ASLEEP && policy->alarm.ns != UINT64_MAX) {
		*when = policy->alarm;
		is_set = true;
	}
	return is_set;
}

unsigned
mn_policy_settle(struct mn_policy *policy, const struct mn_instant *at, unsigned *effects)
{
	struct mn_detect_event event;
	unsigned actions = 0;

	for (unsigned i = 0; i < policy->count; i++) {
		if (describe(policy, i, effects[i], &event))
			actions |= step(policy, &event, at, effects);
	}
	end_deferral(policy, at, effects);
	event = (struct mn_detect_event){.kind = MN_DETECT_TICK};
	return actions | step(policy, &event, at, effects);
}
