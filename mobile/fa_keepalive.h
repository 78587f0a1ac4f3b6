/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_KEEPALIVE_H
#define MOBILE_FA_KEEPALIVE_H

#include "mobile/fa_relay.h"

/*
 * Keepalives of visitors' UDP tunnels (RFC 3519 section 4.9): an ICMP echo from the home address to the home agent
 * when nothing else went to it for the interval. The interval is not adapted to a NAT (section 4.10): it is the
 * shorter of the home agent's and the configured one. One thread.
 */

/* A registration was granted; `assigned_sec` is the home agent's wish, 0: none. Starts them for a UDP tunnel, or
 * stops them. */
void fa_keepalive_granted(struct fa_relay *relay, struct fa_visitor *visitor, unsigned assigned_sec,
			  struct mono_time now);

/* Asks the owner, by its hook, for what is due. */
void fa_keepalive_tick(struct fa_relay *relay, struct fa_visitor *visitor, struct mono_time now);

#define FA_KEEPALIVE_SIZE (MN_TUNNEL_HEADROOM + MN_KEEPALIVE_PACKET_SIZE)

/* Writes the outer IP packet to send now; it begins at `*outer`. 0, or -errno as mn_tunnel_push() has it. */
int fa_keepalive_build(const struct fa_visitor *visitor, uint8_t buffer[FA_KEEPALIVE_SIZE],
		       uint8_t **outer, size_t *outer_len);

/* True when what came out of the tunnel answers one of ours; it is then used up. An echo of the visitor's own is
 * not. */
bool fa_keepalive_answer(struct fa_visitor *visitor, const uint8_t *packet, size_t len,
			 struct mono_time now);

#endif
