/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_BINDING_TABLE_H
#define CONTROL_BINDING_TABLE_H

#include "control/binding.h"
#include "control/tunnel_state.h"

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
	struct mono_time sweep_due;
	struct binding *free;
	uint32_t touched; /* records from here on have never been used, and cost no memory yet */
	uint32_t count;
	uint32_t slots;
	struct binding records[];
};

/* Puts a record into the lists that its terms call for, and takes it out of them. */
void binding_index(struct binding_table *table, struct binding *binding);
void binding_unindex(struct binding_table *table, struct binding *binding);

/* The bucket in which bindings with this tunnel are. */
struct binding **binding_bucket(const struct binding_table *table, struct tunnel_key key);

/* True when the way to the binding's far end leaves by a port of the other home agent's side. */
bool binding_is_astray(const struct binding_table *table, const struct binding *binding);

/* Publishes the chain that begins at `head`. 0 or -errno with nothing changed. */
int binding_publish(struct binding_table *table, const struct binding *head);

/* Publishes the chain that `binding` is part of once more; what was published stays if that fails. */
void binding_republish(struct binding_table *table, const struct binding *binding);
/* The same for all bindings of a tunnel. */
void binding_republish_tunnel(struct binding_table *table, struct tunnel_key key);

#endif
