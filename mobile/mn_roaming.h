/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_ROAMING_H
#define MOBILE_MN_ROAMING_H

#include "mobile/mn_mode.h"
#include "mobile/mn_moves.h"
#include "mobile/mn_track.h"

/*
 * All tracks together: which of them carries user data (mn_election.h), what the registrations of the
 * same home address through several interfaces have to know of each other, and the move from one to
 * another, make-before-break. The old track carries until a home agent has accepted the new one; from
 * then on everything is sent through the new one, while the old one still receives for
 * timing.drain_ms; then its care-of address alone is given back (RFC 5944 sections 3.6.1.2 and
 * 3.8.2.2), with which simultaneous bindings end. Where a home agent grants none, it has forgotten the
 * old address by itself, and nothing is given back. No I/O.
 */
struct mn_roaming {
	const struct mn_config *config;
	struct mn_track *tracks; /* in order of preference, the VPN's last */
	unsigned count;
	int carrier, vpn;	      /* as mn_election.h has them */
	bool keeps_x_ha;	      /* see mn_roaming_keep_x_ha() */
	enum mn_place place;	      /* of the carrier */
	enum mn_why why;	      /* why there is no carrier, or the carrier's place */
	struct mono_time traffic;     /* the last user data */
	bool is_stale[MN_AGENTS_MAX]; /* the home agent may keep bindings that it should not */
	struct mn_moves moves;
};

/* What is to be done with each registration of each track: enum mn_effect, as bits. */
struct mn_effects {
	unsigned bits[MN_TRACKS_MAX][MN_AGENTS_MAX];
};

/* `tracks` are initialised and outlive it. */
void mn_roaming_init(struct mn_roaming *roaming, const struct mn_config *config,
		     struct mn_track *tracks, unsigned count, struct mono_time now);

/* The connection status of track `index` changed; mn_roaming_move() follows. */
void mn_roaming_interrupt(struct mn_roaming *roaming, unsigned index, const struct mn_instant *at,
			  struct mn_effects *effects);

/* The care-of address of registration i of track `index` is now `care_of[i]`; 0: it has none. */
void mn_roaming_move(struct mn_roaming *roaming, unsigned index, const be32 *care_of,
		     const struct mn_instant *at, struct mn_effects *effects);

/* Time has passed for the registrations. */
void mn_roaming_tick(struct mn_roaming *roaming, const struct mn_instant *at,
		     struct mn_effects *effects);

/* Something happened to registrations, with these effects, to which those are added that follow.
 * After every event. */
void mn_roaming_settle(struct mn_roaming *roaming, const struct mn_instant *at,
		       struct mn_effects *effects);

/* A reply came for registration `agent` of `track`: what it taught about the home agent, the others with
 * the same learn, too. Before mn_roaming_settle(). */
void mn_roaming_learn(struct mn_roaming *roaming, const struct mn_track *track, unsigned agent);

/* User data comes or goes. True when that has to wake the carrier, by mn_roaming_wake(). */
bool mn_roaming_traffic(struct mn_roaming *roaming, struct mono_time now);
void mn_roaming_wake(struct mn_roaming *roaming, const struct mn_instant *at,
		     struct mn_effects *effects);

/* While the VPN is not hung up, what belongs to the x-HAs' home addresses still passes inside: they are not left, and
 * an interface that was the carrier outside does not end to drain. */
void mn_roaming_keep_x_ha(struct mn_roaming *roaming, bool keeps, const struct mn_instant *at,
			  struct mn_effects *effects);

/* All bindings are given back. */
void mn_roaming_stop(struct mn_roaming *roaming, const struct mn_instant *at,
		     struct mn_effects *effects);
/* True once that is done, or given up. */
bool mn_roaming_is_stopped(const struct mn_roaming *roaming);

/* When mn_roaming_tick() and mn_roaming_settle() have something to do; UINT64_MAX ns: never. */
struct mono_time mn_roaming_deadline(const struct mn_roaming *roaming, struct mono_time now);

/* The track through which user data of agent `agent`'s home address leaves now; -1: none, it must not.
 * Holds by the clock, as mn_detect_admits() does. */
int mn_roaming_sender(const struct mn_roaming *roaming, unsigned agent, struct mono_time now);

/* True when user data of any home address may leave now. */
bool mn_roaming_is_open(const struct mn_roaming *roaming, struct mono_time now);

/* The track through which a packet of agent `agent`'s home address may leave now that was held back at
 * `held`: only one whose connection status has not changed since (RFC 5265 section 3.2.4). -1: none. */
int mn_roaming_releaser(const struct mn_roaming *roaming, unsigned agent, struct mono_time held,
			struct mono_time now);

/* True when user data of agent `agent`'s home address may come in through `track` now. */
bool mn_roaming_admits(const struct mn_roaming *roaming, const struct mn_track *track,
		       unsigned agent, struct mono_time now);

/* The home address of agent `agent`, from whichever track has it; 0: not known yet. */
be32 mn_roaming_home(const struct mn_roaming *roaming, unsigned agent);

/* The access mode of the mobile, or of what passes through one track. */
enum mn_mode mn_roaming_mode(const struct mn_roaming *roaming, const struct mn_track *track);

/* The agent for those who have not chosen; -1: none. */
int mn_roaming_active(const struct mn_roaming *roaming);

#endif
