/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/dataplane/craft.h"

#include <string.h>

static void
put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint8_t *
before(struct craft *craft, uint32_t len)
{
	craft->len += len;
	memset(craft_at(craft), 0, len);
	return craft_at(craft);
}

uint16_t
craft_sum(uint32_t sum, const uint8_t *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void
craft_payload(struct craft *craft, uint32_t len)
{
	craft->len = len;
	for (uint32_t i = 0; i < len; i++)
		craft_at(craft)[i] = (uint8_t)(i * 7 + (i >> 8));
}

void
craft_bytes(struct craft *craft, const void *bytes, uint32_t len)
{
	memcpy(before(craft, len), bytes, len);
}

void
craft_ip_checksum(uint8_t *ip)
{
	put16(ip + 10, 0);
	put16(ip + 10, craft_sum(0, ip, (ip[0] & 0x0fu) * 4));
}

void
craft_ip(struct craft *craft, const struct craft_ip *spec)
{
	uint32_t header_len = 20u + spec->options_len;
	uint8_t *ip = before(craft, header_len);

	ip[0] = (uint8_t)(0x40 | header_len / 4);
	ip[1] = spec->tos;
	put16(ip + 2, (uint16_t)craft->len);
	put16(ip + 4, spec->id);
	put16(ip + 6, spec->fragment);
	ip[8] = spec->ttl == 0 ? 64 : spec->ttl;
	ip[9] = spec->protocol;
	memcpy(ip + 12, &spec->src, 4);
	memcpy(ip + 16, &spec->dst, 4);
	memcpy(ip + 20, spec->options, spec->options_len);
	craft_ip_checksum(ip);
}

void
craft_udp(struct craft *craft, uint16_t src_port, uint16_t dst_port)
{
	uint8_t *udp = before(craft, 8);

	put16(udp, src_port);
	put16(udp + 2, dst_port);
	put16(udp + 4, (uint16_t)craft->len);
}

void
craft_udp_checksum(struct craft *craft)
{
	uint8_t *ip = craft_at(craft), *udp = ip + 20;
	uint16_t len = (uint16_t)(craft->len - 20), sum;
	uint8_t pseudo[12] = {0};

	memcpy(pseudo, ip + 12, 8);
	pseudo[9] = 17;
	put16(pseudo + 10, len);
	put16(udp + 6, 0);
	sum = craft_sum((uint16_t)~craft_sum(0, pseudo, sizeof(pseudo)), udp, len);
	put16(udp + 6, sum == 0 ? 0xffff : sum);
}

void
craft_gre(struct craft *craft, uint16_t flags)
{
	uint8_t *gre = before(craft, flags & 0x8000 ? 8 : 4);

	put16(gre, flags);
	put16(gre + 2, 0x0800);
	if (flags & 0x8000)
		put16(gre + 4, craft_sum(0, gre, craft->len));
}

void
craft_ethernet(struct craft *craft, const uint8_t dst[6], uint16_t type)
{
	uint8_t *eth = before(craft, 14);

	memcpy(eth, dst, 6);
	eth[6] = 2;
	eth[11] = 0x99;
	put16(eth + 12, type);
}

void
craft_minenc(struct craft *craft, be32 src, be32 dst, bool with_source)
{
	uint32_t minimal_len = with_source ? 12 : 8;
	uint8_t ip[20], minimal[12] = {0};

	memcpy(ip, craft_at(craft), sizeof(ip));
	craft->len -= 20;
	minimal[0] = ip[9];
	minimal[1] = with_source ? 0x80 : 0;
	memcpy(minimal + 4, ip + 16, 4);
	memcpy(minimal + 8, ip + 12, 4);
	put16(minimal + 2, craft_sum(0, minimal, minimal_len));
	craft_bytes(craft, minimal, minimal_len);
	ip[9] = 55;
	memcpy(ip + 12, &src, 4);
	memcpy(ip + 16, &dst, 4);
	craft_bytes(craft, ip, sizeof(ip));
	put16(craft_at(craft) + 2, (uint16_t)craft->len);
	craft_ip_checksum(craft_at(craft));
}

static void
minenc_in_udp(struct craft *craft, uint16_t src_port, uint16_t dst_port)
{
	static const uint8_t data[4] = {4, 55, 0, 0};
	uint8_t ip[20];

	memcpy(ip, craft_at(craft), sizeof(ip));
	craft->len -= 20;
	craft_bytes(craft, data, sizeof(data));
	craft_udp(craft, src_port, dst_port);
	ip[9] = 17;
	craft_bytes(craft, ip, sizeof(ip));
	put16(craft_at(craft) + 2, (uint16_t)craft->len);
	craft_ip_checksum(craft_at(craft));
}

void
craft_tunnel(struct craft *craft, enum tunnel_kind kind, const struct craft_ip *outer,
	     uint16_t src_port, uint16_t dst_port)
{
	static const uint8_t protocols[] = {4, 47};
	struct craft_ip ip = *outer;
	uint8_t data[4] = {4};

	if (kind == TUNNEL_MINENC || kind == TUNNEL_UDP_MINENC) {
		be32 src;

		memcpy(&src, craft_at(craft) + 12, 4);
		craft_minenc(craft, outer->src, outer->dst, src != outer->src);
		if (kind == TUNNEL_UDP_MINENC)
			minenc_in_udp(craft, src_port, dst_port);
		return;
	}
	ip.protocol = protocols[kind >> 1];
	if (ip.protocol == 47)
		craft_gre(craft, 0);
	if (kind & 1) {
		data[1] = ip.protocol;
		craft_bytes(craft, data, sizeof(data));
		craft_udp(craft, src_port, dst_port);
		ip.protocol = 17;
	}
	craft_ip(craft, &ip);
}
