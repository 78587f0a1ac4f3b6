/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/recipe.h"

#include <errno.h>

/* Writes one layer's headers so that they end at `end`; returns where they begin. */
static uint8_t *
layer_write(uint8_t *end, const struct recipe_layer_spec *spec)
{
	uint8_t protocol = tunnel_protocol(spec->kind);
	struct ip_header *ip;

	if (tunnel_is_gre(spec->kind)) {
		struct gre_header gre = {.protocol_be = htobe16(0x0800)};

		end -= sizeof(gre);
		memcpy(end, &gre, sizeof(gre));
	} else if (tunnel_is_minenc(spec->kind)) {
		/* these bytes are for packets that minimal encapsulation may not carry */
		protocol = IP_PROTOCOL_IPIP;
	}
	if (tunnel_is_udp(spec->kind)) {
		struct mip_tunnel_data data = {.type = MIP_TUNNEL_DATA, .next_header = protocol};
		/* a checksum of 0: what is inside has its own (RFC 768 allows it over IPv4) */
		struct udp_header udp = {.src_port_be = spec->src_port_be,
					 .dst_port_be = spec->dst_port_be};

		end -= sizeof(data);
		memcpy(end, &data, sizeof(data));
		end -= sizeof(udp);
		memcpy(end, &udp, sizeof(udp));
		protocol = IP_PROTOCOL_UDP;
	}
	end -= sizeof(*ip);
	ip = (struct ip_header *)end;
	*ip = (struct ip_header){
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.ttl = spec->ttl,
		.protocol = protocol,
		.src = spec->src,
		.dst = spec->dst,
	};
	return end;
}

static unsigned
spec_push_len(const struct recipe_spec *spec)
{
	unsigned push_len = 0;

	for (unsigned i = 0; i < spec->layer_count && i < RECIPE_LAYERS_MAX; i++)
		push_len += tunnel_overhead(spec->layers[i].kind);
	return push_len;
}

size_t
recipe_size(const struct recipe_spec *spec)
{
	return spec_push_len(spec) > RECIPE_CHUNK ? RECIPE_SIZE_LONG : RECIPE_SIZE_SHORT;
}

int
recipe_compile(struct recipe *recipe, const struct recipe_spec *spec)
{
	uint8_t *end, *begin;
	unsigned push_len;

	if (spec->layer_count == 0 || spec->layer_count > RECIPE_LAYERS_MAX)
		return -EINVAL;
	for (unsigned i = 0; i < spec->layer_count; i++)
		if (spec->layer_count > 1 && tunnel_is_minenc(spec->layers[i].kind))
			return -EINVAL;
	push_len = spec_push_len(spec);
	if (spec->link_mtu < push_len + IP_MIN_MTU)
		return -EINVAL;

	memset(recipe, 0, recipe_size(spec));
	recipe->home_address = spec->home_address;
	recipe->slot = spec->slot;
	recipe->next_hop = spec->next_hop;
	recipe->inner_mtu = (uint16_t)(spec->link_mtu - push_len);
	recipe->push_len = (uint8_t)push_len;
	recipe->flags = spec->flags;
	recipe->layer_count = spec->layer_count;
	recipe->next = spec->next;
	if (spec->next != NULL)
		recipe->flags |= RECIPE_HAS_NEXT;
	if (push_len > RECIPE_CHUNK)
		recipe->flags |= RECIPE_LONG;
	end = (uint8_t *)(uintptr_t)recipe_bytes(recipe) + push_len;
	begin = end;
	for (unsigned i = 0; i < spec->layer_count; i++) {
		struct recipe_layer *layer = &recipe->layers[i];

		begin = layer_write(begin, &spec->layers[i]);
		layer->back = (uint8_t)(end - begin);
		layer->kind = (uint8_t)spec->layers[i].kind;
		layer->partial_sum =
			checksum_fold(checksum_add(0, begin, sizeof(struct ip_header)));
	}
	return 0;
}

const char *
tunnel_kind_name(enum tunnel_kind kind)
{
	static const char *const names[TUNNEL_KIND_COUNT] = {
		"ip-in-ip",	  "udp", "gre",	       "gre-in-udp", "minimal",
		"minimal-in-udp", "esp", "esp-in-udp",
	};

	return (unsigned)kind < TUNNEL_KIND_COUNT ? names[kind] : "unknown";
}
