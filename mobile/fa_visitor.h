/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_VISITOR_H
#define MOBILE_FA_VISITOR_H

#include "lib/mono_time.h"
#include "lib/wire_eth.h"
#include "mobile/fa_challenge.h"
#include "mobile/mn_keepalive.h"
#include "mobile/mn_tunnel.h"

/*
 * The visitor list of RFC 5944 section 3.7.1, in its two parts: registrations that a home agent has accepted, and
 * requests that wait for their replies. A request changes nothing in a registration; only its reply does.
 * One thread.
 */

/* Where a mobile asked from, and how he is answered. */
struct fa_asker {
	uint8_t mac[ETH_ADDRESS_SIZE];
	be32 src;
	be32 dst; /* of the request */
	be16 src_port_be;
};

struct fa_pending {
	struct fa_pending *next;
	struct fa_identity mobile;
	struct fa_asker asker;
	uint8_t flags; /* enum mip_request_flag */
	uint16_t lifetime_sec;
	be32 care_of;
	be64 identification_be;
	bool asked_for_udp;    /* by us */
	bool is_encapsulating; /* delivery style, RFC 3024 section 3.3 */
	bool offered_revocation;
	struct mono_time asked_at;
	uint8_t challenge_len; /* 0: none */
	uint8_t challenge[FA_CHALLENGE_SIZE];
	struct mono_time give_up;
};

/* What was negotiated of revocation (RFC 3543 section 4.2.1). */
struct fa_revocability {
	bool is_negotiated;
	bool agent_decides; /* I: whether the mobile is told */
	uint32_t agent_timestamp;
	struct mono_time asked_at; /* when the registration was relayed */
};

struct fa_visitor {
	struct fa_visitor *next;   /* in its bucket */
	struct fa_identity mobile; /* the home address is known */
	uint8_t mac[ETH_ADDRESS_SIZE];
	uint16_t lifetime_sec;
	struct mono_time expires; /* UINT64_MAX: never */
	bool has_tunnel;	  /* false: a co-located care-of address */
	bool is_encapsulating;	  /* what he sends through the tunnel; the rest is routed */
	struct mn_tunnel tunnel;
	struct fa_revocability revocation;
	struct mn_keepalive keepalive; /* runs for a UDP tunnel */
	unsigned keepalive_sec;
	uint64_t to_mobile_packets, to_mobile_bytes;
	uint64_t from_mobile_packets, from_mobile_bytes;
	uint64_t refused_packets; /* from the home agent */
};

struct fa_visitors;

struct fa_visitors *fa_visitors_create(unsigned visitors_max, unsigned pending_max);
void fa_visitors_destroy(struct fa_visitors *visitors); /* NULL is fine */

unsigned fa_visitors_count(const struct fa_visitors *visitors);
unsigned fa_visitors_pending_count(const struct fa_visitors *visitors);
bool fa_visitors_is_full(const struct fa_visitors *visitors);

/* By home address, which only one visitor has; NULL: none. */
struct fa_visitor *fa_visitors_find(const struct fa_visitors *visitors, be32 home_address);

/* The visitor with this home address, or a new one, all zero but for the address. NULL: the list is full, or no
 * memory. */
struct fa_visitor *fa_visitors_enter(struct fa_visitors *visitors, be32 home_address);
void fa_visitors_leave(struct fa_visitors *visitors, struct fa_visitor *visitor); /* frees it */

/* One after the other, from NULL on; NULL at the end. The list must not change meanwhile. */
struct fa_visitor *
fa_visitors_next(const struct fa_visitors *visitors, const struct fa_visitor *visitor);

/* The pending request of this mobile from this MAC address, or NULL. */
struct fa_pending *
fa_visitors_find_pending(const struct fa_visitors *visitors, const struct fa_identity *mobile,
			 const uint8_t mac[ETH_ADDRESS_SIZE]);

/* What a reply is to (RFC 5944 section 3.7.3.1), by home address, NAI where both have it, home agent (0: any) and
 * the low half of the Identification; NULL: nothing. */
struct fa_pending *fa_visitors_match(const struct fa_visitors *visitors,
				     const struct fa_identity *mobile, be64 identification_be);

/* A copy of `pending` in the list, instead of an earlier one of the same mobile and MAC address. NULL: too many, or
 * no memory. */
struct fa_pending *
fa_visitors_await(struct fa_visitors *visitors, const struct fa_pending *pending);
void fa_visitors_forget(struct fa_visitors *visitors, struct fa_pending *pending); /* frees it */

/* As fa_visitors_next(). */
struct fa_pending *
fa_visitors_next_pending(const struct fa_visitors *visitors, const struct fa_pending *pending);

/* When the next registration expires, request is given up or keepalive is due; false: nothing is there. */
bool fa_visitors_deadline(const struct fa_visitors *visitors, struct mono_time *when);

#endif
