/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_RELAY_STATE_H
#define MOBILE_FA_RELAY_STATE_H

#include "lib/mip_revocation.h"
#include "lib/token_bucket.h"
#include "mobile/fa_ban.h"
#include "mobile/fa_relay.h"

/* Inside fa_relay.c, fa_request.c, fa_reply.c, fa_keepalive.c and fa_revocation.c only. */

#define FA_DENIAL_SLOTS 256

/* When a mobile was denied last; of two that share a place, the later one. */
struct fa_denial {
	uint8_t mac[ETH_ADDRESS_SIZE];
	be32 home_address;
	struct mono_time again; /* not before */
};

struct fa_relay {
	const struct fa_config *config;
	const struct fa_hooks *hooks;
	void *context;
	struct mip_auth *auth;
	struct fa_visitors *visitors;
	struct fa_challenges *challenges;
	struct fa_bans *bans;
	bool is_leaving;
	struct mono_time epoch;		   /* when it was epoch_sec */
	uint32_t epoch_sec;		   /* since 1900, as a timestamp of RFC 3543 */
	struct fa_revocation *revocations; /* by when there is something to do */
	unsigned revocation_count;
	struct token_bucket revocation_pace;
	struct mono_time revocation_resume; /* too many have just left: not before */
	struct revocation_memory *revoked;  /* one for each of the configuration's home agents */
	struct log_limit log_limit;
	struct fa_counters counters;
	struct fa_denial denials[FA_DENIAL_SLOTS];
};

/* The association with a mobile or a home agent, or NULL. */
const struct fa_association *
fa_association_of_mobile(const struct fa_relay *relay, const struct fa_identity *mobile);
const struct fa_association *fa_association_of_agent(const struct fa_relay *relay, be32 home_agent);

/* Exactly one authenticator is there, with the SPI of `association`, and it is right. */
bool fa_auth_is_right(const struct fa_relay *relay, const struct mip_message *message,
		      const struct mip_auth_view *view, const struct fa_association *association);

/* Adds what we have to say to a mobile (challenge, authenticator) and sends it to him. */
void fa_send_to_mobile(struct fa_relay *relay, const struct fa_pending *pending, be32 dst,
		       struct mip_builder *builder);

/* Answers with a code of ours, at most once a second. `lifetime_sec` goes into the reply. */
void fa_deny(struct fa_relay *relay, const struct fa_pending *pending, uint8_t code,
	     uint16_t lifetime_sec, struct mono_time now);

/* He has left: tells the owner and frees him. */
void fa_end_visitor(struct fa_relay *relay, struct fa_visitor *visitor);

/* Where the last authenticator ends that speaks to the home agent, or 0: there is none. Nothing up to there may be
 * altered, all behind it is for the next hop alone. */
size_t fa_authorized_len(const struct mip_message *message);

#endif
