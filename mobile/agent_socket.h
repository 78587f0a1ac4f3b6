/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_AGENT_SOCKET_H
#define MOBILE_AGENT_SOCKET_H

#include <stdbool.h>

#include "lib/tunnel.h"
#include "mobile/link_watch.h"

/*
 * The sockets towards one home agent, all bound to the care-of address and its interface, so that
 * the tunnel's own packets never follow the routes that lead into it. They live as long as the
 * attachment: RFC 3519 section 4.4 wants the same UDP port for registrations, data and keepalives.
 */
#define AGENT_SOCKET_RAW_MAX 3

struct agent_socket {
	int udp_fd;
	be16 port_be;			   /* of udp_fd */
	int raw_fds[AGENT_SOCKET_RAW_MAX]; /* receive IP-in-IP, and what else was configured */
	int send_fd;			   /* sends whole IP packets */
	be32 care_of;
	char interface[IFNAMSIZ];
};

/* Room for an IP packet, and before it for a header that minimal encapsulation does not need. */
#define AGENT_PACKET_SIZE 65536

/* What came in: a whole IP packet, header included. */
struct agent_packet {
	uint8_t *bytes;
	size_t len;
	be32 src;
	/* UDP only; in the packet too, but handy */
	be16 src_port_be;
	unsigned ifindex; /* where it came by; 0 unless agent_socket_open_foreign() */
	uint8_t *payload;
	size_t payload_len;
};

void agent_socket_init(struct agent_socket *socket); /* nothing open */

/* Opens all of them. 0, or -errno and nothing open. */
int agent_socket_open(struct agent_socket *socket, const struct attachment *attachment,
		      enum tunnel_kind encapsulation);
/* The same for a foreign agent: from the registration port, for every encapsulation, and routed like all of the
 * host. IP packets are received on the interface alone; of UDP the caller looks where it came by. */
int agent_socket_open_foreign(struct agent_socket *socket, const struct attachment *attachment);
void agent_socket_close(struct agent_socket *socket); /* not open: fine */

/* Sends a registration message to a port of `home_agent`. 0, or -errno. */
int agent_socket_send_message(const struct agent_socket *socket, be32 home_agent, be16 port_be,
			      const void *message, size_t len);

/* Sends an IP packet; the kernel fills in ID and checksum. 0, or -errno. */
int agent_socket_send_packet(const struct agent_socket *socket, const void *packet, size_t len);

/* Receives into `buffer`, AGENT_PACKET_SIZE bytes. From UDP, the IP and UDP headers are restored
 * from what the kernel tells. 0, or -errno; -EAGAIN when there is nothing (more). */
int agent_socket_receive_udp(const struct agent_socket *socket, uint8_t *buffer,
			     struct agent_packet *packet);
int agent_socket_receive_raw(int raw_fd, uint8_t *buffer, struct agent_packet *packet);

/* An ICMP error about what was sent. */
struct agent_error {
	be32 dst;	 /* of the packet that it is about */
	bool is_too_big; /* a path MTU has become known */
	bool is_unreachable;
	uint8_t code; /* is_unreachable only */
};

/* Takes one of the ICMP errors that wait at `fd`; false when there is none. */
bool agent_socket_next_error(int fd, struct agent_error *error);

/* Takes the ICMP errors that wait at `fd`; true when one said that packets were too big. */
bool agent_socket_take_errors(int fd);

/* The path MTU to `home_agent` as the kernel knows it, or 0. */
unsigned agent_socket_path_mtu(const struct agent_socket *socket, be32 home_agent);

#endif
