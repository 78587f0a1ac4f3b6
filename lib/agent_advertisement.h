/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_AGENT_ADVERTISEMENT_H
#define LIB_AGENT_ADVERTISEMENT_H

#include <stdbool.h>

#include "lib/wire_ip.h"
#include "lib/wire_mip.h"

/*
 * Agent Advertisements and Solicitations (RFC 5944 section 2, RFC 1256), as home agents and foreign
 * agents send and read them. Packets are bytes from the IPv4 header on, at any alignment; all functions
 * may be called on any core.
 */

#define AGENT_CARE_OF_MAX 8
#define AGENT_CHALLENGE_SIZE_MAX 16
#define AGENT_NAI_LEN_MAX 252 /* with the subtype, 253 octets */
#define AGENT_ADVERTISEMENT_SIZE_MAX                                               \
	(sizeof(struct ip_header) + sizeof(struct icmp_router_advertisement) +     \
	 sizeof(struct mip_advertisement) + AGENT_CARE_OF_MAX * sizeof(be32) + 2 + \
	 AGENT_CHALLENGE_SIZE_MAX + 3 + AGENT_NAI_LEN_MAX)

/* Longer solicitations are refused: 8 octets are all that they need. The whole IP packet. */
#define AGENT_SOLICITATION_SIZE_MAX 576

struct agent_advertisement {
	be32 src;		   /* the agent: mobiles know it again by this address */
	be32 dst;		   /* IP_ALL_SYSTEMS, UINT32_MAX, or who asked */
	be16 id_be;		   /* of the IP header */
	uint16_t lifetime_sec;	   /* of the advertisement */
	uint16_t sequence;	   /* agent_sequence_next() says which comes after it */
	uint16_t registration_sec; /* longest lifetime of a registration */
	uint16_t flags;		   /* enum mip_advertisement_flag */
	const be32 *care_of;	   /* foreign agents only; F asks for one at least */
	unsigned care_of_count;	   /* at most AGENT_CARE_OF_MAX */
	const uint8_t *challenge;  /* foreign agents only, RFC 4721 section 2 */
	unsigned challenge_len;	   /* at most AGENT_CHALLENGE_SIZE_MAX; 0: none */
	const char *nai;	   /* foreign agents only, RFC 4857 section 8.2 */
	unsigned nai_len;	   /* at most AGENT_NAI_LEN_MAX; 0: none */
};

/*
 * Writes the packet to `out` and returns its length. It has TTL 1 and code 0, and lists no router: hosts
 * that are no mobiles let it be then (RFC 1256 section 5.2), and prefix lengths have nothing to tell of.
 */
size_t agent_advertisement_build(const struct agent_advertisement *advertisement,
				 uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX]);

/* RFC 5944 section 2.3.2: the numbers below 256 come once only, so that a restart shows. */
uint16_t agent_sequence_next(uint16_t sequence);

/*
 * Reads a solicitation with the checks of RFC 1256 section 4.2, except that its source need not be a
 * neighbour (RFC 5944 section 2.3), and writes that source: 0 when it has none yet. 0; -EINVAL when it is
 * malformed, a fragment or something else; -EBADMSG when the ICMP checksum is wrong.
 */
int agent_solicitation_parse(const void *packet, size_t len, be32 *src);

#define AGENT_SOLICITATION_SIZE (sizeof(struct ip_header) + sizeof(struct icmp_header))

/* Writes a solicitation from `src`, 0 for nobody yet, to all routers of the link, with TTL 1 (RFC 5944 section
 * 2.2). */
void agent_solicitation_build(be32 src, uint8_t out[AGENT_SOLICITATION_SIZE]);

#define AGENT_HEARD_CHALLENGE_MAX \
	UINT8_MAX /* RFC 4721 section 2 has no limit but the length octet's */

/* An advertisement as a mobile hears it; a copy, so that it outlives the packet. */
struct agent_heard {
	be32 src;
	uint16_t lifetime_sec;
	uint16_t sequence;
	uint16_t registration_sec;
	uint16_t flags;
	be32 care_of[AGENT_CARE_OF_MAX]; /* the first ones that a host can have */
	unsigned care_of_count;
	uint8_t challenge[AGENT_HEARD_CHALLENGE_MAX];
	unsigned challenge_len; /* 0: none */
	char nai[AGENT_NAI_LEN_MAX];
	unsigned nai_len; /* of the foreign agent's; 0: none, or none that is valid (lib/nai.h) */
};

/* Longer packets are refused: whole, with the IP header. */
#define AGENT_HEARD_SIZE_MAX 1500

/*
 * Reads an Agent Advertisement with the checks of RFC 1256 section 5.2 and RFC 5944 section 2: TTL 1 where it
 * went to a group or to all, code 0 or 16, lengths. Router addresses and extensions that are not known are
 * skipped; of one that is repeated the first counts. `has_partial_checksum`: the ICMP checksum is not to be
 * looked at, for the packet never left this host. 0; -EINVAL when it is malformed, a fragment or something
 * else, or its source no host's address; -ENOMSG when it is a router's advertisement but no mobility agent's;
 * -EBADMSG when a checksum is wrong.
 */
int agent_advertisement_parse(const void *packet, size_t len, bool has_partial_checksum,
			      struct agent_heard *heard);

#endif
