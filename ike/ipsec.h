/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_IPSEC_H
#define IKE_IPSEC_H

struct box_link;
struct kernel_ipsec_t;
struct sa_list;

/* charon's IPsec: ESP in tunnel mode over IPv4, done by the box. `list` is kept up to date. */
struct kernel_ipsec_t *ipsec_create(struct box_link *link, struct sa_list *list);

#endif
