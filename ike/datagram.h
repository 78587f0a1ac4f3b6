/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_DATAGRAM_H
#define IKE_DATAGRAM_H

#include "lib/ike_message.h"

struct box_link;
struct socket_t;

/*
 * charon's socket: IKE messages that the box received and shall send. The non-ESP marker stays where it is
 * on the wire: charon's own sender and receiver put it on and take it off when no port is 500.
 */
struct socket_t *datagram_create(void);
/* Where it sends to. */
void datagram_set_link(struct socket_t *socket, struct box_link *link);
/* Its own destroy() does nothing: datagrams may still come then. */
void datagram_destroy(struct socket_t *socket);

/* One came from the box; dropped when DATAGRAM_QUEUE_MAX wait already. The receiving thread. */
void
datagram_arrived(struct socket_t *socket, const struct ike_datagram *datagram, const uint8_t *data);

#define DATAGRAM_QUEUE_MAX 1024

#endif
