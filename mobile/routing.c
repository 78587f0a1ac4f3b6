/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/routing.h"

#include <errno.h>

/* Before the first tunnel: what is left of an Ethernet link by the deepest one. */
#define MTU_INITIAL 1464

static struct netlink_rule
home_rule(const struct routing *routing, be32 home_address)
{
	return (struct netlink_rule){
		.priority = routing->config->routing.rule_priority,
		.table = routing->config->routing.table + 1,
		.source = home_address,
	};
}

static struct netlink_rule
open_rule(const struct routing *routing)
{
	return (struct netlink_rule){
		.priority = routing->config->routing.rule_priority + 1,
		.table = routing->config->routing.table,
	};
}

static int
remove_rules(struct routing *routing)
{
	uint32_t priority = routing->config->routing.rule_priority;
	int result = netlink_rules_remove_all(routing->netlink, priority);

	return result != 0 ? result : netlink_rules_remove_all(routing->netlink, priority + 1);
}

int
routing_init(struct routing *routing, struct netlink *netlink, const struct mn_config *config,
	     const struct tun_device *tun)
{
	struct netlink_route everything = {
		.table = config->routing.table + 1,
		.ifindex = tun->ifindex,
	};
	int result;

	*routing = (struct routing){.netlink = netlink, .config = config, .tun = tun};
	routing->is_set_up = true;
	result = remove_rules(routing);
	if (result == 0)
		result = routing_set_mtu(routing,
					 config->tun.mtu != 0 ? config->tun.mtu : MTU_INITIAL);
	if (result == 0)
		result = netlink_route_set(netlink, &everything);
	return result;
}

void
routing_fini(struct routing *routing)
{
	if (routing->is_set_up)
		(void)remove_rules(routing);
	routing->is_set_up = false;
}

static int
home_remove(struct routing *routing, be32 home_address)
{
	struct netlink_rule rule = home_rule(routing, home_address);
	int result = netlink_rule_remove(routing->netlink, &rule);

	/* the kernel takes the routes with it whose preferred source this is */
	if (routing->source == home_address)
		routing->source = 0;
	return result != 0 ? result
			   : netlink_address_remove(routing->netlink, routing->tun->ifindex,
						    home_address);
}

int
routing_set_home(struct routing *routing, unsigned index, be32 home_address)
{
	struct netlink_rule rule = home_rule(routing, home_address);
	be32 *home = &routing->homes[index];
	int result = 0;

	if (*home == home_address)
		return 0;
	if (*home != 0)
		result = home_remove(routing, *home);
	*home = 0;
	if (result != 0 || home_address == 0)
		return result;
	result = netlink_address_add(routing->netlink, routing->tun->ifindex, home_address);
	if (result == 0)
		result = netlink_rule_add(routing->netlink, &rule);
	if (result == 0)
		*home = home_address;
	return result;
}

static int
set_open(struct routing *routing, bool is_open)
{
	struct netlink_rule rule = open_rule(routing);
	int result;

	if (routing->is_open == is_open)
		return 0;
	result = is_open ? netlink_rule_add(routing->netlink, &rule)
			 : netlink_rule_remove(routing->netlink, &rule);
	if (result == 0)
		routing->is_open = is_open;
	return result;
}

int
routing_set_source(struct routing *routing, be32 source)
{
	const struct mn_routing_config *config = &routing->config->routing;
	int result = 0;

	for (unsigned i = 0; source != 0 && source != routing->source && i < config->count; i++) {
		struct netlink_route route = {
			.table = config->table,
			.prefix = config->prefixes[i],
			.ifindex = routing->tun->ifindex,
			.preferred_source = source,
		};

		result = netlink_route_set(routing->netlink, &route);
		if (result != 0)
			return result;
	}
	if (source != 0)
		routing->source = source;
	return set_open(routing, source != 0);
}

int
routing_set_mtu(struct routing *routing, unsigned mtu)
{
	int result;

	if (routing->mtu == mtu)
		return 0;
	result = netlink_link_set_up(routing->netlink, routing->tun->ifindex, mtu);
	if (result == 0)
		routing->mtu = mtu;
	return result;
}
