/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/fake_binding.h"

#include "lib/wire_mip.h"

void
fake_bindings_link(struct binding_table *table)
{
	for (unsigned i = 0; i < table->count; i++) {
		struct binding *binding = &table->bindings[i];

		binding->next = NULL;
		for (unsigned j = i + 1; j < table->count && binding->next == NULL; j++) {
			if (table->bindings[j].terms.home_address == binding->terms.home_address)
				binding->next = &table->bindings[j];
		}
	}
}

struct binding *
binding_find(const struct binding_table *table, be32 home_address)
{
	for (unsigned i = 0; i < table->count; i++) {
		if (table->bindings[i].terms.home_address == home_address)
			return (struct binding *)(uintptr_t)&table->bindings[i];
	}
	return NULL;
}

int
binding_latch_port(struct binding_table *table, be32 home_address, be32 outer_src,
		   be16 outer_port_be)
{
	table->latches++;
	table->last_care_of = outer_src;
	table->last_port_be = outer_port_be;
	return 0;
}

void
binding_tunnel_mtu(struct binding_table *table, struct tunnel_key tunnel, uint16_t mtu,
		   enum tunnel_evidence evidence, struct mono_time now)
{
	table->mtus++;
	table->last_evidence = evidence;
	table->last_agent = tunnel.agent;
	table->last_care_of = tunnel.far_end;
	table->last_port_be = tunnel.port_be;
	table->last_mtu = mtu;
}

void
binding_tunnel_unreachable(struct binding_table *table, struct tunnel_key tunnel,
			   enum tunnel_evidence evidence, struct mono_time now)
{
	table->unreachables++;
	table->last_evidence = evidence;
	table->last_agent = tunnel.agent;
	table->last_care_of = tunnel.far_end;
	table->last_port_be = tunnel.port_be;
}

void
binding_for_each_broadcast(struct binding_table *table, struct prefix network, uint32_t turn,
			   bool (*visit)(const struct binding *binding, void *context),
			   void *context)
{
	for (unsigned i = 0; i < table->count; i++) {
		const struct binding_terms *terms = &table->bindings[i].terms;

		if (!(terms->request_flags & MIP_FLAG_B) ||
		    !prefix_contains(network, terms->home_address) ||
		    table->bindings[i].broadcast_turn == turn)
			continue;
		if (!visit(&table->bindings[i], context))
			return;
		table->bindings[i].broadcast_turn = turn;
	}
}
