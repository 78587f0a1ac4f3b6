/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_TUNNEL_H
#define LIB_TUNNEL_H

#include <stdbool.h>

#include "lib/wire_esp.h"
#include "lib/wire_ip.h"
#include "lib/wire_mip.h"

/* How one layer carries the packet inside it. Bit 0: in UDP port 434 behind a MIP Tunnel Data header
 * (RFC 3519); the rest: the format inside. */
enum tunnel_kind {
	TUNNEL_IPIP = 0, /* RFC 2003 */
	TUNNEL_UDP_IPIP = 1,
	TUNNEL_GRE = 2, /* RFC 2784 */
	TUNNEL_UDP_GRE = 3,
	TUNNEL_MINENC = 4, /* RFC 2004; packets that are fragments go as IP-in-IP */
	TUNNEL_UDP_MINENC = 5,
	TUNNEL_ESP = 6,	    /* RFC 4303 tunnel mode; never negotiated by registration */
	TUNNEL_UDP_ESP = 7, /* RFC 3948: in UDP, without MIP Tunnel Data */
};
#define TUNNEL_KIND_COUNT 8
#define TUNNEL_NEGOTIABLE_COUNT TUNNEL_ESP /* kinds that a registration can ask for */

static inline bool
tunnel_is_udp(enum tunnel_kind kind)
{
	return (kind & 1) != 0;
}

static inline bool
tunnel_is_gre(enum tunnel_kind kind)
{
	return (kind & ~1) == TUNNEL_GRE;
}

static inline bool
tunnel_is_esp(enum tunnel_kind kind)
{
	return (kind & ~1) == TUNNEL_ESP;
}

static inline bool
tunnel_is_minenc(enum tunnel_kind kind)
{
	return (kind & ~1) == TUNNEL_MINENC;
}

/* The protocol number that names the format inside: in the IP header, or in MIP Tunnel Data. */
static inline uint8_t
tunnel_protocol(enum tunnel_kind kind)
{
	static const uint8_t protocols[] = {IP_PROTOCOL_IPIP, IP_PROTOCOL_GRE, IP_PROTOCOL_MINENC,
					    IP_PROTOCOL_ESP};

	return protocols[kind >> 1];
}

/* Bytes that a layer of this kind puts before an unfragmentable packet, at most: the IP-in-IP form
 * for minimal encapsulation, which is the larger; ESP without its IV. */
static inline uint16_t
tunnel_overhead(enum tunnel_kind kind)
{
	if (tunnel_is_esp(kind))
		return (uint16_t)(sizeof(struct ip_header) + sizeof(struct esp_header) +
				  (tunnel_is_udp(kind) ? sizeof(struct udp_header) : 0));
	return (uint16_t)(sizeof(struct ip_header) +
			  (tunnel_is_udp(kind)
				   ? sizeof(struct udp_header) + sizeof(struct mip_tunnel_data)
				   : 0) +
			  (tunnel_is_gre(kind) ? sizeof(struct gre_header) : 0));
}

/* "ip-in-ip", "udp", "gre", "gre-in-udp", "minimal", "minimal-in-udp". */
const char *tunnel_kind_name(enum tunnel_kind kind);

#endif
