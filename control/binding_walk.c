/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "control/binding_table.h"
#include "control/route.h"
#include "control/subscriber.h"

uint32_t
binding_for_each(const struct binding_table *table, uint32_t first_slot, uint32_t slot_count,
		 bool (*visit)(const struct binding *binding, void *context), void *context)
{
	for (uint32_t slot = first_slot; slot < table->touched; slot++) {
		const struct binding *binding = &table->records[slot];

		if (slot - first_slot == slot_count ||
		    (binding->in_use && !visit(binding, context)))
			return slot;
	}
	return 0;
}

/* Who has been visited goes to the list's end: all who have not are before all who have. */
static bool
broadcast_visit(struct binding **list, uint32_t turn,
		bool (*visit)(const struct binding *binding, void *context), void *context)
{
	struct binding *binding;

	while ((binding = *list) != NULL && binding->broadcast_turn != turn) {
		if (!visit(binding, context))
			return false;
		binding->broadcast_turn = turn;
		DL_DELETE2(*list, binding, broadcast_prev, broadcast_next);
		DL_APPEND2(*list, binding, broadcast_prev, broadcast_next);
	}
	return true;
}

void
binding_for_each_broadcast(struct binding_table *table, struct prefix network, uint32_t turn,
			   bool (*visit)(const struct binding *binding, void *context),
			   void *context)
{
	const struct config *config = table->context.config;

	for (unsigned i = 0; i < table->network_count; i++) {
		struct prefix prefix = config->home_networks[i].prefix;

		if (prefix.len_bits != network.len_bits ||
		    prefix_network(prefix) != prefix_network(network))
			continue;
		if (!broadcast_visit(&table->broadcast[i], turn, visit, context))
			return;
	}
}

static struct binding *
half_bound_find(const struct binding_table *table, be32 home_address, be32 outer_src)
{
	struct binding *binding = binding_find(table, home_address);

	while (binding != NULL && ((binding->terms.flags & BINDING_HALF_BOUND) == 0 ||
				   binding->terms.source != outer_src))
		binding = binding->next;
	return binding;
}

int
binding_latch_port(struct binding_table *table, be32 home_address, be32 outer_src,
		   be16 outer_port_be)
{
	struct binding *binding = half_bound_find(table, home_address, outer_src);
	struct binding_terms before;
	int rc;

	if (binding == NULL)
		return -ENOENT;
	before = binding->terms;
	binding_unindex(table, binding);
	binding->terms.tunnel_port_be = outer_port_be;
	binding->terms.flags &= (uint8_t)~BINDING_HALF_BOUND;
	rc = binding_publish(table, binding_find(table, home_address));
	if (rc < 0)
		binding->terms = before; /* the next keepalive tries again */
	binding_index(table, binding);
	return rc;
}

static bool
uses_tunnel(const struct binding *binding, struct tunnel_key key)
{
	struct tunnel_key own = binding_tunnel(&binding->terms);

	return own.far_end == key.far_end && own.port_be == key.port_be && own.agent == key.agent &&
	       own.protocol == key.protocol;
}

void
binding_republish_tunnel(struct binding_table *table, struct tunnel_key key)
{
	struct binding *binding;

	binding_esp_changed(table, key);
	DL_FOREACH2(*binding_bucket(table, key), binding, tunnel_next)
	{
		if (uses_tunnel(binding, key))
			binding_republish(table, binding);
	}
}

/* Soft state is kept for tunnels that exist, not for whatever an ICMP error names. */
static bool
tunnel_exists(const struct binding_table *table, struct tunnel_key key)
{
	const struct binding *binding;

	DL_FOREACH2(*binding_bucket(table, key), binding, tunnel_next)
	{
		if (uses_tunnel(binding, key))
			return true;
	}
	return binding_esp_exists(table, key);
}

void
binding_tunnel_mtu(struct binding_table *table, struct tunnel_key tunnel, uint16_t mtu,
		   enum tunnel_evidence evidence, struct mono_time now)
{
	if (mtu < IP_MIN_MTU)
		mtu = IP_MIN_MTU;
	if (tunnel_exists(table, tunnel) &&
	    tunnel_state_set_mtu(table->tunnels, tunnel, mtu, evidence, now))
		binding_republish_tunnel(table, tunnel);
}

void
binding_tunnel_unreachable(struct binding_table *table, struct tunnel_key tunnel,
			   enum tunnel_evidence evidence, struct mono_time now)
{
	if (tunnel_exists(table, tunnel) &&
	    tunnel_state_set_unreachable(table->tunnels, tunnel, evidence, now))
		binding_republish_tunnel(table, tunnel);
}

/* Most recipes come out as they were, and then nothing is published: see publish_recipes(). The old next hop
 * is let go of last, when no recipe has it any more. */
static void
route_refresh(struct binding_table *table, struct binding *binding)
{
	uint32_t before = binding->next_hop;

	binding->next_hop = binding_route_acquire(table, &binding->terms);
	binding_republish(table, binding);
	route_release(table->context.routes, before);
}

static void sweep_due(struct timer_node *node, void *context);

static void
sweep(struct binding_table *table, struct mono_time now)
{
	uint32_t end = table->sweep_slot + BINDING_SWEEP_COUNT;

	for (; table->sweep_slot < table->touched && table->sweep_slot < end; table->sweep_slot++) {
		struct binding *binding = &table->records[table->sweep_slot];

		if (binding->in_use)
			route_refresh(table, binding);
	}
	if (table->sweep_slot >= table->touched && binding_tias_sweep(table))
		return;
	table->sweep_due = mono_add_ms(now, BINDING_SWEEP_MS);
	timer_arm(table->context.wheel, &table->sweep, table->sweep_due, sweep_due);
}

static void
sweep_due(struct timer_node *node, void *context)
{
	struct binding_table *table =
		(struct binding_table *)((char *)node - offsetof(struct binding_table, sweep));

	(void)context;
	sweep(table, table->sweep_due);
}

void
binding_routes_changed(struct binding_table *table, struct mono_time now)
{
	timer_disarm(table->context.wheel, &table->sweep);
	table->sweep_slot = 0;
	table->sweep_sa = 0;
	sweep(table, now);
}

static void
follow_subscriber(struct binding *binding, const struct config *config)
{
	struct binding_terms *terms = &binding->terms;

	terms->subscriber = terms->subscriber->successor;
	terms->network = binding_network(config, (enum agent_id)terms->agent, terms->home_address);
	terms->flags &= (uint8_t)~BINDING_ECN_COMPATIBLE;
	if (terms->subscriber->config->ecn_compatible)
		terms->flags |= BINDING_ECN_COMPATIBLE;
}

/* A dynamic address must still be of a home network. */
static bool
is_still_served(const struct binding *binding, const struct config *config)
{
	const struct binding_terms *terms = &binding->terms;

	if (terms->subscriber->successor == NULL)
		return false;
	return terms->subscriber->config->home_address != 0 ||
	       binding_network(config, (enum agent_id)terms->agent, terms->home_address) !=
		       BINDING_NETWORK_NONE;
}

/* Looks at once at those whose care-of address has become a TIA or is none any more: what happens to an SA
 * finds only bindings to TIAs, and these would keep the SA in their recipes, or their packets in the clear,
 * until the sweep comes to them. */
static void
follow_tia_networks(struct binding_table *table, const struct config *before)
{
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		struct binding *binding = &table->records[slot];
		const struct binding_terms *terms = &binding->terms;
		uint32_t next_hop = binding->next_hop;

		if (!binding->in_use || terms->agent != AGENT_I_HA ||
		    sa_is_tia(before, terms->tunnel_dst) ==
			    sa_is_tia(table->context.config, terms->tunnel_dst))
			continue;
		binding->next_hop = binding_route_acquire(table, terms);
		binding_chain_update(table, terms->home_address);
		route_release(table->context.routes, next_hop);
	}
}

int
binding_table_reload(struct binding_table *table, const struct config *config, struct mono_time now)
{
	struct binding **broadcast = calloc(config->home_network_count + 1u, sizeof(broadcast[0]));
	const struct config *before = table->context.config;

	if (broadcast == NULL)
		return -ENOMEM;
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		struct binding *binding = &table->records[slot];

		if (binding->in_use && !is_still_served(binding, config))
			binding_remove(table, binding, BINDING_END_GONE, now);
	}
	/* out of the lists by the old numbers of home networks, and in by the new ones */
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		if (table->records[slot].in_use)
			binding_unindex(table, &table->records[slot]);
	}
	free(table->broadcast);
	table->broadcast = broadcast;
	table->network_count = config->home_network_count;
	table->context.config = config;
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		struct binding *binding = &table->records[slot];

		if (!binding->in_use)
			continue;
		follow_subscriber(binding, config);
		binding_index(table, binding);
		/* its home network may be on a link now, or on another one */
		route_proxy_begin(table->context.routes, binding->terms.home_address, now);
	}
	follow_tia_networks(table, before);
	binding_routes_changed(table, now);
	return 0;
}
