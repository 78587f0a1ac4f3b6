/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_NET_H
#define IKE_NET_H

struct box_link;
struct kernel_net_t;

/* charon's view of the network: the gateway addresses that the box told, everything else by way of the box. */
struct kernel_net_t *net_create(struct box_link *link);

#endif
