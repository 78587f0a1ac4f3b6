/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_VICI_SA_H
#define MOBILE_VICI_SA_H

#include "lib/types.h"
#include "mobile/vici_message.h"

/* What charon says of an IKE SA, in the events of list-sas, ike-updown and their like. */
struct vici_sa {
	uint32_t id; /* charon's number of it; 0: none */
	bool is_established;
	bool is_child_installed; /* the CHILD SA that was asked for can be used */
	be32 virtual_address;	 /* 0: none */
	be32 local, remote;	 /* outer addresses */
	bool is_busy; /* moves to others (MOBIKE), or replaces a CHILD SA; not done yet */
};

/* Reads the SAs of connection `connection` out of a message into `*sa`: the newest that is established, or else
 * any. `child` is the CHILD SA's name. False: the message is broken; without such an SA, `sa->id` is 0. */
bool vici_sa_read(struct vici_reader *reader, const char *connection, const char *child,
		  struct vici_sa *sa);

/* Of two SAs of a connection, the one to rely on: established, with its CHILD SA, the newer one. */
bool vici_sa_is_better(const struct vici_sa *a, const struct vici_sa *b);

#endif
