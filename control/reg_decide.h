/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_REG_DECIDE_H
#define CONTROL_REG_DECIDE_H

#include "control/config.h"
#include "lib/drop_reason.h"
#include "lib/mip_message.h"
#include "lib/tunnel.h"

/*
 * What a home agent does with a Registration Request: a pure function of what is known about it. The
 * order of the checks is that of RFC 5944 section 3.8.2.1, with RFC 5265 section 4.3 before it and
 * RFC 3024, 3115, 3519, 4433 and 5446 behind it. registration.c gathers the facts and carries out what
 * was decided.
 */

/* What became of the Mobile-Home Authentication Extension. */
enum reg_mobile_auth {
	REG_MOBILE_UNKNOWN, /* no mobility security association with this mobile at all */
	REG_MOBILE_BAD_SPI, /* none with this SPI: treated like a wrong authenticator */
	REG_MOBILE_BAD_AUTHENTICATOR,
	REG_MOBILE_VALID,
};

/* What became of the Foreign-Home Authentication Extension. */
enum reg_foreign_auth {
	REG_FOREIGN_NONE,	/* none there, none expected */
	REG_FOREIGN_MISSING,	/* none there, but this foreign agent has an association */
	REG_FOREIGN_INVALID,	/* wrong, of an unknown SPI, or more than one */
	REG_FOREIGN_UNEXPECTED, /* there, but no association with its sender */
	REG_FOREIGN_VALID,
};

/* Whether the mobile can have the home address that it asks for. */
enum reg_home_address {
	REG_HOME_SUPPORTED,
	REG_HOME_UNSUPPORTED,
	REG_HOME_NONE_LEFT,
};

/* The bindings of the mobile's home address, as far as the decision goes. */
struct reg_bindings {
	unsigned count;
	bool has_care_of;	     /* one has the request's care-of address */
	bool is_duplicate;	     /* and was made by this very request, from the same source */
	unsigned duplicate_left_sec; /* what is left of that one's lifetime */
	bool table_is_full;
};

struct reg_facts {
	enum agent_id agent;
	const struct config_agent *config;
	bool is_external;	/* came by an external port */
	bool source_is_trusted; /* i-HA: of a trusted network */
	bool to_broadcast;	/* not sent to the agent's unicast address */
	be32 source;
	be16 source_port_be;
	enum mip_parse_result parse;
	const struct mip_message *message;
	enum reg_mobile_auth mobile_auth;
	bool uses_nonces;
	bool identification_is_valid;
	enum reg_foreign_auth foreign_auth;
	bool foreign_revocation; /* RFC 3543 is configured for this foreign agent */
	enum reg_home_address home;
	be32 home_address; /* the request's, or the one that the mobile is given */
	struct reg_bindings bindings;
};

enum reg_verdict {
	REG_DROP,   /* silently; `drop` says why */
	REG_DENY,   /* reply with `code` */
	REG_ACCEPT, /* do `action`, then reply with `code` */
};

enum reg_action {
	REG_NOTHING, /* a duplicate of what is there */
	REG_REPLACE, /* the new binding instead of all others */
	REG_ADD, /* the new binding beside the others, or instead of that of its care-of address */
	REG_REMOVE_ONE, /* that of the care-of address */
	REG_REMOVE_ALL,
};

/* RFC 2006, mipSecViolationReason, less what cannot happen. */
enum reg_violation {
	REG_VIOLATION_NONE,
	REG_VIOLATION_NO_ASSOCIATION,
	REG_VIOLATION_BAD_AUTHENTICATOR,
	REG_VIOLATION_BAD_IDENTIFIER,
	REG_VIOLATION_BAD_SPI,
	REG_VIOLATION_MISSING_EXTENSION,
	REG_VIOLATION_COUNT,
};

struct reg_decision {
	enum reg_verdict verdict;
	enum drop_reason drop;	/* REG_DROP */
	uint8_t code;		/* enum mip_code */
	enum reg_action action; /* also with REG_DENY: 151 ends what was there */
	enum reg_violation violation;
	const char *text;     /* why it was denied, for the operator and RFC 4917; or NULL */
	bool is_rate_limited; /* the reply, 131 or 133: anybody can have sent the request */
	bool identification_was_valid; /* it is used up now */

	/* the binding */
	uint16_t lifetime_sec;
	enum tunnel_kind kind;
	be32 tunnel_dst;
	be16 tunnel_port_be; /* 0: not in UDP */
	bool is_half_bound;
	bool has_nat;
	uint8_t request_flags; /* those that are served */

	/* extensions of the reply */
	struct mip_udp_tunnel_reply udp_reply;
	bool trusted_networks;
	bool revocation_for_mobile;
	bool revocation_for_foreign;
};

/* Whether a message from there may be for this agent at all: RFC 5265 sections 3.1, 3.7 and 4.3. Else the
 * drop reason is in `decision`. Pure. */
bool reg_decide_origin(const struct reg_facts *facts, struct reg_decision *decision);

/* The checks that need no key: reg_decide_origin(), and whether it is a request at all. True when it may go
 * on to be authenticated; else the drop reason is in `decision`. Pure. */
bool reg_decide_admission(const struct reg_facts *facts, struct reg_decision *decision);

/* All of it; reg_decide_admission() comes first in it. Pure. */
void reg_decide(const struct reg_facts *facts, struct reg_decision *decision);

#endif
