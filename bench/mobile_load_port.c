/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/mobile_load_port.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/checksum.h"

#define SOCKET_BUFFER (64 << 20)
#define FRAME_OVERHEAD sizeof(struct eth_header)

static void
batch_init(struct load_port_batch *batch)
{
	for (unsigned i = 0; i < LOAD_PORT_BATCH; i++) {
		batch->vectors[i] = (struct iovec){batch->frames[i], sizeof(batch->frames[i])};
		batch->messages[i].msg_hdr.msg_iov = &batch->vectors[i];
		batch->messages[i].msg_hdr.msg_iovlen = 1;
	}
}

/* What is sent is not heard; what is heard may come in bursts; queueing disciplines are passed by. */
static int
socket_setup(int fd)
{
	static const int one = 1, size = SOCKET_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)) != 0)
		return -errno;
	return 0;
}

static int
socket_bind(struct load_port *port, const char *name)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htobe16(0x0003)};
	struct ifreq request = {0};

	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (ioctl(port->fd, SIOCGIFHWADDR, &request) != 0)
		return -errno;
	memcpy(port->mac, request.ifr_hwaddr.sa_data, sizeof(port->mac));
	at.sll_ifindex = (int)if_nametoindex(name);
	return bind(port->fd, (struct sockaddr *)&at, sizeof(at)) == 0 ? 0 : -errno;
}

int
load_port_open(struct load_port *port, const char *name, const uint8_t *box_mac, be32 address)
{
	int ret;

	memset(port, 0, sizeof(*port));
	batch_init(&port->out);
	batch_init(&port->in);
	memcpy(port->box_mac, box_mac, sizeof(port->box_mac));
	port->address = address;
	port->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (port->fd < 0)
		return -errno;
	ret = socket_setup(port->fd);
	if (ret == 0)
		ret = socket_bind(port, name);
	if (ret != 0)
		close(port->fd);
	return ret;
}

static struct eth_header *
next_frame(struct load_port *port, const uint8_t *dst, uint16_t type)
{
	struct eth_header *frame;

	if (port->out.count == LOAD_PORT_BATCH)
		load_port_flush(port);
	frame = (struct eth_header *)port->out.frames[port->out.count];
	memcpy(frame->dst, dst, sizeof(frame->dst));
	memcpy(frame->src, port->mac, sizeof(frame->src));
	frame->type_be = htobe16(type);
	return frame;
}

uint8_t *
load_port_room(struct load_port *port)
{
	return (uint8_t *)(next_frame(port, port->box_mac, ETH_TYPE_IPV4) + 1);
}

void
load_port_commit(struct load_port *port, uint16_t len)
{
	port->out.vectors[port->out.count++].iov_len = FRAME_OVERHEAD + len;
}

void
load_port_flush(struct load_port *port)
{
	unsigned done = 0;

	while (done < port->out.count) {
		int sent = sendmmsg(port->fd, port->out.messages + done, port->out.count - done, 0);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			port->send_errors++; /* this one is lost */
		done += sent > 0 ? (unsigned)sent : 1;
	}
	port->out.count = 0;
}

static void
send_arp(struct load_port *port, const uint8_t *target_mac, be32 target, uint16_t operation)
{
	struct arp_packet *arp =
		(struct arp_packet *)(next_frame(port, target_mac, ETH_TYPE_ARP) + 1);

	*arp = (struct arp_packet){
		.hardware_be = htobe16(ARP_HARDWARE_ETHERNET),
		.protocol_be = htobe16(ETH_TYPE_IPV4),
		.hardware_size = ETH_ADDRESS_SIZE,
		.protocol_size = sizeof(be32),
		.operation_be = htobe16(operation),
		.sender_ip = port->address,
		.target_ip = target,
	};
	memcpy(arp->sender_mac, port->mac, sizeof(arp->sender_mac));
	memcpy(arp->target_mac, target_mac, sizeof(arp->target_mac));
	load_port_commit(port, sizeof(*arp));
}

void
load_port_announce(struct load_port *port)
{
	send_arp(port, port->box_mac, port->address, ARP_REQUEST);
	load_port_flush(port);
}

static void
answer_arp(struct load_port *port, const struct arp_packet *question)
{
	if (question->operation_be == htobe16(ARP_REQUEST) && question->target_ip == port->address)
		send_arp(port, question->sender_mac, question->sender_ip, ARP_REPLY);
}

static bool
is_whole(const struct ip_header *ip, size_t len)
{
	return len >= sizeof(*ip) && ip->version_ihl == IP_VERSION_IHL_PLAIN &&
	       be16toh(ip->total_len_be) >= sizeof(*ip) && be16toh(ip->total_len_be) <= len;
}

unsigned
load_port_receive(struct load_port *port,
		  void (*take)(void *context, const struct ip_header *ip, uint16_t len),
		  void *context)
{
	int count = recvmmsg(port->fd, port->in.messages, LOAD_PORT_BATCH, MSG_DONTWAIT, NULL);

	for (int i = 0; i < count; i++) {
		const struct eth_header *frame = (const struct eth_header *)port->in.frames[i];
		const struct ip_header *ip = (const struct ip_header *)(frame + 1);
		size_t len = port->in.messages[i].msg_len;

		if (len < FRAME_OVERHEAD)
			continue;
		len -= FRAME_OVERHEAD;
		if (frame->type_be == htobe16(ETH_TYPE_ARP) && len >= sizeof(struct arp_packet))
			answer_arp(port, (const struct arp_packet *)(frame + 1));
		else if (frame->type_be == htobe16(ETH_TYPE_IPV4) && is_whole(ip, len))
			take(context, ip, be16toh(ip->total_len_be));
	}
	return count > 0 ? (unsigned)count : 0;
}

void
load_port_count_drops(struct load_port *port)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	/* the kernel starts anew each time it is asked */
	if (getsockopt(port->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		port->receive_drops += stats.tp_drops;
}

uint8_t *
load_port_write_ip(uint8_t *bytes, be32 src, be32 dst, uint8_t protocol, uint16_t payload_len)
{
	struct ip_header *ip = (struct ip_header *)bytes;

	*ip = (struct ip_header){
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16((uint16_t)(sizeof(*ip) + payload_len)),
		.fragment_be = htobe16(IP_FLAG_DF),
		.ttl = 64,
		.protocol = protocol,
		.src = src,
		.dst = dst,
	};
	ip->checksum_be = checksum_of(ip, sizeof(*ip));
	return bytes + sizeof(*ip);
}
