/* SPDX-License-Identifier: BSD-3-Clause */
/* Every packet that is carried on loses one from its time to live (RFC 1812 section 5.3.1); the last one
 * is the sender's to know. */
#include "dataplane/punt.h"
#include "dataplane/stage.h"

uint16_t
stage_ttl(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct ip_header *ip = packet_ip(pkts[i]);
		uint32_t sum;

		if (unlikely(ip->ttl <= 1)) {
			punt_icmp_error(worker, pkts[i], DROP_IP_TTL, ICMP_TYPE_TIME_EXCEEDED, 0,
					0);
			continue;
		}
		ip->ttl--;
		/* RFC 1624: the word's high octet fell by one, so the sum's complement rises by it */
		sum = (uint32_t)ip->checksum_be + htobe16(0x0100);
		ip->checksum_be = (be16)(sum + (sum >= UINT16_MAX));
		pkts[kept++] = pkts[i];
	}
	return kept;
}
