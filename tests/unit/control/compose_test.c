/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "control/publish.h"
#include "tests/unit/control/sa_fixture.h"

/* The destination of a layer, 0 being the innermost. */
static be32
layer_dst(const struct recipe *recipe, unsigned i)
{
	const uint8_t *end = recipe_bytes(recipe) + recipe->push_len;

	assert_true(i < recipe->layer_count);
	return ((const struct ip_header *)(end - recipe->layers[i].back))->dst;
}

static void
expect_ways(const struct recipe *recipe, unsigned count, unsigned layers, be32 outermost)
{
	assert_non_null(recipe);
	assert_int_equal(recipe->layer_count, layers);
	assert_int_equal(layer_dst(recipe, layers - 1), outermost);
	for (; count > 0; count--) {
		assert_non_null(recipe);
		recipe = recipe_next(recipe);
	}
	assert_null(recipe);
}

static be32
via_of(const struct sa_fixture *f, be32 spi_be)
{
	return sa_live(f, spi_be, GATEWAY)->via_home_address;
}

static void
inside_a_binding_has_one_layer(void **state)
{
	struct sa_fixture *f = *state;

	fake_routes_set_port(f->routes, 1);
	assert_int_equal(sa_bind_i(f, I_HOA(1), ADDRESS(10, 9, 0, 1), TUNNEL_IPIP, false), 0);
	expect_ways(sa_published(f, I_HOA(1)), 1, 1, ADDRESS(10, 9, 0, 1));
	assert_int_equal(sa_published(f, I_HOA(1))->flags & RECIPE_SEALED, 0);
}

static void
a_tia_is_sealed_for_its_own_sake(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 33000, TIA(1), 1000, EPOCH);
	const struct recipe *recipe = sa_published(f, TIA(1));
	const struct udp_header *udp;

	expect_ways(recipe, 1, 1, PEER(1));
	assert_true(recipe->flags & RECIPE_SEALED);
	assert_true(recipe->flags & RECIPE_INTERNAL);
	assert_ptr_equal(recipe->seal_sa, sa_live(f, pair.out_be, PEER(1)));
	assert_int_equal(recipe->seal_layers, 0);
	assert_int_equal(recipe->slot, BINDINGS_MAX);
	assert_int_equal(recipe->next_hop, 1);
	udp = (const struct udp_header *)(recipe_tunnel(recipe) + 1);
	assert_int_equal(udp->src_port_be, htobe16(4500));
	assert_int_equal(udp->dst_port_be, htobe16(33000));
	assert_null(binding_find(f->bindings, TIA(1)));
	sa_disconnect(f, pair, PEER(1), TIA(1));
	assert_null(sa_published(f, TIA(1)));
	assert_int_equal(fake_routes_held(f->routes), 0);
}

static void
mc_has_two_layers(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 33000, TIA(1), 1000, EPOCH);
	const struct recipe *recipe;

	assert_int_equal(sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_UDP_IPIP, false), 0);
	recipe = sa_published(f, I_HOA(1));
	expect_ways(recipe, 1, 2, PEER(1));
	assert_int_equal(layer_dst(recipe, 0), TIA(1));
	assert_int_equal(recipe->seal_layers, 1);
	assert_ptr_equal(recipe->seal_sa, sa_live(f, pair.out_be, PEER(1)));
	assert_true(recipe->flags & RECIPE_INTERNAL);
	assert_true(recipe->flags & RECIPE_REVERSE);
	assert_int_equal(via_of(f, pair.in_be), 0);
	assert_int_equal(binding_find(f->bindings, I_HOA(1))->slot, recipe->slot);
	/* 1500 less IP+UDP+ESP+IV 44 and ICV 16: 1440, which ends in 2 of trailer; less 32 of the i-HA */
	assert_int_equal(recipe->inner_mtu, 1440 - 2 - 32);
}

static void
cvc_has_three_layers(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair;
	const struct recipe *recipe;

	assert_int_equal(sa_bind_x(f, X_HOA(1), PEER(1), false), 0);
	pair = sa_connect(f, X_HOA(1), 33000, TIA(1), 1000, EPOCH);
	assert_int_equal(sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_UDP_IPIP, false), 0);
	recipe = sa_published(f, I_HOA(1));
	expect_ways(recipe, 1, 3, PEER(1));
	assert_int_equal(layer_dst(recipe, 1), X_HOA(1));
	assert_int_equal(layer_dst(recipe, 0), TIA(1));
	assert_int_equal(recipe->seal_layers, 1);
	expect_ways(sa_published(f, TIA(1)), 1, 2, PEER(1));
	assert_int_equal(via_of(f, pair.in_be), X_HOA(1));
	assert_int_equal(fake_routes_held(f->routes), 1); /* that of the x-HA's binding */
}

static void
a_move_at_the_x_ha_moves_all_that_stands_on_it(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair;

	sa_bind_x(f, X_HOA(1), PEER(1), false);
	pair = sa_connect(f, X_HOA(1), 0, TIA(1), 1000, EPOCH);
	sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, false);
	assert_int_equal(sa_bind_x(f, X_HOA(1), PEER(2), false), 0);
	expect_ways(sa_published(f, I_HOA(1)), 1, 3, PEER(2));
	expect_ways(sa_published(f, TIA(1)), 1, 2, PEER(2));
	/* gone from there: as any other address */
	binding_remove_all(f->bindings, X_HOA(1), BINDING_END_DEREGISTERED, f->now);
	expect_ways(sa_published(f, I_HOA(1)), 1, 2, X_HOA(1));
	expect_ways(sa_published(f, TIA(1)), 1, 1, X_HOA(1));
	assert_int_equal(via_of(f, pair.in_be), 0);
	/* and there again */
	assert_int_equal(sa_bind_x(f, X_HOA(1), PEER(3), false), 0);
	expect_ways(sa_published(f, I_HOA(1)), 1, 3, PEER(3));
	assert_int_equal(via_of(f, pair.in_be), X_HOA(1));
	assert_int_equal(fake_routes_held(f->routes), 1);
}

static void
an_x_binding_that_expires_is_taken_out(void **state)
{
	struct sa_fixture *f = *state;

	sa_bind_x(f, X_HOA(1), PEER(1), false);
	sa_connect(f, X_HOA(1), 0, TIA(1), 1000, EPOCH);
	sa_fixture_pass(f, 1001);
	expect_ways(sa_published(f, TIA(1)), 1, 1, X_HOA(1));
}

static void
several_x_bindings_give_several_ways(void **state)
{
	struct sa_fixture *f = *state;

	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(sa_bind_x(f, X_HOA(1), PEER(i), true), 0);
	sa_connect(f, X_HOA(1), 0, TIA(1), 1000, EPOCH);
	sa_connect(f, PEER(9), 0, TIA(2), 1001, EPOCH);
	assert_int_equal(sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, true), 0);
	expect_ways(sa_published(f, I_HOA(1)), 3, 3, PEER(3));
	assert_int_equal(sa_bind_i(f, I_HOA(1), TIA(2), TUNNEL_IPIP, true), 0);
	expect_ways(sa_published(f, I_HOA(1)), 4, 2, PEER(9));
	binding_remove(f->bindings, binding_find_care_of(f->bindings, X_HOA(1), PEER(3)),
		       BINDING_END_DEREGISTERED, f->now);
	expect_ways(sa_published(f, I_HOA(1)), 3, 2, PEER(9));
	expect_ways(sa_published(f, TIA(1)), 2, 2, PEER(2));
	assert_int_equal(binding_find(f->bindings, I_HOA(1))->terms.care_of_address, TIA(2));
}

static void
mobike_moves_from_the_x_ha_to_a_plain_address_and_back(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair;
	const struct sa *sa;

	sa_bind_x(f, X_HOA(1), PEER(1), false);
	pair = sa_connect(f, X_HOA(1), 0, TIA(1), 1000, EPOCH);
	sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, false);
	sa = sa_published(f, I_HOA(1))->seal_sa;
	assert_int_equal(sa_move(f, pair, X_HOA(1), PEER(2), 33000), IKE_STATUS_OK);
	expect_ways(sa_published(f, I_HOA(1)), 1, 2, PEER(2));
	assert_int_equal(via_of(f, pair.in_be), 0);
	assert_ptr_equal(sa_published(f, I_HOA(1))->seal_sa, sa);
	assert_int_equal(fake_routes_held(f->routes), 2);
	assert_int_equal(sa_move(f, pair, PEER(2), X_HOA(1), 0), IKE_STATUS_OK);
	expect_ways(sa_published(f, I_HOA(1)), 1, 3, PEER(1));
	assert_int_equal(via_of(f, pair.in_be), X_HOA(1));
	assert_int_equal(fake_routes_held(f->routes), 1);
}

static void
a_rekey_keeps_the_way_and_changes_the_seal(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair old, new;

	sa_bind_x(f, X_HOA(1), PEER(1), false);
	old = sa_connect(f, X_HOA(1), 0, TIA(1), 1000, EPOCH);
	sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, false);
	new = sa_connect(f, X_HOA(1), 0, TIA(1), 1001, EPOCH);
	assert_ptr_equal(sa_published(f, I_HOA(1))->seal_sa, sa_live(f, new.out_be, X_HOA(1)));
	assert_int_equal(via_of(f, old.in_be), X_HOA(1));
	assert_int_equal(via_of(f, new.in_be), X_HOA(1));
	sa_disconnect(f, old, X_HOA(1), TIA(1));
	expect_ways(sa_published(f, I_HOA(1)), 1, 3, PEER(1));
}

static void
without_a_tunnel_nothing_goes_out_in_the_clear(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair;
	const struct recipe *recipe;

	assert_int_equal(sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, false), 0);
	assert_int_equal(sa_published(f, I_HOA(1))->next_hop, NEXT_HOP_NONE);
	pair = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	expect_ways(sa_published(f, I_HOA(1)), 1, 2, PEER(1));
	assert_int_not_equal(sa_published(f, I_HOA(1))->next_hop, NEXT_HOP_NONE);
	sa_disconnect(f, pair, PEER(1), TIA(1));
	recipe = sa_published(f, I_HOA(1));
	expect_ways(recipe, 1, 1, TIA(1));
	assert_int_equal(recipe->next_hop, NEXT_HOP_NONE);
	assert_int_equal(recipe->flags & RECIPE_SEALED, 0);
	assert_int_equal(fake_routes_held(f->routes), 0);
}

static void
a_tia_given_to_another_peer_takes_its_bindings_along(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair a = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);

	sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, false);
	sa_connect(f, PEER(2), 0, TIA(1), 1001, EPOCH);
	expect_ways(sa_published(f, I_HOA(1)), 1, 2, PEER(2));
	sa_disconnect(f, a, PEER(1), TIA(1));
	expect_ways(sa_published(f, I_HOA(1)), 1, 2, PEER(2));
}

static void
an_sa_that_goes_is_named_by_no_recipe_whatever_the_order(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair;
	struct ike_sa_id out;

	sa_bind_x(f, X_HOA(1), PEER(1), false);
	pair = sa_connect(f, X_HOA(1), 0, TIA(1), 1000, EPOCH);
	out = sa_id(GATEWAY, X_HOA(1), pair.out_be);
	sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, false);
	sa_bind_i(f, I_HOA(2), TIA(1), TUNNEL_GRE, false);
	sa_remove(f->sas, &out, f->now); /* before its policy */
	assert_int_equal(sa_published(f, I_HOA(1))->next_hop, NEXT_HOP_NONE);
	assert_int_equal(sa_published(f, I_HOA(2))->next_hop, NEXT_HOP_NONE);
	assert_null(sa_published(f, TIA(1)));
}

static void
an_sa_that_goes_is_named_by_no_recipe_for_want_of_memory(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	struct ike_sa_id out = sa_id(GATEWAY, PEER(1), pair.out_be);

	sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, false);
	sa_bind_i(f, I_HOA(2), TIA(1), TUNNEL_IPIP, false);
	fake_publisher_fail(f->publisher, -ENOMEM, 2);
	sa_remove(f->sas, &out, f->now);
	assert_int_equal(f->ended, 1);
	assert_int_equal(binding_count(f->bindings), 1);
}

/* More bindings than a sweep looks at at once. */
static void
an_sa_that_goes_is_named_by_no_recipe_when_its_network_is_gone(void **state)
{
	struct sa_fixture *f = *state;
	struct config next;
	struct sa_pair pair;
	be32 last = ADDRESS(10, 3, 0, 1);

	sa_fixture_grow(f, BINDING_SWEEP_COUNT + 1);
	fake_routes_set_port(f->routes, 1);
	pair = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	f->subscriber_config.home_address = last;
	for (unsigned i = 0; i < BINDING_SWEEP_COUNT; i++)
		assert_int_equal(sa_bind_i(f, ADDRESS(10, 2, i / 256, i % 256),
					   ADDRESS(10, 9, 0, 1), TUNNEL_IPIP, false),
				 0);
	assert_int_equal(sa_bind_i(f, last, TIA(1), TUNNEL_IPIP, false), 0);
	assert_true(sa_published(f, last)->flags & RECIPE_SEALED);
	next = f->config;
	next.vpn.tia_network_count = 0;
	assert_int_equal(binding_table_reload(f->bindings, &next, f->now), 0);
	sa_disconnect(f, pair, PEER(1), TIA(1));
	assert_int_equal(sa_published(f, last)->flags & RECIPE_SEALED, 0);
	/* and it comes back */
	assert_int_equal(binding_table_reload(f->bindings, &f->config, f->now), 0);
	assert_int_equal(sa_published(f, last)->next_hop, NEXT_HOP_NONE);
}

static void
minimal_encapsulation_is_sealed_as_ip_in_ip(void **state)
{
	struct sa_fixture *f = *state;

	sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	assert_int_equal(sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_MINENC, false), 0);
	expect_ways(sa_published(f, I_HOA(1)), 1, 2, PEER(1));
	assert_int_equal(recipe_tunnel(sa_published(f, I_HOA(1)))->protocol, IP_PROTOCOL_IPIP);
}

static void
without_reverse_tunnel_packets_from_the_mobile_do_not_come_through_the_x_ha(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair;
	struct binding_terms terms;

	sa_bind_x(f, X_HOA(1), PEER(1), false);
	pair = sa_connect(f, X_HOA(1), 0, TIA(1), 1000, EPOCH);
	assert_int_equal(via_of(f, pair.in_be), X_HOA(1));
	terms = binding_find(f->bindings, X_HOA(1))->terms;
	terms.request_flags = 0;
	assert_int_equal(binding_register(f->bindings, &terms, false, f->now), 0);
	assert_int_equal(via_of(f, pair.in_be), 0);
	expect_ways(sa_published(f, TIA(1)), 1, 2, PEER(1));
}

static void
what_does_not_fit_is_not_sent_in_the_clear(void **state)
{
	struct sa_fixture *f = *state;

	assert_int_equal(sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, false), 0);
	fake_routes_set_mtu(f->routes, 149);
	sa_connect(f, PEER(1), 33000, TIA(1), 1000, EPOCH);
	expect_ways(sa_published(f, TIA(1)), 1, 1, PEER(1));
	assert_int_equal(sa_published(f, I_HOA(1))->next_hop, NEXT_HOP_NONE);
	assert_int_equal(sa_bind_i(f, I_HOA(2), TIA(1), TUNNEL_IPIP, false), -EINVAL);
	assert_null(sa_published(f, I_HOA(2)));
	assert_int_equal(binding_count(f->bindings), 1);
}

static void
path_mtus_of_every_layer_count(void **state)
{
	struct sa_fixture *f = *state;
	struct tunnel_key esp = {
		.agent = GATEWAY, .far_end = X_HOA(1), .protocol = IP_PROTOCOL_ESP};
	struct tunnel_key x_ha = {.agent = X_HA,
				  .far_end = PEER(1),
				  .port_be = htobe16(434),
				  .protocol = IP_PROTOCOL_UDP};
	struct tunnel_key i_ha = {.agent = I_HA, .far_end = TIA(1), .protocol = IP_PROTOCOL_IPIP};
	uint16_t mtu;

	sa_bind_x(f, X_HOA(1), PEER(1), false);
	sa_connect(f, X_HOA(1), 0, TIA(1), 1000, EPOCH);
	sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, false);
	mtu = sa_published(f, I_HOA(1))->inner_mtu;
	binding_tunnel_mtu(f->bindings, x_ha, 1400, TUNNEL_WITNESS, f->now);
	assert_int_equal(sa_published(f, I_HOA(1))->inner_mtu, mtu - 100);
	binding_tunnel_mtu(f->bindings, esp, 1300, TUNNEL_WITNESS, f->now);
	mtu = sa_published(f, I_HOA(1))->inner_mtu;
	assert_true(mtu < 1300 - 20 && mtu > 1300 - 20 - 60);
	binding_tunnel_mtu(f->bindings, i_ha, 1000, TUNNEL_WITNESS, f->now);
	mtu = sa_published(f, I_HOA(1))->inner_mtu;
	assert_true(mtu <= 1000 - 20 && mtu > 1000 - 20 - 4);
	binding_tunnel_mtu(f->bindings, esp, 68, TUNNEL_WITNESS, f->now);
	mtu = sa_published(f, I_HOA(1))->inner_mtu;
	assert_true(mtu >= 576 - 20 - 60); /* path_mtu_min */
	sa_fixture_pass(f, TUNNEL_MTU_FORGOTTEN_SEC + 1);
	assert_true(sa_published(f, I_HOA(1))->inner_mtu > 1300);
}

static void
routes_that_change_reach_tias(void **state)
{
	struct sa_fixture *f = *state;

	fake_routes_set_mtu(f->routes, 0);
	sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, false);
	assert_int_equal(sa_published(f, TIA(1))->next_hop, NEXT_HOP_NONE);
	fake_routes_set_mtu(f->routes, 9000);
	binding_routes_changed(f->bindings, f->now);
	assert_int_not_equal(sa_published(f, TIA(1))->next_hop, NEXT_HOP_NONE);
	assert_true(sa_published(f, I_HOA(1))->inner_mtu > 8000);
	assert_int_equal(fake_routes_held(f->routes), 1);
}

static void
a_tunnel_to_its_own_home_address_goes_round_in_no_circle(void **state)
{
	struct sa_fixture *f = *state;

	assert_int_equal(sa_bind_i(f, I_HOA(1), TIA(1), TUNNEL_IPIP, false), 0);
	sa_connect(f, I_HOA(1), 0, TIA(1), 1000, EPOCH);
	expect_ways(sa_published(f, I_HOA(1)), 1, 2, I_HOA(1));
	binding_remove_all(f->bindings, I_HOA(1), BINDING_END_DEREGISTERED, f->now);
	expect_ways(sa_published(f, TIA(1)), 1, 1, I_HOA(1));
}

static void
fragmentation_policies_reach_the_seal(void **state)
{
	struct sa_fixture *f = *state;

	f->config.vpn.df = DF_SET;
	sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	assert_int_equal(sa_published(f, TIA(1))->seal_df, RECIPE_DF_SET);
	assert_int_equal(sa_published(f, TIA(1))->seal_mtu, 0);
	f->config.vpn.fragment = FRAGMENT_POST;
	sa_connect(f, PEER(1), 0, TIA(1), 1001, EPOCH);
	assert_int_equal(sa_published(f, TIA(1))->seal_df, RECIPE_DF_CLEAR);
	assert_int_equal(sa_published(f, TIA(1))->seal_mtu, 1500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, sa_fixture_start, sa_fixture_stop)
		TEST(inside_a_binding_has_one_layer),
		TEST(a_tia_is_sealed_for_its_own_sake),
		TEST(mc_has_two_layers),
		TEST(cvc_has_three_layers),
		TEST(a_move_at_the_x_ha_moves_all_that_stands_on_it),
		TEST(an_x_binding_that_expires_is_taken_out),
		TEST(several_x_bindings_give_several_ways),
		TEST(mobike_moves_from_the_x_ha_to_a_plain_address_and_back),
		TEST(a_rekey_keeps_the_way_and_changes_the_seal),
		TEST(without_a_tunnel_nothing_goes_out_in_the_clear),
		TEST(a_tia_given_to_another_peer_takes_its_bindings_along),
		TEST(an_sa_that_goes_is_named_by_no_recipe_whatever_the_order),
		TEST(an_sa_that_goes_is_named_by_no_recipe_for_want_of_memory),
		TEST(an_sa_that_goes_is_named_by_no_recipe_when_its_network_is_gone),
		TEST(minimal_encapsulation_is_sealed_as_ip_in_ip),
		TEST(without_reverse_tunnel_packets_from_the_mobile_do_not_come_through_the_x_ha),
		TEST(what_does_not_fit_is_not_sent_in_the_clear),
		TEST(path_mtus_of_every_layer_count),
		TEST(routes_that_change_reach_tias),
		TEST(a_tunnel_to_its_own_home_address_goes_round_in_no_circle),
		TEST(fragmentation_policies_reach_the_seal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
