/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_IP_CHECK_H
#define LIB_IP_CHECK_H

#include <stdbool.h>

#include "lib/checksum.h"
#include "lib/wire_ip.h"

/* What RFC 1812 section 5.2.2 asks of a received IPv4 header, and what else a router refuses. */
enum ip_verdict {
	IP_OK,
	IP_VERDICT_SHORT,
	IP_VERDICT_VERSION,
	IP_VERDICT_CHECKSUM,
};

/* Checks version and lengths of the header at `ip`, of which 20 bytes are readable, in a packet of
 * `packet_len` bytes. The options' bytes are not touched. Any core. */
static inline enum ip_verdict
ip_check_lengths(const struct ip_header *ip, uint32_t packet_len)
{
	uint16_t header_size = ip_header_size(ip), total_len = be16toh(ip->total_len_be);

	if (ip->version_ihl == IP_VERSION_IHL_PLAIN)
		return total_len >= sizeof(*ip) && total_len <= packet_len ? IP_OK
									   : IP_VERDICT_SHORT;
	if (ip->version_ihl >> 4 != 4 || header_size < sizeof(*ip))
		return IP_VERDICT_VERSION;
	if (total_len < header_size || total_len > packet_len)
		return IP_VERDICT_SHORT;
	return IP_OK;
}

/* The sum of a header without options, as most are, folded to 33 bits. */
static inline uint64_t
ip_sum_plain(const struct ip_header *ip)
{
	uint64_t first, second, sum;
	uint32_t last;

	memcpy(&first, ip, 8);
	memcpy(&second, (const uint8_t *)ip + 8, 8);
	memcpy(&last, (const uint8_t *)ip + 16, 4);
	sum = (first & UINT32_MAX) + (first >> 32) + (second & UINT32_MAX) + (second >> 32) + last;
	return (sum & UINT32_MAX) + (sum >> 32);
}

/* The whole header (with options) must be readable. */
static inline bool
ip_checksum_is_right(const struct ip_header *ip)
{
	uint64_t sum;

	if (ip->version_ihl != IP_VERSION_IHL_PLAIN)
		return checksum_fold(checksum_add(0, ip, ip_header_size(ip))) == 0xffff;
	sum = ip_sum_plain(ip);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(sum + (sum >> 16)) == 0xffff;
}

/* Classes A to C without "this" network and loopback: what a host or its network can have. The first octet
 * tells, which is the first in memory. */
static inline bool
ip_is_unicast(be32 address)
{
	uint8_t octet;

	memcpy(&octet, &address, 1);
	return (unsigned)octet - 1 < 0xdf && octet != 127;
}

/* RFC 1812 sections 4.2.2.11, 5.3.7: no host has this address. */
static inline bool
ip_source_is_martian(be32 address)
{
	return !ip_is_unicast(address);
}

/* Nothing is forwarded there: "this" network, loopback, class E. Limited broadcast and multicast are the
 * caller's business. */
static inline bool
ip_destination_is_martian(be32 address)
{
	return !ip_is_unicast(address) && be32toh(address) >> 28 != 0xe && address != UINT32_MAX;
}

static inline bool
ip_is_multicast(be32 address)
{
	return be32toh(address) >> 28 == 0xe;
}

enum ip_options_verdict {
	IP_OPTIONS_FINE,
	IP_OPTIONS_SOURCE_ROUTE, /* LSRR or SSRR: refused, as RFC 7126 section 4.3 has it */
	IP_OPTIONS_MALFORMED,
};

/* Walks the options of a header that is readable as a whole. Any core. */
enum ip_options_verdict ip_check_options(const struct ip_header *ip);

#endif
