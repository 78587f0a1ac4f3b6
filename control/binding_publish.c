/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <rte_jhash.h>
#include <utlist.h>

#include "control/binding_table.h"
#include "control/publish.h"
#include "control/sa.h"
#include "lib/log.h"

/* All bindings of one TIA share a bucket, whatever their tunnels' kinds: they change together. */
struct binding **
binding_bucket(const struct binding_table *table, struct tunnel_key key)
{
	const struct config *config = table->context.config;

	if (key.agent == config->agents[AGENT_I_HA].address && sa_is_tia(config, key.far_end)) {
		key.protocol = 0;
		key.port_be = 0;
	}
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

void
binding_reindex(struct binding_table *table, struct binding *binding,
		const struct binding_terms *terms)
{
	bool is_same = binding_bucket(table, binding_tunnel(&binding->terms)) ==
			       binding_bucket(table, binding_tunnel(terms)) &&
		       !wants_broadcasts(table, &binding->terms) && !wants_broadcasts(table, terms);

	if (!is_same)
		binding_unindex(table, binding);
	binding->terms = *terms;
	if (!is_same)
		binding_index(table, binding);
}

int
binding_publish(struct binding_table *table, const struct binding *head)
{
	struct recipe_spec specs[COMPOSE_MAX];
	unsigned count = 0;
	int rc;

	for (const struct binding *binding = head; binding != NULL; binding = binding->next) {
		if (count == COMPOSE_MAX)
			return -ENOSPC;
		count += binding_compose(table, binding, COMPOSE_MAX - count, &specs[count]);
	}
	rc = publish_recipes(table->context.publisher, specs, count);
	if (rc == 0 && head->terms.agent == AGENT_X_HA)
		binding_peer_changed(table, head->terms.home_address);
	return rc;
}

int
binding_publish_cut(struct binding_table *table, const struct binding *head)
{
	struct recipe_spec specs[COMPOSE_MAX];
	unsigned count = 0;

	for (const struct binding *binding = head; binding != NULL && count < COMPOSE_MAX;
	     binding = binding->next)
		binding_compose_cut(table, binding, &specs[count++]);
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
