/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_link.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/ip_check.h"
#include "lib/wire_tcp.h"
#include "mobile/agent_socket.h"
#include "mobile/ether_socket.h"

void
mn_link_init(struct mn_link *link)
{
	*link = (struct mn_link){.fd = -1};
}

void
mn_link_close(struct mn_link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	mn_link_init(link);
}

/* A field of a packet, or of the frame that it came in, that must have this value. */
struct field {
	uint16_t size; /* BPF_W or BPF_H */
	uint32_t at;
	uint32_t value;
};
#define FIELDS_MAX 2

/* Our own frames and those for others: no. ICMP router advertisements: yes. What else is for us alone: if the
 * fields have their values. */
static int
set_filter(const struct mn_link *link, const struct field *fields, unsigned count)
{
	struct sock_filter code[12 + 3 * FIELDS_MAX + 1] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PACKET_OTHERHOST, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offsetof(struct ip_header, protocol)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IP_PROTOCOL_ICMP, 0, 4),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_TYPE_ROUTER_ADVERTISEMENT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, AGENT_PACKET_SIZE),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_HOST, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_filter accept = BPF_STMT(BPF_RET | BPF_K, AGENT_PACKET_SIZE);
	struct sock_fprog program = {12, code};

	for (unsigned i = 0; i < count; i++) {
		const struct sock_filter check[] = {
			BPF_STMT(BPF_LD | BPF_ABS | fields[i].size, fields[i].at),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, fields[i].value, 1, 0),
			BPF_STMT(BPF_RET | BPF_K, 0),
		};

		memcpy(&code[program.len], check, sizeof(check));
		program.len += ARRAY_COUNT(check);
	}
	code[program.len++] = accept;
	return setsockopt(link->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0
		       ? 0
		       : -errno;
}

int
mn_link_listen_for(const struct mn_link *link, be32 home_address)
{
	const struct field dst = {BPF_W, offsetof(struct ip_header, dst), be32toh(home_address)};

	return set_filter(link, &dst, 1);
}

int
mn_link_listen_to(const struct mn_link *link, const uint8_t *mac)
{
	/* no card has a MAC address of zeros */
	static const uint8_t nobody[ETH_ADDRESS_SIZE];
	const uint8_t *peer = mac != NULL ? mac : nobody;
	uint32_t high = (uint32_t)peer[0] << 24 | (uint32_t)peer[1] << 16 | (uint32_t)peer[2] << 8 |
			peer[3];
	uint32_t low = (uint32_t)peer[4] << 8 | peer[5];
	const struct field src[FIELDS_MAX] = {
		{BPF_W, (uint32_t)(SKF_LL_OFF + ETH_ADDRESS_SIZE), high},
		{BPF_H, (uint32_t)(SKF_LL_OFF + ETH_ADDRESS_SIZE + 4), low},
	};

	return set_filter(link, src, FIELDS_MAX);
}

int
mn_link_open(struct mn_link *link, unsigned ifindex, const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htobe16(ETH_TYPE_IPV4),
		.sll_ifindex = (int)ifindex,
	};
	int on = 1, result;

	mn_link_init(link);
	/* protocol 0: nothing arrives before the filter is there */
	link->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->fd < 0)
		return -errno;
	link->ifindex = ifindex;
	result = ether_socket_check(link->fd, name);
	if (result == 0)
		result = mn_link_listen_to(link, NULL);
	if (result == 0 &&
	    (setsockopt(link->fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) != 0 ||
	     bind(link->fd, (struct sockaddr *)&address, sizeof(address)) != 0))
		result = -errno;
	if (result != 0)
		mn_link_close(link);
	return result;
}

int
mn_link_receive(const struct mn_link *link, uint8_t *buffer, struct mn_frame *frame)
{
	struct ether_frame ether;
	int result = ether_socket_receive(link->fd, buffer, AGENT_PACKET_SIZE, &ether);

	if (result != 0)
		return result;
	*frame = (struct mn_frame){
		.is_for_us = ether.type == PACKET_HOST,
		.has_partial_checksum = ether.has_partial_checksum,
		.packet = buffer,
		.len = ether.len,
	};
	memcpy(frame->mac, ether.mac, ETH_ADDRESS_SIZE);
	return 0;
}

void
mn_link_complete(uint8_t *packet, size_t len)
{
	const struct ip_header *ip = (const struct ip_header *)packet;
	size_t header_size, l4_len, at;
	be16 checksum = 0;
	uint16_t folded;
	uint64_t sum;

	if (len < sizeof(*ip) || ip_check_lengths(ip, (uint32_t)len) != IP_OK || ip_is_fragment(ip))
		return;
	header_size = ip_header_size(ip);
	l4_len = be16toh(ip->total_len_be) - header_size;
	if (ip->protocol == IP_PROTOCOL_TCP && l4_len >= sizeof(struct tcp_header))
		at = offsetof(struct tcp_header, checksum_be);
	else if (ip->protocol == IP_PROTOCOL_UDP && l4_len >= sizeof(struct udp_header))
		at = offsetof(struct udp_header, checksum_be);
	else
		return;
	memcpy(packet + header_size + at, &checksum, sizeof(checksum));
	sum = checksum_pseudo_header(ip->src, ip->dst, ip->protocol, htobe16((uint16_t)l4_len));
	folded = checksum_fold(checksum_add(sum, packet + header_size, l4_len));
	/* UDP: 0 would say that there is none */
	checksum = folded == UINT16_MAX && ip->protocol == IP_PROTOCOL_UDP ? UINT16_MAX
									   : (be16)~folded;
	memcpy(packet + header_size + at, &checksum, sizeof(checksum));
}

int
mn_link_send(const struct mn_link *link, const uint8_t mac[ETH_ADDRESS_SIZE], const uint8_t *packet,
	     size_t len)
{
	return ether_socket_send(link->fd, link->ifindex, mac, packet, len);
}
