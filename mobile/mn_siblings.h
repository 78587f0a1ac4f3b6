/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_SIBLINGS_H
#define MOBILE_MN_SIBLINGS_H

#include "mobile/mn_roaming.h"

/*
 * Registrations of the same home address with the same home agent through several tracks: what each has to
 * know of the others, because a request without S makes the home agent forget them. That is wanted where a home
 * agent may still send to a care-of address that nobody has any more: it is stale until such a request is
 * accepted. Parts of the roaming. No I/O.
 */

/* Tells every registration whether another track is bound, too. Before requests are built. */
void mn_siblings_mark(struct mn_roaming *roaming);

/* True when the home agent kept the other bindings when it granted this one. */
bool mn_siblings_were_kept(const struct mn_registration *registration);

/* After acceptances: what the home agents forgot with them is noted as no longer bound, and what was stale as
 * gone. */
void mn_siblings_forget(struct mn_roaming *roaming, const struct mn_effects *effects);

/* `track` gives up what it asked, which may be granted all the same; or, lost, cannot give back what it has. */
void mn_siblings_doubt(struct mn_roaming *roaming, const struct mn_track *track, bool is_lost);

/* The track that has to register anew with `agent`, without S, because that may have stale bindings or none of it;
 * -1: none. After an election; mn_siblings_mark() follows. */
int mn_siblings_resolve(struct mn_roaming *roaming, unsigned agent);

#endif
