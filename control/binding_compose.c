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
#include "control/binding_table.h"
#include "control/route.h"
#include "control/sa.h"
#include "dataplane/tables.h"

#define LINK_MTU_DEFAULT 1500 /* while there is no route */
#define TUNNEL_TTL 64

_Static_assert((int)DF_COPY == RECIPE_DF_COPY && (int)DF_SET == RECIPE_DF_SET &&
		       (int)DF_CLEAR == RECIPE_DF_CLEAR,
	       "the configuration names DF as recipes do");

bool
binding_is_for_tia(const struct binding_table *table, const struct binding_terms *terms)
{
	return terms->agent == AGENT_I_HA && sa_is_tia(table->context.config, terms->tunnel_dst);
}

uint32_t
binding_route_acquire(struct binding_table *table, const struct binding_terms *terms)
{
	if (binding_is_for_tia(table, terms))
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
	struct tunnel_state_view esp =
		tunnel_state_find(table->tunnels, sa_tunnel_key(way->tunnel));
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

unsigned
tia_compose(const struct binding_table *table, const struct recipe_spec *base, be32 tia,
	    struct tunnel_state_view inner, unsigned room, struct recipe_spec *specs)
{
	struct sa_tunnel tunnel;
	struct way way = {.tunnel = &tunnel, .inner = inner};
	unsigned count = 0;

	if (table->sas == NULL || !sa_tunnel_find(table->sas, tia, &tunnel))
		return 0;
	way.x_ha = binding_of_peer(table, tunnel.peer.address);
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
	if (binding_is_for_tia(table, terms))
		count = tia_compose(table, &base, terms->tunnel_dst,
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
	if (binding_is_for_tia(table, &binding->terms))
		spec->next_hop = NEXT_HOP_NONE;
}
