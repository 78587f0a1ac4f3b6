/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_RECIPE_H
#define LIB_RECIPE_H

#include <stdbool.h>
#include <string.h>

#include "lib/checksum.h"
#include "lib/ecn.h"
#include "lib/esp.h"
#include "lib/tunnel.h"

/*
 * A recipe is what a worker finds under a home address: the finished bytes of every header to push
 * before a packet for that mobile, outermost first, and where the few fields lie that differ from
 * packet to packet. The control core compiles it when a binding changes (recipe_compile), publishes it
 * by one pointer, and never writes to it again; workers only read.
 *
 * A packet to the mobile costs one copy of these bytes and a patch a layer. A packet from the mobile is
 * held against the same bytes, mirrored: its outer addresses and ports must be those of the layer, the
 * other way round. So one line of memory serves both directions.
 */

struct sa;

#define RECIPE_LAYERS_MAX 3
#define RECIPE_CHUNK 32 /* headers of one layer are copied in one piece of this size */
/* Three layers, the deepest: twice IP+UDP+MIP+GRE (36), once IP+UDP+ESP+IV (52): 124. */
#define RECIPE_PUSH_MAX 128
#define RECIPE_LINES_MAX 4
/* What a packet needs before its IP header: the deepest recipe and Ethernet with a VLAN tag. */
#define RECIPE_HEADROOM 160
_Static_assert(RECIPE_HEADROOM >= RECIPE_PUSH_MAX + 18, "head room holds the deepest recipe");

enum recipe_flag {
	RECIPE_REVERSE = 0x01, /* T: the mobile may send through the tunnel (RFC 3024) */
	RECIPE_HALF_BOUND =
		0x02, /* RFC 3519 section 4.11: nothing to the mobile until its keepalive */
	RECIPE_ECN_COMPATIBLE = 0x04, /* outer ECN stays 0 (RFC 6040 section 4.1) */
	RECIPE_INTERNAL = 0x08,	      /* a binding of the i-HA: tunnel on internal ports only */
	RECIPE_UNREACHABLE = 0x10,    /* soft state, RFC 2003 section 5: senders are told, and the
					 tunnel is tried all the same */
	RECIPE_HAS_NEXT = 0x20,	      /* another care-of address gets a copy (S bit) */
	RECIPE_SEALED = 0x80,	      /* an ESP seal: seal_sa */
	RECIPE_LONG = 0x40, /* more bytes than one chunk: they end where the storage does */
};

/* DF of the ESP layer and those outside it (RFC 4301 section 8.1). */
enum recipe_df {
	RECIPE_DF_COPY, /* from the packet */
	RECIPE_DF_SET,
	RECIPE_DF_CLEAR,
};

/* One header that carries: an IP header and what follows it up to the next layer or the packet. */
struct recipe_layer {
	uint16_t partial_sum; /* of the IP header without TOS, length, ID, flags and checksum */
	uint8_t back;	      /* bytes from this IP header to the packet that is carried */
	uint8_t kind;	      /* enum tunnel_kind */
};
ASSERT_SIZE(struct recipe_layer, 4);

struct recipe {
	/* line 0: all that one layer needs, read in both directions */
	be32 home_address;
	uint32_t slot;	    /* the binding's number: its counters, and control's record */
	uint32_t next_hop;  /* index into the table of next hops: where the outermost layer goes */
	uint16_t inner_mtu; /* largest packet that goes in unfragmented */
	uint8_t push_len;
	uint8_t flags;
	struct recipe_layer layers[RECIPE_LAYERS_MAX]; /* [0] is the innermost */
	uint8_t layer_count;
	uint8_t seal_layers; /* layers inside the ESP seal, when RECIPE_SEALED */
	uint8_t seal_align;  /* what payload, padding and trailer are a multiple of */
	uint8_t seal_icv_size;
	uint8_t short_push[RECIPE_CHUNK]; /* right-aligned */

	/* line 1 and up to two more, as far as recipe_lines() says: duplicates and deep stacks */
	const struct recipe *next; /* when RECIPE_HAS_NEXT: of the same home address */
	struct sa *seal_sa;  /* of the ESP layer, when RECIPE_SEALED; it outlives the recipe */
	uint16_t seal_mtu;   /* the same; larger once sealed: to be cut then; 0: never */
	uint8_t seal_df;     /* the same; enum recipe_df */
	uint8_t seal_offset; /* the same: from the first byte to the ESP header */
	uint8_t long_push[64 * RECIPE_LINES_MAX - 84]; /* when RECIPE_LONG: at the storage's end */
} __attribute__((aligned(64)));
ASSERT_OFFSET(struct recipe, short_push, 32);
ASSERT_OFFSET(struct recipe, next, 64);
ASSERT_SIZE(struct recipe, 64 * RECIPE_LINES_MAX);

/* Lines of storage, of 64 bytes each, that a recipe with these flags and so many bytes to push takes: all but line 0
 * only when there is something in it. */
static inline unsigned
recipe_lines_of(uint8_t flags, unsigned push_len)
{
	if (flags & RECIPE_LONG)
		return ((unsigned)offsetof(struct recipe, long_push) + push_len + 63) / 64;
	return flags & (RECIPE_HAS_NEXT | RECIPE_SEALED) ? 2 : 1;
}

/* The same of a recipe. Any core. */
static inline unsigned
recipe_lines(const struct recipe *recipe)
{
	return recipe_lines_of(recipe->flags, recipe->push_len);
}

/* The one for the next care-of address, or NULL. Any core. */
static inline const struct recipe *
recipe_next(const struct recipe *recipe)
{
	return recipe->flags & RECIPE_HAS_NEXT ? recipe->next : NULL;
}

/* One layer, as the control core asks for it. */
struct recipe_layer_spec {
	enum tunnel_kind kind;
	be32 src;
	be32 dst;
	be16 src_port_be; /* UDP kinds only */
	be16 dst_port_be;
	uint8_t ttl;
};

/* The ESP seal of a recipe: layers[layers] of the spec is of kind TUNNEL_ESP or TUNNEL_UDP_ESP, and what
 * is inside it, `layers` of them and the packet, is encrypted. */
struct recipe_seal {
	struct sa *sa; /* outbound; NULL: nothing is sealed. It must outlive the recipe. */
	be32 spi_be;
	uint8_t layers;
	uint8_t iv_size, icv_size, align; /* of its suite */
	uint8_t df;			  /* enum recipe_df */
	bool cut_after; /* too large: cut when sealed; `df` is RECIPE_DF_CLEAR then */
};

/* Everything that a recipe is compiled from. */
struct recipe_spec {
	be32 home_address;
	uint32_t slot;
	uint32_t next_hop;
	uint16_t link_mtu; /* of the way that the outermost layer takes */
	uint8_t flags;	   /* enum recipe_flag, without HAS_NEXT and LONG */
	uint8_t layer_count;
	struct recipe_layer_spec layers[RECIPE_LAYERS_MAX]; /* [0] is the innermost */
	struct recipe_seal seal;
	const struct recipe *next;
};

/* Lines of storage, of 64 bytes each, that recipe_compile() needs for `spec`. Control core. */
unsigned recipe_spec_lines(const struct recipe_spec *spec);

/*
 * Compiles `spec` into `recipe`, storage of recipe_spec_lines() lines. Control core.
 * Returns 0, or -EINVAL: no layer or more than RECIPE_LAYERS_MAX, a link MTU too small for the layers
 * and a packet of 68 bytes, or an ESP layer without its seal. Minimal encapsulation together with other
 * layers is pushed as IP-in-IP.
 */
int recipe_compile(struct recipe *recipe, const struct recipe_spec *spec);

/* Where the finished bytes of a RECIPE_LONG end. Before it are RECIPE_PUSH_MAX bytes of storage at least. */
static inline const uint8_t *
recipe_long_end(const struct recipe *recipe)
{
	return (const uint8_t *)recipe + 64 * (size_t)recipe_lines(recipe);
}

/* The finished bytes, outermost first, `push_len` of them. Any core. */
static inline const uint8_t *
recipe_bytes(const struct recipe *recipe)
{
	const uint8_t *end = recipe->flags & RECIPE_LONG ? recipe_long_end(recipe)
							 : recipe->short_push + RECIPE_CHUNK;

	return end - recipe->push_len;
}

/* The innermost layer's IP header among the finished bytes: the tunnel as its ends know it. */
static inline const struct ip_header *
recipe_tunnel(const struct recipe *recipe)
{
	const uint8_t *end = recipe->layers[0].back > RECIPE_CHUNK
				     ? recipe_long_end(recipe)
				     : recipe->short_push + RECIPE_CHUNK;

	return (const struct ip_header *)(end - recipe->layers[0].back);
}

static inline void
recipe_patch_layer(struct ip_header *ip, const struct recipe_layer *layer, uint16_t total_len,
		   uint8_t tos, be16 fragment_be, be16 id_be)
{
	be16 total_len_be = htobe16(total_len);

	ip->tos = tos;
	ip->total_len_be = total_len_be;
	ip->id_be = id_be;
	ip->fragment_be = fragment_be;
	/* the second octet of the first word: its weight in a sum of words as they lie in memory */
	ip->checksum_be = (be16)~checksum_fold_few((uint32_t)layer->partial_sum + htobe16(tos) +
						   total_len_be + id_be + fragment_be);
	if (tunnel_is_udp((enum tunnel_kind)layer->kind)) {
		struct udp_header *udp = (struct udp_header *)(ip + 1);

		udp->len_be = htobe16((uint16_t)(total_len - sizeof(*ip)));
	}
}

/* Bytes of the packet and the headers inside the seal: what is encrypted, short of padding and trailer. */
static inline uint16_t
recipe_sealed_len(const struct recipe *recipe, uint16_t inner_len)
{
	return (uint16_t)(inner_len + (recipe->seal_layers > 0
					       ? recipe->layers[recipe->seal_layers - 1].back
					       : 0));
}

/* What the seal adds behind a packet of `inner_len` bytes. */
static inline uint16_t
recipe_tail_len(const struct recipe *recipe, uint16_t inner_len)
{
	return (uint16_t)esp_tail_len(recipe_sealed_len(recipe, inner_len), recipe->seal_align,
				      recipe->seal_icv_size);
}

static inline be16
recipe_outer_df(const struct recipe *recipe, be16 inner_df_be)
{
	switch ((enum recipe_df)recipe->seal_df) {
	case RECIPE_DF_SET:
		return htobe16(IP_FLAG_DF);
	case RECIPE_DF_CLEAR:
		return 0;
	default:
		return inner_df_be;
	}
}

/* Layers `first` to `end`, which carry `inner_len` bytes from `inner` on. */
static inline void
recipe_patch(const struct recipe *recipe, unsigned first, unsigned end, uint8_t *inner,
	     uint16_t inner_len, uint8_t tos, be16 fragment_be, be16 id_be)
{
	for (unsigned i = first; i < end; i++) {
		const struct recipe_layer *layer = &recipe->layers[i];

		recipe_patch_layer((struct ip_header *)(inner - layer->back), layer,
				   (uint16_t)(layer->back + inner_len), tos, fragment_be, id_be);
	}
}

/*
 * Pushes the recipe's headers before the packet at `inner` (an IPv4 header at an even address, followed by
 * `inner_len` bytes in all). RECIPE_PUSH_MAX bytes before `inner` must be writable:
 * more than `push_len` of them may be overwritten. Lengths are those of the sealed
 * packet, when there is a seal, whose tail is still to be written. DF and TOS come from the inner header
 * (RFC 2003 section 3.1, RFC 6040); the same `id_be` serves every layer. Worker.
 */
static inline void
recipe_push(const struct recipe *recipe, uint8_t *inner, uint16_t inner_len, be16 id_be)
{
	const struct ip_header *inner_ip = (const struct ip_header *)inner;
	uint8_t tos = ecn_outer_tos(inner_ip->tos, recipe->flags & RECIPE_ECN_COMPATIBLE);
	be16 fragment_be = inner_ip->fragment_be & htobe16(IP_FLAG_DF);
	unsigned count = recipe->flags & RECIPE_SEALED ? recipe->seal_layers : recipe->layer_count;

	if (recipe->flags & RECIPE_LONG)
		memcpy(inner - RECIPE_PUSH_MAX, recipe_long_end(recipe) - RECIPE_PUSH_MAX,
		       RECIPE_PUSH_MAX);
	else
		memcpy(inner - RECIPE_CHUNK, recipe->short_push, RECIPE_CHUNK);
	recipe_patch(recipe, 0, count, inner, inner_len, tos, fragment_be, id_be);
	if (recipe->flags & RECIPE_SEALED)
		recipe_patch(recipe, count, recipe->layer_count, inner,
			     (uint16_t)(inner_len + recipe_tail_len(recipe, inner_len)), tos,
			     recipe_outer_df(recipe, fragment_be), id_be);
}

#endif
