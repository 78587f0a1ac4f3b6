/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_code.h"

struct code_entry {
	uint8_t code;
	enum mn_remedy remedy;
	const char *text;
};

/* RFC 5944 section 3.4 and the standards named. Codes 64 to 127 are a foreign agent's. */
static const struct code_entry entries[] = {
	{MIP_CODE_ACCEPTED, MN_REMEDY_WAIT, "accepted"},
	{MIP_CODE_ACCEPTED_NO_SIMULTANEOUS, MN_REMEDY_WAIT,
	 "accepted, without simultaneous bindings"},
	{MIP_FA_PROHIBITED, MN_REMEDY_WAIT_LONG, "prohibited by the foreign agent"},
	{MIP_FA_NO_RESOURCES, MN_REMEDY_WAIT, "the foreign agent has no resources left"},
	{MIP_FA_MN_FAILED_AUTH, MN_REMEDY_WAIT_LONG,
	 "the foreign agent cannot authenticate this mobile: compare foreign_agents with its keys"},
	{MIP_FA_HA_FAILED_AUTH, MN_REMEDY_WAIT_LONG,
	 "the foreign agent cannot authenticate the home agent"},
	{MIP_FA_LIFETIME_TOO_LONG, MN_REMEDY_SHORTEN,
	 "the foreign agent does not take so long a lifetime"},
	{MIP_FA_POOR_REQUEST, MN_REMEDY_WAIT_LONG, "the foreign agent calls the request malformed"},
	{MIP_FA_POOR_REPLY, MN_REMEDY_WAIT,
	 "the foreign agent calls the home agent's reply malformed"},
	{MIP_FA_ENCAP_UNAVAILABLE, MN_REMEDY_DROP_ENCAPSULATION,
	 "the foreign agent does not offer this encapsulation"},
	{MIP_FA_REVERSE_TUNNEL_UNAVAILABLE, MN_REMEDY_DROP_REVERSE,
	 "the foreign agent offers no reverse tunnel (RFC 3024)"},
	{MIP_FA_REVERSE_TUNNEL_MANDATORY, MN_REMEDY_ADD_REVERSE,
	 "the foreign agent insists on a reverse tunnel (RFC 3024)"},
	{MIP_FA_TOO_DISTANT, MN_REMEDY_WAIT_LONG,
	 "too far away: the foreign agent is not on this link (RFC 3024)"},
	{MIP_FA_INVALID_CARE_OF, MN_REMEDY_WAIT,
	 "the care-of address is not the foreign agent's any more"},
	{MIP_FA_TIMEOUT, MN_REMEDY_WAIT, "the home agent did not answer the foreign agent"},
	{MIP_FA_DELIVERY_STYLE, MN_REMEDY_WAIT_LONG,
	 "the foreign agent does not offer this delivery style (RFC 3024)"},
	{MIP_FA_HOME_NET_UNREACHABLE, MN_REMEDY_WAIT,
	 "the foreign agent does not reach the home network"},
	{MIP_FA_HA_HOST_UNREACHABLE, MN_REMEDY_WAIT,
	 "the foreign agent does not reach the home agent"},
	{MIP_FA_HA_PORT_UNREACHABLE, MN_REMEDY_WAIT, "nobody listens on the home agent's port"},
	{MIP_FA_HA_UNREACHABLE, MN_REMEDY_WAIT, "the foreign agent does not reach the home agent"},
	{MIP_FA_UNKNOWN_CHALLENGE, MN_REMEDY_NEW_CHALLENGE,
	 "the foreign agent does not know the challenge (RFC 4721)"},
	{MIP_FA_MISSING_CHALLENGE, MN_REMEDY_NEW_CHALLENGE,
	 "the foreign agent asks for a challenge (RFC 4721)"},
	{MIP_FA_STALE_CHALLENGE, MN_REMEDY_NEW_CHALLENGE,
	 "the challenge has been used already (RFC 4721)"},
	{MIP_FA_WRONG_HA_CHALLENGE, MN_REMEDY_NEW_CHALLENGE,
	 "the home agent returned another challenge (RFC 4721)"},
	{MIP_FA_INVALID_HA, MN_REMEDY_WAIT_LONG,
	 "the foreign agent does not take this home agent address (RFC 4433)"},
	{MIP_CODE_UNSPECIFIED, MN_REMEDY_WAIT, "denied without a reason"},
	{MIP_CODE_PROHIBITED, MN_REMEDY_WAIT_LONG, "administratively prohibited"},
	{MIP_CODE_NO_RESOURCES, MN_REMEDY_WAIT, "the home agent has no resources left"},
	{MIP_CODE_MN_FAILED_AUTH, MN_REMEDY_WAIT_LONG,
	 "the home agent cannot authenticate this mobile: compare SPI, algorithm and key"},
	{MIP_CODE_FA_FAILED_AUTH, MN_REMEDY_WAIT_LONG,
	 "the home agent cannot authenticate the foreign agent"},
	{MIP_CODE_ID_MISMATCH, MN_REMEDY_RESYNCHRONISE,
	 "identification mismatch: the clocks differ, or the nonce is an old one"},
	{MIP_CODE_MALFORMED, MN_REMEDY_GIVE_UP, "the home agent calls the request malformed"},
	{MIP_CODE_TOO_MANY_BINDINGS, MN_REMEDY_DROP_SIMULTANEOUS, "too many simultaneous bindings"},
	{MIP_CODE_UNKNOWN_HA, MN_REMEDY_ADOPT_AGENT, "unknown home agent address"},
	{MIP_CODE_REVERSE_TUNNEL_UNAVAILABLE, MN_REMEDY_DROP_REVERSE,
	 "the home agent offers no reverse tunnel (RFC 3024)"},
	{MIP_CODE_REVERSE_TUNNEL_MANDATORY, MN_REMEDY_ADD_REVERSE,
	 "the home agent insists on a reverse tunnel (RFC 3024)"},
	{MIP_CODE_ENCAP_UNAVAILABLE, MN_REMEDY_DROP_ENCAPSULATION,
	 "the home agent does not offer this encapsulation"},
	{MIP_CODE_UNSUPPORTED_VENDOR_MN, MN_REMEDY_WAIT_LONG,
	 "a vendor extension of the mobile's is not supported (RFC 3115)"},
	{MIP_CODE_UNSUPPORTED_VENDOR_FA, MN_REMEDY_WAIT_LONG,
	 "a vendor extension of the foreign agent's is not supported (RFC 3115)"},
	{MIP_CODE_UDP_ENCAP_UNAVAILABLE, MN_REMEDY_DROP_UDP,
	 "the home agent does not offer this encapsulation in UDP (RFC 3519)"},
	{MIP_CODE_REDIRECT_HA, MN_REMEDY_ADOPT_AGENT, "sent on to another home agent (RFC 4433)"},
	{MIP_CODE_MN_AAA_FAILED_AUTH, MN_REMEDY_WAIT_LONG,
	 "the AAA server cannot authenticate this mobile (RFC 4721)"},
	{MIP_CODE_ZERO_CARE_OF_ADDRESS, MN_REMEDY_WAIT_LONG,
	 "the home agent does not take a care-of address of zero (RFC 4857)"},
	{MIP_CODE_MOBILE_NETWORK_ERROR, MN_REMEDY_WAIT_LONG, "mobile network error (RFC 5177)"},
	{MIP_CODE_MOBILE_NETWORK_DISALLOWED, MN_REMEDY_WAIT_LONG,
	 "mobile networks are not allowed (RFC 5177)"},
	{MIP_CODE_SERVICE_AUTH_FAILED, MN_REMEDY_WAIT_LONG,
	 "not authorised for the service (RFC 5446)"},
};

static const struct code_entry *
find(uint8_t code)
{
	for (unsigned i = 0; i < ARRAY_COUNT(entries); i++) {
		if (entries[i].code == code)
			return &entries[i];
	}
	return NULL;
}

enum mn_remedy
mn_code_remedy(uint8_t code)
{
	const struct code_entry *entry = find(code);

	return entry != NULL ? entry->remedy : MN_REMEDY_WAIT;
}

bool
mn_code_is_foreign(uint8_t code)
{
	return (code >= 64 && code <= 127) || code == MIP_FA_INVALID_HA;
}

const char *
mn_code_text(uint8_t code)
{
	const struct code_entry *entry = find(code);

	if (entry != NULL)
		return entry->text;
	return code >= 64 && code <= 127 ? "denied by a foreign agent" : "denied, code not known";
}
