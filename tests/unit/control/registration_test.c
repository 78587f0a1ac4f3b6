/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/registration.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "control/publish.h"
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
	assert_int_equal(
		registration_security(harness->engine)->by_reason[REG_VIOLATION_BAD_IDENTIFIER], 1);
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
		uint64_t before =
			cases[i].drop < DROP_REASON_COUNT ? harness->drops.count[cases[i].drop] : 0;
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
replies_to_replayed_requests_have_a_ration_of_their_own(void **state)
{
	struct harness *harness = *state;
	const struct ask old = {.identification = HARNESS_CLOCK - (100ull << 32)};

	for (unsigned i = 0; i < 3; i++)
		harness_ask(harness, &(struct ask){.has_wrong_key = true});
	assert_int_equal(harness->drops.count[DROP_REG_AUTH_RATE], 1);
	assert_int_equal(harness_code(harness_ask(harness, &old)), 133);
	assert_int_equal(harness_code(harness_ask(harness, &old)), 133);
	assert_null(harness_ask(harness, &old));
	assert_int_equal(harness->drops.count[DROP_REG_AUTH_RATE], 2);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){0})), 0);
}

static void
a_wall_clock_set_back_locks_nobody_out_and_opens_nothing_to_replay(void **state)
{
	struct harness *harness = *state;
	const struct ask first = {.identification = HARNESS_CLOCK};
	const struct mip_message *reply;
	struct ask follower = {0};

	assert_int_equal(harness_code(harness_ask(harness, &first)), 0);
	harness_pass(harness, 500);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){0})), 0);
	harness->wall.units -= 500ull << 32;
	/* what was captured then is as old as it was */
	assert_int_equal(harness_code(harness_ask(harness, &first)), 133);
	harness_pass(harness, 1);
	/* a mobile that goes by the wall clock follows 133, as RFC 5944 section 5.7.1 has it */
	reply = harness_ask(harness, &(struct ask){0});
	assert_int_equal(harness_code(reply), 133);
	follower.identification = be64toh(reply->reply.identification_be);
	assert_int_equal(harness_code(harness_ask(harness, &follower)), 0);
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
		X_HA_TEST(replies_to_replayed_requests_have_a_ration_of_their_own),
		X_HA_TEST(a_wall_clock_set_back_locks_nobody_out_and_opens_nothing_to_replay),
		I_HA_TEST(a_request_to_the_broadcast_address_learns_the_agents),
		X_HA_TEST(the_foreign_agents_challenge_comes_back_behind_the_mobiles_authenticator),
		X_HA_TEST(denials_say_why_when_that_is_configured),
		X_HA_TEST(a_reply_that_cannot_be_sent_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
