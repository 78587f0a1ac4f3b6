/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_visit.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/time.h>

#include "lib/ip_check.h"
#include "mobile/fa_datagram.h"
#include "mobile/mn_daemon.h"
#include "mobile/mn_visit_choice.h"
#include "mobile/mn_visit_place.h"

/* Frames taken before the others have their turn. */
#define BURST 64
/* How long the first solicitation may wait for its answer where an agent is likely. Whoever registers without it, and
 * then with it, has to leave a second between the two (RFC 5944 section 3.6.3). */
#define LISTEN_MS 200
/* An agent that has not answered so long gives way to what else there is. */
#define PATIENCE_MS 5000
#define SOLICITATIONS_WITH_OWN_ADDRESS 3
/* RFC 3024 section 3.1: who asks for a reverse tunnel proves that he is a neighbour. */
#define TTL_WITH_REVERSE 255
#define TTL_OF_A_LINK 1

static const uint8_t all_routers_mac[ETH_ADDRESS_SIZE] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x02};

static void
count_answers(const struct mn_track *track, uint64_t *requests, uint64_t *replies)
{
	*requests = *replies = 0;
	for (unsigned i = 0; i < track->agent_count; i++) {
		/* at home, the others are asked from an address of our own */
		if (track->agents[i].visit == NULL)
			continue;
		*requests += track->registrations[i].request_count;
		*replies += track->registrations[i].reply_count;
	}
}

static void
rearm(struct mn_visit *visit)
{
	struct mono_time next = mn_advert_deadline(&visit->advert), now = mono_now();
	struct timeval delay;
	uint64_t ns;

	if (visit->is_waiting && mono_is_before(visit->patience, next))
		next = visit->patience;
	if (visit->announcements_left > 0 && mono_is_before(visit->announce_at, next))
		next = visit->announce_at;
	if (visit->home_agent != 0 && mono_is_before(visit->arp_look_at, next))
		next = visit->arp_look_at;
	if (visit->is_listening && mono_is_before(visit->listen_until, next))
		next = visit->listen_until;
	if (next.ns == UINT64_MAX) {
		event_del(visit->timer);
		return;
	}
	/* rounded up, so that the deadline has passed when the timer fires */
	ns = mono_is_before(now, next) ? next.ns - now.ns + 999 : 0;
	delay = (struct timeval){(time_t)(ns / NS_PER_SEC), (suseconds_t)(ns % NS_PER_SEC / 1000)};
	event_add(visit->timer, &delay);
}

static void
wait_for_answer(struct mn_visit *visit)
{
	visit->is_waiting = true;
	visit->patience = mono_add_ms(mono_now(), PATIENCE_MS);
	count_answers(mn_visit_track(visit), &visit->requests_before, &visit->replies_before);
}

/* The connection status has changed again, and what the kernel has now is not known yet. */
static bool
is_outdated(const struct mn_visit *visit)
{
	const struct mn_track *track = mn_visit_track(visit);

	return track->is_interrupted && track->changed.ns != visit->since.ns;
}

/* Nobody is asked from an address of our own while an agent may answer that knows better. */
static bool
goes_on_listening(const struct mn_visit *visit, const struct mn_advert_agent *agent,
		  struct mono_time now)
{
	return agent == NULL && visit->timer != NULL && mono_is_before(now, visit->listen_until) &&
	       mn_visit_listens(visit->use, visit->own.care_of != 0, mn_visit_may_come_home(visit));
}

/* Attaches the track to what is best now; again, if need be, to what it is attached to (`anew`). */
static void
reconsider(struct mn_visit *visit, bool anew)
{
	struct mono_time now = mono_now();
	struct attachment attachment = visit->own, before = mn_visit_track(visit)->attachment;
	const struct mn_advert_agent *agent;

	/* goodbyes go the way that they can */
	if (visit->daemon->is_leaving || is_outdated(visit))
		return;
	anew |= visit->is_listening;
	agent = mn_visit_choose(visit, anew, now, &attachment);
	mn_advert_use(&visit->advert, agent, now);
	visit->is_listening = (anew || before.care_of == 0) && goes_on_listening(visit, agent, now);
	if (visit->is_listening) {
		rearm(visit);
		return;
	}
	if (anew || attachment.care_of != before.care_of || attachment.ifindex != before.ifindex ||
	    attachment.mtu != before.mtu || attachment.foreign_agent != before.foreign_agent ||
	    attachment.home_agent != before.home_agent) {
		mn_daemon_move(visit->daemon, visit->index, &attachment);
		if (agent != NULL)
			wait_for_answer(visit);
	}
	if (visit->timer != NULL)
		rearm(visit);
}

/* It has forgotten its visitors (RFC 5944 section 2.3.2). User data goes on: what is true for the home agents still
 * is, and a restart is easily feigned. */
static void
register_anew(struct mn_visit *visit)
{
	struct mn_track *track = mn_visit_track(visit);

	if (log_limit_allows(&visit->log_limit))
		log_info("%s: the agent has restarted: registering again", track->name);
	for (unsigned i = 0; i < track->agent_count; i++) {
		struct mn_instant at = mn_daemon_instant();

		mn_daemon_settle(visit->daemon, &track->agents[i],
				 mn_registration_renew(&track->registrations[i], &at));
	}
}

static void
take_advertisement(struct mn_visit *visit, const struct mn_frame *frame)
{
	struct agent_heard heard;
	enum mn_advert_event event;
	int result = agent_advertisement_parse(frame->packet, frame->len,
					       frame->has_partial_checksum, &heard);

	if (result != 0) {
		/* an ordinary router's is none of our business, and nothing is wrong with it */
		visit->malformed_count += result != -ENOMSG;
		return;
	}
	event = mn_advert_hear(&visit->advert, frame->mac, &heard, mono_now());
	if (event == MN_ADVERT_IGNORED)
		return;
	reconsider(visit, false);
	if (event == MN_ADVERT_RESTARTED && mn_visit_peer(visit) == heard.src)
		register_anew(visit);
}

/* A datagram of the agent's port; false when it is no reply to a request of ours. */
static bool
take_reply(struct mn_visit *visit, const struct mn_frame *frame)
{
	struct mn_track *track = mn_visit_track(visit);
	struct agent_packet packet = {0};
	struct fa_datagram datagram;

	if (fa_datagram_parse(frame->packet, frame->len, frame->has_partial_checksum, &datagram) !=
		    0 ||
	    datagram.src_port_be != htobe16(MIP_PORT) || datagram.src != mn_visit_peer(visit))
		return false;
	packet.src = datagram.src;
	packet.payload = frame->packet + (datagram.payload - frame->packet);
	packet.payload_len = datagram.len;
	for (unsigned i = 0; i < track->agent_count; i++) {
		if (track->agents[i].visit_port_be == datagram.dst_port_be) {
			mn_agent_take_reply(&track->agents[i], &packet);
			return true;
		}
	}
	return false;
}

static void
take_packet(struct mn_visit *visit, const struct mn_frame *frame)
{
	struct mn_track *track = mn_visit_track(visit);
	struct ip_header ip;

	if (mn_visit_peer(visit) == 0 || !frame->is_for_us)
		return;
	if (visit->home_agent == 0 && memcmp(frame->mac, visit->mac, sizeof(visit->mac)) != 0)
		return;
	if (frame->len < sizeof(ip)) {
		visit->malformed_count++;
		return;
	}
	memcpy(&ip, frame->packet, sizeof(ip));
	if (ip_check_lengths(&ip, (uint32_t)frame->len) != IP_OK ||
	    checksum_of(frame->packet, ip_header_size(&ip)) != 0) {
		visit->malformed_count++;
		return;
	}
	if (ip.protocol == IP_PROTOCOL_UDP && take_reply(visit, frame))
		return;
	for (unsigned i = 0; i < track->agent_count; i++) {
		if (ip.dst == track->registrations[i].home_address && ip.dst != 0) {
			if (frame->has_partial_checksum)
				mn_link_complete(frame->packet, frame->len);
			mn_agent_take_native(&track->agents[i], frame->packet,
					     be16toh(ip.total_len_be));
			return;
		}
	}
}

/* A datagram or packet that begins like an ICMP Router Advertisement. */
static bool
is_advertisement(const struct mn_frame *frame)
{
	const struct ip_header *ip = (const struct ip_header *)frame->packet;

	return frame->len >= sizeof(*ip) && ip->protocol == IP_PROTOCOL_ICMP &&
	       frame->len > ip_header_size(ip) &&
	       frame->packet[ip_header_size(ip)] == ICMP_TYPE_ROUTER_ADVERTISEMENT;
}

static void
on_frames(evutil_socket_t fd, short what, void *context)
{
	struct mn_visit *visit = context;
	struct mn_frame frame;

	for (unsigned i = 0; i < BURST; i++) {
		if (mn_link_receive(&visit->link, visit->daemon->packet, &frame) != 0)
			return;
		if (is_advertisement(&frame))
			take_advertisement(visit, &frame);
		else
			take_packet(visit, &frame);
	}
}

/* Whom the answer is for: with an address, it comes to us alone and does not get lost among multicasts. */
static be32
asker(const struct mn_visit *visit)
{
	const struct mn_track *track = mn_visit_track(visit);

	for (unsigned i = 0; mn_visit_peer(visit) != 0 && i < track->agent_count; i++) {
		if (track->registrations[i].home_address != 0)
			return track->registrations[i].home_address;
	}
	return visit->own.care_of;
}

static void
solicit(struct mn_visit *visit, struct mono_time now)
{
	uint8_t packet[AGENT_SOLICITATION_SIZE];

	if (!mn_advert_solicit(&visit->advert, now))
		return;
	/* with an address of our own, there is no need to find one */
	if (visit->own.care_of != 0 && visit->use <= MN_FOREIGN_NEVER &&
	    visit->advert.solicited >= SOLICITATIONS_WITH_OWN_ADDRESS)
		visit->advert.is_soliciting = false;
	agent_solicitation_build(asker(visit), packet);
	(void)mn_link_send(&visit->link, all_routers_mac, packet, sizeof(packet));
}

/* Whether the agent answers at all. */
static void
look_at_patience(struct mn_visit *visit, struct mono_time now)
{
	uint64_t requests, replies;

	if (!visit->is_waiting || mono_is_before(now, visit->patience))
		return;
	/* an interface that stands ready asks i-HAs at most, who may be silent for good reason, but not at home */
	if (mn_visit_track(visit)->policy.duty == MN_DUTY_REST ||
	    (mn_visit_track(visit)->policy.duty == MN_DUTY_PROBE && visit->home_agent == 0)) {
		wait_for_answer(visit);
		return;
	}
	count_answers(mn_visit_track(visit), &requests, &replies);
	/* nobody has been asked there, as an x-HA by an interface that is inside or stands ready: its turn may come */
	if (requests == visit->requests_before && replies == visit->replies_before) {
		wait_for_answer(visit);
		return;
	}
	visit->is_waiting = false;
	if (replies != visit->replies_before)
		return;
	log_warnx("%s: the %s agent does not answer%s", mn_visit_track(visit)->name,
		  visit->home_agent != 0 ? "home" : "foreign",
		  visit->foreign.challenge.len != 0 && visit->foreign.association == NULL
			  ? ": it wants a challenge answered, and there is no key for that"
			  : "");
	mn_advert_avoid(&visit->advert, now);
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	struct mn_visit *visit = context;
	struct mono_time now = mono_now();

	/* what is due may be so until the link watch has looked, and begins anew then */
	if (visit->daemon->is_leaving || is_outdated(visit))
		return;
	mn_visit_announce(visit, now);
	mn_visit_look_at_arp(visit, now);
	look_at_patience(visit, now);
	reconsider(visit, false);
	solicit(visit, now);
	rearm(visit);
}

void
mn_visit_init(struct mn_visit *visit, struct mn_daemon *daemon, unsigned index)
{
	*visit = (struct mn_visit){
		.daemon = daemon,
		.index = index,
		.use = daemon->config->foreign_use[index],
		.log_limit = {.per_sec = 1},
	};
	mn_link_init(&visit->link);
}

static void
free_event(struct event **event)
{
	if (*event != NULL)
		event_free(*event);
	*event = NULL;
}

static void
close_link(struct mn_visit *visit)
{
	mn_visit_leave(visit);
	free_event(&visit->readable);
	free_event(&visit->timer);
	mn_link_close(&visit->link);
}

void
mn_visit_close(struct mn_visit *visit)
{
	if (visit->daemon == NULL)
		return;
	close_link(visit);
	mn_arp_restore(&visit->arp);
}

/* Begins to listen on a link. Without that, there is none with foreign agents. */
static void
open_link(struct mn_visit *visit)
{
	const char *name = mn_visit_track(visit)->name;
	int result = mn_link_open(&visit->link, visit->own.ifindex, name);

	if (result == 0) {
		visit->readable = event_new(visit->daemon->base, visit->link.fd,
					    EV_READ | EV_PERSIST, on_frames, visit);
		visit->timer = evtimer_new(visit->daemon->base, on_timer, visit);
		if (visit->readable == NULL || visit->timer == NULL ||
		    event_add(visit->readable, NULL) != 0)
			result = -ENOMEM;
	}
	if (result == 0)
		return;
	close_link(visit);
	if (result != -ENODEV)
		log_warn(-result, "%s: foreign agents are not heard", name);
}

void
mn_visit_move(struct mn_visit *visit, const struct attachment *own)
{
	bool is_new_link = own->ifindex != visit->own.ifindex || is_outdated(visit);

	/* what was set on the link that it comes from is undone there */
	if (is_new_link)
		close_link(visit);
	visit->own = *own;
	if (is_new_link) {
		mn_advert_init(&visit->advert, mono_now());
		visit->is_refusal_logged = false;
		visit->since = mn_visit_track(visit)->changed;
		visit->listen_until = mono_add_ms(mono_now(), LISTEN_MS);
		if (own->ifindex != 0)
			mn_visit_answer_arp(visit, false);
		if (own->ifindex != 0 && (visit->use != MN_FOREIGN_NEVER ||
					  !visit->daemon->config->no_home_link[visit->index]))
			open_link(visit);
	}
	reconsider(visit, is_new_link);
}

int
mn_visit_send_request(const struct mn_visit *visit, const struct mn_agent *agent)
{
	const struct mn_registration *registration = agent->registration;
	uint8_t packet[FA_DATAGRAM_SIZE_MAX];
	struct fa_datagram datagram = {
		.src = registration->home_address,
		.dst = mn_visit_peer(visit),
		.src_port_be = agent->visit_port_be,
		.dst_port_be = htobe16(MIP_PORT),
		.ttl = registration->requested.reverse ? TTL_WITH_REVERSE : TTL_OF_A_LINK,
		.payload = registration->request,
		.len = registration->request_len,
	};

	return mn_link_send(&visit->link, visit->mac, packet, fa_datagram_build(&datagram, packet));
}

int
mn_visit_send_packet(const struct mn_visit *visit, be32 home_address, const uint8_t *packet,
		     size_t len)
{
	struct ip_header ip;

	if (len < sizeof(ip))
		return -EINVAL;
	memcpy(&ip, packet, sizeof(ip));
	if (ip_check_lengths(&ip, (uint32_t)len) != IP_OK || ip.src != home_address ||
	    ip_is_multicast(ip.dst) || ip_destination_is_martian(ip.dst) || ip.dst == UINT32_MAX)
		return -EINVAL;
	return mn_link_send(&visit->link, visit->mac, packet, len);
}
