/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/selector.h"

/* What selectors look at, in host order. */
struct flow {
	uint32_t src, dst;
	uint16_t src_port, dst_port;
	uint8_t protocol;
	bool has_ports;
};

/* Ports of TCP and UDP; ICMP's type and code stand in their place, as in RFC 4301 section 4.4.1.1. */
static void
read_ports(struct rte_mbuf *mbuf, uint16_t offset, struct flow *flow)
{
	const uint8_t *at;

	if (!packet_has(mbuf, (uint16_t)(offset + 4)))
		return;
	at = rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, offset);
	switch (flow->protocol) {
	case IP_PROTOCOL_TCP:
	case IP_PROTOCOL_UDP:
		flow->src_port = (uint16_t)(at[0] << 8 | at[1]);
		flow->dst_port = (uint16_t)(at[2] << 8 | at[3]);
		flow->has_ports = true;
		break;
	case IP_PROTOCOL_ICMP:
		flow->src_port = flow->dst_port = (uint16_t)(at[0] << 8 | at[1]);
		flow->has_ports = true;
		break;
	default:
		break;
	}
}

static struct flow
flow_of(struct rte_mbuf *mbuf)
{
	const struct ip_header *ip = packet_ip(mbuf);
	struct flow flow = {
		.src = be32toh(ip->src),
		.dst = be32toh(ip->dst),
		.protocol = ip->protocol,
	};

	if ((ip->fragment_be & htobe16(IP_FRAGMENT_OFFSET_MASK)) == 0)
		read_ports(mbuf, ip_header_size(ip), &flow);
	return flow;
}

static bool
has(const struct traffic_selector *selector, const struct flow *flow, uint32_t address,
    uint16_t port)
{
	bool is_any_port = selector->first_port == 0 && selector->last_port == UINT16_MAX;

	if (address < selector->first || address > selector->last)
		return false;
	if (selector->protocol != 0 && selector->protocol != flow->protocol)
		return false;
	return is_any_port ||
	       (flow->has_ports && port >= selector->first_port && port <= selector->last_port);
}

bool
selectors_match(const struct traffic_selector *from, unsigned from_count,
		const struct traffic_selector *to, unsigned to_count, struct rte_mbuf *mbuf)
{
	struct flow flow = flow_of(mbuf);
	bool is_from = false, is_to = false;

	for (unsigned i = 0; i < from_count && !is_from; i++)
		is_from = has(&from[i], &flow, flow.src, flow.src_port);
	for (unsigned i = 0; i < to_count && !is_to; i++)
		is_to = has(&to[i], &flow, flow.dst, flow.dst_port);
	return is_from && is_to;
}
