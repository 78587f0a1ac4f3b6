/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_VPN_ERRAND_H
#define MOBILE_MN_VPN_ERRAND_H

#include "mobile/mn_vpn.h"
#include "mobile/vici.h"

enum mn_vpn_errand_kind {
	MN_VPN_ERRAND_INITIATE,
	MN_VPN_ERRAND_TERMINATE, /* the gateway's answer is waited for */
	MN_VPN_ERRAND_ABANDON,	 /* it is not */
};

/* A command to charon that takes its time, on a connection of its own, because charon answers it only when it is
 * done. One at a time: another one ends it. One thread. */
struct mn_vpn_errand {
	/* the owner's to set */
	struct event_base *base;
	const struct mn_vpn_config *config;
	/* MN_VPN_ERRAND_INITIATE came to nothing, and why in words, charon's own if there are any */
	void (*failed)(void *context, const char *text);
	/* the others are done, with or without an SA to terminate */
	void (*gone)(void *context);
	void *context;

	struct vici *vici; /* NULL: none is under way */
	enum mn_vpn_errand_kind kind;
	const char *connection;
	char said[MN_VPN_ERROR_SIZE]; /* charon's last words on the attempt */
};

/* `connection`, of swanctl.conf(5), must outlive the errand. */
void mn_vpn_errand_begin(struct mn_vpn_errand *errand, enum mn_vpn_errand_kind kind,
			 const char *connection);

/* What charon does is not stopped by it. */
void mn_vpn_errand_end(struct mn_vpn_errand *errand);

#endif
