/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_shield.h"

#include <errno.h>
#include <stdio.h>

#define STRICT 1
#define LOOSE 2
#define ANSWER_FOR_ITS_OWN_ONLY 1

/* net.ipv4.conf.NAME.SETTING; 0 where it cannot be read. */
static unsigned
setting_of(const char *name, const char *setting)
{
	char path[128];
	FILE *file;
	int digit;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/%s", name, setting);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	digit = fgetc(file);
	fclose(file);
	return digit >= '0' && digit <= '9' ? (unsigned)(digit - '0') : 0;
}

int
mn_shield_raise(struct mn_shield *shield, struct netlink *netlink, unsigned ifindex,
		const char *name)
{
	int result;

	/* the greater of the two counts, and 2 is less strict than 1 */
	if (setting_of("all", "rp_filter") == LOOSE)
		return -EPERM;
	if (shield->ifindex == ifindex)
		return 0;
	mn_shield_lower(shield);
	*shield = (struct mn_shield){
		.netlink = netlink,
		.ifindex = ifindex,
		.rp_filter = setting_of(name, "rp_filter"),
		.arp_ignore = setting_of(name, "arp_ignore"),
	};
	result = netlink_link_set_rp_filter(netlink, ifindex, STRICT);
	if (result == 0)
		result = netlink_link_set_arp_ignore(netlink, ifindex, ANSWER_FOR_ITS_OWN_ONLY);
	if (result != 0)
		mn_shield_lower(shield);
	return result;
}

void
mn_shield_lower(struct mn_shield *shield)
{
	if (shield->ifindex != 0) {
		/* the link may have gone meanwhile, and its settings with it */
		(void)netlink_link_set_rp_filter(shield->netlink, shield->ifindex,
						 shield->rp_filter);
		(void)netlink_link_set_arp_ignore(shield->netlink, shield->ifindex,
						  shield->arp_ignore);
	}
	shield->ifindex = 0;
}
