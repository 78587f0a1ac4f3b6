/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_CLAMP_H
#define DATAPLANE_CLAMP_H

#include "dataplane/worker.h"
#include "lib/wire_tcp.h"

/* Headers of a TCP segment without options, in a packet without options (RFC 6691 section 2). */
#define CLAMP_HEADERS_LEN (sizeof(struct ip_header) + sizeof(struct tcp_header))

/* The part of clamp_mss() for the few packets that are TCP SYNs, or too scattered to tell. */
void clamp_syn(struct worker *worker, struct rte_mbuf *mbuf, uint16_t mtu);

/*
 * Lowers the MSS of a TCP SYN or SYN-ACK to what fits packets of `mtu` bytes, when the settings say so; leaves
 * all else alone. The IP header of `mbuf` is contiguous and valid; header pointers are stale after the
 * call. Worker.
 */
static inline void
clamp_mss(struct worker *worker, struct rte_mbuf *mbuf, uint16_t mtu)
{
	const struct ip_header *ip = packet_ip(mbuf);
	uint32_t flags_at = ip_header_size(ip) + offsetof(struct tcp_header, flags);

	if (ip->protocol != IP_PROTOCOL_TCP || ip_is_fragment(ip) || !worker->settings->mss_clamp)
		return;
	if (likely(rte_pktmbuf_data_len(mbuf) > flags_at &&
		   (*rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, flags_at) & TCP_FLAG_SYN) == 0))
		return;
	clamp_syn(worker, mbuf, mtu);
}

#endif
