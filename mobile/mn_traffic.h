/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_TRAFFIC_H
#define MOBILE_MN_TRAFFIC_H

#include "mobile/mn_queue.h"
#include "mobile/mn_roaming.h"
#include "mobile/mn_tunnel.h"

struct event;
struct event_base;

/*
 * User data between this host's programs (the TUN device) and the tunnels. What leaves goes through the
 * track that may send for its home address now, what comes in is taken from tracks that may receive;
 * everything else is dropped here, packet by packet and by the clock; what would leave while nothing may
 * pass waits in a bounded queue. One thread.
 */
#define MN_TRAFFIC_PORTS 2

struct mn_traffic;

/* A TUN device. */
struct mn_traffic_port {
	struct mn_traffic *traffic;
	struct event *readable;
	int fd;
};

struct mn_traffic {
	struct mn_roaming *roaming;
	struct mn_traffic_port
		ports[MN_TRAFFIC_PORTS]; /* i-HAs', x-HAs'; the latter may be unused */
	int result; /* 0, or -errno: the device is no more, and the loop was ended */
	struct event_base *base;
	void (*wake)(void *context); /* traffic came while the carrier dozed */
	void *context;
	struct mn_queue queue;
	uint64_t homeless_packets; /* from a TUN device, with a source that is no home address */
	uint64_t undelivered_packets;
	uint64_t stopped_packets; /* dropped, either way, because they may not pass */
	uint64_t
		unprotected_packets; /* dropped, either way: outside the VPN, and not of the VPN itself */
	uint64_t queued_packets, released_packets;
	uint64_t expired_packets; /* were queued too long, or the connection changed meanwhile */
	uint8_t outbound[MN_TUNNEL_HEADROOM + AGENT_PACKET_SIZE];
};

/* `wake` and `context` are the caller's to set. `external_fd` is the TUN device of the x-HAs' home
 * addresses, -1 when those are on the other's, too. All must outlive it. 0, or -ENOMEM; mn_traffic_close() in
 * any case. */
int mn_traffic_open(struct mn_traffic *traffic, struct event_base *base, int tun_fd,
		    int external_fd, struct mn_roaming *roaming);
void mn_traffic_close(struct mn_traffic *traffic); /* of zeros: fine */

/* User data may pass again, perhaps: what is queued leaves, or is dropped. After everything that happens
 * to the roaming. */
void mn_traffic_release(struct mn_traffic *traffic, struct mono_time now);

/* User data came or went. */
void mn_traffic_notice(struct mn_traffic *traffic, struct mono_time now);

/* Hands a packet that came out of `agent`'s tunnel to the programs of this host, or drops it when user
 * data may not pass now. */
void mn_traffic_deliver(struct mn_traffic *traffic, const struct mn_agent *agent,
			const uint8_t *packet, size_t len);

#endif
