/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_REGISTRATION_H
#define MOBILE_MN_REGISTRATION_H

#include <stdbool.h>

#include "lib/mip_auth.h"
#include "lib/mono_time.h"
#include "lib/ntp_time.h"
#include "mobile/mn_config.h"
#include "mobile/mn_foreign.h"

/*
 * A mobile node's registration with one home agent (RFC 5944 section 3.6, RFC 3519 section 4.4, RFC
 * 5265 section 3.3) as a state machine without I/O: events come in as function calls with the time
 * they happen, and what is to be done comes back as effects. Addresses, sockets and tunnels are its
 * owner's. One thread.
 *
 *     OFFLINE --move--> REGISTERING --accepted--> REGISTERED --expired--> REGISTERING
 *        any --move--> REGISTERING       any --stop--> DEREGISTERING --answered--> STOPPED
 */
enum mn_state {
	MN_OFFLINE,	  /* no care-of address */
	MN_REGISTERING,	  /* a request is out, or waits for its time */
	MN_REGISTERED,	  /* `grant` holds; renewals happen in this state */
	MN_DEREGISTERING, /* was told to stop and says goodbye */
	MN_STOPPED,	  /* was told to stop */
};
#define MN_STATE_COUNT 5

/* "offline", "registering", ... */
const char *mn_state_name(enum mn_state state);

/* The time of an event, in each of the forms that the machine needs, and fresh random bits. */
struct mn_instant {
	struct mono_time mono;
	struct ntp_time ntp;
	uint32_t random;
};

enum mn_effect {
	MN_SEND = 0x01,	    /* send `request` to `home_agent`, or to the foreign agent, port 434 */
	MN_CHANGED = 0x02,  /* state or grant changed: look at tunnel, addresses and routes */
	MN_UNPROVED = 0x04, /* the i-HA accepted without TNC */
};

/* What became of a reply. */
enum mn_verdict {
	MN_REPLY_ACCEPTED,
	MN_REPLY_DENIED,	 /* `last_code` says why */
	MN_REPLY_NOT_TRUSTED,	 /* the i-HA accepted, but without TNC: not inside */
	MN_REPLY_MALFORMED,	 /* from here on: discarded without consequence */
	MN_REPLY_WRONG_SOURCE,	 /* not from the agent that was asked */
	MN_REPLY_UNEXPECTED,	 /* its Identification is not the latest request's */
	MN_REPLY_WRONG_IDENTITY, /* another home address or NAI */
	MN_REPLY_BAD_AUTH,	 /* authenticator absent, repeated or wrong: a security event */
};

/* "accepted", "wrong authenticator", ...: for logs. */
const char *mn_verdict_text(enum mn_verdict verdict);

/* What the home agent granted. */
struct mn_grant {
	be32 care_of;
	enum tunnel_kind kind;
	bool reverse;
	bool trusted_networks;	/* TNC */
	uint16_t keepalive_sec; /* UDP tunnels: 0 leaves it to us */
	uint16_t lifetime_sec;
	struct mono_time expires; /* UINT64_MAX ns: never */
};

/* What the next request asks; a denial can take a wish back. */
struct mn_wishes {
	bool reverse;
	bool simultaneous;
	bool udp;
	enum tunnel_kind encapsulation;
	be32 home_agent;
};

#define MN_REQUEST_SIZE_MAX 768

struct mn_registration {
	const struct mn_agent_config *config;
	const struct mn_timing_config *timing;
	struct mip_auth *auth;
	enum mn_state state;
	be32 care_of;	   /* 0: none */
	be32 home_address; /* 0: not assigned yet */
	be32 home_agent;
	struct mn_wishes wishes;
	struct mn_grant grant; /* MN_REGISTERED only */
	be32 bound_care_of;    /* where the home agent may still send to; 0: nowhere */
	bool another_serves;   /* set by the owner: see mn_registration_set_patience() */
	/* set by the owner: the home address is also registered with this home agent through another
	 * interface, which is to stay so: S is asked, and a goodbye names this care-of address alone */
	bool has_sibling;
	bool must_sweep; /* set by the owner: S is not asked, so that all other care-of addresses go */

	/* on the home link: nothing is bound, and that is what it asks for (RFC 5944 section 2.4.3) */
	bool is_home;

	/* through a foreign agent */
	const struct mn_foreign *foreign; /* NULL: the care-of address is the host's own */
	unsigned lifetime_cap_sec;	  /* it takes no longer ones; 0: it has not said so */
	struct mn_challenge offered;	  /* in a reply, not used yet */
	unsigned offered_at;	   /* its `challenge_count` then: an advertised one may be newer */
	struct mn_challenge spent; /* the last one used: RFC 4721 wants each used once */

	/* replay protection */
	uint64_t last_id;
	uint32_t clock_offset_sec; /* home agent's clock minus ours, modulo 2^32 */
	uint32_t nonce;

	/* the latest request */
	uint8_t request[MN_REQUEST_SIZE_MAX];
	uint16_t request_len;
	be64 request_id_be;
	struct mn_wishes requested;
	bool sweeps; /* accepted, it leaves no other care-of address; the owner takes that back */
	bool is_pending;	     /* it waits for an answer */
	struct mono_time first_sent; /* a nonce's repetitions count from the first */
	struct mono_time last_sent;

	/* the next request */
	bool is_due_set;
	struct mono_time due;
	unsigned interval_ms;
	unsigned attempts;
	unsigned repairs; /* denials answered at once, in a row */

	/* for the operator */
	uint8_t last_code;
	bool has_code;
	uint64_t request_count, reply_count, denial_count, discard_count, bad_auth_count;
};

/* `config`, `timing` and `auth` must outlive the machine. */
void
mn_registration_init(struct mn_registration *registration, const struct mn_agent_config *config,
		     const struct mn_timing_config *timing, struct mip_auth *auth);

/* From the next move on, requests go through `foreign`, which must outlive that; NULL: to the home agent
 * itself, from a care-of address of our own. */
void
mn_registration_set_foreign(struct mn_registration *registration, const struct mn_foreign *foreign);

/* From the next move on, the care-of address is the home address, and requests deregister all others. As often as one
 * would renew a binding it is done again: an answer proves for so long that this is the home link. */
void mn_registration_set_home(struct mn_registration *registration, bool is_home);

/* The care-of address is now `care_of` (0: there is none), or its link came back: all that was
 * known about the way to the home agent is void, traffic stops, and registration begins anew.
 * Returns effects. */
unsigned mn_registration_move(struct mn_registration *registration, be32 care_of,
			      const struct mn_instant *at);

/* Registers again now: the NAT has lost the mapping. Nothing when not registered. Effects. */
unsigned mn_registration_renew(struct mn_registration *registration, const struct mn_instant *at);

/* Gives the binding back, if there may be one, and stays away until a move or a start. Effects. */
unsigned mn_registration_stop(struct mn_registration *registration, const struct mn_instant *at);

/* What has been sent is not repeated; it may yet be answered. */
void mn_registration_hold(struct mn_registration *registration);

/* Takes up again what mn_registration_stop() stopped. Effects. */
unsigned mn_registration_start(struct mn_registration *registration, const struct mn_instant *at);

/* With `another_serves`, requests that nobody answers slow down to timing.probe_interval_sec. */
void mn_registration_set_patience(struct mn_registration *registration, bool another_serves);

/* Time has come for whatever was due. Effects. */
unsigned mn_registration_tick(struct mn_registration *registration, const struct mn_instant *at);

/* When mn_registration_tick() has something to do; false: never. */
bool mn_registration_deadline(const struct mn_registration *registration, struct mono_time *when);

/* A message came from `src`, port 434, `len` bytes of UDP payload. Effects are added to
 * `*effects`. */
enum mn_verdict
mn_registration_reply(struct mn_registration *registration, be32 src, const void *bytes, size_t len,
		      const struct mn_instant *at, unsigned *effects);

/* How long the next request asks to be registered. */
unsigned mn_registration_lifetime_sec(const struct mn_registration *registration);

/* True when user data may pass: registered, and for an i-HA proved to be inside. */
bool mn_registration_carries(const struct mn_registration *registration);

#endif
