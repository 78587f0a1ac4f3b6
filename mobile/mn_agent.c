/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_agent.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>

#include "mobile/mn_code.h"
#include "mobile/mn_daemon.h"

/* Packets taken from a socket before the others have their turn. */
#define BURST 64
/* RFC 6335 section 6: dynamic ports. */
#define PORTS_FIRST 49152
#define PORTS_COUNT 16384

void
mn_agent_init(struct mn_agent *agent, struct mn_daemon *daemon, struct mn_track *track,
	      unsigned index, uint16_t echo_id)
{
	struct mn_registration *registration = &track->registrations[index];

	*agent = (struct mn_agent){
		.daemon = daemon,
		.track = track,
		.config = registration->config,
		.registration = registration,
		.logged_state = MN_OFFLINE,
		.log_limit = {.per_sec = 5},
	};
	agent_socket_init(&agent->socket);
	mn_keepalive_init(&agent->keepalive, &daemon->config->keepalive, echo_id);
}

/* The operator hears about it at the layer that knows the agent's name. */
static void
log_reply(struct mn_agent *agent, enum mn_verdict verdict)
{
	const struct mn_registration *registration = agent->registration;

	if (verdict == MN_REPLY_ACCEPTED || !log_limit_allows(&agent->log_limit))
		return;
	if (verdict == MN_REPLY_DENIED)
		log_warnx("%s: registration denied, code %u: %s", agent->config->name,
			  registration->last_code, mn_code_text(registration->last_code));
	else
		log_warnx("%s: registration reply %s: %s", agent->config->name,
			  verdict == MN_REPLY_NOT_TRUSTED ? "not relied on" : "discarded",
			  mn_verdict_text(verdict));
}

void
mn_agent_take_reply(struct mn_agent *agent, const struct agent_packet *packet)
{
	struct mn_instant at = mn_daemon_instant();
	unsigned effects = 0;
	enum mn_verdict verdict;

	verdict = mn_registration_reply(agent->registration, packet->src, packet->payload,
					packet->payload_len, &at, &effects);
	log_reply(agent, verdict);
	if (verdict < MN_REPLY_MALFORMED)
		mn_roaming_learn(&agent->daemon->roaming, agent->track,
				 (unsigned)(agent - agent->track->agents));
	mn_daemon_settle(agent->daemon, agent, effects);
}

static void
take_tunnelled(struct mn_agent *agent, const struct agent_packet *packet)
{
	enum mn_open_verdict verdict = MN_OPEN_WRONG_END;
	uint8_t *inner;
	size_t inner_len;

	if (agent->has_tunnel)
		verdict = mn_tunnel_open(&agent->tunnel, packet->bytes, packet->len, &inner,
					 &inner_len);
	if (verdict != MN_OPEN_FINE) {
		agent->refused[verdict]++;
		if (!agent->has_tunnel)
			mn_traffic_notice(&agent->daemon->traffic, mono_now());
		return;
	}
	agent->received_packets++;
	agent->received_bytes += inner_len;
	if (mn_keepalive_answer(&agent->keepalive, agent->tunnel.spec.home_agent, inner, inner_len,
				mono_now())) {
		mn_daemon_rearm(agent->daemon);
		return;
	}
	mn_traffic_deliver(&agent->daemon->traffic, agent, inner, inner_len);
}

void
mn_agent_take_native(struct mn_agent *agent, const uint8_t *packet, size_t len)
{
	if (!agent->has_tunnel) {
		agent->refused[MN_OPEN_WRONG_END]++;
		return;
	}
	agent->received_packets++;
	agent->received_bytes += len;
	mn_traffic_deliver(&agent->daemon->traffic, agent, packet, len);
}

static void
on_udp(evutil_socket_t fd, short what, void *context)
{
	struct mn_agent *agent = context;
	struct agent_packet packet;
	bool is_tunnelled;

	if (agent_socket_take_errors(fd))
		mn_daemon_path_changed(agent->daemon);
	for (unsigned i = 0; i < BURST; i++) {
		if (agent_socket_receive_udp(&agent->socket, agent->daemon->packet, &packet) != 0)
			return;
		if (packet.src_port_be != htobe16(MIP_PORT) || packet.payload_len == 0)
			continue;
		is_tunnelled = packet.payload[0] == MIP_TUNNEL_DATA;
		if (is_tunnelled && (!agent->has_tunnel || tunnel_is_udp(agent->tunnel.spec.kind)))
			take_tunnelled(agent, &packet);
		else if (is_tunnelled)
			agent->refused[MN_OPEN_WRONG_KIND]++;
		else
			mn_agent_take_reply(agent, &packet);
	}
}

static void
on_raw(evutil_socket_t fd, short what, void *context)
{
	struct mn_agent *agent = context;
	struct agent_packet packet;

	if (agent_socket_take_errors(fd))
		mn_daemon_path_changed(agent->daemon);
	for (unsigned i = 0; i < BURST; i++) {
		if (agent_socket_receive_raw(fd, agent->daemon->packet, &packet) != 0)
			return;
		/* every agent's raw socket sees every agent's packets */
		if (packet.src != agent->registration->home_agent)
			continue;
		/* RFC 3519 section 4.7: what was negotiated for UDP comes in UDP */
		if (agent->has_tunnel && tunnel_is_udp(agent->tunnel.spec.kind))
			agent->refused[MN_OPEN_WRONG_KIND]++;
		else
			take_tunnelled(agent, &packet);
	}
}

static int
watch(struct mn_agent *agent, unsigned slot, int fd, event_callback_fn on_readable)
{
	if (fd < 0)
		return 0;
	agent->events[slot] =
		event_new(agent->daemon->base, fd, EV_READ | EV_PERSIST, on_readable, agent);
	if (agent->events[slot] == NULL || event_add(agent->events[slot], NULL) != 0)
		return -ENOMEM;
	return 0;
}

/* Another port at every attachment, another one for every agent of the track. */
static void
visit(struct mn_agent *agent, bool is_home)
{
	struct mn_instant at = mn_daemon_instant();
	unsigned index = (unsigned)(agent - agent->track->agents);
	unsigned random = at.random % (PORTS_COUNT / MN_AGENTS_MAX);

	agent->visit = &agent->daemon->visits[agent->track->index];
	agent->visit_port_be = htobe16((uint16_t)(PORTS_FIRST + random * MN_AGENTS_MAX + index));
	if (is_home)
		mn_registration_set_home(agent->registration, true);
	else
		mn_registration_set_foreign(agent->registration, &agent->visit->foreign);
}

bool
mn_agent_is_home(const struct mn_agent *agent, const struct attachment *attachment)
{
	return attachment->home_agent != 0 &&
	       attachment->home_agent == agent->registration->home_agent &&
	       agent->registration->home_address != 0;
}

int
mn_agent_attach(struct mn_agent *agent, const struct attachment *attachment)
{
	bool is_home = mn_agent_is_home(agent, attachment);
	int result;

	mn_agent_detach(agent);
	agent->has_moved = true;
	if (is_home || attachment->foreign_agent != 0) {
		visit(agent, is_home);
		return 0;
	}
	if (attachment->care_of == 0)
		return 0;
	result = agent_socket_open(&agent->socket, attachment, agent->config->encapsulation);
	if (result == 0)
		result = watch(agent, 0, agent->socket.udp_fd, on_udp);
	for (unsigned i = 0; result == 0 && i < AGENT_SOCKET_RAW_MAX; i++)
		result = watch(agent, 1 + i, agent->socket.raw_fds[i], on_raw);
	if (result != 0)
		mn_agent_detach(agent);
	return result;
}

void
mn_agent_detach(struct mn_agent *agent)
{
	for (unsigned i = 0; i < ARRAY_COUNT(agent->events); i++) {
		if (agent->events[i] != NULL)
			event_free(agent->events[i]);
		agent->events[i] = NULL;
	}
	agent_socket_close(&agent->socket);
	agent->visit = NULL;
	agent->visit_port_be = 0;
	mn_registration_set_foreign(agent->registration, NULL);
	mn_registration_set_home(agent->registration, false);
	agent->has_tunnel = false;
	mn_keepalive_stop(&agent->keepalive);
}

void
mn_agent_send_request(struct mn_agent *agent)
{
	const struct mn_registration *registration = agent->registration;
	int result;

	if (agent->visit != NULL)
		result = mn_visit_send_request(agent->visit, agent);
	else
		result = agent_socket_send_message(&agent->socket, registration->home_agent,
						   htobe16(MIP_PORT), registration->request,
						   registration->request_len);
	if (result != 0 && log_limit_allows(&agent->log_limit))
		log_warn(-result, "%s: registration request not sent", agent->config->name);
}

static bool
is_same_tunnel(const struct mn_tunnel_spec *a, const struct mn_tunnel_spec *b)
{
	return a->kind == b->kind && a->home_address == b->home_address &&
	       a->care_of == b->care_of && a->home_agent == b->home_agent &&
	       a->port_be == b->port_be && a->reverse == b->reverse && a->link_mtu == b->link_mtu;
}

void
mn_agent_update_tunnel(struct mn_agent *agent, struct mono_time now)
{
	unsigned link_mtu = mn_track_link_mtu(agent->track, agent);
	const struct mn_registration *registration = agent->registration;
	const struct mn_grant *grant = &registration->grant;
	struct mn_tunnel_spec spec = {
		.kind = grant->kind,
		.home_address = registration->home_address,
		.care_of = grant->care_of,
		.home_agent = registration->home_agent,
		.port_be = agent->socket.port_be,
		.reverse = grant->reverse,
		.broadcasts = agent->config->broadcasts,
		.link_mtu = link_mtu > UINT16_MAX ? UINT16_MAX : (uint16_t)link_mtu,
	};

	if (!mn_registration_carries(registration)) {
		agent->has_tunnel = false;
		mn_keepalive_stop(&agent->keepalive);
		return;
	}
	if (!agent->has_tunnel || !is_same_tunnel(&agent->tunnel.spec, &spec)) {
		agent->has_tunnel = mn_tunnel_init(&agent->tunnel, &spec) == 0;
		if (!agent->has_tunnel)
			log_warnx("%s: link MTU %u is too small for the tunnel",
				  agent->config->name, link_mtu);
	}
	if (!tunnel_is_udp(spec.kind))
		mn_keepalive_stop(&agent->keepalive);
	else if (!agent->keepalive.is_running || agent->keepalive_grant.ns != grant->expires.ns)
		mn_keepalive_start(&agent->keepalive, grant->keepalive_sec, agent->has_moved, now);
	agent->keepalive_grant = grant->expires;
	agent->has_moved = false;
}

/* As the foreign agent wants it, or at home, or inside the tunnel. 0, or -errno. */
static int
transmit(const struct mn_agent *agent, uint8_t *packet, size_t len)
{
	uint8_t *outer;
	size_t outer_len;
	int result;

	if (!agent->has_tunnel)
		return -ENOTCONN;
	if (agent->visit != NULL)
		return mn_visit_send_packet(agent->visit, agent->tunnel.spec.home_address, packet,
					    len);
	result = mn_tunnel_push(&agent->tunnel, packet, len, &outer, &outer_len);
	return result != 0 ? result : agent_socket_send_packet(&agent->socket, outer, outer_len);
}

void
mn_agent_send(struct mn_agent *agent, uint8_t *packet, size_t len, struct mono_time now)
{
	if (transmit(agent, packet, len) != 0) {
		agent->unsent_packets++;
		return;
	}
	agent->sent_packets++;
	agent->sent_bytes += len;
	if (agent->keepalive.is_running)
		mn_keepalive_data_sent(&agent->keepalive, now);
}

static void
send_keepalive(struct mn_agent *agent, struct mono_time now)
{
	uint8_t buffer[MN_TUNNEL_HEADROOM + MN_KEEPALIVE_PACKET_SIZE];
	uint8_t *packet = buffer + MN_TUNNEL_HEADROOM;

	mn_keepalive_build(&agent->keepalive, agent->tunnel.spec.home_address,
			   agent->tunnel.spec.home_agent, packet);
	mn_agent_send(agent, packet, MN_KEEPALIVE_PACKET_SIZE, now);
}

bool
mn_agent_tick(struct mn_agent *agent, struct mono_time now)
{
	switch (mn_keepalive_tick(&agent->keepalive, now)) {
	case MN_KEEPALIVE_SEND:
		send_keepalive(agent, now);
		return false;
	case MN_KEEPALIVE_LOST:
		log_warnx("%s: %u keepalives without an answer: registering again, keepalives "
			  "now every %u s",
			  agent->config->name, agent->keepalive.config->attempts,
			  agent->keepalive.interval_sec);
		return true;
	case MN_KEEPALIVE_NOTHING:
		break;
	}
	return false;
}
