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

const char *
mn_code_text(uint8_t code)
{
	const struct code_entry *entry = find(code);

	if (entry != NULL)
		return entry->text;
	return code >= 64 && code <= 127 ? "denied by a foreign agent" : "denied, code not known";
}
