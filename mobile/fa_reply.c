/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/ip_check.h"
#include "lib/prefix.h"
#include "mobile/fa_keepalive.h"
#include "mobile/fa_relay_state.h"
#include "mobile/fa_revocation.h"

#define AUTH_HEADER_SIZE 6 /* type, length and SPI */

static bool
is_accepted(const struct mip_reply *reply)
{
	return reply->code == MIP_CODE_ACCEPTED || reply->code == MIP_CODE_ACCEPTED_NO_SIMULTANEOUS;
}

/* RFC 5944 section 3.7.1: where there is an association, all but a denial is signed: who could not prove himself may
 * not get an authenticator. */
static bool
agent_auth_is_right(struct fa_relay *relay, const struct mip_message *message,
		    const struct fa_pending *pending)
{
	be32 agent = pending->mobile.home_agent;
	const struct fa_association *association = fa_association_of_agent(relay, agent);
	char text[ADDRESS_TEXT_SIZE];

	if (association == NULL)
		return true;
	if (message->fa_ha.count == 0 && !is_accepted(&message->reply))
		return true;
	if (fa_auth_is_right(relay, message, &message->fa_ha, association))
		return true;
	relay->counters.bad_authenticators++;
	if (log_limit_allows(&relay->log_limit))
		log_warnx("reply of %s: no right Foreign-Home authenticator",
			  address_format(agent, text));
	return false;
}

/* What of the reply is the mobile's: all that his home agent signed; or, of a denial that is not signed, all
 * before what is for us. */
static size_t
mobiles_part(const struct mip_message *message)
{
	size_t len = fa_authorized_len(message);

	if (len != 0)
		return len;
	if (message->fa_ha.count != 0)
		return (size_t)message->fa_ha.covered_len - AUTH_HEADER_SIZE;
	return message->len;
}

/* RFC 4721 section 3.3: the home agent returns the challenge as it was, or not at all. */
static bool
challenge_is_another(const struct mip_message *message, const struct fa_pending *pending)
{
	const struct mip_view *challenge = &message->challenge;

	return challenge->data != NULL && pending->challenge_len != 0 &&
	       (challenge->len != pending->challenge_len ||
		memcmp(challenge->data, pending->challenge, challenge->len) != 0);
}

static void
pass_on(struct fa_relay *relay, const struct mip_message *message, const struct fa_pending *pending)
{
	static const uint8_t wrong_challenge[] = {0, MIP_FA_WRONG_HA_CHALLENGE};
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	struct mip_builder builder;

	mip_begin(&builder, bytes, sizeof(bytes), message->bytes, mobiles_part(message));
	if (challenge_is_another(message, pending))
		mip_add(&builder, MIP_EXT_FA_ERROR, wrong_challenge, sizeof(wrong_challenge));
	relay->counters.replies_relayed++;
	fa_send_to_mobile(relay, pending, message->reply.home_address, &builder);
}

static enum tunnel_kind
kind_of(const struct mip_message *message, const struct fa_pending *pending)
{
	unsigned kind = TUNNEL_IPIP;

	/* of both, home agents take GRE, which carries more */
	if ((pending->flags & MIP_FLAG_G) != 0)
		kind = TUNNEL_GRE;
	else if ((pending->flags & MIP_FLAG_M) != 0)
		kind = TUNNEL_MINENC;
	if (pending->asked_for_udp && message->udp_reply.present && message->udp_reply.code == 0)
		kind |= 1;
	return (enum tunnel_kind)kind;
}

static void
serve(struct fa_relay *relay, const struct mip_message *message, const struct fa_pending *pending,
      struct mono_time now)
{
	const struct fa_config *config = relay->config;
	be32 home_address = message->reply.home_address;
	unsigned lifetime_sec = be16toh(message->reply.lifetime_be);
	struct fa_visitor *visitor = fa_visitors_enter(relay->visitors, home_address);
	struct mn_tunnel_spec spec = {
		.kind = kind_of(message, pending),
		.home_address = home_address,
		.care_of = config->care_of,
		.home_agent = pending->mobile.home_agent,
		.port_be = htobe16(MIP_PORT),
		.reverse = (pending->flags & MIP_FLAG_T) != 0,
		.groups = pending->is_encapsulating,
		.link_mtu = relay->hooks->path_mtu(relay->context, pending->mobile.home_agent),
	};
	char text[ADDRESS_TEXT_SIZE];

	if (visitor == NULL) {
		log_warnx("%s: no room for the visitor", address_format(home_address, text));
		return;
	}
	if (lifetime_sec > config->limits.lifetime_max_sec)
		lifetime_sec = config->limits.lifetime_max_sec;
	visitor->mobile = pending->mobile;
	visitor->mobile.home_address = home_address;
	memcpy(visitor->mac, pending->asker.mac, sizeof(visitor->mac));
	visitor->lifetime_sec = (uint16_t)lifetime_sec;
	visitor->expires = mono_add_sec(now, lifetime_sec);
	if (lifetime_sec == MIP_LIFETIME_INFINITE)
		visitor->expires = (struct mono_time){UINT64_MAX};
	visitor->has_tunnel =
		(pending->flags & MIP_FLAG_D) == 0 && mn_tunnel_init(&visitor->tunnel, &spec) == 0;
	visitor->is_encapsulating = visitor->has_tunnel && pending->is_encapsulating;
	fa_keepalive_granted(relay, visitor, message->udp_reply.keepalive_sec, now);
	fa_revocation_granted(relay, visitor, message, pending);
	relay->hooks->visitor_changed(relay->context, visitor, true);
}

/* RFC 5944 section 3.7.3.2: a denial leaves the visitor as he is. */
static void
update_visitor(struct fa_relay *relay, const struct mip_message *message,
	       const struct fa_pending *pending, struct mono_time now)
{
	struct fa_visitor *visitor;

	if (!is_accepted(&message->reply))
		return;
	if (message->reply.lifetime_be != 0) {
		serve(relay, message, pending, now);
		return;
	}
	visitor = fa_visitors_find(relay->visitors, message->reply.home_address);
	if (visitor == NULL || visitor->mobile.home_agent != pending->mobile.home_agent)
		return;
	fa_end_visitor(relay, visitor);
}

/* The request that the reply is to, or NULL. */
static struct fa_pending *
match(const struct fa_relay *relay, be32 src, const struct mip_message *message)
{
	struct fa_identity mobile = {
		.home_address = message->reply.home_address,
		/* who asks for any home agent is answered 136 by one (RFC 5944 section 3.6.1.2) */
		.home_agent = message->reply.code == MIP_CODE_UNKNOWN_HA ? 0 : src,
	};

	if (message->nai.data != NULL) {
		mobile.nai_len = (uint8_t)message->nai.len;
		memcpy(mobile.nai, message->nai.data, message->nai.len);
	}
	return fa_visitors_match(relay->visitors, &mobile, message->reply.identification_be);
}

/* An address that somebody has already, or nobody can have, is no grant. */
static bool
is_grantable(const struct fa_relay *relay, const struct mip_message *message,
	     const struct fa_pending *pending)
{
	be32 home_address = message->reply.home_address;
	const struct fa_visitor *visitor = fa_visitors_find(relay->visitors, home_address);

	if (!is_accepted(&message->reply) || message->reply.lifetime_be == 0)
		return true;
	return !ip_source_is_martian(home_address) &&
	       !relay->hooks->is_own_address(relay->context, home_address) &&
	       (visitor == NULL || visitor->mobile.home_agent == pending->mobile.home_agent);
}

void
fa_relay_reply(struct fa_relay *relay, const struct fa_peer *from, const uint8_t *bytes, size_t len,
	       struct mono_time now)
{
	struct mip_message message;
	enum mip_parse_result parsed = mip_parse(bytes, len, &message);
	struct fa_pending *pending = NULL;
	bool is_message = parsed != MIP_PARSE_SHORT && parsed != MIP_PARSE_UNKNOWN_EXTENSION;

	if (is_message && (message.type == MIP_REVOCATION || message.type == MIP_REVOCATION_ACK)) {
		fa_revocation_input(relay, from, &message, parsed);
		return;
	}
	relay->counters.replies++;
	if (is_message && message.type == MIP_REGISTRATION_REPLY &&
	    from->port_be == htobe16(MIP_PORT))
		pending = match(relay, from->address, &message);
	if (pending == NULL) {
		relay->counters.replies_discarded++;
		return;
	}
	if (!agent_auth_is_right(relay, &message, pending)) {
		relay->counters.replies_discarded++;
		fa_deny(relay, pending, MIP_FA_HA_FAILED_AUTH, pending->lifetime_sec, now);
	} else if (parsed != MIP_PARSE_OK || !is_grantable(relay, &message, pending)) {
		relay->counters.replies_discarded++;
		fa_deny(relay, pending, MIP_FA_POOR_REPLY, pending->lifetime_sec, now);
	} else {
		update_visitor(relay, &message, pending, now);
		pass_on(relay, &message, pending);
	}
	fa_visitors_forget(relay->visitors, pending);
}
