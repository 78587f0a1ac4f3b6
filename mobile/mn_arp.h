/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_ARP_H
#define MOBILE_MN_ARP_H

#include <stdbool.h>

#include "mobile/netlink.h"

/*
 * Whether the kernel answers ARP requests for a home address on a link: there it is one of its own, on a TUN device. At
 * home it has to, and elsewhere it must not (RFC 5944 section 4.6; net.ipv4.conf.INTERFACE.arp_ignore of 0 or 1).
 * What was set before is set again afterwards; after a kill it stays. One thread.
 */
struct mn_arp {
	struct netlink *netlink;
	unsigned ifindex; /* 0: nothing was changed */
	unsigned before, now;
};

/* On this link from now on. 0, or -errno. */
int mn_arp_set(struct mn_arp *arp, struct netlink *netlink, unsigned ifindex, const char *name,
	       bool is_home);
/* Whose setting, "all" or `name`, keeps the kernel from answering on that link although we have it answer there; NULL:
 * nobody's. The larger of the two counts. */
const char *mn_arp_silenced_by(const char *name);
void mn_arp_restore(struct mn_arp *arp); /* of zeros: fine */

#endif
