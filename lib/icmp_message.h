/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_ICMP_MESSAGE_H
#define LIB_ICMP_MESSAGE_H

#include <stdbool.h>

#include "lib/wire_ip.h"

/* ICMP (RFC 792) as a router sends and reads it (RFC 1812 section 4.3). Packets are bytes from
 * the IPv4 header on, at any alignment; all functions may be called on any core. */

#define ICMP_ERROR_SIZE_MAX 576 /* the whole IP packet, RFC 1812 section 4.3.2.3 */

/* The error to report. */
struct icmp_error {
	uint8_t type;
	uint8_t code;
	uint8_t pointer; /* parameter problem only */
	uint16_t mtu;	 /* fragmentation needed only: next-hop MTU, RFC 1191 section 4 */
	be32 src;	 /* our address on the port that it leaves by */
	be16 id_be;	 /* of the new IP header */
};

/*
 * True when an error about `packet` may be sent (RFC 1812 section 4.3.2.7): it is a valid IPv4
 * header, not an ICMP error itself, not a fragment but the first, not from a source that names no
 * single host, and not to a broadcast or multicast address. `was_broadcast`: it came in a link
 * broadcast or multicast, or to the directed broadcast of a connected network, which only the
 * caller can know.
 */
bool icmp_error_is_due(const void *packet, size_t len, bool was_broadcast);

/*
 * Builds the error about `packet` into `out`, `size` bytes, of which at most ICMP_ERROR_SIZE_MAX
 * are used; they may not overlap. It quotes as much of the packet as fits, has precedence 6 and the
 * packet's TOS bits, and goes to the packet's source. Call only when icmp_error_is_due(). 0;
 * -EINVAL when the packet has no whole IPv4 header; -ENOSPC when not even that and 8 bytes of data
 * fit.
 */
int icmp_error_build(const struct icmp_error *error, const void *packet, size_t len, void *out,
		     size_t size, size_t *out_len);

/*
 * Turns the echo request at `packet` into its reply, in place and of the same length; it goes back
 * to the source from the address it was sent to, which the caller has found to be its own. 0;
 * -EINVAL when it is no whole, unfragmented echo request to and from single hosts; -EBADMSG when
 * the ICMP checksum is wrong.
 */
int icmp_echo_reply_build(uint8_t *packet, size_t len);

/* An ICMP error that arrived. `quoted` points into the packet and begins with the header that is
 * copied to `quoted_ip` (with its options, if any, `quoted_header_len` bytes). */
struct icmp_error_view {
	be32 reporter; /* who sent the error */
	uint8_t type;
	uint8_t code;
	uint8_t pointer; /* parameter problem only, else 0 */
	uint16_t mtu;	 /* fragmentation needed only, else 0; old routers say 0 too */
	struct ip_header quoted_ip;
	const uint8_t *quoted;
	uint16_t quoted_len; /* bytes of the quoted packet that are there, header included */
	uint16_t quoted_header_len;
};

/* Reads an ICMP error and the header it quotes. 0; -ENOMSG when it is ICMP, but no error;
 * -EINVAL when it is malformed or a fragment; -EBADMSG when the ICMP checksum is wrong. */
int icmp_error_parse(const void *packet, size_t len, struct icmp_error_view *view);

#endif
