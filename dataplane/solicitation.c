/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/solicitation.h"

static bool
is_where_agents_listen(be32 address)
{
	return address == IP_MOBILE_AGENTS || address == IP_ALL_ROUTERS || address == UINT32_MAX;
}

bool
is_solicitation(const struct worker *worker, struct rte_mbuf *mbuf)
{
	const struct packet *packet = packet_of(mbuf);
	const struct ip_header *ip = packet_ip(mbuf);
	const uint8_t *type;
	uint8_t octet;

	if (!(packet->flags & PACKET_LINK_BROADCAST) ||
	    !worker->settings->is_home_link[packet->port] || ip->protocol != IP_PROTOCOL_ICMP ||
	    ip_is_fragment(ip) || !is_where_agents_listen(ip->dst))
		return false;
	type = rte_pktmbuf_read(mbuf, ip_header_size(ip), sizeof(octet), &octet);
	return type != NULL && *type == ICMP_TYPE_ROUTER_SOLICITATION;
}
