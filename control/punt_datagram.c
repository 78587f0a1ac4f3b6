/* SPDX-License-Identifier: BSD-3-Clause */
/* UDP datagrams for the control core, as they are read out of IPv4 packets. */
#include "control/punt.h"
#include "lib/checksum.h"
#include "lib/ip_check.h"
#include "lib/wire_mip.h"

/* RFC 768: a checksum of zero says that there is none. */
static bool
udp_checksum_is_right(const struct ip_header *ip, const struct udp_header *udp,
		      const uint8_t *datagram)
{
	uint64_t sum = checksum_pseudo_header(ip->src, ip->dst, IP_PROTOCOL_UDP, udp->len_be);

	return udp->checksum_be == 0 ||
	       checksum_fold(checksum_add(sum, datagram, be16toh(udp->len_be))) == 0xffff;
}

/* `port_be`: what the destination port must be; 0: any. */
static enum drop_reason
datagram_parse(const uint8_t *packet, size_t len, be16 port_be, struct reg_datagram *datagram)
{
	uint16_t header_size, udp_len;
	struct udp_header udp;
	struct ip_header ip;

	if (len < sizeof(ip))
		return DROP_IP_SHORT;
	memcpy(&ip, packet, sizeof(ip));
	if (ip_check_lengths(&ip, (uint32_t)len) != IP_OK)
		return DROP_IP_SHORT;
	header_size = ip_header_size(&ip);
	len = be16toh(ip.total_len_be);
	if (ip.protocol != IP_PROTOCOL_UDP || ip_is_fragment(&ip))
		return DROP_LOCAL_PROTOCOL;
	if (len < header_size + sizeof(udp))
		return DROP_UDP_SHORT;
	memcpy(&udp, packet + header_size, sizeof(udp));
	udp_len = be16toh(udp.len_be);
	if (udp_len < sizeof(udp) || udp_len > len - header_size)
		return DROP_UDP_SHORT;
	if (port_be != 0 && udp.dst_port_be != port_be)
		return DROP_LOCAL_PORT;
	if (!udp_checksum_is_right(&ip, &udp, packet + header_size))
		return DROP_UDP_CHECKSUM;

	datagram->src = ip.src;
	datagram->dst = ip.dst;
	datagram->src_port_be = udp.src_port_be;
	datagram->dst_port_be = udp.dst_port_be;
	datagram->payload = packet + header_size + sizeof(udp);
	datagram->len = (uint16_t)(udp_len - sizeof(udp));
	return DROP_REASON_COUNT;
}

enum drop_reason
punt_datagram_parse(const uint8_t *packet, size_t len, struct reg_datagram *datagram)
{
	return datagram_parse(packet, len, htobe16(MIP_PORT), datagram);
}

enum drop_reason
punt_udp_parse(const uint8_t *packet, size_t len, struct reg_datagram *datagram)
{
	return datagram_parse(packet, len, 0, datagram);
}
