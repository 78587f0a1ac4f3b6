/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_NEXT_HOP_H
#define CONTROL_NEXT_HOP_H

#include "dataplane/tables.h"

struct neighbour;
struct publisher;

/*
 * Hands out the indices of the live next hop table and knows what each one stands for. An index that is
 * given back becomes unreachable at once and is used again last of all, so that a packet on its way
 * with an old index does not leave by somebody else's. Everything here: control core only.
 */
struct next_hops;

/* `max` indices, of which 0 is NEXT_HOP_NONE. NULL: no memory. */
struct next_hops *next_hops_create(struct publisher *publisher, unsigned max);
void next_hops_destroy(struct next_hops *hops); /* NULL is fine */

/* A next hop on `port`, published as NEXT_HOP_UNRESOLVED: a neighbour's, or with `neighbour` NULL that of
 * the link as a whole, whose packets the control core resolves one by one. NEXT_HOP_NONE: none left. */
uint32_t next_hop_alloc(struct next_hops *hops, uint8_t port, struct neighbour *neighbour);
void next_hop_free(struct next_hops *hops, uint32_t index); /* NEXT_HOP_NONE is fine */

/* Publishes the link address, or with NULL that it is not known. */
void next_hop_set(struct next_hops *hops, uint32_t index, const uint8_t *mac);

/* False for NEXT_HOP_NONE and for indices that are not in use. */
bool next_hop_is_used(const struct next_hops *hops, uint32_t index);

/* The port by which a used next hop leaves. */
uint8_t next_hop_port(const struct next_hops *hops, uint32_t index);

/* The neighbour of a used next hop; NULL for the link as a whole. */
struct neighbour *next_hop_neighbour(const struct next_hops *hops, uint32_t index);

#endif
