/* SPDX-License-Identifier: BSD-3-Clause */
/* The recipes of TIAs, and what is composed anew when the way to one has changed: the newest state of SAs,
 * of the x-HA's bindings and of routes is asked for each time, so that any order of events comes out right. */
#include <stdlib.h>
#include <utlist.h>

#include "control/binding_table.h"
#include "control/publish.h"
#include "control/route.h"
#include "control/sa.h"
#include "lib/log.h"

#define TIAS_A_SWEEP (BINDING_SWEEP_COUNT / 4)

struct tia_route *
tia_route_find(const struct binding_table *table, be32 tia)
{
	struct tia_route *found;

	HASH_FIND(hh, table->tias, &tia, sizeof(tia), found);
	return found;
}

static struct tia_route *
tia_route_find_or_add(struct binding_table *table, be32 tia)
{
	struct tia_route *route = tia_route_find(table, tia);

	if (route != NULL)
		return route;
	route = calloc(1, sizeof(*route));
	if (route == NULL)
		return NULL;
	route->tia = tia;
	route->next_hop = NEXT_HOP_NONE;
	HASH_ADD(hh, table->tias, tia, sizeof(route->tia), route);
	if (route->hh.tbl == NULL) {
		free(route);
		return NULL;
	}
	return route;
}

const struct binding *
binding_of_peer(const struct binding_table *table, be32 peer)
{
	const struct binding *binding = binding_find(table, peer);

	return binding != NULL && binding->terms.agent == AGENT_X_HA ? binding : NULL;
}

static void
say_not_updated(be32 address, int rc)
{
	char text[ADDRESS_TEXT_SIZE];

	log_warn(-rc, "VPN tunnel of %s not updated; nothing goes through it",
		 address_format(address, text));
}

/* What goes to the TIA itself: replies to registrations, and what the inside sends there. */
static void
tia_publish(struct binding_table *table, be32 tia)
{
	struct publisher *publisher = table->context.publisher;
	const struct recipe *before = publish_recipes_find(publisher, tia);
	struct recipe_spec specs[COMPOSE_MAX];
	struct recipe_spec base = {.home_address = tia, .flags = RECIPE_INTERNAL};
	struct sa_tunnel tunnel;
	unsigned count = 0;
	int rc = 0;

	if (before != NULL && before->slot < table->slots)
		return; /* somebody's home address, which is served first */
	if (sa_tunnel_find(table->sas, tia, &tunnel)) {
		base.slot = table->slots;
		count = tia_compose(table, &base, tia, (struct tunnel_state_view){0}, COMPOSE_MAX,
				    specs);
		rc = publish_recipes(publisher, specs, count);
	}
	if (count == 0 || rc < 0)
		publish_recipes_remove(publisher, tia);
	if (rc < 0)
		say_not_updated(tia, rc);
}

bool
binding_chain_update(struct binding_table *table, be32 home_address)
{
	const struct binding *head = binding_find(table, home_address);
	int rc = head != NULL ? binding_publish(table, head) : 0;

	if (rc == 0)
		return true;
	say_not_updated(home_address, rc);
	if (binding_publish_cut(table, head) == 0)
		return true;
	binding_remove_all(table, home_address, BINDING_END_EXPIRED, mono_now());
	return false;
}

/* False: some bindings are gone, and the list is another one. */
static bool
bindings_to_tia_update(struct binding_table *table, be32 tia)
{
	struct tunnel_key key = {
		.agent = table->context.config->agents[AGENT_I_HA].address,
		.far_end = tia,
	};
	struct binding *binding;

	DL_FOREACH2(*binding_bucket(table, key), binding, tunnel_next)
	{
		if (binding->terms.tunnel_dst == tia &&
		    binding_is_for_tia(table, &binding->terms) &&
		    !binding_chain_update(table, binding->terms.home_address))
			return false;
	}
	return true;
}

/* Without the T bit the mobile's packets do not come through the tunnel (RFC 5265 section 2.3: MAY). */
static bool
is_reverse(const struct binding *x_ha)
{
	return (x_ha->terms.request_flags & MIP_FLAG_T) != 0;
}

static void
tia_update(be32 tia, void *context)
{
	struct binding_table *table = context;
	struct sa_tunnel tunnel;
	bool has_tunnel = sa_tunnel_find(table->sas, tia, &tunnel);
	const struct binding *x_ha =
		has_tunnel ? binding_of_peer(table, tunnel.peer.address) : NULL;
	bool is_direct = has_tunnel && x_ha == NULL;
	struct tia_route *route =
		is_direct ? tia_route_find_or_add(table, tia) : tia_route_find(table, tia);
	uint32_t before = route != NULL ? route->next_hop : NEXT_HOP_NONE;

	if (route != NULL)
		route->next_hop =
			is_direct ? route_acquire(table->context.routes, tunnel.peer.address)
				  : NEXT_HOP_NONE;
	tia_publish(table, tia);
	while (!bindings_to_tia_update(table, tia))
		continue;
	sa_set_via(table->sas, tia, x_ha != NULL && is_reverse(x_ha) ? tunnel.peer.address : 0);
	/* no recipe has the old next hop any more */
	route_release(table->context.routes, before);
	if (route != NULL && !is_direct) {
		HASH_DEL(table->tias, route);
		free(route);
	}
}

void
binding_table_use_sas(struct binding_table *table, struct sa_table *sas)
{
	table->sas = sas;
}

void
binding_tia_changed(struct binding_table *table, be32 tia, struct mono_time now)
{
	(void)now;
	if (table->sas != NULL)
		tia_update(tia, table);
}

void
binding_peer_changed(struct binding_table *table, be32 home_address)
{
	if (table->sas != NULL)
		sa_for_each_tia_of_peer(table->sas, home_address, tia_update, table);
}

/* The TIAs of an ESP tunnel. */
struct esp_search {
	struct binding_table *table;
	struct tunnel_key key;
	bool is_update;
	bool is_found;
};

static void
esp_visit(be32 tia, void *context)
{
	struct esp_search *search = context;
	struct sa_tunnel tunnel;
	struct tunnel_key key;

	if (!sa_tunnel_find(search->table->sas, tia, &tunnel))
		return;
	key = sa_tunnel_key(&tunnel);
	if (key.agent != search->key.agent || key.port_be != search->key.port_be ||
	    key.protocol != search->key.protocol)
		return;
	search->is_found = true;
	if (search->is_update)
		tia_update(tia, search->table);
}

void
binding_esp_changed(struct binding_table *table, struct tunnel_key key)
{
	struct esp_search search = {.table = table, .key = key, .is_update = true};

	if (table->sas != NULL)
		sa_for_each_tia_of_peer(table->sas, key.far_end, esp_visit, &search);
}

bool
binding_esp_exists(const struct binding_table *table, struct tunnel_key key)
{
	struct esp_search search = {
		.table = (struct binding_table *)(uintptr_t)table,
		.key = key,
	};

	if (table->sas != NULL)
		sa_for_each_tia_of_peer(table->sas, key.far_end, esp_visit, &search);
	return search.is_found;
}

struct sweep {
	struct binding_table *table;
	unsigned count;
};

static bool
sweep_visit(const struct sa_view *view, void *context)
{
	struct sweep *sweep = context;

	if (sweep->count++ == TIAS_A_SWEEP)
		return false;
	if (view->is_current)
		tia_update(view->sa->tia, sweep->table);
	return true;
}

bool
binding_tias_sweep(struct binding_table *table)
{
	struct sweep sweep = {.table = table};

	if (table->sas != NULL)
		table->sweep_sa = sa_for_each(table->sas, table->sweep_sa, sweep_visit, &sweep);
	return table->sweep_sa == 0;
}

void
binding_tias_free(struct binding_table *table)
{
	struct tia_route *route, *next;

	HASH_ITER(hh, table->tias, route, next)
	{
		HASH_DEL(table->tias, route);
		free(route);
	}
}
