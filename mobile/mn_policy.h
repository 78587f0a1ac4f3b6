/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_POLICY_H
#define MOBILE_MN_POLICY_H

#include "mobile/mn_detect.h"
#include "mobile/mn_registration.h"

/*
 * What the registrations and the detection of the internal network tell each other: a registration
 * that changes is an event of the detection, and what the detection asks for is done to the
 * registrations. An i-HA that is silent while an x-HA serves is asked on, patiently, so that its
 * late answer still leads inside (RFC 5265 section 3.3). No I/O.
 *
 * The functions return the detection's actions (enum mn_detect_action), of which those about user
 * data are left to the caller. `effects[i]` gets the effects on registration i added.
 */
struct mn_policy {
	struct mn_detect detect;
	struct mn_registration *registrations;
	unsigned count;
};

/* `registrations` must be initialised and outlive the policy. */
void mn_policy_init(struct mn_policy *policy, struct mn_registration *registrations, unsigned count,
		    const struct mn_detect_config *config, struct mono_time now);

/* The connection status of the interface in use changed; mn_policy_move() follows. */
unsigned mn_policy_interrupt(struct mn_policy *policy, struct mono_time now);

/* The care-of address of registration i is now `care_of[i]`; 0: it has none. */
unsigned mn_policy_move(struct mn_policy *policy, const be32 *care_of, const struct mn_instant *at,
			unsigned *effects);

/* Time has passed, and the registrations had these effects. */
unsigned mn_policy_settle(struct mn_policy *policy, const struct mn_instant *at, unsigned *effects);

#endif
