/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_IKE_LINK_STATE_H
#define CONTROL_IKE_LINK_STATE_H

#include "control/ike_datagram.h"
#include "control/ike_dispatch.h"
#include "control/ike_events.h"
#include "control/ike_link.h"
#include "lib/log.h"

/* What ike_link.c (connections, what charon says) and ike_link_out.c (what it is told) share. */

#define IKE_HALF_OPEN_MAX 4
#define IKE_MESSAGES_A_ROUND 64
#define IKE_MESSAGE_SIZE_MAX \
	(sizeof(struct ike_header) + sizeof(struct ike_datagram) + IKE_DATAGRAM_MAX)
_Static_assert(IKE_MESSAGE_SIZE_MAX >= sizeof(struct ike_header) + sizeof(struct ike_add_sa),
	       "datagrams are the longest messages");

#define NO_FD (-1)

/* One that has connected and not said hello. */
struct half_open {
	int fd;
	struct mono_time since;
};

struct ike_link {
	struct ike_link_context context;
	char path[CONFIG_PATH_SIZE];
	unsigned uid;
	int listener;
	int epoll;
	int current; /* the connection to charon, or NO_FD */
	uint32_t current_interest;
	struct half_open half_open[IKE_HALF_OPEN_MAX];
	unsigned half_open_count;
	struct ike_server server;
	struct ike_events *events;
	bool events_blocked; /* charon did not take the oldest */
	struct ike_reply reply;
	size_t reply_size; /* not 0: charon has not taken the reply, and gets to ask no more before */
	struct log_limit log_refused, log_datagram, log_lost;
	struct ike_link_view view;
	uint8_t packet[IKE_PACKET_SIZE_MAX];
	_Alignas(uint64_t) uint8_t message[IKE_MESSAGE_SIZE_MAX];
};

/* Changes what is waited for on `fd`. 0 or -errno. */
int ike_link_watch(struct ike_link *link, int operation, int fd, uint32_t interest);

/* Ends the current connection. */
void ike_link_disconnect(struct ike_link *link, struct mono_time now);

/* Sends the reply that waits, if one does. */
void ike_link_send_reply(struct ike_link *link, struct mono_time now);

/* Sends some of the events that wait; returns how many. */
unsigned ike_link_send_events(struct ike_link *link, struct mono_time now);

/* Waits for what has become possible or useful on the current connection. */
void ike_link_set_interest(struct ike_link *link);

#endif
