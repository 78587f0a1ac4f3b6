/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_RELAY_H
#define MOBILE_FA_RELAY_H

#include "mobile/fa_config.h"
#include "mobile/fa_visitor.h"

/*
 * What a foreign agent does with registration requests and replies (RFC 5944 section 3.7), reverse tunnelling
 * (RFC 3024) and challenges (RFC 4721). No sockets and no clock: the owner hands in what arrived and when,
 * and is told by the hooks what to send and whom to serve. One thread.
 */

/* A datagram for a mobile, from our port 434. */
struct fa_to_mobile {
	struct fa_asker to; /* by MAC address */
	be32 src;	    /* 0: our address on that link */
	be32 dst;
	const uint8_t *bytes;
	size_t len;
};

struct fa_hooks {
	void (*to_mobile)(void *context, const struct fa_to_mobile *message);
	/* From the care-of address to port 434. */
	void (*to_agent)(void *context, be32 home_agent, const uint8_t *bytes, size_t len);
	/* `is_here` is false just before the visitor is freed. */
	void (*visitor_changed)(void *context, struct fa_visitor *visitor, bool is_here);
	/* Send what fa_keepalive_build() makes. */
	void (*keepalive)(void *context, struct fa_visitor *visitor);
	bool (*is_own_address)(void *context, be32 address);
	void (*random)(void *context, void *bytes, size_t len);
};

struct fa_counters {
	uint64_t requests;
	uint64_t requests_relayed;
	uint64_t requests_discarded;
	uint64_t replies;
	uint64_t replies_relayed;
	uint64_t replies_discarded;
	uint64_t bad_authenticators;
	uint64_t denials_withheld; /* more than one a second to one mobile */
	uint64_t denials[256];	   /* ours, by code */
	uint64_t registrations_expired;
	uint64_t keepalives_sent;
	uint64_t keepalives_lost; /* series without an answer */
};

struct fa_relay;

/* `config`, `hooks` and `context` must outlive it. 0, or -errno. */
int fa_relay_create(struct fa_relay **relay, const struct fa_config *config,
		    const struct fa_hooks *hooks, void *context);
void fa_relay_destroy(struct fa_relay *relay); /* NULL is fine; tells of no visitor */

/* The MTU of the way to home agents, for tunnels from now on. */
void fa_relay_set_mtu(struct fa_relay *relay, uint16_t mtu);

/* A datagram to port 434 on the visitors' link. `ttl` is of its IP header. */
void fa_relay_request(struct fa_relay *relay, const struct fa_asker *asker, uint8_t ttl,
		      const uint8_t *bytes, size_t len, struct mono_time now);

/* A datagram to port 434 of the care-of address, from `src`. */
void fa_relay_reply(struct fa_relay *relay, be32 src, const uint8_t *bytes, size_t len,
		    struct mono_time now);

/* An ICMP error came instead of a reply; `code` is of destination unreachable. */
void
fa_relay_unreachable(struct fa_relay *relay, be32 home_agent, uint8_t code, struct mono_time now);

/* Ends what is due. */
void fa_relay_tick(struct fa_relay *relay, struct mono_time now);

/* For traffic, deadlines, advertisements and status. */
struct fa_visitors *fa_relay_visitors(const struct fa_relay *relay);
struct fa_challenges *fa_relay_challenges(const struct fa_relay *relay);
const struct fa_counters *fa_relay_counters(const struct fa_relay *relay);

#endif
