/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_AGENT_H
#define MOBILE_MN_AGENT_H

#include <stdbool.h>

#include "lib/log.h"
#include "mobile/agent_socket.h"
#include "mobile/mn_keepalive.h"
#include "mobile/mn_registration.h"
#include "mobile/mn_tunnel.h"

struct event;
struct mn_daemon;
struct mn_track;
struct mn_visit;

/*
 * All that belongs to one home agent on one track but its registration, which the track keeps side by
 * side with the others': sockets, tunnel, keepalives, counters. The registration decides, this carries out.
 * One thread.
 */
struct mn_agent {
	struct mn_daemon *daemon;
	struct mn_track *track;
	const struct mn_agent_config *config;
	struct mn_registration *registration;
	struct agent_socket socket;
	struct mn_visit
		*visit;	    /* through a foreign agent, or at home, without sockets; else NULL */
	be16 visit_port_be; /* that its requests come from there */
	struct event *events[1 + AGENT_SOCKET_RAW_MAX];
	struct mn_tunnel tunnel; /* while has_tunnel */
	bool has_tunnel;
	bool has_moved; /* since the last grant: keepalives forget the old NAT */
	struct mn_keepalive keepalive;
	struct mono_time keepalive_grant; /* `expires` of the grant that started it last */
	enum mn_state logged_state;
	struct log_limit log_limit;
	uint64_t sent_packets, sent_bytes, received_packets, received_bytes;
	uint64_t unsent_packets; /* refused by the kernel, or not fit for the tunnel */
	uint64_t refused[MN_OPEN_VERDICT_COUNT];
};

/* That of `track`'s registration `index`. */
void mn_agent_init(struct mn_agent *agent, struct mn_daemon *daemon, struct mn_track *track,
		   unsigned index, uint16_t echo_id);

/* True when `attachment` is on the home link of its home address. */
bool mn_agent_is_home(const struct mn_agent *agent, const struct attachment *attachment);

/* Opens the sockets anew at `attachment`, or only closes them when there is none. 0, or -errno. */
int mn_agent_attach(struct mn_agent *agent, const struct attachment *attachment);

/* Closes sockets and tunnel. */
void mn_agent_detach(struct mn_agent *agent);

/* A registration message came, from whoever `packet` says. */
void mn_agent_take_reply(struct mn_agent *agent, const struct agent_packet *packet);

/* A whole packet for the home address came from the foreign agent, or at home. */
void mn_agent_take_native(struct mn_agent *agent, const uint8_t *packet, size_t len);

/* Sends the registration's request. */
void mn_agent_send_request(struct mn_agent *agent);

/* Makes the tunnel what the registration says. */
void mn_agent_update_tunnel(struct mn_agent *agent, struct mono_time now);

/* Sends a packet of the home address through the tunnel; MN_TUNNEL_HEADROOM bytes before it are
 * writable. */
void mn_agent_send(struct mn_agent *agent, uint8_t *packet, size_t len, struct mono_time now);

/* Keepalives whose time has come. True when the mapping is lost and the registration must be
 * renewed. */
bool mn_agent_tick(struct mn_agent *agent, struct mono_time now);

#endif
