/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_relay.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/ip_check.h"
#include "mobile/fa_keepalive.h"
#include "mobile/fa_relay_state.h"
#include "mobile/fa_revocation.h"

#define DENIAL_INTERVAL_MS 1000	 /* RFC 5944 section 3.7.2 */
#define REVOCATIONS_PER_SEC 1000 /* as many leave at once when all visitors must go */
#define REVOCATIONS_AT_ONCE 50

int
fa_relay_create(struct fa_relay **relay_out, const struct fa_config *config,
		const struct fa_hooks *hooks, void *context)
{
	const struct fa_limits_config *limits = &config->limits;
	struct fa_relay *relay = calloc(1, sizeof(*relay));
	struct fa_challenge first;

	if (relay == NULL)
		return -ENOMEM;
	relay->config = config;
	relay->hooks = hooks;
	relay->context = context;
	relay->log_limit.per_sec = 5;
	token_bucket_init(&relay->revocation_pace, REVOCATIONS_PER_SEC, REVOCATIONS_AT_ONCE,
			  relay->epoch);
	relay->revoked = calloc(config->home_agents.count + 1u, sizeof(*relay->revoked));
	relay->auth = mip_auth_create();
	relay->visitors = fa_visitors_create(limits->visitors_max, limits->pending_max);
	relay->challenges = fa_challenges_create(config->challenge.window,
						 limits->visitors_max + limits->pending_max);
	relay->bans = fa_bans_create();
	if (relay->auth == NULL || relay->visitors == NULL || relay->challenges == NULL ||
	    relay->revoked == NULL || relay->bans == NULL) {
		fa_relay_destroy(relay);
		return -ENOMEM;
	}
	hooks->random(context, &first, sizeof(first));
	fa_challenges_advertise(relay->challenges, &first);
	*relay_out = relay;
	return 0;
}

void
fa_relay_destroy(struct fa_relay *relay)
{
	if (relay == NULL)
		return;
	fa_revocation_fini(relay);
	free(relay->revoked);
	mip_auth_destroy(relay->auth);
	fa_visitors_destroy(relay->visitors);
	fa_challenges_destroy(relay->challenges);
	fa_bans_destroy(relay->bans);
	free(relay);
}

void
fa_relay_set_clock(struct fa_relay *relay, struct ntp_time wall, struct mono_time now)
{
	relay->epoch = now;
	relay->epoch_sec = (uint32_t)(wall.units >> 32);
}

/* As mn_tunnel_init(), but what there is stays when it fails. */
static int
set_tunnel(struct fa_visitor *visitor, const struct mn_tunnel_spec *spec)
{
	struct mn_tunnel tunnel;
	int result = mn_tunnel_init(&tunnel, spec);

	if (result == 0)
		visitor->tunnel = tunnel;
	return result;
}

void
fa_relay_path_changed(struct fa_relay *relay, be32 home_agent)
{
	uint16_t mtu = relay->hooks->path_mtu(relay->context, home_agent);

	for (struct fa_visitor *visitor = fa_visitors_next(relay->visitors, NULL); visitor != NULL;
	     visitor = fa_visitors_next(relay->visitors, visitor)) {
		struct mn_tunnel_spec spec = visitor->tunnel.spec;

		if (!visitor->has_tunnel || spec.home_agent != home_agent)
			continue;
		spec.link_mtu = mtu;
		/* one that leaves no room for a packet is not believed */
		(void)set_tunnel(visitor, &spec);
	}
}

struct fa_visitors *
fa_relay_visitors(const struct fa_relay *relay)
{
	return relay->visitors;
}

struct fa_challenges *
fa_relay_challenges(const struct fa_relay *relay)
{
	return relay->challenges;
}

const struct fa_bans *
fa_relay_bans(const struct fa_relay *relay)
{
	return relay->bans;
}

const struct fa_counters *
fa_relay_counters(const struct fa_relay *relay)
{
	return &relay->counters;
}

bool
fa_relay_is_leaving(const struct fa_relay *relay)
{
	return relay->is_leaving;
}

unsigned
fa_relay_revoking_count(const struct fa_relay *relay)
{
	return relay->revocation_count;
}

const struct fa_association *
fa_association_of_mobile(const struct fa_relay *relay, const struct fa_identity *mobile)
{
	const struct fa_associations *mobiles = &relay->config->mobiles;

	for (unsigned i = 0; i < mobiles->count; i++) {
		const struct fa_association *association = &mobiles->list[i];

		if (association->address != 0 && association->address == mobile->home_address)
			return association;
		if (association->nai[0] != '\0' && mobile->nai_len == strlen(association->nai) &&
		    memcmp(association->nai, mobile->nai, mobile->nai_len) == 0)
			return association;
	}
	return NULL;
}

const struct fa_association *
fa_association_of_agent(const struct fa_relay *relay, be32 home_agent)
{
	const struct fa_associations *agents = &relay->config->home_agents;

	for (unsigned i = 0; i < agents->count; i++) {
		if (agents->list[i].address == home_agent)
			return &agents->list[i];
	}
	return NULL;
}

bool
fa_auth_is_right(const struct fa_relay *relay, const struct mip_message *message,
		 const struct mip_auth_view *view, const struct fa_association *association)
{
	return view->count == 1 && view->authenticator.data != NULL &&
	       view->spi == association->spi &&
	       mip_auth_verify(relay->auth, association->algorithm, &association->key,
			       message->bytes, view->covered_len, view->authenticator.data,
			       view->authenticator.len);
}

static size_t
end_of(const struct mip_auth_view *view)
{
	return view->count != 0 ? (size_t)view->covered_len + view->authenticator.len : 0;
}

size_t
fa_authorized_len(const struct mip_message *message)
{
	size_t mn_ha = end_of(&message->mn_ha), mn_aaa = end_of(&message->mn_aaa);

	return mn_ha > mn_aaa ? mn_ha : mn_aaa;
}

/* RFC 4721 section 3.3: one that he has not used, before the authenticator. */
static void
add_challenge(struct fa_relay *relay, const struct fa_identity *mobile, struct mip_builder *builder)
{
	struct fa_challenge fresh;
	const struct fa_challenge *offer;

	if (!relay->config->challenge.required)
		return;
	relay->hooks->random(relay->context, &fresh, sizeof(fresh));
	offer = fa_challenges_offer(relay->challenges, mobile, &fresh);
	mip_add(builder, MIP_EXT_FA_CHALLENGE, offer->bytes, sizeof(offer->bytes));
}

void
fa_send_to_mobile(struct fa_relay *relay, const struct fa_pending *pending, be32 dst,
		  struct mip_builder *builder)
{
	const struct fa_association *association =
		fa_association_of_mobile(relay, &pending->mobile);
	be32 asked = pending->asker.dst;
	struct fa_to_mobile message = {
		.to = pending->asker,
		.src = ip_is_multicast(asked) || asked == UINT32_MAX ? 0 : asked,
		.dst = dst != 0 ? dst : UINT32_MAX,
		.bytes = builder->bytes,
	};
	int len;

	add_challenge(relay, &pending->mobile, builder);
	if (association != NULL &&
	    mip_add_auth(builder, relay->auth, MIP_EXT_MN_FA_AUTH, association->spi,
			 association->algorithm, &association->key) != 0)
		return;
	len = mip_end(builder);
	if (len < 0) {
		if (log_limit_allows(&relay->log_limit))
			log_warnx("a reply is too long with our extensions");
		return;
	}
	message.len = (size_t)len;
	relay->hooks->to_mobile(relay->context, &message);
}

/* True at most once a second for one mobile. */
static bool
may_deny(struct fa_relay *relay, const struct fa_pending *pending, struct mono_time now)
{
	const uint8_t *mac = pending->asker.mac;
	be32 home_address = pending->mobile.home_address;
	unsigned slot =
		(mac[3] ^ mac[4] * 3u ^ mac[5] * 7u ^ be32toh(home_address)) % FA_DENIAL_SLOTS;
	struct fa_denial *denial = &relay->denials[slot];

	if (memcmp(denial->mac, mac, sizeof(denial->mac)) == 0 &&
	    denial->home_address == home_address && mono_is_before(now, denial->again))
		return false;
	memcpy(denial->mac, mac, sizeof(denial->mac));
	denial->home_address = home_address;
	denial->again = mono_add_ms(now, DENIAL_INTERVAL_MS);
	return true;
}

void
fa_deny(struct fa_relay *relay, const struct fa_pending *pending, uint8_t code,
	uint16_t lifetime_sec, struct mono_time now)
{
	const struct fa_identity *mobile = &pending->mobile;
	const struct mip_reply fixed = {
		.type = MIP_REGISTRATION_REPLY,
		.code = code,
		.lifetime_be = htobe16(lifetime_sec),
		.home_address = mobile->home_address,
		.home_agent = mobile->home_agent,
		.identification_be = pending->identification_be,
	};
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	struct mip_builder builder;

	if (!may_deny(relay, pending, now)) {
		relay->counters.denials_withheld++;
		return;
	}
	relay->counters.denials[code]++;
	mip_begin(&builder, bytes, sizeof(bytes), &fixed, sizeof(fixed));
	if (mobile->nai_len != 0)
		mip_add(&builder, MIP_EXT_NAI, mobile->nai, mobile->nai_len);
	fa_send_to_mobile(relay, pending, mobile->home_address, &builder);
}

/* RFC 5944 section 3.4: 80 to 88, by the ICMP code. */
static uint8_t
unreachable_code(uint8_t icmp_code)
{
	switch (icmp_code) {
	case ICMP_CODE_NET_UNREACHABLE:
		return MIP_FA_HOME_NET_UNREACHABLE;
	case ICMP_CODE_HOST_UNREACHABLE:
		return MIP_FA_HA_HOST_UNREACHABLE;
	case ICMP_CODE_PORT_UNREACHABLE:
		return MIP_FA_HA_PORT_UNREACHABLE;
	default:
		return MIP_FA_HA_UNREACHABLE;
	}
}

void
fa_relay_unreachable(struct fa_relay *relay, be32 home_agent, uint8_t code, struct mono_time now)
{
	struct fa_pending *pending = fa_visitors_next_pending(relay->visitors, NULL), *next;

	for (; pending != NULL; pending = next) {
		next = fa_visitors_next_pending(relay->visitors, pending);
		if (pending->mobile.home_agent != home_agent)
			continue;
		fa_deny(relay, pending, unreachable_code(code), pending->lifetime_sec, now);
		fa_visitors_forget(relay->visitors, pending);
	}
}

void
fa_end_visitor(struct fa_relay *relay, struct fa_visitor *visitor)
{
	relay->hooks->visitor_changed(relay->context, visitor, false);
	fa_visitors_leave(relay->visitors, visitor);
}

int
fa_relay_revoke(struct fa_relay *relay, be32 home_address, uint32_t ban_sec, struct mono_time now)
{
	struct fa_visitor *visitor = fa_visitors_find(relay->visitors, home_address);
	const struct fa_identity stranger = {.home_address = home_address};
	struct mono_time until = mono_add_sec(now, ban_sec);
	int result;

	if (visitor == NULL)
		return ban_sec != FA_BAN_LIFETIME ? fa_bans_set(relay->bans, &stranger, until, now)
						  : -ENOENT;
	if (ban_sec == FA_BAN_LIFETIME)
		until = visitor->expires;
	result = fa_bans_set(relay->bans, &visitor->mobile, until, now);
	if (result == -ENOSPC)
		return result;
	fa_revocation_start(relay, visitor, true, now);
	fa_revocation_tick(relay, now);
	return 0;
}

void
fa_relay_leave(struct fa_relay *relay, struct mono_time now)
{
	struct fa_pending *pending;
	struct fa_visitor *visitor;

	relay->is_leaving = true;
	/* the last advertisement tells the mobiles */
	while ((visitor = fa_visitors_next(relay->visitors, NULL)) != NULL)
		fa_revocation_start(relay, visitor, false, now);
	while ((pending = fa_visitors_next_pending(relay->visitors, NULL)) != NULL) {
		fa_deny(relay, pending, MIP_FA_NO_RESOURCES, pending->lifetime_sec, now);
		fa_visitors_forget(relay->visitors, pending);
	}
	fa_revocation_tick(relay, now);
}

static void
end_registrations(struct fa_relay *relay, struct mono_time now)
{
	struct fa_visitor *visitor = fa_visitors_next(relay->visitors, NULL), *next;

	for (; visitor != NULL; visitor = next) {
		next = fa_visitors_next(relay->visitors, visitor);
		if (mono_is_before(now, visitor->expires)) {
			fa_keepalive_tick(relay, visitor, now);
			continue;
		}
		relay->counters.registrations_expired++;
		fa_end_visitor(relay, visitor);
	}
}

void
fa_relay_tick(struct fa_relay *relay, struct mono_time now)
{
	struct fa_pending *pending = fa_visitors_next_pending(relay->visitors, NULL), *next;

	for (; pending != NULL; pending = next) {
		next = fa_visitors_next_pending(relay->visitors, pending);
		if (mono_is_before(now, pending->give_up))
			continue;
		fa_deny(relay, pending, MIP_FA_TIMEOUT, pending->lifetime_sec, now);
		fa_visitors_forget(relay->visitors, pending);
	}
	end_registrations(relay, now);
	fa_revocation_tick(relay, now);
}

bool
fa_relay_deadline(const struct fa_relay *relay, struct mono_time *when)
{
	if (!fa_visitors_deadline(relay->visitors, when))
		when->ns = UINT64_MAX;
	fa_revocation_deadline(relay, when);
	return when->ns != UINT64_MAX;
}
