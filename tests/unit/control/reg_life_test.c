/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/registration.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "control/publish.h"
#include "tests/unit/control/fake_network.h"
#include "tests/unit/control/reg_harness.h"

#define HOME "10.1.0.7"

static int
start_x_ha(void **state)
{
	static struct harness harness;

	harness_init(&harness, AGENT_X_HA);
	harness_start(&harness);
	*state = &harness;
	return 0;
}

static int
stop(void **state)
{
	harness_stop(*state);
	return 0;
}

static unsigned
bindings_of(struct harness *harness, const char *home_address)
{
	const struct binding *binding =
		binding_find(registration_bindings(harness->engine), harness_address(home_address));
	unsigned count = 0;

	for (; binding != NULL; binding = binding->next)
		count++;
	return count;
}

static void
a_mobile_moves_and_comes_home(void **state)
{
	struct harness *harness = *state;
	const struct ask home = {.is_deregistration = true, .care_of = HOME, .source = HOME};
	be32 address = harness_address(HOME);

	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){0})), 0);
	assert_true(fake_routes_is_proxied(harness->routes, address));
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){.care_of = "172.16.6.1"})),
			 0);
	assert_int_equal(bindings_of(harness, HOME), 1);
	assert_int_equal(recipe_tunnel(publish_recipes_find(harness->publisher, address))->dst,
			 harness_address("172.16.6.1"));
	assert_int_equal(harness_code(harness_ask(harness, &home)), 0);
	assert_int_equal(harness_last(harness)->kind, INJECT_ROUTE);
	assert_int_equal(bindings_of(harness, HOME), 0);
	assert_null(publish_recipes_find(harness->publisher, address));
	assert_false(fake_routes_is_proxied(harness->routes, address));
	assert_int_equal(fake_routes_held(harness->routes), 0);
	assert_int_equal(registration_counters(harness->engine, AGENT_X_HA)->moves, 1);
	assert_int_equal(
		registration_counters(harness->engine, AGENT_X_HA)->accepted[REG_KIND_FIRST], 1);
}

static void
a_rejected_mobile_at_home_is_told_there(void **state)
{
	struct harness *harness = *state;
	const struct ask stale = {
		.is_deregistration = true, .care_of = HOME, .source = HOME, .identification = 1};

	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){0})), 0);
	assert_int_equal(harness_code(harness_ask(harness, &stale)), 133);
	assert_int_equal(harness_last(harness)->kind, INJECT_ROUTE);
	assert_int_equal(bindings_of(harness, HOME), 1);
}

static void
simultaneous_bindings_come_and_go_one_by_one(void **state)
{
	struct harness *harness = *state;
	const uint8_t flags = MIP_FLAG_S | MIP_FLAG_D | MIP_FLAG_T;
	static const char *const care_of[] = {"172.16.6.1", "172.16.6.2", "172.16.6.3"};
	const struct recipe *recipe;

	for (unsigned i = 0; i < ARRAY_COUNT(care_of); i++)
		assert_int_equal(
			harness_code(harness_ask(
				harness, &(struct ask){.flags = flags, .care_of = care_of[i]})),
			0);
	assert_int_equal(bindings_of(harness, HOME), 3);
	recipe = publish_recipes_find(harness->publisher, harness_address(HOME));
	assert_true(recipe->flags & RECIPE_HAS_NEXT);
	assert_true(recipe->next->flags & RECIPE_HAS_NEXT);
	assert_false(recipe->next->next->flags & RECIPE_HAS_NEXT);
	assert_int_equal(harness_code(harness_ask(
				 harness, &(struct ask){.flags = flags, .care_of = "172.16.6.4"})),
			 135);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){.is_deregistration = true,
									 .care_of = "172.16.6.2"})),
			 0);
	assert_int_equal(bindings_of(harness, HOME), 2);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){.care_of = "172.16.6.9"})),
			 0);
	assert_int_equal(bindings_of(harness, HOME), 1);
	assert_int_equal(fake_routes_held(harness->routes), 1);
}

static void
a_dynamic_mobile_gets_an_address_and_keeps_it(void **state)
{
	struct harness *harness = *state;
	const struct ask first = {.nai = "dyn@example.com", .home_address = "0.0.0.0"};
	const struct ask renewal = {.nai = "dyn@example.com", .home_address = "10.1.0.100"};
	const struct ask nameless = {.home_address = "10.1.0.100"};
	const struct ask end = {.nai = "dyn@example.com",
				.home_address = "10.1.0.100",
				.is_deregistration = true,
				.care_of = "10.1.0.100"};
	const struct mip_message *reply = harness_ask(harness, &first);

	assert_int_equal(harness_code(reply), 0);
	assert_int_equal(reply->reply.home_address, harness_address("10.1.0.100"));
	assert_int_equal(reply->nai.len, strlen("dyn@example.com"));
	assert_int_equal(harness_code(harness_ask(harness, &renewal)), 0);
	assert_int_equal(harness_code(harness_ask(harness, &nameless)), 0);
	assert_int_equal(bindings_of(harness, "10.1.0.100"), 1);
	assert_int_equal(harness_code(harness_ask(harness, &end)), 0);
	assert_int_equal(bindings_of(harness, "10.1.0.100"), 0);
	assert_int_equal(harness_ask(harness, &first)->reply.home_address,
			 harness_address("10.1.0.100"));
	assert_int_equal(
		harness_code(harness_ask(harness, &(struct ask){.nai = "dyn@example.com",
								.home_address = "10.1.0.7"})),
		129);
}

static void
a_binding_expires_without_a_word(void **state)
{
	struct harness *harness = *state;
	unsigned sent;

	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){.lifetime_sec = 30})), 0);
	sent = harness->sent_count;
	harness_pass(harness, 29);
	assert_int_equal(bindings_of(harness, HOME), 1);
	harness_pass(harness, 2);
	assert_int_equal(bindings_of(harness, HOME), 0);
	assert_int_equal(harness->sent_count, sent);
	assert_int_equal(fake_routes_held(harness->routes), 0);
	assert_int_equal(registration_counters(harness->engine, AGENT_X_HA)
				 ->bindings_ended[BINDING_END_EXPIRED],
			 1);
}

static void
a_renewal_prolongs_without_publishing_anew(void **state)
{
	struct harness *harness = *state;
	unsigned calls;

	harness_ask(harness, &(struct ask){.lifetime_sec = 30});
	calls = fake_publisher_calls(harness->publisher);
	harness_pass(harness, 20);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){.lifetime_sec = 30})), 0);
	harness_pass(harness, 20);
	assert_int_equal(bindings_of(harness, HOME), 1);
	assert_int_equal(fake_publisher_calls(harness->publisher), calls);
}

static uint64_t
nonce_in(const struct mip_message *reply)
{
	return be64toh(reply->reply.identification_be) >> 32 << 32;
}

static void
nonces_are_learned_and_a_repeated_request_changes_nothing(void **state)
{
	struct harness *harness = *state;
	struct ask ask = {.home_address = "10.1.0.8", .identification = 5, .lifetime_sec = 100};
	const struct mip_message *reply = harness_ask(harness, &ask);
	struct ask elsewhere;

	assert_int_equal(harness_code(reply), 133);
	assert_int_equal(be64toh(reply->reply.identification_be) & 0xffffffff, 5);
	ask.identification = nonce_in(reply) | 6;
	assert_int_equal(harness_code(harness_ask(harness, &ask)), 0);
	harness_pass(harness, 60);
	reply = harness_ask(harness, &ask); /* its reply was lost: unchanged */
	assert_int_equal(harness_code(reply), 0);
	assert_in_range(be16toh(reply->reply.lifetime_be), 39, 40);
	elsewhere = ask;
	elsewhere.source = "172.16.7.7";
	assert_int_equal(harness_code(harness_ask(harness, &elsewhere)), 133);
	harness_pass(harness, 41);
	assert_int_equal(bindings_of(harness, "10.1.0.8"), 0);
	assert_int_equal(registration_counters(harness->engine, AGENT_X_HA)->duplicates, 1);
}

static void
full_tables_are_answered_with_130_and_nothing_is_lost(void **state)
{
	struct harness *harness = *state;
	be32 address = harness_address(HOME);
	const struct ask away = {.care_of = "172.16.6.1"};

	fake_publisher_fail(harness->publisher, -ENOSPC, 1);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){0})), 130);
	assert_int_equal(bindings_of(harness, HOME), 0);
	assert_int_equal(fake_routes_held(harness->routes), 0);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){0})), 0);
	fake_publisher_fail(harness->publisher, -ENOMEM, 1);
	assert_int_equal(harness_code(harness_ask(harness, &away)), 130);
	assert_int_equal(bindings_of(harness, HOME), 1);
	assert_int_equal(recipe_tunnel(publish_recipes_find(harness->publisher, address))->dst,
			 harness_address("172.16.5.9"));
	assert_int_equal(binding_find(registration_bindings(harness->engine), address)
				 ->terms.care_of_address,
			 harness_address("172.16.5.9"));
	assert_int_equal(harness_code(harness_ask(harness, &away)), 0);
	assert_int_equal(fake_routes_held(harness->routes), 1);
}

static void
a_link_too_narrow_for_a_tunnel_is_answered_with_128(void **state)
{
	struct harness *harness = *state;

	fake_routes_set_mtu(harness->routes, 68);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){0})), 128);
	assert_int_equal(bindings_of(harness, HOME), 0);
}

static void
a_service_that_is_not_there_ends_the_binding(void **state)
{
	static const uint8_t service[] = {MIP_EXT_SERVICE_SELECTION, 3, 'i', 'm', 's'};
	struct harness *harness = *state;

	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){0})), 0);
	assert_int_equal(
		harness_code(harness_ask(harness, &(struct ask){.extension = service,
								.extension_len = sizeof(service)})),
		151);
	assert_int_equal(bindings_of(harness, HOME), 0);
}

static void
a_half_bound_tunnel_waits_for_its_keepalive(void **state)
{
	static const uint8_t request[] = {MIP_EXT_UDP_TUNNEL_REQUEST, 6, 0, 0, 0x40, 0, 0, 0};
	struct harness *harness = *state;
	struct binding_table *bindings = registration_bindings(harness->engine);
	be32 address = harness_address(HOME), nat = harness_address("172.16.99.1");
	const struct ask ask = {
		.source = "172.16.99.1", .extension = request, .extension_len = sizeof(request)};
	const struct recipe *recipe;

	assert_int_equal(harness_code(harness_ask(harness, &ask)), 0);
	recipe = publish_recipes_find(harness->publisher, address);
	assert_true(recipe->flags & RECIPE_HALF_BOUND);
	assert_int_equal(binding_latch_port(bindings, address, harness_address("172.16.99.2"),
					    htobe16(5000)),
			 -ENOENT);
	assert_int_equal(binding_latch_port(bindings, address, nat, htobe16(5000)), 0);
	recipe = publish_recipes_find(harness->publisher, address);
	assert_false(recipe->flags & RECIPE_HALF_BOUND);
	assert_int_equal(((const struct udp_header *)(recipe_tunnel(recipe) + 1))->dst_port_be,
			 htobe16(5000));
	assert_int_equal(binding_latch_port(bindings, address, nat, htobe16(6000)), -ENOENT);
}

static void
reload_keeps_replay_state_and_ends_bindings_of_those_who_are_gone(void **state)
{
	struct harness *harness = *state;
	struct config next = harness->config;
	uint64_t last = harness->wall.units;

	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){0})), 0);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){.nai = "dyn@example.com",
									 .home_address = "0.0.0.0",
									 .care_of = "172.16.8.8"})),
			 0);
	next.subscriber_count = 2; /* dyn@example.com is the third */
	assert_int_equal(registration_reload(harness->engine, &next, harness->now), 0);
	assert_int_equal(bindings_of(harness, HOME), 1);
	assert_int_equal(bindings_of(harness, "10.1.0.100"), 0);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){.identification = last})),
			 133);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){0})), 0);
	assert_int_equal(registration_reload(harness->engine, &harness->config, harness->now), 0);
	assert_int_equal(bindings_of(harness, HOME), 1);
	assert_int_equal(
		harness_code(harness_ask(harness, &(struct ask){.nai = "dyn@example.com",
								.home_address = "0.0.0.0"})),
		0);
	assert_int_equal(fake_routes_held(harness->routes), 2);
}

#define LIFE_TEST(name) cmocka_unit_test_setup_teardown(name, start_x_ha, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE_TEST(a_mobile_moves_and_comes_home),
		LIFE_TEST(a_rejected_mobile_at_home_is_told_there),
		LIFE_TEST(simultaneous_bindings_come_and_go_one_by_one),
		LIFE_TEST(a_dynamic_mobile_gets_an_address_and_keeps_it),
		LIFE_TEST(a_binding_expires_without_a_word),
		LIFE_TEST(a_renewal_prolongs_without_publishing_anew),
		LIFE_TEST(nonces_are_learned_and_a_repeated_request_changes_nothing),
		LIFE_TEST(full_tables_are_answered_with_130_and_nothing_is_lost),
		LIFE_TEST(a_link_too_narrow_for_a_tunnel_is_answered_with_128),
		LIFE_TEST(a_service_that_is_not_there_ends_the_binding),
		LIFE_TEST(a_half_bound_tunnel_waits_for_its_keepalive),
		LIFE_TEST(reload_keeps_replay_state_and_ends_bindings_of_those_who_are_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
