/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_vpn_daemon.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "mobile/mn_daemon.h"
#include "mobile/mn_vpn_errand.h"
#include "mobile/tia_device.h"
#include "mobile/vici.h"
#include "mobile/vici_sa.h"

/* The most that ESP puts around a packet: IP, UDP (RFC 3948), ESP header, an IV and padding of AES-CBC, trailer, an
 * ICV of SHA-512. */
#define ESP_OVERHEAD (20 + 8 + 8 + 16 + 15 + 2 + 32)
#define DEVICE_WAIT_MS 200 /* until charon's device is looked for again */

/*
 * Two connections to charon: one that stays, for events and lists, and one for each attempt to connect or to
 * hang up, because charon answers those only when they are done.
 */
struct mn_vpn_daemon {
	struct mn_daemon *daemon;
	struct mn_vpn vpn;
	unsigned track;
	struct vici *watch;
	struct mn_vpn_errand errand;
	struct event *timer; /* deadlines, and looks that are due */
	bool is_look_due;
	bool is_listing, is_list_stale; /* the list under way; something happened since it began */
	struct vici_sa
		listed[MN_VPN_OUTER_COUNT]; /* is_listing: the best of each connection so far */
	bool is_attach_due;		    /* charon's device was not there yet */
	bool is_ending;
	enum mn_vpn_state logged;
	bool was_charon;
};

static void step(struct mn_vpn_daemon *self, const struct mn_vpn_event *event);

static void
step_kind(struct mn_vpn_daemon *self, enum mn_vpn_kind kind)
{
	step(self, &(struct mn_vpn_event){.kind = kind});
}

static struct mn_track *
track_of(const struct mn_vpn_daemon *self)
{
	return &self->daemon->tracks[self->track];
}

static void
on_failed(void *context, const char *text)
{
	struct mn_vpn_daemon *self = context;

	if (self->vpn.state == MN_VPN_CONNECTING)
		log_warnx("VPN: cannot connect \"%s\": %s",
			  self->vpn.config->connections[self->vpn.by], text);
	step(self, &(struct mn_vpn_event){.kind = MN_VPN_FAILED, .text = text});
}

/* Events and lists. */

static void
list(struct mn_vpn_daemon *self)
{
	struct vici_request request;

	if (self->watch == NULL || !self->vpn.is_charon)
		return;
	if (self->is_listing) {
		self->is_list_stale = true;
		return;
	}
	self->is_listing = true;
	self->is_list_stale = false;
	memset(self->listed, 0, sizeof(self->listed));
	vici_begin(&request, VICI_COMMAND, "list-sas");
	(void)vici_send(self->watch, &request);
}

static void
on_gone(void *context)
{
	list(context);
}

static void
lose_charon(struct mn_vpn_daemon *self, int result)
{
	vici_destroy(self->watch);
	self->watch = NULL;
	self->is_listing = false;
	mn_vpn_errand_end(&self->errand);
	if (self->was_charon || self->vpn.error[0] == '\0')
		log_warn(-result, "VPN: charon does not answer at %s", self->vpn.config->socket);
	self->was_charon = false;
	snprintf(self->vpn.error, sizeof(self->vpn.error), "charon does not answer at %.96s: %s",
		 self->vpn.config->socket, strerror(-result));
	step_kind(self, MN_VPN_CHARON_LOST);
}

static void
on_watch_state(void *context, int result)
{
	static const char *const events[] = {"list-sa",	  "ike-updown",	 "child-updown",
					     "ike-rekey", "child-rekey", "ike-update"};
	struct mn_vpn_daemon *self = context;

	if (result != 0) {
		lose_charon(self, result);
		return;
	}
	for (unsigned i = 0; i < ARRAY_COUNT(events); i++)
		(void)vici_register(self->watch, events[i]);
	log_info("VPN: charon answers");
	self->was_charon = true;
	self->vpn.error[0] = '\0';
	step_kind(self, MN_VPN_CHARON_UP);
}

static void
on_watch_event(void *context, struct vici_text name, struct vici_reader *body)
{
	const struct mn_vpn_config *config;
	struct mn_vpn_daemon *self = context;
	struct vici_sa sa;

	/* all others only say that it is worth looking */
	if (!vici_text_is(name, "list-sa")) {
		list(self);
		return;
	}
	config = self->vpn.config;
	for (unsigned outer = 0; outer < MN_VPN_OUTER_COUNT; outer++) {
		struct vici_reader reader = *body;

		if (config->connections[outer][0] != '\0' &&
		    vici_sa_read(&reader, config->connections[outer], config->child, &sa) &&
		    sa.id != 0 && vici_sa_is_better(&sa, &self->listed[outer]))
			self->listed[outer] = sa;
	}
}

/* Whether there is one that user data could pass. */
static bool
take_listed(const struct mn_vpn_daemon *self, enum mn_vpn_outer outer, struct mn_vpn_event *event)
{
	const struct vici_sa *sa = &self->listed[outer];

	if (!sa->is_established || !sa->is_child_installed || sa->virtual_address == 0)
		return false;
	*event = (struct mn_vpn_event){
		.kind = MN_VPN_SA,
		.outer = outer,
		.address = sa->virtual_address,
		.local = sa->local,
		.remote = sa->remote,
		.is_busy = sa->is_busy,
	};
	return true;
}

static void
on_watch_answer(void *context, bool is_known, struct vici_reader *body)
{
	struct mn_vpn_daemon *self = context;
	struct mn_vpn_event event = {.kind = MN_VPN_NO_SA};

	self->is_listing = false;
	if (self->is_list_stale) {
		list(self);
		return;
	}
	if (!take_listed(self, self->vpn.by, &event)) {
		for (unsigned outer = 0; outer < MN_VPN_OUTER_COUNT; outer++)
			(void)take_listed(self, (enum mn_vpn_outer)outer, &event);
	}
	step(self, &event);
}

static const struct vici_calls watch_calls = {on_watch_state, on_watch_event, on_watch_answer};

static void
reach_charon(struct mn_vpn_daemon *self)
{
	int result = vici_create(&self->watch, self->daemon->base, self->vpn.config->socket,
				 &watch_calls, self);

	if (result != 0)
		lose_charon(self, result);
}

/* The track. */

/* The interface that IKE runs from, or would: charon keeps a path as long as its address is there. Else the first one
 * that has an address of its own, as far as is known. What a foreign agent gives is none. */
static const struct mn_visit *
outer_interface(const struct mn_vpn_daemon *self)
{
	const struct mn_daemon *daemon = self->daemon;
	const struct mn_visit *first = NULL;

	for (unsigned t = 0; t < daemon->config->interface_count; t++) {
		const struct mn_visit *visit = &daemon->visits[t];

		if (visit->own.care_of == 0 || daemon->tracks[t].is_interrupted)
			continue;
		if (visit->own.care_of == self->vpn.local)
			return visit;
		if (first == NULL)
			first = visit;
	}
	return first;
}

/* What leaves of the MTU below, when ESP is around it. */
static unsigned
mtu_within(const struct mn_vpn_daemon *self, unsigned device_mtu)
{
	const struct mn_visit *interface = outer_interface(self);
	unsigned below = 0;

	if (self->vpn.by == MN_VPN_OUTER_X_HA)
		below = self->daemon->routing.mtu[ROUTING_EXTERNAL];
	else if (interface != NULL)
		below = interface->own.mtu;
	return below > ESP_OVERHEAD && below - ESP_OVERHEAD < device_mtu ? below - ESP_OVERHEAD
									 : device_mtu;
}

static void
attach(struct mn_vpn_daemon *self)
{
	const struct mn_track *track = track_of(self);
	struct attachment attachment;
	int result = tia_device_find(self->daemon->netlink, self->vpn.tia, &attachment);

	self->is_attach_due = result != 0;
	if (result != 0) {
		log_debug("VPN: no device has the tunnel inner address yet");
		return;
	}
	attachment.mtu = mtu_within(self, attachment.mtu);
	/* what is registered through the tunnel already need not be so again */
	if (self->vpn.state == MN_VPN_UP && attachment.care_of == track->attachment.care_of &&
	    attachment.ifindex == track->attachment.ifindex && !track->is_interrupted &&
	    mn_track_active(track) >= 0)
		return;
	mn_daemon_move(self->daemon, self->track, &attachment);
}

static void
interrupt(struct mn_vpn_daemon *self)
{
	self->is_attach_due = false;
	mn_daemon_interrupt(self->daemon, self->track);
}

static void
detach(struct mn_vpn_daemon *self)
{
	struct attachment nowhere = {0};

	/* an i-HA that has not answered the deregistration is told by another request, inside */
	interrupt(self);
	mn_daemon_move(self->daemon, self->track, &nowhere);
}

static void
update_mtu(struct mn_vpn_daemon *self)
{
	struct attachment attachment = track_of(self)->attachment, found;

	if (attachment.care_of == 0 || track_of(self)->is_interrupted ||
	    tia_device_find(self->daemon->netlink, attachment.care_of, &found) != 0)
		return;
	attachment.mtu = mtu_within(self, found.mtu);
	if (attachment.mtu != track_of(self)->attachment.mtu)
		mn_daemon_move(self->daemon, self->track, &attachment);
}

/* Decisions. */

static void
log_state(struct mn_vpn_daemon *self)
{
	char text[ADDRESS_TEXT_SIZE];

	if (self->vpn.state == self->logged)
		return;
	self->logged = self->vpn.state;
	if (self->vpn.state == MN_VPN_UP)
		log_info("VPN: up, tunnel inner address %s", address_format(self->vpn.tia, text));
	else
		log_info("VPN: %s", mn_vpn_state_name(self->vpn.state));
}

static void
rearm(struct mn_vpn_daemon *self)
{
	struct mono_time next = mn_vpn_deadline(&self->vpn), now = mono_now();
	struct timeval delay;
	uint64_t ns;

	if (self->is_attach_due && mono_is_before(mono_add_ms(now, DEVICE_WAIT_MS), next))
		next = mono_add_ms(now, DEVICE_WAIT_MS);
	if (self->is_look_due)
		next = now;
	if (next.ns == UINT64_MAX) {
		event_del(self->timer);
		return;
	}
	ns = mono_is_before(now, next) ? next.ns - now.ns + 999 : 0;
	delay = (struct timeval){(time_t)(ns / NS_PER_SEC), (suseconds_t)(ns % NS_PER_SEC / 1000)};
	event_add(self->timer, &delay);
}

/* Hung up, on the way out. */
static void
end_when_down(struct mn_vpn_daemon *self)
{
	if (!self->vpn.is_leaving || self->vpn.state != MN_VPN_DOWN || self->is_ending)
		return;
	self->is_ending = true;
	mn_daemon_leave(self->daemon);
}

static void
step(struct mn_vpn_daemon *self, const struct mn_vpn_event *event)
{
	const char(*connections)[MN_NAME_SIZE] = self->vpn.config->connections;
	const char *before = connections[self->vpn.by];
	unsigned actions = mn_vpn_step(&self->vpn, event, mono_now());

	track_of(self)->needs_carrier = self->vpn.by == MN_VPN_OUTER_X_HA;
	log_state(self);
	if ((actions & MN_VPN_REACH) != 0)
		reach_charon(self);
	if ((actions & MN_VPN_LIST) != 0)
		list(self);
	if ((actions & MN_VPN_INTERRUPT) != 0)
		interrupt(self);
	if ((actions & MN_VPN_DETACH) != 0)
		detach(self);
	if ((actions & MN_VPN_TERMINATE) != 0)
		mn_vpn_errand_begin(&self->errand, MN_VPN_ERRAND_TERMINATE, before);
	if ((actions & MN_VPN_ABANDON) != 0)
		mn_vpn_errand_begin(&self->errand, MN_VPN_ERRAND_ABANDON, before);
	if ((actions & MN_VPN_INITIATE) != 0)
		mn_vpn_errand_begin(&self->errand, MN_VPN_ERRAND_INITIATE,
				    connections[self->vpn.by]);
	if ((actions & MN_VPN_ATTACH) != 0)
		attach(self);
	mn_daemon_keep_x_ha(self->daemon,
			    self->vpn.by == MN_VPN_OUTER_X_HA && self->vpn.state != MN_VPN_DOWN);
	end_when_down(self);
	rearm(self);
}

/* The address that IKE can use now; 0: none. */
static be32
outer_address(const struct mn_vpn_daemon *self, enum mn_vpn_outer outer)
{
	const struct mn_daemon *daemon = self->daemon;
	const struct mn_roaming *roaming = &daemon->roaming;
	const struct mn_visit *interface = outer_interface(self);

	if (outer == MN_VPN_OUTER_MOBIKE)
		return interface != NULL ? interface->own.care_of : 0;
	for (unsigned i = 0; roaming->carrier >= 0 && i < daemon->config->agent_count; i++) {
		if (daemon->config->agents[i].role == MN_ROLE_X_HA &&
		    mn_detect_admits(&roaming->tracks[roaming->carrier].policy.detect, i,
				     mono_now()))
			return mn_roaming_home(roaming, i);
	}
	return 0;
}

/* An x-HA is asked only when the i-HAs had their turn, or its acceptance waits for them. */
static bool
is_x_ha_awaited(const struct mn_daemon *daemon)
{
	for (unsigned t = 0; t < daemon->config->interface_count; t++) {
		const struct mn_policy *policy = &daemon->tracks[t].policy;
		const struct mn_detect *detect = &policy->detect;

		if (policy->duty == MN_DUTY_ASK && detect->place == MN_PLACE_DETECTING &&
		    (policy->is_deferred || (detect->holding & detect->x_ha_bits) != 0))
			return true;
	}
	return false;
}

static bool
is_inside(const struct mn_roaming *roaming)
{
	enum mn_place place;

	if (roaming->carrier < 0)
		return false;
	place = roaming->tracks[roaming->carrier].policy.detect.place;
	return place == MN_PLACE_INSIDE || place == MN_PLACE_ASLEEP;
}

/* No home agent is waiting for anything through the VPN, nor sends there. */
static bool
is_released(const struct mn_track *track)
{
	for (unsigned i = 0; i < track->agent_count; i++) {
		enum mn_state state = track->registrations[i].state;

		if (state != MN_OFFLINE && state != MN_STOPPED)
			return false;
	}
	return true;
}

static void
look(struct mn_vpn_daemon *self)
{
	bool was_inside = self->vpn.is_inside, is_now = is_inside(&self->daemon->roaming);

	self->is_look_due = false;
	if (is_now != was_inside)
		step_kind(self, is_now ? MN_VPN_INSIDE : MN_VPN_OUTSIDE);
	for (unsigned outer = 0; outer < MN_VPN_OUTER_COUNT; outer++) {
		struct mn_vpn_event event = {
			.kind = MN_VPN_OUTER,
			.outer = (enum mn_vpn_outer)outer,
			.address = outer_address(self, (enum mn_vpn_outer)outer),
			.is_awaited = is_x_ha_awaited(self->daemon),
		};

		step(self, &event);
	}
	if (self->vpn.close.ns != UINT64_MAX && is_released(track_of(self)))
		step_kind(self, MN_VPN_RELEASED);
	update_mtu(self);
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	struct mn_vpn_daemon *self = context;

	if (self->is_look_due)
		look(self);
	if (self->is_attach_due)
		attach(self);
	step_kind(self, MN_VPN_TICK);
}

void
mn_vpn_daemon_look(struct mn_vpn_daemon *self)
{
	if (self == NULL)
		return;
	self->is_look_due = true;
	rearm(self);
}

void
mn_vpn_daemon_interrupt(struct mn_vpn_daemon *self, unsigned index)
{
	if (self != NULL && outer_interface(self) == &self->daemon->visits[index])
		step(self, &(struct mn_vpn_event){.kind = MN_VPN_OUTER,
						  .outer = MN_VPN_OUTER_MOBIKE,
						  .address = 0});
}

int
mn_vpn_daemon_create(struct mn_vpn_daemon **vpn, struct mn_daemon *daemon, unsigned track)
{
	struct mn_vpn_daemon *self = calloc(1, sizeof(*self));

	if (self == NULL)
		return -ENOMEM;
	self->daemon = daemon;
	self->track = track;
	self->errand = (struct mn_vpn_errand){
		.base = daemon->base,
		.config = &daemon->config->vpn,
		.failed = on_failed,
		.gone = on_gone,
		.context = self,
	};
	mn_vpn_init(&self->vpn, &daemon->config->vpn, mono_now());
	self->timer = evtimer_new(daemon->base, on_timer, self);
	if (self->timer == NULL) {
		free(self);
		return -ENOMEM;
	}
	rearm(self);
	*vpn = self;
	return 0;
}

void
mn_vpn_daemon_destroy(struct mn_vpn_daemon *self)
{
	if (self == NULL)
		return;
	vici_destroy(self->watch);
	mn_vpn_errand_end(&self->errand);
	event_free(self->timer);
	free(self);
}

bool
mn_vpn_daemon_leave(struct mn_vpn_daemon *self)
{
	if (self == NULL || self->vpn.is_leaving)
		return false;
	self->is_ending = self->vpn.state == MN_VPN_DOWN;
	step_kind(self, MN_VPN_LEAVE);
	if (self->is_ending)
		return false;
	track_of(self)->is_retired = true;
	mn_daemon_settle(self->daemon, &track_of(self)->agents[0], 0);
	return true;
}

json_t *
mn_vpn_daemon_json(const struct mn_vpn_daemon *self)
{
	const struct mn_vpn *vpn;
	char tia[ADDRESS_TEXT_SIZE], outer[ADDRESS_TEXT_SIZE];

	if (self == NULL)
		return json_null();
	vpn = &self->vpn;
	return json_pack(
		"{s:s, s:s?, s:I, s:s, s:s?, s:b, s:s?, s:I, s:I, s:I, s:I, s:I}", "state",
		mn_vpn_state_name(vpn->state), "tunnel_inner_address",
		vpn->tia != 0 ? address_format(vpn->tia, tia) : NULL, "since_sec",
		(json_int_t)mono_sec_until(vpn->since, mono_now()), "outer",
		mn_vpn_outer_name(vpn->by), "outer_address",
		vpn->outers[vpn->by] != 0 ? address_format(vpn->outers[vpn->by], outer) : NULL,
		"charon", vpn->is_charon, "last_error", vpn->error[0] != '\0' ? vpn->error : NULL,
		"attempts", (json_int_t)vpn->attempt_count, "connects",
		(json_int_t)vpn->connect_count, "failures", (json_int_t)vpn->failure_count, "moves",
		(json_int_t)vpn->move_count, "unprotected_packets",
		(json_int_t)self->daemon->traffic.unprotected_packets);
}
