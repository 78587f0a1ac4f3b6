/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_advertiser.h"

#define INTERVALS_IN_LIFETIME 3 /* RFC 1256 section 4.1; RFC 5944 section 2.3 */

void
fa_advertiser_init(struct fa_advertiser *advertiser, const struct fa_config *config,
		   struct fa_relay *relay, struct mono_time now)
{
	unsigned per_sec = config->advertise.solicited_per_sec;

	*advertiser = (struct fa_advertiser){.config = config, .relay = relay};
	token_bucket_init(&advertiser->unicast, per_sec, per_sec, now);
	token_bucket_init(&advertiser->multicast, 1, 1, now);
}

uint16_t
fa_advertiser_lifetime_sec(const struct fa_advertiser *advertiser)
{
	return (uint16_t)(advertiser->config->advertise.interval_sec * INTERVALS_IN_LIFETIME);
}

static uint16_t
flags_of(const struct fa_advertiser *advertiser)
{
	const struct fa_config *config = advertiser->config;
	unsigned flags = MIP_ADVERTISEMENT_F;

	if (config->advertise.registration_required)
		flags |= MIP_ADVERTISEMENT_R;
	if (fa_visitors_is_full(fa_relay_visitors(advertiser->relay)))
		flags |= MIP_ADVERTISEMENT_B;
	if (config->tunnels.minimal)
		flags |= MIP_ADVERTISEMENT_M;
	if (config->tunnels.gre)
		flags |= MIP_ADVERTISEMENT_G;
	if (config->tunnels.reverse != FA_REVERSE_NONE)
		flags |= MIP_ADVERTISEMENT_T;
	if (config->tunnels.udp)
		flags |= MIP_ADVERTISEMENT_U;
	return (uint16_t)flags;
}

static size_t
build(struct fa_advertiser *advertiser, be32 src, be32 dst, uint16_t lifetime_sec,
      const struct fa_challenge *challenge, uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX])
{
	const struct agent_advertisement advertisement = {
		.src = src,
		.dst = dst,
		.id_be = htobe16(++advertiser->id),
		.lifetime_sec = lifetime_sec,
		.sequence = advertiser->sequence,
		.registration_sec = (uint16_t)advertiser->config->limits.lifetime_max_sec,
		.flags = flags_of(advertiser),
		.care_of = &advertiser->config->care_of,
		.care_of_count = 1,
		.challenge = challenge->bytes,
		.challenge_len = advertiser->config->challenge.required ? FA_CHALLENGE_SIZE : 0,
	};

	advertiser->sequence = agent_sequence_next(advertiser->sequence);
	advertiser->sent++;
	return agent_advertisement_build(&advertisement, out);
}

size_t
fa_advertiser_periodic(struct fa_advertiser *advertiser, be32 src, uint16_t lifetime_sec,
		       const struct fa_challenge *fresh, uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX])
{
	fa_challenges_advertise(fa_relay_challenges(advertiser->relay), fresh);
	return build(advertiser, src, IP_ALL_SYSTEMS, lifetime_sec, fresh, out);
}

size_t
fa_advertiser_solicited(struct fa_advertiser *advertiser, be32 src, be32 asker,
			const struct fa_challenge *fresh, struct mono_time now,
			uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX])
{
	struct fa_challenges *challenges = fa_relay_challenges(advertiser->relay);
	const struct fa_challenge *challenge = fa_challenges_latest(challenges);
	const struct fa_identity *mobile = NULL;

	advertiser->solicited++;
	if (!token_bucket_take(asker != 0 ? &advertiser->unicast : &advertiser->multicast, now)) {
		advertiser->withheld++;
		return 0;
	}
	/* RFC 4721 section 2.1: to one, what he has not used yet; to all, nothing new */
	if (asker != 0)
		mobile = fa_challenges_find_home(challenges, asker);
	if (mobile != NULL)
		challenge = fa_challenges_offer(challenges, mobile, fresh);
	return build(advertiser, src, asker != 0 ? asker : IP_ALL_SYSTEMS,
		     fa_advertiser_lifetime_sec(advertiser), challenge, out);
}
