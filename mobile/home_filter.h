/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_HOME_FILTER_H
#define MOBILE_HOME_FILTER_H

#include "lib/types.h"

/*
 * The kernel takes packets for a home address from its TUN device alone: a neighbour's, which came by no tunnel and
 * passed no gate, are dropped, whatever net.ipv4.conf.*.rp_filter says of them. A table of nf_tables, which the
 * kernel removes when this process ends, however it ends. One thread.
 */
struct home_filter;

struct home_filter_entry {
	be32 home_address;
	unsigned ifindex; /* of the TUN device */
};

/* An empty table with this name, at most 31 characters. 0, or -errno: the kernel may have no nf_tables, or be older
 * than 5.12. */
int home_filter_create(struct home_filter **filter, const char *name);
void home_filter_destroy(struct home_filter *filter); /* NULL is fine */

/* From now on, these home addresses and no others. 0, or -errno and as before. */
int home_filter_set(struct home_filter *filter, const struct home_filter_entry *entries,
		    unsigned count);

#endif
