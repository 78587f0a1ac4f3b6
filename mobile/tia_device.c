/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/tia_device.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

struct search {
	be32 address;
	struct attachment *attachment;
};

static int
take_address(const struct nlmsghdr *message, void *context)
{
	const struct ifaddrmsg *body = mnl_nlmsg_get_payload(message);
	struct search *search = context;
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*body) || body->ifa_family != AF_INET)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*body))
	{
		if (mnl_attr_get_type(attr) == IFA_LOCAL &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) == 0 &&
		    mnl_attr_get_u32(attr) == search->address)
			search->attachment->ifindex = body->ifa_index;
	}
	return MNL_CB_OK;
}

static int
take_link(const struct nlmsghdr *message, void *context)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct attachment *attachment = ((struct search *)context)->attachment;
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*link) ||
	    (unsigned)link->ifi_index != attachment->ifindex || (link->ifi_flags & IFF_UP) == 0)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*link))
	{
		if (mnl_attr_get_type(attr) == IFLA_IFNAME &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
			snprintf(attachment->interface, sizeof(attachment->interface), "%s",
				 mnl_attr_get_str(attr));
		else if (mnl_attr_get_type(attr) == IFLA_MTU &&
			 mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			attachment->mtu = mnl_attr_get_u32(attr);
	}
	return MNL_CB_OK;
}

int
tia_device_find(struct netlink *netlink, be32 address, struct attachment *attachment)
{
	struct search search = {.address = address, .attachment = attachment};
	int result;

	*attachment = (struct attachment){.care_of = address};
	result = netlink_dump(netlink, RTM_GETADDR, take_address, &search);
	if (result == 0 && attachment->ifindex != 0)
		result = netlink_dump(netlink, RTM_GETLINK, take_link, &search);
	if (result == 0 && attachment->mtu == 0)
		result = -ENOENT;
	return result;
}
