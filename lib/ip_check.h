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

/* The same for a header without options, as most are: what overflows is added in again (RFC 1071 section 2),
 * first of 64 bits, then, with the halves added to each other, of 32 and of 16. */
static inline bool
ip_checksum_is_right_plain(const struct ip_header *ip)
{
	uint64_t first, sum;
	uint32_t last, half;

	memcpy(&first, ip, 8);
	memcpy(&sum, (const uint8_t *)ip + 8, 8);
	memcpy(&last, (const uint8_t *)ip + 16, 4);
	sum += first;
	sum += sum < first;
	sum += last;
	sum += sum < last;
	sum += sum >> 32 | sum << 32;
	half = (uint32_t)(sum >> 32);
	half += half >> 16 | half << 16;
	return half >> 16 == 0xffff;
}

/* The whole header (with options) must be readable. */
static inline bool
ip_checksum_is_right(const struct ip_header *ip)
{
	if (ip->version_ihl == IP_VERSION_IHL_PLAIN)
		return ip_checksum_is_right_plain(ip);
	return checksum_fold(checksum_add(0, ip, ip_header_size(ip))) == 0xffff;
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

/*
 * True for what nearly every packet of `packet_len` bytes begins with: a header without options whose lengths,
 * checksum and addresses are right. Of any other, the functions above say what it is. 20 bytes at `ip` are
 * readable. Any core.
 */
static inline bool
ip_is_ordinary(const struct ip_header *ip, uint32_t packet_len)
{
	uint16_t total_len = be16toh(ip->total_len_be);

	return ip->version_ihl == IP_VERSION_IHL_PLAIN && total_len >= sizeof(*ip) &&
	       total_len <= packet_len && ip_checksum_is_right_plain(ip) &&
	       ip_is_unicast(ip->src) && ip_is_unicast(ip->dst);
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
