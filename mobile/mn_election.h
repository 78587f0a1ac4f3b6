/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_ELECTION_H
#define MOBILE_MN_ELECTION_H

#include "mobile/mn_config.h"
#include "mobile/mn_detect.h"

/* One for each interface, and one for the VPN. */
#define MN_TRACKS_MAX (MN_INTERFACES_MAX + 1)

/*
 * Which of several ways to the home agents carries user data, and what the others do meanwhile. A pure
 * function of what is known about each. A home agent keeps one binding of a home address unless it is
 * asked for more, so the tracks must not ask one after the other for the same thing:
 *
 *     nobody carries    the most preferred track that is attached asks; the next as soon as that one
 *                       has asked in vain for a while
 *     carrier outside   tracks that are preferred to it ask; all others only look for an i-HA, whose
 *                       proof of being inside makes them better
 *     carrier inside    tracks that are preferred to it look for an i-HA; all others rest, ready
 *
 * Inside is better than outside; then the order of the configuration counts. The VPN serves while no
 * interface is inside, beside the interface that carries its packets.
 */
enum mn_duty {
	MN_DUTY_REST,  /* asks nobody; what it has is given back */
	MN_DUTY_PROBE, /* asks i-HAs, patiently */
	MN_DUTY_ASK,   /* asks everybody */
};
#define MN_DUTY_COUNT 3

/* "rest", "probe", "ask". */
const char *mn_duty_name(enum mn_duty duty);

/* What is known about a track. */
struct mn_candidate {
	bool is_vpn;
	bool needs_carrier; /* is_vpn only: its packets leave by the carrier */
	bool is_attached;   /* has a care-of address, as far as is known */
	bool carries;	    /* user data may pass here, by its own detection, or has to wake it */
	bool is_in_vain;    /* has asked for a while, and nothing came of it */
	enum mn_place place;
};

struct mn_election {
	int carrier; /* the interface that user data passes through; -1: none */
	int vpn;     /* the VPN's track, when user data passes through it; else -1 */
	enum mn_duty duties[MN_TRACKS_MAX];
};

/* Interfaces come in order of preference. */
void mn_elect(const struct mn_candidate *candidates, unsigned count, struct mn_election *election);

#endif
