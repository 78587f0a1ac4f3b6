/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_CLAMP_H
#define DATAPLANE_CLAMP_H

#include "dataplane/worker.h"
#include "lib/wire_tcp.h"

/* Headers of a TCP segment without options, in a packet without options (RFC 6691 section 2). */
#define CLAMP_HEADERS_LEN (sizeof(struct ip_header) + sizeof(struct tcp_header))

/* The part of the work for the few packets that are TCP SYNs, or too scattered to tell. */
void clamp_syn(struct worker *worker, struct rte_mbuf *mbuf, uint16_t mtu);

/* The largest packet that goes to the mobile in one piece, also where larger ones are cut once they are sealed;
 * with several care-of addresses, to all of them. */
uint16_t clamp_mtu(const struct recipe *recipe);

/* True when the settings say so and the packet may be a SYN. */
static inline bool
clamp_is_due(const struct worker *worker, struct rte_mbuf *mbuf)
{
	const struct ip_header *ip = packet_ip(mbuf);
	uint32_t flags_at = ip_header_size(ip) + offsetof(struct tcp_header, flags);

	if (ip->protocol != IP_PROTOCOL_TCP || ip_is_fragment(ip) || !worker->settings->mss_clamp)
		return false;
	return unlikely(rte_pktmbuf_data_len(mbuf) <= flags_at ||
			*rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, flags_at) & TCP_FLAG_SYN);
}

/*
 * Lowers the MSS of a TCP SYN or SYN-ACK to what fits packets of `mtu` bytes, when the settings say so; leaves
 * all else alone. The IP header of `mbuf` is contiguous and valid; header pointers are stale after the
 * call. Worker.
 */
static inline void
clamp_mss(struct worker *worker, struct rte_mbuf *mbuf, uint16_t mtu)
{
	if (clamp_is_due(worker, mbuf))
		clamp_syn(worker, mbuf, mtu);
}

/* The same for a packet to or from the mobile that `recipe` leads to. */
static inline void
clamp_recipe(struct worker *worker, struct rte_mbuf *mbuf, const struct recipe *recipe)
{
	if (clamp_is_due(worker, mbuf))
		clamp_syn(worker, mbuf, clamp_mtu(recipe));
}

/* The same for a packet whose source may be a mobile's address: the answers come by its recipe. */
void clamp_source(struct worker *worker, struct rte_mbuf *mbuf);

#endif
