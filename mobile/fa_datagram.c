/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_datagram.h"

#include <errno.h>
#include <string.h>

#include "lib/ip_check.h"

static be16
udp_checksum(be32 src, be32 dst, const uint8_t *udp, size_t len)
{
	uint64_t sum = checksum_pseudo_header(src, dst, IP_PROTOCOL_UDP, htobe16((uint16_t)len));

	return (be16)~checksum_fold(checksum_add(sum, udp, len));
}

int
fa_datagram_parse(const uint8_t *packet, size_t len, bool is_checked, struct fa_datagram *datagram)
{
	const struct ip_header *ip = (const struct ip_header *)packet;
	const uint8_t *at;
	struct udp_header udp;
	size_t udp_len;

	if (len < sizeof(*ip) || ip_check_lengths(ip, (uint32_t)len) != IP_OK ||
	    ip_is_fragment(ip) || ip->protocol != IP_PROTOCOL_UDP)
		return -EINVAL;
	at = packet + ip_header_size(ip);
	len = be16toh(ip->total_len_be) - (size_t)ip_header_size(ip);
	if (len < sizeof(udp))
		return -EINVAL;
	memcpy(&udp, at, sizeof(udp));
	udp_len = be16toh(udp.len_be);
	if (udp_len < sizeof(udp) || udp_len > len)
		return -EINVAL;
	if (!ip_checksum_is_right(ip))
		return -EBADMSG;
	if (!is_checked && udp.checksum_be != 0 && udp_checksum(ip->src, ip->dst, at, udp_len) != 0)
		return -EBADMSG;
	*datagram = (struct fa_datagram){
		.src = ip->src,
		.dst = ip->dst,
		.src_port_be = udp.src_port_be,
		.dst_port_be = udp.dst_port_be,
		.ttl = ip->ttl,
		.payload = at + sizeof(udp),
		.len = udp_len - sizeof(udp),
	};
	return 0;
}

size_t
fa_datagram_build(const struct fa_datagram *datagram, uint8_t out[FA_DATAGRAM_SIZE_MAX])
{
	size_t udp_len = sizeof(struct udp_header) + datagram->len;
	size_t total_len = sizeof(struct ip_header) + udp_len;
	uint8_t *at = out + sizeof(struct ip_header);
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16((uint16_t)total_len),
		.ttl = datagram->ttl,
		.protocol = IP_PROTOCOL_UDP,
		.src = datagram->src,
		.dst = datagram->dst,
	};
	struct udp_header udp = {
		.src_port_be = datagram->src_port_be,
		.dst_port_be = datagram->dst_port_be,
		.len_be = htobe16((uint16_t)udp_len),
	};

	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(out, &ip, sizeof(ip));
	memcpy(at, &udp, sizeof(udp));
	memcpy(at + sizeof(udp), datagram->payload, datagram->len);
	udp.checksum_be = udp_checksum(ip.src, ip.dst, at, udp_len);
	if (udp.checksum_be == 0)
		udp.checksum_be = UINT16_MAX; /* 0 would say that there is none */
	memcpy(at, &udp, sizeof(udp));
	return total_len;
}
