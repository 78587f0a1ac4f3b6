/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "lib/ip_check.h"
#include "lib/mip_message.h"
#include "mobile/mn_code.h"
#include "mobile/mn_registration.h"
#include "mobile/mn_request.h"

/* The receiving half of mn_registration.h: validity (RFC 5944 section 3.6.2.1), acceptance,
 * denial. */

/* Denials that are answered with another request at once; more in a row mean that it does not
 * help. */
#define REPAIRS_MAX 4

const char *
mn_verdict_text(enum mn_verdict verdict)
{
	static const char *const texts[] = {
		"accepted",
		"denied",
		"accepted, but without the proof of being inside (RFC 5265 TNC)",
		"malformed reply",
		"not from the agent that was asked",
		"answers no request that is open",
		"for another home address or NAI",
		"authenticator missing or wrong: a security event",
	};

	return (unsigned)verdict < ARRAY_COUNT(texts) ? texts[verdict] : "unknown";
}

static bool
is_expected_source(const struct mn_registration *registration, be32 src)
{
	if (registration->foreign != NULL)
		return src == registration->foreign->address;
	/* who answers a broadcast is what discovery wants to find out */
	bool is_discovering = registration->config->discovery &&
			      registration->home_agent == registration->config->address;

	return is_discovering || src == registration->home_agent;
}

static bool
is_our_identity(const struct mn_registration *registration, const struct mip_message *message)
{
	const char *nai = registration->config->nai;

	if (registration->home_address != 0 &&
	    message->reply.home_address != registration->home_address)
		return false;
	return message->nai.data == NULL || (message->nai.len == strlen(nai) &&
					     memcmp(message->nai.data, nai, message->nai.len) == 0);
}

/* True when the one authenticator at `view` is right. */
static bool
is_signed(const struct mn_registration *registration, const struct mip_message *message,
	  const struct mip_auth_view *view, uint32_t spi, enum mip_auth_algorithm algorithm,
	  const struct secret *key)
{
	return view->authenticator.data != NULL && view->count == 1 && view->spi == spi &&
	       mip_auth_verify(registration->auth, algorithm, key, message->bytes,
			       view->covered_len, view->authenticator.data,
			       view->authenticator.len);
}

/* The word of the foreign agent alone; without an association anybody on the link can say it. */
static bool
is_foreign_denial(const struct mn_registration *registration, const struct mip_message *message)
{
	return registration->foreign != NULL && mn_code_is_foreign(message->reply.code);
}

/* RFC 5944 section 3.6.2.1, (a) and (b). */
static bool
is_authentic(const struct mn_registration *registration, const struct mip_message *message)
{
	const struct mn_agent_config *config = registration->config;
	const struct mn_foreign_association *association =
		registration->foreign != NULL ? registration->foreign->association : NULL;

	if (association != NULL &&
	    !is_signed(registration, message, &message->mn_fa, association->spi,
		       association->algorithm, &association->key))
		return false;
	return is_foreign_denial(registration, message) ||
	       is_signed(registration, message, &message->mn_ha, config->spi, config->algorithm,
			 &config->key);
}

/* MN_REPLY_ACCEPTED here means: a valid reply, whatever its code. */
static enum mn_verdict
check_reply(struct mn_registration *registration, be32 src, const void *bytes, size_t len,
	    struct mip_message *message)
{
	if (!is_expected_source(registration, src))
		return MN_REPLY_WRONG_SOURCE;
	if (mip_parse(bytes, len, message) != MIP_PARSE_OK ||
	    message->type != MIP_REGISTRATION_REPLY)
		return MN_REPLY_MALFORMED;
	if (!registration->is_pending || (uint32_t)be64toh(message->reply.identification_be) !=
						 (uint32_t)be64toh(registration->request_id_be))
		return MN_REPLY_UNEXPECTED;
	if (!is_authentic(registration, message))
		return MN_REPLY_BAD_AUTH;
	if (!is_our_identity(registration, message))
		return MN_REPLY_WRONG_IDENTITY;
	return MN_REPLY_ACCEPTED;
}

static void
schedule_after(struct mn_registration *registration, const struct mn_instant *at, uint64_t ms)
{
	/* RFC 5944 section 3.6.3 leaves a second between requests */
	struct mono_time earliest = mono_add_ms(registration->last_sent, 1000);

	registration->due = mono_add_ms(at->mono, ms);
	if (mono_is_before(registration->due, earliest))
		registration->due = earliest;
	registration->is_due_set = true;
	registration->attempts = 0;
	registration->interval_ms = registration->timing->retransmit_initial_ms;
}

static enum tunnel_kind
granted_kind(const struct mn_registration *registration, const struct mip_message *message)
{
	/* RFC 3519 section 3.2.1: 0 to 63 assent; without the extension, never UDP (4.4) */
	bool is_udp = registration->requested.udp && message->udp_reply.present &&
		      message->udp_reply.code < UDP_TUNNEL_DECLINED;

	return (enum tunnel_kind)(registration->requested.encapsulation | (is_udp ? 1 : 0));
}

/* When the grant ends and when to renew it. Both count from when the request was sent (RFC 5944
 * section 3.6.2.2); an i-HA is asked again within T_MONITOR whatever it granted (RFC 5265
 * section 3.2.4). */
static void
time_grant(struct mn_registration *registration)
{
	const struct mn_agent_config *config = registration->config;
	struct mn_grant *grant = &registration->grant;
	bool is_endless = grant->lifetime_sec == MIP_LIFETIME_INFINITE;
	bool is_monitored = config->role == MN_ROLE_I_HA;
	uint64_t sec = grant->lifetime_sec, renewal_ms;

	if (is_monitored && (is_endless || sec > config->monitor_sec)) {
		sec = config->monitor_sec;
		renewal_ms = UINT64_MAX;
		is_endless = false;
	} else {
		renewal_ms = sec * 2000 / 3;
	}
	if (is_monitored && renewal_ms > (config->monitor_sec - config->monitor_grace_sec) * 1000)
		renewal_ms = (config->monitor_sec - config->monitor_grace_sec) * 1000;
	registration->is_due_set = !is_endless;
	if (is_endless) {
		grant->expires = (struct mono_time){UINT64_MAX};
		return;
	}
	grant->expires = mono_add_sec(registration->first_sent, sec);
	registration->due = mono_add_ms(registration->first_sent, renewal_ms);
}

static void
adopt_identity(struct mn_registration *registration, const struct mip_reply *reply)
{
	if (registration->home_address == 0)
		registration->home_address = reply->home_address;
	/* the tunnel's end is the address in the reply: RFC 5944 section 4.2.3 */
	if (!ip_source_is_martian(reply->home_agent))
		registration->home_agent = reply->home_agent;
}

/* At home, where no lifetime is granted, it is asked again as elsewhere. */
static uint16_t
granted_lifetime_sec(const struct mn_registration *registration, const struct mip_reply *reply)
{
	unsigned most = mn_registration_lifetime_sec(registration);
	unsigned sec = be16toh(reply->lifetime_be);

	return (uint16_t)(registration->is_home || sec > most ? most : sec);
}

static enum mn_verdict
accept_reply(struct mn_registration *registration, const struct mip_message *message,
	     const struct mn_instant *at, unsigned *effects)
{
	uint16_t lifetime_sec = granted_lifetime_sec(registration, &message->reply);
	bool is_i_ha = registration->config->role == MN_ROLE_I_HA;

	if (lifetime_sec == 0 || ip_source_is_martian(message->reply.home_address)) {
		schedule_after(registration, at, MN_WAIT_SHORT_SEC * 1000);
		return MN_REPLY_DENIED;
	}
	registration->bound_care_of = registration->care_of;
	adopt_identity(registration, &message->reply);
	if (is_i_ha && !message->trusted_networks) {
		*effects |= MN_UNPROVED;
		if (registration->state == MN_REGISTERED)
			*effects |= MN_CHANGED;
		registration->state = MN_REGISTERING;
		schedule_after(registration, at, MN_WAIT_SHORT_SEC * 1000);
		return MN_REPLY_NOT_TRUSTED;
	}
	registration->repairs = 0;
	registration->attempts = 0;
	registration->interval_ms = registration->timing->retransmit_initial_ms;
	registration->grant = (struct mn_grant){
		.care_of = registration->care_of,
		.kind = granted_kind(registration, message),
		.reverse = registration->requested.reverse,
		.trusted_networks = message->trusted_networks,
		.keepalive_sec = message->udp_reply.present ? message->udp_reply.keepalive_sec : 0,
		.lifetime_sec = lifetime_sec,
	};
	time_grant(registration);
	registration->state = MN_REGISTERED;
	*effects |= MN_CHANGED;
	return MN_REPLY_ACCEPTED;
}

/* The home agent's clock is in the reply's high half; what we sent before no longer binds us,
 * for it was on another clock. */
static void
resynchronise(struct mn_registration *registration, const struct mip_reply *reply,
	      const struct mn_instant *at)
{
	if (registration->config->replay != MN_REPLAY_TIMESTAMPS)
		return;
	registration->clock_offset_sec = (uint32_t)(be64toh(reply->identification_be) >> 32) -
					 (uint32_t)(at->ntp.units >> 32);
	registration->last_id = 0;
}

static bool
adopt_agent(struct mn_registration *registration, const struct mip_message *message)
{
	be32 agent = message->reply.home_agent;

	if (message->reply.code == MIP_CODE_REDIRECT_HA) {
		if (message->dynamic_ha.form == MIP_DYNAMIC_HA_ABSENT ||
		    message->dynamic_ha.subtype != DYNAMIC_HA_REDIRECTED)
			return false;
		agent = message->dynamic_ha.address;
	}
	if (ip_source_is_martian(agent) || agent == registration->home_agent)
		return false;
	registration->home_agent = agent;
	return true;
}

static bool
drop_udp(struct mn_wishes *wishes)
{
	if (!wishes->udp)
		return false;
	if (wishes->encapsulation != TUNNEL_IPIP)
		wishes->encapsulation = TUNNEL_IPIP;
	else
		wishes->udp = false;
	return true;
}

static bool
shorten(struct mn_registration *registration, const struct mip_message *message)
{
	unsigned sec = be16toh(message->reply.lifetime_be);

	if (sec == 0 || sec >= mn_registration_lifetime_sec(registration))
		return false;
	registration->lifetime_cap_sec = sec;
	return true;
}

/* Changes the wishes as the code suggests; true when the next request differs from the last. */
static bool
repair(struct mn_registration *registration, const struct mip_message *message,
       const struct mn_instant *at)
{
	struct mn_wishes *wishes = &registration->wishes, before = *wishes;

	/* the address that we were once given may be somebody else's by now */
	if (message->reply.code == MIP_CODE_PROHIBITED && registration->config->home_address == 0 &&
	    registration->home_address != 0) {
		registration->home_address = 0;
		return true;
	}
	switch (mn_code_remedy(message->reply.code)) {
	case MN_REMEDY_RESYNCHRONISE:
		resynchronise(registration, &message->reply, at);
		return true;
	case MN_REMEDY_ADOPT_AGENT:
		return adopt_agent(registration, message);
	case MN_REMEDY_DROP_SIMULTANEOUS:
		wishes->simultaneous = false;
		return before.simultaneous;
	case MN_REMEDY_DROP_REVERSE:
		wishes->reverse = registration->config->reverse_tunnel_required;
		return before.reverse && !wishes->reverse;
	case MN_REMEDY_ADD_REVERSE:
		wishes->reverse = true;
		return !before.reverse;
	case MN_REMEDY_DROP_ENCAPSULATION:
		wishes->encapsulation = TUNNEL_IPIP;
		return before.encapsulation != TUNNEL_IPIP;
	case MN_REMEDY_DROP_UDP:
		return drop_udp(wishes);
	case MN_REMEDY_NEW_CHALLENGE:
		return registration->foreign != NULL && mn_request_challenge(registration) != NULL;
	case MN_REMEDY_SHORTEN:
		return shorten(registration, message);
	default:
		return false;
	}
}

static void
deny(struct mn_registration *registration, const struct mip_message *message,
     const struct mn_instant *at, unsigned *effects)
{
	enum mn_remedy remedy = mn_code_remedy(message->reply.code);
	bool is_unsigned = is_foreign_denial(registration, message) &&
			   registration->foreign->association == NULL;

	registration->denial_count++;
	if (repair(registration, message, at) && registration->repairs < REPAIRS_MAX) {
		registration->repairs++;
		schedule_after(registration, at, 0);
		return;
	}
	/* RFC 5265 section 3.3: inside, when the re-registration fails, plain traffic stops; what a foreign agent
	 * says may be anybody's word, and T_MONITOR does as much a little later */
	if (!is_foreign_denial(registration, message) &&
	    registration->config->role == MN_ROLE_I_HA && registration->state == MN_REGISTERED) {
		registration->state = MN_REGISTERING;
		*effects |= MN_CHANGED;
	}
	registration->repairs = 0;
	if (remedy == MN_REMEDY_GIVE_UP)
		registration->is_due_set = false;
	else if (is_unsigned || remedy == MN_REMEDY_WAIT || remedy == MN_REMEDY_RESYNCHRONISE ||
		 remedy == MN_REMEDY_DROP_SIMULTANEOUS)
		schedule_after(registration, at, MN_WAIT_SHORT_SEC * 1000);
	else
		schedule_after(registration, at, MN_WAIT_LONG_SEC * 1000);
}

/* A goodbye is done whatever the answer, except when only the Identification or the challenge
 * was wrong. */
static void
answer_goodbye(struct mn_registration *registration, const struct mip_message *message,
	       const struct mn_instant *at, unsigned *effects)
{
	bool is_worth_repeating = message->reply.code == MIP_CODE_ID_MISMATCH ||
				  mn_code_remedy(message->reply.code) == MN_REMEDY_NEW_CHALLENGE;

	if (is_worth_repeating && registration->repairs < REPAIRS_MAX &&
	    repair(registration, message, at)) {
		unsigned attempts = registration->attempts;

		registration->repairs++;
		schedule_after(registration, at, 0);
		registration->attempts = attempts;
		return;
	}
	registration->state = MN_STOPPED;
	registration->is_due_set = false;
	registration->bound_care_of = 0;
	*effects |= MN_CHANGED;
}

static void
count_discarded(struct mn_registration *registration, enum mn_verdict verdict)
{
	registration->discard_count++;
	if (verdict == MN_REPLY_BAD_AUTH)
		registration->bad_auth_count++;
}

static void
take_challenge(struct mn_registration *registration, const struct mip_message *message)
{
	if (registration->foreign == NULL || message->challenge.data == NULL ||
	    message->challenge.len > sizeof(registration->offered.bytes))
		return;
	registration->offered.len = (uint8_t)message->challenge.len;
	memcpy(registration->offered.bytes, message->challenge.data, message->challenge.len);
	registration->offered_at = registration->foreign->challenge_count;
}

enum mn_verdict
mn_registration_reply(struct mn_registration *registration, be32 src, const void *bytes, size_t len,
		      const struct mn_instant *at, unsigned *effects)
{
	struct mip_message message;
	enum mn_verdict verdict = check_reply(registration, src, bytes, len, &message);
	bool is_accepted;

	if (verdict != MN_REPLY_ACCEPTED) {
		count_discarded(registration, verdict);
		return verdict;
	}
	is_accepted = message.reply.code <= MIP_CODE_ACCEPTED_NO_SIMULTANEOUS;
	registration->is_pending = false;
	registration->reply_count++;
	registration->has_code = true;
	registration->last_code = message.reply.code;
	if (!is_foreign_denial(registration, &message))
		registration->nonce = (uint32_t)(be64toh(message.reply.identification_be) >> 32);
	take_challenge(registration, &message);
	if (registration->state == MN_DEREGISTERING) {
		verdict = is_accepted ? MN_REPLY_ACCEPTED : MN_REPLY_DENIED;
		answer_goodbye(registration, &message, at, effects);
	} else if (is_accepted) {
		verdict = accept_reply(registration, &message, at, effects);
	} else {
		verdict = MN_REPLY_DENIED;
		deny(registration, &message, at, effects);
	}
	*effects |= mn_registration_tick(registration, at);
	return verdict;
}
