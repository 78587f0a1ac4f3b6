/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MAC_CHECK_H
#define MOBILE_MAC_CHECK_H

#include <stdbool.h>

#include "lib/wire_eth.h"
#include "mobile/netlink.h"

/*
 * What comes by an Ethernet from a registered IPv4 address must come from its MAC address: else the kernel drops and
 * counts it, before it looks at it. A program of the traffic control's ingress (tc-bpf(8)) does that, so it needs
 * CAP_BPF and cls_bpf. Packet sockets of ETH_P_ALL see what is dropped. One thread.
 */
struct mac_check {
	struct netlink *netlink;
	unsigned ifindex;
	uint16_t priority; /* of the filter; whatever was there is replaced */
	int map_fd;
	bool is_attached;
	uint64_t departed_drops; /* of addresses that are not registered any more */
};

void mac_check_init(struct mac_check *check); /* nothing open */

/* For at most `addresses_max`. 0, or -errno and nothing open. */
int mac_check_open(struct mac_check *check, struct netlink *netlink, unsigned ifindex,
		   uint16_t priority, unsigned addresses_max);
void mac_check_close(struct mac_check *check); /* not open: fine */

/* Registers an address, or gives it another MAC address; or forgets it. 0, or -errno. */
int mac_check_set(struct mac_check *check, be32 address, const uint8_t mac[ETH_ADDRESS_SIZE]);
int mac_check_forget(struct mac_check *check, be32 address); /* not registered: 0 */

/* Packets dropped that claimed to be from this address; not registered: 0. */
uint64_t mac_check_drops(const struct mac_check *check, be32 address);

#endif
