/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_REG_DECIDE_TUNNEL_H
#define CONTROL_REG_DECIDE_TUNNEL_H

#include "control/reg_decide.h"

struct reg_tunnel_denial {
	enum mip_code code;
	const char *text;
};

/*
 * The part of the decision that is about the tunnel: reverse tunnelling (RFC 3024), encapsulation, and
 * NAT traversal (RFC 3519 section 4.6). Fills in the tunnel fields and the UDP Tunnel Reply of
 * `decision`, or returns false with what to deny the request with. Pure.
 */
bool reg_decide_tunnel(const struct reg_facts *facts, struct reg_decision *decision,
		       struct reg_tunnel_denial *denial);

#endif
