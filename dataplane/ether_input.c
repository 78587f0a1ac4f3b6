/* SPDX-License-Identifier: BSD-3-Clause */
/* Is this frame for this station, and what does it carry? IPv4 goes on without its Ethernet header, ARP
 * goes to the control core. */
#include "dataplane/drop.h"
#include "dataplane/punt.h"
#include "dataplane/stage.h"

/* The address is compared as six of eight octets: the header and the station have as many. */
static inline bool
is_for_station(const struct eth_header *eth, const struct station *station)
{
	uint64_t to, own;

	memcpy(&to, eth, sizeof(to));
	memcpy(&own, station, sizeof(own));
	return ((to ^ own) & htobe64(UINT64_C(0xffffffffffff0000))) == 0 || (eth->dst[0] & 1) != 0;
}

uint16_t
stage_ether_input(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *mbuf = pkts[i];
		struct packet *packet = packet_of(mbuf);
		const struct eth_header *eth;
		be16 type_be;

		if (unlikely(!packet_has(mbuf, sizeof(*eth)))) {
			drop(worker, mbuf, DROP_ETHER_SHORT);
			continue;
		}
		eth = rte_pktmbuf_mtod(mbuf, const struct eth_header *);
		if (unlikely(!is_for_station(eth, &worker->settings->stations[packet->port]))) {
			drop(worker, mbuf, DROP_ETHER_NOT_FOR_US);
			continue;
		}
		if (unlikely(eth->dst[0] & 1)) {
			packet->flags |= PACKET_LINK_BROADCAST;
			memcpy(packet->sender_mac, eth->src, sizeof(packet->sender_mac));
		}
		type_be = eth->type_be;
		rte_pktmbuf_adj(mbuf, sizeof(*eth));
		if (likely(type_be == htobe16(ETH_TYPE_IPV4)))
			pkts[kept++] = mbuf;
		else if (type_be == htobe16(ETH_TYPE_ARP))
			punt(worker, mbuf, PUNT_ARP);
		else
			drop(worker, mbuf, DROP_ETHER_TYPE);
	}
	return kept;
}
