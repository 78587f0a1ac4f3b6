/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/reg_decide.h"

#include "control/reg_decide_tunnel.h"

#define ADDRESS_BROADCAST 0xffffffffu

static bool
drop(struct reg_decision *decision, enum drop_reason reason, enum reg_violation violation)
{
	decision->verdict = REG_DROP;
	decision->drop = reason;
	decision->violation = violation;
	return false;
}

static bool
deny(struct reg_decision *decision, enum mip_code code, const char *text)
{
	decision->verdict = REG_DENY;
	decision->code = (uint8_t)code;
	decision->text = text;
	decision->action = REG_NOTHING;
	decision->udp_reply.present = false;
	return false;
}

static bool
deny_violation(struct reg_decision *decision, enum mip_code code, enum reg_violation violation,
	       const char *text)
{
	decision->violation = violation;
	return deny(decision, code, text);
}

bool
reg_decide_origin(const struct reg_facts *facts, struct reg_decision *decision)
{
	if (facts->agent == AGENT_I_HA && facts->is_external)
		return drop(decision, DROP_REG_EXTERNAL_TO_I_HA, REG_VIOLATION_NONE);
	if (facts->agent == AGENT_X_HA && !facts->is_external)
		return drop(decision, DROP_REG_INTERNAL_TO_X_HA, REG_VIOLATION_NONE);
	if (facts->agent == AGENT_I_HA && !facts->source_is_trusted)
		return drop(decision, DROP_REG_UNTRUSTED_SOURCE, REG_VIOLATION_NONE);
	return true;
}

bool
reg_decide_admission(const struct reg_facts *facts, struct reg_decision *decision)
{
	const struct mip_message *message = facts->message;

	if (!reg_decide_origin(facts, decision))
		return false;
	if (facts->parse == MIP_PARSE_SHORT || message->type != MIP_REGISTRATION_REQUEST)
		return drop(decision, DROP_REG_MALFORMED, REG_VIOLATION_NONE);
	if (facts->parse == MIP_PARSE_UNKNOWN_EXTENSION)
		return drop(decision, DROP_REG_UNKNOWN_EXTENSION, REG_VIOLATION_NONE);
	if (message->mn_ha.authenticator.data != NULL || message->mn_aaa.authenticator.data != NULL)
		return true;
	/* a reply needs an association, so what broke off before its authenticator gets none */
	if (facts->parse == MIP_PARSE_MALFORMED)
		return drop(decision, DROP_REG_MALFORMED, REG_VIOLATION_NONE);
	return drop(decision, DROP_REG_NO_AUTH, REG_VIOLATION_MISSING_EXTENSION);
}

/* RFC 5944 section 3.8.2.1 a; RFC 4721 section 3.4 for the extension that only an AAA server can check. */
static bool
check_mobile_auth(const struct reg_facts *facts, struct reg_decision *decision)
{
	if (facts->mobile_auth == REG_MOBILE_UNKNOWN)
		return drop(decision, DROP_REG_NO_ASSOCIATION, REG_VIOLATION_NO_ASSOCIATION);
	if (facts->mobile_auth == REG_MOBILE_VALID)
		return true;
	/* a foreign agent that proved itself must be told, others may be: 131 is owed or rationed */
	decision->is_rate_limited = facts->foreign_auth != REG_FOREIGN_VALID;
	if (facts->message->mn_ha.authenticator.data == NULL)
		return deny_violation(decision, MIP_CODE_MN_AAA_FAILED_AUTH,
				      REG_VIOLATION_MISSING_EXTENSION,
				      "no AAA server here; use a Mobile-Home authenticator");
	return deny_violation(decision, MIP_CODE_MN_FAILED_AUTH,
			      facts->mobile_auth == REG_MOBILE_BAD_SPI
				      ? REG_VIOLATION_BAD_SPI
				      : REG_VIOLATION_BAD_AUTHENTICATOR,
			      "mobile node failed authentication");
}

/* RFC 5944 section 3.8.2.1 b to d. */
static bool
check_freshness_and_foreign_auth(const struct reg_facts *facts, struct reg_decision *decision)
{
	bool is_deregistration = facts->message->request.lifetime_be == 0;

	/* with nonces, a mobile that got no reply repeats its request unchanged (section 3.6.3); that
	 * changes nothing, so it opens nothing. With timestamps it takes a new one each time. */
	bool is_repeat = facts->uses_nonces && facts->bindings.is_duplicate;

	if (!facts->identification_is_valid && !is_repeat) {
		/* what was captured somewhere, anybody can send again: 133 is rationed as 131 is */
		decision->is_rate_limited = facts->foreign_auth != REG_FOREIGN_VALID;
		return deny_violation(decision, MIP_CODE_ID_MISMATCH, REG_VIOLATION_BAD_IDENTIFIER,
				      "registration Identification mismatch");
	}
	decision->identification_was_valid = true;
	if (facts->parse == MIP_PARSE_MALFORMED || facts->message->extensions_out_of_order)
		return deny(decision, MIP_CODE_MALFORMED, "extensions malformed or out of order");
	if (facts->foreign_auth == REG_FOREIGN_UNEXPECTED)
		return drop(decision, DROP_REG_FA_NO_ASSOCIATION, REG_VIOLATION_NO_ASSOCIATION);
	if (is_deregistration)
		return true;
	if (facts->foreign_auth == REG_FOREIGN_MISSING)
		return deny_violation(decision, MIP_CODE_FA_FAILED_AUTH,
				      REG_VIOLATION_MISSING_EXTENSION,
				      "foreign agent's authenticator missing");
	if (facts->foreign_auth == REG_FOREIGN_INVALID)
		return deny_violation(decision, MIP_CODE_FA_FAILED_AUTH,
				      REG_VIOLATION_BAD_AUTHENTICATOR,
				      "foreign agent failed authentication");
	return true;
}

/* RFC 5944 section 3.8.3.2; RFC 4433 section 5.3. A home agent field of all zeros or all ones asks to be
 * served by whoever the request was sent to; since no other agent is known here, nobody is redirected. */
static bool
check_home_agent(const struct reg_facts *facts, struct reg_decision *decision)
{
	const struct mip_message *message = facts->message;
	be32 asked = message->request.home_agent;
	bool is_dynamic = asked == 0 || asked == ADDRESS_BROADCAST;

	if (facts->to_broadcast)
		return deny(decision, MIP_CODE_UNKNOWN_HA, "send to the home agent's own address");
	if (asked != facts->config->address && !is_dynamic)
		return deny(decision, MIP_CODE_UNKNOWN_HA, "unknown home agent address");
	if (message->dynamic_ha.form != MIP_DYNAMIC_HA_ABSENT &&
	    message->dynamic_ha.subtype == DYNAMIC_HA_REQUESTED &&
	    message->dynamic_ha.address != facts->config->address)
		return deny(decision, MIP_CODE_UNKNOWN_HA,
			    "requested home agent is not the one that was asked");
	return true;
}

/* Addresses that no packet can be tunnelled to. */
static bool
is_unusable_care_of(const struct reg_facts *facts, be32 address)
{
	uint32_t host = be32toh(address);

	return host >> 24 == 0 || host >> 24 == 127 || host >= 0xe0000000u ||
	       address == facts->home_address || address == facts->config->address;
}

static bool
check_form(const struct reg_facts *facts, struct reg_decision *decision)
{
	const struct mip_message *message = facts->message;
	uint8_t reserved = message->request.flags & (MIP_FLAG_R_RESERVED | MIP_FLAG_X_RESERVED);

	if (facts->config->strict_reserved_bits && reserved != 0)
		return deny(decision, MIP_CODE_MALFORMED, "reserved bits are set");
	if (message->cvse == MIP_BY_MOBILE)
		return deny(decision, MIP_CODE_UNSUPPORTED_VENDOR_MN,
			    "critical vendor extension not supported");
	if (message->cvse == MIP_BY_FOREIGN_AGENT)
		return deny(decision, MIP_CODE_UNSUPPORTED_VENDOR_FA,
			    "foreign agent's critical vendor extension not supported");
	if (facts->home == REG_HOME_UNSUPPORTED)
		return deny(decision, MIP_CODE_PROHIBITED, "home address not allowed");
	if (facts->home == REG_HOME_NONE_LEFT)
		return deny(decision, MIP_CODE_NO_RESOURCES, "no home address left");
	if (message->request.lifetime_be != 0 &&
	    is_unusable_care_of(facts, message->request.care_of_address))
		return deny(decision, MIP_CODE_MALFORMED, "care-of address is not usable");
	return true;
}

/* RFC 5446 section 4.2: we know no service but the default one, and a mobile that asks for another must
 * not go on under the old binding. */
static bool
check_service(const struct reg_facts *facts, struct reg_decision *decision)
{
	if (facts->message->service_selection.data == NULL)
		return true;
	deny(decision, MIP_CODE_SERVICE_AUTH_FAILED, "service not available");
	decision->action = REG_REMOVE_ALL;
	return false;
}

static bool
check_capacity(const struct reg_facts *facts, struct reg_decision *decision)
{
	const struct reg_bindings *bindings = &facts->bindings;
	bool is_simultaneous = (facts->message->request.flags & MIP_FLAG_S) != 0 &&
			       facts->config->simultaneous_max > 1;

	decision->action = is_simultaneous ? REG_ADD : REG_REPLACE;
	if (is_simultaneous && !bindings->has_care_of &&
	    bindings->count >= facts->config->simultaneous_max)
		return deny(decision, MIP_CODE_TOO_MANY_BINDINGS, "too many simultaneous bindings");
	/* a binding that takes the place of another needs no room */
	if (bindings->table_is_full && !bindings->has_care_of &&
	    (is_simultaneous || bindings->count == 0))
		return deny(decision, MIP_CODE_NO_RESOURCES, "no room for another binding");
	return true;
}

/* RFC 5944 section 3.3: never more than was asked for, 0xffff standing for ever. */
static uint16_t
granted_lifetime(const struct reg_facts *facts, const struct reg_decision *decision)
{
	unsigned lifetime_sec = be16toh(facts->message->request.lifetime_be);

	if (lifetime_sec > facts->config->lifetime_max_sec)
		lifetime_sec = facts->config->lifetime_max_sec;
	if (decision->has_nat && tunnel_is_udp(decision->kind) &&
	    lifetime_sec > facts->config->udp_lifetime_max_sec)
		lifetime_sec = facts->config->udp_lifetime_max_sec;
	return (uint16_t)lifetime_sec;
}

/* RFC 3543 section 3.2: with whoever asked for it, if we share a key with them. */
static void
offer_revocation(const struct reg_facts *facts, struct reg_decision *decision)
{
	const struct mip_message *message = facts->message;

	if (!facts->config->revocation)
		return;
	switch (message->revocation_support.author) {
	case MIP_BY_MOBILE: /* only one that is its own tunnel end, and registers directly */
		decision->revocation_for_mobile = (message->request.flags & MIP_FLAG_D) != 0 &&
						  facts->foreign_auth == REG_FOREIGN_NONE;
		break;
	case MIP_BY_FOREIGN_AGENT:
		decision->revocation_for_foreign =
			facts->foreign_auth == REG_FOREIGN_VALID && facts->foreign_revocation &&
			(message->request.flags & MIP_FLAG_D) == 0; /* section 4.3.2 */
		break;
	case MIP_BY_NOBODY:
		break;
	}
}

static void
accept_deregistration(const struct reg_facts *facts, struct reg_decision *decision)
{
	decision->action = facts->message->request.care_of_address == facts->home_address
				   ? REG_REMOVE_ALL
				   : REG_REMOVE_ONE;
	decision->lifetime_sec = 0;
}

static void
accept_registration(const struct reg_facts *facts, struct reg_decision *decision)
{
	const struct reg_bindings *bindings = &facts->bindings;

	decision->lifetime_sec = granted_lifetime(facts, decision);
	if (bindings->is_duplicate) {
		/* section 3.8.2.2: a duplicate does not prolong what it duplicates */
		decision->action = REG_NOTHING;
		if (decision->lifetime_sec > bindings->duplicate_left_sec)
			decision->lifetime_sec = (uint16_t)bindings->duplicate_left_sec;
	}
	decision->request_flags = facts->message->request.flags;
	if (!facts->config->broadcasts)
		decision->request_flags &= (uint8_t)~MIP_FLAG_B;
	offer_revocation(facts, decision);
}

void
reg_decide(const struct reg_facts *facts, struct reg_decision *decision)
{
	struct reg_tunnel_denial denial;

	*decision = (struct reg_decision){.verdict = REG_DROP};
	if (!reg_decide_admission(facts, decision))
		return;
	decision->trusted_networks = facts->agent == AGENT_I_HA;
	if (!check_mobile_auth(facts, decision) ||
	    !check_freshness_and_foreign_auth(facts, decision) ||
	    !check_home_agent(facts, decision) || !check_form(facts, decision))
		return;
	/* RFC 5944 section 3.8.3.2: 1 from an agent without simultaneous bindings */
	decision->code = facts->config->simultaneous_max > 1 ? MIP_CODE_ACCEPTED
							     : MIP_CODE_ACCEPTED_NO_SIMULTANEOUS;
	decision->verdict = REG_ACCEPT;
	if (facts->message->request.lifetime_be == 0) {
		accept_deregistration(facts, decision);
		return;
	}
	if (!check_service(facts, decision) || !check_capacity(facts, decision))
		return;
	if (!reg_decide_tunnel(facts, decision, &denial)) {
		deny(decision, denial.code, denial.text);
		return;
	}
	accept_registration(facts, decision);
}
