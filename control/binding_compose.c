/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a packet goes through on its way to a mobile: layers of up to three tables, composed here into the
 * specs of recipes.
 *
 *     to an i-HoA      [i-HA tunnel]               the mobile is inside
 *                      [i-HA tunnel, ESP]          its care-of address is a TIA
 *                      [i-HA tunnel, ESP, x-HA tunnel]  and its SA's peer address is an x-HoA
 *     to a TIA         [ESP] or [ESP, x-HA tunnel]
 *     to an x-HoA      [x-HA tunnel]
 *
 * Each is composed anew when a layer of it changes: bindings call binding_peer_changed(), SAs
 * binding_tia_changed(), routes both. What is meant for a TIA that has no SA goes nowhere.
 */
#include <stdlib.h>
#include <utlist.h>

#include "control/binding_table.h"
#include "control/hash_table.h"
#include "control/publish.h"
#include "control/route.h"
#include "control/sa.h"
#include "lib/log.h"

#define LINK_MTU_DEFAULT 1500 /* while there is no route */
#define TUNNEL_TTL 64
#define TIAS_A_SWEEP (BINDING_SWEEP_COUNT / 4)

_Static_assert((int)DF_COPY == RECIPE_DF_COPY && (int)DF_SET == RECIPE_DF_SET &&
		       (int)DF_CLEAR == RECIPE_DF_CLEAR,
	       "the configuration names DF as recipes do");

/* A TIA that has a tunnel, and the next hop of those whose SA's peer is not an x-HoA. */
struct tia_route {
	be32 tia;
	uint32_t next_hop; /* a reference */
	UT_hash_handle hh;
};

static bool
is_for_tia(const struct binding_table *table, const struct binding_terms *terms)
{
	return terms->agent == AGENT_I_HA && sa_is_tia(table->context.config, terms->tunnel_dst);
}

uint32_t
binding_route_acquire(struct binding_table *table, const struct binding_terms *terms)
{
	if (is_for_tia(table, terms))
		return NEXT_HOP_NONE;
	return route_acquire(table->context.routes, terms->tunnel_dst);
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

static uint16_t
link_mtu(const struct binding_table *table, uint32_t next_hop)
{
	uint16_t mtu = route_mtu(table->context.routes, next_hop);

	return mtu != 0 ? mtu : LINK_MTU_DEFAULT;
}

/* What the way to the far end carries: the link's MTU, less what ICMP errors have said of the path, but
 * never so little that a packet of 68 bytes would not go through. */
static uint16_t
tunnel_link_mtu(const struct binding_table *table, const struct binding *binding,
		struct tunnel_state_view state)
{
	uint16_t floor = (uint16_t)(IP_MIN_MTU + tunnel_overhead(binding->terms.kind));
	uint16_t mtu = link_mtu(table, binding->next_hop);

	if (state.mtu == 0 || state.mtu >= mtu)
		return mtu;
	return state.mtu > floor ? state.mtu : floor;
}

/* RFC 5265 section 3.1: what the i-HA tunnels stays inside, and nobody outside reaches an inside host by
 * naming it as a care-of address. What is sealed may go anywhere, and has no next hop of its own here. */
bool
binding_is_astray(const struct binding_table *table, const struct binding *binding)
{
	int port = route_port(table->context.routes, binding->next_hop);

	return port >= 0 && table->context.config->ports[port].is_internal !=
				    (binding->terms.agent == AGENT_I_HA);
}

static void
layer_add(const struct binding_terms *terms, struct recipe_spec *spec)
{
	struct recipe_layer_spec *layer = &spec->layers[spec->layer_count++];

	*layer = (struct recipe_layer_spec){
		.kind = (enum tunnel_kind)terms->kind,
		.src = terms->agent_address,
		.dst = terms->tunnel_dst,
		.ttl = TUNNEL_TTL,
	};
	if (tunnel_is_udp((enum tunnel_kind)terms->kind)) {
		layer->src_port_be = htobe16(MIP_PORT);
		layer->dst_port_be = terms->tunnel_port_be;
	}
}

/* The binding's own layer, and the way as if there were no other. */
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
	};
	layer_add(terms, spec);
}

static struct tia_route *
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

/* The newest binding through which a peer is reached, or NULL: it is not a mobile of the x-HA. */
static const struct binding *
x_ha_binding(const struct binding_table *table, be32 peer)
{
	const struct binding *binding = binding_find(table, peer);

	return binding != NULL && binding->terms.agent == AGENT_X_HA ? binding : NULL;
}

static struct tunnel_key
esp_tunnel(const struct sa_tunnel *tunnel)
{
	return (struct tunnel_key){
		.agent = tunnel->gateway,
		.far_end = tunnel->peer.address,
		.port_be = tunnel->peer.port_be,
		.protocol = tunnel->peer.port_be != 0 ? IP_PROTOCOL_UDP : IP_PROTOCOL_ESP,
	};
}

/* Headers, IV, trailer and ICV of ESP around `inner_len` bytes. */
static unsigned
sealed_len(const struct sa_tunnel *tunnel, unsigned inner_len)
{
	const struct sa *sa = tunnel->sa;
	enum tunnel_kind kind = tunnel->peer.port_be != 0 ? TUNNEL_UDP_ESP : TUNNEL_ESP;

	return tunnel_overhead(kind) + sa->iv_size + inner_len +
	       esp_tail_len(inner_len, sa->align, sa->icv_size);
}

/* The largest sealed packet into which no more than `inner_len` bytes go. */
static unsigned
sealed_len_at_most(const struct sa_tunnel *tunnel, unsigned inner_len)
{
	unsigned align = tunnel->sa->align;
	unsigned filled = (inner_len + (unsigned)sizeof(struct esp_trailer)) & ~(align - 1);

	return sealed_len(tunnel, filled - (unsigned)sizeof(struct esp_trailer));
}

/* What ICMP errors have said of the path inside ESP and of ESP's own, against what the link carries. */
static uint16_t
sealed_link_mtu(const struct binding_table *table, const struct recipe_spec *base,
		const struct sa_tunnel *tunnel, struct tunnel_state_view inner,
		struct tunnel_state_view esp, unsigned outer_len, uint16_t mtu)
{
	unsigned path_min = table->context.config->vpn.path_mtu_min;
	unsigned room = mtu > outer_len ? mtu - outer_len : 0, least = room, floor = IP_MIN_MTU;

	if (esp.mtu != 0 && least > esp.mtu)
		least = esp.mtu > path_min ? esp.mtu : path_min;
	if (inner.mtu != 0 && least > sealed_len_at_most(tunnel, inner.mtu))
		least = sealed_len_at_most(tunnel, inner.mtu);
	for (unsigned i = 0; i < base->layer_count; i++)
		floor += tunnel_overhead(base->layers[i].kind);
	floor = sealed_len(tunnel, floor);
	if (least < floor)
		least = floor;
	return (uint16_t)((least < room ? least : room) + outer_len);
}

/* A way to a TIA: the SA's tunnel, and the x-HA's in which that runs, or NULL. */
struct way {
	const struct sa_tunnel *tunnel;
	const struct binding *x_ha;
	struct tunnel_state_view inner; /* of the path inside ESP */
};

static void
esp_layer_add(const struct config_vpn *vpn, const struct sa_tunnel *tunnel,
	      struct recipe_spec *spec)
{
	const struct sa *sa = tunnel->sa;
	struct recipe_layer_spec *layer = &spec->layers[spec->layer_count];

	spec->seal = (struct recipe_seal){
		.sa = tunnel->sa,
		.spi_be = sa->spi_be,
		.layers = spec->layer_count++,
		.iv_size = sa->iv_size,
		.icv_size = sa->icv_size,
		.align = sa->align,
		.df = vpn->fragment == FRAGMENT_POST ? RECIPE_DF_CLEAR : (uint8_t)vpn->df,
		.cut_after = vpn->fragment == FRAGMENT_POST,
	};
	*layer = (struct recipe_layer_spec){
		.kind = tunnel->peer.port_be != 0 ? TUNNEL_UDP_ESP : TUNNEL_ESP,
		.src = tunnel->gateway,
		.dst = tunnel->peer.address,
		.ttl = TUNNEL_TTL,
	};
	if (tunnel->peer.port_be != 0) {
		layer->src_port_be = htobe16(ESP_UDP_PORT);
		layer->dst_port_be = tunnel->peer.port_be;
	}
}

/* Puts ESP and what is around it on the layers that `base` has. */
static void
spec_seal(const struct binding_table *table, const struct recipe_spec *base, be32 tia,
	  const struct way *way, struct recipe_spec *spec)
{
	struct tunnel_state_view esp = tunnel_state_find(table->tunnels, esp_tunnel(way->tunnel));
	const struct tia_route *route = tia_route_find(table, tia);
	unsigned outer_len = 0;
	uint8_t flags = RECIPE_HALF_BOUND | RECIPE_ECN_COMPATIBLE | RECIPE_UNREACHABLE;
	uint16_t mtu;

	*spec = *base;
	esp_layer_add(&table->context.config->vpn, way->tunnel, spec);
	if (way->x_ha != NULL) {
		struct recipe_spec outer;

		spec_fill(table, way->x_ha, &outer);
		outer_len = tunnel_overhead(outer.layers[0].kind);
		layer_add(&way->x_ha->terms, spec);
		spec->next_hop = outer.next_hop;
		spec->flags |= outer.flags & flags;
		mtu = outer.link_mtu;
	} else {
		spec->next_hop = route != NULL ? route->next_hop : NEXT_HOP_NONE;
		mtu = link_mtu(table, spec->next_hop);
	}
	if (esp.is_unreachable)
		spec->flags |= RECIPE_UNREACHABLE;
	spec->link_mtu = sealed_link_mtu(table, base, way->tunnel, way->inner, esp, outer_len, mtu);
}

/* One spec for each way to a TIA. Returns how many, 0: there is no way. */
static unsigned
ways_compose(const struct binding_table *table, const struct recipe_spec *base, be32 tia,
	     struct tunnel_state_view inner, unsigned room, struct recipe_spec *specs)
{
	struct sa_tunnel tunnel;
	struct way way = {.tunnel = &tunnel, .inner = inner};
	unsigned count = 0;

	if (table->sas == NULL || !sa_tunnel_find(table->sas, tia, &tunnel))
		return 0;
	way.x_ha = x_ha_binding(table, tunnel.peer.address);
	do {
		spec_seal(table, base, tia, &way, &specs[count++]);
		way.x_ha = way.x_ha != NULL ? way.x_ha->next : NULL;
	} while (way.x_ha != NULL && count < room);
	return count;
}

unsigned
binding_compose(const struct binding_table *table, const struct binding *binding, unsigned room,
		struct recipe_spec *specs)
{
	const struct binding_terms *terms = &binding->terms;
	struct recipe_spec base;
	unsigned count = 0;

	spec_fill(table, binding, &base);
	if (is_for_tia(table, terms))
		count = ways_compose(table, &base, terms->tunnel_dst,
				     tunnel_state_find(table->tunnels, binding_tunnel(terms)), room,
				     specs);
	if (count > 0)
		return count;
	specs[0] = base; /* without a next hop when it is for a TIA */
	return 1;
}

void
binding_compose_cut(const struct binding_table *table, const struct binding *binding,
		    struct recipe_spec *spec)
{
	spec_fill(table, binding, spec);
	if (is_for_tia(table, &binding->terms))
		spec->next_hop = NEXT_HOP_NONE;
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
		base.slot = table->slots + tunnel.sa->slot;
		count = ways_compose(table, &base, tia, (struct tunnel_state_view){0}, COMPOSE_MAX,
				     specs);
		rc = publish_recipes(publisher, specs, count);
	}
	if (count == 0 || rc < 0)
		publish_recipes_remove(publisher, tia);
	if (rc < 0)
		say_not_updated(tia, rc);
}

/* Publishes a chain so that it names no other SA than the current one, come what may. False: for want of
 * memory it had to end. */
static bool
chain_update(struct binding_table *table, be32 home_address)
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
		if (binding->terms.tunnel_dst == tia && is_for_tia(table, &binding->terms) &&
		    !chain_update(table, binding->terms.home_address))
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
	const struct binding *x_ha = has_tunnel ? x_ha_binding(table, tunnel.peer.address) : NULL;
	bool has_x_ha = x_ha != NULL;
	struct tia_route *route =
		has_tunnel ? tia_route_find_or_add(table, tia) : tia_route_find(table, tia);
	uint32_t before = route != NULL ? route->next_hop : NEXT_HOP_NONE;

	if (route != NULL)
		route->next_hop = has_tunnel && !has_x_ha ? route_acquire(table->context.routes,
									  tunnel.peer.address)
							  : NEXT_HOP_NONE;
	tia_publish(table, tia);
	while (!bindings_to_tia_update(table, tia))
		continue;
	sa_set_via(table->sas, tia, has_x_ha && is_reverse(x_ha) ? tunnel.peer.address : 0);
	/* no recipe has the old next hop any more */
	route_release(table->context.routes, before);
	if (route != NULL && !has_tunnel) {
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
	key = esp_tunnel(&tunnel);
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
