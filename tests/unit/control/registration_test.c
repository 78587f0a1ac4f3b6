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
#include "tests/unit/lib/golden.h"

#define HOME "10.1.0.7"
#define GOLDEN_CLOCK_133 0xe4a1b30055555555ull

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
start_i_ha(void **state)
{
	static struct harness harness;

	harness_init(&harness, AGENT_I_HA);
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

static const struct mip_message *
input_golden(struct harness *harness, unsigned number, const char *source)
{
	uint8_t bytes[GOLDEN_SIZE_MAX];
	size_t len = from_hex(golden_hex[number], bytes);

	return harness_input(harness, &(struct ask){.source = source}, bytes, len);
}

static void
assert_sent_golden(const struct harness *harness, unsigned number)
{
	uint8_t bytes[GOLDEN_SIZE_MAX];
	size_t len = from_hex(golden_hex[number], bytes);

	assert_int_equal(harness_last(harness)->len, len);
	assert_memory_equal(harness_last(harness)->bytes, bytes, len);
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
golden_request_is_accepted(void **state)
{
	struct harness *harness = *state;
	const struct mip_message *reply = input_golden(harness, 0, "172.16.5.9");

	assert_int_equal(harness_code(reply), 0);
	assert_int_equal(reply->reply.lifetime_be, htobe16(1800));
	assert_int_equal(reply->reply.identification_be, htobe64(0xe4a1b2c312345678));
	assert_int_equal(bindings_of(harness, HOME), 1);
	assert_int_equal(harness_last(harness)->flow.dst, harness_address("172.16.5.9"));
	assert_int_equal(harness_last(harness)->flow.src, harness_address("10.1.0.1"));
	assert_int_equal(harness_last(harness)->flow.dst_port_be, htobe16(40000));
	assert_int_equal(harness_last(harness)->flow.src_port_be, htobe16(434));
	assert_int_equal(harness_last(harness)->kind, INJECT_IP);
}

static void
golden_request_behind_a_nat_gets_the_golden_reply(void **state)
{
	struct harness *harness = *state;
	const struct recipe *recipe;

	assert_int_equal(harness_code(input_golden(harness, 1, "172.16.99.1")), 0);
	assert_sent_golden(harness, 2);
	recipe = publish_recipes_find(harness->publisher, harness_address(HOME));
	assert_non_null(recipe);
	assert_int_equal(recipe->layers[0].kind, TUNNEL_UDP_IPIP);
	assert_int_equal(recipe_tunnel(recipe)->dst, harness_address("172.16.99.1"));
	assert_true(recipe->flags & RECIPE_INTERNAL);
	assert_true(recipe->flags & RECIPE_REVERSE);
}

static void
golden_request_of_a_foreign_agent_is_answered_with_its_authenticator(void **state)
{
	struct harness *harness = *state;
	const struct mip_message *reply = input_golden(harness, 3, "172.16.5.1");

	assert_int_equal(harness_code(reply), 0);
	assert_int_equal(reply->fa_ha.count, 1);
	assert_int_equal(reply->fa_ha.spi, GOLDEN_FA_SPI);
	assert_true(mip_auth_verify(harness->auth, MIP_AUTH_HMAC_MD5,
				    &harness->foreign_agent.association.key, reply->bytes,
				    reply->fa_ha.covered_len, reply->fa_ha.authenticator.data,
				    reply->fa_ha.authenticator.len));
}

static void
golden_request_that_is_stale_gets_the_golden_denial(void **state)
{
	struct harness *harness = *state;

	harness->wall.units = GOLDEN_CLOCK_133;
	assert_int_equal(harness_code(input_golden(harness, 0, "172.16.5.9")), 133);
	assert_sent_golden(harness, 4);
	assert_int_equal(bindings_of(harness, HOME), 0);
	assert_int_equal(registration_security(harness->engine)
				 ->by_reason[REG_VIOLATION_BAD_IDENTIFIER],
			 1);
}

static void
a_replayed_request_is_denied(void **state)
{
	struct harness *harness = *state;

	assert_int_equal(harness_code(input_golden(harness, 0, "172.16.5.9")), 0);
	assert_int_equal(harness_code(input_golden(harness, 0, "172.16.5.9")), 133);
	assert_int_equal(bindings_of(harness, HOME), 1);
}

static void
every_reply_of_the_i_ha_has_the_trusted_networks_extension(void **state)
{
	struct harness *harness = *state;

	assert_true(harness_ask(harness, &(struct ask){0})->trusted_networks);
	assert_true(harness_ask(harness, &(struct ask){.has_wrong_key = true})->trusted_networks);
	assert_true(
		harness_ask(harness, &(struct ask){.home_agent = "10.1.0.2"})->trusted_networks);
}

static void
no_reply_of_the_x_ha_has_the_trusted_networks_extension(void **state)
{
	struct harness *harness = *state;

	assert_false(harness_ask(harness, &(struct ask){0})->trusted_networks);
	assert_false(harness_ask(harness, &(struct ask){.has_wrong_key = true})->trusted_networks);
}

static void
the_i_ha_hears_nobody_from_outside_or_untrusted(void **state)
{
	struct harness *harness = *state;
	const struct ask outside = {.from_other_side = true};
	const struct ask untrusted = {.care_of = "192.0.2.1"};

	assert_null(harness_ask(harness, &outside));
	assert_int_equal(harness->drops.count[DROP_REG_EXTERNAL_TO_I_HA], 1);
	assert_null(harness_ask(harness, &untrusted));
	assert_int_equal(harness->drops.count[DROP_REG_UNTRUSTED_SOURCE], 1);
	assert_int_equal(bindings_of(harness, HOME), 0);
	assert_int_equal(registration_counters(harness->engine, AGENT_I_HA)->dropped, 2);
}

static void
the_x_ha_hears_nobody_from_inside(void **state)
{
	struct harness *harness = *state;

	assert_null(harness_ask(harness, &(struct ask){.from_other_side = true}));
	assert_int_equal(harness->drops.count[DROP_REG_INTERNAL_TO_X_HA], 1);
}

static void
what_must_not_be_answered_is_not(void **state)
{
	static const uint8_t unknown[] = {99, 1, 0};
	static const uint8_t cut_off[] = {131, 200, 'a'};
	static const struct {
		struct ask ask;
		enum drop_reason drop;
	} cases[] = {
		{{.has_no_auth = true}, DROP_REG_NO_AUTH},
		{{.home_address = "10.1.0.99"}, DROP_REG_NO_ASSOCIATION},
		{{.nai = "nobody@example.com", .home_address = "0.0.0.0"}, DROP_REG_NO_ASSOCIATION},
		{{.nai = "dyn@example.com"}, DROP_REASON_COUNT}, /* answered: 129 */
		{{.nai = "nobody@example.com"}, DROP_REG_NO_ASSOCIATION},
		{{.extension = unknown, .extension_len = 3}, DROP_REG_UNKNOWN_EXTENSION},
		{{.extension = cut_off, .extension_len = 3, .has_no_auth = true},
		 DROP_REG_MALFORMED},
		{{.destination = "10.1.0.9"}, DROP_REG_NO_AGENT},
	};
	struct harness *harness = *state;

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		uint64_t before = cases[i].drop < DROP_REASON_COUNT
					  ? harness->drops.count[cases[i].drop]
					  : 0;
		const struct mip_message *reply = harness_ask(harness, &cases[i].ask);

		if (cases[i].drop == DROP_REASON_COUNT) {
			assert_int_equal(harness_code(reply), 129);
			continue;
		}
		assert_null(reply);
		assert_int_equal(harness->drops.count[cases[i].drop], before + 1);
	}
	assert_null(harness_input(harness, &(struct ask){0}, "\001", 1));
	assert_int_equal(harness->drops.count[DROP_REG_MALFORMED], 2);
}

static void
replies_to_failed_authentication_are_signed_and_rationed(void **state)
{
	struct harness *harness = *state;
	const struct ask wrong = {.has_wrong_key = true};
	const struct ask wrong_spi = {.spi = 999};
	const struct mip_message *reply = harness_ask(harness, &wrong);

	assert_int_equal(harness_code(reply), 131);
	assert_true(mip_auth_verify(harness->auth, MIP_AUTH_HMAC_MD5,
				    &harness->subscribers[0].associations[0].key, reply->bytes,
				    reply->mn_ha.covered_len, reply->mn_ha.authenticator.data,
				    reply->mn_ha.authenticator.len));
	assert_int_equal(harness_code(harness_ask(harness, &wrong_spi)), 131);
	assert_null(harness_ask(harness, &wrong));
	assert_int_equal(harness->drops.count[DROP_REG_AUTH_RATE], 1);
	harness_pass(harness, 1);
	assert_int_equal(harness_code(harness_ask(harness, &wrong)), 131);
	assert_int_equal(registration_security(harness->engine)->violations, 4);
	assert_int_equal(registration_security(harness->engine)->by_reason[REG_VIOLATION_BAD_SPI],
			 1);
	assert_int_equal(registration_security(harness->engine)->violators[0].count, 4);
}

static void
a_request_to_the_broadcast_address_learns_the_agents(void **state)
{
	static const char *const addresses[] = {"10.1.0.255", "255.255.255.255"};
	struct harness *harness = *state;

	for (unsigned i = 0; i < ARRAY_COUNT(addresses); i++) {
		const struct mip_message *reply =
			harness_ask(harness, &(struct ask){.destination = addresses[i],
							   .home_agent = addresses[i],
							   .packet_flags = PACKET_OWN_BROADCAST});

		assert_int_equal(harness_code(reply), 136);
		assert_int_equal(reply->reply.home_agent, harness_address("10.1.0.1"));
		assert_int_equal(harness_last(harness)->flow.src, harness_address("10.1.0.1"));
	}
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
	assert_int_equal(
		recipe_tunnel(publish_recipes_find(harness->publisher, address))->dst,
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
	const struct ask stale = {.is_deregistration = true,
				  .care_of = HOME,
				  .source = HOME,
				  .identification = 1};

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
		assert_int_equal(harness_code(harness_ask(
					 harness, &(struct ask){.flags = flags,
								.care_of = care_of[i]})),
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
	assert_int_equal(
		harness_code(harness_ask(harness, &(struct ask){.care_of = "172.16.6.9"})), 0);
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
	assert_int_equal(harness_code(harness_ask(
				 harness, &(struct ask){.nai = "dyn@example.com",
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
	assert_int_equal(
		recipe_tunnel(publish_recipes_find(harness->publisher, address))->dst,
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
the_foreign_agents_challenge_comes_back_behind_the_mobiles_authenticator(void **state)
{
	static const uint8_t challenge[] = {MIP_EXT_FA_CHALLENGE, 4, 1, 2, 3, 4};
	struct harness *harness = *state;
	const struct mip_message *reply =
		harness_ask(harness, &(struct ask){.flags = MIP_FLAG_T,
						   .care_of = "172.16.5.1",
						   .is_relayed = true,
						   .late_extension = challenge,
						   .late_extension_len = sizeof(challenge)});

	assert_int_equal(harness_code(reply), 0);
	assert_int_equal(reply->challenge.len, 4);
	assert_true(reply->challenge.data > reply->mn_ha.authenticator.data);
	assert_true(reply->challenge.data < reply->fa_ha.authenticator.data);
}

static void
denials_say_why_when_that_is_configured(void **state)
{
	struct harness *harness = *state;
	const struct ask ask = {.home_agent = "10.1.0.2"};

	assert_null(harness_ask(harness, &ask)->message_string.data);
	harness->config.agents[AGENT_X_HA].message_string = true;
	assert_non_null(harness_ask(harness, &ask)->message_string.data);
	assert_null(harness_ask(harness, &(struct ask){0})->message_string.data);
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
	assert_int_equal(
		((const struct udp_header *)(recipe_tunnel(recipe) + 1))->dst_port_be,
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
	assert_int_equal(harness_code(harness_ask(harness,
						  &(struct ask){.nai = "dyn@example.com",
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
	assert_int_equal(harness_code(harness_ask(harness,
						  &(struct ask){.nai = "dyn@example.com",
								.home_address = "0.0.0.0"})),
			 0);
	assert_int_equal(fake_routes_held(harness->routes), 2);
}

static void
a_reply_that_cannot_be_sent_is_counted(void **state)
{
	struct harness *harness = *state;

	harness->send_error = -ENOBUFS;
	assert_null(harness_ask(harness, &(struct ask){0}));
	assert_int_equal(registration_counters(harness->engine, AGENT_X_HA)->reply_failures, 1);
}

#define X_HA_TEST(name) cmocka_unit_test_setup_teardown(name, start_x_ha, stop)
#define I_HA_TEST(name) cmocka_unit_test_setup_teardown(name, start_i_ha, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		X_HA_TEST(golden_request_is_accepted),
		I_HA_TEST(golden_request_behind_a_nat_gets_the_golden_reply),
		X_HA_TEST(golden_request_of_a_foreign_agent_is_answered_with_its_authenticator),
		X_HA_TEST(golden_request_that_is_stale_gets_the_golden_denial),
		X_HA_TEST(a_replayed_request_is_denied),
		I_HA_TEST(every_reply_of_the_i_ha_has_the_trusted_networks_extension),
		X_HA_TEST(no_reply_of_the_x_ha_has_the_trusted_networks_extension),
		I_HA_TEST(the_i_ha_hears_nobody_from_outside_or_untrusted),
		X_HA_TEST(the_x_ha_hears_nobody_from_inside),
		X_HA_TEST(what_must_not_be_answered_is_not),
		X_HA_TEST(replies_to_failed_authentication_are_signed_and_rationed),
		I_HA_TEST(a_request_to_the_broadcast_address_learns_the_agents),
		X_HA_TEST(a_mobile_moves_and_comes_home),
		X_HA_TEST(a_rejected_mobile_at_home_is_told_there),
		X_HA_TEST(simultaneous_bindings_come_and_go_one_by_one),
		X_HA_TEST(a_dynamic_mobile_gets_an_address_and_keeps_it),
		X_HA_TEST(a_binding_expires_without_a_word),
		X_HA_TEST(a_renewal_prolongs_without_publishing_anew),
		X_HA_TEST(nonces_are_learned_and_a_repeated_request_changes_nothing),
		X_HA_TEST(full_tables_are_answered_with_130_and_nothing_is_lost),
		X_HA_TEST(a_link_too_narrow_for_a_tunnel_is_answered_with_128),
		X_HA_TEST(a_service_that_is_not_there_ends_the_binding),
		X_HA_TEST(the_foreign_agents_challenge_comes_back_behind_the_mobiles_authenticator),
		X_HA_TEST(denials_say_why_when_that_is_configured),
		X_HA_TEST(a_half_bound_tunnel_waits_for_its_keepalive),
		X_HA_TEST(reload_keeps_replay_state_and_ends_bindings_of_those_who_are_gone),
		X_HA_TEST(a_reply_that_cannot_be_sent_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
