/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_TRACK_H
#define MOBILE_MN_TRACK_H

#include "mobile/mn_agent.h"
#include "mobile/mn_policy.h"

struct mn_daemon;

enum mn_track_kind {
	MN_TRACK_INTERFACE,
	MN_TRACK_VPN, /* care-of address: the tunnel inner address (TIA) */
};

/*
 * One way to the home agents, tracked apart from all others (RFC 5265 section 3.2.1): where it is
 * attached, its registrations, what its own detection makes of them, and the sockets and tunnels. One
 * for each configured interface, in order of preference, and perhaps one for the VPN. What an i-HA
 * says through the VPN is never a proof of being inside: there it is asked in the role of an x-HA, and
 * with the reverse tunnel that RFC 5266 section 3 wants. One thread.
 */
struct mn_track {
	enum mn_track_kind kind;
	unsigned index; /* among the tracks */
	char name[IFNAMSIZ];
	struct attachment attachment;
	/* MN_TRACK_VPN: its packets are those of the x-HA's home address (cvc, fvc), so user data passes only while
	 * another track carries them; false: they leave from a care-of address (mc). Who sees to the VPN sets it,
	 * and interrupts this track when that address changes. true at first. */
	bool needs_carrier;
	bool is_foreign;	  /* attached through a foreign agent */
	bool is_retired;	  /* MN_TRACK_VPN: the program ends, what it has is given back */
	bool is_interrupted;	  /* its connection status has changed; to what is not known yet */
	struct mono_time changed; /* the last change of its connection status */
	unsigned agent_count;
	struct mn_registration registrations[MN_AGENTS_MAX];
	struct mn_policy policy;

	/* as the roaming has it */
	bool is_draining; /* no longer the carrier: what is under way to it is waited for */
	bool is_replaced; /* is_draining only: the home agents have forgotten its care-of address */
	struct mono_time drained;	       /* is_draining only: when that ends */
	struct mono_time asked;		       /* since when it asks everybody, or anew */
	struct mn_agent_config *agents_config; /* MN_TRACK_VPN: the roles it asks in */

	struct mn_agent agents[MN_AGENTS_MAX]; /* same order as the registrations */
};

/* The registrations and the policy, at rest at no address; no sockets. `config` and `auth` must outlive
 * it. mn_track_fini() frees. 0, or -ENOMEM. */
int mn_track_init(struct mn_track *track, enum mn_track_kind kind, unsigned index, const char *name,
		  const struct mn_config *config, struct mip_auth *auth, struct mono_time now);
void mn_track_fini(struct mn_track *track); /* also of zeros */

/* The agents: sockets and tunnels, none open yet. */
void mn_track_open(struct mn_track *track, struct mn_daemon *daemon);
/* Closes all of them. */
void mn_track_close(struct mn_track *track);

/* Opens the sockets at `attachment`. `care_of[i]` becomes registration i's care-of address, 0 where that
 * failed or there is none. */
void mn_track_attach(struct mn_track *track, const struct attachment *attachment, be32 *care_of);

/* What an election has to know of it. `vain_ms`: how long asking in vain may take. */
struct mn_candidate
mn_track_candidate(const struct mn_track *track, unsigned vain_ms, struct mono_time now);

/* The agent for those who have not chosen; -1: none, user data may not pass. */
static inline int
mn_track_active(const struct mn_track *track)
{
	return track->policy.detect.active;
}

/* True when user data passes on the home link. */
bool mn_track_is_home(const struct mn_track *track);

/* The MTU that is known for the path to an agent of the track. */
unsigned mn_track_link_mtu(const struct mn_track *track, const struct mn_agent *agent);

#endif
