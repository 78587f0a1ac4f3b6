/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "tests/unit/mobile/registration_bench.h"

/* Registration through a foreign agent: RFC 5944 section 3.6, RFC 3024, RFC 4721. */

#define FOREIGN_SPI 400

static struct mn_foreign foreign;
static struct mn_foreign_association association;

static void
begin(struct bench *bench, uint16_t flags)
{
	foreign = (struct mn_foreign){
		.address = bench_address("172.16.0.1"),
		.care_of = bench_address("192.0.2.200"),
		.flags = flags,
		.registration_sec = 500,
	};
	association = (struct mn_foreign_association){.spi = FOREIGN_SPI};
	assert_int_equal(secret_from_hex(&association.key, "aabbccddeeff00112233445566778899"), 0);
	mn_registration_init(&bench->registration, &bench->config, &bench->timing, bench->auth);
	mn_registration_set_foreign(&bench->registration, &foreign);
}

static void
arrive(struct bench *bench)
{
	assert_int_equal(bench_arrive(bench, "192.0.2.200"), MN_SEND | MN_CHANGED);
}

static void
offer(struct mn_challenge *challenge, uint8_t value)
{
	challenge->len = 16;
	memset(challenge->bytes, value, challenge->len);
}

static void
advertise(uint8_t value)
{
	offer(&foreign.challenge, value);
	foreign.challenge_count++;
}

/* The latest request, which must be whole. */
static struct mip_message
sent(const struct bench *bench)
{
	struct mip_message message;

	assert_int_equal(
		mip_parse(bench->registration.request, bench->registration.request_len, &message),
		MIP_PARSE_OK);
	return message;
}

/* What the foreign agent denies by itself: no mobile-home authenticator; `challenge` of 0: none. */
static enum mn_verdict
deny(struct bench *bench, uint8_t code, uint16_t lifetime_sec, uint8_t challenge, bool is_signed)
{
	const struct mn_registration *registration = &bench->registration;
	struct mip_reply fixed = {
		.type = MIP_REGISTRATION_REPLY,
		.code = code,
		.lifetime_be = htobe16(lifetime_sec),
		.home_address = registration->home_address,
		.home_agent = registration->home_agent,
		.identification_be = registration->request_id_be,
	};
	struct mn_challenge offered = {0};
	struct mip_builder builder;
	uint8_t bytes[512];
	unsigned effects = 0;

	mip_begin(&builder, bytes, sizeof(bytes), &fixed, sizeof(fixed));
	if (challenge != 0) {
		offer(&offered, challenge);
		mip_add(&builder, MIP_EXT_FA_CHALLENGE, offered.bytes, offered.len);
	}
	if (is_signed)
		assert_int_equal(mip_add_auth(&builder, bench->auth, MIP_EXT_MN_FA_AUTH,
					      FOREIGN_SPI, association.algorithm, &association.key),
				 0);
	return mn_registration_reply(&bench->registration, foreign.address, bytes,
				     (size_t)mip_end(&builder), &bench->at, &effects);
}

/* What the home agent says, as the foreign agent hands it on. */
static enum mn_verdict
relay(struct bench *bench, const struct answer *answer)
{
	unsigned effects;

	return bench_reply_from(bench, foreign.address, answer, &effects);
}

static void
requests_ask_only_what_the_agent_offers(void **state)
{
	static const struct {
		uint16_t advertised;
		enum tunnel_kind wish;
		uint8_t flags;
	} cases[] = {
		{0, TUNNEL_IPIP, 0},
		{MIP_ADVERTISEMENT_T, TUNNEL_IPIP, MIP_FLAG_T},
		{MIP_ADVERTISEMENT_M | MIP_ADVERTISEMENT_U, TUNNEL_GRE, 0},
		{MIP_ADVERTISEMENT_G, TUNNEL_GRE, MIP_FLAG_G},
		{MIP_ADVERTISEMENT_G | MIP_ADVERTISEMENT_T, TUNNEL_MINENC, MIP_FLAG_T},
		{MIP_ADVERTISEMENT_M, TUNNEL_MINENC, MIP_FLAG_M},
	};
	struct bench *bench = *state;

	bench->config.udp_tunnel = true;
	bench->config.broadcasts = true;
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		bench->config.encapsulation = cases[i].wish;
		begin(bench, cases[i].advertised);
		arrive(bench);
		assert_int_equal(sent(bench).request.flags, cases[i].flags);
		assert_int_equal(sent(bench).request.care_of_address, foreign.care_of);
		assert_int_equal(be16toh(sent(bench).request.lifetime_be), 500);
		assert_int_equal(sent(bench).udp_request.author, MIP_BY_NOBODY);
		assert_null(sent(bench).challenge.data);
		assert_null(sent(bench).mn_fa.authenticator.data);
	}
}

static void
replies_come_from_the_foreign_agent_and_are_the_home_agent_s(void **state)
{
	struct bench *bench = *state;
	unsigned effects;

	begin(bench, MIP_ADVERTISEMENT_T);
	arrive(bench);
	assert_int_equal(bench_reply_from(bench, bench->registration.home_agent,
					  &(struct answer){0}, &effects),
			 MN_REPLY_WRONG_SOURCE);
	assert_int_equal(relay(bench, &(struct answer){.has_no_auth = true}), MN_REPLY_BAD_AUTH);
	assert_int_equal(
		relay(bench, &(struct answer){.code = MIP_CODE_ID_MISMATCH, .has_no_auth = true}),
		MN_REPLY_BAD_AUTH);
	assert_int_equal(relay(bench, &(struct answer){.lifetime_sec = 1800}), MN_REPLY_ACCEPTED);
	assert_int_equal(bench->registration.state, MN_REGISTERED);
	assert_int_equal(bench->registration.grant.care_of, foreign.care_of);
	assert_int_equal(bench->registration.grant.kind, TUNNEL_IPIP);
	assert_int_equal(bench->registration.grant.lifetime_sec, 500);
	assert_true(bench->registration.grant.reverse);
}

static void
challenges_are_answered_once(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0);
	advertise(0x11);
	arrive(bench);
	assert_int_equal(sent(bench).challenge.len, 16);
	assert_int_equal(sent(bench).challenge.data[0], 0x11);
	/* behind the mobile-home authenticator */
	assert_ptr_equal(sent(bench).challenge.data, sent(bench).mn_ha.authenticator.data + 16 + 2);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_null(sent(bench).challenge.data);
	advertise(0x22);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(sent(bench).challenge.data[0], 0x22);
}

static void
challenge_of_a_denial_is_answered_at_once(void **state)
{
	static const uint8_t codes[] = {MIP_FA_UNKNOWN_CHALLENGE, MIP_FA_MISSING_CHALLENGE,
					MIP_FA_STALE_CHALLENGE, MIP_FA_WRONG_HA_CHALLENGE};
	struct bench *bench = *state;

	for (unsigned i = 0; i < ARRAY_COUNT(codes); i++) {
		begin(bench, 0);
		advertise(0x11);
		arrive(bench);
		assert_int_equal(deny(bench, codes[i], 0, 0x33, false), MN_REPLY_DENIED);
		assert_int_equal(bench_wait_ms(bench), 1000);
		assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
		assert_int_equal(sent(bench).challenge.data[0], 0x33);
		/* and an endless stream of them is not */
		for (unsigned k = 0; k < 3; k++) {
			assert_int_equal(deny(bench, codes[i], 0, 0x44, false), MN_REPLY_DENIED);
			bench_wait_and_tick(bench);
		}
		assert_int_equal(deny(bench, codes[i], 0, 0x44, false), MN_REPLY_DENIED);
		assert_int_equal(bench_wait_ms(bench), 30000);
	}
}

static void
an_advertised_challenge_is_newer_than_one_of_an_earlier_reply(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0);
	advertise(0x11);
	arrive(bench);
	assert_int_equal(deny(bench, MIP_FA_NO_RESOURCES, 0, 0x33, false), MN_REPLY_DENIED);
	advertise(0x22);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(sent(bench).challenge.data[0], 0x22);
}

static void
shorter_lifetime_is_asked_for(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0);
	arrive(bench);
	assert_int_equal(deny(bench, MIP_FA_LIFETIME_TOO_LONG, 60, 0, false), MN_REPLY_DENIED);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(be16toh(sent(bench).request.lifetime_be), 60);
	assert_int_equal(deny(bench, MIP_FA_LIFETIME_TOO_LONG, 90, 0, false), MN_REPLY_DENIED);
	assert_int_equal(bench_wait_ms(bench), 30000);
}

static void
denials_change_the_request_or_wait(void **state)
{
	static const struct {
		uint8_t code;
		uint8_t flags; /* of the next request */
		uint64_t wait_ms;
	} cases[] = {
		{64, MIP_FLAG_T | MIP_FLAG_G, 30000},
		{MIP_FA_PROHIBITED, MIP_FLAG_T | MIP_FLAG_G, 30000},
		{MIP_FA_NO_RESOURCES, MIP_FLAG_T | MIP_FLAG_G, 30000},
		{MIP_FA_POOR_REQUEST, MIP_FLAG_T | MIP_FLAG_G, 30000},
		{MIP_FA_POOR_REPLY, MIP_FLAG_T | MIP_FLAG_G, 30000},
		{MIP_FA_ENCAP_UNAVAILABLE, MIP_FLAG_T, 1000},
		{MIP_FA_REVERSE_TUNNEL_UNAVAILABLE, MIP_FLAG_G, 1000},
		{MIP_FA_REVERSE_TUNNEL_MANDATORY, MIP_FLAG_T | MIP_FLAG_G, 30000},
		{MIP_FA_TOO_DISTANT, MIP_FLAG_T | MIP_FLAG_G, 30000},
		{MIP_FA_DELIVERY_STYLE, MIP_FLAG_T | MIP_FLAG_G, 30000},
		{MIP_FA_HA_UNREACHABLE, MIP_FLAG_T | MIP_FLAG_G, 30000},
		{MIP_FA_UNKNOWN_CHALLENGE, MIP_FLAG_T | MIP_FLAG_G, 30000},
		{MIP_FA_INVALID_HA, MIP_FLAG_T | MIP_FLAG_G, 30000},
	};
	struct bench *bench = *state;

	bench->config.encapsulation = TUNNEL_GRE;
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		begin(bench, MIP_ADVERTISEMENT_T | MIP_ADVERTISEMENT_G);
		arrive(bench);
		assert_int_equal(deny(bench, cases[i].code, 0, 0, false), MN_REPLY_DENIED);
		assert_int_equal(bench_wait_ms(bench), cases[i].wait_ms);
		assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
		assert_int_equal(sent(bench).request.flags, cases[i].flags);
	}
}

static void
with_an_association_both_ways_are_signed(void **state)
{
	struct bench *bench = *state;
	struct mip_message message;

	begin(bench, 0);
	foreign.association = &association;
	advertise(0x11);
	arrive(bench);
	message = sent(bench);
	assert_int_equal(message.mn_fa.count, 1);
	assert_int_equal(message.mn_fa.spi, FOREIGN_SPI);
	assert_true(message.mn_fa.authenticator.data > message.challenge.data);
	assert_true(mip_auth_verify(bench->auth, association.algorithm, &association.key,
				    message.bytes, message.mn_fa.covered_len,
				    message.mn_fa.authenticator.data,
				    message.mn_fa.authenticator.len));
	assert_int_equal(deny(bench, MIP_FA_PROHIBITED, 0, 0, false), MN_REPLY_BAD_AUTH);
	assert_int_equal(relay(bench, &(struct answer){0}), MN_REPLY_BAD_AUTH);
	assert_int_equal(deny(bench, MIP_FA_PROHIBITED, 0, 0, true), MN_REPLY_DENIED);
	assert_int_equal(bench_wait_ms(bench), 300000);
}

static void
a_denial_that_nobody_signed_ends_no_registration(void **state)
{
	struct bench *bench = *state;

	bench->config.role = MN_ROLE_I_HA;
	begin(bench, 0);
	arrive(bench);
	assert_int_equal(relay(bench, &(struct answer){.has_tnc = true}), MN_REPLY_ACCEPTED);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(deny(bench, MIP_FA_PROHIBITED, 0, 0, false), MN_REPLY_DENIED);
	assert_int_equal(bench->registration.state, MN_REGISTERED);
	/* but T_MONITOR does */
	bench_pass_ms(bench, 60000);
	mn_registration_tick(&bench->registration, &bench->at);
	assert_int_equal(bench->registration.state, MN_REGISTERING);
}

static void
without_tnc_the_i_ha_proves_nothing_through_a_foreign_agent_either(void **state)
{
	struct bench *bench = *state;

	bench->config.role = MN_ROLE_I_HA;
	begin(bench, 0);
	arrive(bench);
	assert_int_equal(relay(bench, &(struct answer){0}), MN_REPLY_NOT_TRUSTED);
	assert_false(mn_registration_carries(&bench->registration));
}

static void
goodbye_goes_through_the_foreign_agent_with_a_fresh_challenge(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0);
	advertise(0x11);
	arrive(bench);
	assert_int_equal(relay(bench, &(struct answer){0}), MN_REPLY_ACCEPTED);
	bench_pass_ms(bench, 1000);
	assert_int_equal(mn_registration_stop(&bench->registration, &bench->at),
			 MN_SEND | MN_CHANGED);
	assert_int_equal(sent(bench).request.lifetime_be, 0);
	assert_int_equal(sent(bench).request.flags, 0);
	assert_int_equal(sent(bench).request.care_of_address, foreign.care_of);
	assert_int_equal(deny(bench, MIP_FA_MISSING_CHALLENGE, 0, 0x33, false), MN_REPLY_DENIED);
	assert_int_equal(bench->registration.state, MN_DEREGISTERING);
	assert_int_equal(bench_wait_and_tick(bench), MN_SEND);
	assert_int_equal(sent(bench).challenge.data[0], 0x33);
	assert_int_equal(deny(bench, MIP_FA_NO_RESOURCES, 0, 0, false), MN_REPLY_DENIED);
	assert_int_equal(bench->registration.state, MN_STOPPED);
}

static void
back_at_an_own_address_nothing_of_it_is_left(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0);
	advertise(0x11);
	arrive(bench);
	bench_pass_ms(bench, 1000);
	mn_registration_set_foreign(&bench->registration, NULL);
	assert_int_equal(bench_arrive(bench, "172.16.5.9"), MN_SEND | MN_CHANGED);
	assert_int_equal(sent(bench).request.flags, MIP_FLAG_D | MIP_FLAG_T);
	assert_null(sent(bench).challenge.data);
	assert_int_equal(bench_reply(bench, &(struct answer){0}), MN_REPLY_ACCEPTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(requests_ask_only_what_the_agent_offers),
		BENCH_TEST(replies_come_from_the_foreign_agent_and_are_the_home_agent_s),
		BENCH_TEST(challenges_are_answered_once),
		BENCH_TEST(challenge_of_a_denial_is_answered_at_once),
		BENCH_TEST(an_advertised_challenge_is_newer_than_one_of_an_earlier_reply),
		BENCH_TEST(shorter_lifetime_is_asked_for),
		BENCH_TEST(denials_change_the_request_or_wait),
		BENCH_TEST(with_an_association_both_ways_are_signed),
		BENCH_TEST(a_denial_that_nobody_signed_ends_no_registration),
		BENCH_TEST(without_tnc_the_i_ha_proves_nothing_through_a_foreign_agent_either),
		BENCH_TEST(goodbye_goes_through_the_foreign_agent_with_a_fresh_challenge),
		BENCH_TEST(back_at_an_own_address_nothing_of_it_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
