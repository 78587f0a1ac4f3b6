/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_HINT_H
#define MOBILE_MN_HINT_H

#include "mobile/link_watch.h"

/*
 * Signs that an interface may be inside (RFC 5265 section 3.5): the MAC address of its gateway, the
 * domain that DHCP gave, the foreign agent's NAI. Anybody can forge them, so they decide nothing; they only
 * make the i-HA be asked before the x-HA.
 */

/* True when one of the `count` domains is named in `text`, a file like resolv.conf(5), by a line "search" or
 * "domain": itself or one below it. Pure. */
bool mn_hint_domain_matches(const char *text, const char domains[][MN_DOMAIN_SIZE], unsigned count);

/* True when the realm of an NAI, `len` bytes at `nai`, is one of the `count` realms or below one. Pure. */
bool mn_hint_realm_matches(const char *nai, size_t len, const char realms[][MN_DOMAIN_SIZE],
			   unsigned count);

/* True when a hint of the configuration says "inside" for `attachment`, by what the kernel and the domain
 * file say now. */
bool mn_hint_is_inside(const struct mn_hint_config *config, struct netlink *netlink,
		       const struct attachment *attachment);

#endif
