/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_ROUTING_H
#define MOBILE_ROUTING_H

#include <stdbool.h>

#include "mobile/home_filter.h"
#include "mobile/mn_config.h"
#include "mobile/netlink.h"
#include "mobile/tun_device.h"

#define ROUTING_TUNS 2
#define ROUTING_TUN 0	   /* the first one, for new sessions */
#define ROUTING_EXTERNAL 1 /* for home addresses of x-HAs */

/*
 * The mobile's routes. Two rules, no mark, no host route:
 *
 *     from a home address   -> table + 1, where everything goes into the tunnel
 *     from no address yet   -> table, where tunnel_routes do, and give the source a home address
 *
 * The home addresses of x-HAs can have a TUN device of their own, so that each layer of RFC 5265 has its MTU, and
 * charon finds its address on one device and none on the other; their table is then table + 2.
 *
 * The tunnel's own packets come from the care-of address, as do those of programs that choose it;
 * neither rule meets them, so no home agent needs an exception and nothing can loop. What comes for a home address by
 * another way than its TUN device is dropped. One thread.
 */
struct routing {
	struct netlink *netlink;
	const struct mn_config *config;
	const struct tun_device *tuns[ROUTING_TUNS]; /* same one twice: all on one device */
	be32 homes[MN_AGENTS_MAX];		     /* on a TUN device, one an agent; 0: none */
	struct home_filter *filter;		     /* NULL: the kernel has none */
	be32 source;				     /* that new sessions get */
	unsigned mtu[ROUTING_TUNS];
	bool is_open; /* the rule for packets without a source is there */
	bool is_set_up;
};

/* Clears away what an earlier run that was killed may have left; sets up table + 1. `external` may
 * be `tun`. All must outlive it. 0, or -errno. */
int routing_init(struct routing *routing, struct netlink *netlink, const struct mn_config *config,
		 const struct tun_device *tun, const struct tun_device *external);
void
routing_fini(struct routing *routing); /* removes every rule; the rest goes with the TUN device */

/* Agent `index` has this home address now; 0: none. 0, or -errno. */
int routing_set_home(struct routing *routing, unsigned index, be32 home_address);

/* True when the kernel takes packets for a home address from its TUN device alone. */
bool routing_is_guarded(const struct routing *routing);

/* New sessions use `source` (0: none, and packets without a source are left to the main table).
 * 0, or -errno. */
int routing_set_source(struct routing *routing, be32 source);

/* Which TUN device bears the home address of agent `index`: ROUTING_TUN or ROUTING_EXTERNAL. */
unsigned routing_tun_of(const struct routing *routing, unsigned index);

/* Of TUN device `which`. 0, or -errno. */
int routing_set_mtu(struct routing *routing, unsigned which, unsigned mtu);

#endif
