/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/link_watch.h"

#include <errno.h>
#include <event2/event.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "lib/log.h"

/* An interface of the configuration, as the kernel has it now. */
struct candidate {
	unsigned ifindex; /* 0: not there */
	unsigned mtu;
	bool is_running;
	bool has_route; /* towards a home agent */
	be32 address;
	uint8_t prefix_len; /* of it, in bits */
};

struct link_watch {
	const struct mn_config *config;
	struct netlink *netlink;
	struct mnl_socket *socket;
	struct event *readable;
	struct event *settled;
	struct attachment current[MN_INTERFACES_MAX];
	bool was_down[MN_INTERFACES_MAX]; /* link or address went away since the last look */
	struct link_watch_calls calls;
	void *context;
	struct candidate candidates[MN_INTERFACES_MAX]; /* valid during one look */
};

static struct candidate *
candidate_of(struct link_watch *watch, unsigned ifindex)
{
	for (unsigned i = 0; i < watch->config->interface_count; i++) {
		if (ifindex != 0 && watch->candidates[i].ifindex == ifindex)
			return &watch->candidates[i];
	}
	return NULL;
}

static bool
is_running(const struct ifinfomsg *link)
{
	return (link->ifi_flags & IFF_UP) != 0 && (link->ifi_flags & IFF_RUNNING) != 0;
}

static int
take_link(const struct nlmsghdr *message, void *context)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct link_watch *watch = context;
	const char *name = NULL;
	const struct nlattr *attr;
	unsigned mtu = 0;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*link))
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*link))
	{
		if (mnl_attr_get_type(attr) == IFLA_IFNAME &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
			name = mnl_attr_get_str(attr);
		else if (mnl_attr_get_type(attr) == IFLA_MTU &&
			 mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			mtu = mnl_attr_get_u32(attr);
	}
	for (unsigned i = 0; name != NULL && i < watch->config->interface_count; i++) {
		if (strcmp(name, watch->config->interfaces[i]) != 0)
			continue;
		watch->candidates[i].ifindex = (unsigned)link->ifi_index;
		watch->candidates[i].mtu = mtu;
		watch->candidates[i].is_running = is_running(link);
	}
	return MNL_CB_OK;
}

static int
take_address(const struct nlmsghdr *message, void *context)
{
	const struct ifaddrmsg *body = mnl_nlmsg_get_payload(message);
	struct link_watch *watch = context;
	struct candidate *candidate;
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*body))
		return MNL_CB_OK;
	candidate = candidate_of(watch, body->ifa_index);
	if (candidate == NULL || candidate->address != 0 || body->ifa_family != AF_INET ||
	    body->ifa_scope != RT_SCOPE_UNIVERSE || (body->ifa_flags & IFA_F_SECONDARY) != 0)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*body))
	{
		if (mnl_attr_get_type(attr) == IFA_LOCAL &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			candidate->address = mnl_attr_get_u32(attr);
	}
	candidate->prefix_len = body->ifa_prefixlen;
	return MNL_CB_OK;
}

static bool
leads_to_agent(const struct mn_config *config, struct prefix prefix)
{
	for (unsigned i = 0; i < config->agent_count; i++) {
		if (prefix_contains(prefix, config->agents[i].address))
			return true;
	}
	return false;
}

static int
take_route(const struct nlmsghdr *message, void *context)
{
	const struct rtmsg *body = mnl_nlmsg_get_payload(message);
	struct link_watch *watch = context;
	struct prefix prefix = {0};
	struct candidate *candidate;
	const struct nlattr *attr;
	unsigned ifindex = 0;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*body) || body->rtm_family != AF_INET ||
	    body->rtm_table != RT_TABLE_MAIN || body->rtm_type != RTN_UNICAST ||
	    body->rtm_dst_len > 32)
		return MNL_CB_OK;
	prefix.len_bits = body->rtm_dst_len;
	mnl_attr_for_each(attr, message, sizeof(*body))
	{
		if (mnl_attr_validate(attr, MNL_TYPE_U32) != 0)
			continue;
		if (mnl_attr_get_type(attr) == RTA_DST)
			prefix.address = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == RTA_OIF)
			ifindex = mnl_attr_get_u32(attr);
	}
	candidate = candidate_of(watch, ifindex);
	if (candidate != NULL && leads_to_agent(watch->config, prefix))
		candidate->has_route = true;
	return MNL_CB_OK;
}

/* Fills in the candidates from the state of the kernel now. 0, or -errno. */
static int
look(struct link_watch *watch)
{
	int result;

	memset(watch->candidates, 0, sizeof(watch->candidates));
	result = netlink_dump(watch->netlink, RTM_GETLINK, take_link, watch);
	if (result == 0)
		result = netlink_dump(watch->netlink, RTM_GETADDR, take_address, watch);
	if (result == 0)
		result = netlink_dump(watch->netlink, RTM_GETROUTE, take_route, watch);
	return result;
}

/* What the look found of one interface. */
static struct attachment
attachment_of(const struct link_watch *watch, unsigned index)
{
	const struct candidate *candidate = &watch->candidates[index];
	struct attachment attachment = {0};

	if (!candidate->is_running)
		return attachment;
	if (candidate->has_route)
		attachment.care_of = candidate->address;
	attachment.prefix_len = candidate->prefix_len;
	attachment.ifindex = candidate->ifindex;
	attachment.mtu = candidate->mtu;
	snprintf(attachment.interface, sizeof(attachment.interface), "%s",
		 watch->config->interfaces[index]);
	return attachment;
}

static void
settle_soon(struct link_watch *watch)
{
	unsigned ms = watch->config->timing.settle_ms;
	struct timeval delay = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

	/* the first change counts, so that a stream of them cannot put the look off for ever */
	if (evtimer_pending(watch->settled, NULL) == 0)
		event_add(watch->settled, &delay);
}

/* Tells of an interface that is not what it was. */
static void
compare(struct link_watch *watch, unsigned index)
{
	struct attachment now = attachment_of(watch, index), *before = &watch->current[index];

	if (now.care_of == before->care_of && now.ifindex == before->ifindex &&
	    now.mtu == before->mtu && !(watch->was_down[index] && now.ifindex != 0))
		return;
	*before = now;
	watch->was_down[index] = false;
	watch->calls.moved(watch->context, index, &now);
}

static void
on_settled(evutil_socket_t fd, short what, void *context)
{
	struct link_watch *watch = context;
	int result = look(watch);

	if (result != 0) {
		/* EINTR: the tables changed while they were read */
		if (result != -EINTR)
			log_warn(-result, "the kernel's addresses and routes cannot be read");
		settle_soon(watch);
		return;
	}
	for (unsigned i = 0; i < watch->config->interface_count; i++)
		compare(watch, i);
}

/* The place where the mobile is attached is not what it was: RFC 5265 section 3.2.2 wants user data
 * to stop at once, not when the dust has settled. */
static void
interrupt(struct link_watch *watch, unsigned index)
{
	if (watch->was_down[index] || watch->current[index].ifindex == 0)
		return;
	watch->was_down[index] = true;
	watch->calls.interrupted(watch->context, index);
}

static bool
is_link_gone(const struct attachment *current, const struct nlmsghdr *message)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);

	return mnl_nlmsg_get_payload_len(message) >= sizeof(*link) &&
	       (unsigned)link->ifi_index == current->ifindex &&
	       (message->nlmsg_type == RTM_DELLINK || !is_running(link));
}

static bool
is_address_gone(const struct attachment *current, const struct nlmsghdr *message)
{
	const struct ifaddrmsg *body = mnl_nlmsg_get_payload(message);
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*body) ||
	    body->ifa_index != current->ifindex || body->ifa_family != AF_INET)
		return false;
	mnl_attr_for_each(attr, message, sizeof(*body))
	{
		if (mnl_attr_get_type(attr) == IFA_LOCAL &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) == 0 &&
		    mnl_attr_get_u32(attr) == current->care_of)
			return true;
	}
	return false;
}

/* Notes what must not wait; on_settled() looks at the whole. */
static int
take_change(const struct nlmsghdr *message, void *context)
{
	struct link_watch *watch = context;
	uint16_t type = message->nlmsg_type;

	for (unsigned i = 0; i < watch->config->interface_count; i++) {
		const struct attachment *current = &watch->current[i];

		if (((type == RTM_NEWLINK || type == RTM_DELLINK) &&
		     is_link_gone(current, message)) ||
		    (type == RTM_DELADDR && is_address_gone(current, message)))
			interrupt(watch, i);
	}
	return MNL_CB_OK;
}

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
	char buffer[16384];
	struct link_watch *watch = context;
	ssize_t len = mnl_socket_recvfrom(watch->socket, buffer, sizeof(buffer));

	if (len < 0 && errno != ENOBUFS)
		return;
	/* ENOBUFS: some changes were missed, and ours may be among them */
	if (len > 0)
		mnl_cb_run(buffer, (size_t)len, 0, 0, take_change, watch);
	for (unsigned i = 0; len < 0 && i < watch->config->interface_count; i++)
		interrupt(watch, i);
	settle_soon(watch);
}

static int
subscribe(struct link_watch *watch)
{
	watch->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (watch->socket == NULL ||
	    mnl_socket_bind(watch->socket, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE,
			    MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return 0;
}

int
link_watch_create(struct link_watch **watch_out, struct event_base *base,
		  const struct mn_config *config, struct netlink *netlink,
		  const struct link_watch_calls *calls, void *context)
{
	struct link_watch *watch = calloc(1, sizeof(*watch));
	int result;

	if (watch == NULL)
		return -ENOMEM;
	watch->config = config;
	watch->netlink = netlink;
	watch->calls = *calls;
	watch->context = context;
	result = subscribe(watch);
	if (result != 0) {
		link_watch_destroy(watch);
		return result;
	}
	watch->readable = event_new(base, mnl_socket_get_fd(watch->socket), EV_READ | EV_PERSIST,
				    on_readable, watch);
	watch->settled = evtimer_new(base, on_settled, watch);
	if (watch->readable == NULL || watch->settled == NULL) {
		link_watch_destroy(watch);
		return -ENOMEM;
	}
	event_add(watch->readable, NULL);
	event_active(watch->settled, EV_TIMEOUT, 0);
	*watch_out = watch;
	return 0;
}

void
link_watch_destroy(struct link_watch *watch)
{
	if (watch == NULL)
		return;
	if (watch->readable != NULL)
		event_free(watch->readable);
	if (watch->settled != NULL)
		event_free(watch->settled);
	if (watch->socket != NULL)
		mnl_socket_close(watch->socket);
	free(watch);
}
