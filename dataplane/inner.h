/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_INNER_H
#define DATAPLANE_INNER_H

#include "dataplane/worker.h"

#define INNER_FINE DROP_REASON_COUNT

/* How a packet lies in the one that carried it. */
struct inner {
	uint16_t offset; /* from the packet's data on; at least that much is contiguous */
	uint8_t outer_tos;
	bool has_outer;		  /* false: minimal encapsulation, whose one header was both */
	enum drop_reason invalid; /* what a packet that is no valid IPv4 packet is dropped for */
};

/*
 * Is what a tunnel carried a packet to be taken (RFC 2003 section 3.2, RFC 4301 section 5.2)? Also does for
 * its ECN field what RFC 6040 section 4.2 asks. INNER_FINE, or why it is to be dropped. Worker.
 */
enum drop_reason
inner_check(struct worker *worker, struct rte_mbuf *mbuf, const struct inner *inner);

/* Takes the outer headers off, and what lies behind the packet. */
void inner_unwrap(struct rte_mbuf *mbuf, const struct inner *inner);

#endif
