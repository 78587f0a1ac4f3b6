/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_LINK_H
#define MOBILE_MN_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/wire_eth.h"

/*
 * A link where agents may be, an Ethernet, past the kernel's own IPv4: advertisements with the sender's MAC address,
 * and, of one neighbour or for one address, all packets that are sent to us. One thread.
 */
struct mn_link {
	int fd; /* -1: not open */
	unsigned ifindex;
};

struct mn_frame {
	uint8_t mac[ETH_ADDRESS_SIZE]; /* the sender's */
	bool is_for_us;		       /* for our MAC address alone */
	bool has_partial_checksum;     /* TCP's, UDP's or ICMP's is not there yet */
	uint8_t *packet;
	size_t len;
};

void mn_link_init(struct mn_link *link); /* not open */

/* 0, or -errno and not open; -ENODEV when it is no Ethernet. */
int mn_link_open(struct mn_link *link, unsigned ifindex, const char *name);
void mn_link_close(struct mn_link *link); /* not open: fine */

/* From now on also what the neighbour with this MAC address sends to us; NULL: advertisements alone. 0, or
 * -errno. */
int mn_link_listen_to(const struct mn_link *link, const uint8_t *mac);

/* The same of what anybody sends to us for `home_address`. */
int mn_link_listen_for(const struct mn_link *link, be32 home_address);

/* The next packet into `buffer`, AGENT_PACKET_SIZE bytes. 0, or -errno; -EAGAIN when there is none. */
int mn_link_receive(const struct mn_link *link, uint8_t *buffer, struct mn_frame *frame);

/* Puts in the checksum of TCP or UDP that is missing. A packet that is malformed stays as it is. */
void mn_link_complete(uint8_t *packet, size_t len);

/* Sends an IPv4 packet to `mac`. 0, or -errno. */
int mn_link_send(const struct mn_link *link, const uint8_t mac[ETH_ADDRESS_SIZE],
		 const uint8_t *packet, size_t len);

#endif
