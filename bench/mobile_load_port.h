/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MOBILE_LOAD_PORT_H
#define BENCH_MOBILE_LOAD_PORT_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lib/wire_eth.h"
#include "lib/wire_ip.h"

/*
 * One end of a cable to the box: whole Ethernet frames through a packet socket, many a system call. It is the
 * only host there as far as the box sees: it answers ARP for one address, through which the box reaches
 * everybody. One thread.
 */
#define LOAD_PORT_BATCH 64u
#define LOAD_PORT_PACKET_MAX 1500u

struct load_port_batch {
	unsigned count;
	struct mmsghdr messages[LOAD_PORT_BATCH];
	struct iovec vectors[LOAD_PORT_BATCH];
	uint8_t frames[LOAD_PORT_BATCH][2048];
};

struct load_port {
	int fd;
	uint8_t mac[ETH_ADDRESS_SIZE], box_mac[ETH_ADDRESS_SIZE];
	be32 address; /* the one that ARP is answered for */
	uint64_t send_errors, receive_drops;
	struct load_port_batch out, in;
};

/* Opens the interface called `name`; the box is at `box_mac`. 0 or -errno. */
int load_port_open(struct load_port *port, const char *name, const uint8_t *box_mac, be32 address);

/* Tells the box who has the address (gratuitous ARP), should it have asked when nobody was here yet. */
void load_port_announce(struct load_port *port);

/* Room for a packet of up to LOAD_PORT_PACKET_MAX bytes; it is written, then committed. */
uint8_t *load_port_room(struct load_port *port);
void load_port_commit(struct load_port *port, uint16_t len);

/* Sends what was committed. */
void load_port_flush(struct load_port *port);

/* Hands up to a batch of IP packets to `take`, whose headers and lengths are whole; returns how many frames
 * came. Answers ARP. */
unsigned load_port_receive(struct load_port *port,
			   void (*take)(void *context, const struct ip_header *ip, uint16_t len),
			   void *context);

/* Brings `receive_drops` up to date: packets that the kernel had no room for in our socket. */
void load_port_count_drops(struct load_port *port);

/* Writes an IPv4 header without options, with DF and checksum, and returns where the payload goes. */
uint8_t *
load_port_write_ip(uint8_t *bytes, be32 src, be32 dst, uint8_t protocol, uint16_t payload_len);

#endif
