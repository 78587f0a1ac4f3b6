/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "control/binding_table.h"
#include "control/route.h"
#include "control/subscriber.h"

void
binding_for_each(const struct binding_table *table, uint32_t first_slot,
		 bool (*visit)(const struct binding *binding, void *context), void *context)
{
	for (uint32_t slot = first_slot; slot < table->touched; slot++) {
		if (table->records[slot].in_use && !visit(&table->records[slot], context))
			return;
	}
}

void
binding_for_each_broadcast(const struct binding_table *table, struct prefix network,
			   bool (*visit)(const struct binding *binding, void *context),
			   void *context)
{
	const struct config *config = table->context.config;
	const struct binding *binding;

	for (unsigned i = 0; i < table->network_count; i++) {
		struct prefix prefix = config->home_networks[i].prefix;

		if (prefix.len_bits != network.len_bits ||
		    prefix_network(prefix) != prefix_network(network))
			continue;
		DL_FOREACH2(table->broadcast[i], binding, broadcast_next)
		{
			if (!visit(binding, context))
				return;
		}
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

	return own.far_end == key.far_end && own.port_be == key.port_be && own.agent == key.agent;
}

void
binding_republish_tunnel(struct binding_table *table, struct tunnel_key key)
{
	struct binding *binding;

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
	return false;
}

void
binding_tunnel_mtu(struct binding_table *table, struct tunnel_key tunnel, uint16_t mtu,
		   struct mono_time now)
{
	if (mtu < IP_MIN_MTU)
		mtu = IP_MIN_MTU;
	if (tunnel_exists(table, tunnel) && tunnel_state_set_mtu(table->tunnels, tunnel, mtu, now))
		binding_republish_tunnel(table, tunnel);
}

void
binding_tunnel_unreachable(struct binding_table *table, struct tunnel_key tunnel,
			   struct mono_time now)
{
	if (tunnel_exists(table, tunnel) &&
	    tunnel_state_set_unreachable(table->tunnels, tunnel, now))
		binding_republish_tunnel(table, tunnel);
}

void
binding_routes_changed(struct binding_table *table)
{
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		struct binding *binding = &table->records[slot];
		uint32_t before = binding->next_hop;

		if (!binding->in_use)
			continue;
		binding->next_hop = route_acquire(table->context.routes, binding->terms.tunnel_dst);
		route_release(table->context.routes, before);
	}
	/* a chain is published whole, by its head */
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		const struct binding *binding = &table->records[slot];

		if (binding->in_use && binding_find(table, binding->terms.home_address) == binding)
			binding_republish(table, binding);
	}
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

int
binding_table_reload(struct binding_table *table, const struct config *config, struct mono_time now)
{
	struct binding **broadcast = calloc(config->home_network_count + 1u, sizeof(broadcast[0]));

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
	binding_routes_changed(table);
	return 0;
}
