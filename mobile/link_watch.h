/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_LINK_WATCH_H
#define MOBILE_LINK_WATCH_H

#include <net/if.h>
#include <stdbool.h>

#include "lib/types.h"
#include "mobile/mn_config.h"
#include "mobile/netlink.h"

struct event_base;

/* Where an interface is attached: the care-of address and the link. */
struct attachment {
	be32 care_of;	    /* 0: nowhere */
	be32 foreign_agent; /* whose care-of address it is; 0: our own */
	be32 home_agent;    /* on whose home link it is; 0: on nobody's */
	uint8_t prefix_len; /* of our own address there */
	unsigned ifindex;   /* 0: the link is down, or there is none */
	unsigned mtu;
	char interface[IFNAMSIZ];
};

/*
 * Watches the configured interfaces through rtnetlink, each apart from the others. timing.settle_ms
 * after a change it looks which of them run, have an address of global scope, and lead to a home agent
 * by the main routing table, of which a route over the interface is enough, however bad its metric: the
 * sockets are bound to it. A link that runs without such an address is told of, too. `moved` is
 * called for each one where that is not what it was, whose MTU is
 * another one, or which is the same after its link was down, or its address away, in between;
 * `interrupted` at once when that happens, some time before `moved`. `index` is the interface's place in
 * the configuration. One thread.
 */
struct link_watch;

struct link_watch_calls {
	void (*interrupted)(void *context, unsigned index);
	void (*moved)(void *context, unsigned index, const struct attachment *attachment);
};

/* `config` and `netlink` must outlive it. Looks for the first time when the event loop runs. 0,
 * or -errno. */
int link_watch_create(struct link_watch **watch, struct event_base *base,
		      const struct mn_config *config, struct netlink *netlink,
		      const struct link_watch_calls *calls, void *context);
void link_watch_destroy(struct link_watch *watch); /* NULL is fine */

#endif
