/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_DAEMON_H
#define MOBILE_FA_DAEMON_H

#include "mobile/agent_socket.h"
#include "mobile/fa_advertiser.h"
#include "mobile/fa_link.h"
#include "mobile/fa_routing.h"
#include "mobile/fa_traffic.h"
#include "mobile/mac_check.h"
#include "mobile/tun_device.h"

struct event;
struct event_base;
struct status_server;

#define FA_EVENTS_MAX (3 + AGENT_SOCKET_RAW_MAX + FA_LINK_RAW_MAX)

/* The running foreign agent: glue between link, uplink, kernel and relay. One thread, one event loop. */
struct fa_daemon {
	const struct fa_config *config;
	struct event_base *base;
	struct netlink *netlink;
	struct tun_device tun;
	struct fa_link link;
	struct agent_socket socket; /* towards home agents */
	struct fa_relay *relay;
	struct fa_traffic traffic;
	struct fa_advertiser advertiser;
	struct fa_routing routing;
	unsigned uplink_mtu;
	struct mac_check mac_check; /* of visitors */
	struct status_server *status;
	struct event *readable[FA_EVENTS_MAX];
	unsigned readable_count;
	struct event *advertise_timer;
	struct event *deadline_timer;
	struct event *signals[2];
	bool is_leaving; /* as soon as the home agents know, or have had time to */
	int result;
	struct log_limit log_limit;
	struct token_bucket icmp_pace;
	uint64_t undelivered_packets; /* refused by the kernel */
	uint8_t frame[FA_FRAME_SIZE];
	uint8_t packet[AGENT_PACKET_SIZE];			  /* from a socket */
	uint8_t outbound[MN_TUNNEL_HEADROOM + AGENT_PACKET_SIZE]; /* of a visitor */
};

/* What the control socket answers to "revoke ADDRESS" when that has been done; else it says why not. */
#define FA_COMMAND_DONE "done"

/* Runs until SIGTERM or SIGINT; says farewell, tells home agents and removes everything that was set up. 0, or
 * -errno when it could not start or had to stop. */
int fa_daemon_run(const struct fa_config *config);

#endif
