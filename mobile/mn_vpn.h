/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_VPN_H
#define MOBILE_MN_VPN_H

#include <stdbool.h>

#include "lib/mono_time.h"
#include "lib/types.h"
#include "mobile/mn_config.h"

/*
 * When the VPN is dialled, used and hung up (RFC 5265 sections 2.3 and 3.3, RFC 5266 section 3), as a
 * pure function: an event and the time go in, actions come out. IKE itself is charon's.
 *
 *     DOWN --outer address, outside--> CONNECTING --SA with a TIA--> UP --lost--> DOWN
 *     UP --the outer address changes (mobike only)--> MOVING --charon has moved the SA--> UP
 *     UP --inside, by configuration, or its outer address is gone--> CLOSING --no SA--> DOWN
 *     CONNECTING --inside, or its outer address is gone--> CLOSING; --failed--> DOWN
 *
 * The outer address is the x-HA's home address or, where no x-HA answers, the care-of address, each with a
 * connection of its own. What is up stays up as long as it has its address. What fails is tried again, later
 * each time.
 *
 * In modes cvc and fvc the outer address stays, so the VPN notices no move. In mode mc charon moves the SA by
 * itself (MOBIKE) while the i-HA is asked plainly from the new address (RFC 5266 section 3.4) and, once the SA
 * has moved, again in the tunnel; until that is accepted no user data passes. A request that went out before
 * would be lost, and may only be repeated after a second. The SA has moved when the gateway has said so and, with
 * kernel-libipsec, the CHILD SA has been replaced.
 */
enum mn_vpn_state {
	MN_VPN_DOWN,
	MN_VPN_CONNECTING,
	MN_VPN_UP, /* there is a tunnel inner address (TIA) and a CHILD SA */
	MN_VPN_MOVING,
	MN_VPN_CLOSING,
};
#define MN_VPN_STATE_COUNT 5

/* "down", "connecting", ... */
const char *mn_vpn_state_name(enum mn_vpn_state state);

enum mn_vpn_kind {
	MN_VPN_CHARON_UP,   /* charon's socket answers; what SAs there are is not known yet */
	MN_VPN_CHARON_LOST, /* it does not, or no longer: all its SAs are gone */
	MN_VPN_OUTER,	    /* IKE can use `address` now as `outer`; 0: none */
	MN_VPN_INSIDE,	    /* an interface is proved to be inside */
	MN_VPN_OUTSIDE,	    /* none is, any more */
	MN_VPN_SA, /* there is an SA of `outer` with TIA `address` between `local` and `remote` */
	MN_VPN_NO_SA,	 /* there is none that could be used */
	MN_VPN_FAILED,	 /* the attempt to connect; `text` says why */
	MN_VPN_RELEASED, /* no i-HA has a binding through the VPN */
	MN_VPN_LEAVE,	 /* the program ends: hang up as if inside, and never dial again */
	MN_VPN_TICK,	 /* time has passed */
};

struct mn_vpn_event {
	enum mn_vpn_kind kind;
	enum mn_vpn_outer outer;
	be32 address;
	be32 local, remote;
	bool is_busy;	 /* MN_VPN_SA: charon moves it, and is not done */
	bool is_awaited; /* MN_VPN_OUTER, x-HA: it is still to be asked, or its acceptance to count */
	const char *text;
};

/* What is to be done, in this order. What is terminated was dialled by what `by` was before the step. */
enum mn_vpn_action {
	MN_VPN_REACH = 0x01,	 /* connect to charon's socket */
	MN_VPN_LIST = 0x02,	 /* ask what SAs there are: MN_VPN_SA or MN_VPN_NO_SA follows */
	MN_VPN_INTERRUPT = 0x04, /* the VPN's track: no user data until it is attached anew */
	MN_VPN_DETACH = 0x08,	 /* the VPN's track leads nowhere */
	MN_VPN_TERMINATE = 0x10, /* the gateway is told, and waited for */
	MN_VPN_ABANDON = 0x20,	 /* it is not, and may not even be reached */
	MN_VPN_INITIATE = 0x40,
	MN_VPN_ATTACH = 0x80, /* the VPN's track begins anew, with care-of address `tia` */
};

#define MN_VPN_ERROR_SIZE 160

struct mn_vpn {
	const struct mn_vpn_config *config;
	enum mn_vpn_state state;
	struct mono_time since; /* in this state */
	bool is_charon;		/* its socket answers */
	bool is_listed;		/* since then it has said what SAs there are */
	bool is_inside;
	bool is_leaving;
	enum mn_vpn_outer by;		 /* DOWN: what it would be dialled by */
	be32 outers[MN_VPN_OUTER_COUNT]; /* what IKE could use; 0: none */
	bool is_x_ha_awaited;		 /* `patience` does not run yet */
	be32 tia;			 /* UP and MOVING only */
	be32 local, remote;		 /* the SA's outer addresses, UP and MOVING only */
	bool is_settling;		 /* it has others than before, but charon is not done yet */
	bool is_attached;		 /* the track, and not interrupted since, UP only */
	unsigned retry_ms, reach_ms;
	struct mono_time blocked;  /* no attempt to connect before that */
	struct mono_time patience; /* none from the care-of address */
	/* timers; UINT64_MAX ns: not running */
	struct mono_time due;	   /* DOWN: connects */
	struct mono_time reach;	   /* charon's socket is tried */
	struct mono_time deadline; /* of the state */
	struct mono_time close;	   /* inside: hangs up at the latest */
	struct mono_time poll;	   /* is_settling: charon does not say when it is done */
	struct mono_time swap;	   /* CONNECTING, UP: gives up one outer address for the other */
	/* for the operator */
	char error[MN_VPN_ERROR_SIZE]; /* the last attempt's; empty since one was successful */
	uint64_t attempt_count, connect_count, failure_count, move_count;
};

/* `config` must outlive it. Its first deadline is now. */
void mn_vpn_init(struct mn_vpn *vpn, const struct mn_vpn_config *config, struct mono_time now);

/* Takes an event. Returns actions. */
unsigned mn_vpn_step(struct mn_vpn *vpn, const struct mn_vpn_event *event, struct mono_time now);

/* When MN_VPN_TICK has something to do; UINT64_MAX ns: never. */
struct mono_time mn_vpn_deadline(const struct mn_vpn *vpn);

#endif
