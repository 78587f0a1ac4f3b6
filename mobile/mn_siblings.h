/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_SIBLINGS_H
#define MOBILE_MN_SIBLINGS_H

#include "mobile/mn_roaming.h"

/*
 * Registrations of the same home address with the same home agent through several tracks: what each has to
 * know of the others, because a request without S makes the home agent forget them. Parts of the
 * roaming. No I/O.
 */

/* Tells every registration whether another track is bound, too. Before requests are built. */
void mn_siblings_mark(struct mn_roaming *roaming);

/* True when the home agent kept the other bindings when it granted this one. */
bool mn_siblings_were_kept(const struct mn_registration *registration);

/* After acceptances: what the home agents forgot with them is noted as no longer bound. */
void mn_siblings_forget(struct mn_roaming *roaming, const struct mn_effects *effects);

/* `track` is about to give up what it asked, which may be granted all the same ... */
void mn_siblings_doubt(const struct mn_roaming *roaming, struct mn_track *track);
/* `track` is lost, and can give nothing back of what home agents have bound to it ... */
void mn_siblings_lose(const struct mn_roaming *roaming, struct mn_track *track);
/* ... so once it has said goodbye, or cannot, the carrier is taken for forgotten, and registers again. */
void mn_siblings_resolve(struct mn_roaming *roaming);

#endif
