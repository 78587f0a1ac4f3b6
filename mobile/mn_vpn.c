/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_vpn.h"

#include <stdio.h>

#include "lib/types.h"

#define NEVER ((struct mono_time){UINT64_MAX})
#define REACH_INITIAL_MS 500
#define REACH_MAX_MS 8000
/* Beyond the time that charon is given to connect: it must have said something by then. */
#define ANSWER_SEC 5
#define CLOSE_SEC 3   /* for charon to delete an SA */
#define RELEASE_SEC 2 /* for the i-HAs to take the deregistration, before the VPN is hung up */
#define POLL_MS 20
#define MOVE_SEC 10 /* after that a move is taken as made: registrations tell the truth */

const char *
mn_vpn_state_name(enum mn_vpn_state state)
{
	static const char *const names[MN_VPN_STATE_COUNT] = {
		"down", "connecting", "up", "moving", "closing",
	};

	return (unsigned)state < MN_VPN_STATE_COUNT ? names[state] : "unknown";
}

void
mn_vpn_init(struct mn_vpn *vpn, const struct mn_vpn_config *config, struct mono_time now)
{
	*vpn = (struct mn_vpn){
		.config = config,
		.since = now,
		.by = config->connections[MN_VPN_OUTER_X_HA][0] != '\0' ? MN_VPN_OUTER_X_HA
									: MN_VPN_OUTER_MOBIKE,
		.retry_ms = config->retry_initial_ms,
		.reach_ms = REACH_INITIAL_MS,
		.blocked = now,
		.patience = now,
		.due = NEVER,
		.reach = now,
		.deadline = NEVER,
		.close = NEVER,
		.poll = NEVER,
		.swap = NEVER,
	};
}

static void
enter(struct mn_vpn *vpn, enum mn_vpn_state state, struct mono_time now)
{
	if (vpn->state != state)
		vpn->since = now;
	vpn->state = state;
	vpn->is_settling &= state == MN_VPN_MOVING;
	vpn->due = vpn->deadline = vpn->poll = vpn->swap = NEVER;
	if (state != MN_VPN_UP && state != MN_VPN_MOVING) {
		vpn->tia = vpn->local = vpn->remote = 0;
		vpn->close = NEVER;
		vpn->is_attached = false;
	}
}

static bool
is_up(const struct mn_vpn *vpn)
{
	return vpn->state == MN_VPN_UP || vpn->state == MN_VPN_MOVING;
}

/* When it may be dialled from a care-of address. */
static struct mono_time
patience_of(const struct mn_vpn *vpn)
{
	return vpn->is_x_ha_awaited ? NEVER : vpn->patience;
}

/* Connects as soon as it is wanted and allowed. From a care-of address, home agents get some time first: an
 * i-HA to say that the mobile is inside, for which RFC 5265 section 3.3 allows to postpone IPsec, and an x-HA
 * to accept it. */
static void
schedule(struct mn_vpn *vpn)
{
	struct mono_time patience = patience_of(vpn);

	if (vpn->state != MN_VPN_DOWN)
		return;
	vpn->due = NEVER;
	if (!vpn->is_charon || !vpn->is_listed || vpn->is_inside || vpn->is_leaving)
		return;
	if (vpn->outers[MN_VPN_OUTER_X_HA] != 0) {
		vpn->by = MN_VPN_OUTER_X_HA;
		vpn->due = vpn->blocked;
	} else if (vpn->outers[MN_VPN_OUTER_MOBIKE] != 0) {
		vpn->by = MN_VPN_OUTER_MOBIKE;
		vpn->due = mono_is_before(patience, vpn->blocked) ? vpn->blocked : patience;
	}
}

/* What is dialled, or up, has lost its outer address and could have the other one. That of an x-HA may come
 * back, if the x-HA answers after a move. */
static void
plan_to_swap(struct mn_vpn *vpn, struct mono_time now)
{
	bool is_by_x_ha = vpn->by == MN_VPN_OUTER_X_HA;
	be32 other = vpn->outers[is_by_x_ha ? MN_VPN_OUTER_MOBIKE : MN_VPN_OUTER_X_HA];
	bool is_under_way = vpn->state == MN_VPN_CONNECTING || is_up(vpn);

	vpn->swap = NEVER;
	if (is_under_way && vpn->outers[vpn->by] == 0 && other != 0 && !vpn->is_inside &&
	    !vpn->is_leaving)
		vpn->swap = is_by_x_ha ? patience_of(vpn) : now;
}

static void
back_off(struct mn_vpn *vpn, struct mono_time now)
{
	unsigned max_ms = vpn->config->retry_max_sec * 1000;

	vpn->blocked = mono_add_ms(now, vpn->retry_ms);
	vpn->retry_ms = vpn->retry_ms > max_ms / 2 ? max_ms : 2 * vpn->retry_ms;
}

static unsigned
take_charon_up(struct mn_vpn *vpn)
{
	vpn->is_charon = true;
	vpn->is_listed = false;
	vpn->reach = NEVER;
	vpn->reach_ms = REACH_INITIAL_MS;
	return MN_VPN_LIST;
}

static unsigned
take_charon_lost(struct mn_vpn *vpn, struct mono_time now)
{
	unsigned actions = is_up(vpn) ? MN_VPN_DETACH : 0;

	vpn->is_charon = vpn->is_listed = false;
	vpn->reach = mono_add_ms(now, vpn->reach_ms);
	vpn->reach_ms = vpn->reach_ms > REACH_MAX_MS / 2 ? REACH_MAX_MS : 2 * vpn->reach_ms;
	enter(vpn, MN_VPN_DOWN, now);
	return actions;
}

static unsigned
attach(struct mn_vpn *vpn)
{
	vpn->is_attached = true;
	return MN_VPN_ATTACH;
}

/* Whether charon is done. Without an address it will not be, and says so when it gives up. */
static void
ask_soon(struct mn_vpn *vpn, struct mono_time now)
{
	bool may_be_done = vpn->is_settling && vpn->outers[vpn->by] != 0;

	vpn->poll = may_be_done ? mono_add_ms(now, POLL_MS) : NEVER;
}

/* `how`: MN_VPN_TERMINATE or MN_VPN_ABANDON. */
static unsigned
close_sa(struct mn_vpn *vpn, enum mn_vpn_action how, struct mono_time now)
{
	unsigned actions = is_up(vpn) ? MN_VPN_DETACH | how : how;

	enter(vpn, MN_VPN_CLOSING, now);
	vpn->deadline = mono_add_sec(now, CLOSE_SEC);
	return actions;
}

static unsigned
take_outer(struct mn_vpn *vpn, const struct mn_vpn_event *event, struct mono_time now)
{
	enum mn_vpn_outer outer = event->outer;
	be32 address = event->address;
	bool is_awaited = outer == MN_VPN_OUTER_X_HA ? event->is_awaited : vpn->is_x_ha_awaited;

	if ((address == vpn->outers[outer] && is_awaited == vpn->is_x_ha_awaited) ||
	    vpn->config->connections[outer][0] == '\0')
		return 0;
	vpn->outers[outer] = address;
	vpn->is_x_ha_awaited = is_awaited;
	vpn->patience = mono_add_ms(now, vpn->config->delay_ms);
	schedule(vpn);
	/* the x-HA's home address stays, and what passes to it is the x-HA's track's matter */
	if (outer != vpn->by || outer != MN_VPN_OUTER_MOBIKE)
		return 0;
	/* no MOBIKE yet: charon would repeat itself from an address that is gone */
	if (vpn->state == MN_VPN_CONNECTING && address == 0)
		return close_sa(vpn, MN_VPN_ABANDON, now);
	if (!is_up(vpn))
		return 0;
	/* charon may have noticed, and moved the SA, before us */
	if (address != 0 && address == vpn->local && !vpn->is_settling) {
		enter(vpn, MN_VPN_UP, now);
		return vpn->is_attached ? 0 : attach(vpn);
	}
	enter(vpn, MN_VPN_MOVING, now);
	vpn->is_attached = false;
	if (address != 0)
		vpn->deadline = mono_add_sec(now, MOVE_SEC);
	ask_soon(vpn, now);
	return MN_VPN_INTERRUPT;
}

static void
plan_to_close(struct mn_vpn *vpn, struct mono_time now)
{
	bool is_over = vpn->is_leaving ||
		       (vpn->is_inside && vpn->config->inside == MN_VPN_INSIDE_TERMINATE);

	if (is_over && is_up(vpn))
		vpn->close = mono_add_sec(now, RELEASE_SEC);
}

static unsigned
take_inside(struct mn_vpn *vpn, struct mono_time now)
{
	if (vpn->is_inside)
		return 0;
	vpn->is_inside = true;
	vpn->due = NEVER;
	plan_to_close(vpn, now);
	return vpn->state == MN_VPN_CONNECTING ? close_sa(vpn, MN_VPN_TERMINATE, now) : 0;
}

static unsigned
take_leave(struct mn_vpn *vpn, struct mono_time now)
{
	vpn->is_leaving = true;
	vpn->due = NEVER;
	plan_to_close(vpn, now);
	return vpn->state == MN_VPN_CONNECTING ? close_sa(vpn, MN_VPN_TERMINATE, now) : 0;
}

static void
take_outside(struct mn_vpn *vpn, struct mono_time now)
{
	vpn->is_inside = false;
	if (!vpn->is_leaving)
		vpn->close = NEVER;
	vpn->patience = mono_add_ms(now, vpn->config->delay_ms);
	schedule(vpn);
}

static unsigned
take_sa(struct mn_vpn *vpn, const struct mn_vpn_event *event, struct mono_time now)
{
	bool was_up = is_up(vpn);
	bool is_moved = was_up && (event->local != vpn->local || event->remote != vpn->remote);
	bool is_new = !was_up || event->address != vpn->tia || event->outer != vpn->by;
	bool was_settling = vpn->is_settling;

	vpn->is_listed = true;
	/* what is left of another one goes */
	if (vpn->state == MN_VPN_CLOSING ||
	    (vpn->state == MN_VPN_CONNECTING && event->outer != vpn->by))
		return 0;
	vpn->is_settling = event->is_busy && !is_new && (is_moved || was_settling);
	ask_soon(vpn, now);
	if (!is_new && !is_moved && vpn->is_settling == was_settling)
		return 0;
	vpn->by = event->outer;
	vpn->tia = event->address;
	vpn->local = event->local;
	vpn->remote = event->remote;
	vpn->connect_count += !was_up;
	vpn->move_count += is_moved;
	if (vpn->is_settling)
		return 0;
	enter(vpn, MN_VPN_UP, now);
	vpn->error[0] = '\0';
	vpn->retry_ms = vpn->config->retry_initial_ms;
	vpn->blocked = now;
	if (!was_up)
		plan_to_close(vpn, now);
	return vpn->outers[vpn->by] != 0 || vpn->by == MN_VPN_OUTER_X_HA || is_new ? attach(vpn)
										   : 0;
}

static unsigned
take_no_sa(struct mn_vpn *vpn, struct mono_time now)
{
	unsigned actions = 0;

	vpn->is_listed = true;
	/* the attempt goes on; its own end tells */
	if (vpn->state == MN_VPN_CONNECTING)
		return 0;
	if (is_up(vpn)) {
		actions = MN_VPN_DETACH;
		vpn->blocked = mono_add_ms(now, vpn->retry_ms);
	}
	if (vpn->state != MN_VPN_DOWN)
		enter(vpn, MN_VPN_DOWN, now);
	schedule(vpn);
	return actions;
}

/* charon goes on with an attempt whose time is over, and would come up with it beside the next one. */
static unsigned
take_failed(struct mn_vpn *vpn, const char *text, struct mono_time now)
{
	if (vpn->state != MN_VPN_CONNECTING)
		return 0;
	snprintf(vpn->error, sizeof(vpn->error), "%s", text);
	vpn->failure_count++;
	back_off(vpn, now);
	enter(vpn, MN_VPN_DOWN, now);
	schedule(vpn);
	return MN_VPN_ABANDON;
}

static bool
has_passed(struct mono_time timer, struct mono_time now)
{
	return timer.ns != UINT64_MAX && !mono_is_before(now, timer);
}

static unsigned
connect_now(struct mn_vpn *vpn, struct mono_time now)
{
	enter(vpn, MN_VPN_CONNECTING, now);
	vpn->deadline = mono_add_sec(now, vpn->config->connect_sec + ANSWER_SEC);
	vpn->attempt_count++;
	return MN_VPN_INITIATE;
}

static unsigned
take_deadline(struct mn_vpn *vpn, struct mono_time now)
{
	if (vpn->state == MN_VPN_CONNECTING)
		return take_failed(vpn, "charon does not answer", now);
	if (vpn->state == MN_VPN_MOVING) {
		enter(vpn, MN_VPN_UP, now);
		return MN_VPN_LIST | attach(vpn);
	}
	enter(vpn, MN_VPN_DOWN, now);
	/* what there really is, before the next attempt */
	vpn->is_listed = false;
	return MN_VPN_LIST;
}

static unsigned
take_tick(struct mn_vpn *vpn, struct mono_time now)
{
	unsigned actions = 0;

	if (has_passed(vpn->reach, now)) {
		vpn->reach = NEVER;
		actions |= MN_VPN_REACH;
	}
	/* what ends the SA comes before what would use it */
	if (has_passed(vpn->close, now))
		actions |= close_sa(vpn, MN_VPN_TERMINATE, now);
	if (has_passed(vpn->swap, now))
		actions |= close_sa(vpn, MN_VPN_ABANDON, now);
	if (has_passed(vpn->deadline, now))
		actions |= take_deadline(vpn, now);
	if (has_passed(vpn->poll, now)) {
		vpn->poll = NEVER;
		actions |= MN_VPN_LIST;
	}
	if (has_passed(vpn->due, now))
		actions |= connect_now(vpn, now);
	return actions;
}

static unsigned
take(struct mn_vpn *vpn, const struct mn_vpn_event *event, struct mono_time now)
{
	switch (event->kind) {
	case MN_VPN_CHARON_UP:
		return take_charon_up(vpn);
	case MN_VPN_CHARON_LOST:
		return take_charon_lost(vpn, now);
	case MN_VPN_OUTER:
		return take_outer(vpn, event, now);
	case MN_VPN_INSIDE:
		return take_inside(vpn, now);
	case MN_VPN_OUTSIDE:
		take_outside(vpn, now);
		return 0;
	case MN_VPN_SA:
		return take_sa(vpn, event, now);
	case MN_VPN_NO_SA:
		return take_no_sa(vpn, now);
	case MN_VPN_FAILED:
		return take_failed(vpn, event->text, now);
	case MN_VPN_RELEASED:
		return vpn->close.ns != UINT64_MAX ? close_sa(vpn, MN_VPN_TERMINATE, now) : 0;
	case MN_VPN_LEAVE:
		return take_leave(vpn, now);
	case MN_VPN_TICK:
		break;
	}
	return take_tick(vpn, now);
}

unsigned
mn_vpn_step(struct mn_vpn *vpn, const struct mn_vpn_event *event, struct mono_time now)
{
	unsigned actions = take(vpn, event, now);

	plan_to_swap(vpn, now);
	return actions;
}

struct mono_time
mn_vpn_deadline(const struct mn_vpn *vpn)
{
	const struct mono_time timers[] = {vpn->due,   vpn->reach, vpn->deadline,
					   vpn->close, vpn->poll,  vpn->swap};
	struct mono_time next = NEVER;

	for (unsigned i = 0; i < ARRAY_COUNT(timers); i++) {
		if (mono_is_before(timers[i], next))
			next = timers[i];
	}
	return next;
}
