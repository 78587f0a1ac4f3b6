/* SPDX-License-Identifier: BSD-3-Clause */
/* Is this packet for the box itself? Those go to the worker's `local` list; the rest is to be carried
 * on. Broadcasts are for the box, and of a home link for its absent mobiles too. Of multicasts only those
 * are taken that look for a home agent. */
#include "dataplane/drop.h"
#include "dataplane/punt.h"
#include "dataplane/solicitation.h"
#include "dataplane/stage.h"
#include "lib/ip_check.h"

uint16_t
stage_local(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *mbuf = pkts[i];
		struct packet *packet = packet_of(mbuf);
		be32 dst = packet_ip(mbuf)->dst;
		const struct own_address *own = own_address_lookup(worker->settings, dst);

		if (unlikely(packet->flags & PACKET_LINK_BROADCAST) &&
		    is_solicitation(worker, mbuf)) {
			packet->flags |= PACKET_SOLICITATION;
			punt(worker, mbuf, PUNT_ICMP);
		} else if (own != NULL) {
			if (own->roles & OWN_BROADCAST)
				packet->flags |= PACKET_OWN_BROADCAST;
			packet->own_roles = own->roles;
			worker->local.pkts[worker->local.count++] = mbuf;
		} else if (unlikely(ip_is_multicast(dst) ||
				    packet->flags & PACKET_LINK_BROADCAST)) {
			/* RFC 1812 section 5.3.4: what came to many is not forwarded to one */
			drop(worker, mbuf, DROP_IP_BAD_DESTINATION);
		} else {
			pkts[kept++] = mbuf;
		}
	}
	return kept;
}
