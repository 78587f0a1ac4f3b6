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

int
ether_socket_check(int fd, const char *name)
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFHWADDR, &request) != 0)
		return -errno;
	return request.ifr_hwaddr.sa_family == ARPHRD_ETHER ? 0 : -ENODEV;
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

int
ether_socket_send(int fd, unsigned ifindex, const uint8_t mac[ETH_ADDRESS_SIZE],
		  const uint8_t *packet, size_t len)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htobe16(ETH_TYPE_IPV4),
		.sll_ifindex = (int)ifindex,
		.sll_halen = ETH_ADDRESS_SIZE,
	};

	memcpy(to.sll_addr, mac, ETH_ADDRESS_SIZE);
	if (sendto(fd, packet, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return 0;
}
