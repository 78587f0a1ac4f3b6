/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_VPN_GUARD_H
#define MOBILE_MN_VPN_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mobile/mn_config.h"

/* True when a packet to or from the home address of agent `index` may be tunnelled to that agent. With a VPN,
 * what belongs to an x-HA's home address must be the VPN itself (RFC 5265 section 4.1): IKE, ESP, and the
 * ICMP errors that tell of them. */
bool mn_vpn_guard_admits(const struct mn_config *config, unsigned index, const uint8_t *packet,
			 size_t len);

#endif
