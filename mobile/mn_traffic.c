/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_traffic.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/wire_ip.h"
#include "mobile/mn_vpn_guard.h"

/* Packets taken from the TUN device before the others have their turn. */
#define BURST 64

/* The home agent whose home address is `source`; -1: none. */
static int
agent_of(const struct mn_roaming *roaming, be32 source)
{
	for (unsigned i = 0; source != 0 && i < roaming->config->agent_count; i++) {
		if (mn_roaming_home(roaming, i) == source)
			return (int)i;
	}
	return -1;
}

/* It may not leave. While nothing may, it waits; what other home addresses' data may pass for, it does
 * not. */
static void
hold_back(struct mn_traffic *traffic, unsigned agent, const uint8_t *packet, size_t len,
	  struct mono_time now)
{
	if (!mn_roaming_is_open(traffic->roaming, now) &&
	    mn_queue_put(&traffic->queue, agent, packet, len, now))
		traffic->queued_packets++;
	else
		traffic->stopped_packets++;
}

static void
release(struct mn_traffic *traffic, struct mn_queued *queued, struct mono_time now)
{
	struct mn_roaming *roaming = traffic->roaming;
	struct mono_time end = mono_add_ms(queued->at, roaming->config->queue.age_ms);
	int track = mn_roaming_releaser(roaming, queued->agent, queued->at, now);

	if (track < 0 || !mono_is_before(now, end)) {
		traffic->expired_packets++;
		return;
	}
	traffic->released_packets++;
	mn_agent_send(&roaming->tracks[track].agents[queued->agent],
		      queued->buffer + MN_TUNNEL_HEADROOM, queued->len, now);
}

void
mn_traffic_release(struct mn_traffic *traffic, struct mono_time now)
{
	struct mn_queued queued;

	if (!mn_roaming_is_open(traffic->roaming, now))
		return;
	while (mn_queue_take(&traffic->queue, &queued)) {
		release(traffic, &queued, now);
		free(queued.buffer);
	}
}

void
mn_traffic_notice(struct mn_traffic *traffic, struct mono_time now)
{
	if (traffic->roaming->config->detect.idle && mn_roaming_traffic(traffic->roaming, now))
		traffic->wake(traffic->context);
}

static void
send_outbound(struct mn_traffic *traffic, uint8_t *packet, size_t len, struct mono_time now)
{
	const struct ip_header *ip = (const struct ip_header *)packet;
	int agent = -1, track;

	if (len >= sizeof(*ip) && ip->version_ihl >> 4 == 4)
		agent = agent_of(traffic->roaming, ip->src);
	if (agent < 0) {
		traffic->homeless_packets++;
		return;
	}
	if (!mn_vpn_guard_admits(traffic->roaming->config, (unsigned)agent, packet, len)) {
		traffic->unprotected_packets++;
		return;
	}
	track = mn_roaming_sender(traffic->roaming, (unsigned)agent, now);
	if (track < 0)
		hold_back(traffic, (unsigned)agent, packet, len, now);
	else
		mn_agent_send(&traffic->roaming->tracks[track].agents[agent], packet, len, now);
	mn_traffic_notice(traffic, now);
}

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
	struct mn_traffic *traffic = ((struct mn_traffic_port *)context)->traffic;
	uint8_t *packet = traffic->outbound + MN_TUNNEL_HEADROOM;
	struct mono_time now = mono_now();
	ssize_t len;

	for (unsigned i = 0; i < BURST; i++) {
		len = read(fd, packet, AGENT_PACKET_SIZE);
		if (len <= 0)
			break;
		send_outbound(traffic, packet, (size_t)len, now);
	}
	if (len < 0 && errno != EAGAIN && errno != EINTR && errno != EIO) {
		/* EIO: the device is down for a moment; all else is for good */
		traffic->result = -errno;
		log_error(errno, "the TUN device cannot be read any more");
		event_base_loopexit(traffic->base, NULL);
	}
}

static int
open_port(struct mn_traffic *traffic, unsigned index, int fd)
{
	struct mn_traffic_port *port = &traffic->ports[index];

	port->traffic = traffic;
	port->fd = fd;
	port->readable = event_new(traffic->base, fd, EV_READ | EV_PERSIST, on_readable, port);
	if (port->readable == NULL || event_add(port->readable, NULL) != 0)
		return -ENOMEM;
	return 0;
}

int
mn_traffic_open(struct mn_traffic *traffic, struct event_base *base, int tun_fd, int external_fd,
		struct mn_roaming *roaming)
{
	int result;

	traffic->roaming = roaming;
	traffic->base = base;
	result = open_port(traffic, 0, tun_fd);
	if (result == 0 && external_fd >= 0)
		result = open_port(traffic, 1, external_fd);
	return result != 0 ? result
			   : mn_queue_init(&traffic->queue, roaming->config->queue.packets);
}

void
mn_traffic_close(struct mn_traffic *traffic)
{
	for (unsigned i = 0; i < MN_TRAFFIC_PORTS; i++) {
		if (traffic->ports[i].readable != NULL)
			event_free(traffic->ports[i].readable);
		traffic->ports[i].readable = NULL;
	}
	mn_queue_fini(&traffic->queue);
}

/* Where the home address of agent `index` is. */
static int
fd_of(const struct mn_traffic *traffic, unsigned index)
{
	bool is_external = traffic->ports[1].readable != NULL &&
			   traffic->roaming->config->agents[index].role == MN_ROLE_X_HA;

	return traffic->ports[is_external].fd;
}

void
mn_traffic_deliver(struct mn_traffic *traffic, const struct mn_agent *agent, const uint8_t *packet,
		   size_t len)
{
	unsigned index = (unsigned)(agent - agent->track->agents);
	struct mono_time now = mono_now();

	mn_traffic_notice(traffic, now);
	if (!mn_roaming_admits(traffic->roaming, agent->track, index, now))
		traffic->stopped_packets++;
	else if (!mn_vpn_guard_admits(traffic->roaming->config, index, packet, len))
		traffic->unprotected_packets++;
	else if (write(fd_of(traffic, index), packet, len) != (ssize_t)len)
		traffic->undelivered_packets++;
}
