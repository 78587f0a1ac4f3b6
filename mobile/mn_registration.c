/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_registration.h"

#include "mobile/mn_request.h"

/* RFC 5944 section 3.6.3: at least this long between two requests. */
#define REQUEST_GAP_MS 1000
/* A goodbye that nobody answers is said this often. */
#define DEREGISTER_ATTEMPTS_MAX 3
/* Requests without an answer before an adopted home agent is given up for the configured one,
 * and up to which an unanswered request may yet have made a binding. */
#define ADOPTED_ATTEMPTS_MAX 4
#define BOUND_ATTEMPTS_MAX 2

const char *
mn_state_name(enum mn_state state)
{
	static const char *const names[MN_STATE_COUNT] = {
		"offline", "registering", "registered", "deregistering", "stopped",
	};

	return (unsigned)state < MN_STATE_COUNT ? names[state] : "unknown";
}

/* What a foreign agent does not advertise must not be asked of it (RFC 5944 section 3.6.1.2, RFC 3024 section
 * 3.1). A tunnel in UDP is between it and the home agent (RFC 3519 section 4.5). */
static void
restrict_wishes(const struct mn_foreign *foreign, struct mn_wishes *wishes)
{
	bool is_offered = tunnel_is_gre(wishes->encapsulation)
				  ? (foreign->flags & MIP_ADVERTISEMENT_G) != 0
				  : (foreign->flags & MIP_ADVERTISEMENT_M) != 0;

	wishes->udp = false;
	if ((foreign->flags & MIP_ADVERTISEMENT_T) == 0)
		wishes->reverse = false;
	if (!is_offered)
		wishes->encapsulation = TUNNEL_IPIP;
}

static void
reset_wishes(struct mn_registration *registration)
{
	const struct mn_agent_config *config = registration->config;

	registration->wishes = (struct mn_wishes){
		.reverse = config->reverse_tunnel,
		.simultaneous = config->simultaneous,
		.udp = config->udp_tunnel,
		.encapsulation = config->encapsulation,
	};
	if (registration->is_home)
		registration->wishes = (struct mn_wishes){.encapsulation = TUNNEL_IPIP};
	else if (registration->foreign != NULL)
		restrict_wishes(registration->foreign, &registration->wishes);
	registration->lifetime_cap_sec = 0;
	registration->repairs = 0;
}

void
mn_registration_init(struct mn_registration *registration, const struct mn_agent_config *config,
		     const struct mn_timing_config *timing, struct mip_auth *auth)
{
	*registration = (struct mn_registration){
		.config = config,
		.timing = timing,
		.auth = auth,
		.state = MN_OFFLINE,
		.home_address = config->home_address,
		.home_agent = config->address,
	};
	reset_wishes(registration);
}

/* The next request goes out at `when`, or when a second has passed since the last one. */
static void
schedule(struct mn_registration *registration, struct mono_time when)
{
	if (registration->request_count > 0) {
		struct mono_time earliest = mono_add_ms(registration->last_sent, REQUEST_GAP_MS);

		if (mono_is_before(when, earliest))
			when = earliest;
	}
	registration->due = when;
	registration->is_due_set = true;
}

/* Starts over: the next request is a new one, and patience is as at the beginning. */
static void
begin(struct mn_registration *registration, enum mn_state state, struct mono_time when)
{
	registration->state = state;
	registration->is_pending = false;
	registration->attempts = 0;
	registration->interval_ms = registration->timing->retransmit_initial_ms;
	schedule(registration, when);
}

static unsigned
interval_max_ms(const struct mn_registration *registration)
{
	unsigned sec = registration->another_serves ? registration->timing->probe_interval_sec
						    : registration->timing->retransmit_max_sec;

	if (sec > mn_registration_lifetime_sec(registration))
		sec = mn_registration_lifetime_sec(registration);
	return sec * 1000;
}

static void
transmit(struct mn_registration *registration, const struct mn_instant *at, unsigned *effects)
{
	/* RFC 5944 section 3.6.3: with nonces, what nobody answered is repeated as it was */
	bool is_repetition =
		registration->is_pending && registration->config->replay == MN_REPLAY_NONCES;
	unsigned max_ms = interval_max_ms(registration);

	if (registration->attempts >= ADOPTED_ATTEMPTS_MAX &&
	    registration->home_agent != registration->config->address) {
		registration->home_agent = registration->config->address;
		is_repetition = false;
	}
	registration->last_sent = at->mono;
	registration->attempts++;
	schedule(registration, mono_add_ms(at->mono, registration->interval_ms));
	registration->interval_ms =
		registration->interval_ms * 2 < max_ms ? registration->interval_ms * 2 : max_ms;
	if (!is_repetition) {
		bool deregister = registration->state == MN_DEREGISTERING;

		registration->is_pending = mn_request_build(registration, deregister, at) == 0;
		registration->first_sent = at->mono;
	}
	if (registration->is_pending) {
		registration->request_count++;
		*effects |= MN_SEND;
	}
}

static bool
has_expired(const struct mn_registration *registration, struct mono_time now)
{
	return registration->state == MN_REGISTERED &&
	       !mono_is_before(now, registration->grant.expires);
}

unsigned
mn_registration_tick(struct mn_registration *registration, const struct mn_instant *at)
{
	unsigned effects = 0;

	if (has_expired(registration, at->mono)) {
		/* what is on its way may still be answered: only patience starts over */
		registration->state = MN_REGISTERING;
		registration->interval_ms = registration->timing->retransmit_initial_ms;
		schedule(registration, at->mono);
		effects |= MN_CHANGED;
	}
	if (!registration->is_due_set || mono_is_before(at->mono, registration->due))
		return effects;
	if (registration->state == MN_DEREGISTERING &&
	    registration->attempts >= DEREGISTER_ATTEMPTS_MAX) {
		registration->state = MN_STOPPED;
		registration->is_pending = false;
		registration->is_due_set = false;
		return effects | MN_CHANGED;
	}
	transmit(registration, at, &effects);
	return effects;
}

void
mn_registration_set_foreign(struct mn_registration *registration, const struct mn_foreign *foreign)
{
	registration->foreign = foreign;
	registration->offered.len = 0;
	registration->spent.len = 0;
}

void
mn_registration_set_home(struct mn_registration *registration, bool is_home)
{
	registration->is_home = is_home;
}

unsigned
mn_registration_lifetime_sec(const struct mn_registration *registration)
{
	const struct mn_foreign *foreign = registration->foreign;
	unsigned sec = registration->config->lifetime_sec;

	if (foreign != NULL && foreign->registration_sec != 0 && foreign->registration_sec < sec)
		sec = foreign->registration_sec;
	if (registration->lifetime_cap_sec != 0 && registration->lifetime_cap_sec < sec)
		sec = registration->lifetime_cap_sec;
	return sec;
}

unsigned
mn_registration_move(struct mn_registration *registration, be32 care_of,
		     const struct mn_instant *at)
{
	registration->care_of = care_of;
	reset_wishes(registration);
	if (care_of == 0) {
		registration->state = MN_OFFLINE;
		registration->is_pending = false;
		registration->is_due_set = false;
		return MN_CHANGED;
	}
	begin(registration, MN_REGISTERING, at->mono);
	return MN_CHANGED | mn_registration_tick(registration, at);
}

unsigned
mn_registration_renew(struct mn_registration *registration, const struct mn_instant *at)
{
	if (registration->state != MN_REGISTERED)
		return 0;
	begin(registration, MN_REGISTERED, at->mono);
	return mn_registration_tick(registration, at);
}

unsigned
mn_registration_stop(struct mn_registration *registration, const struct mn_instant *at)
{
	bool may_be_bound = registration->bound_care_of != 0 ||
			    (registration->is_pending && registration->attempts > 0 &&
			     registration->attempts <= BOUND_ATTEMPTS_MAX);

	if (registration->state == MN_DEREGISTERING || registration->state == MN_STOPPED)
		return 0;
	/* at home there is nothing to give back */
	if (registration->is_home)
		registration->bound_care_of = 0;
	if (registration->care_of == 0 || !may_be_bound || registration->is_home) {
		registration->state = MN_STOPPED;
		registration->is_pending = false;
		registration->is_due_set = false;
		return MN_CHANGED;
	}
	begin(registration, MN_DEREGISTERING, at->mono);
	return MN_CHANGED | mn_registration_tick(registration, at);
}

void
mn_registration_hold(struct mn_registration *registration)
{
	if (registration->is_pending && registration->state == MN_REGISTERING)
		registration->is_due_set = false;
}

unsigned
mn_registration_start(struct mn_registration *registration, const struct mn_instant *at)
{
	if (registration->state != MN_DEREGISTERING && registration->state != MN_STOPPED)
		return 0;
	return mn_registration_move(registration, registration->care_of, at);
}

void
mn_registration_set_patience(struct mn_registration *registration, bool another_serves)
{
	unsigned max_ms;

	if (registration->another_serves == another_serves)
		return;
	registration->another_serves = another_serves;
	max_ms = interval_max_ms(registration);
	if (registration->interval_ms > max_ms)
		registration->interval_ms = max_ms;
	/* a repetition that the old patience put far away */
	if (registration->is_pending && registration->is_due_set) {
		struct mono_time latest = mono_add_ms(registration->last_sent, max_ms);

		if (mono_is_before(latest, registration->due))
			registration->due = latest;
	}
}

bool
mn_registration_deadline(const struct mn_registration *registration, struct mono_time *when)
{
	bool has_expiry = registration->state == MN_REGISTERED &&
			  registration->grant.expires.ns != UINT64_MAX;

	if (registration->is_due_set)
		*when = registration->due;
	if (has_expiry &&
	    (!registration->is_due_set || mono_is_before(registration->grant.expires, *when)))
		*when = registration->grant.expires;
	return registration->is_due_set || has_expiry;
}

bool
mn_registration_carries(const struct mn_registration *registration)
{
	return registration->state == MN_REGISTERED;
}
