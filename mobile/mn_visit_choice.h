/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_VISIT_CHOICE_H
#define MOBILE_MN_VISIT_CHOICE_H

#include "mobile/mn_advert.h"
#include "mobile/mn_foreign.h"

/*
 * Whether to register through `agent` (NULL: there is none), with or without a care-of address of our own on that
 * link (RFC 5944 sections 2.1.1 and 2.4: R). An agent that does not answer gets nobody who can do without it, so
 * that who plays one on a public network gains little. Pure.
 */
bool mn_visit_prefers(enum mn_foreign_use use, bool has_own_address,
		      const struct mn_advert_agent *agent, struct mono_time now);

/* True when a new link with an address of our own is likely to have an agent that is preferred to it, so that one had
 * better wait a moment for an advertisement. */
bool mn_visit_listens(enum mn_foreign_use use, bool has_own_address, bool may_be_home);

/* True when a link may be the home link of `home_address`, where its home agent advertises itself: that may have
 * several. An address of our own there is of the home network then; 0: there is none. `prefix_len`: its, in bits. */
bool mn_visit_may_be_home(be32 own_address, uint8_t prefix_len, be32 home_address);

/* Which of the agent's care-of addresses to register: `current` as long as it is offered, else the first. */
be32 mn_visit_care_of(const struct mn_advert_agent *agent, be32 current);

#endif
