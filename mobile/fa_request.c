/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "lib/ip_check.h"
#include "lib/prefix.h"
#include "mobile/fa_relay_state.h"
#include "mobile/fa_revocation.h"

#define TTL_OF_A_NEIGHBOUR 255 /* RFC 3024 section 3.1 */
#define TLV_SIZE 2
#define LONG_TLV_SIZE 4

/* A request under examination. */
struct request {
	struct fa_relay *relay;
	const struct mip_message *message;
	uint8_t ttl;
	struct fa_pending pending; /* what it will be, if it is relayed */
	bool is_retransmission;
	struct mono_time now;
};

/* How one check ends: 0, go on; a code; or the request does not deserve an answer. */
#define GO_ON 0
#define DISCARD (-1)

/* The same request again (RFC 4721 section 3.2): all is equal but what may differ, the Identification. */
static bool
is_retransmission_of(const struct fa_pending *new, const struct fa_pending *old)
{
	return old != NULL &&
	       new->flags == old->flags &&new->lifetime_sec == old->lifetime_sec &&new->care_of ==
		       old->care_of &&new->asker.src == old->asker.src &&new->asker.src_port_be ==
		       old->asker.src_port_be &&new->challenge_len ==
		       old->challenge_len &&memcmp(new->challenge, old->challenge,
						   new->challenge_len) == 0;
}

/* Whether the mobile asks for encapsulating delivery behind what his home agent reads. The parser has seen that
 * all extensions are whole. */
static bool
asks_for_encapsulating_delivery(const struct mip_message *message)
{
	size_t at = fa_authorized_len(message);

	while (at != 0 && at < message->len) {
		const uint8_t *ext = message->bytes + at;

		if (ext[0] == MIP_EXT_ENCAPSULATING_DELIVERY)
			return true;
		if (ext[0] == MIP_EXT_PAD)
			at++;
		else if (ext[0] == MIP_EXT_CVSE || ext[0] == MIP_EXT_GENERALIZED_AUTH)
			at += LONG_TLV_SIZE + (size_t)(ext[2] << 8 | ext[3]);
		else
			at += TLV_SIZE + (size_t)ext[1];
	}
	return false;
}

static void
fill_pending(struct request *request, const struct fa_asker *asker)
{
	const struct mip_message *message = request->message;
	const struct mip_request *fixed = &message->request;
	struct fa_pending *pending = &request->pending;

	pending->asker = *asker;
	pending->mobile.home_address = fixed->home_address;
	pending->mobile.home_agent = fixed->home_agent;
	pending->flags = fixed->flags;
	pending->lifetime_sec = be16toh(fixed->lifetime_be);
	pending->care_of = fixed->care_of_address;
	pending->identification_be = fixed->identification_be;
	if (message->nai.data != NULL) {
		pending->mobile.nai_len = (uint8_t)message->nai.len;
		memcpy(pending->mobile.nai, message->nai.data, message->nai.len);
	}
	if (message->challenge.data != NULL && message->challenge.len <= FA_CHALLENGE_SIZE) {
		pending->challenge_len = (uint8_t)message->challenge.len;
		memcpy(pending->challenge, message->challenge.data, message->challenge.len);
	}
}

/* Whether the reply could be taken for another's, who has asked before. That is a copy, or made to look like one: where
 * the reply makes a visitor, it would be of whoever sent that. */
static bool
is_copy(const struct request *request)
{
	const struct fa_visitors *visitors = request->relay->visitors;
	const struct fa_pending *ours = &request->pending;
	const struct fa_pending *other = fa_visitors_next_pending(visitors, NULL);

	while (other != NULL && (other->mobile.home_agent != ours->mobile.home_agent ||
				 (uint32_t)be64toh(other->identification_be) !=
					 (uint32_t)be64toh(ours->identification_be) ||
				 memcmp(other->asker.mac, ours->asker.mac, ETH_ADDRESS_SIZE) == 0))
		other = fa_visitors_next_pending(visitors, other);
	return other != NULL;
}

static int
check_form(const struct request *request, enum mip_parse_result parsed)
{
	const struct fa_relay *relay = request->relay;
	const struct fa_identity *mobile = &request->pending.mobile;
	be32 agent = mobile->home_agent;

	if (parsed != MIP_PARSE_OK || fa_authorized_len(request->message) == 0 ||
	    (request->pending.flags & (MIP_FLAG_R_RESERVED | MIP_FLAG_X_RESERVED)) != 0)
		return MIP_FA_POOR_REQUEST;
	/* RFC 3543 section 4.2.1: a mobile does not offer that through a foreign agent */
	if (request->message->revocation_support.author != MIP_BY_NOBODY &&
	    (request->pending.flags & MIP_FLAG_D) == 0)
		return DISCARD;
	/* who has no address says who he is by NAI (RFC 2794) */
	if (mobile->home_address == 0 ? mobile->nai_len == 0
				      : ip_source_is_martian(mobile->home_address))
		return MIP_FA_POOR_REQUEST;
	if (ip_source_is_martian(agent) || relay->hooks->is_own_address(relay->context, agent))
		return MIP_FA_INVALID_HA;
	if (mobile->home_address != 0 &&
	    (mobile->home_address == agent ||
	     relay->hooks->is_own_address(relay->context, mobile->home_address)))
		return MIP_FA_PROHIBITED;
	return GO_ON;
}

static int
check_mobile_auth(struct request *request)
{
	struct fa_relay *relay = request->relay;
	const struct fa_association *association =
		fa_association_of_mobile(relay, &request->pending.mobile);
	char text[ADDRESS_TEXT_SIZE];

	/* without an association there is nothing to check, nor a reason to believe */
	if (association == NULL)
		return request->message->mn_fa.count == 0 ? GO_ON : MIP_FA_MN_FAILED_AUTH;
	if (fa_auth_is_right(relay, request->message, &request->message->mn_fa, association))
		return GO_ON;
	relay->counters.bad_authenticators++;
	if (log_limit_allows(&relay->log_limit))
		log_warnx("request of %s: no right Mobile-Foreign authenticator",
			  address_format(request->pending.mobile.home_address, text));
	return MIP_FA_MN_FAILED_AUTH;
}

/* RFC 4721 section 3.2. */
static int
check_challenge(const struct request *request)
{
	const struct fa_relay *relay = request->relay;
	const struct mip_message *message = request->message;
	const struct mip_view *challenge = &message->challenge;

	if (challenge->data == NULL)
		return relay->config->challenge.required ? MIP_FA_MISSING_CHALLENGE : GO_ON;
	if ((message->mn_fa.count == 0 || message->mn_fa.authenticator.data < challenge->data) &&
	    (message->mn_aaa.count == 0 || message->mn_aaa.authenticator.data < challenge->data))
		return DISCARD;
	if (!relay->config->challenge.required || request->is_retransmission)
		return GO_ON;
	switch (fa_challenges_check(relay->challenges, &request->pending.mobile, challenge->data,
				    challenge->len)) {
	case FA_CHALLENGE_STALE:
		return MIP_FA_STALE_CHALLENGE;
	case FA_CHALLENGE_UNKNOWN:
		return MIP_FA_UNKNOWN_CHALLENGE;
	case FA_CHALLENGE_FRESH:
		break;
	}
	return GO_ON;
}

/* RFC 3024 sections 3.1 to 4.2. */
static int
check_reverse_tunnel(const struct request *request)
{
	bool is_asked = (request->pending.flags & MIP_FLAG_T) != 0;
	unsigned policy = request->relay->config->tunnels.reverse;

	if (request->pending.is_encapsulating && !is_asked)
		return MIP_FA_POOR_REQUEST;
	if (request->pending.is_encapsulating &&
	    !request->relay->config->tunnels.encapsulating_delivery)
		return MIP_FA_DELIVERY_STYLE;
	if (!is_asked)
		return policy == FA_REVERSE_MANDATORY ? MIP_FA_REVERSE_TUNNEL_MANDATORY : GO_ON;
	if (policy == FA_REVERSE_NONE)
		return MIP_FA_REVERSE_TUNNEL_UNAVAILABLE;
	return request->ttl != TTL_OF_A_NEIGHBOUR ? MIP_FA_TOO_DISTANT : GO_ON;
}

/* What the mobile asks of us; a deregistration, and a co-located care-of address, ask nothing. */
static int
check_service(const struct request *request)
{
	const struct fa_config *config = request->relay->config;
	const struct fa_pending *pending = &request->pending;

	if (pending->lifetime_sec == 0)
		return GO_ON;
	if (pending->lifetime_sec > config->limits.lifetime_max_sec)
		return MIP_FA_LIFETIME_TOO_LONG;
	if ((pending->flags & MIP_FLAG_D) != 0)
		return GO_ON;
	if (pending->care_of != config->care_of)
		return MIP_FA_INVALID_CARE_OF;
	if (((pending->flags & MIP_FLAG_G) != 0 && !config->tunnels.gre) ||
	    ((pending->flags & MIP_FLAG_M) != 0 && !config->tunnels.minimal))
		return MIP_FA_ENCAP_UNAVAILABLE;
	return check_reverse_tunnel(request);
}

/* Whether he is wanted here, and there is room. */
static int
check_room(const struct request *request)
{
	const struct fa_visitors *visitors = request->relay->visitors;
	const struct fa_pending *pending = &request->pending;
	const struct fa_visitor *visitor = fa_visitors_find(visitors, pending->mobile.home_address);

	if (pending->lifetime_sec != 0 &&
	    fa_bans_has(request->relay->bans, &pending->mobile, request->now))
		return MIP_FA_PROHIBITED;
	/* two mobiles of private networks with one address between them: the first one has it */
	if (visitor != NULL && visitor->mobile.home_agent != pending->mobile.home_agent)
		return MIP_FA_PROHIBITED;
	if (pending->lifetime_sec != 0 &&
	    (request->relay->is_leaving || (visitor == NULL && fa_visitors_is_full(visitors))))
		return MIP_FA_NO_RESOURCES;
	return GO_ON;
}

static int
check(struct request *request, enum mip_parse_result parsed)
{
	int verdict = check_form(request, parsed);

	if (verdict == GO_ON)
		verdict = check_mobile_auth(request);
	if (verdict == GO_ON)
		verdict = check_challenge(request);
	if (verdict == GO_ON)
		verdict = check_service(request);
	return verdict == GO_ON ? check_room(request) : verdict;
}

/* RFC 3519 section 4.5: our own words, so they stand behind the mobile's. */
static void
add_udp_request(struct request *request, struct mip_builder *builder)
{
	const struct fa_tunnels_config *tunnels = &request->relay->config->tunnels;
	struct fa_pending *pending = &request->pending;
	uint8_t encapsulation = 0;

	if (!tunnels->udp || (pending->flags & MIP_FLAG_D) != 0 || pending->lifetime_sec == 0)
		return;
	if ((pending->flags & MIP_FLAG_G) != 0)
		encapsulation = IP_PROTOCOL_GRE;
	else if ((pending->flags & MIP_FLAG_M) != 0)
		encapsulation = IP_PROTOCOL_MINENC;
	mip_add_udp_tunnel_request(builder, tunnels->udp_forced ? UDP_TUNNEL_FLAG_F : 0,
				   encapsulation);
	pending->asked_for_udp = true;
}

/* RFC 3543 section 3.2. */
static void
add_revocation_support(struct request *request, const struct fa_association *association,
		       struct mip_builder *builder)
{
	struct fa_relay *relay = request->relay;
	struct fa_pending *pending = &request->pending;

	pending->asked_at = request->now;
	pending->offered_revocation = fa_revocation_is_offered(relay, pending, association);
	if (pending->offered_revocation)
		mip_add_revocation_support(builder, relay->config->revocation.home_agent_decides,
					   fa_revocation_timestamp(relay, request->now));
}

/* RFC 5944 section 3.7.2.2. The length, or -errno. */
static int
build_relayed(struct request *request, uint8_t bytes[MIP_MESSAGE_SIZE_MAX])
{
	struct fa_relay *relay = request->relay;
	const struct fa_association *association =
		fa_association_of_agent(relay, request->pending.mobile.home_agent);
	struct mip_builder builder;
	int result;

	mip_begin(&builder, bytes, MIP_MESSAGE_SIZE_MAX, request->message->bytes,
		  fa_authorized_len(request->message));
	add_udp_request(request, &builder);
	add_revocation_support(request, association, &builder);
	if (association != NULL) {
		result = mip_add_auth(&builder, relay->auth, MIP_EXT_FA_HA_AUTH, association->spi,
				      association->algorithm, &association->key);
		if (result != 0)
			return result;
	}
	return mip_end(&builder);
}

/* 0 when it is on its way, or a code. */
static int
relay_it(struct request *request)
{
	struct fa_relay *relay = request->relay;
	struct fa_pending *pending = &request->pending;
	const struct fa_peer to = {pending->mobile.home_agent, htobe16(MIP_PORT)};
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	int len = build_relayed(request, bytes);

	if (len < 0)
		return MIP_FA_NO_RESOURCES;
	pending->give_up = mono_add_sec(request->now, relay->config->limits.pending_sec);
	if (fa_visitors_await(relay->visitors, pending) == NULL)
		return MIP_FA_NO_RESOURCES;
	if (relay->config->challenge.required && !request->is_retransmission &&
	    !fa_challenges_use(relay->challenges, &pending->mobile, pending->challenge,
			       pending->challenge_len)) {
		fa_visitors_forget(relay->visitors,
				   fa_visitors_find_pending(relay->visitors, &pending->mobile,
							    pending->asker.mac));
		return MIP_FA_NO_RESOURCES;
	}
	relay->counters.requests_relayed++;
	relay->hooks->to_agent(relay->context, &to, bytes, (size_t)len);
	return GO_ON;
}

void
fa_relay_request(struct fa_relay *relay, const struct fa_asker *asker, uint8_t ttl,
		 const uint8_t *bytes, size_t len, struct mono_time now)
{
	struct mip_message message;
	enum mip_parse_result parsed = mip_parse(bytes, len, &message);
	struct request request = {.relay = relay, .message = &message, .ttl = ttl, .now = now};
	uint16_t lifetime_sec;
	int verdict;

	relay->counters.requests++;
	if (parsed == MIP_PARSE_SHORT || parsed == MIP_PARSE_UNKNOWN_EXTENSION ||
	    message.type != MIP_REGISTRATION_REQUEST) {
		relay->counters.requests_discarded++;
		return;
	}
	fill_pending(&request, asker);
	request.is_retransmission = is_retransmission_of(
		&request.pending,
		fa_visitors_find_pending(relay->visitors, &request.pending.mobile, asker->mac));
	request.pending.is_encapsulating =
		parsed == MIP_PARSE_OK && asks_for_encapsulating_delivery(&message);
	verdict = is_copy(&request) ? DISCARD : check(&request, parsed);
	if (verdict == GO_ON)
		verdict = relay_it(&request);
	if (verdict == DISCARD)
		relay->counters.requests_discarded++;
	if (verdict <= GO_ON)
		return;
	lifetime_sec = verdict == MIP_FA_LIFETIME_TOO_LONG
			       ? (uint16_t)relay->config->limits.lifetime_max_sec
			       : request.pending.lifetime_sec;
	fa_deny(relay, &request.pending, (uint8_t)verdict, lifetime_sec, now);
}
