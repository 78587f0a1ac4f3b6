/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/netlink.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

/* Who made our routes and rules: a number that no routing daemon uses in
 * /etc/iproute2/rt_protos. */
#define PROTOCOL_HOMEPORT 143

struct netlink {
	struct mnl_socket *socket;
	uint32_t sequence;
	uint32_t port;
	char buffer[16384]; /* at least MNL_SOCKET_BUFFER_SIZE, for requests and answers */
};

int
netlink_create(struct netlink **netlink_out)
{
	struct netlink *netlink = calloc(1, sizeof(*netlink));
	int result;

	if (netlink == NULL)
		return -ENOMEM;
	netlink->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (netlink->socket == NULL ||
	    mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		result = -errno;
		netlink_destroy(netlink);
		return result;
	}
	netlink->port = mnl_socket_get_portid(netlink->socket);
	netlink->sequence = (uint32_t)time(NULL);
	*netlink_out = netlink;
	return 0;
}

void
netlink_destroy(struct netlink *netlink)
{
	if (netlink == NULL)
		return;
	if (netlink->socket != NULL)
		mnl_socket_close(netlink->socket);
	free(netlink);
}

static struct nlmsghdr *
request_begin(struct netlink *netlink, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(netlink->buffer);

	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	message->nlmsg_seq = ++netlink->sequence;
	return message;
}

/* Sends the request and reads all of the answer. 0, or -errno: the kernel's, or our own trouble. */
static int
request_run(struct netlink *netlink, const struct nlmsghdr *message, mnl_cb_t take, void *context)
{
	int result;

	if (mnl_socket_sendto(netlink->socket, message, message->nlmsg_len) < 0)
		return -errno;
	do {
		ssize_t len = mnl_socket_recvfrom(netlink->socket, netlink->buffer,
						  sizeof(netlink->buffer));

		if (len < 0)
			return -errno;
		result = mnl_cb_run(netlink->buffer, (size_t)len, netlink->sequence, netlink->port,
				    take, context);
	} while (result > MNL_CB_STOP);
	return result == MNL_CB_ERROR ? -errno : 0;
}

int
netlink_link_set_up(struct netlink *netlink, unsigned ifindex, unsigned mtu)
{
	struct nlmsghdr *message = request_begin(netlink, RTM_NEWLINK, NLM_F_ACK);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(message, sizeof(*link));

	link->ifi_family = AF_UNSPEC;
	link->ifi_index = (int)ifindex;
	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	mnl_attr_put_u32(message, IFLA_MTU, mtu);
	return request_run(netlink, message, NULL, NULL);
}

static int
address_change(struct netlink *netlink, uint16_t type, uint16_t flags, unsigned ifindex,
	       be32 address)
{
	struct nlmsghdr *message = request_begin(netlink, type, (uint16_t)(NLM_F_ACK | flags));
	struct ifaddrmsg *body = mnl_nlmsg_put_extra_header(message, sizeof(*body));

	body->ifa_family = AF_INET;
	body->ifa_prefixlen = 32;
	body->ifa_index = ifindex;
	mnl_attr_put_u32(message, IFA_LOCAL, address);
	mnl_attr_put_u32(message, IFA_ADDRESS, address);
	return request_run(netlink, message, NULL, NULL);
}

int
netlink_address_add(struct netlink *netlink, unsigned ifindex, be32 address)
{
	int result =
		address_change(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, address);

	return result == -EEXIST ? 0 : result;
}

int
netlink_address_remove(struct netlink *netlink, unsigned ifindex, be32 address)
{
	int result = address_change(netlink, RTM_DELADDR, 0, ifindex, address);

	return result == -EADDRNOTAVAIL ? 0 : result;
}

static int
route_change(struct netlink *netlink, uint16_t type, uint16_t flags,
	     const struct netlink_route *route)
{
	struct nlmsghdr *message = request_begin(netlink, type, (uint16_t)(NLM_F_ACK | flags));
	struct rtmsg *body = mnl_nlmsg_put_extra_header(message, sizeof(*body));

	body->rtm_family = AF_INET;
	body->rtm_dst_len = route->prefix.len_bits;
	body->rtm_table = RT_TABLE_UNSPEC;
	body->rtm_protocol = PROTOCOL_HOMEPORT;
	/* not RT_SCOPE_LINK: the kernel would take the device for the way to any gateway of
	 * which it is told no interface, before it comes to the main table */
	body->rtm_scope = RT_SCOPE_UNIVERSE;
	body->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(message, RTA_TABLE, route->table);
	mnl_attr_put_u32(message, RTA_DST, prefix_network(route->prefix));
	mnl_attr_put_u32(message, RTA_OIF, route->ifindex);
	if (route->preferred_source != 0)
		mnl_attr_put_u32(message, RTA_PREFSRC, route->preferred_source);
	return request_run(netlink, message, NULL, NULL);
}

int
netlink_route_set(struct netlink *netlink, const struct netlink_route *route)
{
	return route_change(netlink, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
}

int
netlink_route_remove(struct netlink *netlink, const struct netlink_route *route)
{
	int result = route_change(netlink, RTM_DELROUTE, 0, route);

	return result == -ESRCH ? 0 : result;
}

/* The first route found that is to be removed. */
struct search {
	struct netlink_route route;
	bool is_found;
};

static int
take_route(const struct nlmsghdr *message, void *context)
{
	const struct rtmsg *body = mnl_nlmsg_get_payload(message);
	struct search *search = context;
	struct netlink_route route = {.prefix = {.len_bits = body->rtm_dst_len}};
	const struct nlattr *attr;

	if (search->is_found || body->rtm_protocol != PROTOCOL_HOMEPORT)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*body))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (mnl_attr_validate(attr, MNL_TYPE_U32) != 0)
			continue;
		if (type == RTA_TABLE)
			route.table = mnl_attr_get_u32(attr);
		else if (type == RTA_OIF)
			route.ifindex = mnl_attr_get_u32(attr);
		else if (type == RTA_DST)
			route.prefix.address = mnl_attr_get_u32(attr);
	}
	if (route.table == search->route.table && route.ifindex == search->route.ifindex) {
		search->route = route;
		search->is_found = true;
	}
	return MNL_CB_OK;
}

int
netlink_routes_remove_all(struct netlink *netlink, uint32_t table, unsigned ifindex)
{
	struct search search;
	int result;

	do {
		search = (struct search){.route = {.table = table, .ifindex = ifindex}};
		result = netlink_dump(netlink, RTM_GETROUTE, take_route, &search);
		if (result == 0 && search.is_found)
			result = netlink_route_remove(netlink, &search.route);
	} while (result == 0 && search.is_found);
	return result;
}

static int
neighbour_change(struct netlink *netlink, uint16_t type, uint16_t flags, unsigned ifindex,
		 be32 address, const uint8_t *mac)
{
	struct nlmsghdr *message = request_begin(netlink, type, (uint16_t)(NLM_F_ACK | flags));
	struct ndmsg *body = mnl_nlmsg_put_extra_header(message, sizeof(*body));

	body->ndm_family = AF_INET;
	body->ndm_ifindex = (int)ifindex;
	body->ndm_state = NUD_PERMANENT;
	mnl_attr_put_u32(message, NDA_DST, address);
	if (mac != NULL)
		mnl_attr_put(message, NDA_LLADDR, ETH_ADDRESS_SIZE, mac);
	return request_run(netlink, message, NULL, NULL);
}

int
netlink_neighbour_set(struct netlink *netlink, unsigned ifindex, be32 address,
		      const uint8_t mac[ETH_ADDRESS_SIZE])
{
	return neighbour_change(netlink, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, ifindex,
				address, mac);
}

int
netlink_neighbour_remove(struct netlink *netlink, unsigned ifindex, be32 address)
{
	int result = neighbour_change(netlink, RTM_DELNEIGH, 0, ifindex, address, NULL);

	return result == -ENOENT ? 0 : result;
}

/* `setting`: IPV4_DEVCONF_... */
static int
link_set(struct netlink *netlink, unsigned ifindex, uint16_t setting, unsigned value)
{
	struct nlmsghdr *message = request_begin(netlink, RTM_SETLINK, NLM_F_ACK);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(message, sizeof(*link));
	struct nlattr *families, *family, *settings;

	link->ifi_family = AF_UNSPEC;
	link->ifi_index = (int)ifindex;
	families = mnl_attr_nest_start(message, IFLA_AF_SPEC);
	family = mnl_attr_nest_start(message, AF_INET);
	settings = mnl_attr_nest_start(message, IFLA_INET_CONF);
	mnl_attr_put_u32(message, setting, value);
	mnl_attr_nest_end(message, settings);
	mnl_attr_nest_end(message, family);
	mnl_attr_nest_end(message, families);
	return request_run(netlink, message, NULL, NULL);
}

int
netlink_link_set_rp_filter(struct netlink *netlink, unsigned ifindex, unsigned value)
{
	return link_set(netlink, ifindex, IPV4_DEVCONF_RP_FILTER, value);
}

int
netlink_link_set_arp_ignore(struct netlink *netlink, unsigned ifindex, unsigned value)
{
	return link_set(netlink, ifindex, IPV4_DEVCONF_ARP_IGNORE, value);
}

static int
rule_change(struct netlink *netlink, uint16_t type, uint16_t flags, const struct netlink_rule *rule)
{
	struct nlmsghdr *message = request_begin(netlink, type, (uint16_t)(NLM_F_ACK | flags));
	struct fib_rule_hdr *body = mnl_nlmsg_put_extra_header(message, sizeof(*body));

	body->family = AF_INET;
	body->action = FR_ACT_TO_TBL;
	body->src_len = 32;
	body->table = RT_TABLE_UNSPEC;
	mnl_attr_put_u32(message, FRA_TABLE, rule->table);
	mnl_attr_put_u32(message, FRA_PRIORITY, rule->priority);
	mnl_attr_put_u32(message, FRA_SRC, rule->source);
	if (rule->arrives != NULL)
		mnl_attr_put_strz(message, FRA_IIFNAME, rule->arrives);
	mnl_attr_put_u8(message, FRA_PROTOCOL, PROTOCOL_HOMEPORT);
	return request_run(netlink, message, NULL, NULL);
}

int
netlink_rule_add(struct netlink *netlink, const struct netlink_rule *rule)
{
	int result = rule_change(netlink, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule);

	return result == -EEXIST ? 0 : result;
}

int
netlink_rule_remove(struct netlink *netlink, const struct netlink_rule *rule)
{
	int result = rule_change(netlink, RTM_DELRULE, 0, rule);

	return result == -ENOENT ? 0 : result;
}

int
netlink_rules_remove_all(struct netlink *netlink, uint32_t priority)
{
	int result;

	do {
		struct nlmsghdr *message = request_begin(netlink, RTM_DELRULE, NLM_F_ACK);
		struct fib_rule_hdr *body = mnl_nlmsg_put_extra_header(message, sizeof(*body));

		body->family = AF_INET;
		mnl_attr_put_u32(message, FRA_PRIORITY, priority);
		mnl_attr_put_u8(message, FRA_PROTOCOL, PROTOCOL_HOMEPORT);
		result = request_run(netlink, message, NULL, NULL);
	} while (result == 0);
	return result == -ENOENT ? 0 : result;
}

/* The place for filters on what arrives; it may be there already, others' filters in it. */
static int
ingress_create(struct netlink *netlink, unsigned ifindex)
{
	struct nlmsghdr *message =
		request_begin(netlink, RTM_NEWQDISC, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	struct tcmsg *body = mnl_nlmsg_put_extra_header(message, sizeof(*body));
	int result;

	body->tcm_ifindex = (int)ifindex;
	body->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	body->tcm_parent = TC_H_CLSACT;
	mnl_attr_put_strz(message, TCA_KIND, "clsact");
	result = request_run(netlink, message, NULL, NULL);
	return result == -EEXIST ? 0 : result;
}

static struct nlmsghdr *
filter_begin(struct netlink *netlink, uint16_t type, uint16_t flags, unsigned ifindex,
	     uint16_t priority)
{
	struct nlmsghdr *message = request_begin(netlink, type, (uint16_t)(NLM_F_ACK | flags));
	struct tcmsg *body = mnl_nlmsg_put_extra_header(message, sizeof(*body));

	body->tcm_ifindex = (int)ifindex;
	body->tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
	body->tcm_info = TC_H_MAKE((uint32_t)priority << 16, htobe16(ETH_TYPE_IPV4));
	return message;
}

int
netlink_ingress_program_set(struct netlink *netlink, unsigned ifindex, uint16_t priority,
			    int program_fd)
{
	struct nlmsghdr *message;
	struct nlattr *options;
	int result = ingress_create(netlink, ifindex);

	if (result == 0)
		result = netlink_ingress_program_remove(netlink, ifindex, priority);
	if (result != 0)
		return result;
	message =
		filter_begin(netlink, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, ifindex, priority);
	mnl_attr_put_strz(message, TCA_KIND, "bpf");
	options = mnl_attr_nest_start(message, TCA_OPTIONS);
	mnl_attr_put_u32(message, TCA_BPF_FD, (uint32_t)program_fd);
	mnl_attr_put_strz(message, TCA_BPF_NAME, "homeport");
	mnl_attr_put_u32(message, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mnl_attr_nest_end(message, options);
	return request_run(netlink, message, NULL, NULL);
}

int
netlink_ingress_program_remove(struct netlink *netlink, unsigned ifindex, uint16_t priority)
{
	struct nlmsghdr *message = filter_begin(netlink, RTM_DELTFILTER, 0, ifindex, priority);
	int result = request_run(netlink, message, NULL, NULL);

	return result == -ENOENT ? 0 : result;
}

int
netlink_dump(struct netlink *netlink, uint16_t type, mnl_cb_t take, void *context)
{
	struct nlmsghdr *message = request_begin(netlink, type, NLM_F_DUMP);
	struct rtgenmsg *body;

	if (type == RTM_GETLINK) {
		struct ifinfomsg *link = mnl_nlmsg_put_extra_header(message, sizeof(*link));

		link->ifi_family = AF_UNSPEC;
		return request_run(netlink, message, take, context);
	}
	body = mnl_nlmsg_put_extra_header(message, sizeof(*body));
	body->rtgen_family = AF_INET;
	return request_run(netlink, message, take, context);
}
