/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_POLICY_H
#define MOBILE_MN_POLICY_H

#include "mobile/mn_detect.h"
#include "mobile/mn_election.h"
#include "mobile/mn_registration.h"

/*
 * One interface: what its registrations and the detection of the internal network tell each other: a registration
 * that changes is an event of the detection, and what the detection asks for is done to the
 * registrations. An i-HA that is silent while an x-HA serves is asked on, patiently, so that its
 * late answer still leads inside (RFC 5265 section 3.3). Its duty, which an election gives, says who is
 * asked at all. With a hint that it is inside, the x-HAs have to wait for a while, or until an i-HA has
 * answered without proving it (RFC 5265 section 3.5 allows the delay); more a hint does not do. No I/O.
 *
 * The functions return the detection's actions (enum mn_detect_action), of which those about user
 * data are left to the caller. `effects[i]` gets the effects on registration i added.
 */
struct mn_policy {
	struct mn_detect detect;
	struct mn_registration *registrations;
	unsigned count;
	enum mn_duty duty;
	bool keeps_x_ha; /* inside, x-HAs are not left yet: the VPN has to say goodbye through one */
	bool is_hinted;	 /* set by the owner before a move: a hint says that this is inside */
	bool is_deferred;      /* the x-HAs' turn has not come yet */
	struct mono_time turn; /* is_deferred only: when it comes */
	unsigned hint_ms;
	bool is_drowsy;		     /* a renewal was left out, because there is no traffic */
	struct mono_time alarm;	     /* asleep only: registers again, so that the binding stays */
	be32 care_of[MN_AGENTS_MAX]; /* also of those that are not asked now */
};

/* `registrations` must be initialised and outlive the policy. Its duty is to ask everybody. */
void mn_policy_init(struct mn_policy *policy, struct mn_registration *registrations, unsigned count,
		    const struct mn_detect_config *config, struct mono_time now);

/* The connection status of the interface changed; mn_policy_move() follows. */
unsigned mn_policy_interrupt(struct mn_policy *policy, struct mono_time now);

/* Another duty. From MN_DUTY_REST everything begins anew. */
unsigned mn_policy_assign(struct mn_policy *policy, enum mn_duty duty, const struct mn_instant *at,
			  unsigned *effects);

/* Whether x-HAs are left as soon as the inside is proved. Once they are not kept any more, they are left at once. */
void mn_policy_keep_x_ha(struct mn_policy *policy, bool keeps, const struct mn_instant *at,
			 unsigned *effects);

/* True when packets to and from the home address of `agent` may pass now: user data, as mn_detect_admits() has it, or
 * what is left to say through an x-HA that is kept. */
bool mn_policy_admits(const struct mn_policy *policy, unsigned agent, struct mono_time now);

/* The care-of address of registration i is now `care_of[i]`; 0: it has none. */
unsigned mn_policy_move(struct mn_policy *policy, const be32 *care_of, const struct mn_instant *at,
			unsigned *effects);

/* Idle mode (RFC 5265 section 3.2.4): there was no traffic since `quiet`. Renewals that only T_MONITOR wants
 * are left out then, and with its end no user data passes. Before the registrations' ticks. */
unsigned mn_policy_doze(struct mn_policy *policy, struct mono_time quiet,
			const struct mn_instant *at, unsigned *effects);

/* True while it dozes: traffic has to wake it. */
bool mn_policy_is_dozing(const struct mn_policy *policy);

/* There is traffic: the i-HAs are asked, and for a while only they. */
unsigned mn_policy_wake(struct mn_policy *policy, const struct mn_instant *at, unsigned *effects);

/* When mn_policy_settle() has something to do; false: never. */
bool mn_policy_deadline(const struct mn_policy *policy, struct mono_time *when);

/* Time has passed, and the registrations had these effects. */
unsigned mn_policy_settle(struct mn_policy *policy, const struct mn_instant *at, unsigned *effects);

#endif
