/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_link.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/wire_mip.h"
#include "mobile/ether_socket.h"

void
fa_link_init(struct fa_link *link)
{
	*link = (struct fa_link){.packet_fd = -1, .raw_fds = {-1, -1, -1}, .port_fd = -1};
}

void
fa_link_close(struct fa_link *link)
{
	if (link->packet_fd >= 0)
		close(link->packet_fd);
	for (unsigned i = 0; i < FA_LINK_RAW_MAX; i++) {
		if (link->raw_fds[i] >= 0)
			close(link->raw_fds[i]);
	}
	if (link->port_fd >= 0)
		close(link->port_fd);
	fa_link_init(link);
}

static int
set_filter(int fd, struct sock_filter *code, unsigned short count)
{
	struct sock_fprog program = {count, code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0
		       ? 0
		       : -errno;
}

/* Lets through UDP to port 434 and router solicitations, so that no other traffic wakes us; none of a VLAN. */
static int
filter_messages(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_TYPE_IPV4, 0, 13),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 11),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, IP_FRAGMENT_OFFSET_MASK, 9, 0),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IP_PROTOCOL_ICMP, 0, 2),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_TYPE_ROUTER_SOLICITATION, 3, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IP_PROTOCOL_UDP, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MIP_PORT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, FA_FRAME_SIZE),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return set_filter(fd, code, sizeof(code) / sizeof(code[0]));
}

static int
open_packet(struct fa_link *link)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol =
			htobe16(ETH_P_ALL), /* before the ingress filters, see mac_check.h */
		.sll_ifindex = (int)link->ifindex,
	};
	int on = 1, result;

	/* protocol 0: nothing arrives before the filter is there */
	link->packet_fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->packet_fd < 0)
		return -errno;
	result = filter_messages(link->packet_fd);
	if (result != 0)
		return result;
	if (setsockopt(link->packet_fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) != 0 ||
	    setsockopt(link->packet_fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) != 0 ||
	    bind(link->packet_fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return -errno;
	return 0;
}

static int
bind_to(const struct fa_link *link, int fd)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, link->name,
			  (socklen_t)strlen(link->name) + 1) == 0
		       ? 0
		       : -errno;
}

/* Without this socket the kernel would answer requests with ICMP port unreachable, and the network card would not
 * listen to the groups that solicitations go to. It takes no packet itself. */
static int
open_port(struct fa_link *link)
{
	const be32 groups[] = {IP_ALL_ROUTERS, IP_MOBILE_AGENTS};
	struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htobe16(MIP_PORT)};
	int on = 1, result;

	link->port_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->port_fd < 0)
		return -errno;
	result = set_filter(link->port_fd, nothing, 1);
	if (result != 0)
		return result;
	result = bind_to(link, link->port_fd);
	if (result != 0)
		return result;
	if (setsockopt(link->port_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(link->port_fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return -errno;
	for (unsigned i = 0; i < ARRAY_COUNT(groups); i++) {
		struct ip_mreqn group = {.imr_multiaddr = {groups[i]},
					 .imr_ifindex = (int)link->ifindex};

		if (setsockopt(link->port_fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group,
			       sizeof(group)) != 0)
			return -errno;
	}
	return 0;
}

/* What visitors encapsulate is for whichever of our addresses they know (RFC 3024 section 5.2.2). */
static int
open_raw(struct fa_link *link)
{
	static const uint8_t protocols[FA_LINK_RAW_MAX] = {IP_PROTOCOL_IPIP, IP_PROTOCOL_GRE,
							   IP_PROTOCOL_MINENC};

	for (unsigned i = 0; i < FA_LINK_RAW_MAX; i++) {
		int result;

		link->raw_fds[i] =
			socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocols[i]);
		if (link->raw_fds[i] < 0)
			return -errno;
		result = bind_to(link, link->raw_fds[i]);
		if (result != 0)
			return result;
	}
	return 0;
}

int
fa_link_open(struct fa_link *link, const char *name, bool takes_tunnels)
{
	int result = 0;

	fa_link_init(link);
	snprintf(link->name, sizeof(link->name), "%s", name);
	link->ifindex = if_nametoindex(name);
	if (link->ifindex == 0)
		result = -ENODEV;
	if (result == 0)
		result = open_packet(link);
	if (result == 0)
		result = ether_socket_check(link->packet_fd, name);
	if (result == 0)
		result = open_port(link);
	if (result == 0 && takes_tunnels)
		result = open_raw(link);
	if (result != 0)
		fa_link_close(link);
	return result;
}

be32
fa_link_address(const struct fa_link *link)
{
	struct ifreq request = {0};
	struct sockaddr_in address;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", link->name);
	if (ioctl(link->port_fd, SIOCGIFADDR, &request) != 0)
		return 0;
	memcpy(&address, &request.ifr_addr, sizeof(address));
	return address.sin_addr.s_addr;
}

int
fa_link_receive(const struct fa_link *link, uint8_t *buffer, struct fa_frame *frame)
{
	struct ether_frame ether;

	do {
		int result = ether_socket_receive(link->packet_fd, buffer, FA_FRAME_SIZE, &ether);

		if (result != 0)
			return result;
	} while (ether.type == PACKET_OTHERHOST || ether.mac_len != ETH_ADDRESS_SIZE);
	memcpy(frame->mac, ether.mac, ETH_ADDRESS_SIZE);
	frame->len = ether.len;
	frame->is_checked = ether.has_partial_checksum;
	return 0;
}

int
fa_link_send(const struct fa_link *link, const uint8_t mac[ETH_ADDRESS_SIZE], const uint8_t *packet,
	     size_t len)
{
	return ether_socket_send(link->packet_fd, link->ifindex, mac, packet, len);
}
