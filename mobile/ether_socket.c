/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/ether_socket.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int
own_mac(int fd, const char *name, uint8_t mac[ETH_ADDRESS_SIZE])
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFHWADDR, &request) != 0)
		return -errno;
	memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ADDRESS_SIZE);
	return request.ifr_hwaddr.sa_family == ARPHRD_ETHER ? 0 : -ENODEV;
}

int
ether_socket_check(int fd, const char *name)
{
	uint8_t mac[ETH_ADDRESS_SIZE];

	return own_mac(fd, name, mac);
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
ether_socket_receive(int fd, uint8_t *buffer, size_t size, struct ether_frame *frame)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct sockaddr_ll from = {0};
	struct iovec part = {buffer, size};
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t len = recvmsg(fd, &message, 0);

	if (len < 0)
		return -errno;
	*frame = (struct ether_frame){
		.mac_len = from.sll_halen,
		.type = from.sll_pkttype,
		.has_partial_checksum = is_not_ready(&message),
		.len = (size_t)len,
	};
	memcpy(frame->mac, from.sll_addr, ETH_ADDRESS_SIZE);
	return 0;
}

static int
send_to(int fd, unsigned ifindex, uint16_t type, const uint8_t mac[ETH_ADDRESS_SIZE],
	const void *packet, size_t len)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htobe16(type),
		.sll_ifindex = (int)ifindex,
		.sll_halen = ETH_ADDRESS_SIZE,
	};

	memcpy(to.sll_addr, mac, ETH_ADDRESS_SIZE);
	if (sendto(fd, packet, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return 0;
}

int
ether_socket_announce(int fd, unsigned ifindex, const char *name, be32 address)
{
	static const uint8_t everybody[ETH_ADDRESS_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	struct arp_packet arp = {
		.hardware_be = htobe16(ARP_HARDWARE_ETHERNET),
		.protocol_be = htobe16(ETH_TYPE_IPV4),
		.hardware_size = ETH_ADDRESS_SIZE,
		.protocol_size = sizeof(be32),
		.operation_be = htobe16(ARP_REQUEST),
		.sender_ip = address,
		.target_ip = address,
	};
	int result = own_mac(fd, name, arp.sender_mac);

	return result != 0 ? result
			   : send_to(fd, ifindex, ETH_TYPE_ARP, everybody, &arp, sizeof(arp));
}

int
ether_socket_send(int fd, unsigned ifindex, const uint8_t mac[ETH_ADDRESS_SIZE],
		  const uint8_t *packet, size_t len)
{
	return send_to(fd, ifindex, ETH_TYPE_IPV4, mac, packet, len);
}
