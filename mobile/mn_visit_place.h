/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_VISIT_PLACE_H
#define MOBILE_MN_VISIT_PLACE_H

#include "mobile/mn_track.h"
#include "mobile/mn_visit.h"

/* Where a visit is: at home, with a foreign agent, or on its own; and what has to be done on the link for it. Parts of
 * the visit. */

/* The track of its interface. */
struct mn_track *mn_visit_track(const struct mn_visit *visit);

/* The agent that it is with; 0: none. */
be32 mn_visit_peer(const struct mn_visit *visit);

/* Goes to what is best now, and changes `attachment`, which is the kernel's, to that: with the agent that is returned;
 * NULL: on its own. `anew`: at home, all are told again. */
const struct mn_advert_agent *mn_visit_choose(struct mn_visit *visit, bool anew,
					      struct mono_time now, struct attachment *attachment);

/* True when the link may be a home link: the advertisements say whether it is. */
bool mn_visit_may_come_home(const struct mn_visit *visit);

/* It is on its own now. */
void mn_visit_leave(struct mn_visit *visit);

/* Sends the gratuitous ARP that is due at home. */
void mn_visit_announce(struct mn_visit *visit, struct mono_time now);

/* Warns when somebody's setting keeps the kernel from answering for the home address at home. Now and then. */
void mn_visit_look_at_arp(struct mn_visit *visit, struct mono_time now);

/* Whether home addresses are answered for on the link. */
void mn_visit_answer_arp(struct mn_visit *visit, bool is_home);

#endif
