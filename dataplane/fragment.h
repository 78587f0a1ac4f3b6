/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_FRAGMENT_H
#define DATAPLANE_FRAGMENT_H

#include "dataplane/worker.h"

/* Enough for 65,535 bytes over a link of 576; a packet that needs more is refused. */
#define FRAGMENTS_MAX 128

/*
 * Cuts an IPv4 packet into fragments of at most `mtu` bytes (RFC 791 section 3.2), each a copy of its own in
 * one segment with RECIPE_HEADROOM before it and struct packet filled in. The packet may lie in several
 * segments and may be a fragment itself; its header is valid and contiguous, and DF is clear. Takes `mbuf`;
 * returns how many fragments there are: 0 when that failed, which has then been counted. Worker.
 */
uint16_t fragment(struct worker *worker, struct rte_mbuf *mbuf, uint16_t mtu,
		  struct rte_mbuf *fragments[FRAGMENTS_MAX]);

#endif
