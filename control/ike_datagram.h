/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_IKE_DATAGRAM_H
#define CONTROL_IKE_DATAGRAM_H

#include "control/inject.h"
#include "lib/drop_reason.h"
#include "lib/ike_message.h"

/* charon's UDP datagrams: it has no sockets of its own, so that what it hears and says takes the box's
 * way, through tunnels and with true addresses. Control core. */

#define IKE_PORT 500
#define IKE_NAT_PORT 4500 /* RFC 3947, RFC 7296 section 2.23 */

/* An IPv4 packet that carries the longest IKE message, with options. */
#define IKE_PACKET_SIZE_MAX (60 + 8 + IKE_DATAGRAM_MAX)

/*
 * Reads the IKE datagram in the IPv4 packet at `packet`, any alignment: `data` points to what stands
 * behind the UDP header, the non-ESP marker included (RFC 3948 section 2.2). DROP_REASON_COUNT, or why it
 * is to be dropped. Pure.
 */
enum drop_reason ike_datagram_parse(const uint8_t *packet, size_t len,
				    struct ike_datagram *datagram, const uint8_t **data);

/* Sends what charon says, data behind the header. 0; -EACCES: not from one of the `gateways` or not from
 * port 500 or 4500; -EINVAL: to nowhere; -ENOBUFS. */
int ike_datagram_send(struct injector *injector, const be32 *gateways, unsigned gateway_count,
		      const struct ike_datagram *datagram);

#endif
