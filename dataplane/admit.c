/* SPDX-License-Identifier: BSD-3-Clause */
/* May what came out of a security association be in it (RFC 4301 section 5.2, step 4)? Its source must be
 * the mobile's tunnel inner address, unless the traffic selectors say more. From here on it counts as
 * coming from the VPN, and is as good as a packet from inside. */
#include "dataplane/clamp.h"
#include "dataplane/drop.h"
#include "dataplane/sa.h"
#include "dataplane/selector.h"
#include "dataplane/stage.h"
#include "lib/wire_mip.h"

/* RFC 5265 section 4.2: registrations and tunnels to the i-HA pass, even where the traffic selectors are
 * of a split tunnel that leaves its address out. */
static bool
is_for_i_ha(const struct worker *worker, struct rte_mbuf *mbuf)
{
	const struct ip_header *ip = packet_ip(mbuf);
	const struct own_address *own = own_address_lookup(worker->settings, ip->dst);
	uint16_t size = ip_header_size(ip);
	const struct udp_header *udp;

	if (own == NULL || !(own->roles & OWN_I_HA))
		return false;
	switch (ip->protocol) {
	case IP_PROTOCOL_IPIP:
	case IP_PROTOCOL_GRE:
	case IP_PROTOCOL_MINENC:
		return true;
	case IP_PROTOCOL_UDP:
		/* a fragment behind the first says nothing of ports; it goes with its first, or nowhere */
		if (ip->fragment_be & htobe16(IP_FRAGMENT_OFFSET_MASK))
			return true;
		if (!packet_has(mbuf, (uint16_t)(size + sizeof(*udp))))
			return false;
		udp = rte_pktmbuf_mtod_offset(mbuf, const struct udp_header *, size);
		return udp->dst_port_be == htobe16(MIP_PORT);
	default:
		return false;
	}
}

static bool
is_admitted(const struct worker *worker, struct rte_mbuf *mbuf, const struct sa *sa)
{
	if (likely(sa->flags & SA_ANY_REMOTE))
		return packet_ip(mbuf)->src == sa->tia;
	if (selectors_match(sa_remote(sa), sa->remote_count, sa_local(sa), sa->local_count, mbuf))
		return true;
	return sa->tia != 0 && packet_ip(mbuf)->src == sa->tia && is_for_i_ha(worker, mbuf);
}

uint16_t
stage_admit(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct packet *packet = packet_of(pkts[i]);

		if (unlikely(!is_admitted(worker, pkts[i], packet->sa))) {
			drop(worker, pkts[i], DROP_ESP_SELECTOR);
			continue;
		}
		packet->origin = ORIGIN_VPN;
		packet->flags &= PACKET_TRACED;
		clamp_source(worker, pkts[i]);
		pkts[kept++] = pkts[i];
	}
	return kept;
}
