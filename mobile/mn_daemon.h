/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_DAEMON_H
#define MOBILE_MN_DAEMON_H

#include <stdbool.h>

#include "mobile/link_watch.h"
#include "mobile/mn_dns.h"
#include "mobile/mn_roaming.h"
#include "mobile/mn_traffic.h"
#include "mobile/mn_visit.h"
#include "mobile/routing.h"
#include "mobile/tun_device.h"

struct event;
struct event_base;
struct mn_vpn_daemon;
struct status_server;

/* The running mobile node: glue between kernel, tracks and tunnels. One thread, one event loop. */
struct mn_daemon {
	const struct mn_config *config;
	struct event_base *base;
	struct mip_auth *auth;
	struct netlink *netlink;
	struct tun_device tun,
		external; /* the latter is open only when the configuration names it */
	struct routing routing;
	struct link_watch *link_watch;
	struct status_server *status;
	struct event *timer;
	struct event *signals[2];
	struct mn_track tracks[MN_TRACKS_MAX];	   /* one an interface, same order; the VPN's */
	struct mn_visit visits[MN_INTERFACES_MAX]; /* same order as the interfaces */
	struct mn_roaming roaming;
	struct mn_traffic traffic;
	struct mn_vpn_daemon *vpn; /* NULL: none is configured */
	struct mn_dns dns;
	unsigned moves_logged;
	bool data_passes; /* as it was logged */
	bool is_leaving;
	struct mono_time leave_by;	   /* is_leaving only */
	uint8_t packet[AGENT_PACKET_SIZE]; /* the packet at hand, from a socket */
};

/* Runs until SIGTERM or SIGINT; gives bindings back and removes everything that was set up. 0,
 * or -errno when it could not start or had to stop. */
int mn_daemon_run(const struct mn_config *config);

/* The present moment, with fresh random bits. */
struct mn_instant mn_daemon_instant(void);

/* Carries out what an event at `agent`'s registration asked for, and what follows from it. */
void mn_daemon_settle(struct mn_daemon *daemon, const struct mn_agent *agent, unsigned effects);

/* The connection status of track `index` changed; mn_daemon_move() follows. User data stops at once. */
void mn_daemon_interrupt(struct mn_daemon *daemon, unsigned index);

/* Track `index` is attached here now; care-of address 0: nowhere. */
void mn_daemon_move(struct mn_daemon *daemon, unsigned index, const struct attachment *attachment);

/* See mn_roaming_keep_x_ha(). */
void mn_daemon_keep_x_ha(struct mn_daemon *daemon, bool keeps);

/* Gives all bindings back; then the loop ends. */
void mn_daemon_leave(struct mn_daemon *daemon);

/* A deadline changed. */
void mn_daemon_rearm(struct mn_daemon *daemon);

/* The kernel has learned another path MTU. */
void mn_daemon_path_changed(struct mn_daemon *daemon);

#endif
