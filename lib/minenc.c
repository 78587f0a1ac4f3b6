/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/minenc.h"

#include <errno.h>
#include <string.h>

#include "lib/checksum.h"
#include "lib/wire_mip.h"

#define HEADER_SIZE_MAX 60 /* with all the options there can be */
#define UDP_PART_SIZE (sizeof(struct udp_header) + sizeof(struct mip_tunnel_data))

/* An IP header with its options, copied out so that it may lie anywhere. */
struct header {
	struct ip_header ip;
	uint8_t options[HEADER_SIZE_MAX - sizeof(struct ip_header)];
	uint16_t size;
	uint16_t total_len;
};

/* Copies the header of a whole, unfragmented packet of which `len` bytes are there. */
static int
header_read(struct header *header, const uint8_t *packet, size_t len)
{
	if (len < sizeof(header->ip))
		return -EINVAL;
	memcpy(&header->ip, packet, sizeof(header->ip));
	header->size = ip_header_size(&header->ip);
	header->total_len = be16toh(header->ip.total_len_be);
	if (header->ip.version_ihl >> 4 != 4 || header->size < sizeof(header->ip) ||
	    header->total_len < header->size || header->total_len > len)
		return -EINVAL;
	if (ip_is_fragment(&header->ip))
		return -EINVAL;
	memcpy(header->options, packet + sizeof(header->ip), header->size - sizeof(header->ip));
	return 0;
}

/* Writes the header with its new checksum. */
static void
header_write(struct header *header, uint8_t *packet)
{
	uint64_t sum;

	header->ip.checksum_be = 0;
	sum = checksum_add(0, &header->ip, sizeof(header->ip));
	sum = checksum_add(sum, header->options, header->size - sizeof(header->ip));
	header->ip.checksum_be = (be16)~checksum_fold(sum);
	memcpy(packet, &header->ip, sizeof(header->ip));
	memcpy(packet + sizeof(header->ip), header->options, header->size - sizeof(header->ip));
}

static void
udp_write(uint8_t *bytes, const struct minenc_outer *outer, uint16_t udp_len)
{
	const struct udp_header udp = {
		.src_port_be = outer->src_port_be,
		.dst_port_be = outer->dst_port_be,
		.len_be = htobe16(udp_len),
	};
	const struct mip_tunnel_data data = {
		.type = MIP_TUNNEL_DATA,
		.next_header = IP_PROTOCOL_MINENC,
	};

	memcpy(bytes, &udp, sizeof(udp));
	memcpy(bytes + sizeof(udp), &data, sizeof(data));
}

int
minenc_push(const struct minenc_outer *outer, uint8_t *packet, size_t len, uint16_t *pushed_len)
{
	struct minenc_header minimal = {0};
	struct header header;
	size_t minimal_size = MINENC_SIZE_SHORT, udp_size = outer->is_udp ? UDP_PART_SIZE : 0;
	uint8_t *payload;
	uint32_t total_len;

	if (header_read(&header, packet, len) < 0)
		return -EINVAL;
	minimal.protocol = header.ip.protocol;
	minimal.dst = header.ip.dst;
	if (header.ip.src != outer->src) {
		minimal.flags = MINENC_FLAG_SOURCE;
		minimal.src = header.ip.src;
		minimal_size = sizeof(minimal);
	}
	total_len = (uint32_t)(header.total_len + minimal_size + udp_size);
	if (total_len > UINT16_MAX)
		return -EMSGSIZE;
	minimal.checksum_be = checksum_of(&minimal, minimal_size);

	payload = packet + header.size;
	memcpy(payload - minimal_size, &minimal, minimal_size);
	if (outer->is_udp)
		udp_write(payload - minimal_size - udp_size, outer,
			  (uint16_t)(total_len - header.size));
	header.ip.protocol = outer->is_udp ? IP_PROTOCOL_UDP : IP_PROTOCOL_MINENC;
	header.ip.src = outer->src;
	header.ip.dst = outer->dst;
	header.ip.total_len_be = htobe16((uint16_t)total_len);
	if (outer->ttl != 0)
		header.ip.ttl = outer->ttl;
	*pushed_len = (uint16_t)(minimal_size + udp_size);
	header_write(&header, packet - *pushed_len);
	return 0;
}

int
minenc_strip(uint8_t *packet, size_t len, size_t at, uint16_t *stripped_len)
{
	struct minenc_header minimal = {0};
	struct header header;
	size_t minimal_size;

	if (header_read(&header, packet, len) < 0)
		return -EINVAL;
	if (at < header.size || at > header.total_len || header.total_len - at < MINENC_SIZE_SHORT)
		return -EINVAL;
	minimal_size = packet[at + offsetof(struct minenc_header, flags)] & MINENC_FLAG_SOURCE
			       ? sizeof(minimal)
			       : MINENC_SIZE_SHORT;
	if (header.total_len - at < minimal_size)
		return -EINVAL;
	memcpy(&minimal, packet + at, minimal_size);
	if (checksum_of(&minimal, minimal_size) != 0)
		return -EBADMSG;

	*stripped_len = (uint16_t)(at + minimal_size - header.size);
	header.ip.protocol = minimal.protocol;
	header.ip.dst = minimal.dst;
	if (minimal.flags & MINENC_FLAG_SOURCE)
		header.ip.src = minimal.src;
	header.ip.total_len_be = htobe16((uint16_t)(header.total_len - *stripped_len));
	header_write(&header, packet + *stripped_len);
	return 0;
}
