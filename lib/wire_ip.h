/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_WIRE_IP_H
#define LIB_WIRE_IP_H

#include "lib/types.h"

enum ip_protocol {
	IP_PROTOCOL_ICMP = 1,
	IP_PROTOCOL_IPIP = 4,
	IP_PROTOCOL_TCP = 6,
	IP_PROTOCOL_UDP = 17,
	IP_PROTOCOL_GRE = 47,
	IP_PROTOCOL_ESP = 50,
	IP_PROTOCOL_MINENC = 55,
};

#define IP_VERSION_IHL_PLAIN 0x45 /* version 4, no options */
#define IP_FLAG_DF 0x4000
#define IP_FLAG_MF 0x2000
#define IP_FRAGMENT_OFFSET_MASK 0x1fff
#define IP_ECN_MASK 0x03
#define IP_HEADER_SIZE_MAX 60
#define IP_MIN_MTU 68 /* RFC 791: every link carries this much unfragmented */

/* RFC 791 section 3.1, figure 4, without options. */
struct ip_header {
	uint8_t version_ihl;
	uint8_t tos;
	be16 total_len_be;
	be16 id_be;
	be16 fragment_be;
	uint8_t ttl;
	uint8_t protocol;
	be16 checksum_be;
	be32 src;
	be32 dst;
} __attribute__((packed, aligned(2)));
ASSERT_SIZE(struct ip_header, 20);
ASSERT_OFFSET(struct ip_header, checksum_be, 10);
ASSERT_OFFSET(struct ip_header, dst, 16);

/* RFC 768. */
struct udp_header {
	be16 src_port_be;
	be16 dst_port_be;
	be16 len_be;
	be16 checksum_be;
} __attribute__((packed, aligned(2)));
ASSERT_SIZE(struct udp_header, 8);

enum icmp_type {
	ICMP_TYPE_ECHO_REPLY = 0,
	ICMP_TYPE_UNREACHABLE = 3,
	ICMP_TYPE_SOURCE_QUENCH = 4,
	ICMP_TYPE_REDIRECT = 5,
	ICMP_TYPE_ECHO_REQUEST = 8,
	ICMP_TYPE_ROUTER_ADVERTISEMENT = 9, /* RFC 1256 */
	ICMP_TYPE_ROUTER_SOLICITATION = 10,
	ICMP_TYPE_TIME_EXCEEDED = 11,
	ICMP_TYPE_PARAMETER_PROBLEM = 12,
};

enum icmp_unreachable_code {
	ICMP_CODE_NET_UNREACHABLE = 0,
	ICMP_CODE_HOST_UNREACHABLE = 1,
	ICMP_CODE_PROTOCOL_UNREACHABLE = 2,
	ICMP_CODE_PORT_UNREACHABLE = 3,
	ICMP_CODE_FRAGMENTATION_NEEDED = 4,
	ICMP_CODE_SOURCE_ROUTE_FAILED = 5,
	ICMP_CODE_ADMIN_PROHIBITED = 13,
};

/* RFC 792; the second word is named for the messages that use it (RFC 1191 section 4 for the MTU). */
struct icmp_header {
	uint8_t type;
	uint8_t code;
	be16 checksum_be;
	be16 id_be;  /* echo: identifier; otherwise unused */
	be16 mtu_be; /* fragmentation needed: next-hop MTU; echo: sequence number */
} __attribute__((packed, aligned(2)));
ASSERT_SIZE(struct icmp_header, 8);

/* RFC 1256 section 3, without router addresses. */
struct icmp_router_advertisement {
	uint8_t type;
	uint8_t code;
	be16 checksum_be;
	uint8_t address_count;
	uint8_t address_words; /* of 32 bits, each address and its preference: 2 */
	be16 lifetime_be;
} __attribute__((packed, aligned(2)));
ASSERT_SIZE(struct icmp_router_advertisement, 8);

/* Groups of a link (RFC 1112, RFC 1256, RFC 5944 section 2.3). */
#define IP_ALL_SYSTEMS htobe32(0xe0000001)
#define IP_ALL_ROUTERS htobe32(0xe0000002)
#define IP_MOBILE_AGENTS htobe32(0xe000000b)

/* RFC 2784 section 2, without the optional checksum words. */
struct gre_header {
	be16 flags_be;
	be16 protocol_be;
} __attribute__((packed, aligned(2)));
ASSERT_SIZE(struct gre_header, 4);
#define GRE_FLAG_CHECKSUM 0x8000
#define GRE_FLAGS_REFUSED 0x7c00 /* bits 1 to 5: RFC 2784 section 2.3 says discard */
#define GRE_VERSION_MASK 0x0007

/* RFC 2004 section 3.1; `src` is there only when the S bit is set. */
struct minenc_header {
	uint8_t protocol;
	uint8_t flags;
	be16 checksum_be;
	be32 dst;
	be32 src;
} __attribute__((packed, aligned(2)));
ASSERT_SIZE(struct minenc_header, 12);
#define MINENC_FLAG_SOURCE 0x80
#define MINENC_SIZE_SHORT 8

static inline uint16_t
ip_header_size(const struct ip_header *ip)
{
	return (uint16_t)((ip->version_ihl & 0x0f) * 4);
}

static inline int
ip_is_fragment(const struct ip_header *ip)
{
	return (ip->fragment_be & htobe16(IP_FLAG_MF | IP_FRAGMENT_OFFSET_MASK)) != 0;
}

#endif
