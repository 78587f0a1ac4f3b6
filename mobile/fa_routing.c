/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_routing.h"

#include <linux/rtnetlink.h>
#include <stdio.h>

#define RP_FILTER_OF_ALL "/proc/sys/net/ipv4/conf/all/rp_filter"
#define RP_FILTER_LOOSE 2

static struct netlink_rule
rule_of(const struct fa_routing *routing, be32 home_address)
{
	return (struct netlink_rule){
		.priority = routing->config->rule_priority,
		.table = routing->config->table,
		.source = home_address,
		/* what one visitor has for another comes out of a tunnel, and not to go back there */
		.arrives = routing->config->visitor_interface,
	};
}

static struct netlink_route
route_of(const struct fa_routing *routing, be32 home_address)
{
	return (struct netlink_route){
		.table = RT_TABLE_MAIN,
		.prefix = {home_address, 32},
		.ifindex = routing->link_ifindex,
	};
}

/* What comes out of tunnels has sources that the main table leads elsewhere: where the host is strict about that,
 * the TUN device is less so. */
static int
relax_rp_filter(struct fa_routing *routing)
{
	FILE *file = fopen(RP_FILTER_OF_ALL, "re");
	int digit = file != NULL ? fgetc(file) : EOF;

	if (file != NULL)
		fclose(file);
	return netlink_link_set_rp_filter(routing->netlink, routing->tun_ifindex,
					  digit == '1' ? RP_FILTER_LOOSE : 0);
}

static int
remove_all(struct fa_routing *routing)
{
	int result = netlink_rules_remove_all(routing->netlink, routing->config->rule_priority);

	return result != 0 ? result
			   : netlink_routes_remove_all(routing->netlink, RT_TABLE_MAIN,
						       routing->link_ifindex);
}

int
fa_routing_init(struct fa_routing *routing, struct netlink *netlink, const struct fa_config *config,
		const struct tun_device *tun, unsigned link_ifindex, unsigned uplink_mtu)
{
	unsigned overhead = tunnel_overhead(config->tunnels.udp ? TUNNEL_UDP_GRE : TUNNEL_GRE);
	struct netlink_route everything = {.table = config->table, .ifindex = tun->ifindex};
	int result;

	*routing = (struct fa_routing){
		.netlink = netlink,
		.config = config,
		.tun_ifindex = tun->ifindex,
		.link_ifindex = link_ifindex,
		.is_set_up = true,
	};
	result = remove_all(routing);
	if (result == 0)
		result = netlink_link_set_up(netlink, tun->ifindex, uplink_mtu - overhead);
	if (result == 0)
		result = relax_rp_filter(routing);
	return result != 0 ? result : netlink_route_set(netlink, &everything);
}

void
fa_routing_fini(struct fa_routing *routing)
{
	if (routing->is_set_up)
		(void)remove_all(routing);
	routing->is_set_up = false;
}

int
fa_routing_serve(struct fa_routing *routing, const struct fa_visitor *visitor)
{
	be32 home_address = visitor->mobile.home_address;
	struct netlink_route route = route_of(routing, home_address);
	struct netlink_rule rule = rule_of(routing, home_address);
	int result;

	/* with a co-located care-of address nothing comes through us */
	if (!visitor->has_tunnel)
		return fa_routing_drop(routing, visitor);
	result = netlink_neighbour_set(routing->netlink, routing->link_ifindex, home_address,
				       visitor->mac);
	if (result == 0)
		result = netlink_route_set(routing->netlink, &route);
	if (result != 0)
		return result;
	/* of encapsulating delivery, what comes plain is not for the tunnel (RFC 3024 section 5.2.1) */
	return visitor->tunnel.spec.reverse && !visitor->is_encapsulating
		       ? netlink_rule_add(routing->netlink, &rule)
		       : netlink_rule_remove(routing->netlink, &rule);
}

int
fa_routing_drop(struct fa_routing *routing, const struct fa_visitor *visitor)
{
	be32 home_address = visitor->mobile.home_address;
	struct netlink_route route = route_of(routing, home_address);
	struct netlink_rule rule = rule_of(routing, home_address);
	int result = netlink_rule_remove(routing->netlink, &rule);

	if (result == 0)
		result = netlink_route_remove(routing->netlink, &route);
	return result != 0 ? result
			   : netlink_neighbour_remove(routing->netlink, routing->link_ifindex,
						      home_address);
}
