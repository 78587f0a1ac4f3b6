/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_INJECT_H
#define CONTROL_INJECT_H

#include "dataplane/mailbox.h"
#include "lib/wire_eth.h"

/*
 * How the control core sends: it hands plain IP packets to a worker, which treats them like received
 * ones, so that a reply finds its way through however many tunnels by itself.
 */
struct injector {
	struct rte_mempool *pool;
	struct mailbox *mailboxes; /* one a worker */
	unsigned mailbox_count;
	unsigned turn;	   /* the worker that gets the next packet */
	uint64_t failures; /* no buffer, or the ring was full */
	uint16_t next_id;  /* IPv4 identification of the next packet */
};

/* A packet of `len` bytes (not set) in one segment, with RECIPE_HEADROOM before it and a zeroed
 * packet_of(); NULL when no buffer is left or `len` does not fit one. Control core. */
struct rte_mbuf *inject_alloc(struct injector *injector, uint16_t len);

/* True while every worker's ring is at most half full: what can wait, waits until then, so that what cannot
 * finds room. Control core. */
bool inject_has_room(const struct injector *injector);

/* Sends `mbuf`, whose data is an IPv4 packet with all checksums, or a frame for INJECT_FRAME; fields of
 * packet_of() that the kind needs are set. Takes the packet in any case. Control core. */
void inject_packet(struct injector *injector, struct rte_mbuf *mbuf, enum inject_kind kind);

/* What the control core says in an IPv4 header that differs from packet to packet. */
struct inject_ip {
	be32 src, dst;
	uint8_t protocol;
	uint8_t tos;
};

/* Writes the IPv4 header of the `total_len` bytes at `header`: no options, TTL 64, DF clear, an
 * identification of its own, checksum. Control core. */
void inject_write_ip(struct injector *injector, struct ip_header *header,
		     const struct inject_ip *ip, uint16_t total_len);

#define INJECT_UDP_MAX 16384 /* bytes of a datagram: an IKE message (IKE_DATAGRAM_MAX) */

/* One UDP datagram, in as many segments as it takes; addresses and ports in network order. 0, -ENOBUFS or
 * -EMSGSIZE (longer than INJECT_UDP_MAX). Control core. */
struct udp_flow {
	be32 src, dst;
	be16 src_port_be, dst_port_be;
};
int inject_udp(struct injector *injector, const struct udp_flow *flow, const void *payload,
	       uint16_t len, enum inject_kind kind);

/* One frame of its own by `port`: `len` bytes behind the header `eth`, filled up to what Ethernet takes.
 * 0 or -ENOBUFS. Control core. */
int inject_frame(struct injector *injector, uint8_t port, const struct eth_header *eth,
		 const void *payload, uint16_t len);

/* An ARP packet as a broadcast frame (`dst_mac` NULL), or to `dst_mac`, by `port`. 0 or -ENOBUFS.
 * Control core. */
int inject_arp(struct injector *injector, uint8_t port, const struct arp_packet *arp,
	       const uint8_t src_mac[ETH_ADDRESS_SIZE], const uint8_t *dst_mac);

#endif
