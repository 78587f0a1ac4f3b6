/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_ADVERTISER_H
#define MOBILE_FA_ADVERTISER_H

#include "lib/agent_advertisement.h"
#include "lib/token_bucket.h"
#include "mobile/fa_config.h"
#include "mobile/fa_relay.h"

/*
 * Agent Advertisements of a foreign agent (RFC 5944 section 2.3): when and with what, but not the socket. The
 * sequence number counts those sent since the start, but for what tells a mobile that his registration is gone. When
 * the relay is leaving, each is a farewell: its lifetime is 0. One thread.
 */
struct fa_advertiser {
	const struct fa_config *config;
	struct fa_relay *relay;
	uint16_t sequence;
	uint16_t id;
	struct token_bucket unicast;
	struct token_bucket multicast; /* solicited by somebody without an address: one a second */
	uint64_t sent;
	uint64_t solicited;
	uint64_t withheld;
};

void fa_advertiser_init(struct fa_advertiser *advertiser, const struct fa_config *config,
			struct fa_relay *relay, struct mono_time now);

/* The next periodic one, with `fresh` as its challenge. Length. */
size_t
fa_advertiser_periodic(struct fa_advertiser *advertiser, be32 src, const struct fa_challenge *fresh,
		       uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX]);

/* The answer to a solicitation from `asker`, 0 when he has no address yet: then it is for all. Length; 0: too many. */
size_t fa_advertiser_solicited(struct fa_advertiser *advertiser, be32 src, be32 asker,
			       const struct fa_challenge *fresh, struct mono_time now,
			       uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX]);

/* One for `mobile` alone, with sequence number 0: his registration is gone (RFC 3543 section 4.1). Length. */
size_t
fa_advertiser_reset(struct fa_advertiser *advertiser, be32 src, be32 mobile,
		    const struct fa_challenge *fresh, uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX]);

#endif
