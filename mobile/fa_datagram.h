/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_DATAGRAM_H
#define MOBILE_FA_DATAGRAM_H

#include <stdbool.h>

#include "lib/wire_ip.h"
#include "lib/wire_mip.h"

/*
 * UDP datagrams as bytes: on the visitors' link the kernel is passed by, since mobiles there have addresses of
 * other networks, or none, and are reached by MAC address. Packets begin with the IPv4 header.
 */
#define FA_DATAGRAM_SIZE_MAX \
	(sizeof(struct ip_header) + sizeof(struct udp_header) + MIP_MESSAGE_SIZE_MAX)

struct fa_datagram {
	be32 src, dst;
	be16 src_port_be, dst_port_be;
	uint8_t ttl;
	const uint8_t *payload;
	size_t len;
};

/* Reads a packet. 0; -EINVAL when it is malformed, a fragment or no UDP; -EBADMSG when a checksum is wrong.
 * `is_checked`: the UDP checksum is not there yet, for it never left this host. */
int
fa_datagram_parse(const uint8_t *packet, size_t len, bool is_checked, struct fa_datagram *datagram);

/* Writes the packet with its checksums and returns its length. The payload is at most MIP_MESSAGE_SIZE_MAX. */
size_t fa_datagram_build(const struct fa_datagram *datagram, uint8_t out[FA_DATAGRAM_SIZE_MAX]);

#endif
