/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/revocation.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "control/reg_engine.h"
#include "tests/unit/control/reg_harness.h"

#define HOME "10.1.0.7"
#define FOREIGN "172.16.5.1"

static int
start(void **state)
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

static uint32_t
clock_id(const struct harness *harness)
{
	return (uint32_t)(harness->wall.units >> 32);
}

/* A revocation support extension with the I bit, as its sender's clock has it now. */
static void
support_extension(const struct harness *harness, uint8_t extension[8])
{
	be32 timestamp_be = htobe32(clock_id(harness));

	memcpy(extension, (uint8_t[]){MIP_EXT_REVOCATION_SUPPORT, 6, 0x80, 0}, 4);
	memcpy(extension + 4, &timestamp_be, 4);
}

static const struct mip_message *
register_by_foreign_agent(struct harness *harness)
{
	uint8_t extension[8];

	support_extension(harness, extension);
	return harness_ask(harness, &(struct ask){.flags = MIP_FLAG_T,
						  .care_of = FOREIGN,
						  .is_relayed = true,
						  .late_extension = extension,
						  .late_extension_len = sizeof(extension)});
}

static const struct mip_message *
register_directly(struct harness *harness)
{
	uint8_t extension[8];

	support_extension(harness, extension);
	return harness_ask(
		harness, &(struct ask){.extension = extension, .extension_len = sizeof(extension)});
}

static bool
is_bound(struct harness *harness)
{
	return binding_find(registration_bindings(harness->engine), harness_address(HOME)) != NULL;
}

static const struct mip_message *
last_message(struct harness *harness)
{
	assert_int_equal(mip_parse(harness_last(harness)->bytes, harness_last(harness)->len,
				   &harness->reply),
			 MIP_PARSE_OK);
	return &harness->reply;
}

struct peer_message {
	uint8_t type;
	uint16_t flags;
	uint32_t id;
	const char *foreign_domain; /* NULL: the foreign agent */
	uint8_t key;		    /* first octet of it: 0x10 is the foreign agent's */
	uint8_t auth_type;	    /* 0: foreign-home */
	uint32_t spi;		    /* 0: 300 */
};

/* Signs and hands in a revocation or an acknowledgement from `source`. */
static const struct mip_message *
peer_sends(struct harness *harness, const char *source, const struct peer_message *message)
{
	const char *foreign_domain =
		message->foreign_domain != NULL ? message->foreign_domain : FOREIGN;
	const struct mip_revocation revocation = {
		.type = MIP_REVOCATION,
		.flags_be = htobe16(message->flags),
		.home_address = harness_address(HOME),
		.home_domain = harness_address("10.1.0.1"),
		.foreign_domain = harness_address(foreign_domain),
		.revocation_id_be = htobe32(message->id),
	};
	const struct mip_revocation_ack ack = {
		.type = MIP_REVOCATION_ACK,
		.flags_be = htobe16(message->flags),
		.home_address = harness_address(HOME),
		.revocation_id_be = htobe32(message->id),
	};
	bool is_ack = message->type == MIP_REVOCATION_ACK;
	struct secret key = {.len = 16};
	struct mip_builder builder;
	uint8_t bytes[128];

	for (unsigned i = 0; i < 16; i++)
		key.bytes[i] = (uint8_t)(message->key + i);
	mip_begin(&builder, bytes, sizeof(bytes), is_ack ? (const void *)&ack : &revocation,
		  is_ack ? sizeof(ack) : sizeof(revocation));
	assert_int_equal(
		mip_add_auth(&builder, harness->auth,
			     message->auth_type != 0 ? message->auth_type : MIP_EXT_FA_HA_AUTH,
			     message->spi != 0 ? message->spi : 300, MIP_AUTH_HMAC_MD5, &key),
		0);
	return harness_input(harness, &(struct ask){.source = source}, bytes,
			     (size_t)mip_end(&builder));
}

static void
support_is_answered_where_it_was_offered(void **state)
{
	struct harness *harness = *state;
	const struct mip_message *reply = register_by_foreign_agent(harness);

	assert_int_equal(harness_code(reply), 0);
	assert_int_equal(reply->revocation_support.author, MIP_BY_FOREIGN_AGENT);
	assert_true(reply->revocation_support.inform);
	assert_int_equal(reply->revocation_support.timestamp, clock_id(harness));
	reply = register_directly(harness);
	assert_int_equal(harness_code(reply), 0);
	assert_int_equal(reply->revocation_support.author, MIP_BY_MOBILE);
	reply = harness_ask(harness, &(struct ask){0});
	assert_int_equal(reply->revocation_support.author, MIP_BY_NOBODY);
}

static void
the_operator_revokes_and_the_foreign_agent_is_told_until_it_answers(void **state)
{
	struct harness *harness = *state;
	const struct mip_message *sent;
	uint32_t id;

	register_by_foreign_agent(harness);
	assert_int_equal(revocation_start(harness->engine, harness_address(HOME), harness->now), 1);
	assert_false(is_bound(harness));
	assert_int_equal(harness->sent_count, 2);
	sent = last_message(harness);
	assert_int_equal(sent->type, MIP_REVOCATION);
	assert_int_equal(be16toh(sent->revocation.flags_be),
			 MIP_REVOCATION_FLAG_A | MIP_REVOCATION_FLAG_I);
	assert_int_equal(sent->revocation.foreign_domain, harness_address(FOREIGN));
	assert_int_equal(sent->revocation.home_domain, harness_address("10.1.0.1"));
	assert_int_equal(sent->fa_ha.count, 1);
	assert_int_equal(harness_last(harness)->flow.dst, harness_address(FOREIGN));
	assert_int_equal(harness_last(harness)->flow.dst_port_be, htobe16(434));
	id = be32toh(sent->revocation.revocation_id_be);
	assert_int_equal(id, clock_id(harness));

	/* again after 1, 3 and 7 seconds, each time with the clock's time */
	harness_pass(harness, 2);
	assert_int_equal(harness->sent_count, 3);
	harness_pass(harness, 2);
	assert_int_equal(harness->sent_count, 4);
	harness_pass(harness, 4);
	assert_int_equal(harness->sent_count, 5);
	assert_true(be32toh(last_message(harness)->revocation.revocation_id_be) > id);

	peer_sends(harness, FOREIGN,
		   &(struct peer_message){.type = MIP_REVOCATION_ACK, .id = id, .key = 0x10});
	harness_pass(harness, 100);
	assert_int_equal(harness->sent_count, 5);
	assert_int_equal(
		registration_counters(harness->engine, AGENT_X_HA)->revocations_acknowledged, 1);
}

static void
an_acknowledgement_counts_only_when_it_is_the_peers(void **state)
{
	static const struct {
		const char *source;
		uint8_t key;
		int id_offset;
	} wrong[] = {{FOREIGN, 0x77, 0}, {"172.16.5.2", 0x10, 0}, {FOREIGN, 0x10, 99}};
	struct harness *harness = *state;
	uint32_t id;

	register_by_foreign_agent(harness);
	revocation_start(harness->engine, harness_address(HOME), harness->now);
	id = be32toh(last_message(harness)->revocation.revocation_id_be);
	for (unsigned i = 0; i < ARRAY_COUNT(wrong); i++)
		peer_sends(harness, wrong[i].source,
			   &(struct peer_message){.type = MIP_REVOCATION_ACK,
						  .id = id + (uint32_t)wrong[i].id_offset,
						  .key = wrong[i].key});
	assert_int_equal(harness->drops.count[DROP_REVOCATION_INVALID], 3);
	harness_pass(harness, 2);
	assert_int_equal(harness->sent_count, 3);
}

static void
telling_stops_when_the_binding_would_have_ended(void **state)
{
	struct harness *harness = *state;
	unsigned sent;

	register_by_foreign_agent(harness);
	revocation_start(harness->engine, harness_address(HOME), harness->now);
	harness_pass(harness, 1801);
	sent = harness->sent_count;
	assert_in_range(sent, 8, 40);
	assert_int_equal(registration_counters(harness->engine, AGENT_X_HA)->revocations_given_up,
			 1);
	harness_pass(harness, 200);
	assert_int_equal(harness->sent_count, sent);
}

static void
telling_stops_when_the_mobile_registers_there_again(void **state)
{
	struct harness *harness = *state;
	unsigned sent;

	register_by_foreign_agent(harness);
	revocation_start(harness->engine, harness_address(HOME), harness->now);
	register_by_foreign_agent(harness);
	assert_true(is_bound(harness));
	sent = harness->sent_count;
	harness_pass(harness, 100);
	assert_int_equal(harness->sent_count, sent);
}

static void
a_mobile_with_its_own_care_of_address_is_told_itself(void **state)
{
	struct harness *harness = *state;
	const struct mip_message *sent;

	register_directly(harness);
	assert_int_equal(revocation_start(harness->engine, harness_address(HOME), harness->now), 1);
	sent = last_message(harness);
	assert_int_equal(sent->mn_ha.count, 1);
	assert_int_equal(sent->fa_ha.count, 0);
	assert_int_equal(harness_last(harness)->flow.dst, harness_address("172.16.5.9"));
	peer_sends(harness, "172.16.5.9",
		   &(struct peer_message){.type = MIP_REVOCATION_ACK,
					  .id = be32toh(sent->revocation.revocation_id_be),
					  .key = 0x00,
					  .auth_type = MIP_EXT_MN_HA_AUTH,
					  .spi = 256});
	harness_pass(harness, 100);
	assert_int_equal(harness->sent_count, 2);
}

static void
who_did_not_negotiate_is_not_told(void **state)
{
	struct harness *harness = *state;

	harness_ask(harness, &(struct ask){0});
	assert_int_equal(revocation_start(harness->engine, harness_address(HOME), harness->now), 1);
	assert_false(is_bound(harness));
	assert_int_equal(harness->sent_count, 1);
	assert_int_equal(revocation_start(harness->engine, harness_address(HOME), harness->now),
			 -ENOENT);
}

static void
the_agent_that_a_mobile_leaves_is_told(void **state)
{
	struct harness *harness = *state;
	const struct mip_message *sent;

	register_by_foreign_agent(harness);
	assert_int_equal(harness_code(harness_ask(harness, &(struct ask){0})), 0);
	assert_int_equal(harness->sent_count, 3);
	assert_int_equal(mip_parse(harness->sent[1].bytes, harness->sent[1].len, &harness->reply),
			 MIP_PARSE_OK);
	sent = &harness->reply;
	assert_int_equal(sent->type, MIP_REVOCATION);
	assert_int_equal(be16toh(sent->revocation.flags_be), MIP_REVOCATION_FLAG_A);
	assert_true(is_bound(harness));
}

static void
a_foreign_agents_revocation_is_obeyed_and_acknowledged(void **state)
{
	struct harness *harness = *state;
	const struct mip_message *ack;
	struct peer_message revocation = {
		.type = MIP_REVOCATION, .flags = MIP_REVOCATION_FLAG_I, .key = 0x10};

	register_by_foreign_agent(harness);
	harness_pass(harness, 5);
	revocation.id = clock_id(harness);
	ack = peer_sends(harness, FOREIGN, &revocation);
	assert_non_null(ack);
	assert_int_equal(ack->type, MIP_REVOCATION_ACK);
	assert_int_equal(be32toh(ack->revocation_ack.revocation_id_be), revocation.id);
	assert_int_equal(be16toh(ack->revocation_ack.flags_be), MIP_REVOCATION_ACK_FLAG_I);
	assert_int_equal(ack->revocation_ack.home_address, harness_address(HOME));
	assert_int_equal(ack->fa_ha.count, 1);
	assert_int_equal(harness_last(harness)->flow.dst_port_be, htobe16(40000));
	assert_false(is_bound(harness));
	/* our acknowledgement was lost: the same again, with a new timestamp */
	revocation.id++;
	assert_non_null(peer_sends(harness, FOREIGN, &revocation));
	/* an old one */
	revocation.id -= 3;
	assert_null(peer_sends(harness, FOREIGN, &revocation));
	assert_int_equal(harness->drops.count[DROP_REVOCATION_INVALID], 1);
	assert_int_equal(registration_counters(harness->engine, AGENT_X_HA)->revocations_received,
			 2);
}

static void
a_revocation_that_is_not_right_is_dropped(void **state)
{
	struct harness *harness = *state;
	uint32_t later;

	register_by_foreign_agent(harness);
	later = clock_id(harness) + 5;
	{
		const struct {
			const char *source;
			struct peer_message message;
		} cases[] = {
			/* wrong key, a home agent's, from elsewhere, not later, a mobile's */
			{FOREIGN, {.id = later, .key = 0x77}},
			{FOREIGN, {.id = later, .key = 0x10, .flags = MIP_REVOCATION_FLAG_A}},
			{"172.16.5.2", {.id = later, .key = 0x10}},
			{FOREIGN, {.id = clock_id(harness), .key = 0x10}},
			{FOREIGN,
			 {.id = later, .key = 0x00, .auth_type = MIP_EXT_MN_HA_AUTH, .spi = 256}},
		};

		for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
			struct peer_message message = cases[i].message;

			message.type = MIP_REVOCATION;
			assert_null(peer_sends(harness, cases[i].source, &message));
			assert_int_equal(harness->drops.count[DROP_REVOCATION_INVALID], i + 1);
		}
	}
	assert_true(is_bound(harness));
}

/* More than may leave at once, each of a binding that the foreign agent negotiated for. */
static void
many_that_end_at_once_are_told_in_turns_and_none_is_forgotten(void **state)
{
	enum { COUNT = 120 };
	struct harness *harness = *state;
	struct binding binding = {.expires = mono_add_sec(harness->now, 1800)};
	unsigned given_up = 0;

	harness->engine->revocations.count_max = COUNT;
	for (unsigned i = 0; i < COUNT + 1; i++) {
		binding.terms = (struct binding_terms){
			.home_address = htobe32(0x0a010000 + i),
			.care_of_address = harness_address(FOREIGN),
			.source = harness_address(FOREIGN),
			.agent_address = harness_address("10.1.0.1"),
			.agent = (uint8_t)harness->agent,
			.flags = BINDING_REVOKE_FOREIGN,
		};
		revocation_send(harness->engine, &binding, true, harness->now);
	}
	given_up =
		(unsigned)registration_counters(harness->engine, AGENT_X_HA)->revocations_given_up;
	assert_int_equal(given_up, 1); /* as many as there can be bindings, and no more */
	assert_int_equal(harness->sent_count, 50);
	for (unsigned i = 1; i <= 3; i++) {
		harness->now = mono_add_ms(harness->now, 20);
		timer_wheel_run(harness->wheel, harness->now, 1000);
		assert_in_range(harness->sent_count, 50 + 1, 50 * (i * 2 + 1));
	}
	assert_int_equal(harness->sent_count, COUNT);
	/* one that is made again is told no more, the rest is */
	revocation_cancel(harness->engine, &binding.terms);
	binding.terms.home_address = htobe32(0x0a010000);
	revocation_cancel(harness->engine, &binding.terms);
	harness_pass(harness, 1);
	timer_wheel_run(harness->wheel, mono_add_ms(harness->now, 100), 1000);
	assert_int_equal(harness->sent_count, COUNT + COUNT - 1);
}

#define ENGINE_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(support_is_answered_where_it_was_offered),
		ENGINE_TEST(the_operator_revokes_and_the_foreign_agent_is_told_until_it_answers),
		ENGINE_TEST(an_acknowledgement_counts_only_when_it_is_the_peers),
		ENGINE_TEST(telling_stops_when_the_binding_would_have_ended),
		ENGINE_TEST(telling_stops_when_the_mobile_registers_there_again),
		ENGINE_TEST(a_mobile_with_its_own_care_of_address_is_told_itself),
		ENGINE_TEST(who_did_not_negotiate_is_not_told),
		ENGINE_TEST(the_agent_that_a_mobile_leaves_is_told),
		ENGINE_TEST(a_foreign_agents_revocation_is_obeyed_and_acknowledged),
		ENGINE_TEST(a_revocation_that_is_not_right_is_dropped),
		ENGINE_TEST(many_that_end_at_once_are_told_in_turns_and_none_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
