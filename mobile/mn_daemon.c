/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_daemon.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/time.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "lib/log.h"
#include "mobile/status_json.h"
#include "mobile/status_server.h"

/* Packets taken from the TUN device before the others have their turn. */
#define BURST 64

struct mn_instant
mn_daemon_instant(void)
{
	struct mn_instant at = {.mono = mono_now()};
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	at.ntp = ntp_from_timespec(wall);
	/* cannot fail for so few bytes once the pool is ready, and it waits for that */
	if (getrandom(&at.random, sizeof(at.random), 0) != (ssize_t)sizeof(at.random))
		at.random = (uint32_t)at.ntp.units;
	return at;
}

static void
take_deadline(struct mono_time candidate, bool is_set, struct mono_time *next)
{
	if (is_set && mono_is_before(candidate, *next))
		*next = candidate;
}

void
mn_daemon_rearm(struct mn_daemon *daemon)
{
	struct mono_time next = {UINT64_MAX}, now = mono_now(), when;
	struct timeval delay;
	uint64_t ns;

	for (unsigned i = 0; i < daemon->config->agent_count; i++) {
		bool is_set = mn_registration_deadline(&daemon->registrations[i], &when);

		take_deadline(when, is_set, &next);
		is_set = mn_keepalive_deadline(&daemon->agents[i].keepalive, &when);
		take_deadline(when, is_set, &next);
	}
	if (!daemon->is_leaving) {
		bool is_set = mn_detect_deadline(&daemon->policy.detect, &when);

		take_deadline(when, is_set, &next);
	}
	take_deadline(daemon->leave_by, daemon->is_leaving, &next);
	if (next.ns == UINT64_MAX) {
		event_del(daemon->timer);
		return;
	}
	/* rounded up, so that the deadline has passed when the timer fires */
	ns = mono_is_before(now, next) ? next.ns - now.ns + 999 : 0;
	delay = (struct timeval){(time_t)(ns / NS_PER_SEC), (suseconds_t)(ns % NS_PER_SEC / 1000)};
	event_add(daemon->timer, &delay);
}

static void
log_state(struct mn_daemon *daemon, struct mn_agent *agent)
{
	const struct mn_registration *registration = agent->registration;
	char home[ADDRESS_TEXT_SIZE], care_of[ADDRESS_TEXT_SIZE];

	if (registration->state == agent->logged_state)
		return;
	agent->logged_state = registration->state;
	if (registration->state == MN_REGISTERED)
		log_info("%s: registered %s at %s on %s, %s, for %u s", agent->config->name,
			 address_format(registration->home_address, home),
			 address_format(registration->grant.care_of, care_of),
			 daemon->attachment.interface, tunnel_kind_name(registration->grant.kind),
			 registration->grant.lifetime_sec);
	else
		log_info("%s: %s", agent->config->name, mn_state_name(registration->state));
}

static unsigned
link_mtu_of(const struct mn_daemon *daemon, const struct mn_agent *agent)
{
	unsigned path_mtu = agent_socket_path_mtu(&agent->socket, agent->registration->home_agent);

	return path_mtu != 0 && path_mtu < daemon->attachment.mtu ? path_mtu
								  : daemon->attachment.mtu;
}

/* The smallest of what the tunnels take, so that nothing needs fragmenting outside. */
static void
update_mtu(struct mn_daemon *daemon)
{
	unsigned mtu = UINT16_MAX;
	int result;

	for (unsigned i = 0; i < daemon->config->agent_count; i++) {
		const struct mn_agent *agent = &daemon->agents[i];

		if (agent->has_tunnel && mn_tunnel_mtu(&agent->tunnel) < mtu)
			mtu = mn_tunnel_mtu(&agent->tunnel);
	}
	if (mtu == UINT16_MAX || (daemon->config->tun.mtu != 0 && daemon->config->tun.mtu < mtu))
		mtu = daemon->config->tun.mtu;
	if (mtu == 0)
		return;
	result = routing_set_mtu(&daemon->routing, mtu);
	if (result != 0)
		log_warn(-result, "%s: MTU %u cannot be set", daemon->tun.name, mtu);
}

/* The home address that new sessions use: the active registration's; without one, as configured,
 * the last or any, so that nothing leaves in the clear, or none. */
static be32
source_of(const struct mn_daemon *daemon)
{
	int active = daemon->policy.detect.active;

	if (active >= 0)
		return daemon->registrations[active].home_address;
	if (daemon->config->routing.direct_when_offline)
		return 0;
	if (daemon->routing.source != 0)
		return daemon->routing.source;
	for (unsigned i = 0; i < daemon->config->agent_count; i++) {
		if (daemon->routing.homes[i] != 0)
			return daemon->routing.homes[i];
	}
	return 0;
}

static void
update_routing(struct mn_daemon *daemon)
{
	int result = 0;

	for (unsigned i = 0; result == 0 && i < daemon->config->agent_count; i++)
		result = routing_set_home(&daemon->routing, i,
					  daemon->registrations[i].home_address);
	if (result == 0)
		result = routing_set_source(&daemon->routing, source_of(daemon));
	if (result != 0)
		log_warn(-result, "addresses and routes of %s cannot be set", daemon->tun.name);
	update_mtu(daemon);
}

static bool
is_farewell_over(const struct mn_daemon *daemon)
{
	for (unsigned i = 0; i < daemon->config->agent_count; i++) {
		if (daemon->registrations[i].state == MN_DEREGISTERING)
			return false;
	}
	return true;
}

/* Carries out what the detection asks about user data. The packets themselves are held back one by
 * one, see mn_detect_admits(). */
static void
take_actions(struct mn_daemon *daemon, unsigned actions, struct mono_time now)
{
	const struct mn_detect *detect = &daemon->policy.detect;
	struct mn_move move = {
		.place = detect->place,
		.why = detect->why,
		.care_of = daemon->attachment.care_of,
		.opened = now,
	};

	if ((actions & MN_ACTION_STOP_DATA) != 0) {
		mn_moves_stop(&daemon->moves, now);
		if (detect->active < 0)
			log_info("user data stops: %s", mn_why_text(detect->why));
	}
	if ((actions & MN_ACTION_OPEN_DATA) == 0 || detect->active < 0)
		return;
	memcpy(move.interface, daemon->attachment.interface, sizeof(move.interface));
	move = *mn_moves_open(&daemon->moves, &move);
	log_info("%s: %s; user data passes by the %s after %llu ms", mn_place_name(move.place),
		 mn_why_text(move.why), daemon->agents[detect->active].config->name,
		 (unsigned long long)move.interruption_ms);
}

/* Carries out `effects`, one entry an agent, and what follows from them. */
static void
settle(struct mn_daemon *daemon, unsigned *effects)
{
	struct mn_instant at = mn_daemon_instant();
	unsigned count = daemon->config->agent_count, actions = 0;
	bool is_changed;

	if (!daemon->is_leaving) {
		actions = mn_policy_settle(&daemon->policy, &at, effects);
		take_actions(daemon, actions, at.mono);
	}
	is_changed = actions != 0;
	for (unsigned i = 0; i < count; i++) {
		struct mn_agent *agent = &daemon->agents[i];

		if ((effects[i] & MN_SEND) != 0)
			mn_agent_send_request(agent);
		if ((effects[i] & MN_CHANGED) != 0) {
			mn_agent_update_tunnel(agent, link_mtu_of(daemon, agent), at.mono);
			log_state(daemon, agent);
			is_changed = true;
		}
	}
	if (is_changed && !daemon->is_leaving)
		update_routing(daemon);
	if (daemon->is_leaving && is_farewell_over(daemon))
		event_base_loopexit(daemon->base, NULL);
	mn_daemon_rearm(daemon);
}

void
mn_daemon_settle(struct mn_daemon *daemon, const struct mn_agent *agent, unsigned agent_effects)
{
	unsigned effects[MN_AGENTS_MAX] = {0};

	effects[agent - daemon->agents] = agent_effects;
	settle(daemon, effects);
}

void
mn_daemon_path_changed(struct mn_daemon *daemon)
{
	unsigned effects[MN_AGENTS_MAX] = {0};

	for (unsigned i = 0; i < daemon->config->agent_count; i++)
		effects[i] = MN_CHANGED;
	settle(daemon, effects);
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	struct mn_daemon *daemon = context;
	struct mn_instant at = mn_daemon_instant();
	unsigned effects[MN_AGENTS_MAX] = {0};

	if (daemon->is_leaving && !mono_is_before(at.mono, daemon->leave_by)) {
		log_warnx("a home agent did not answer the deregistration in time");
		event_base_loopexit(daemon->base, NULL);
		return;
	}
	for (unsigned i = 0; i < daemon->config->agent_count; i++) {
		effects[i] = mn_registration_tick(&daemon->registrations[i], &at);
		if (mn_agent_tick(&daemon->agents[i], at.mono))
			effects[i] |= mn_registration_renew(&daemon->registrations[i], &at);
	}
	settle(daemon, effects);
}

static void
on_interrupted(void *context)
{
	struct mn_daemon *daemon = context;
	struct mono_time now = mono_now();

	if (!daemon->is_leaving)
		take_actions(daemon, mn_policy_interrupt(&daemon->policy, now), now);
}

static void
on_moved(void *context, const struct attachment *attachment)
{
	struct mn_daemon *daemon = context;
	bool is_mtu_only = attachment->care_of == daemon->attachment.care_of &&
			   attachment->ifindex == daemon->attachment.ifindex &&
			   attachment->mtu != daemon->attachment.mtu;
	struct mn_instant at = mn_daemon_instant();
	unsigned effects[MN_AGENTS_MAX] = {0};
	be32 care_of[MN_AGENTS_MAX];
	char text[ADDRESS_TEXT_SIZE];

	daemon->attachment = *attachment;
	if (daemon->is_leaving)
		return;
	if (is_mtu_only) {
		mn_daemon_path_changed(daemon);
		return;
	}
	if (attachment->care_of != 0)
		log_info("attached to %s with care-of address %s", attachment->interface,
			 address_format(attachment->care_of, text));
	else
		log_info("no interface leads to a home agent");
	for (unsigned i = 0; i < daemon->config->agent_count; i++) {
		int result = mn_agent_attach(&daemon->agents[i], attachment);

		/* the address may be gone again already: the next change tells */
		if (result != 0)
			log_warn(-result, "%s: sockets on %s", daemon->agents[i].config->name,
				 attachment->interface);
		care_of[i] = result == 0 ? attachment->care_of : 0;
	}
	take_actions(daemon, mn_policy_move(&daemon->policy, care_of, &at, effects), at.mono);
	settle(daemon, effects);
}

static const struct link_watch_calls link_watch_calls = {on_interrupted, on_moved};

static void
send_outbound(struct mn_daemon *daemon, uint8_t *packet, size_t len, struct mono_time now)
{
	const struct ip_header *ip = (const struct ip_header *)packet;

	if (len >= sizeof(*ip) && ip->version_ihl >> 4 == 4) {
		for (unsigned i = 0; i < daemon->config->agent_count; i++) {
			struct mn_agent *agent = &daemon->agents[i];

			if (agent->has_tunnel && agent->tunnel.spec.home_address == ip->src) {
				if (mn_detect_admits(&daemon->policy.detect, i, now))
					mn_agent_send(agent, packet, len, now);
				else
					daemon->stopped_packets++;
				return;
			}
		}
	}
	daemon->homeless_packets++;
}

static void
on_tun(evutil_socket_t fd, short what, void *context)
{
	struct mn_daemon *daemon = context;
	uint8_t *packet = daemon->outbound + MN_TUNNEL_HEADROOM;
	struct mono_time now = mono_now();
	ssize_t len;

	for (unsigned i = 0; i < BURST; i++) {
		len = read(fd, packet, AGENT_PACKET_SIZE);
		if (len <= 0)
			break;
		send_outbound(daemon, packet, (size_t)len, now);
	}
	if (len < 0 && errno != EAGAIN && errno != EINTR && errno != EIO) {
		/* EIO: the device is down for a moment; all else is for good */
		daemon->result = -errno;
		log_error(errno, "%s cannot be read any more", daemon->tun.name);
		event_base_loopexit(daemon->base, NULL);
	}
}

void
mn_daemon_deliver(struct mn_daemon *daemon, const struct mn_agent *agent, const uint8_t *packet,
		  size_t len)
{
	unsigned index = (unsigned)(agent - daemon->agents);

	if (!mn_detect_admits(&daemon->policy.detect, index, mono_now()))
		daemon->stopped_packets++;
	else if (write(daemon->tun.fd, packet, len) != (ssize_t)len)
		daemon->undelivered_packets++;
}

static void
on_signal(evutil_socket_t number, short what, void *context)
{
	struct mn_daemon *daemon = context;
	struct mn_instant at = mn_daemon_instant();
	unsigned effects[MN_AGENTS_MAX] = {0};

	if (daemon->is_leaving) {
		event_base_loopexit(daemon->base, NULL);
		return;
	}
	log_info("leaving");
	sd_notify(0, "STOPPING=1");
	daemon->is_leaving = true;
	daemon->leave_by = mono_add_ms(at.mono, daemon->config->timing.exit_wait_ms);
	for (unsigned i = 0; i < daemon->config->agent_count; i++)
		effects[i] = mn_registration_stop(&daemon->registrations[i], &at);
	settle(daemon, effects);
}

static int
add_event(struct event *event)
{
	return event != NULL && event_add(event, NULL) == 0 ? 0 : -ENOMEM;
}

static int
create_events(struct mn_daemon *daemon)
{
	static const int numbers[] = {SIGTERM, SIGINT};
	int result = 0;

	daemon->timer = evtimer_new(daemon->base, on_timer, daemon);
	if (daemon->timer == NULL)
		return -ENOMEM;
	daemon->tun_readable =
		event_new(daemon->base, daemon->tun.fd, EV_READ | EV_PERSIST, on_tun, daemon);
	result = add_event(daemon->tun_readable);
	for (unsigned i = 0; result == 0 && i < ARRAY_COUNT(numbers); i++) {
		daemon->signals[i] = evsignal_new(daemon->base, numbers[i], on_signal, daemon);
		result = add_event(daemon->signals[i]);
	}
	return result;
}

static void
init_agents(struct mn_daemon *daemon)
{
	for (unsigned i = 0; i < daemon->config->agent_count; i++) {
		struct mn_instant at = mn_daemon_instant();

		mn_registration_init(&daemon->registrations[i], &daemon->config->agents[i],
				     &daemon->config->timing, daemon->auth);
		mn_agent_init(&daemon->agents[i], daemon, &daemon->registrations[i],
			      &daemon->config->keepalive, (uint16_t)at.random);
	}
	mn_policy_init(&daemon->policy, daemon->registrations, daemon->config->agent_count,
		       &daemon->config->detect, mono_now());
	mn_moves_stop(&daemon->moves, mono_now());
}

/* Everything that can fail before the loop; each with the line that tells the operator. */
static int
open_all(struct mn_daemon *daemon)
{
	const struct mn_config *config = daemon->config;
	const struct status_source source = {
		.program = "homeport-mn",
		.runtime_directory = config->runtime_directory,
		.control_socket = config->control_socket,
		.text = status_json,
		.context = daemon,
	};
	int result;

	daemon->auth = mip_auth_create();
	daemon->base = event_base_new();
	if (daemon->auth == NULL || daemon->base == NULL) {
		log_errorx("out of memory, or libcrypto lacks MD5 or SHA");
		return -ENOMEM;
	}
	result = status_server_create(&daemon->status, daemon->base, &source);
	if (result != 0)
		return result;
	result = netlink_create(&daemon->netlink);
	if (result == 0)
		result = tun_device_open(&daemon->tun, config->tun.name);
	if (result != 0) {
		log_error(-result, "TUN device %s (needs CAP_NET_ADMIN and /dev/net/tun)",
			  config->tun.name);
		return result;
	}
	init_agents(daemon);
	result = routing_init(&daemon->routing, daemon->netlink, config, &daemon->tun);
	if (result != 0) {
		log_error(-result, "routes of %s cannot be set up", config->tun.name);
		return result;
	}
	update_routing(daemon);
	result = create_events(daemon);
	if (result == 0)
		result = link_watch_create(&daemon->link_watch, daemon->base, config,
					   daemon->netlink, &link_watch_calls, daemon);
	if (result != 0)
		log_error(-result, "cannot watch interfaces and signals");
	return result;
}

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

static void
close_all(struct mn_daemon *daemon)
{
	for (unsigned i = 0; i < daemon->config->agent_count; i++) {
		if (daemon->agents[i].daemon != NULL)
			mn_agent_detach(&daemon->agents[i]);
	}
	link_watch_destroy(daemon->link_watch);
	free_event(daemon->tun_readable);
	free_event(daemon->timer);
	for (unsigned i = 0; i < ARRAY_COUNT(daemon->signals); i++)
		free_event(daemon->signals[i]);
	routing_fini(&daemon->routing);
	tun_device_close(&daemon->tun);
	netlink_destroy(daemon->netlink);
	status_server_destroy(daemon->status);
	if (daemon->base != NULL)
		event_base_free(daemon->base);
	mip_auth_destroy(daemon->auth);
}

int
mn_daemon_run(const struct mn_config *config)
{
	struct mn_daemon *daemon = calloc(1, sizeof(*daemon));
	int result;

	if (daemon == NULL)
		return -ENOMEM;
	daemon->config = config;
	daemon->tun.fd = -1;
	signal(SIGPIPE, SIG_IGN);
	result = open_all(daemon);
	if (result == 0) {
		sd_notify(0, "READY=1");
		event_base_dispatch(daemon->base);
		result = daemon->result;
	}
	close_all(daemon);
	free(daemon);
	return result;
}
