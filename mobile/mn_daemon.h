/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_DAEMON_H
#define MOBILE_MN_DAEMON_H

#include <stdbool.h>

#include "mobile/link_watch.h"
#include "mobile/mn_agent.h"
#include "mobile/mn_moves.h"
#include "mobile/mn_policy.h"
#include "mobile/routing.h"
#include "mobile/tun_device.h"

struct event;
struct event_base;
struct status_server;

/* The running mobile node: glue between kernel, registrations and tunnels. One thread, one event
 * loop. */
struct mn_daemon {
	const struct mn_config *config;
	struct event_base *base;
	struct mip_auth *auth;
	struct netlink *netlink;
	struct tun_device tun;
	struct routing routing;
	struct link_watch *link_watch;
	struct status_server *status;
	struct event *tun_readable;
	struct event *timer;
	struct event *signals[2];
	struct attachment attachment;
	struct mn_registration registrations[MN_AGENTS_MAX];
	struct mn_agent agents[MN_AGENTS_MAX]; /* same order */
	struct mn_policy policy;
	struct mn_moves moves;
	bool is_leaving;
	struct mono_time leave_by; /* is_leaving only */
	int result;
	uint64_t homeless_packets; /* from the TUN device, without a tunnel that owns the source */
	uint64_t undelivered_packets;
	uint64_t stopped_packets;	   /* either way, while the detection kept user data back */
	uint8_t packet[AGENT_PACKET_SIZE]; /* the packet at hand, from a socket */
	uint8_t outbound[MN_TUNNEL_HEADROOM + AGENT_PACKET_SIZE]; /* from the TUN device */
};

/* Runs until SIGTERM or SIGINT; gives bindings back and removes everything that was set up. 0,
 * or -errno when it could not start or had to stop. */
int mn_daemon_run(const struct mn_config *config);

/* The present moment, with fresh random bits. */
struct mn_instant mn_daemon_instant(void);

/* Carries out what an event at `agent`'s registration asked for, and what the policy makes of
 * it. */
void mn_daemon_settle(struct mn_daemon *daemon, const struct mn_agent *agent, unsigned effects);

/* A deadline changed. */
void mn_daemon_rearm(struct mn_daemon *daemon);

/* The kernel has learned another path MTU. */
void mn_daemon_path_changed(struct mn_daemon *daemon);

/* Hands a packet that came out of `agent`'s tunnel to the programs of this host, or drops it when
 * user data may not pass now. */
void mn_daemon_deliver(struct mn_daemon *daemon, const struct mn_agent *agent,
		       const uint8_t *packet, size_t len);

#endif
