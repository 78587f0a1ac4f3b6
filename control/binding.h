/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_BINDING_H
#define CONTROL_BINDING_H

#include "control/config.h"
#include "control/tunnel_state.h"
#include "lib/timer_wheel.h"
#include "lib/tunnel.h"

struct publisher;
struct route_table;
struct sa_table;
struct subscriber;

/*
 * The mobility bindings. A record's number is its slot, the same number that recipes carry and workers
 * count by. The bindings of a home address (several with the S bit) form a chain, newest first; its head
 * is found through what is published for the home address, so there is no second table of them. Every
 * change is compiled and published here. Control core; nothing here blocks.
 */

enum binding_flag {
	BINDING_HALF_BOUND = 0x01,     /* RFC 3519 R: the port comes with the first keepalive */
	BINDING_NAT = 0x02,	       /* a NAT was seen between mobile and home agent */
	BINDING_REVOKE_FOREIGN = 0x04, /* RFC 3543 was negotiated with the foreign agent */
	BINDING_REVOKE_MOBILE = 0x08,  /* RFC 3543 was negotiated with the mobile itself */
	BINDING_REVOKE_INFORM = 0x10,  /* and so was the I bit */
	BINDING_ECN_COMPATIBLE = 0x20, /* the tunnel end knows RFC 2003 only */
};

#define BINDING_NETWORK_NONE UINT16_MAX

/* The number of an address's home network, or BINDING_NETWORK_NONE. Pure. */
uint16_t binding_network(const struct config *config, enum agent_id agent, be32 home_address);

/* What was asked for and granted. */
struct binding_terms {
	be32 home_address;
	be32 care_of_address; /* as registered: what names the binding */
	be32 agent_address;   /* the tunnel's near end */
	be32 tunnel_dst;      /* its far end: the care-of address, or the NAT before it */
	be16 tunnel_port_be;  /* UDP tunnels only */
	be16 source_port_be;  /* of the request */
	be32 source;
	uint32_t spi;		 /* of the mobile's association that was used */
	uint32_t peer_timestamp; /* in the peer's revocation support extension, RFC 3543 */
	uint16_t lifetime_sec;
	uint16_t network;      /* home network, by its number in the configuration */
	uint8_t agent;	       /* enum agent_id */
	uint8_t request_flags; /* enum mip_request_flag, those served */
	uint8_t kind;	       /* enum tunnel_kind */
	uint8_t flags;	       /* enum binding_flag */
	uint64_t identification;
	struct subscriber *subscriber;
};

struct binding {
	struct binding_terms terms;
	struct mono_time since; /* the mobile's first registration of this record */
	struct mono_time expires;
	struct timer_node timer;
	struct binding *next; /* the next of the same home address, or free record */
	struct binding *tunnel_prev, *tunnel_next;	 /* of the same bucket of tunnels */
	struct binding *broadcast_prev, *broadcast_next; /* B, of the same home network */
	uint32_t slot;
	uint32_t next_hop;	 /* a reference held with route_acquire() */
	uint32_t broadcast_turn; /* the last broadcast it was visited for */
	bool in_use;
};
_Static_assert(sizeof(struct binding) <= 192, "a record and its recipe stay within 512 bytes");

enum binding_end {
	BINDING_END_REPLACED,
	BINDING_END_DEREGISTERED,
	BINDING_END_EXPIRED,
	BINDING_END_REVOKED, /* by the operator */
	BINDING_END_REVOKED_BY_PEER,
	BINDING_END_GONE, /* the subscriber is no longer in the configuration */
	BINDING_END_COUNT,
};

struct binding_context {
	struct publisher *publisher;
	struct route_table *routes;
	struct timer_wheel *wheel;
	const struct config *config; /* limits.bindings_max and the home networks */
	/* A binding ends; `is_last` of its home address. It can be read during the call only, which may
	 * come from a timer. A record that goes on with another care-of address is a binding that
	 * ends, too: BINDING_END_REPLACED. */
	void (*ended)(const struct binding *binding, enum binding_end why, bool is_last,
		      struct mono_time now, void *context);
	void *context;
};

struct binding_table;

struct binding_table *
binding_table_create(const struct binding_context *context); /* NULL: memory */
/* Gives up all records, without a word to anybody; NULL is fine. */
void binding_table_destroy(struct binding_table *table);

/* The VPN gateway's SAs: what goes to a TIA is sealed by its SA from now on. Before the first SA is made. */
void binding_table_use_sas(struct binding_table *table, struct sa_table *sas);
/* sa_context.tunnel_changed: composes anew what goes to this TIA. When it returns no recipe names another
 * SA than sa_tunnel_find() does. */
void binding_tia_changed(struct binding_table *table, be32 tia, struct mono_time now);

/* The newest binding of a home address, or NULL; `next` leads to the others. */
struct binding *binding_find(const struct binding_table *table, be32 home_address);
/* Asks for all that binding_find() of these home addresses will touch, and the records; at most
 * RECIPE_LOOKUP_MAX of them. */
void
binding_prefetch(const struct binding_table *table, const be32 *home_addresses, unsigned count);
/* That of one care-of address, or NULL. */
struct binding *
binding_find_care_of(const struct binding_table *table, be32 home_address, be32 care_of_address);
unsigned binding_count(const struct binding_table *table);
bool binding_table_is_full(const struct binding_table *table);

/*
 * Makes the binding of `terms`, or changes that of the same care-of address; the mobile's others are
 * kept when `keep_others`, else they end. Their expiry is set anew from lifetime_sec.
 * 0; -ENOSPC or -ENOMEM: no room; -EINVAL: the way there is too narrow for a tunnel; -ENETUNREACH: it
 * leaves by a port of the wrong side. After an error everything is as it was.
 */
int binding_register(struct binding_table *table, const struct binding_terms *terms,
		     bool keep_others, struct mono_time now);

/* Ends one binding, which is gone after the call. */
void binding_remove(struct binding_table *table, struct binding *binding, enum binding_end why,
		    struct mono_time now);
/* Ends all of a home address; returns how many. */
unsigned binding_remove_all(struct binding_table *table, be32 home_address, enum binding_end why,
			    struct mono_time now);

/*
 * RFC 3519 section 4.11: the first keepalive of a half bound tunnel gives its port. 0 when `outer_src` is
 * where the registration came from and the tunnel is bound now; -ENOENT when no binding waits for that.
 */
int binding_latch_port(struct binding_table *table, be32 home_address, be32 outer_src,
		       be16 outer_port_be);

/* The tunnel that a binding with these terms uses. Pure. */
static inline struct tunnel_key
binding_tunnel(const struct binding_terms *terms)
{
	enum tunnel_kind kind = (enum tunnel_kind)terms->kind;
	bool is_udp = tunnel_is_udp(kind);

	return (struct tunnel_key){
		.agent = terms->agent_address,
		.far_end = terms->tunnel_dst,
		.port_be = is_udp ? terms->tunnel_port_be : 0,
		.protocol = is_udp ? IP_PROTOCOL_UDP : tunnel_protocol(kind),
	};
}

/* Soft state of a tunnel (RFC 2003 section 5): its path carries packets of `mtu` bytes, headers of the
 * tunnel included; or does not get through. Of no consequence when no binding uses the tunnel. */
void binding_tunnel_mtu(struct binding_table *table, struct tunnel_key tunnel, uint16_t mtu,
			enum tunnel_evidence evidence, struct mono_time now);
void binding_tunnel_unreachable(struct binding_table *table, struct tunnel_key tunnel,
				enum tunnel_evidence evidence, struct mono_time now);

/* Next hops or link MTUs may have changed: looks at every binding again, and publishes those anew whose
 * recipe is another one now. The first BINDING_SWEEP_COUNT slots at once, as many more every
 * BINDING_SWEEP_MS from a timer: so workers need not be waited for, and what they punt does not wait. */
#define BINDING_SWEEP_COUNT 2048
#define BINDING_SWEEP_MS 10
void binding_routes_changed(struct binding_table *table, struct mono_time now);

/*
 * Takes over a reloaded configuration: bindings follow their subscribers' `successor`, or end with them;
 * then as binding_routes_changed(). limits.bindings_max stays as it was. 0 or -ENOMEM, in which case
 * nothing has changed.
 */
int binding_table_reload(struct binding_table *table, const struct config *config,
			 struct mono_time now);

/* Visits the bindings in `slot_count` slots from `first_slot` on until `visit` returns false: that one is the
 * next call's. Returns the slot to go on from, or 0 at the end. `visit` must not change bindings. */
uint32_t
binding_for_each(const struct binding_table *table, uint32_t first_slot, uint32_t slot_count,
		 bool (*visit)(const struct binding *binding, void *context), void *context);

/* Visits the bindings that want the broadcasts of the home network with this prefix (the B bit), each once
 * a `turn`, until `visit` returns false: a call with the same turn goes on with that one, whatever has
 * become of the others meanwhile. Turns are never 0. `visit` must not change bindings. */
void binding_for_each_broadcast(struct binding_table *table, struct prefix network, uint32_t turn,
				bool (*visit)(const struct binding *binding, void *context),
				void *context);

#endif
