/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_POLICY_H
#define MOBILE_MN_POLICY_H

#include <stdbool.h>

#include "mobile/mn_registration.h"

/*
 * Which home agents to deal with, and through which one traffic goes that has no home address of
 * its own yet (RFC 5265 section 3.3). After a move all are asked at the same time. An i-HA that
 * accepts with TNC means inside: the x-HAs are given their bindings back and left alone. Anything
 * else means outside: every x-HA that accepts carries the traffic of its home address, and the
 * i-HAs are asked on, patiently. The access modes with a VPN add their rule here. No I/O.
 */
struct mn_policy {
	bool is_inside;
	int active; /* index of the registration whose home address new sessions use; -1: none */
};

/* Looks at the `count` registrations. */
struct mn_policy mn_policy_judge(const struct mn_registration *registrations, unsigned count);

/* Stops, starts and slows down the registrations as the judgement asks. `effects[i]` gets the
 * effects on registration i added. */
void mn_policy_apply(const struct mn_policy *policy, struct mn_registration *registrations,
		     unsigned count, const struct mn_instant *at, unsigned *effects);

#endif
