/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_TIA_DEVICE_H
#define MOBILE_TIA_DEVICE_H

#include "mobile/link_watch.h"

/* Finds the link that bears `address`: charon's TUN device (kernel-libipsec), or one of the kernel's own. Fills in
 * `attachment` with the link's MTU. 0, -ENOENT when no link that is up bears it, or -errno. */
int tia_device_find(struct netlink *netlink, be32 address, struct attachment *attachment);

#endif
