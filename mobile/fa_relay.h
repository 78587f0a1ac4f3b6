/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_RELAY_H
#define MOBILE_FA_RELAY_H

#include "lib/ntp_time.h"
#include "mobile/fa_ban.h"
#include "mobile/fa_config.h"
#include "mobile/fa_visitor.h"

/*
 * What a foreign agent does with registration requests and replies (RFC 5944 section 3.7), reverse tunnelling
 * (RFC 3024), challenges (RFC 4721) and revocation (RFC 3543). No sockets and no clock: the owner hands in what arrived
 * and when, and is told by the hooks what to send and whom to serve. One thread.
 */

/* A datagram for a mobile, from our port 434. */
struct fa_to_mobile {
	struct fa_asker to; /* by MAC address */
	be32 src;	    /* 0: our address on that link */
	be32 dst;
	const uint8_t *bytes;
	size_t len;
};

/* Who a message comes from, or goes to, beyond the uplink. */
struct fa_peer {
	be32 address;
	be16 port_be;
};

struct fa_hooks {
	void (*to_mobile)(void *context, const struct fa_to_mobile *message);
	/* From the care-of address, port 434. */
	void (*to_agent)(void *context, const struct fa_peer *home_agent, const uint8_t *bytes,
			 size_t len);
	/* An advertisement to this mobile alone is due, with sequence number 0 (RFC 3543 section 4.1). */
	void (*registration_lost)(void *context, const uint8_t mac[ETH_ADDRESS_SIZE],
				  be32 home_address);
	/* `is_here` is false just before the visitor is freed. */
	void (*visitor_changed)(void *context, struct fa_visitor *visitor, bool is_here);
	/* Send what fa_keepalive_build() makes. */
	void (*keepalive)(void *context, struct fa_visitor *visitor);
	bool (*is_own_address)(void *context, be32 address);
	uint16_t (*path_mtu)(void *context, be32 home_agent); /* as far as it is known */
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
	uint64_t revocations_sent;
	uint64_t revocations_acknowledged;
	uint64_t revocations_given_up;
	uint64_t revocations_received;
	uint64_t revocations_refused; /* acknowledgements, too */
	uint64_t mobiles_informed;
	uint64_t keepalives_sent;
	uint64_t keepalives_lost; /* series without an answer */
};

struct fa_relay;

/* `config`, `hooks` and `context` must outlive it. 0, or -errno. */
int fa_relay_create(struct fa_relay **relay, const struct fa_config *config,
		    const struct fa_hooks *hooks, void *context);
void fa_relay_destroy(struct fa_relay *relay); /* NULL is fine; tells of no visitor */

/* What time it is for revocations: the clock goes on from there, whatever becomes of the wall clock. Before the first
 * request. */
void fa_relay_set_clock(struct fa_relay *relay, struct ntp_time wall, struct mono_time now);

/* The way to a home agent takes less than was thought: visitors' tunnels follow. */
void fa_relay_path_changed(struct fa_relay *relay, be32 home_agent);

/* A datagram to port 434 on the visitors' link. `ttl` is of its IP header. */
void fa_relay_request(struct fa_relay *relay, const struct fa_asker *asker, uint8_t ttl,
		      const uint8_t *bytes, size_t len, struct mono_time now);

/* A datagram to port 434 of the care-of address: a reply, a revocation or the acknowledgement of one. */
void fa_relay_reply(struct fa_relay *relay, const struct fa_peer *from, const uint8_t *bytes,
		    size_t len, struct mono_time now);

/* An ICMP error came instead of a reply; `code` is of destination unreachable. */
void
fa_relay_unreachable(struct fa_relay *relay, be32 home_agent, uint8_t code, struct mono_time now);

#define FA_BAN_LIFETIME UINT32_MAX

/* Ends a visitor's registration by the operator's wish; the home agent and the mobile are told (RFC 3543). For another
 * `ban_sec` seconds, or FA_BAN_LIFETIME: as long as it would have lasted, he is denied with code 65; 0: he may register
 * again. Who is no visitor can be banned for seconds, too, and a ban be lifted by 0. 0; -ENOENT: there is nothing to
 * end or to lift; -ENOSPC: too many are banned, and nothing is done. */
int
fa_relay_revoke(struct fa_relay *relay, be32 home_address, uint32_t ban_sec, struct mono_time now);

/* Ends all registrations and serves nobody from now on. */
void fa_relay_leave(struct fa_relay *relay, struct mono_time now);
bool fa_relay_is_leaving(const struct fa_relay *relay);

/* Registrations that have ended, of which a home agent has not acknowledged that yet. */
unsigned fa_relay_revoking_count(const struct fa_relay *relay);

/* Ends and sends what is due. */
void fa_relay_tick(struct fa_relay *relay, struct mono_time now);

/* When fa_relay_tick() has something to do next; false: nothing is there. */
bool fa_relay_deadline(const struct fa_relay *relay, struct mono_time *when);

/* For traffic, deadlines, advertisements and status. */
struct fa_visitors *fa_relay_visitors(const struct fa_relay *relay);
struct fa_challenges *fa_relay_challenges(const struct fa_relay *relay);
const struct fa_bans *fa_relay_bans(const struct fa_relay *relay);
const struct fa_counters *fa_relay_counters(const struct fa_relay *relay);

#endif
