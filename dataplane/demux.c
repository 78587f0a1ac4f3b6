/* SPDX-License-Identifier: BSD-3-Clause */
/* What does a packet for the box want? One that came in fragments is put together first. Tunnels go on;
 * ESP is queued to be opened; registrations, IKE, ICMP and broadcasts go to the control core; the rest is
 * refused. */
#include "dataplane/drop.h"
#include "dataplane/punt.h"
#include "dataplane/reassemble.h"
#include "dataplane/stage.h"

#define OWN_AGENT (OWN_X_HA | OWN_I_HA)

/* True when the packet holds a UDP header and at least one byte, contiguous, and its length fits. */
static bool
has_udp(struct rte_mbuf *mbuf)
{
	uint16_t header_size = ip_header_size(packet_ip(mbuf));
	const struct udp_header *udp;
	uint16_t len;

	if (!packet_has(mbuf, (uint16_t)(header_size + sizeof(*udp) + 1)))
		return false;
	udp = rte_pktmbuf_mtod_offset(mbuf, const struct udp_header *, header_size);
	len = be16toh(udp->len_be);
	return len > sizeof(*udp) && len <= rte_pktmbuf_pkt_len(mbuf) - header_size;
}

static bool
is_tunnel_data(struct rte_mbuf *mbuf)
{
	uint16_t offset = (uint16_t)(ip_header_size(packet_ip(mbuf)) + sizeof(struct udp_header));

	return *rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, offset) == MIP_TUNNEL_DATA;
}

/* RFC 5265 section 3.1: from outside the i-HA cannot be reached. Registrations and tunnels that try are
 * told apart, and refused, further on. */
static bool
is_outsider_at_i_ha(const struct worker *worker, struct rte_mbuf *mbuf, uint8_t roles)
{
	return roles & OWN_I_HA && packet_of(mbuf)->origin == ORIGIN_EXTERNAL &&
	       !worker->settings->forward_external_to_internal;
}

/* The VPN gateway is there for outsiders, and for insiders when the configuration says so; not for what is
 * inside a security association already. */
static bool
is_gateway_open(struct worker *worker, struct rte_mbuf *mbuf)
{
	switch ((enum packet_origin)packet_of(mbuf)->origin) {
	case ORIGIN_VPN:
		drop(worker, mbuf, DROP_ESP_NESTED);
		return false;
	case ORIGIN_INTERNAL:
		if (worker->settings->vpn_from_inside)
			return true;
		drop(worker, mbuf, DROP_ESP_WRONG_SIDE);
		return false;
	default:
		return true;
	}
}

/* ESP goes to the list of what is to be opened; its header is contiguous. `offset`: from the IP header. */
static void
demux_esp(struct worker *worker, struct rte_mbuf *mbuf, uint16_t offset, be16 port_be)
{
	struct packet *packet = packet_of(mbuf);

	if (worker->tables->sa_slots == 0 ||
	    !packet_has(mbuf, (uint16_t)(offset + sizeof(struct esp_header)))) {
		drop(worker, mbuf, DROP_ESP_SHORT);
		return;
	}
	packet->esp_offset = (uint8_t)offset;
	packet->outer_port_be = port_be;
	worker->sealed.pkts[worker->sealed.count++] = mbuf;
}

/* RFC 3948 section 2.2 and 2.3: what a datagram to port 4500 is, its first octets tell. */
static void
demux_esp_in_udp(struct worker *worker, struct rte_mbuf *mbuf, const struct udp_header *udp)
{
	uint16_t offset = (uint16_t)(ip_header_size(packet_ip(mbuf)) + sizeof(*udp));
	uint16_t len = (uint16_t)(be16toh(udp->len_be) - sizeof(*udp));
	be16 src_port_be = udp->src_port_be;
	be32 first;

	packet_trim(mbuf, (uint32_t)offset + len);
	if (len == 1 && *rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, offset) == ESP_KEEPALIVE) {
		drop(worker, mbuf, DROP_ESP_KEEPALIVE);
		return;
	}
	if (!packet_has(mbuf, (uint16_t)(offset + sizeof(first)))) {
		drop(worker, mbuf, DROP_ESP_SHORT);
		return;
	}
	memcpy(&first, rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, offset), sizeof(first));
	if (first == 0)
		punt(worker, mbuf, PUNT_IKE);
	else
		demux_esp(worker, mbuf, offset, src_port_be);
}

/* UDP for the VPN gateway. True: it was that, and has been taken care of. */
static bool
demux_gateway_udp(struct worker *worker, struct rte_mbuf *mbuf, const struct udp_header *udp)
{
	if (udp->dst_port_be != htobe16(ESP_UDP_PORT) && udp->dst_port_be != htobe16(IKE_UDP_PORT))
		return false;
	if (!is_gateway_open(worker, mbuf))
		return true;
	if (udp->dst_port_be == htobe16(IKE_UDP_PORT))
		punt(worker, mbuf, PUNT_IKE);
	else
		demux_esp_in_udp(worker, mbuf, udp);
	return true;
}

/* True when the packet is tunnel data and goes on; otherwise it has been taken care of. */
static bool
demux_udp(struct worker *worker, struct rte_mbuf *mbuf, uint8_t roles)
{
	const struct udp_header *udp;

	if (!has_udp(mbuf)) {
		drop(worker, mbuf, DROP_UDP_SHORT);
		return false;
	}
	udp = rte_pktmbuf_mtod_offset(mbuf, const struct udp_header *,
				      ip_header_size(packet_ip(mbuf)));
	if (roles & OWN_VPN && demux_gateway_udp(worker, mbuf, udp))
		return false;
	if (udp->dst_port_be != htobe16(MIP_PORT)) {
		if (roles & OWN_BROADCAST && worker->settings->is_home_link[packet_of(mbuf)->port])
			punt(worker, mbuf, PUNT_BROADCAST);
		else
			drop(worker, mbuf, DROP_LOCAL_PORT);
		return false;
	}
	if (roles & OWN_AGENT && is_tunnel_data(mbuf))
		return true;
	punt(worker, mbuf,
	     packet_of(mbuf)->origin == ORIGIN_EXTERNAL ? PUNT_REGISTRATION_EXTERNAL
							: PUNT_REGISTRATION_INTERNAL);
	return false;
}

static bool
demux(struct worker *worker, struct rte_mbuf *mbuf)
{
	const struct ip_header *ip = packet_ip(mbuf);
	uint8_t roles = packet_of(mbuf)->own_roles;

	switch (ip->protocol) {
	case IP_PROTOCOL_UDP:
		return demux_udp(worker, mbuf, roles);
	case IP_PROTOCOL_IPIP:
	case IP_PROTOCOL_GRE:
	case IP_PROTOCOL_MINENC:
		if (roles & OWN_AGENT)
			return true;
		break;
	case IP_PROTOCOL_ESP:
		if (!(roles & OWN_VPN))
			break;
		if (is_gateway_open(worker, mbuf))
			demux_esp(worker, mbuf, ip_header_size(ip), 0);
		return false;
	case IP_PROTOCOL_ICMP:
		if (is_outsider_at_i_ha(worker, mbuf, roles)) {
			drop(worker, mbuf, DROP_IP_EXTERNAL_TO_INTERNAL);
			return false;
		}
		if (!(roles & OWN_BROADCAST)) {
			punt(worker, mbuf, PUNT_ICMP);
			return false;
		}
		break;
	default:
		break;
	}
	if (roles & OWN_BROADCAST && worker->settings->is_home_link[packet_of(mbuf)->port])
		punt(worker, mbuf, PUNT_BROADCAST);
	else
		drop(worker, mbuf, DROP_LOCAL_PROTOCOL);
	return false;
}

uint16_t
stage_demux(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *mbuf = pkts[i];

		if (unlikely(ip_is_fragment(packet_ip(mbuf)))) {
			mbuf = reassemble(worker, mbuf);
			if (mbuf == NULL)
				continue;
		}
		if (demux(worker, mbuf))
			pkts[kept++] = mbuf;
	}
	return kept;
}
