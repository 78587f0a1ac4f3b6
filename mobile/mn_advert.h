/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_ADVERT_H
#define MOBILE_MN_ADVERT_H

#include <stdbool.h>

#include "lib/agent_advertisement.h"
#include "lib/mono_time.h"
#include "lib/token_bucket.h"
#include "lib/wire_eth.h"

/*
 * The agents of one link as their advertisements tell of them (RFC 5944 sections 2.3.2 and 2.4), and when
 * to solicit some: what is known, not what is done. Nothing in an advertisement is authentic. So it never says
 * more than through whom to register; a neighbour is known by his address and MAC address together, and nobody
 * takes over the address of another while that one's advertisement holds; unknown ones are let in at a rate, into
 * a table of fixed size, from which they cannot push the one in use. No I/O. One thread.
 */
#define MN_ADVERT_AGENTS_MAX 8

struct mn_advert_agent {
	struct agent_heard heard; /* the latest */
	uint8_t mac[ETH_ADDRESS_SIZE];
	struct mono_time heard_at;
	struct mono_time until;	      /* its advertisement holds */
	struct mono_time avoid_until; /* it did not answer */
	unsigned challenge_count;     /* different ones so far */
};

struct mn_advert {
	struct mn_advert_agent agents[MN_ADVERT_AGENTS_MAX];
	unsigned count;
	be32 current; /* the one in use; 0: none */
	struct token_bucket newcomers;
	struct mono_time solicit_at; /* is_soliciting only */
	unsigned solicit_ms;	     /* until the one after the next */
	unsigned solicited;
	bool is_soliciting;
	struct mono_time
		reminded; /* `heard_at` of the advertisement that the last reminder was about */
	uint64_t heard_count, refused_count, conflict_count, restart_count, solicitation_count;
};

/* Nothing heard; the first solicitation is due. At every new link. */
void mn_advert_init(struct mn_advert *advert, struct mono_time now);

enum mn_advert_event {
	MN_ADVERT_IGNORED,   /* one too many, of no use, or in another's name */
	MN_ADVERT_HEARD,     /* something may be better than it was */
	MN_ADVERT_RESTARTED, /* the one in use has forgotten its visitors: register anew */
};

/* An advertisement came from `mac`. */
enum mn_advert_event mn_advert_hear(struct mn_advert *advert, const uint8_t mac[ETH_ADDRESS_SIZE],
				    const struct agent_heard *heard, struct mono_time now);

/*
 * The foreign agent to register through: the one in use while its advertisement holds, busy or not; else the one that
 * asks for registration, was heard last and is not busy; those that did not answer only when there is no other.
 * NULL: none.
 */
const struct mn_advert_agent *
mn_advert_choose(const struct mn_advert *advert, struct mono_time now);

/* The home agent with this address, while its advertisements say that this is a home link of its; NULL: they do not,
 * or it did not answer. */
const struct mn_advert_agent *
mn_advert_home(const struct mn_advert *advert, be32 home_agent, struct mono_time now);

/* This one is in use; NULL: none is. Without one, soliciting begins anew. */
void
mn_advert_use(struct mn_advert *advert, const struct mn_advert_agent *agent, struct mono_time now);

/* The one in use did not answer: it gives way to others. */
void mn_advert_avoid(struct mn_advert *advert, struct mono_time now);

/* True when a solicitation is to be sent now: three at first, one after the other, then ever more rarely (RFC 5944
 * section 2.4). While one is in use, one alone, when its advertisement has a third of its lifetime left: multicasts
 * get lost. */
bool mn_advert_solicit(struct mn_advert *advert, struct mono_time now);

/* When something expires or is due; UINT64_MAX ns: never. */
struct mono_time mn_advert_deadline(const struct mn_advert *advert);

/* The agent with this address; NULL: not known. */
const struct mn_advert_agent *mn_advert_find(const struct mn_advert *advert, be32 address);

#endif
