/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_arp.h"

#include <stdio.h>

#define ANSWER_FOR_ALL 0
#define ANSWER_FOR_ITS_OWN_ONLY 1
#define ANSWER_FOR_ITS_OWN_NETWORK 2
#define ANSWER_NOTHING 8

/* 0 where it cannot be read. */
static unsigned
arp_ignore_of(const char *name)
{
	char path[128];
	FILE *file;
	int digit;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/arp_ignore", name);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	digit = fgetc(file);
	fclose(file);
	return digit >= '0' && digit <= '9' ? (unsigned)(digit - '0') : 0;
}

int
mn_arp_set(struct mn_arp *arp, struct netlink *netlink, unsigned ifindex, const char *name,
	   bool is_home)
{
	unsigned value = is_home ? ANSWER_FOR_ALL : ANSWER_FOR_ITS_OWN_ONLY;
	int result;

	if (arp->ifindex != ifindex) {
		mn_arp_restore(arp);
		arp->before = arp->now = arp_ignore_of(name);
	}
	if (arp->now == value)
		return 0;
	result = netlink_link_set_arp_ignore(netlink, ifindex, value);
	if (result != 0)
		return result;
	arp->netlink = netlink;
	arp->ifindex = ifindex;
	arp->now = value;
	return 0;
}

const char *
mn_arp_silenced_by(const char *name)
{
	unsigned all = arp_ignore_of("all"), own = arp_ignore_of(name);
	unsigned value = all > own ? all : own;

	if (value != ANSWER_FOR_ITS_OWN_ONLY && value != ANSWER_FOR_ITS_OWN_NETWORK &&
	    value != ANSWER_NOTHING)
		return NULL;
	return value == all ? "all" : name;
}

void
mn_arp_restore(struct mn_arp *arp)
{
	/* the link may have gone meanwhile, and its settings with it */
	if (arp->ifindex != 0)
		(void)netlink_link_set_arp_ignore(arp->netlink, arp->ifindex, arp->before);
	*arp = (struct mn_arp){0};
}
