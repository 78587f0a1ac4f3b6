/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_SHIELD_H
#define MOBILE_MN_SHIELD_H

#include <net/if.h>
#include <stdbool.h>

#include "mobile/netlink.h"

/*
 * Through a foreign agent, packets for a home address arrive as they are on the link. They must pass the same gate
 * as those from a tunnel, so that the kernel must not take them there by itself, although the address is one of its
 * own: it takes none whose sender it would answer by another interface (net.ipv4.conf.*.rp_filter of 1), and what
 * has a home address's source leaves by the TUN device. Nor must it answer ARP requests for a home address (RFC
 * 5944 section 4.6; arp_ignore of 1). What was set before is set again afterwards; after a kill it stays. One
 * thread.
 */
struct mn_shield {
	struct netlink *netlink;
	unsigned ifindex;		/* 0: down */
	unsigned rp_filter, arp_ignore; /* as they were */
};

/* Raises it on a link. 0, also when it is up there; -EPERM when the host is set up so that it would be of no use
 * (net.ipv4.conf.all.rp_filter is 2); or -errno. */
int mn_shield_raise(struct mn_shield *shield, struct netlink *netlink, unsigned ifindex,
		    const char *name);
void mn_shield_lower(struct mn_shield *shield); /* not raised: fine */

#endif
