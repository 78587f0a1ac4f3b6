/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_BINDING_TABLE_H
#define CONTROL_BINDING_TABLE_H

#include "control/binding.h"
#include "control/hash_table.h"
#include "control/sa.h"
#include "control/tunnel_state.h"
#include "lib/recipe.h"

/* The next hop towards a TIA whose SA's peer is not an x-HoA. */
struct tia_route {
	be32 tia;
	uint32_t next_hop; /* a reference */
	UT_hash_handle hh;
};

/* What the files of the binding table share; nobody else includes this. */
struct binding_table {
	struct binding_context context;
	struct tunnel_states *tunnels;
	struct binding **by_tunnel; /* buckets of tunnels */
	uint32_t tunnel_mask;
	uint32_t tunnel_seed;	    /* so that nobody can choose addresses that share a bucket */
	struct binding **broadcast; /* by home network */
	unsigned network_count;
	struct timer_node sweep; /* of binding_routes_changed() */
	uint32_t sweep_slot;	 /* where it goes on */
	uint32_t sweep_sa;	 /* and among the SAs, after the bindings */
	struct mono_time sweep_due;
	struct sa_table *sas; /* or NULL */
	struct tia_route *tias;
	struct binding *free;
	uint32_t touched; /* records from here on have never been used, and cost no memory yet */
	uint32_t count;
	uint32_t slots;
	struct binding records[];
};

/* Puts a record into the lists that its terms call for, and takes it out of them. */
void binding_index(struct binding_table *table, struct binding *binding);
void binding_unindex(struct binding_table *table, struct binding *binding);
/* Gives a record that is in them other terms; where the lists stay the same, nothing but the record is touched. */
void binding_reindex(struct binding_table *table, struct binding *binding,
		     const struct binding_terms *terms);

/* The bucket in which bindings with this tunnel are. */
struct binding **binding_bucket(const struct binding_table *table, struct tunnel_key key);

/* The next hop towards the far end of a tunnel with these terms, a reference; NEXT_HOP_NONE for a TIA:
 * what goes to one is sealed, and the way of its SA is the TIA's (binding_compose.c). */
uint32_t binding_route_acquire(struct binding_table *table, const struct binding_terms *terms);

/* True when the way to the binding's far end leaves by a port of the other home agent's side. */
bool binding_is_astray(const struct binding_table *table, const struct binding *binding);

#define COMPOSE_MAX 32 /* recipes of a home address; more ways than any agent is configured with */

/* What a binding's packets go through: one spec, or when its care-of address is a TIA whose mobile has
 * several ways to it, one for each, as far as there is room. Returns how many, at least 1. */
unsigned binding_compose(const struct binding_table *table, const struct binding *binding,
			 unsigned room, struct recipe_spec *specs);
/* The same, but nothing that is to be sealed gets out. */
void binding_compose_cut(const struct binding_table *table, const struct binding *binding,
			 struct recipe_spec *spec);

/* Publishes the chain that begins at `head`, and what depends on it. 0 or -errno with nothing changed. */
int binding_publish(struct binding_table *table, const struct binding *head);
/* The chain, but nothing that is to be sealed gets out. */
int binding_publish_cut(struct binding_table *table, const struct binding *head);

/* True when what goes through this tunnel is to be sealed. */
bool binding_is_for_tia(const struct binding_table *table, const struct binding_terms *terms);
/* The newest binding through which an SA's peer is reached, or NULL: it is not a mobile of the x-HA. */
const struct binding *binding_of_peer(const struct binding_table *table, be32 peer);

/* Puts ESP and what is around it on the layers that `base` has: one spec for each way to a TIA, as far as
 * there is room. `inner`: of the path inside ESP. Returns how many; 0: there is no way. */
unsigned tia_compose(const struct binding_table *table, const struct recipe_spec *base, be32 tia,
		     struct tunnel_state_view inner, unsigned room, struct recipe_spec *specs);
struct tia_route *tia_route_find(const struct binding_table *table, be32 tia);

/* What soft state goes by. Pure. */
static inline struct tunnel_key
sa_tunnel_key(const struct sa_tunnel *tunnel)
{
	return (struct tunnel_key){
		.agent = tunnel->gateway,
		.far_end = tunnel->peer.address,
		.port_be = tunnel->peer.port_be,
		.protocol = tunnel->peer.port_be != 0 ? IP_PROTOCOL_UDP : IP_PROTOCOL_ESP,
	};
}

/* The bindings of an x-HA's home address have changed: what goes through ESP to this peer goes another way. */
void binding_peer_changed(struct binding_table *table, be32 home_address);
/* The way to all TIAs of an ESP tunnel has changed. */
void binding_esp_changed(struct binding_table *table, struct tunnel_key key);
bool binding_esp_exists(const struct binding_table *table, struct tunnel_key key);
/* Looks at some TIAs again, from `sweep_sa` on; true at the end. */
bool binding_tias_sweep(struct binding_table *table);
void binding_tias_free(struct binding_table *table);

/* Publishes the chain that `binding` is part of once more; what was published stays if that fails. */
void binding_republish(struct binding_table *table, const struct binding *binding);
/* The same, so that the chain names no other SA than the current one, come what may. False: for want of
 * memory it had to end. */
bool binding_chain_update(struct binding_table *table, be32 home_address);
/* The same for all bindings of a tunnel. */
void binding_republish_tunnel(struct binding_table *table, struct tunnel_key key);

#endif
