/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/recipe.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define SRC htobe32(0xc0000201)
#define DST htobe32(0xcb007105)
#define INNER_SIZE 100
#define ROOM_SIZE (RECIPE_PUSH_MAX + INNER_SIZE)

static struct recipe_spec
spec_of(unsigned layer_count, enum tunnel_kind kind)
{
	struct recipe_spec spec = {
		.home_address = htobe32(0x0a010007),
		.slot = 77,
		.next_hop = 5,
		.link_mtu = 1500,
		.layer_count = (uint8_t)layer_count,
	};

	for (unsigned i = 0; i < layer_count && i < RECIPE_LAYERS_MAX; i++) {
		spec.layers[i] = (struct recipe_layer_spec){
			.kind = kind,
			.src = htobe32(be32toh(SRC) + i),
			.dst = htobe32(be32toh(DST) + i),
			.src_port_be = htobe16(434),
			.dst_port_be = htobe16((uint16_t)(50000 + i)),
			.ttl = (uint8_t)(64 - i),
		};
	}
	return spec;
}

/* Storage of exactly the size that recipe_spec_lines() asks for, so that the sanitizer sees a write
 * past it. */
static struct recipe *
compile(const struct recipe_spec *spec)
{
	size_t size = 64 * (size_t)recipe_spec_lines(spec);
	struct recipe *recipe = aligned_alloc(64, size);

	assert_non_null(recipe);
	memset(recipe, 0xa5, size);
	assert_int_equal(recipe_compile(recipe, spec), 0);
	return recipe;
}

/* A packet with any TOS, DF, addresses and data, right behind RECIPE_PUSH_MAX bytes of room. */
static void
random_inner(uint8_t room[ROOM_SIZE])
{
	struct ip_header ip = {.version_ihl = IP_VERSION_IHL_PLAIN};

	for (unsigned i = 0; i < ROOM_SIZE; i++)
		room[i] = (uint8_t)(rand() >> 7);
	ip.tos = (uint8_t)(rand() >> 7);
	ip.total_len_be = htobe16(INNER_SIZE);
	ip.fragment_be = htobe16(rand() % 2 ? IP_FLAG_DF : 0);
	ip.ttl = 63;
	ip.protocol = IP_PROTOCOL_UDP;
	ip.src = (be32)rand();
	ip.dst = htobe32(0x0a010007);
	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(room + RECIPE_PUSH_MAX, &ip, sizeof(ip));
}

/* Reads one layer as its receiver would; returns what it carries. */
static const uint8_t *
check_layer(const uint8_t *bytes, size_t len, const struct recipe_layer_spec *layer, uint8_t tos,
	    be16 fragment_be, be16 id_be)
{
	uint8_t protocol = tunnel_is_gre(layer->kind) ? IP_PROTOCOL_GRE : IP_PROTOCOL_IPIP;
	struct ip_header ip;

	memcpy(&ip, bytes, sizeof(ip));
	assert_int_equal(ip.version_ihl, IP_VERSION_IHL_PLAIN);
	assert_int_equal(ip.tos, tos);
	assert_int_equal(be16toh(ip.total_len_be), len);
	assert_int_equal(ip.id_be, id_be);
	assert_int_equal(ip.fragment_be, fragment_be);
	assert_int_equal(ip.ttl, layer->ttl);
	assert_int_equal(ip.src, layer->src);
	assert_int_equal(ip.dst, layer->dst);
	assert_int_equal(checksum_of(&ip, sizeof(ip)), 0);
	bytes += sizeof(ip);
	if (tunnel_is_udp(layer->kind)) {
		struct udp_header udp;
		const uint8_t data[4] = {MIP_TUNNEL_DATA, protocol, 0, 0};

		assert_int_equal(ip.protocol, IP_PROTOCOL_UDP);
		memcpy(&udp, bytes, sizeof(udp));
		assert_int_equal(udp.src_port_be, layer->src_port_be);
		assert_int_equal(udp.dst_port_be, layer->dst_port_be);
		assert_int_equal(be16toh(udp.len_be), len - sizeof(ip));
		assert_int_equal(udp.checksum_be, 0);
		assert_memory_equal(bytes + sizeof(udp), data, sizeof(data));
		bytes += sizeof(udp) + sizeof(data);
	} else {
		assert_int_equal(ip.protocol, protocol);
	}
	if (tunnel_is_gre(layer->kind)) {
		const uint8_t gre[4] = {0, 0, 0x08, 0x00};

		assert_memory_equal(bytes, gre, sizeof(gre));
		bytes += sizeof(gre);
	}
	return bytes;
}

/* Pushes before random packets and takes all layers apart again, outermost first. */
static void
check_push(const struct recipe_spec *spec)
{
	struct recipe *recipe = compile(spec);

	for (unsigned round = 0; round < 500; round++) {
		uint8_t room[ROOM_SIZE] __attribute__((aligned(4))), before[INNER_SIZE];
		uint8_t *inner = room + RECIPE_PUSH_MAX;
		const uint8_t *at = inner - recipe->push_len;
		const struct ip_header *ip = (const struct ip_header *)inner;
		be16 id_be = (be16)rand(), df_be;
		uint8_t tos;

		random_inner(room);
		memcpy(before, inner, INNER_SIZE);
		df_be = ip->fragment_be;
		tos = spec->flags & RECIPE_ECN_COMPATIBLE ? ip->tos & 0xfc : ip->tos;
		recipe_push(recipe, inner, INNER_SIZE, id_be);
		for (unsigned i = spec->layer_count; i-- > 0;)
			at = check_layer(at, (size_t)(inner + INNER_SIZE - at), &spec->layers[i],
					 tos, df_be, id_be);
		assert_ptr_equal(at, inner);
		assert_memory_equal(inner, before, INNER_SIZE);
	}
	free(recipe);
}

static void
one_layer_of_every_kind_is_pushed_right(void **state)
{
	(void)state;
	srand(5);
	for (unsigned kind = 0; kind < TUNNEL_NEGOTIABLE_COUNT; kind++) {
		struct recipe_spec spec = spec_of(1, kind);

		check_push(&spec);
		spec.flags = RECIPE_ECN_COMPATIBLE;
		check_push(&spec);
	}
}

static void
three_layers_of_any_kinds_are_pushed_right(void **state)
{
	static const enum tunnel_kind kinds[] = {TUNNEL_IPIP, TUNNEL_UDP_IPIP, TUNNEL_GRE,
						 TUNNEL_UDP_GRE};

	(void)state;
	srand(6);
	for (unsigned i = 0; i < 64; i++) {
		struct recipe_spec spec = spec_of(3, TUNNEL_IPIP);

		spec.layers[0].kind = kinds[i % 4];
		spec.layers[1].kind = kinds[i / 4 % 4];
		spec.layers[2].kind = kinds[i / 16];
		check_push(&spec);
	}
}

static void
storage_is_one_line_up_to_one_chunk_and_as_long_as_needed_beyond(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < TUNNEL_NEGOTIABLE_COUNT; kind++) {
		for (unsigned count = 1; count <= (tunnel_is_minenc(kind) ? 1u : 3u); count++) {
			struct recipe_spec spec = spec_of(count, kind);
			unsigned push_len = count * tunnel_overhead(kind);
			bool is_long = push_len > RECIPE_CHUNK;
			unsigned lines = !is_long ? 1 : (push_len <= 44 ? 2 : 3);
			struct recipe *recipe = compile(&spec);

			assert_int_equal(recipe_spec_lines(&spec), lines);
			assert_int_equal(recipe_lines(recipe), lines);
			assert_true(recipe_bytes(recipe) - (uint8_t *)recipe >=
				    (long)offsetof(struct recipe, short_push));
			assert_int_equal((recipe->flags & RECIPE_LONG) != 0, is_long);
			assert_null(recipe_next(recipe));
			free(recipe);
		}
	}
}

/* ESP without encryption is as short as a chunk; with AES-CBC, between two of the longest layers, it is the deepest
 * of all. */
static void
storage_of_what_is_sealed_has_room_for_the_seal(void **state)
{
	struct recipe_spec spec = spec_of(1, TUNNEL_ESP);
	struct recipe other;
	struct recipe *recipe;

	(void)state;
	spec.seal = (struct recipe_seal){
		.sa = (struct sa *)&other, .icv_size = 12, .align = 4, .df = RECIPE_DF_SET};
	recipe = compile(&spec);
	assert_int_equal(recipe_lines(recipe), 2);
	assert_int_equal(recipe->seal_df, RECIPE_DF_SET);
	free(recipe);

	spec = spec_of(3, TUNNEL_UDP_GRE);
	spec.layers[1].kind = TUNNEL_UDP_ESP;
	spec.seal = (struct recipe_seal){
		.sa = (struct sa *)&other, .layers = 1, .iv_size = 16, .icv_size = 12, .align = 16};
	recipe = compile(&spec);
	assert_int_equal(recipe->push_len, 124);
	assert_int_equal(recipe_lines(recipe), RECIPE_LINES_MAX);
	assert_ptr_equal(recipe->seal_sa, &other);
	assert_int_equal(recipe->seal_offset, 36 + 20 + 8);
	assert_int_equal(((const struct ip_header *)recipe_bytes(recipe))->dst, spec.layers[2].dst);
	free(recipe);
}

static void
what_the_control_core_asked_for_stands_in_the_recipe(void **state)
{
	struct recipe other = {0};
	struct recipe_spec spec = spec_of(1, TUNNEL_UDP_IPIP);
	struct recipe *recipe;

	(void)state;
	spec.flags = RECIPE_REVERSE | RECIPE_INTERNAL;
	spec.next = &other;
	recipe = compile(&spec);
	assert_int_equal(recipe->home_address, spec.home_address);
	assert_int_equal(recipe->slot, 77);
	assert_int_equal(recipe->next_hop, 5);
	assert_int_equal(recipe->layer_count, 1);
	assert_int_equal(recipe->seal_layers, 0);
	assert_ptr_equal(recipe_next(recipe), &other);
	assert_int_equal(recipe_lines(recipe), 2);
	assert_int_equal(recipe->flags, RECIPE_REVERSE | RECIPE_INTERNAL | RECIPE_HAS_NEXT);
	assert_int_equal(recipe_tunnel(recipe)->dst, DST);
	assert_int_equal(recipe_tunnel(recipe)->src, SRC);
	free(recipe);
}

static void
the_innermost_layer_is_the_tunnel_that_its_ends_know(void **state)
{
	struct recipe_spec spec = spec_of(3, TUNNEL_UDP_IPIP);
	struct recipe *recipe = compile(&spec);

	(void)state;
	assert_int_equal(recipe_tunnel(recipe)->dst, spec.layers[0].dst);
	assert_int_equal(recipe_tunnel(recipe)->src, spec.layers[0].src);
	free(recipe);
}

static void
the_mtu_inside_is_the_links_less_all_headers(void **state)
{
	static const struct {
		enum tunnel_kind kind;
		unsigned layer_count;
		uint16_t inner_mtu;
	} cases[] = {
		{TUNNEL_IPIP, 1, 1480},	    {TUNNEL_UDP_IPIP, 1, 1468},
		{TUNNEL_GRE, 1, 1476},	    {TUNNEL_UDP_GRE, 1, 1464},
		{TUNNEL_MINENC, 1, 1480},   {TUNNEL_UDP_MINENC, 1, 1468},
		{TUNNEL_UDP_IPIP, 3, 1404}, {TUNNEL_IPIP, 2, 1460},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct recipe_spec spec = spec_of(cases[i].layer_count, cases[i].kind);
		struct recipe *recipe = compile(&spec);

		assert_int_equal(recipe->inner_mtu, cases[i].inner_mtu);
		free(recipe);
	}
}

static void
impossible_recipes_are_refused(void **state)
{
	struct recipe_spec spec = spec_of(0, TUNNEL_IPIP);
	struct recipe recipe;

	(void)state;
	assert_int_equal(recipe_compile(&recipe, &spec), -EINVAL);
	spec = spec_of(3, TUNNEL_IPIP);
	spec.layer_count = 4;
	assert_int_equal(recipe_compile(&recipe, &spec), -EINVAL);
	spec = spec_of(1, TUNNEL_IPIP);
	spec.link_mtu = 20 + IP_MIN_MTU - 1;
	assert_int_equal(recipe_compile(&recipe, &spec), -EINVAL);
	spec.link_mtu++;
	assert_int_equal(recipe_compile(&recipe, &spec), 0);
	/* a seal and the ESP layer need each other */
	spec = spec_of(2, TUNNEL_IPIP);
	spec.layers[1].kind = TUNNEL_ESP;
	assert_int_equal(recipe_compile(&recipe, &spec), -EINVAL);
	spec.seal = (struct recipe_seal){
		.sa = (struct sa *)&recipe, .layers = 0, .iv_size = 8, .icv_size = 16, .align = 4};
	assert_int_equal(recipe_compile(&recipe, &spec), -EINVAL);
	spec.seal.layers = 2;
	assert_int_equal(recipe_compile(&recipe, &spec), -EINVAL);
	spec.seal.layers = 1;
	assert_int_equal(recipe_compile(&recipe, &spec), 0);
	spec.layers[1].kind = TUNNEL_IPIP;
	assert_int_equal(recipe_compile(&recipe, &spec), -EINVAL);
}

static void
kinds_have_names(void **state)
{
	(void)state;
	assert_string_equal(tunnel_kind_name(TUNNEL_IPIP), "ip-in-ip");
	assert_string_equal(tunnel_kind_name(TUNNEL_UDP_IPIP), "udp");
	assert_string_equal(tunnel_kind_name(TUNNEL_UDP_MINENC), "minimal-in-udp");
	assert_string_equal(tunnel_kind_name(TUNNEL_KIND_COUNT), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_layer_of_every_kind_is_pushed_right),
		cmocka_unit_test(three_layers_of_any_kinds_are_pushed_right),
		cmocka_unit_test(storage_is_one_line_up_to_one_chunk_and_as_long_as_needed_beyond),
		cmocka_unit_test(storage_of_what_is_sealed_has_room_for_the_seal),
		cmocka_unit_test(what_the_control_core_asked_for_stands_in_the_recipe),
		cmocka_unit_test(the_innermost_layer_is_the_tunnel_that_its_ends_know),
		cmocka_unit_test(the_mtu_inside_is_the_links_less_all_headers),
		cmocka_unit_test(impossible_recipes_are_refused),
		cmocka_unit_test(kinds_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
