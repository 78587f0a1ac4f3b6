/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <rte_jhash.h>
#include <string.h>
#include <utlist.h>

#include "control/binding_table.h"
#include "control/publish.h"
#include "control/route.h"
#include "lib/log.h"

/* The least packet that every link carries (RFC 791) must go through every tunnel. */
#define LINK_MTU_DEFAULT 1500 /* while there is no route */
#define TUNNEL_TTL 64

/* More care-of addresses than any agent is configured with. */
#define CHAIN_MAX 32

struct binding **
binding_bucket(const struct binding_table *table, struct tunnel_key key)
{
	return &table->by_tunnel[rte_jhash_3words(key.agent, key.far_end,
						  (uint32_t)key.protocol << 16 | key.port_be,
						  table->tunnel_seed) &
				 table->tunnel_mask];
}

uint16_t
binding_network(const struct config *config, enum agent_id agent, be32 home_address)
{
	for (unsigned i = 0; i < config->home_network_count; i++) {
		const struct config_home_network *network = &config->home_networks[i];

		if (network->agent == agent && prefix_contains(network->prefix, home_address))
			return (uint16_t)i;
	}
	return BINDING_NETWORK_NONE;
}

static bool
wants_broadcasts(const struct binding_table *table, const struct binding_terms *terms)
{
	return (terms->request_flags & MIP_FLAG_B) != 0 && terms->network < table->network_count;
}

void
binding_index(struct binding_table *table, struct binding *binding)
{
	struct binding **bucket = binding_bucket(table, binding_tunnel(&binding->terms));

	DL_APPEND2(*bucket, binding, tunnel_prev, tunnel_next);
	if (wants_broadcasts(table, &binding->terms))
		DL_APPEND2(table->broadcast[binding->terms.network], binding, broadcast_prev,
			   broadcast_next);
}

void
binding_unindex(struct binding_table *table, struct binding *binding)
{
	struct binding **bucket = binding_bucket(table, binding_tunnel(&binding->terms));

	DL_DELETE2(*bucket, binding, tunnel_prev, tunnel_next);
	if (wants_broadcasts(table, &binding->terms))
		DL_DELETE2(table->broadcast[binding->terms.network], binding, broadcast_prev,
			   broadcast_next);
}

static uint8_t
recipe_flags(const struct binding_terms *terms, bool is_unreachable)
{
	uint8_t flags = 0;

	if (terms->request_flags & MIP_FLAG_T)
		flags |= RECIPE_REVERSE;
	if (terms->flags & BINDING_HALF_BOUND)
		flags |= RECIPE_HALF_BOUND;
	if (terms->flags & BINDING_ECN_COMPATIBLE)
		flags |= RECIPE_ECN_COMPATIBLE;
	if (terms->agent == AGENT_I_HA)
		flags |= RECIPE_INTERNAL;
	if (is_unreachable)
		flags |= RECIPE_UNREACHABLE;
	return flags;
}

/* What the way to the far end carries: the link's MTU, less what ICMP errors have said of the path, but
 * never so little that a packet of 68 bytes would not go through. */
static uint16_t
tunnel_link_mtu(const struct binding_table *table, const struct binding *binding,
		struct tunnel_state_view state)
{
	uint16_t floor = (uint16_t)(IP_MIN_MTU + tunnel_overhead(binding->terms.kind));
	uint16_t mtu = route_mtu(table->context.routes, binding->next_hop);

	if (mtu == 0)
		mtu = LINK_MTU_DEFAULT;
	if (state.mtu == 0 || state.mtu >= mtu)
		return mtu;
	return state.mtu > floor ? state.mtu : floor;
}

/* RFC 5265 section 3.1: what the i-HA tunnels stays inside, and nobody outside reaches an inside host by
 * naming it as a care-of address. */
bool
binding_is_astray(const struct binding_table *table, const struct binding *binding)
{
	int port = route_port(table->context.routes, binding->next_hop);

	return port >= 0 && table->context.config->ports[port].is_internal !=
				    (binding->terms.agent == AGENT_I_HA);
}

static void
spec_fill(const struct binding_table *table, const struct binding *binding,
	  struct recipe_spec *spec)
{
	const struct binding_terms *terms = &binding->terms;
	struct tunnel_state_view state = tunnel_state_find(table->tunnels, binding_tunnel(terms));

	*spec = (struct recipe_spec){
		.home_address = terms->home_address,
		.slot = binding->slot,
		.next_hop = binding_is_astray(table, binding) ? NEXT_HOP_NONE : binding->next_hop,
		.link_mtu = tunnel_link_mtu(table, binding, state),
		.flags = recipe_flags(terms, state.is_unreachable),
		.layer_count = 1,
	};
	spec->layers[0] = (struct recipe_layer_spec){
		.kind = (enum tunnel_kind)terms->kind,
		.src = terms->agent_address,
		.dst = terms->tunnel_dst,
		.ttl = TUNNEL_TTL,
	};
	if (tunnel_is_udp((enum tunnel_kind)terms->kind)) {
		spec->layers[0].src_port_be = htobe16(MIP_PORT);
		spec->layers[0].dst_port_be = terms->tunnel_port_be;
	}
}

int
binding_publish(struct binding_table *table, const struct binding *head)
{
	struct recipe_spec specs[CHAIN_MAX];
	unsigned count = 0;

	for (const struct binding *binding = head; binding != NULL; binding = binding->next) {
		if (count == CHAIN_MAX)
			return -ENOSPC;
		spec_fill(table, binding, &specs[count++]);
	}
	return publish_recipes(table->context.publisher, specs, count);
}

void
binding_republish(struct binding_table *table, const struct binding *binding)
{
	const struct binding *head = binding_find(table, binding->terms.home_address);
	int rc = head != NULL ? binding_publish(table, head) : 0;
	char text[ADDRESS_TEXT_SIZE];

	if (rc < 0)
		log_warn(-rc, "tunnel of %s not updated; it stays as it was",
			 address_format(binding->terms.home_address, text));
}
