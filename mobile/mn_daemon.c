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
#include "mobile/mn_addresses.h"
#include "mobile/mn_hint.h"
#include "mobile/mn_vpn_daemon.h"
#include "mobile/status_json.h"
#include "mobile/status_server.h"

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

/* Keepalives of every track. */
static struct mono_time
keepalive_deadline(const struct mn_daemon *daemon)
{
	struct mono_time next = {UINT64_MAX}, when;

	for (unsigned t = 0; t < daemon->roaming.count; t++) {
		for (unsigned i = 0; i < daemon->config->agent_count; i++) {
			bool is_set = mn_keepalive_deadline(&daemon->tracks[t].agents[i].keepalive,
							    &when);

			take_deadline(when, is_set, &next);
		}
	}
	return next;
}

void
mn_daemon_rearm(struct mn_daemon *daemon)
{
	struct mono_time next = {UINT64_MAX}, now = mono_now();
	struct timeval delay;
	uint64_t ns;

	take_deadline(mn_roaming_deadline(&daemon->roaming, now), true, &next);
	take_deadline(keepalive_deadline(daemon), true, &next);
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
log_state(const struct mn_track *track, struct mn_agent *agent)
{
	const struct mn_registration *registration = agent->registration;
	char home[ADDRESS_TEXT_SIZE], care_of[ADDRESS_TEXT_SIZE];

	if (registration->state == agent->logged_state)
		return;
	agent->logged_state = registration->state;
	if (registration->state == MN_REGISTERED && registration->is_home)
		log_info("%s: %s is at home on %s", agent->config->name,
			 address_format(registration->home_address, home), track->name);
	else if (registration->state == MN_REGISTERED)
		log_info("%s: registered %s at %s on %s, %s, for %u s", agent->config->name,
			 address_format(registration->home_address, home),
			 address_format(registration->grant.care_of, care_of), track->name,
			 tunnel_kind_name(registration->grant.kind),
			 registration->grant.lifetime_sec);
	else
		log_info("%s: %s on %s", agent->config->name, mn_state_name(registration->state),
			 track->name);
}

/* Where user data passes since the last look, or why it does not. True when that is news. */
static bool
log_moves(struct mn_daemon *daemon)
{
	const struct mn_roaming *roaming = &daemon->roaming;
	const struct mn_move *move = mn_moves_last(&roaming->moves);
	bool passes = !roaming->moves.is_interrupted, is_news = daemon->data_passes != passes;
	int active = mn_roaming_active(roaming);

	if (is_news && !passes)
		log_info("user data stops: %s", mn_why_text(roaming->why));
	daemon->data_passes = passes;
	if (roaming->moves.count == daemon->moves_logged)
		return is_news;
	daemon->moves_logged = roaming->moves.count;
	log_info("mode %s, %s: %s; user data passes on %s by the %s after %llu ms",
		 mn_mode_name(move->mode), mn_place_name(move->place), mn_why_text(move->why),
		 move->interface, active >= 0 ? daemon->config->agents[active].name : "-",
		 (unsigned long long)move->interruption_ms);
	return true;
}

/* Carries out the effects on the registrations of one track; true when something changed. */
static bool
settle_track(struct mn_track *track, const unsigned *effects, struct mono_time now)
{
	bool is_changed = false;

	for (unsigned i = 0; i < track->agent_count; i++) {
		struct mn_agent *agent = &track->agents[i];

		if ((effects[i] & MN_SEND) != 0)
			mn_agent_send_request(agent);
		if ((effects[i] & MN_CHANGED) != 0) {
			mn_agent_update_tunnel(agent, now);
			log_state(track, agent);
			is_changed = true;
		}
	}
	return is_changed;
}

/* Programs reach the internal network. */
static bool
is_with_i_ha(const struct mn_daemon *daemon)
{
	int active = mn_roaming_active(&daemon->roaming);

	return active >= 0 && daemon->config->agents[active].role == MN_ROLE_I_HA;
}

/* Carries out `effects`, to which the roaming has added what follows from them. */
static void
carry_out(struct mn_daemon *daemon, const struct mn_effects *effects, struct mono_time now)
{
	bool is_changed = !daemon->is_leaving && log_moves(daemon);

	for (unsigned t = 0; t < daemon->roaming.count; t++)
		is_changed |= settle_track(&daemon->tracks[t], effects->bits[t], now);
	if (!daemon->is_leaving) {
		if (is_changed)
			mn_addresses_update(daemon);
		mn_traffic_release(&daemon->traffic, now);
		mn_dns_update(&daemon->dns, is_with_i_ha(daemon));
		mn_vpn_daemon_look(daemon->vpn);
	} else if (mn_roaming_is_stopped(&daemon->roaming)) {
		event_base_loopexit(daemon->base, NULL);
	}
	mn_daemon_rearm(daemon);
}

static void
settle(struct mn_daemon *daemon, struct mn_effects *effects, const struct mn_instant *at)
{
	if (!daemon->is_leaving)
		mn_roaming_settle(&daemon->roaming, at, effects);
	carry_out(daemon, effects, at->mono);
}

void
mn_daemon_settle(struct mn_daemon *daemon, const struct mn_agent *agent, unsigned agent_effects)
{
	struct mn_effects effects = {0};
	struct mn_instant at = mn_daemon_instant();

	effects.bits[agent->track->index][agent - agent->track->agents] = agent_effects;
	settle(daemon, &effects, &at);
}

void
mn_daemon_path_changed(struct mn_daemon *daemon)
{
	for (unsigned t = 0; t < daemon->roaming.count; t++) {
		for (unsigned i = 0; i < daemon->config->agent_count; i++)
			mn_agent_update_tunnel(&daemon->tracks[t].agents[i], mono_now());
	}
	if (!daemon->is_leaving)
		mn_addresses_update(daemon);
	mn_daemon_rearm(daemon);
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	struct mn_daemon *daemon = context;
	struct mn_instant at = mn_daemon_instant();
	struct mn_effects effects = {0};

	if (daemon->is_leaving && !mono_is_before(at.mono, daemon->leave_by)) {
		log_warnx("a home agent did not answer the deregistration in time");
		event_base_loopexit(daemon->base, NULL);
		return;
	}
	mn_roaming_tick(&daemon->roaming, &at, &effects);
	for (unsigned t = 0; t < daemon->roaming.count; t++) {
		struct mn_track *track = &daemon->tracks[t];

		for (unsigned i = 0; i < daemon->config->agent_count; i++) {
			if (mn_agent_tick(&track->agents[i], at.mono) && !track->is_draining)
				effects.bits[t][i] |=
					mn_registration_renew(&track->registrations[i], &at);
		}
	}
	settle(daemon, &effects, &at);
}

static void
on_wake(void *context)
{
	struct mn_daemon *daemon = context;
	struct mn_instant at = mn_daemon_instant();
	struct mn_effects effects = {0};

	if (daemon->is_leaving)
		return;
	mn_roaming_wake(&daemon->roaming, &at, &effects);
	carry_out(daemon, &effects, at.mono);
}

void
mn_daemon_interrupt(struct mn_daemon *daemon, unsigned index)
{
	struct mn_instant at = mn_daemon_instant();
	struct mn_effects effects = {0};

	if (daemon->is_leaving)
		return;
	log_info("%s: connection status changed", daemon->tracks[index].name);
	mn_roaming_interrupt(&daemon->roaming, index, &at, &effects);
	carry_out(daemon, &effects, at.mono);
}

static void
on_interrupted(void *context, unsigned index)
{
	struct mn_daemon *daemon = context;

	/* first what is above it: nothing is to be asked through a VPN that leads nowhere */
	mn_vpn_daemon_interrupt(daemon->vpn, index);
	mn_daemon_interrupt(daemon, index);
}

static bool
is_hinted(const struct mn_daemon *daemon, unsigned index, const struct attachment *attachment)
{
	const struct mn_hint_config *hints = &daemon->config->detect.hints;
	const struct mn_advert_agent *agent = NULL;

	if (attachment->foreign_agent != 0)
		agent = mn_advert_find(&daemon->visits[index].advert, attachment->foreign_agent);
	if (agent != NULL && mn_hint_realm_matches(agent->heard.nai, agent->heard.nai_len,
						   hints->realms, hints->realm_count))
		return true;
	return mn_hint_is_inside(hints, daemon->netlink, attachment);
}

void
mn_daemon_move(struct mn_daemon *daemon, unsigned index, const struct attachment *attachment)
{
	struct mn_track *track = &daemon->tracks[index];
	bool is_mtu_only = attachment->care_of == track->attachment.care_of &&
			   attachment->ifindex == track->attachment.ifindex &&
			   attachment->foreign_agent == track->attachment.foreign_agent &&
			   attachment->home_agent == track->attachment.home_agent &&
			   attachment->mtu != track->attachment.mtu && !track->is_interrupted;
	struct mn_instant at = mn_daemon_instant();
	struct mn_effects effects = {0};
	be32 care_of[MN_AGENTS_MAX] = {0};
	char text[ADDRESS_TEXT_SIZE], agent[ADDRESS_TEXT_SIZE];

	track->attachment = *attachment;
	track->is_foreign = attachment->foreign_agent != 0;
	if (daemon->is_leaving)
		return;
	if (is_mtu_only) {
		mn_daemon_path_changed(daemon);
		return;
	}
	if (attachment->home_agent != 0)
		log_info("attached to %s, a home link of home agent %s", track->name,
			 address_format(attachment->home_agent, agent));
	else if (attachment->foreign_agent != 0)
		log_info("attached to %s with care-of address %s of foreign agent %s", track->name,
			 address_format(attachment->care_of, text),
			 address_format(attachment->foreign_agent, agent));
	else if (attachment->care_of != 0)
		log_info("attached to %s with care-of address %s", track->name,
			 address_format(attachment->care_of, text));
	else
		log_info("%s does not lead to a home agent", track->name);
	track->policy.is_hinted = is_hinted(daemon, index, attachment);
	mn_track_attach(track, attachment, care_of);
	mn_roaming_move(&daemon->roaming, index, care_of, &at, &effects);
	carry_out(daemon, &effects, at.mono);
}

static void
on_moved(void *context, unsigned index, const struct attachment *attachment)
{
	struct mn_daemon *daemon = context;

	mn_visit_move(&daemon->visits[index], attachment);
}

static const struct link_watch_calls link_watch_calls = {on_interrupted, on_moved};

void
mn_daemon_keep_x_ha(struct mn_daemon *daemon, bool keeps)
{
	struct mn_instant at = mn_daemon_instant();
	struct mn_effects effects = {0};

	if (daemon->is_leaving || keeps == daemon->roaming.keeps_x_ha)
		return;
	mn_roaming_keep_x_ha(&daemon->roaming, keeps, &at, &effects);
	carry_out(daemon, &effects, at.mono);
}

void
mn_daemon_leave(struct mn_daemon *daemon)
{
	struct mn_instant at = mn_daemon_instant();
	struct mn_effects effects = {0};

	if (daemon->is_leaving)
		return;
	daemon->is_leaving = true;
	daemon->leave_by = mono_add_ms(at.mono, daemon->config->timing.exit_wait_ms);
	mn_roaming_stop(&daemon->roaming, &at, &effects);
	carry_out(daemon, &effects, at.mono);
}

static void
on_signal(evutil_socket_t number, short what, void *context)
{
	struct mn_daemon *daemon = context;

	if (daemon->is_leaving) {
		event_base_loopexit(daemon->base, NULL);
		return;
	}
	log_info("leaving");
	sd_notify(0, "STOPPING=1");
	mn_dns_update(&daemon->dns, false);
	/* the VPN says goodbye through the x-HA's tunnel, so that has to wait */
	if (!mn_vpn_daemon_leave(daemon->vpn))
		mn_daemon_leave(daemon);
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
	daemon->traffic.wake = on_wake;
	daemon->traffic.context = daemon;
	result = mn_traffic_open(&daemon->traffic, daemon->base, daemon->tun.fd,
				 daemon->external.fd, &daemon->roaming);
	for (unsigned i = 0; result == 0 && i < ARRAY_COUNT(numbers); i++) {
		daemon->signals[i] = evsignal_new(daemon->base, numbers[i], on_signal, daemon);
		result = add_event(daemon->signals[i]);
	}
	return result;
}

static int
create_tracks(struct mn_daemon *daemon)
{
	const struct mn_config *config = daemon->config;
	unsigned count = config->interface_count;
	int result = 0;

	for (unsigned i = 0; result == 0 && i < count; i++) {
		result = mn_track_init(&daemon->tracks[i], MN_TRACK_INTERFACE, i,
				       config->interfaces[i], config, daemon->auth, mono_now());
		mn_track_open(&daemon->tracks[i], daemon);
		mn_visit_init(&daemon->visits[i], daemon, i);
	}
	if (result == 0 && config->vpn.is_set) {
		result = mn_track_init(&daemon->tracks[count], MN_TRACK_VPN, count, "vpn", config,
				       daemon->auth, mono_now());
		mn_track_open(&daemon->tracks[count], daemon);
		count++;
	}
	mn_roaming_init(&daemon->roaming, config, daemon->tracks, count, mono_now());
	return result;
}

static int
open_tuns(struct mn_daemon *daemon)
{
	const struct mn_tun_config *config = &daemon->config->tun;
	const char *name = config->name;
	int result = tun_device_open(&daemon->tun, name);

	if (result == 0 && config->external_name[0] != '\0') {
		name = config->external_name;
		result = tun_device_open(&daemon->external, name);
	}
	if (result != 0)
		log_error(-result, "TUN device %s (needs CAP_NET_ADMIN and /dev/net/tun)", name);
	return result;
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
		result = open_tuns(daemon);
	if (result == 0)
		result = create_tracks(daemon);
	if (result != 0)
		return result;
	result = routing_init(&daemon->routing, daemon->netlink, config, &daemon->tun,
			      daemon->external.fd >= 0 ? &daemon->external : &daemon->tun);
	if (result != 0) {
		log_error(-result, "routes of %s cannot be set up", config->tun.name);
		return result;
	}
	mn_dns_init(&daemon->dns, config, daemon->tun.name);
	mn_addresses_update(daemon);
	result = create_events(daemon);
	if (result == 0)
		result = link_watch_create(&daemon->link_watch, daemon->base, config,
					   daemon->netlink, &link_watch_calls, daemon);
	if (result == 0 && config->vpn.is_set)
		result = mn_vpn_daemon_create(&daemon->vpn, daemon, daemon->roaming.count - 1);
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
	for (unsigned i = 0; i < MN_INTERFACES_MAX; i++)
		mn_visit_close(&daemon->visits[i]);
	mn_dns_update(&daemon->dns, false);
	mn_vpn_daemon_destroy(daemon->vpn);
	for (unsigned t = 0; t < MN_TRACKS_MAX; t++) {
		mn_track_close(&daemon->tracks[t]);
		mn_track_fini(&daemon->tracks[t]);
	}
	link_watch_destroy(daemon->link_watch);
	mn_traffic_close(&daemon->traffic);
	free_event(daemon->timer);
	for (unsigned i = 0; i < ARRAY_COUNT(daemon->signals); i++)
		free_event(daemon->signals[i]);
	routing_fini(&daemon->routing);
	tun_device_close(&daemon->tun);
	tun_device_close(&daemon->external);
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
	daemon->tun.fd = daemon->external.fd = -1;
	signal(SIGPIPE, SIG_IGN);
	result = open_all(daemon);
	if (result == 0) {
		sd_notify(0, "READY=1");
		event_base_dispatch(daemon->base);
		result = daemon->traffic.result;
	}
	close_all(daemon);
	free(daemon);
	return result;
}
