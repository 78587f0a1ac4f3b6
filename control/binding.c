/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/binding.h"

#include <errno.h>
#include <openssl/rand.h>
#include <rte_prefetch.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "control/binding_table.h"
#include "control/publish.h"
#include "control/route.h"

static void
tunnel_changed(struct tunnel_key key, void *context)
{
	binding_republish_tunnel(context, key);
}

static uint32_t
bucket_count(uint32_t slots)
{
	uint32_t count = 16;

	while (count < slots / 2)
		count *= 2;
	return count;
}

struct binding_table *
binding_table_create(const struct binding_context *context)
{
	uint32_t slots = context->config->limits.bindings_max;
	struct binding_table *table =
		calloc(1, sizeof(*table) + (size_t)slots * sizeof(table->records[0]));

	if (table == NULL)
		return NULL;
	table->context = *context;
	table->slots = slots;
	table->network_count = context->config->home_network_count;
	table->tunnel_mask = bucket_count(slots) - 1;
	table->by_tunnel = calloc((size_t)table->tunnel_mask + 1, sizeof(table->by_tunnel[0]));
	table->broadcast = calloc(table->network_count + 1u, sizeof(table->broadcast[0]));
	table->tunnels = tunnel_states_create(context->wheel, tunnel_changed, table);
	if (table->by_tunnel == NULL || table->broadcast == NULL || table->tunnels == NULL ||
	    RAND_bytes((uint8_t *)&table->tunnel_seed, sizeof(table->tunnel_seed)) != 1) {
		binding_table_destroy(table);
		return NULL;
	}
	return table;
}

void
binding_table_destroy(struct binding_table *table)
{
	if (table == NULL)
		return;
	timer_disarm(table->context.wheel, &table->sweep);
	for (uint32_t slot = 0; slot < table->touched; slot++)
		timer_disarm(table->context.wheel, &table->records[slot].timer);
	binding_tias_free(table);
	tunnel_states_destroy(table->tunnels);
	free(table->broadcast);
	free(table->by_tunnel);
	free(table);
}

struct binding *
binding_find(const struct binding_table *table, be32 home_address)
{
	const struct recipe *recipe = publish_recipes_find(table->context.publisher, home_address);

	/* the slot behind the last is that of all TIAs */
	if (recipe == NULL || recipe->slot >= table->slots)
		return NULL;
	return (struct binding *)&table->records[recipe->slot];
}

void
binding_prefetch(const struct binding_table *table, const be32 *home_addresses, unsigned count)
{
	const struct recipe *recipes[RECIPE_LOOKUP_MAX];

	publish_recipes_find_all(table->context.publisher, home_addresses, count, recipes);
	for (unsigned i = 0; i < count; i++)
		rte_prefetch0(recipes[i]);
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *record;

		if (recipes[i] == NULL || recipes[i]->slot >= table->slots)
			continue;
		record = (const uint8_t *)&table->records[recipes[i]->slot];
		for (size_t at = 0; at < sizeof(struct binding); at += 64)
			rte_prefetch0(record + at);
	}
}

struct binding *
binding_find_care_of(const struct binding_table *table, be32 home_address, be32 care_of_address)
{
	struct binding *binding = binding_find(table, home_address);

	while (binding != NULL && binding->terms.care_of_address != care_of_address)
		binding = binding->next;
	return binding;
}

unsigned
binding_count(const struct binding_table *table)
{
	return table->count;
}

bool
binding_table_is_full(const struct binding_table *table)
{
	return table->count == table->slots;
}

static struct binding *
record_take(struct binding_table *table)
{
	struct binding *binding = table->free;

	if (binding != NULL)
		table->free = binding->next;
	else if (table->touched < table->slots)
		binding = &table->records[table->touched++];
	else
		return NULL;
	*binding = (struct binding){
		.slot = (uint32_t)(binding - table->records),
		.in_use = true,
	};
	table->count++;
	return binding;
}

static void
record_give_back(struct binding_table *table, struct binding *binding)
{
	binding->in_use = false;
	binding->next = table->free;
	table->free = binding;
	table->count--;
}

/* Ends a record that is in no chain any more. */
static void
record_end(struct binding_table *table, struct binding *binding, enum binding_end why, bool is_last,
	   struct mono_time now)
{
	timer_disarm(table->context.wheel, &binding->timer);
	binding_unindex(table, binding);
	route_release(table->context.routes, binding->next_hop);
	table->context.ended(binding, why, is_last, now, table->context.context);
	record_give_back(table, binding);
}

/* A timer has nothing but its record; the record's number leads to the table that it is part of. */
static void
record_expire(struct timer_node *node, void *context)
{
	struct binding *binding =
		(struct binding *)((char *)node - offsetof(struct binding, timer));
	struct binding_table *table =
		(struct binding_table *)((char *)(binding - binding->slot) -
					 offsetof(struct binding_table, records));

	(void)context;
	binding_remove(table, binding, BINDING_END_EXPIRED, binding->expires);
}

/* True when both make the same recipe. */
static bool
is_same_tunnel(const struct binding_terms *a, const struct binding_terms *b)
{
	uint8_t flags = BINDING_HALF_BOUND | BINDING_ECN_COMPATIBLE;

	return a->tunnel_dst == b->tunnel_dst && a->tunnel_port_be == b->tunnel_port_be &&
	       a->agent_address == b->agent_address && a->agent == b->agent && a->kind == b->kind &&
	       ((a->flags ^ b->flags) & flags) == 0 &&
	       ((a->request_flags ^ b->request_flags) & MIP_FLAG_T) == 0;
}

/* What a registration does to a home address's chain, so that it can be undone. */
struct change {
	struct binding *head;	/* the chain before it */
	struct binding *target; /* the record that takes the new terms */
	bool is_new;		/* it was not in the chain */
	bool keeps_others;
	bool has_new_hop;	    /* next_hop below is to be released in the end */
	struct binding_terms terms; /* what it had */
	uint32_t next_hop;
};

static int
change_begin(struct binding_table *table, const struct binding_terms *terms, bool keep_others,
	     struct change *change)
{
	struct binding *target =
		binding_find_care_of(table, terms->home_address, terms->care_of_address);

	*change = (struct change){
		.head = binding_find(table, terms->home_address),
		.keeps_others = keep_others,
	};
	if (target == NULL && !keep_others)
		target = change->head;
	if (target == NULL) {
		target = record_take(table);
		change->is_new = true;
	}
	if (target == NULL)
		return -ENOSPC;
	change->target = target;
	change->terms = target->terms;
	change->next_hop = target->next_hop;
	return 0;
}

/* Chains the target before the others, or alone; returns the others. */
static struct binding *
change_link(const struct change *change)
{
	struct binding *others = change->head;

	if (!change->is_new)
		LL_DELETE(others, change->target);
	change->target->next = change->keeps_others ? others : NULL;
	return others;
}

static void
change_undo(struct binding_table *table, const struct change *change, struct binding *others)
{
	struct binding *target = change->target;

	if (change->has_new_hop)
		route_release(table->context.routes, target->next_hop);
	if (change->is_new) {
		record_give_back(table, target);
		return;
	}
	target->terms = change->terms;
	target->next_hop = change->next_hop;
	/* any order is right as long as the head is the one that is published */
	if (target == change->head) {
		target->next = others;
	} else {
		target->next = others->next;
		others->next = target;
	}
}

static void
change_commit(struct binding_table *table, const struct change *change,
	      const struct binding_terms *terms, struct binding *others, struct mono_time now)
{
	struct binding *target = change->target;
	bool is_renewal =
		!change->is_new && change->terms.care_of_address == terms->care_of_address;

	if (change->is_new) {
		target->terms = *terms;
		binding_index(table, target);
	} else {
		target->terms = change->terms;
		if (change->has_new_hop)
			route_release(table->context.routes, change->next_hop);
		if (!is_renewal)
			table->context.ended(target, BINDING_END_REPLACED, false, now,
					     table->context.context);
		binding_reindex(table, target, terms);
	}
	if (!is_renewal)
		target->since = now;
	target->expires = mono_add_sec(now, terms->lifetime_sec);
	timer_arm(table->context.wheel, &target->timer, target->expires, record_expire);
	if (change->head == NULL)
		route_proxy_begin(table->context.routes, terms->home_address, now);
	while (!change->keeps_others && others != NULL) {
		struct binding *next = others->next;

		record_end(table, others, BINDING_END_REPLACED, false, now);
		others = next;
	}
}

int
binding_register(struct binding_table *table, const struct binding_terms *terms, bool keep_others,
		 struct mono_time now)
{
	struct change change;
	struct binding *others;
	bool is_alone;
	int rc = change_begin(table, terms, keep_others, &change);

	if (rc < 0)
		return rc;
	is_alone = change.head == change.target && change.target->next == NULL;
	others = change_link(&change);
	change.target->terms = *terms;
	change.has_new_hop = change.is_new || change.terms.tunnel_dst != terms->tunnel_dst;
	if (change.has_new_hop)
		change.target->next_hop = binding_route_acquire(table, terms);
	/* most registrations only prolong what is there: the workers need not hear of those */
	if (change.is_new || !is_alone || !is_same_tunnel(&change.terms, terms))
		rc = binding_is_astray(table, change.target)
			     ? -ENETUNREACH
			     : binding_publish(table, change.target);
	if (rc < 0)
		change_undo(table, &change, others);
	else
		change_commit(table, &change, terms, others, now);
	/* the request came through: its way is not what an ICMP error said of it before */
	if (rc >= 0 && tunnel_state_set_reachable(table->tunnels, binding_tunnel(terms), now))
		binding_republish_tunnel(table, binding_tunnel(terms));
	return rc;
}

static void
home_address_withdraw(struct binding_table *table, const struct binding_terms *terms,
		      struct mono_time now)
{
	be32 home_address = terms->home_address;

	publish_recipes_remove(table->context.publisher, home_address);
	if (terms->agent == AGENT_X_HA)
		binding_peer_changed(table, home_address);
	route_proxy_end(table->context.routes, home_address, NULL, now);
}

/* Ends all records of a chain that is no longer published. */
static unsigned
chain_end(struct binding_table *table, struct binding *head, enum binding_end why,
	  struct mono_time now)
{
	unsigned count = 0;

	while (head != NULL) {
		struct binding *next = head->next;

		record_end(table, head, why, next == NULL, now);
		head = next;
		count++;
	}
	return count;
}

unsigned
binding_remove_all(struct binding_table *table, be32 home_address, enum binding_end why,
		   struct mono_time now)
{
	struct binding *head = binding_find(table, home_address);

	if (head == NULL)
		return 0;
	home_address_withdraw(table, &head->terms, now);
	return chain_end(table, head, why, now);
}

void
binding_remove(struct binding_table *table, struct binding *binding, enum binding_end why,
	       struct mono_time now)
{
	be32 home_address = binding->terms.home_address;
	struct binding *others = binding_find(table, home_address);

	LL_DELETE(others, binding);
	/* no memory for the shorter chain: a tunnel that has ended must not go on, so the others go
	 * with it, and their mobile has to register again */
	if (others == NULL || binding_publish(table, others) < 0) {
		home_address_withdraw(table, &binding->terms, now);
		record_end(table, binding, why, others == NULL, now);
		chain_end(table, others, why, now);
		return;
	}
	record_end(table, binding, why, false, now);
}
