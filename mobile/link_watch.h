/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_LINK_WATCH_H
#define MOBILE_LINK_WATCH_H

#include <net/if.h>
#include <stdbool.h>

#include "lib/types.h"
#include "mobile/mn_config.h"
#include "mobile/netlink.h"

struct event_base;

/* Where the mobile is attached: the co-located care-of address and its link. */
struct attachment {
	be32 care_of; /* 0: nowhere */
	unsigned ifindex;
	unsigned mtu;
	char interface[IFNAMSIZ];
};

/*
 * Watches the configured interfaces through rtnetlink. timing.settle_ms after a change it looks for
 * the first of them that runs, has an address of global scope, and over which the main routing
 * table leads to a home agent; `moved` is called when that is another one than before, has another
 * MTU, or is the same after its link was down, or its address away, in between; `interrupted` at once
 * when that happens, some time before `moved`. One thread.
 */
struct link_watch;

struct link_watch_calls {
	void (*interrupted)(void *context);
	void (*moved)(void *context, const struct attachment *attachment);
};

/* `config` and `netlink` must outlive it. Looks for the first time when the event loop runs. 0,
 * or -errno. */
int link_watch_create(struct link_watch **watch, struct event_base *base,
		      const struct mn_config *config, struct netlink *netlink,
		      const struct link_watch_calls *calls, void *context);
void link_watch_destroy(struct link_watch *watch); /* NULL is fine */

#endif
