/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_NETLINK_H
#define MOBILE_NETLINK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>

#include "lib/prefix.h"
#include "lib/wire_eth.h"

/*
 * What the mobile node changes in, and asks from, the kernel's IPv4 configuration (rtnetlink(7)).
 * Every call waits for the kernel's answer, which is immediate. One thread.
 */
struct netlink;

/* 0, or -errno. */
int netlink_create(struct netlink **netlink);
void netlink_destroy(struct netlink *netlink); /* NULL is fine */

/* Sets a link's MTU and brings it up. 0, or -errno. */
int netlink_link_set_up(struct netlink *netlink, unsigned ifindex, unsigned mtu);

/* Adds or removes a /32 address. 0 also when it is already so; or -errno. */
int netlink_address_add(struct netlink *netlink, unsigned ifindex, be32 address);
int netlink_address_remove(struct netlink *netlink, unsigned ifindex, be32 address);

struct netlink_route {
	uint32_t table;
	struct prefix prefix;
	unsigned ifindex;
	be32 preferred_source; /* 0: none */
};

/* Adds the route, or replaces the one to the same prefix in the same table. 0, or -errno. */
int netlink_route_set(struct netlink *netlink, const struct netlink_route *route);

/* 0, also when there is none; or -errno. */
int netlink_route_remove(struct netlink *netlink, const struct netlink_route *route);

/* Removes all IPv4 routes of `table` over `ifindex` that were made by netlink_route_set(), of this or an earlier
 * run. 0, or -errno. */
int netlink_routes_remove_all(struct netlink *netlink, uint32_t table, unsigned ifindex);

/* A neighbour that is never asked for by ARP, or again one that is. 0, also when it is already so; or -errno. */
int netlink_neighbour_set(struct netlink *netlink, unsigned ifindex, be32 address,
			  const uint8_t mac[ETH_ADDRESS_SIZE]);
int netlink_neighbour_remove(struct netlink *netlink, unsigned ifindex, be32 address);

/* Sets rp_filter of one link: 0, 1 or 2, as net.ipv4.conf.*.rp_filter has it. 0, or -errno. */
int netlink_link_set_rp_filter(struct netlink *netlink, unsigned ifindex, unsigned value);
/* The same for arp_ignore. */
int netlink_link_set_arp_ignore(struct netlink *netlink, unsigned ifindex, unsigned value);

/* A rule that sends packets with one source address to a table. */
struct netlink_rule {
	uint32_t priority;
	uint32_t table;
	be32 source;	     /* 0: packets whose source is not chosen yet */
	const char *arrives; /* the interface that packets come by; NULL: any, or they are ours */
};

/* 0, also when it is already so; or -errno. */
int netlink_rule_add(struct netlink *netlink, const struct netlink_rule *rule);
int netlink_rule_remove(struct netlink *netlink, const struct netlink_rule *rule);

/* Removes all IPv4 rules that were made by netlink_rule_add() with `priority`, of this or an
 * earlier run. 0, or -errno. */
int netlink_rules_remove_all(struct netlink *netlink, uint32_t priority);

/* Makes a program of type BPF_PROG_TYPE_SCHED_CLS decide about the IPv4 packets that arrive by a link (tc-bpf(8),
 * direct action), in place of an earlier one of the same priority; or no longer. 0, also when there is none to remove;
 * or -errno. */
int netlink_ingress_program_set(struct netlink *netlink, unsigned ifindex, uint16_t priority,
				int program_fd);
int netlink_ingress_program_remove(struct netlink *netlink, unsigned ifindex, uint16_t priority);

/*
 * Asks for all of one kind (RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE; IPv4) and hands each message to
 * `take`, which returns MNL_CB_OK, or MNL_CB_ERROR to stop. 0, or -errno.
 */
int netlink_dump(struct netlink *netlink, uint16_t type, mnl_cb_t take, void *context);

#endif
