/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_visit_place.h"

#include <errno.h>
#include <string.h>

#include "mobile/ether_socket.h"
#include "mobile/mn_daemon.h"
#include "mobile/mn_visit_choice.h"

/* RFC 5944 section 4.6: gratuitous ARP is repeated a small number of times. */
#define ANNOUNCEMENTS 3
#define ANNOUNCE_MS 1000
/* The kernel tells nobody of such a change. */
#define ARP_LOOK_MS 5000

struct mn_track *
mn_visit_track(const struct mn_visit *visit)
{
	return &visit->daemon->tracks[visit->index];
}

be32
mn_visit_peer(const struct mn_visit *visit)
{
	return visit->home_agent != 0 ? visit->home_agent : visit->foreign.address;
}

static const struct mn_foreign_association *
association_with(const struct mn_config *config, be32 address)
{
	const struct mn_foreign_association *any = NULL;

	for (unsigned i = 0; i < config->association_count; i++) {
		if (config->associations[i].address == address)
			return &config->associations[i];
		if (config->associations[i].address == 0)
			any = &config->associations[i];
	}
	return any;
}

/* What the registrations see of `agent`. */
static void
describe(struct mn_visit *visit, const struct mn_advert_agent *agent)
{
	const struct agent_heard *heard = &agent->heard;
	struct mn_foreign *foreign = &visit->foreign;
	be32 current = foreign->address == heard->src ? foreign->care_of : 0;

	*foreign = (struct mn_foreign){
		.address = heard->src,
		.care_of = mn_visit_care_of(agent, current),
		.flags = heard->flags,
		.registration_sec = heard->registration_sec,
		.association = association_with(visit->daemon->config, heard->src),
		.challenge_count = agent->challenge_count,
	};
	foreign->challenge.len = (uint8_t)heard->challenge_len;
	memcpy(foreign->challenge.bytes, heard->challenge, heard->challenge_len);
}

void
mn_visit_answer_arp(struct mn_visit *visit, bool is_home)
{
	const char *name = mn_visit_track(visit)->name;
	int result =
		mn_arp_set(&visit->arp, visit->daemon->netlink, visit->own.ifindex, name, is_home);

	/* -ENODEV: the link has gone, and nobody is asked there */
	if (result != 0 && result != -ENODEV)
		log_warn(-result, "%s: ARP requests for home addresses are %sanswered", name,
			 is_home ? "not " : "");
}

/* Takes packets from the agent, or at home those for the home address, which the kernel leaves to us. False: it does
 * not, and so there is no visit. */
static bool
take_over(struct mn_visit *visit, const struct mn_advert_agent *agent, be32 home_address)
{
	int result = -EOPNOTSUPP;

	if (mn_visit_peer(visit) == agent->heard.src && visit->home_address == home_address &&
	    memcmp(visit->mac, agent->mac, sizeof(visit->mac)) == 0)
		return true;
	if (routing_is_guarded(&visit->daemon->routing))
		result = home_address != 0 ? mn_link_listen_for(&visit->link, home_address)
					   : mn_link_listen_to(&visit->link, agent->mac);
	if (result == 0) {
		memcpy(visit->mac, agent->mac, sizeof(visit->mac));
		return true;
	}
	if (!visit->is_refusal_logged)
		log_warn(-result, "%s: no agent on the link is used", mn_visit_track(visit)->name);
	visit->is_refusal_logged = true;
	return false;
}

static void
leave_home(struct mn_visit *visit)
{
	if (visit->home_agent != 0)
		mn_visit_answer_arp(visit, false);
	visit->home_agent = visit->home_address = 0;
	visit->announcements_left = 0;
	visit->is_arp_silenced = false;
}

void
mn_visit_leave(struct mn_visit *visit)
{
	if (mn_visit_peer(visit) != 0)
		(void)mn_link_listen_to(&visit->link, NULL);
	leave_home(visit);
	visit->foreign = (struct mn_foreign){0};
	visit->is_waiting = false;
}

void
mn_visit_announce(struct mn_visit *visit, struct mono_time now)
{
	int result;

	if (visit->announcements_left == 0 || mono_is_before(now, visit->announce_at))
		return;
	visit->announcements_left--;
	visit->announce_at = mono_add_ms(now, ANNOUNCE_MS);
	result = ether_socket_announce(visit->link.fd, visit->link.ifindex,
				       mn_visit_track(visit)->name, visit->home_address);
	if (result != 0)
		log_warn(-result, "%s: gratuitous ARP not sent", mn_visit_track(visit)->name);
}

void
mn_visit_look_at_arp(struct mn_visit *visit, struct mono_time now)
{
	const char *name = mn_visit_track(visit)->name, *whose;
	char home[ADDRESS_TEXT_SIZE];

	if (visit->home_agent == 0 || mono_is_before(now, visit->arp_look_at))
		return;
	visit->arp_look_at = mono_add_ms(now, ARP_LOOK_MS);
	whose = mn_arp_silenced_by(name);
	if ((whose != NULL) == visit->is_arp_silenced)
		return;
	visit->is_arp_silenced = whose != NULL;
	address_format(visit->home_address, home);
	if (whose != NULL)
		log_warnx("%s: nobody on the link gets an answer to an ARP request for %s, so it "
			  "is not "
			  "reached: set net.ipv4.conf.%s.arp_ignore to 0",
			  name, home, whose);
	else
		log_info("%s: ARP requests for %s are answered again", name, home);
}

/* The steps of RFC 5944 section 4.6 before the deregistration: ARP requests are answered, and everybody is told. */
static bool
come_home(struct mn_visit *visit, const struct mn_advert_agent *agent, be32 home_address, bool anew)
{
	bool is_new = anew || visit->home_agent != agent->heard.src ||
		      visit->home_address != home_address;

	if (!take_over(visit, agent, home_address))
		return false;
	visit->foreign = (struct mn_foreign){0};
	visit->home_agent = agent->heard.src;
	visit->home_address = home_address;
	if (!is_new)
		return true;
	mn_visit_answer_arp(visit, true);
	visit->announcements_left = ANNOUNCEMENTS;
	visit->announce_at = visit->arp_look_at = mono_now();
	mn_visit_announce(visit, visit->announce_at);
	mn_visit_look_at_arp(visit, visit->arp_look_at);
	return true;
}

/* Of registration `i`; 0: none that could be at home here. */
static be32
home_address_here(const struct mn_visit *visit, unsigned i)
{
	be32 home_address = mn_visit_track(visit)->registrations[i].home_address;
	bool may_be_home =
		home_address != 0 && !visit->daemon->config->no_home_link[visit->index] &&
		mn_visit_may_be_home(visit->own.care_of, visit->own.prefix_len, home_address);

	return may_be_home ? home_address : 0;
}

bool
mn_visit_may_come_home(const struct mn_visit *visit)
{
	for (unsigned i = 0; i < mn_visit_track(visit)->agent_count; i++) {
		if (home_address_here(visit, i) != 0)
			return true;
	}
	return false;
}

/* Whose home link it is, as far as advertisements say; NULL: nobody's. */
static const struct mn_advert_agent *
home_agent_of(const struct mn_visit *visit, struct mono_time now, be32 *home_address)
{
	const struct mn_track *track = mn_visit_track(visit);
	const struct mn_advert_agent *agent = NULL;

	if (visit->link.fd < 0)
		return NULL;
	for (unsigned i = 0; agent == NULL && i < track->agent_count; i++) {
		*home_address = home_address_here(visit, i);
		if (*home_address != 0)
			agent = mn_advert_home(&visit->advert, track->registrations[i].home_agent,
					       now);
	}
	return agent;
}

/* The foreign agent to register through; NULL: none. */
static const struct mn_advert_agent *
foreign_agent_of(const struct mn_visit *visit, struct mono_time now)
{
	const struct mn_advert_agent *agent =
		visit->link.fd >= 0 ? mn_advert_choose(&visit->advert, now) : NULL;

	return mn_visit_prefers(visit->use, visit->own.care_of != 0, agent, now) ? agent : NULL;
}

const struct mn_advert_agent *
mn_visit_choose(struct mn_visit *visit, bool anew, struct mono_time now,
		struct attachment *attachment)
{
	be32 home_address;
	const struct mn_advert_agent *agent = home_agent_of(visit, now, &home_address);

	if (agent != NULL && come_home(visit, agent, home_address, anew)) {
		attachment->home_agent = visit->home_agent;
		return agent;
	}
	agent = foreign_agent_of(visit, now);
	if (agent != NULL && take_over(visit, agent, 0)) {
		leave_home(visit);
		describe(visit, agent);
		attachment->care_of = visit->foreign.care_of;
		attachment->foreign_agent = visit->foreign.address;
		return agent;
	}
	mn_visit_leave(visit);
	if (visit->use == MN_FOREIGN_REQUIRE)
		attachment->care_of = 0;
	return NULL;
}
