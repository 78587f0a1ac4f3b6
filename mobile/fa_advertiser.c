/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_advertiser.h"

#include <string.h>

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

/* How long hosts may rely on one (RFC 1256 section 4.1). */
static uint16_t
lifetime_sec(const struct fa_advertiser *advertiser)
{
	if (fa_relay_is_leaving(advertiser->relay))
		return 0;
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
	if (config->revocation.offer)
		flags |= MIP_ADVERTISEMENT_X;
	return (uint16_t)flags;
}

static uint16_t
next_sequence(struct fa_advertiser *advertiser)
{
	uint16_t sequence = advertiser->sequence;

	advertiser->sequence = agent_sequence_next(sequence);
	return sequence;
}

/* Completes `advertisement`, which has addresses, sequence and challenge, by what all have. */
static size_t
build(struct fa_advertiser *advertiser, struct agent_advertisement *advertisement,
      uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX])
{
	const struct fa_config *config = advertiser->config;

	advertisement->id_be = htobe16(++advertiser->id);
	advertisement->lifetime_sec = lifetime_sec(advertiser);
	advertisement->registration_sec = (uint16_t)config->limits.lifetime_max_sec;
	advertisement->flags = flags_of(advertiser);
	advertisement->care_of = &config->care_of;
	advertisement->care_of_count = 1;
	advertisement->challenge_len = config->challenge.required ? FA_CHALLENGE_SIZE : 0;
	advertisement->nai = config->advertise.nai;
	advertisement->nai_len = (unsigned)strlen(config->advertise.nai);
	advertiser->sent++;
	return agent_advertisement_build(advertisement, out);
}

size_t
fa_advertiser_periodic(struct fa_advertiser *advertiser, be32 src, const struct fa_challenge *fresh,
		       uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX])
{
	struct agent_advertisement advertisement = {
		.src = src,
		.dst = IP_ALL_SYSTEMS,
		.sequence = next_sequence(advertiser),
		.challenge = fresh->bytes,
	};

	fa_challenges_advertise(fa_relay_challenges(advertiser->relay), fresh);
	return build(advertiser, &advertisement, out);
}

/* RFC 4721 section 2.1: to one, what he has not used yet; to all, nothing new. */
static const struct fa_challenge *
challenge_for(const struct fa_advertiser *advertiser, be32 mobile_address,
	      const struct fa_challenge *fresh)
{
	struct fa_challenges *challenges = fa_relay_challenges(advertiser->relay);
	const struct fa_identity *mobile = NULL;

	if (mobile_address != 0)
		mobile = fa_challenges_find_home(challenges, mobile_address);
	return mobile != NULL ? fa_challenges_offer(challenges, mobile, fresh)
			      : fa_challenges_latest(challenges);
}

size_t
fa_advertiser_solicited(struct fa_advertiser *advertiser, be32 src, be32 asker,
			const struct fa_challenge *fresh, struct mono_time now,
			uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX])
{
	struct agent_advertisement advertisement = {
		.src = src,
		.dst = asker != 0 ? asker : IP_ALL_SYSTEMS,
	};

	advertiser->solicited++;
	if (!token_bucket_take(asker != 0 ? &advertiser->unicast : &advertiser->multicast, now)) {
		advertiser->withheld++;
		return 0;
	}
	advertisement.sequence = next_sequence(advertiser);
	advertisement.challenge = challenge_for(advertiser, asker, fresh)->bytes;
	return build(advertiser, &advertisement, out);
}

size_t
fa_advertiser_reset(struct fa_advertiser *advertiser, be32 src, be32 mobile,
		    const struct fa_challenge *fresh, uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX])
{
	struct agent_advertisement advertisement = {
		.src = src,
		.dst = mobile,
		.challenge = challenge_for(advertiser, mobile, fresh)->bytes,
	};

	return build(advertiser, &advertisement, out);
}
