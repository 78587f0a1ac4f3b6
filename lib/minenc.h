/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_MINENC_H
#define LIB_MINENC_H

#include <stdbool.h>

#include "lib/wire_ip.h"

/*
 * Minimal encapsulation (RFC 2004), plain or inside UDP (RFC 3519 section 3.3). It adds no second
 * IP header: the packet's own is altered and moved to the front, and what was altered goes into a
 * header of 8 or 12 bytes behind it. So TOS, ID, DF and options stay what they were.
 */

#define MINENC_PUSH_MAX 24 /* 12, and in UDP 8 + 4 more */

/* The tunnel to push. */
struct minenc_outer {
	be32 src;
	be32 dst;
	uint8_t ttl; /* 0: the packet's own, as RFC 2004 section 3.1 describes it */
	bool is_udp;
	be16 src_port_be; /* UDP only */
	be16 dst_port_be;
};

/*
 * Encapsulates the packet at `packet`, `len` bytes, where it lies; MINENC_PUSH_MAX bytes before it
 * must be writable. The payload stays in place: the result begins `*pushed_len` bytes before
 * `packet`. The original source is kept in the minimal header unless it is the tunnel's. Any
 * alignment, any core. 0; -EINVAL when the packet is no whole IPv4 packet or a fragment (send those
 * as IP-in-IP); -EMSGSIZE when the result would pass 65535 bytes.
 */
int
minenc_push(const struct minenc_outer *outer, uint8_t *packet, size_t len, uint16_t *pushed_len);

/*
 * Restores the packet whose outer IP header is at `packet`; `len` bytes are there. `at` is where
 * the minimal header begins: right behind the IP header, or behind UDP and MIP Tunnel Data. On
 * success the restored packet begins `*stripped_len` bytes after `packet`; everything before it is
 * no longer of use. Any alignment, any core. 0; -EINVAL for impossible lengths or a fragment
 * (reassemble first); -EBADMSG when the minimal header's checksum is wrong; after an error the
 * packet is as it was.
 */
int minenc_strip(uint8_t *packet, size_t len, size_t at, uint16_t *stripped_len);

#endif
