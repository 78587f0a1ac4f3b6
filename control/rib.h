/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_RIB_H
#define CONTROL_RIB_H

#include "control/config.h"

/*
 * The routes that a configuration asks for, sorted, without duplicates: connected networks (the ports'
 * and the home networks on their links), virtual home networks, TIA networks, static routes, and the addresses that
 * nothing is sent to. Pure data; what next hop a route has is route.c's. Control core.
 */

/* In order of precedence, for the same prefix. */
enum rib_kind {
	RIB_UNREACHABLE, /* the box's own addresses, broadcast, virtual home networks, TIA networks */
	RIB_CONNECTED,
	RIB_GATEWAY,
};

struct rib_entry {
	struct prefix prefix; /* host bits are zero */
	enum rib_kind kind;
	uint8_t port; /* RIB_CONNECTED */
	be32 gateway; /* RIB_GATEWAY */
	uint32_t next_hop;
};

struct rib {
	struct rib_entry *entries; /* by address, then length */
	unsigned count;
};

/* 0 or -ENOMEM; `next_hop` is NEXT_HOP_NONE everywhere. */
int rib_init(struct rib *rib, const struct config *config);
void rib_fini(struct rib *rib);

/* The entry of just this prefix, or NULL. */
const struct rib_entry *rib_find(const struct rib *rib, struct prefix prefix);

#endif
