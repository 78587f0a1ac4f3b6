/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_ROUTING_H
#define MOBILE_FA_ROUTING_H

#include "mobile/fa_config.h"
#include "mobile/fa_visitor.h"
#include "mobile/netlink.h"
#include "mobile/tun_device.h"

/*
 * What the kernel does for visitors. It forwards: what comes out of the TUN device goes to a visitor by his host
 * route and his neighbour entry, which is never asked for by ARP (RFC 5944 section 4.2.2); what he sends with
 * reverse tunnelling goes into the TUN device by a rule for his address. One thread.
 */
struct fa_routing {
	struct netlink *netlink;
	const struct fa_config *config;
	unsigned tun_ifindex;
	unsigned link_ifindex;
	bool is_set_up;
};

/* Removes what an earlier run left and brings the TUN device up. 0, or -errno. */
int
fa_routing_init(struct fa_routing *routing, struct netlink *netlink, const struct fa_config *config,
		const struct tun_device *tun, unsigned link_ifindex, unsigned uplink_mtu);
void fa_routing_fini(struct fa_routing *routing); /* removes all; not set up: fine */

/* Makes it so for a visitor that has come or changed, or undoes it. 0, or -errno. */
int fa_routing_serve(struct fa_routing *routing, const struct fa_visitor *visitor);
int fa_routing_drop(struct fa_routing *routing, const struct fa_visitor *visitor);

#endif
