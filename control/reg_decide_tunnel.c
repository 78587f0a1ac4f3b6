/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/reg_decide_tunnel.h"

static bool
deny(struct reg_tunnel_denial *denial, enum mip_code code, const char *text)
{
	*denial = (struct reg_tunnel_denial){.code = code, .text = text};
	return false;
}

/* RFC 3024 section 3.3. */
static bool
check_reverse_tunnel(const struct reg_facts *facts, struct reg_tunnel_denial *denial)
{
	bool is_asked = (facts->message->request.flags & MIP_FLAG_T) != 0;

	if (is_asked && facts->config->reverse_tunnel == REVERSE_TUNNEL_OFF)
		return deny(denial, MIP_CODE_REVERSE_TUNNEL_UNAVAILABLE,
			    "reverse tunnel not available");
	if (!is_asked && facts->config->reverse_tunnel == REVERSE_TUNNEL_REQUIRED)
		return deny(denial, MIP_CODE_REVERSE_TUNNEL_MANDATORY,
			    "reverse tunnel is mandatory");
	return true;
}

/* What the M and G bits ask for; a mobile that sets both leaves the choice to us. */
static bool
kind_of_flags(const struct reg_facts *facts, enum tunnel_kind *kind)
{
	uint8_t flags = facts->message->request.flags;

	*kind = TUNNEL_IPIP;
	if ((flags & (MIP_FLAG_M | MIP_FLAG_G)) == 0)
		return true;
	if ((flags & MIP_FLAG_G) != 0 && facts->config->gre)
		*kind = TUNNEL_GRE;
	else if ((flags & MIP_FLAG_M) != 0 && facts->config->minimal_encapsulation)
		*kind = TUNNEL_MINENC;
	else
		return false;
	return true;
}

/* What the UDP Tunnel Request asks for; 0 leaves it to the M and G bits. */
static bool
kind_of_udp_request(const struct reg_facts *facts, enum tunnel_kind *kind)
{
	switch (facts->message->udp_request.encapsulation) {
	case 0:
		return kind_of_flags(facts, kind);
	case IP_PROTOCOL_IPIP:
		*kind = TUNNEL_IPIP;
		return true;
	case IP_PROTOCOL_GRE:
		*kind = TUNNEL_GRE;
		return facts->config->gre;
	case IP_PROTOCOL_MINENC:
		*kind = TUNNEL_MINENC;
		return facts->config->minimal_encapsulation;
	default:
		return false;
	}
}

/* RFC 3519 section 4.6.1. A non-zero Reserved 3 could also be skipped (section 3.1.3); with 134 the mobile
 * learns of it. */
static bool
check_udp_request_form(const struct reg_facts *facts, struct reg_tunnel_denial *denial)
{
	const struct mip_udp_tunnel_request *request = &facts->message->udp_request;
	bool is_co_located = (facts->message->request.flags & MIP_FLAG_D) != 0;

	if (request->reserved3 != 0)
		return deny(denial, MIP_CODE_MALFORMED, "UDP tunnel request: reserved field set");
	if (request->author == MIP_BY_MOBILE && !is_co_located)
		return deny(denial, MIP_CODE_MALFORMED, "UDP tunnel request without the D bit");
	if (request->author == MIP_BY_FOREIGN_AGENT && is_co_located)
		return deny(denial, MIP_CODE_MALFORMED,
			    "foreign agent's UDP tunnel request with the D bit");
	return true;
}

/* The tunnel goes to where the request came from, which is the NAT when there is one. Registered through
 * a foreign agent (R), it waits for the mobile's own keepalive to learn the port. */
static bool
assent(const struct reg_facts *facts, struct reg_decision *decision,
       struct reg_tunnel_denial *denial)
{
	const struct mip_udp_tunnel_request *request = &facts->message->udp_request;
	enum tunnel_kind format;

	if (facts->source == facts->home_address)
		return deny(denial, MIP_CODE_MALFORMED, "tunnel to the home address itself");
	if (!kind_of_udp_request(facts, &format))
		return deny(denial, MIP_CODE_UDP_ENCAP_UNAVAILABLE,
			    "requested UDP tunnel encapsulation unavailable");
	decision->kind = (enum tunnel_kind)(format | TUNNEL_UDP_IPIP);
	decision->tunnel_dst = facts->source;
	decision->tunnel_port_be = facts->source_port_be;
	decision->is_half_bound = (request->flags & UDP_TUNNEL_FLAG_R) != 0;
	decision->udp_reply = (struct mip_udp_tunnel_reply){
		.present = true,
		.forced = (request->flags & UDP_TUNNEL_FLAG_F) != 0,
		.keepalive_sec = (uint16_t)facts->config->udp_keepalive_sec,
	};
	return true;
}

static bool
use_plain_tunnel(const struct reg_facts *facts, struct reg_decision *decision,
		 struct reg_tunnel_denial *denial)
{
	if (!kind_of_flags(facts, &decision->kind))
		return deny(denial, MIP_CODE_ENCAP_UNAVAILABLE,
			    "requested encapsulation unavailable");
	decision->tunnel_dst = facts->message->request.care_of_address;
	return true;
}

/* RFC 3519 section 4.6.1: what comes from another address than it names was changed on its way, unless
 * a foreign agent that we know relayed it, or the mobile sent it from home. */
static bool
use_plain_tunnel_if_unchanged(const struct reg_facts *facts, struct reg_decision *decision,
			      struct reg_tunnel_denial *denial)
{
	if (decision->has_nat && facts->foreign_auth != REG_FOREIGN_VALID &&
	    facts->source != facts->home_address)
		return deny(denial, MIP_CODE_PROHIBITED,
			    "source is not the care-of address, and no UDP tunnel was requested");
	decision->has_nat = false;
	return use_plain_tunnel(facts, decision, denial);
}

bool
reg_decide_tunnel(const struct reg_facts *facts, struct reg_decision *decision,
		  struct reg_tunnel_denial *denial)
{
	const struct mip_udp_tunnel_request *request = &facts->message->udp_request;
	bool is_forced = (request->flags & UDP_TUNNEL_FLAG_F) != 0;
	bool is_relayed = (request->flags & UDP_TUNNEL_FLAG_R) != 0;

	decision->has_nat = facts->source != facts->message->request.care_of_address;
	if (!check_reverse_tunnel(facts, denial))
		return false;
	if (request->author == MIP_BY_NOBODY)
		return use_plain_tunnel_if_unchanged(facts, decision, denial);
	if (!check_udp_request_form(facts, denial))
		return false;
	if (!facts->config->udp_tunnel && (decision->has_nat || is_forced))
		return deny(denial, MIP_CODE_PROHIBITED, "UDP tunnels are not allowed");
	if (is_forced && !decision->has_nat && !facts->config->udp_tunnel_forced)
		return deny(denial, MIP_CODE_PROHIBITED, "forced UDP tunnels are not allowed");
	if (facts->config->udp_tunnel && (decision->has_nat || is_forced || is_relayed))
		return assent(facts, decision, denial);
	decision->udp_reply =
		(struct mip_udp_tunnel_reply){.present = true, .code = UDP_TUNNEL_DECLINED};
	return use_plain_tunnel(facts, decision, denial);
}
