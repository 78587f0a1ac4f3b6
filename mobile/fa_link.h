/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_LINK_H
#define MOBILE_FA_LINK_H

#include <net/if.h>
#include <stdbool.h>

#include "lib/wire_eth.h"
#include "lib/wire_ip.h"

/*
 * The link that visitors are on, an Ethernet: registration requests and solicitations as they arrive, with the
 * sender's MAC address, and packets to one. One thread.
 */
#define FA_LINK_RAW_MAX 3

struct fa_link {
	int packet_fd;		      /* readable when something has come */
	int raw_fds[FA_LINK_RAW_MAX]; /* readable when a visitor has encapsulated a packet for us */
	int port_fd; /* holds port 434 and the groups; whatever comes there came by packet_fd, too */
	unsigned ifindex;
	char name[IFNAMSIZ];
};

#define FA_FRAME_SIZE 2048 /* more than any message of ours */

struct fa_frame {
	uint8_t mac[ETH_ADDRESS_SIZE]; /* the sender's */
	size_t len;
	bool is_checked; /* as fa_datagram_parse() has it */
};

void fa_link_init(struct fa_link *link); /* nothing open */

/* `takes_tunnels`: with raw_fds, from which agent_socket_receive_raw() receives. 0, or -errno and nothing open; -ENODEV
 * when there is no such Ethernet. */
int fa_link_open(struct fa_link *link, const char *name, bool takes_tunnels);
void fa_link_close(struct fa_link *link); /* not open: fine */

/* Our address there as it is now; 0: none. */
be32 fa_link_address(const struct fa_link *link);

/* The next packet that was sent to us, to all or to a group; `buffer` has FA_FRAME_SIZE bytes. 0, or -errno. */
int fa_link_receive(const struct fa_link *link, uint8_t *buffer, struct fa_frame *frame);

/* Sends an IPv4 packet to `mac`. 0, or -errno. */
int fa_link_send(const struct fa_link *link, const uint8_t mac[ETH_ADDRESS_SIZE],
		 const uint8_t *packet, size_t len);

#endif
