/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_TRAFFIC_H
#define MOBILE_FA_TRAFFIC_H

#include "mobile/agent_socket.h"
#include "mobile/fa_visitor.h"

/* Packets of visitors, to and from the tunnels, on bytes: no sockets but to send. One thread. */
struct fa_traffic {
	struct fa_visitors *visitors;
	/* `packet` does not fit into its sender's reverse tunnel, and must not be fragmented. */
	void (*on_too_big)(void *context, const struct fa_visitor *visitor, const uint8_t *packet,
			   size_t len);
	void *context;
	uint64_t strangers_from_agent; /* tunnelled for nobody who is here */
	uint64_t strangers_to_agent;   /* from a source that is no visitor with a reverse tunnel */
	uint64_t too_big;	       /* for the reverse tunnel */
	uint64_t unsent;	       /* refused by the kernel, or not fit for the tunnel */
	uint64_t refused[MN_OPEN_VERDICT_COUNT];
	uint64_t refused_deliveries[MN_OPEN_VERDICT_COUNT]; /* encapsulated for us, by visitors */
};

/* The destination of the packet that `packet`, a whole outer IP packet, carries in whatever encapsulation of ours;
 * 0: there is none. Reads only. */
be32 fa_traffic_inner_destination(const uint8_t *packet, size_t len);

/* Takes a packet out of its tunnel; it is altered. The visitor that it is for, and the packet inside at `*inner`;
 * NULL: it is counted and done with. */
struct fa_visitor *fa_traffic_open(struct fa_traffic *traffic, uint8_t *packet, size_t len,
				   uint8_t **inner, size_t *inner_len);

/* Takes a visitor's packet out of what he has encapsulated for us (RFC 3024 section 5.2), and puts it into his reverse
 * tunnel. As fa_traffic_push(). */
struct fa_visitor *fa_traffic_relay(struct fa_traffic *traffic, uint8_t *packet, size_t len,
				    uint8_t **outer, size_t *outer_len);

/* Puts a visitor's packet into his reverse tunnel; MN_TUNNEL_HEADROOM bytes before it are writable. NULL: it is
 * counted and done with. */
struct fa_visitor *fa_traffic_push(struct fa_traffic *traffic, uint8_t *packet, size_t len,
				   uint8_t **outer, size_t *outer_len);

#endif
