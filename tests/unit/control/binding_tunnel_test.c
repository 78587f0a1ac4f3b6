/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of the path to a tunnel's far end, and who shares it. */
#include "tests/unit/control/binding_fixture.h"

static void
the_paths_mtu_is_lowered_for_all_of_a_tunnel_and_forgotten(void **state)
{
	struct fixture *fixture = *state;

	register_with(fixture, HOST(7), CARE_OF(0), 0);
	register_with(fixture, HOST(8), CARE_OF(0), 0);
	register_with(fixture, HOST(9), CARE_OF(1), 0);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 1480);
	binding_tunnel_mtu(fixture->table, tunnel(AGENT, CARE_OF(0), 0), 1400, TUNNEL_WITNESS,
			   fixture->now);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 1380);
	assert_int_equal(published(fixture, HOST(8))->inner_mtu, 1380);
	assert_int_equal(published(fixture, HOST(9))->inner_mtu, 1480);
	binding_tunnel_mtu(fixture->table, tunnel(AGENT, CARE_OF(0), 0), 1450, TUNNEL_WITNESS,
			   fixture->now);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 1380);
	register_with(fixture, HOST(10), CARE_OF(0), 0);
	assert_int_equal(published(fixture, HOST(10))->inner_mtu, 1380);
	pass(fixture, TUNNEL_MTU_FORGOTTEN_SEC - 1);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 1380);
	pass(fixture, 2);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 1480);
}

/* More than one: some tunnels share a list. */
static void
who_has_moved_follows_the_path_of_its_new_tunnel(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < BINDINGS_MAX; i++) {
		register_with(fixture, HOST(10 + i), CARE_OF(i), 0);
		register_with(fixture, HOST(10 + i), CARE_OF(100 + i), 0);
		binding_tunnel_mtu(fixture->table, tunnel(AGENT, CARE_OF(100 + i), 0), 1400,
				   TUNNEL_WITNESS, fixture->now);
		assert_int_equal(published(fixture, HOST(10 + i))->inner_mtu, 1380);
	}
	for (unsigned i = 0; i < BINDINGS_MAX; i++)
		binding_remove_all(fixture->table, HOST(10 + i), BINDING_END_REVOKED, fixture->now);
	assert_int_equal(fake_routes_held(fixture->routes), 0);
}

static void
no_icmp_error_makes_a_tunnel_useless(void **state)
{
	struct fixture *fixture = *state;

	register_with(fixture, HOST(7), CARE_OF(0), 0);
	binding_tunnel_mtu(fixture->table, tunnel(AGENT, CARE_OF(0), 0), 1, TUNNEL_WITNESS,
			   fixture->now);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 68);
	binding_tunnel_mtu(fixture->table, tunnel(AGENT, CARE_OF(9), 0), 100, TUNNEL_WITNESS,
			   fixture->now);
	binding_tunnel_mtu(fixture->table, tunnel(HOST(2), CARE_OF(0), 0), 100, TUNNEL_WITNESS,
			   fixture->now);
	register_with(fixture, HOST(8), CARE_OF(9), 0);
	assert_int_equal(published(fixture, HOST(8))->inner_mtu, 1480);
}

static void
an_unreachable_far_end_is_tried_again_after_a_while(void **state)
{
	struct fixture *fixture = *state;

	register_with(fixture, HOST(7), CARE_OF(0), 0);
	binding_tunnel_mtu(fixture->table, tunnel(AGENT, CARE_OF(0), 0), 1400, TUNNEL_WITNESS,
			   fixture->now);
	binding_tunnel_unreachable(fixture->table, tunnel(AGENT, CARE_OF(0), 0), TUNNEL_WITNESS,
				   fixture->now);
	assert_true(published(fixture, HOST(7))->flags & RECIPE_UNREACHABLE);
	pass(fixture, TUNNEL_UNREACHABLE_FORGOTTEN_SEC + 1);
	assert_false(published(fixture, HOST(7))->flags & RECIPE_UNREACHABLE);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 1380);
}

static void
a_rumour_is_forgotten_sooner_than_what_a_witness_says(void **state)
{
	struct fixture *fixture = *state;
	struct tunnel_key key = tunnel(AGENT, CARE_OF(0), 0);

	register_with(fixture, HOST(7), CARE_OF(0), 0);
	binding_tunnel_mtu(fixture->table, key, 1400, TUNNEL_RUMOUR, fixture->now);
	binding_tunnel_unreachable(fixture->table, key, TUNNEL_RUMOUR, fixture->now);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 1380);
	assert_true(published(fixture, HOST(7))->flags & RECIPE_UNREACHABLE);
	pass(fixture, TUNNEL_UNREACHABLE_RUMOUR_SEC + 1);
	assert_false(published(fixture, HOST(7))->flags & RECIPE_UNREACHABLE);
	pass(fixture, TUNNEL_MTU_RUMOUR_SEC);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 1480);

	/* what a witness has said lasts, whatever rumours say after it */
	binding_tunnel_mtu(fixture->table, key, 1400, TUNNEL_RUMOUR, fixture->now);
	binding_tunnel_mtu(fixture->table, key, 1400, TUNNEL_WITNESS, fixture->now);
	binding_tunnel_mtu(fixture->table, key, 1400, TUNNEL_RUMOUR, fixture->now);
	binding_tunnel_unreachable(fixture->table, key, TUNNEL_WITNESS, fixture->now);
	binding_tunnel_unreachable(fixture->table, key, TUNNEL_RUMOUR, fixture->now);
	pass(fixture, TUNNEL_UNREACHABLE_FORGOTTEN_SEC - 1);
	assert_true(published(fixture, HOST(7))->flags & RECIPE_UNREACHABLE);
	pass(fixture, TUNNEL_MTU_RUMOUR_SEC + 1);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 1380);
}

static void
an_error_about_another_protocol_is_about_another_tunnel(void **state)
{
	struct tunnel_key key = tunnel(AGENT, CARE_OF(0), 0);
	struct fixture *fixture = *state;

	register_with(fixture, HOST(7), CARE_OF(0), 0);
	key.protocol = IP_PROTOCOL_GRE;
	binding_tunnel_mtu(fixture->table, key, 1400, TUNNEL_RUMOUR, fixture->now);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 1480);
}

/* Binds HOST(`host`) behind the NAT CARE_OF(0) at `port`. */
static void
register_behind_nat(struct fixture *fixture, unsigned host, uint16_t port, uint8_t flags)
{
	const struct binding_terms terms = {
		.home_address = HOST(host),
		.care_of_address = CARE_OF(host),
		.agent_address = AGENT,
		.tunnel_dst = CARE_OF(0),
		.tunnel_port_be = htobe16(port),
		.source = CARE_OF(0),
		.lifetime_sec = 1000,
		.network = binding_network(&fixture->config, AGENT_X_HA, HOST(host)),
		.kind = TUNNEL_UDP_IPIP,
		.flags = flags,
		.subscriber = &fixture->subscriber,
	};

	assert_int_equal(binding_register(fixture->table, &terms, false, fixture->now), 0);
}

static void
mobiles_behind_one_nat_do_not_share_each_others_misfortune(void **state)
{
	struct fixture *fixture = *state;

	register_behind_nat(fixture, 7, 1000, 0);
	register_behind_nat(fixture, 8, 2000, 0);
	register_behind_nat(fixture, 9, 3000, BINDING_HALF_BOUND);
	register_with(fixture, HOST(10), CARE_OF(0), 0);
	binding_tunnel_unreachable(fixture->table, tunnel(AGENT, CARE_OF(0), 1000), TUNNEL_WITNESS,
				   fixture->now);
	binding_tunnel_mtu(fixture->table, tunnel(AGENT, CARE_OF(0), 2000), 1400, TUNNEL_WITNESS,
			   fixture->now);
	assert_true(published(fixture, HOST(7))->flags & RECIPE_UNREACHABLE);
	assert_false(published(fixture, HOST(8))->flags & RECIPE_UNREACHABLE);
	assert_false(published(fixture, HOST(10))->flags & RECIPE_UNREACHABLE);
	assert_int_equal(published(fixture, HOST(7))->inner_mtu, 1468);
	assert_int_equal(published(fixture, HOST(8))->inner_mtu, 1368);
	assert_int_equal(published(fixture, HOST(10))->inner_mtu, 1480);
	/* one that learns its port later is found by that */
	assert_int_equal(binding_latch_port(fixture->table, HOST(9), CARE_OF(0), htobe16(4000)), 0);
	binding_tunnel_unreachable(fixture->table, tunnel(AGENT, CARE_OF(0), 3000), TUNNEL_WITNESS,
				   fixture->now);
	assert_false(published(fixture, HOST(9))->flags & RECIPE_UNREACHABLE);
	binding_tunnel_unreachable(fixture->table, tunnel(AGENT, CARE_OF(0), 4000), TUNNEL_WITNESS,
				   fixture->now);
	assert_true(published(fixture, HOST(9))->flags & RECIPE_UNREACHABLE);
	assert_int_equal(
		binding_remove_all(fixture->table, HOST(9), BINDING_END_REVOKED, fixture->now), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TABLE_TEST(the_paths_mtu_is_lowered_for_all_of_a_tunnel_and_forgotten),
		TABLE_TEST(who_has_moved_follows_the_path_of_its_new_tunnel),
		TABLE_TEST(no_icmp_error_makes_a_tunnel_useless),
		TABLE_TEST(an_unreachable_far_end_is_tried_again_after_a_while),
		TABLE_TEST(a_rumour_is_forgotten_sooner_than_what_a_witness_says),
		TABLE_TEST(an_error_about_another_protocol_is_about_another_tunnel),
		TABLE_TEST(mobiles_behind_one_nat_do_not_share_each_others_misfortune),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
