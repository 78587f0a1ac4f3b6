/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/recipe.h"

#include <errno.h>

/* What stands between ESP's IP header and the packet; the IV and sequence number are the worker's. */
static uint8_t *
esp_write(uint8_t *end, const struct recipe_layer_spec *spec, const struct recipe_seal *seal)
{
	struct esp_header esp = {.spi_be = seal->spi_be};

	end -= seal->iv_size + sizeof(esp);
	memcpy(end, &esp, sizeof(esp));
	if (tunnel_is_udp(spec->kind)) {
		/* RFC 3948 section 2.1: the checksum should be 0 */
		struct udp_header udp = {.src_port_be = spec->src_port_be,
					 .dst_port_be = spec->dst_port_be};

		end -= sizeof(udp);
		memcpy(end, &udp, sizeof(udp));
	}
	return end;
}

/* Writes one layer's headers so that they end at `end`; returns where they begin. */
static uint8_t *
layer_write(uint8_t *end, const struct recipe_layer_spec *spec, const struct recipe_seal *seal)
{
	uint8_t protocol = tunnel_protocol(spec->kind);
	struct ip_header *ip;

	if (tunnel_is_esp(spec->kind)) {
		end = esp_write(end, spec, seal);
		if (tunnel_is_udp(spec->kind))
			protocol = IP_PROTOCOL_UDP;
	} else if (tunnel_is_gre(spec->kind)) {
		struct gre_header gre = {.protocol_be = htobe16(0x0800)};

		end -= sizeof(gre);
		memcpy(end, &gre, sizeof(gre));
	} else if (tunnel_is_minenc(spec->kind)) {
		/* these bytes are for packets that minimal encapsulation may not carry */
		protocol = IP_PROTOCOL_IPIP;
	}
	if (tunnel_is_udp(spec->kind) && !tunnel_is_esp(spec->kind)) {
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
	unsigned push_len = spec->seal.sa != NULL ? spec->seal.iv_size : 0;

	for (unsigned i = 0; i < spec->layer_count && i < RECIPE_LAYERS_MAX; i++)
		push_len += tunnel_overhead(spec->layers[i].kind);
	return push_len;
}

/* The seal must be where the ESP layer is, and nowhere else. */
static bool
seal_is_right(const struct recipe_spec *spec)
{
	const struct recipe_seal *seal = &spec->seal;

	if (seal->sa != NULL &&
	    (seal->layers >= spec->layer_count || seal->iv_size > ESP_IV_SIZE_MAX ||
	     seal->icv_size > ESP_ICV_SIZE_MAX || (seal->align != 4 && seal->align != 16)))
		return false;
	for (unsigned i = 0; i < spec->layer_count; i++)
		if (tunnel_is_esp(spec->layers[i].kind) != (seal->sa != NULL && i == seal->layers))
			return false;
	return true;
}

/* The largest packet that goes in, 0: none. What is sealed is filled up to a multiple of `align`, trailer
 * included, so of the bytes left by headers and ICV only such a multiple is of use. */
static unsigned
spec_inner_mtu(const struct recipe_spec *spec, unsigned push_len)
{
	const struct recipe_seal *seal = &spec->seal;
	unsigned inside = 0, left;

	if (spec->link_mtu < push_len + IP_MIN_MTU)
		return 0;
	if (seal->sa == NULL)
		return spec->link_mtu - push_len;
	if (seal->cut_after)
		return spec->link_mtu;
	for (unsigned i = 0; i < seal->layers; i++)
		inside += tunnel_overhead(spec->layers[i].kind);
	left = spec->link_mtu - (push_len - inside);
	if (left < seal->icv_size)
		return 0;
	left = (left - seal->icv_size) & ~(unsigned)(seal->align - 1);
	return left >= inside + sizeof(struct esp_trailer) + IP_MIN_MTU
		       ? left - inside - (unsigned)sizeof(struct esp_trailer)
		       : 0;
}

static uint8_t
spec_flags(const struct recipe_spec *spec)
{
	uint8_t flags = spec->flags;

	if (spec->next != NULL)
		flags |= RECIPE_HAS_NEXT;
	if (spec->seal.sa != NULL)
		flags |= RECIPE_SEALED;
	if (spec_push_len(spec) > RECIPE_CHUNK)
		flags |= RECIPE_LONG;
	return flags;
}

unsigned
recipe_spec_lines(const struct recipe_spec *spec)
{
	return recipe_lines_of(spec_flags(spec), spec_push_len(spec));
}

/* The layers have been written. */
static void
seal_set(struct recipe *recipe, const struct recipe_spec *spec)
{
	const struct recipe_seal *seal = &spec->seal;
	const struct recipe_layer *layer = &recipe->layers[seal->layers];
	bool is_udp = tunnel_is_udp((enum tunnel_kind)layer->kind);

	recipe->seal_offset = (uint8_t)(recipe->push_len - layer->back + sizeof(struct ip_header) +
					(is_udp ? sizeof(struct udp_header) : 0));
	recipe->seal_sa = seal->sa;
	recipe->seal_layers = seal->layers;
	recipe->seal_align = seal->align;
	recipe->seal_icv_size = seal->icv_size;
	recipe->seal_df = seal->cut_after ? RECIPE_DF_CLEAR : seal->df;
	recipe->seal_mtu = seal->cut_after ? spec->link_mtu : 0;
}

int
recipe_compile(struct recipe *recipe, const struct recipe_spec *spec)
{
	uint8_t *end, *begin;
	unsigned push_len, inner_mtu;

	if (spec->layer_count == 0 || spec->layer_count > RECIPE_LAYERS_MAX || !seal_is_right(spec))
		return -EINVAL;
	push_len = spec_push_len(spec);
	inner_mtu = spec_inner_mtu(spec, push_len);
	if (inner_mtu == 0)
		return -EINVAL;

	memset(recipe, 0, 64 * (size_t)recipe_spec_lines(spec));
	recipe->home_address = spec->home_address;
	recipe->slot = spec->slot;
	recipe->next_hop = spec->next_hop;
	recipe->inner_mtu = (uint16_t)inner_mtu;
	recipe->push_len = (uint8_t)push_len;
	recipe->flags = spec_flags(spec);
	recipe->layer_count = spec->layer_count;
	if (spec->next != NULL)
		recipe->next = spec->next;
	end = (uint8_t *)(uintptr_t)recipe_bytes(recipe) + push_len;
	begin = end;
	for (unsigned i = 0; i < spec->layer_count; i++) {
		struct recipe_layer *layer = &recipe->layers[i];

		begin = layer_write(begin, &spec->layers[i], &spec->seal);
		layer->back = (uint8_t)(end - begin);
		layer->kind = (uint8_t)spec->layers[i].kind;
		layer->partial_sum =
			checksum_fold(checksum_add(0, begin, sizeof(struct ip_header)));
	}
	if (spec->seal.sa != NULL)
		seal_set(recipe, spec);
	if (recipe->flags & RECIPE_LONG && recipe->layers[0].back <= RECIPE_CHUNK)
		memcpy(recipe->short_push + RECIPE_CHUNK - recipe->layers[0].back,
		       end - recipe->layers[0].back, recipe->layers[0].back);
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
