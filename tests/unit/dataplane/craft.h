/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_DATAPLANE_CRAFT_H
#define TESTS_UNIT_DATAPLANE_CRAFT_H

#include <stdbool.h>

#include "lib/tunnel.h"

/*
 * Packets for the tests, built from the inside out, octet by octet from the RFCs' figures, and without
 * the code under test: what it builds is compared with what stands here.
 */
#define CRAFT_SIZE 9600

struct craft {
	uint32_t len;
	uint8_t room[CRAFT_SIZE]; /* the packet ends at its end */
};

static inline uint8_t *
craft_at(struct craft *craft)
{
	return craft->room + CRAFT_SIZE - craft->len;
}

struct craft_ip {
	be32 src;
	be32 dst;
	uint8_t protocol;
	uint8_t ttl; /* 0: 64 */
	uint8_t tos;
	uint16_t id;
	uint16_t fragment; /* flags and offset as in the header */
	uint8_t options_len;
	uint8_t options[40];
};

/* A packet of nothing but `len` bytes that are told apart. */
void craft_payload(struct craft *craft, uint32_t len);

/* What now follows is put before what there is. */
void craft_ip(struct craft *craft, const struct craft_ip *ip);
void craft_udp(struct craft *craft, uint16_t src_port, uint16_t dst_port);
void craft_gre(struct craft *craft, uint16_t flags);
void craft_bytes(struct craft *craft, const void *bytes, uint32_t len);
void craft_ethernet(struct craft *craft, const uint8_t dst[6], uint16_t type);

/* Fills in the checksum of the UDP header that follows a plain IP header at the front. */
void craft_udp_checksum(struct craft *craft);

/* Fills in the checksum of the IP header at `ip`. */
void craft_ip_checksum(uint8_t *ip);

/* Turns an IP packet without options at the front into one in minimal encapsulation; the source is kept
 * when `with_source`. */
void craft_minenc(struct craft *craft, be32 src, be32 dst, bool with_source);

/* The Internet checksum, computed by octets. */
uint16_t craft_sum(uint32_t sum, const uint8_t *bytes, uint32_t len);

/* A packet in a tunnel of any kind: outer addresses, ports when it is UDP, TTL, TOS and fragment field. */
void craft_tunnel(struct craft *craft, enum tunnel_kind kind, const struct craft_ip *outer,
		  uint16_t src_port, uint16_t dst_port);

#endif
