/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_DETECT_H
#define MOBILE_MN_DETECT_H

#include <stdbool.h>

#include "lib/mono_time.h"

/*
 * Where one interface leads, and whose user data may pass there (RFC 5265 sections 3.2 and 3.3, RFC
 * 5266 section 3.4), as a pure function: an event and the time go in, actions come out. Each interface
 * has one of its own, and it begins anew with every change of its connection status, so that nothing is
 * ever concluded from one interface about another, nor from what was about what is.
 *
 *     UNKNOWN --attached--> DETECTING --i-HA accepted, with TNC--------------------------> INSIDE
 *                           DETECTING --x-HA accepted, and the detection period is over--> OUTSIDE
 *     OUTSIDE --i-HA accepted, with TNC--> INSIDE --no success any more--> DETECTING
 *     INSIDE --no traffic for T_MONITOR--> ASLEEP --traffic--> DETECTING    (idle mode only)
 *     OUTSIDE --x-HA lost--> DETECTING          any --connection status changed--> UNKNOWN
 *
 * User data passes in INSIDE through an i-HA and in OUTSIDE through an x-HA, each while its
 * registration holds, which for an i-HA is never longer than T_MONITOR; in no other place. Agents are
 * numbers below 32, as in the configuration.
 */
enum mn_place {
	MN_PLACE_UNKNOWN,   /* no care-of address, or it has just changed, or nobody is asked */
	MN_PLACE_DETECTING, /* the home agents are asked */
	MN_PLACE_INSIDE,
	MN_PLACE_OUTSIDE,
	MN_PLACE_ASLEEP, /* was inside, and has had no traffic since: nobody is asked */
};
#define MN_PLACE_COUNT 5

/* "unknown", "detecting", ... */
const char *mn_place_name(enum mn_place place);

/* Why it is in this place. */
enum mn_why {
	MN_WHY_NOT_ATTACHED,	/* no interface leads to a home agent */
	MN_WHY_CHANGED,		/* link or address changed a moment ago */
	MN_WHY_ASKING,		/* attached; nothing has been decided yet */
	MN_WHY_WAITING,		/* an x-HA accepted; the detection period runs on */
	MN_WHY_PROVED,		/* an i-HA accepted, with TNC, through this interface */
	MN_WHY_NOT_PROVED,	/* an i-HA answered, but without TNC */
	MN_WHY_NO_ANSWER,	/* no i-HA gave a valid answer in time */
	MN_WHY_SAME_ADDRESS,	/* the i-HA has an x-HA's address (RFC 5265 section 3.5) */
	MN_WHY_NO_I_HA,		/* none is configured */
	MN_WHY_BY_VPN,		/* the VPN's track: what an i-HA says there proves nothing */
	MN_WHY_MONITOR_EXPIRED, /* inside no longer: T_MONITOR or the lifetime ran out */
	MN_WHY_REFUSED,		/* inside no longer: the i-HA denied, or left TNC out */
	MN_WHY_X_HA_LOST,	/* outside, and the x-HA serves no longer */
	MN_WHY_IDLE,		/* there was no traffic for T_MONITOR */
	MN_WHY_READY,		/* attached, and another interface carries user data */
};
#define MN_WHY_COUNT 15

/* A sentence for operators. */
const char *mn_why_text(enum mn_why why);

enum mn_detect_kind {
	MN_DETECT_CHANGED,    /* the connection status changed; what it is now is not known */
	MN_DETECT_DETACHED,   /* there is no care-of address */
	MN_DETECT_ATTACHED,   /* there is one, perhaps the same again */
	MN_DETECT_RESTED,     /* there is one, and nobody is to be asked through it */
	MN_DETECT_ACCEPTED,   /* `agent`'s registration holds until `until`; an i-HA's, with TNC */
	MN_DETECT_NOT_PROVED, /* i-HA `agent` answered with our authenticator but without TNC */
	MN_DETECT_SAME_ADDRESS, /* i-HA `agent` accepted, and has the address of an x-HA */
	MN_DETECT_LOST,		/* `agent`'s registration does not hold any more */
	MN_DETECT_SLEPT,	/* T_MONITOR is over, on purpose: there is no traffic */
	MN_DETECT_WOKEN,	/* there is traffic again, or the lifetime is soon over */
	MN_DETECT_TICK,		/* time has passed */
};

struct mn_detect_event {
	enum mn_detect_kind kind;
	unsigned agent;
	struct mono_time until;
};

/* What is to be done, in this order. */
enum mn_detect_action {
	MN_ACTION_STOP_DATA = 0x01,  /* no user data, either way; the last move's end */
	MN_ACTION_ASK_ALL = 0x02,    /* begin anew with all home agents, at the same time */
	MN_ACTION_ASK_X_HA = 0x04,   /* take up the x-HAs again; the i-HAs are asked already */
	MN_ACTION_LEAVE_X_HA = 0x08, /* stop asking the x-HAs and give their bindings back */
	MN_ACTION_OPEN_DATA = 0x10,  /* through `active` for those who have not chosen */
};

struct mn_detect {
	/* configuration */
	unsigned x_ha_bits, i_ha_bits;
	unsigned period_ms;
	enum mn_why no_i_ha; /* why outside, where none can prove the inside */

	enum mn_place place;
	enum mn_why why;
	unsigned holding;      /* agents whose registration holds and counts, as bits */
	bool is_answered;      /* an i-HA answered in a way that proves nothing: waiting is over */
	enum mn_why no_proof;  /* is_answered only: why it proves nothing */
	struct mono_time wait; /* the detection period's end */
	struct mono_time until[32]; /* of the registrations that hold */
	struct mono_time since;	    /* in this place */
	int active;		    /* the agent for those who have not chosen; -1: none */
};

/* `x_ha_bits`, `i_ha_bits`: which agents are what. `period_ms`: how long to wait for an i-HA after
 * an x-HA's acceptance; 0 is allowed. */
void mn_detect_init(struct mn_detect *detect, unsigned x_ha_bits, unsigned i_ha_bits,
		    unsigned period_ms, struct mono_time now);

/* Takes an event. Returns actions. */
unsigned
mn_detect_step(struct mn_detect *detect, const struct mn_detect_event *event, struct mono_time now);

/* When MN_DETECT_TICK has something to do; false: never. */
bool mn_detect_deadline(const struct mn_detect *detect, struct mono_time *when);

/* True when user data to and from the home address of `agent` may pass now. Holds by the clock, so
 * also when the timer is late. */
bool mn_detect_admits(const struct mn_detect *detect, unsigned agent, struct mono_time now);

#endif
