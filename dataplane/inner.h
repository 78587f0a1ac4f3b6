/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_INNER_H
#define DATAPLANE_INNER_H

#include "dataplane/worker.h"
#include "lib/ip_check.h"

#define INNER_FINE DROP_REASON_COUNT

/* How a packet lies in the one that carried it. */
struct inner {
	uint16_t offset; /* from the packet's data on; at least that much is contiguous */
	uint8_t outer_tos;
	bool has_outer;		  /* false: minimal encapsulation, whose one header was both */
	enum drop_reason invalid; /* what a packet that is no valid IPv4 packet is dropped for */
};

/* inner_check() for the few packets of which more is to be asked. */
enum drop_reason
inner_check_thoroughly(struct worker *worker, struct rte_mbuf *mbuf, const struct inner *inner);

/*
 * Is what a tunnel carried a packet to be taken (RFC 2003 section 3.2, RFC 4301 section 5.2)? Also does for
 * its ECN field what RFC 6040 section 4.2 asks. INNER_FINE, or why it is to be dropped. Worker.
 */
static inline enum drop_reason
inner_check(struct worker *worker, struct rte_mbuf *mbuf, const struct inner *inner)
{
	const struct ip_header *ip =
		rte_pktmbuf_mtod_offset(mbuf, const struct ip_header *, inner->offset);

	if (likely(inner->offset + sizeof(*ip) <= rte_pktmbuf_data_len(mbuf) &&
		   ip_is_ordinary(ip, rte_pktmbuf_pkt_len(mbuf) - inner->offset) && ip->ttl > 0 &&
		   ((ip->tos ^ inner->outer_tos) & IP_ECN_MASK) == 0))
		return INNER_FINE;
	return inner_check_thoroughly(worker, mbuf, inner);
}

/* Takes the outer headers off, and what lies behind the packet. */
static inline void
inner_unwrap(struct rte_mbuf *mbuf, const struct inner *inner)
{
	rte_pktmbuf_adj(mbuf, inner->offset);
	packet_trim(mbuf, be16toh(packet_ip(mbuf)->total_len_be));
}

#endif
