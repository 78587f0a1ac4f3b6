/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/routing.h"

#include <errno.h>
#include <stdio.h>

#include "lib/log.h"

/* Before the first tunnel: what is left of an Ethernet link by the deepest one. */
#define MTU_INITIAL 1464

static bool
has_external(const struct routing *routing)
{
	return routing->tuns[ROUTING_EXTERNAL] != routing->tuns[ROUTING_TUN];
}

unsigned
routing_tun_of(const struct routing *routing, unsigned index)
{
	return has_external(routing) && routing->config->agents[index].role == MN_ROLE_X_HA
		       ? ROUTING_EXTERNAL
		       : ROUTING_TUN;
}

static struct netlink_rule
home_rule(const struct routing *routing, unsigned index, be32 home_address)
{
	return (struct netlink_rule){
		.priority = routing->config->routing.rule_priority,
		.table = routing->config->routing.table + 1 + routing_tun_of(routing, index),
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

static int
set_up_tun(struct routing *routing, unsigned which)
{
	struct netlink_route everything = {
		.table = routing->config->routing.table + 1 + which,
		.ifindex = routing->tuns[which]->ifindex,
	};
	unsigned mtu = routing->config->tun.mtu;
	int result = routing_set_mtu(routing, which, mtu != 0 ? mtu : MTU_INITIAL);

	return result != 0 ? result : netlink_route_set(routing->netlink, &everything);
}

/* Without it, neighbours can send packets past the tunnel. */
static void
create_filter(struct routing *routing)
{
	char name[32];
	int result;

	snprintf(name, sizeof(name), "homeport-%s", routing->tuns[ROUTING_TUN]->name);
	result = home_filter_create(&routing->filter, name);
	if (result != 0)
		log_warn(-result, "no nf_tables: neighbours reach home addresses past the tunnel");
}

int
routing_init(struct routing *routing, struct netlink *netlink, const struct mn_config *config,
	     const struct tun_device *tun, const struct tun_device *external)
{
	int result;

	*routing = (struct routing){
		.netlink = netlink,
		.config = config,
		.tuns = {tun, external},
	};
	routing->is_set_up = true;
	create_filter(routing);
	result = remove_rules(routing);
	if (result == 0)
		result = set_up_tun(routing, ROUTING_TUN);
	if (result == 0 && has_external(routing))
		result = set_up_tun(routing, ROUTING_EXTERNAL);
	return result;
}

void
routing_fini(struct routing *routing)
{
	if (routing->is_set_up)
		(void)remove_rules(routing);
	home_filter_destroy(routing->filter);
	routing->filter = NULL;
	routing->is_set_up = false;
}

static unsigned
ifindex_of(const struct routing *routing, unsigned index)
{
	return routing->tuns[routing_tun_of(routing, index)]->ifindex;
}

/* Before an address is there. */
static int
set_filter(struct routing *routing, unsigned index, be32 home_address)
{
	struct home_filter_entry entries[MN_AGENTS_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < routing->config->agent_count; i++) {
		be32 address = i == index ? home_address : routing->homes[i];

		if (address != 0)
			entries[count++] =
				(struct home_filter_entry){address, ifindex_of(routing, i)};
	}
	return routing->filter != NULL ? home_filter_set(routing->filter, entries, count) : 0;
}

bool
routing_is_guarded(const struct routing *routing)
{
	return routing->filter != NULL;
}

static int
home_remove(struct routing *routing, unsigned index, be32 home_address)
{
	struct netlink_rule rule = home_rule(routing, index, home_address);
	int result = netlink_rule_remove(routing->netlink, &rule);

	/* the kernel takes the routes with it whose preferred source this is */
	if (routing->source == home_address)
		routing->source = 0;
	return result != 0 ? result
			   : netlink_address_remove(routing->netlink, ifindex_of(routing, index),
						    home_address);
}

int
routing_set_home(struct routing *routing, unsigned index, be32 home_address)
{
	struct netlink_rule rule = home_rule(routing, index, home_address);
	be32 *home = &routing->homes[index];
	int result = 0;

	if (*home == home_address)
		return 0;
	if (*home != 0)
		result = home_remove(routing, index, *home);
	*home = 0;
	if (result == 0)
		result = set_filter(routing, index, home_address);
	if (result != 0 || home_address == 0)
		return result;
	result = netlink_address_add(routing->netlink, ifindex_of(routing, index), home_address);
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
			.ifindex = routing->tuns[ROUTING_TUN]->ifindex,
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
routing_set_mtu(struct routing *routing, unsigned which, unsigned mtu)
{
	int result;

	if (routing->mtu[which] == mtu)
		return 0;
	result = netlink_link_set_up(routing->netlink, routing->tuns[which]->ifindex, mtu);
	if (result == 0)
		routing->mtu[which] = mtu;
	return result;
}
