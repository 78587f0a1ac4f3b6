/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_TUNNEL_STATE_H
#define CONTROL_TUNNEL_STATE_H

#include "lib/timer_wheel.h"
#include "lib/types.h"

/*
 * The soft state of tunnels, RFC 2003 section 5: what ICMP errors from inside a tunnel have said about it.
 * A tunnel is what its outer header shows: the protocol, a home agent's and a far end's address, shared by
 * all bindings that use it; in UDP it has the far end's port, too: behind one NAT's address are many
 * mobiles, and what befalls one of them says nothing of the others.
 * Nothing is kept for tunnels that nobody complained about, and everything is forgotten by itself.
 * Control core.
 */
#define TUNNEL_MTU_FORGOTTEN_SEC 600	    /* RFC 1191 section 6.3 */
#define TUNNEL_UNREACHABLE_FORGOTTEN_SEC 10 /* then a packet may try again */
/*
 * The same for errors that quote so little that anybody can have made them who guesses where a mobile is.
 * Routers may (RFC 792 asks for no more), so they are believed, but not for long: who lies has to go on
 * lying, and a path that is narrow costs a packet a minute to learn of again.
 */
#define TUNNEL_MTU_RUMOUR_SEC 60
#define TUNNEL_UNREACHABLE_RUMOUR_SEC 2
/*
 * Every change is to be published for all bindings of a tunnel, and a foreign agent's has thousands. Registrations
 * through it go on while errors are forged, and each would undo what the last error did: a far end that was heard is
 * believed to be there for so long, whatever errors say.
 */
#define TUNNEL_HEARD_SEC 2
#define TUNNEL_STATES_MAX 65536

struct tunnel_states;

struct tunnel_key {
	be32 agent;
	be32 far_end;
	be16 port_be;	   /* UDP only, else 0 */
	uint16_t protocol; /* of the outer header */
};

/* What an ICMP error is worth. */
enum tunnel_evidence {
	TUNNEL_RUMOUR,	/* it names the tunnel's ends */
	TUNNEL_WITNESS, /* it quotes a packet of a binding that has this tunnel */
};

struct tunnel_state_view {
	uint16_t mtu; /* of the path; 0: nothing known */
	bool is_unreachable;
};

/* `changed` is called when something was forgotten. NULL: no memory. */
struct tunnel_states *
tunnel_states_create(struct timer_wheel *wheel,
		     void (*changed)(struct tunnel_key key, void *context), void *context);
void tunnel_states_destroy(struct tunnel_states *states); /* NULL is fine */

struct tunnel_state_view
tunnel_state_find(const struct tunnel_states *states, struct tunnel_key key);

/* True when this lowers the path's MTU; false when it was known, or there is no room to remember. What was
 * known is remembered for longer when the evidence is better. */
bool tunnel_state_set_mtu(struct tunnel_states *states, struct tunnel_key key, uint16_t mtu,
			  enum tunnel_evidence evidence, struct mono_time now);

/* True when this is news; false also for a while after tunnel_state_set_reachable(). */
bool tunnel_state_set_unreachable(struct tunnel_states *states, struct tunnel_key key,
				  enum tunnel_evidence evidence, struct mono_time now);

/* The far end has just been heard. True when this is news. */
bool tunnel_state_set_reachable(struct tunnel_states *states, struct tunnel_key key,
				struct mono_time now);

#endif
