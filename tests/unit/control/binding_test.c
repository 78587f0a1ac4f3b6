/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/binding_fixture.h"

#include <errno.h>

static void
records_run_out_and_come_back(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < BINDINGS_MAX; i++)
		assert_int_equal(register_with(fixture, HOST(10 + i), CARE_OF(i), 0), 0);
	assert_true(binding_table_is_full(fixture->table));
	assert_int_equal(register_with(fixture, HOST(50), CARE_OF(50), 0), -ENOSPC);
	assert_int_equal(register_with(fixture, HOST(10), CARE_OF(50), 0), 0);
	assert_int_equal(
		binding_remove_all(fixture->table, HOST(11), BINDING_END_REVOKED, fixture->now), 1);
	assert_int_equal(register_with(fixture, HOST(50), CARE_OF(50), 0), 0);
	assert_int_equal(binding_count(fixture->table), BINDINGS_MAX);
	assert_int_equal(fake_routes_held(fixture->routes), BINDINGS_MAX);
}

static void
replacing_several_by_one_ends_the_others(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(register_with(fixture, HOST(7), CARE_OF(i), MIP_FLAG_S), 0);
	assert_int_equal(binding_find(fixture->table, HOST(7))->terms.care_of_address, CARE_OF(2));
	assert_int_equal(register_with(fixture, HOST(7), CARE_OF(1), 0), 0);
	assert_int_equal(fixture->ended[BINDING_END_REPLACED], 2);
	assert_int_equal(fixture->last_ended, 0);
	assert_int_equal(binding_count(fixture->table), 1);
	assert_int_equal(fake_routes_held(fixture->routes), 1);
	assert_non_null(binding_find_care_of(fixture->table, HOST(7), CARE_OF(1)));
	assert_null(binding_find_care_of(fixture->table, HOST(7), CARE_OF(2)));
}

static void
a_failed_change_leaves_the_chain_as_it_was(void **state)
{
	struct fixture *fixture = *state;
	const struct binding *head;

	for (unsigned i = 0; i < 3; i++)
		register_with(fixture, HOST(7), CARE_OF(i), MIP_FLAG_S);
	head = binding_find(fixture->table, HOST(7));
	for (unsigned i = 0; i < 4; i++) { /* each of the three, and a new one */
		uint8_t flags = i % 2 == 0 ? MIP_FLAG_S | MIP_FLAG_T : 0;

		fake_publisher_fail(fixture->publisher, -ENOMEM, 1);
		assert_int_equal(register_with(fixture, HOST(7), CARE_OF(i), flags), -ENOMEM);
		assert_ptr_equal(binding_find(fixture->table, HOST(7)), head);
		for (unsigned j = 0; j < 3; j++)
			assert_non_null(binding_find_care_of(fixture->table, HOST(7), CARE_OF(j)));
	}
	assert_int_equal(binding_count(fixture->table), 3);
	assert_int_equal(fake_routes_held(fixture->routes), 3);
	assert_int_equal(fixture->ended[BINDING_END_REPLACED], 0);
}

static void
a_tunnel_that_has_ended_does_not_go_on_for_want_of_memory(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < 3; i++)
		register_with(fixture, HOST(7), CARE_OF(i), MIP_FLAG_S);
	fake_publisher_fail(fixture->publisher, -ENOMEM, 1);
	binding_remove(fixture->table, binding_find_care_of(fixture->table, HOST(7), CARE_OF(2)),
		       BINDING_END_DEREGISTERED, fixture->now);
	assert_null(published(fixture, HOST(7)));
	assert_int_equal(binding_count(fixture->table), 0);
	assert_int_equal(fixture->ended[BINDING_END_DEREGISTERED], 3);
	assert_int_equal(fixture->last_ended, 1);
}

static void
each_of_several_expires_by_itself(void **state)
{
	struct fixture *fixture = *state;

	register_with(fixture, HOST(7), CARE_OF(0), MIP_FLAG_S);
	pass(fixture, 500);
	register_with(fixture, HOST(7), CARE_OF(1), MIP_FLAG_S);
	pass(fixture, 501);
	assert_int_equal(binding_count(fixture->table), 1);
	assert_false(published(fixture, HOST(7))->flags & RECIPE_HAS_NEXT);
	assert_true(fake_routes_is_proxied(fixture->routes, HOST(7)));
	pass(fixture, 500);
	assert_int_equal(binding_count(fixture->table), 0);
	assert_null(published(fixture, HOST(7)));
	assert_false(fake_routes_is_proxied(fixture->routes, HOST(7)));
	assert_int_equal(fixture->ended[BINDING_END_EXPIRED], 2);
}

static void
routes_that_change_are_compiled_in(void **state)
{
	struct fixture *fixture = *state;

	fake_routes_set_mtu(fixture->routes, 0);
	register_with(fixture, HOST(7), CARE_OF(0), MIP_FLAG_S);
	register_with(fixture, HOST(7), CARE_OF(1), MIP_FLAG_S);
	assert_int_equal(published(fixture, HOST(7))->next_hop, NEXT_HOP_NONE);
	fake_routes_set_mtu(fixture->routes, 9000);
	binding_routes_changed(fixture->table, fixture->now);
	assert_int_not_equal(published(fixture, HOST(7))->next_hop, NEXT_HOP_NONE);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 8980);
	assert_int_equal(published(fixture, HOST(7))->next->inner_mtu, 8980);
	assert_int_equal(fake_routes_held(fixture->routes), 2);
}

struct visits {
	unsigned count, most;
	uint32_t last_slot;
};

static bool
visit(const struct binding *binding, void *context)
{
	struct visits *visits = context;

	visits->count++;
	visits->last_slot = binding->slot;
	return visits->count < visits->most;
}

static void
no_tunnel_leads_to_the_other_side_of_the_box(void **state)
{
	struct fixture *fixture = *state;

	fixture->config.port_count = 2;
	fixture->config.ports[1].is_internal = true;
	fake_routes_set_port(fixture->routes, 1);
	assert_int_equal(register_with(fixture, HOST(7), CARE_OF(0), 0), -ENETUNREACH);
	assert_null(published(fixture, HOST(7)));
	assert_int_equal(fake_routes_held(fixture->routes), 0);
	fake_routes_set_port(fixture->routes, 0);
	assert_int_equal(register_with(fixture, HOST(7), CARE_OF(0), 0), 0);
	assert_int_not_equal(published(fixture, HOST(7))->next_hop, NEXT_HOP_NONE);
	/* nor when a reload turns the route that way */
	fake_routes_set_port(fixture->routes, 1);
	binding_routes_changed(fixture->table, fixture->now);
	assert_int_equal(published(fixture, HOST(7))->next_hop, NEXT_HOP_NONE);
}

static void
all_bindings_are_visited_page_by_page(void **state)
{
	struct fixture *fixture = *state;
	struct visits first = {.most = 3}, rest = {.most = 100};
	uint32_t next;

	for (unsigned i = 0; i < 6; i++)
		register_with(fixture, HOST(10 + i), CARE_OF(i), 0);
	binding_remove_all(fixture->table, HOST(11), BINDING_END_REVOKED, fixture->now);
	next = binding_for_each(fixture->table, 0, UINT32_MAX, visit, &first);
	assert_int_equal(first.count, 3);
	assert_int_equal(next, first.last_slot); /* which did not find room on the page */
	assert_int_equal(binding_for_each(fixture->table, next, UINT32_MAX, visit, &rest), 0);
	assert_int_equal(rest.count, 3);
}

static void
a_page_looks_at_so_many_slots_and_no_more(void **state)
{
	struct fixture *fixture = *state;
	struct visits visits = {.most = 100};

	for (unsigned i = 0; i < 6; i++)
		register_with(fixture, HOST(10 + i), CARE_OF(i), 0);
	for (unsigned i = 0; i < 5; i++)
		binding_remove_all(fixture->table, HOST(10 + i), BINDING_END_REVOKED, fixture->now);
	assert_int_equal(binding_for_each(fixture->table, 0, 3, visit, &visits), 3);
	assert_int_equal(visits.count, 0);
	assert_int_equal(binding_for_each(fixture->table, 3, 3, visit, &visits), 0);
	assert_int_equal(visits.count, 1);
}

static unsigned
broadcast_receivers(const struct fixture *fixture, unsigned network)
{
	static uint32_t turn;
	struct visits visits = {.most = 100};

	binding_for_each_broadcast(fixture->table, fixture->networks[network].prefix, ++turn, visit,
				   &visits);
	return visits.count;
}

static void
a_broadcast_that_was_cut_goes_on_with_those_who_have_not_had_it(void **state)
{
	struct fixture *fixture = *state;
	struct prefix network = fixture->networks[0].prefix;
	struct visits first = {.most = 4}, rest = {.most = 100};

	for (unsigned i = 0; i < 6; i++)
		register_with(fixture, HOST(10 + i), CARE_OF(i), MIP_FLAG_B);
	binding_for_each_broadcast(fixture->table, network, 1, visit, &first);
	/* one of either kind ends meanwhile, and one begins */
	binding_remove_all(fixture->table, HOST(10), BINDING_END_REVOKED, fixture->now);
	binding_remove_all(fixture->table, HOST(15), BINDING_END_REVOKED, fixture->now);
	register_with(fixture, HOST(16), CARE_OF(6), MIP_FLAG_B);
	binding_for_each_broadcast(fixture->table, network, 1, visit, &rest);
	assert_int_equal(first.count, 4); /* the fourth said that it had no time */
	assert_int_equal(rest.count, 2);
	binding_for_each_broadcast(fixture->table, network, 1, visit, &rest);
	assert_int_equal(rest.count, 2);
	binding_for_each_broadcast(fixture->table, network, 2, visit, &rest);
	assert_int_equal(rest.count, 2 + 5);
}

static void
broadcasts_go_to_those_of_the_home_network_who_asked(void **state)
{
	struct fixture *fixture = *state;

	register_with(fixture, HOST(10), CARE_OF(0), MIP_FLAG_B);
	register_with(fixture, HOST(11), CARE_OF(1), 0);
	register_with(fixture, HOST(12), CARE_OF(2), MIP_FLAG_B);
	register_with(fixture, HOST(0x210), CARE_OF(3), MIP_FLAG_B);
	assert_int_equal(broadcast_receivers(fixture, 0), 2);
	assert_int_equal(broadcast_receivers(fixture, 1), 1);
	register_with(fixture, HOST(10), CARE_OF(5), 0);
	binding_remove_all(fixture->table, HOST(0x210), BINDING_END_REVOKED, fixture->now);
	assert_int_equal(broadcast_receivers(fixture, 0), 1);
	assert_int_equal(broadcast_receivers(fixture, 1), 0);
}

static void
a_renewal_may_ask_for_broadcasts_and_the_next_one_not(void **state)
{
	static const uint8_t flags[] = {0, MIP_FLAG_B, MIP_FLAG_B, 0, MIP_FLAG_B};
	struct fixture *fixture = *state;

	register_with(fixture, HOST(11), CARE_OF(1), MIP_FLAG_B);
	for (unsigned i = 0; i < ARRAY_COUNT(flags); i++) {
		register_with(fixture, HOST(10), CARE_OF(0), flags[i]);
		assert_int_equal(broadcast_receivers(fixture, 0), 1 + (flags[i] != 0));
	}
	binding_remove_all(fixture->table, HOST(10), BINDING_END_REVOKED, fixture->now);
	assert_int_equal(broadcast_receivers(fixture, 0), 1);
}

static void
many_bindings_are_looked_at_again_in_turns(void **state)
{
	enum { COUNT = 3 * BINDING_SWEEP_COUNT };
	struct fixture *fixture = *state;
	struct binding_context context = {
		.publisher = fixture->publisher,
		.routes = fixture->routes,
		.wheel = fixture->wheel,
		.config = &fixture->config,
		.ended = note_end,
		.context = fixture,
	};
	unsigned before;

	binding_table_destroy(fixture->table);
	fixture->config.limits.bindings_max = COUNT;
	fixture->table = binding_table_create(&context);
	for (unsigned i = 0; i < COUNT; i++)
		register_with(fixture, HOST(0x10000 + i), CARE_OF(i), 0);
	fake_routes_set_mtu(fixture->routes, 1400);
	before = fake_publisher_calls(fixture->publisher);
	binding_routes_changed(fixture->table, fixture->now);
	assert_int_equal(fake_publisher_calls(fixture->publisher) - before, BINDING_SWEEP_COUNT);
	assert_int_equal(published(fixture, HOST(0x10000))->inner_mtu, 1380);
	assert_int_equal(published(fixture, HOST(0x10000 + COUNT - 1))->inner_mtu, 1480);
	pass(fixture, 1);
	assert_int_equal(published(fixture, HOST(0x10000 + COUNT - 1))->inner_mtu, 1380);
	assert_int_equal(fake_publisher_calls(fixture->publisher) - before, COUNT);
	assert_int_equal(fake_routes_held(fixture->routes), COUNT);
}

static void
a_reload_renumbers_home_networks(void **state)
{
	struct fixture *fixture = *state;
	struct config next = fixture->config;
	struct config_home_network swapped[2] = {fixture->networks[1], fixture->networks[0]};
	struct visits visits = {.most = 100};

	register_with(fixture, HOST(10), CARE_OF(0), MIP_FLAG_B);
	register_with(fixture, HOST(0x210), CARE_OF(3), MIP_FLAG_B);
	next.home_networks = swapped;
	fixture->subscriber_config.ecn_compatible = true;
	assert_int_equal(binding_table_reload(fixture->table, &next, fixture->now), 0);
	binding_for_each_broadcast(fixture->table, swapped[0].prefix, 1, visit, &visits);
	assert_int_equal(visits.count, 1);
	assert_int_equal(binding_find(fixture->table, HOST(10))->terms.network, 1);
	assert_true(published(fixture, HOST(10))->flags & RECIPE_ECN_COMPATIBLE);
	assert_int_equal(fake_routes_held(fixture->routes), 2);
}

static void
a_reload_puts_bindings_on_their_home_link(void **state)
{
	struct fixture *fixture = *state;

	register_with(fixture, HOST(10), CARE_OF(0), 0);
	/* what route_reload() does with those that are on another link than before */
	route_proxy_end(fixture->routes, HOST(10), NULL, fixture->now);
	assert_int_equal(binding_table_reload(fixture->table, &fixture->config, fixture->now), 0);
	assert_true(fake_routes_is_proxied(fixture->routes, HOST(10)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TABLE_TEST(records_run_out_and_come_back),
		TABLE_TEST(replacing_several_by_one_ends_the_others),
		TABLE_TEST(a_failed_change_leaves_the_chain_as_it_was),
		TABLE_TEST(a_tunnel_that_has_ended_does_not_go_on_for_want_of_memory),
		TABLE_TEST(each_of_several_expires_by_itself),
		TABLE_TEST(routes_that_change_are_compiled_in),
		TABLE_TEST(no_tunnel_leads_to_the_other_side_of_the_box),
		TABLE_TEST(all_bindings_are_visited_page_by_page),
		TABLE_TEST(a_page_looks_at_so_many_slots_and_no_more),
		TABLE_TEST(a_broadcast_that_was_cut_goes_on_with_those_who_have_not_had_it),
		TABLE_TEST(broadcasts_go_to_those_of_the_home_network_who_asked),
		TABLE_TEST(a_renewal_may_ask_for_broadcasts_and_the_next_one_not),
		TABLE_TEST(many_bindings_are_looked_at_again_in_turns),
		TABLE_TEST(a_reload_renumbers_home_networks),
		TABLE_TEST(a_reload_puts_bindings_on_their_home_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
