/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_ETHER_SOCKET_H
#define MOBILE_ETHER_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/wire_eth.h"

/*
 * IPv4 packets of an Ethernet as they are on it, past the kernel's own IPv4: sockets of packet(7), SOCK_DGRAM, with
 * PACKET_AUXDATA. One thread.
 */
struct ether_frame {
	uint8_t mac[ETH_ADDRESS_SIZE]; /* the sender's */
	uint8_t mac_len;
	uint8_t type; /* PACKET_HOST, PACKET_OUTGOING, ... */
	bool has_partial_checksum; /* TCP's, UDP's or ICMP's is not there yet: it is this host's or a neighbour's */
	size_t len;
};

/* 0; -ENODEV when `name` is no Ethernet, or -errno. `fd`: any socket. */
int ether_socket_check(int fd, const char *name);

/* The next packet into `buffer`, cut to `size` bytes. 0, or -errno; -EAGAIN when there is none. */
int ether_socket_receive(int fd, uint8_t *buffer, size_t size, struct ether_frame *frame);

/* Tells everybody on the Ethernet `name` that `address` is here: a gratuitous ARP, RFC 5944 section 4.6. 0, or
 * -errno. */
int ether_socket_announce(int fd, unsigned ifindex, const char *name, be32 address);

/* Sends an IPv4 packet to `mac`. 0, or -errno. */
int ether_socket_send(int fd, unsigned ifindex, const uint8_t mac[ETH_ADDRESS_SIZE],
		      const uint8_t *packet, size_t len);

#endif
