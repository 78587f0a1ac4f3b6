/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_TUNNEL_H
#define MOBILE_MN_TUNNEL_H

#include <stdbool.h>

#include "lib/recipe.h"

/*
 * The mobile's end of the tunnel to one home agent, on bytes: no sockets. Reverse tunnelling as RFC
 * 3024, encapsulations of RFC 2003, 2004 and 2784, in UDP where RFC 3519 was negotiated. One
 * thread.
 */
struct mn_tunnel_spec {
	enum tunnel_kind kind;
	be32 home_address;
	be32 care_of;
	be32 home_agent;
	be16 port_be;	 /* of the care-of address; UDP kinds only */
	bool reverse;	 /* false: packets from the mobile go as they are (no T) */
	bool broadcasts; /* B: the home network's broadcasts come through */
	bool groups;	 /* packets from the mobile to groups and to all go through, too */
	uint16_t link_mtu;
};

struct mn_tunnel {
	struct mn_tunnel_spec spec;
	struct recipe recipe;
};

/* Bytes that mn_tunnel_push() may write before a packet. */
#define MN_TUNNEL_HEADROOM RECIPE_PUSH_MAX

/* 0, or -EINVAL: the link's MTU is too small. */
int mn_tunnel_init(struct mn_tunnel *tunnel, const struct mn_tunnel_spec *spec);

/* The largest packet that goes in without the outer one passing the link's MTU. */
uint16_t mn_tunnel_mtu(const struct mn_tunnel *tunnel);

/*
 * Encapsulates the packet at `packet`, `len` bytes, where it lies; MN_TUNNEL_HEADROOM bytes before
 * it must be writable, and its source must be the tunnel's home address. The IP packet to send,
 * with its header, is then at `*outer`; ID and header checksum are the kernel's to fill in when 0.
 * 0; -EINVAL when it is no whole IPv4 packet, its time to live is 0, or it is for a group or
 * broadcast that may not go through; -EADDRNOTAVAIL when its source is another.
 */
int mn_tunnel_push(const struct mn_tunnel *tunnel, uint8_t *packet, size_t len, uint8_t **outer,
		   size_t *outer_len);

/* Why a packet that came for the tunnel is or is not taken. */
enum mn_open_verdict {
	MN_OPEN_FINE,
	MN_OPEN_MALFORMED,	/* lengths that cannot be */
	MN_OPEN_WRONG_END,	/* not from our home agent's address and port to ours */
	MN_OPEN_WRONG_KIND,	/* not the encapsulation negotiated */
	MN_OPEN_CHECKSUM,	/* GRE or minimal encapsulation */
	MN_OPEN_INNER_INVALID,	/* not a valid IPv4 packet inside, or its time to live is 0 */
	MN_OPEN_INNER_NOT_OURS, /* inside, not for the home address; of a delivery, not from it */
	MN_OPEN_ECN,		/* RFC 6040 section 4.2: congestion cannot be passed on */
};
#define MN_OPEN_VERDICT_COUNT 8

/* "malformed", "wrong-end", ...: a counter's name. */
const char *mn_open_verdict_name(enum mn_open_verdict verdict);

/* Takes the packet out of the whole outer IP packet at `packet`, `len` bytes; it is altered.
 * When fine, the inner packet is at `*inner`, `*inner_len` bytes, its ECN field set as RFC 6040
 * asks. */
enum mn_open_verdict mn_tunnel_open(const struct mn_tunnel *tunnel, uint8_t *packet, size_t len,
				    uint8_t **inner, size_t *inner_len);

/* The same at a foreign agent, for what the mobile encapsulates for it (RFC 3024 section 5.2): from the home
 * address, to whatever address of ours, in IP-in-IP or what was negotiated but not in UDP; inside, from the home
 * address, too. */
enum mn_open_verdict mn_tunnel_open_delivery(const struct mn_tunnel *tunnel, uint8_t *packet,
					     size_t len, uint8_t **inner, size_t *inner_len);

#endif
