/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_VISIT_H
#define MOBILE_MN_VISIT_H

#include "lib/log.h"
#include "mobile/link_watch.h"
#include "mobile/mn_advert.h"
#include "mobile/mn_arp.h"
#include "mobile/mn_foreign.h"
#include "mobile/mn_link.h"

struct event;
struct mn_agent;
struct mn_daemon;

/*
 * An interface and the agents on its link: it stands between the link watch and the track, and turns the
 * attachment that the kernel has into the one that the configuration wants: the home link, or a care-of address of our
 * own or a foreign agent's. While visiting, messages and user data pass here to and from the agent's MAC address, past
 * the kernel (RFC 5944 sections 3.6.1.1 and 4.2.1: the agent is the default router, and nobody is asked by ARP). At
 * home they do so, too, to the home agent, a router like any other, and from everybody. That this is the home link the
 * home agent's advertisement says, and its answer to the deregistration proves (section 2.4.3). What may pass is
 * decided where it is for tunnels. One thread.
 */
struct mn_visit {
	struct mn_daemon *daemon;
	unsigned index; /* of the interface, and the track */
	enum mn_foreign_use use;
	struct attachment own;	/* as the link watch has it */
	struct mono_time since; /* the track's last change when the link was new */
	struct mono_time
		listen_until; /* when an agent is likely, for its answer to the first solicitation */
	bool is_listening;    /* what is attached here waits for that */
	struct mn_link link;
	struct mn_arp arp;
	struct mn_advert advert;
	struct event *readable, *timer;
	struct mn_foreign foreign;     /* address 0: not visiting */
	be32 home_agent;	       /* 0: not at home */
	be32 home_address;	       /* at home only */
	unsigned announcements_left;   /* gratuitous ARP, at home only */
	struct mono_time announce_at;  /* announcements_left only */
	struct mono_time arp_look_at;  /* whether ARP is answered, at home only */
	bool is_arp_silenced;	       /* as it was logged */
	uint8_t mac[ETH_ADDRESS_SIZE]; /* of the agent */
	struct mono_time patience;     /* when it should have answered; is_waiting only */
	bool is_waiting;
	uint64_t requests_before, replies_before; /* is_waiting only */
	bool is_refusal_logged;			  /* once a link */
	struct log_limit log_limit;
	uint64_t malformed_count; /* advertisements and other packets */
};

/* For interface `index`; no link yet. */
void mn_visit_init(struct mn_visit *visit, struct mn_daemon *daemon, unsigned index);
void mn_visit_close(struct mn_visit *visit); /* of zeros: fine */

/* The kernel has the interface attached like this now. */
void mn_visit_move(struct mn_visit *visit, const struct attachment *own);

/* Sends the agent's request to the foreign agent, or at home to the home agent. 0, or -errno. */
int mn_visit_send_request(const struct mn_visit *visit, const struct mn_agent *agent);

/* Sends a packet of a home address. 0; -EINVAL when it is none that a router takes; or -errno. */
int mn_visit_send_packet(const struct mn_visit *visit, be32 home_address, const uint8_t *packet,
			 size_t len);

#endif
