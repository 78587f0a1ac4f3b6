/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_link.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/ip_check.h"
#include "lib/wire_tcp.h"
#include "mobile/agent_socket.h"

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

int
mn_link_listen_to(const struct mn_link *link, const uint8_t *mac)
{
	static const uint8_t nobody[ETH_ADDRESS_SIZE];
	const uint8_t *peer = mac != NULL ? mac : nobody;
	uint32_t high = (uint32_t)peer[0] << 24 | (uint32_t)peer[1] << 16 | (uint32_t)peer[2] << 8 |
			peer[3];
	uint32_t low = (uint32_t)peer[4] << 8 | peer[5];
	/* Our own frames and those for others: no. ICMP router advertisements: yes. What else is for us alone:
	 * from the peer, and of nobody when there is none, for no card has a MAC address of zeros. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PACKET_OTHERHOST, 12, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IP_PROTOCOL_ICMP, 0, 3),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_TYPE_ROUTER_ADVERTISEMENT, 6, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_HOST, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_LL_OFF + ETH_ADDRESS_SIZE)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, high, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_LL_OFF + ETH_ADDRESS_SIZE + 4)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, low, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, AGENT_PACKET_SIZE),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	return setsockopt(link->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0
		       ? 0
		       : -errno;
}

static int
check_is_ethernet(int fd, const char *name)
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFHWADDR, &request) != 0)
		return -errno;
	return request.ifr_hwaddr.sa_family == ARPHRD_ETHER ? 0 : -ENODEV;
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
	result = check_is_ethernet(link->fd, name);
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

static bool
is_not_ready(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		struct tpacket_auxdata said;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&said, CMSG_DATA(c), sizeof(said));
		return (said.tp_status & TP_STATUS_CSUMNOTREADY) != 0;
	}
	return false;
}

int
mn_link_receive(const struct mn_link *link, uint8_t *buffer, struct mn_frame *frame)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct sockaddr_ll from = {0};
	struct iovec part = {buffer, AGENT_PACKET_SIZE};
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t len = recvmsg(link->fd, &message, 0);

	if (len < 0)
		return -errno;
	*frame = (struct mn_frame){
		.is_for_us = from.sll_pkttype == PACKET_HOST,
		.has_partial_checksum = is_not_ready(&message),
		.packet = buffer,
		.len = (size_t)len,
	};
	memcpy(frame->mac, from.sll_addr, ETH_ADDRESS_SIZE);
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
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htobe16(ETH_TYPE_IPV4),
		.sll_ifindex = (int)link->ifindex,
		.sll_halen = ETH_ADDRESS_SIZE,
	};

	memcpy(to.sll_addr, mac, ETH_ADDRESS_SIZE);
	if (sendto(link->fd, packet, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return 0;
}
