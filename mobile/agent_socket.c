/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/agent_socket.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/wire_ip.h"
#include "lib/wire_mip.h"

#define RECEIVE_BUFFER_SIZE (8 << 20)
#define UDP_HEADERS_SIZE (sizeof(struct ip_header) + sizeof(struct udp_header))

void
agent_socket_init(struct agent_socket *socket)
{
	*socket = (struct agent_socket){.udp_fd = -1, .raw_fds = {-1, -1, -1}, .send_fd = -1};
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
agent_socket_close(struct agent_socket *socket)
{
	close_fd(&socket->udp_fd);
	close_fd(&socket->send_fd);
	for (unsigned i = 0; i < AGENT_SOCKET_RAW_MAX; i++)
		close_fd(&socket->raw_fds[i]);
}

static int
set_flag(int fd, int option)
{
	int on = 1;

	return setsockopt(fd, IPPROTO_IP, option, &on, sizeof(on)) == 0 ? 0 : -errno;
}

/* A socket of `type` and `protocol`, bound to the care-of address and, unless that is NULL, to `interface`; into
 * `*fd`. `port_be` is for UDP; 0: any. */
static int
open_bound(const struct agent_socket *owner, const char *interface, int type, int protocol,
	   be16 port_be, int *fd)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr = {owner->care_of},
		.sin_port = port_be,
	};
	int on = 1;

	*fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (*fd < 0)
		return -errno;
	/* a foreign agent holds its port on the visitors' link, too */
	if (port_be != 0 && setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return -errno;
	if (interface != NULL && setsockopt(*fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
					    (socklen_t)strlen(interface) + 1) != 0)
		return -errno;
	if (bind(*fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return -errno;
	return 0;
}

/* When a raw socket's buffer is full, Linux answers with ICMP protocol unreachable, as if nobody were
 * listening; so it had better hold a burst. Beyond the system's limit for those who may. */
static void
enlarge_receive_buffer(int fd)
{
	int size = RECEIVE_BUFFER_SIZE;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static int
open_udp(struct agent_socket *owner, const char *interface, be16 port_be)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	int on = 1, result;

	result = open_bound(owner, interface, SOCK_DGRAM, 0, port_be, &owner->udp_fd);
	if (result != 0)
		return result;
	/* discovery may ask a broadcast address */
	if (setsockopt(owner->udp_fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) != 0 ||
	    getsockname(owner->udp_fd, (struct sockaddr *)&address, &len) != 0)
		return -errno;
	owner->port_be = address.sin_port;
	result = set_flag(owner->udp_fd, IP_RECVTOS);
	if (result == 0)
		result = set_flag(owner->udp_fd, IP_RECVTTL);
	if (result == 0)
		result = set_flag(owner->udp_fd, IP_RECVERR);
	if (result == 0)
		enlarge_receive_buffer(owner->udp_fd);
	return result;
}

static int
open_raw(struct agent_socket *owner, const uint8_t *protocols, unsigned count)
{
	int result;

	for (unsigned i = 0; i < count; i++) {
		result = open_bound(owner, owner->interface, SOCK_RAW, protocols[i], 0,
				    &owner->raw_fds[i]);
		if (result == 0)
			result = set_flag(owner->raw_fds[i], IP_RECVERR);
		if (result != 0)
			return result;
		enlarge_receive_buffer(owner->raw_fds[i]);
	}
	return 0;
}

static void
set_place(struct agent_socket *socket, const struct attachment *attachment)
{
	agent_socket_init(socket);
	socket->care_of = attachment->care_of;
	snprintf(socket->interface, sizeof(socket->interface), "%s", attachment->interface);
}

int
agent_socket_open(struct agent_socket *socket, const struct attachment *attachment,
		  enum tunnel_kind encapsulation)
{
	const uint8_t protocols[] = {IP_PROTOCOL_IPIP, tunnel_protocol(encapsulation)};
	int result;

	set_place(socket, attachment);
	result = open_udp(socket, socket->interface, 0);
	if (result == 0)
		result = open_raw(socket, protocols, protocols[1] != protocols[0] ? 2 : 1);
	if (result == 0)
		result = open_bound(socket, socket->interface, SOCK_RAW, IPPROTO_RAW, 0,
				    &socket->send_fd);
	if (result != 0)
		agent_socket_close(socket);
	return result;
}

int
agent_socket_open_foreign(struct agent_socket *socket, const struct attachment *attachment)
{
	static const uint8_t protocols[] = {IP_PROTOCOL_IPIP, IP_PROTOCOL_GRE, IP_PROTOCOL_MINENC};
	int result;

	set_place(socket, attachment);
	/* what is sent follows the host's routes: bound to an interface, it would never be told that there is none,
	 * nor that the next hop is silent, for that comes by the loopback */
	result = open_udp(socket, NULL, htobe16(MIP_PORT));
	if (result == 0)
		result = set_flag(socket->udp_fd, IP_PKTINFO);
	if (result == 0)
		result = open_raw(socket, protocols, ARRAY_COUNT(protocols));
	if (result == 0)
		result = open_bound(socket, NULL, SOCK_RAW, IPPROTO_RAW, 0, &socket->send_fd);
	if (result != 0)
		agent_socket_close(socket);
	return result;
}

int
agent_socket_send_message(const struct agent_socket *socket, be32 home_agent, be16 port_be,
			  const void *message, size_t len)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr = {home_agent},
		.sin_port = port_be,
	};

	if (sendto(socket->udp_fd, message, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return 0;
}

int
agent_socket_send_packet(const struct agent_socket *socket, const void *packet, size_t len)
{
	const struct ip_header *ip = packet;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {ip->dst}};

	if (sendto(socket->send_fd, packet, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return 0;
}

/* The TOS and TTL octets and the interface among the control messages. */
static void
read_control(struct msghdr *message, struct ip_header *ip, unsigned *ifindex)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != IPPROTO_IP)
			continue;
		if (c->cmsg_type == IP_TOS) {
			ip->tos = *CMSG_DATA(c);
		} else if (c->cmsg_type == IP_TTL) {
			int ttl;

			memcpy(&ttl, CMSG_DATA(c), sizeof(ttl));
			ip->ttl = (uint8_t)ttl;
		} else if (c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			*ifindex = (unsigned)info.ipi_ifindex;
		}
	}
}

int
agent_socket_receive_udp(const struct agent_socket *socket, uint8_t *buffer,
			 struct agent_packet *packet)
{
	union {
		struct cmsghdr align;
		char bytes[128];
	} control;
	struct sockaddr_in from = {0};
	struct iovec part = {buffer + UDP_HEADERS_SIZE, AGENT_PACKET_SIZE - UDP_HEADERS_SIZE};
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct ip_header ip = {.version_ihl = IP_VERSION_IHL_PLAIN, .protocol = IP_PROTOCOL_UDP};
	struct udp_header udp;
	unsigned ifindex = 0;
	ssize_t len = recvmsg(socket->udp_fd, &message, 0);

	if (len < 0)
		return -errno;
	if ((size_t)len > UINT16_MAX - UDP_HEADERS_SIZE)
		return -EMSGSIZE;
	read_control(&message, &ip, &ifindex);
	ip.total_len_be = htobe16((uint16_t)((size_t)len + UDP_HEADERS_SIZE));
	ip.src = from.sin_addr.s_addr;
	ip.dst = socket->care_of;
	udp = (struct udp_header){
		.src_port_be = from.sin_port,
		.dst_port_be = socket->port_be,
		.len_be = htobe16((uint16_t)((size_t)len + sizeof(udp))),
	};
	memcpy(buffer, &ip, sizeof(ip));
	memcpy(buffer + sizeof(ip), &udp, sizeof(udp));
	*packet = (struct agent_packet){
		.bytes = buffer,
		.len = (size_t)len + UDP_HEADERS_SIZE,
		.src = ip.src,
		.src_port_be = from.sin_port,
		.ifindex = ifindex,
		.payload = buffer + UDP_HEADERS_SIZE,
		.payload_len = (size_t)len,
	};
	return 0;
}

int
agent_socket_receive_raw(int raw_fd, uint8_t *buffer, struct agent_packet *packet)
{
	ssize_t len = recv(raw_fd, buffer, AGENT_PACKET_SIZE, 0);

	if (len < 0)
		return -errno;
	*packet = (struct agent_packet){.bytes = buffer, .len = (size_t)len};
	if ((size_t)len >= sizeof(struct ip_header))
		packet->src = ((const struct ip_header *)buffer)->src;
	return 0;
}

static void
read_error(struct msghdr *message, struct agent_error *error)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		struct sock_extended_err said;

		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR ||
		    c->cmsg_len < CMSG_LEN(sizeof(said)))
			continue;
		memcpy(&said, CMSG_DATA(c), sizeof(said));
		if (said.ee_errno == EMSGSIZE) {
			error->is_too_big = true;
		} else if (said.ee_origin == SO_EE_ORIGIN_ICMP &&
			   said.ee_type == ICMP_TYPE_UNREACHABLE) {
			error->is_unreachable = true;
			error->code = said.ee_code;
		}
	}
}

bool
agent_socket_next_error(int fd, struct agent_error *error)
{
	union {
		struct cmsghdr align;
		char bytes[512];
	} control;
	struct sockaddr_in to = {0};
	char quoted[64];
	struct iovec part = {quoted, sizeof(quoted)};
	struct msghdr message = {
		.msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};

	*error = (struct agent_error){0};
	if (recvmsg(fd, &message, MSG_ERRQUEUE) < 0)
		return false;
	error->dst = to.sin_addr.s_addr;
	read_error(&message, error);
	return true;
}

bool
agent_socket_take_errors(int fd)
{
	bool was_too_big = false;
	struct agent_error error;

	while (agent_socket_next_error(fd, &error)) {
		if (error.is_too_big)
			was_too_big = true;
	}
	return was_too_big;
}

unsigned
agent_socket_path_mtu(const struct agent_socket *owner, be32 home_agent)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr = {home_agent},
		.sin_port = htobe16(MIP_PORT),
	};
	socklen_t len = sizeof(int);
	int fd, mtu = 0;

	/* a fresh socket, for a connected one remembers the route of its first packet */
	if (open_bound(owner, owner->interface, SOCK_DGRAM, 0, 0, &fd) != 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
	    getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len) != 0)
		mtu = 0;
	close_fd(&fd);
	return mtu > 0 ? (unsigned)mtu : 0;
}
