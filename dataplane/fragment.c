/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/fragment.h"

#include "dataplane/drop.h"

uint16_t
fragment(struct worker *worker, struct rte_mbuf *mbuf, uint16_t mtu,
	 struct rte_mbuf *fragments[FRAGMENTS_MAX])
{
	/* each fragment lies in one buffer; the library does not see that the header must fit, too */
	uint16_t room = (uint16_t)(rte_pktmbuf_data_room_size(worker->pool) - RTE_PKTMBUF_HEADROOM);
	int count = rte_ipv4_fragment_copy_nonseg_packet(mbuf, fragments, FRAGMENTS_MAX,
							 RTE_MIN(mtu, room), worker->pool);

	if (count < 0) {
		drop(worker, mbuf, DROP_FRAGMENT_FAILED);
		return 0;
	}
	for (int i = 0; i < count; i++) {
		struct ip_header *ip = packet_ip(fragments[i]);

		*packet_of(fragments[i]) = *packet_of(mbuf);
		ip->checksum_be = 0;
		ip->checksum_be = checksum_of(ip, ip_header_size(ip));
	}
	rte_pktmbuf_free(mbuf);
	return (uint16_t)count;
}
