/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_request.h"

#include <string.h>

#include "lib/mip_message.h"

/* RFC 5944 section 5.7. Timestamps: the home agent's time as far as we know it, always later
 * than the last. Nonces: the home agent's latest in the high half, a random one of ours in the
 * low half. */
static uint64_t
next_identification(const struct mn_registration *registration, const struct mn_instant *at)
{
	uint32_t low = at->random;
	uint64_t id;

	if (registration->config->replay == MN_REPLAY_NONCES) {
		if (low == (uint32_t)registration->last_id)
			low++;
		return (uint64_t)registration->nonce << 32 | low;
	}
	id = at->ntp.units + ((uint64_t)registration->clock_offset_sec << 32);
	return id > registration->last_id ? id : registration->last_id + 1;
}

static bool
is_simultaneous(const struct mn_registration *registration)
{
	return registration->wishes.simultaneous && registration->has_sibling &&
	       !registration->must_sweep;
}

static uint8_t
request_flags(const struct mn_registration *registration)
{
	const struct mn_wishes *wishes = &registration->wishes;
	uint8_t flags = registration->foreign == NULL ? MIP_FLAG_D : 0;

	if (registration->is_home)
		return 0;
	if (wishes->reverse)
		flags |= MIP_FLAG_T;
	if (is_simultaneous(registration))
		flags |= MIP_FLAG_S;
	/* a foreign agent would hand them on inside another tunnel, which we do not open */
	if (registration->config->broadcasts && registration->foreign == NULL)
		flags |= MIP_FLAG_B;
	if (tunnel_is_gre(wishes->encapsulation))
		flags |= MIP_FLAG_G;
	if (tunnel_is_minenc(wishes->encapsulation))
		flags |= MIP_FLAG_M;
	return flags;
}

/* The address to (de)register. A binding that was made elsewhere goes with all others: RFC 5944
 * section 3.6.1.2 writes that as a care-of address equal to the home address. */
static be32
request_care_of(const struct mn_registration *registration, bool deregister)
{
	if (deregister && registration->home_address != 0 && registration->bound_care_of != 0 &&
	    registration->bound_care_of != registration->care_of && !registration->has_sibling)
		return registration->home_address;
	return registration->care_of;
}

static bool
is_same_challenge(const struct mn_challenge *a, const struct mn_challenge *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

const struct mn_challenge *
mn_request_challenge(const struct mn_registration *registration)
{
	const struct mn_foreign *foreign = registration->foreign;

	if (registration->offered.len != 0 && registration->offered_at == foreign->challenge_count)
		return &registration->offered;
	if (foreign->challenge.len != 0 &&
	    !is_same_challenge(&foreign->challenge, &registration->spent))
		return &foreign->challenge;
	return registration->offered.len != 0 ? &registration->offered : NULL;
}

/* What is for the foreign agent stands behind the mobile-home authenticator, and the mobile-foreign one behind all
 * (RFC 4721 section 3.1). */
static int
add_for_foreign(struct mn_registration *registration, struct mip_builder *builder)
{
	const struct mn_foreign_association *association = registration->foreign->association;
	const struct mn_challenge *challenge = mn_request_challenge(registration);

	if (challenge != NULL) {
		mip_add(builder, MIP_EXT_FA_CHALLENGE, challenge->bytes, challenge->len);
		registration->spent = *challenge;
		registration->offered.len = 0;
	}
	if (association == NULL)
		return 0;
	return mip_add_auth(builder, registration->auth, MIP_EXT_MN_FA_AUTH, association->spi,
			    association->algorithm, &association->key);
}

int
mn_request_build(struct mn_registration *registration, bool deregister, const struct mn_instant *at)
{
	const struct mn_agent_config *config = registration->config;
	bool is_goodbye = deregister || registration->is_home;
	uint64_t id = next_identification(registration, at);
	struct mip_request fixed = {
		.type = MIP_REGISTRATION_REQUEST,
		.flags = request_flags(registration),
		.lifetime_be =
			is_goodbye ? 0
				   : htobe16((uint16_t)mn_registration_lifetime_sec(registration)),
		.home_address = registration->home_address,
		.home_agent = registration->home_agent,
		.care_of_address = request_care_of(registration, deregister),
		.identification_be = htobe64(id),
	};
	struct mip_builder builder;
	int result;

	mip_begin(&builder, registration->request, sizeof(registration->request), &fixed,
		  sizeof(fixed));
	if (config->nai[0] != '\0')
		mip_add(&builder, MIP_EXT_NAI, config->nai, strlen(config->nai));
	if (registration->wishes.udp) {
		enum tunnel_kind kind = registration->wishes.encapsulation;

		/* 0 leaves the format to the M and G bits, none of which is set for IP-in-IP */
		mip_add_udp_tunnel_request(&builder,
					   config->udp_tunnel_forced ? UDP_TUNNEL_FLAG_F : 0,
					   kind == TUNNEL_IPIP ? 0 : tunnel_protocol(kind));
	}
	result = mip_add_auth(&builder, registration->auth, MIP_EXT_MN_HA_AUTH, config->spi,
			      config->algorithm, &config->key);
	if (result == 0 && registration->foreign != NULL)
		result = add_for_foreign(registration, &builder);
	if (result != 0)
		return result;
	result = mip_end(&builder);
	if (result < 0)
		return result;
	registration->request_len = (uint16_t)result;
	registration->request_id_be = fixed.identification_be;
	registration->last_id = id;
	registration->requested = registration->wishes;
	registration->requested.simultaneous = is_simultaneous(registration);
	registration->sweeps = !deregister && !registration->requested.simultaneous;
	return 0;
}
