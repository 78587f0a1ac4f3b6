/* SPDX-License-Identifier: BSD-3-Clause */
/* The largest packet that goes to a mobile in one piece, worked out by hand for each way there, and the
 * overhead that RFC 5265 section 5.2 states. */
#include "lib/esp.h"
#include "lib/recipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define NONE TUNNEL_KIND_COUNT
#define SA_OF_NOBODY ((struct sa *)(uintptr_t)64) /* is not looked at */

/* The layers of an access mode, innermost first; NONE: there is no such layer. */
struct way {
	const char *name;
	int inner, esp, outer;
};

static const struct way cvc = {"cvc, fvc", TUNNEL_IPIP, TUNNEL_ESP, TUNNEL_IPIP};
static const struct way cvc_nat = {"cvc, NAT everywhere", TUNNEL_UDP_IPIP, TUNNEL_UDP_ESP,
				   TUNNEL_UDP_IPIP};
static const struct way mc = {"mc", TUNNEL_IPIP, TUNNEL_ESP, NONE};
static const struct way mc_natt = {"mc, NAT", TUNNEL_IPIP, TUNNEL_UDP_ESP, NONE};
static const struct way mc_natt_udp = {"mc, NAT, i-HA's tunnel in UDP", TUNNEL_UDP_IPIP,
				       TUNNEL_UDP_ESP, NONE};
static const struct way tia = {"to a TIA", NONE, TUNNEL_ESP, NONE};

static struct recipe_spec
spec_of(const struct way *way, uint8_t iv_size, uint8_t icv_size, uint8_t align)
{
	const int kinds[] = {way->inner, way->esp, way->outer};
	struct recipe_spec spec = {
		.link_mtu = 1500,
		.seal = {.sa = SA_OF_NOBODY,
			 .spi_be = 1,
			 .iv_size = iv_size,
			 .icv_size = icv_size,
			 .align = align},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		if (kinds[i] == NONE)
			continue;
		if (i == 1)
			spec.seal.layers = spec.layer_count;
		spec.layers[spec.layer_count++] = (struct recipe_layer_spec){
			.kind = (enum tunnel_kind)kinds[i],
			.src = 1,
			.dst = 2,
			.ttl = 64,
		};
	}
	return spec;
}

static struct recipe
compiled(const struct recipe_spec *spec)
{
	struct recipe recipe = {0};

	assert_int_equal(recipe_compile(&recipe, spec), 0);
	return recipe;
}

static void
the_largest_packet_is_what_was_worked_out_by_hand(void **state)
{
	static const struct {
		const struct way *way;
		uint16_t gcm, cbc; /* AES-GCM-16; AES-CBC with HMAC-SHA-256-128 */
	} cases[] = {
		{&cvc, 1406, 1386},	{&cvc_nat, 1374, 1358},	    {&mc, 1426, 1418},
		{&mc_natt, 1418, 1402}, {&mc_natt_udp, 1406, 1390}, {&tia, 1446, 1438},
	};
	const struct esp_suite_info *gcm = esp_suite_info(ESP_AES128_GCM16);
	const struct esp_suite_info *cbc = esp_suite_info(ESP_AES128_CBC_SHA256_128);

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct recipe_spec spec =
			spec_of(cases[i].way, gcm->iv_size, gcm->icv_size, gcm->align);

		if (compiled(&spec).inner_mtu != cases[i].gcm)
			fail_msg("%s: %u, not %u", cases[i].way->name, compiled(&spec).inner_mtu,
				 cases[i].gcm);
		spec = spec_of(cases[i].way, cbc->iv_size, cbc->icv_size, cbc->align);
		if (compiled(&spec).inner_mtu != cases[i].cbc)
			fail_msg("%s: %u, not %u", cases[i].way->name, compiled(&spec).inner_mtu,
				 cases[i].cbc);
	}
}

/* What leaves for a packet of `len` bytes: headers, padding, trailer and ICV in RFC 4303's words. */
static unsigned
on_the_wire(const struct recipe *recipe, const struct recipe_spec *spec, unsigned len)
{
	unsigned sealed = len, align = spec->seal.align;

	for (unsigned i = 0; i < spec->seal.layers; i++)
		sealed += tunnel_is_udp(spec->layers[i].kind) ? 32 : 20;
	return recipe->push_len + len + (align - (sealed + 2) % align) % align + 2 +
	       spec->seal.icv_size;
}

static void
the_largest_packet_fits_every_link_and_a_larger_one_does_not(void **state)
{
	static const struct way *const ways[] = {&cvc, &cvc_nat, &mc, &mc_natt, &mc_natt_udp, &tia};

	for (unsigned w = 0; w < ARRAY_COUNT(ways); w++)
		for (unsigned suite = 0; suite < ESP_SUITE_COUNT; suite++) {
			const struct esp_suite_info *info = esp_suite_info((enum esp_suite)suite);
			struct recipe_spec spec =
				spec_of(ways[w], info->iv_size, info->icv_size, info->align);

			for (unsigned mtu = 576; mtu < 1600; mtu++) {
				struct recipe recipe;

				spec.link_mtu = (uint16_t)mtu;
				recipe = compiled(&spec);
				assert_true(on_the_wire(&recipe, &spec, recipe.inner_mtu) <= mtu);
				assert_true(on_the_wire(&recipe, &spec, recipe.inner_mtu + 1u) >
					    mtu);
			}
		}
}

/* RFC 5265 section 5.2: a cipher of 64-bit blocks and an ICV of 12 octets, as much padding as there can be. */
static void
the_overhead_is_what_rfc_5265_says(void **state)
{
	static const struct {
		const struct way *way;
		unsigned overhead;
	} cases[] = {{&mc, 77} /* fvc, behind the foreign agent */, {&cvc, 97}, {&cvc_nat, 129}};
	unsigned most = 0;

	for (unsigned len = 0; len < 64; len++)
		if (esp_tail_len(len, 8, 12) > most)
			most = esp_tail_len(len, 8, 12);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct recipe_spec spec = spec_of(cases[i].way, 8, 12, 4);

		assert_int_equal(compiled(&spec).push_len + most, cases[i].overhead);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_packet_is_what_was_worked_out_by_hand),
		cmocka_unit_test(the_largest_packet_fits_every_link_and_a_larger_one_does_not),
		cmocka_unit_test(the_overhead_is_what_rfc_5265_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
