/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/mip_message.h"
#include "mobile/mn_code.h"
#include "mobile/mn_registration.h"

#define NTP_START 0xe4a1b2c312345678ull
#define SPI 256

/* A registration, the home agent's side of it, and a clock that only the test moves. */
struct bench {
	struct mn_agent_config config;
	struct mn_timing_config timing;
	struct mip_auth *auth;
	struct mn_registration registration;
	struct mn_instant at;
};

/* What a reply differs in from the plain acceptance of the latest request. */
struct answer {
	uint8_t code;
	uint16_t lifetime_sec; /* 0: as asked */
	be32 home_address;     /* 0: the registration's */
	be32 home_agent;       /* 0: the registration's */
	uint32_t high;	       /* of the Identification; 0: the request's */
	be32 redirect;
	const struct mip_udp_tunnel_reply *udp;
	bool has_tnc;
	bool has_wrong_low;
	bool has_no_auth;
	bool has_wrong_key;
	const char *nai;
};

static be32
address(const char *text)
{
	be32 value;

	assert_int_equal(address_parse(text, &value), 0);
	return value;
}

static int
setup(void **state)
{
	static struct bench bench;

	memset(&bench, 0, sizeof(bench));
	bench.config = (struct mn_agent_config){
		.name = "ha",
		.address = address("10.1.0.1"),
		.home_address = address("10.1.0.7"),
		.spi = SPI,
		.lifetime_sec = 1800,
		.monitor_sec = 60,
		.reverse_tunnel = true,
	};
	assert_int_equal(secret_from_hex(&bench.config.key, "000102030405060708090a0b0c0d0e0f"), 0);
	bench.timing = (struct mn_timing_config){
		.retransmit_initial_ms = 1000,
		.retransmit_max_sec = 30,
		.probe_interval_sec = 300,
	};
	bench.at = (struct mn_instant){{1000 * NS_PER_SEC}, {NTP_START}, 0x11111111};
	bench.auth = mip_auth_create();
	assert_non_null(bench.auth);
	*state = &bench;
	return 0;
}

static int
teardown(void **state)
{
	mip_auth_destroy(((struct bench *)*state)->auth);
	return 0;
}

static void
pass_ms(struct bench *bench, uint64_t ms)
{
	bench->at.mono = mono_add_ms(bench->at.mono, ms);
	bench->at.ntp.units += (ms << 32) / 1000;
	bench->at.random += 0x01010101;
}

static unsigned
arrive(struct bench *bench, const char *care_of)
{
	return mn_registration_move(&bench->registration, address(care_of), &bench->at);
}

/* Initialises and moves to 172.16.5.9; the first request is out. */
static void
begin(struct bench *bench)
{
	mn_registration_init(&bench->registration, &bench->config, &bench->timing, bench->auth);
	assert_int_equal(arrive(bench, "172.16.5.9"), MN_SEND | MN_CHANGED);
}

static struct mip_request
sent(const struct bench *bench)
{
	struct mip_message message;

	assert_int_equal(mip_parse(bench->registration.request, bench->registration.request_len,
				   &message),
			 MIP_PARSE_OK);
	assert_int_equal(message.mn_ha.count, 1);
	return message.request;
}

static size_t
build_answer(const struct bench *bench, const struct answer *answer, uint8_t *bytes, size_t size)
{
	const struct mn_registration *registration = &bench->registration;
	uint64_t id = be64toh(registration->request_id_be);
	struct secret key = bench->config.key;
	struct mip_builder builder;
	struct mip_reply fixed = {
		.type = MIP_REGISTRATION_REPLY,
		.code = answer->code,
		.lifetime_be = htobe16(answer->lifetime_sec != 0
					       ? answer->lifetime_sec
					       : (uint16_t)bench->config.lifetime_sec),
		.home_address = answer->home_address != 0 ? answer->home_address
							  : registration->home_address,
		.home_agent = answer->home_agent != 0 ? answer->home_agent
						      : registration->home_agent,
	};

	if (answer->high != 0)
		id = (uint64_t)answer->high << 32 | (uint32_t)id;
	if (answer->has_wrong_low)
		id ^= 1;
	if (answer->has_wrong_key)
		key.bytes[0] ^= 1;
	fixed.identification_be = htobe64(id);
	mip_begin(&builder, bytes, size, &fixed, sizeof(fixed));
	if (answer->nai != NULL)
		mip_add(&builder, MIP_EXT_NAI, answer->nai, strlen(answer->nai));
	if (answer->udp != NULL)
		mip_add_udp_tunnel_reply(&builder, answer->udp);
	if (answer->has_tnc)
		mip_add_trusted_networks(&builder);
	if (answer->redirect != 0) {
		struct mip_dynamic_ha redirect = {MIP_DYNAMIC_HA_LONG, DYNAMIC_HA_REDIRECTED,
						  answer->redirect};

		mip_add_dynamic_ha(&builder, &redirect);
	}
	if (!answer->has_no_auth)
		assert_int_equal(mip_add_auth(&builder, bench->auth, MIP_EXT_MN_HA_AUTH, SPI,
					      bench->config.algorithm, &key),
				 0);
	return (size_t)mip_end(&builder);
}

static enum mn_verdict
reply_from(struct bench *bench, be32 src, const struct answer *answer, unsigned *effects)
{
	uint8_t bytes[512];
	size_t len = build_answer(bench, answer, bytes, sizeof(bytes));

	*effects = 0;
	return mn_registration_reply(&bench->registration, src, bytes, len, &bench->at, effects);
}

static enum mn_verdict
reply(struct bench *bench, const struct answer *answer)
{
	unsigned effects;

	return reply_from(bench, bench->registration.home_agent, answer, &effects);
}

/* Milliseconds until the next deadline; UINT64_MAX: none. */
static uint64_t
wait_ms(const struct bench *bench)
{
	struct mono_time when;

	if (!mn_registration_deadline(&bench->registration, &when))
		return UINT64_MAX;
	return mono_ms_until(bench->at.mono, when);
}

static unsigned
wait_and_tick(struct bench *bench)
{
	pass_ms(bench, wait_ms(bench));
	return mn_registration_tick(&bench->registration, &bench->at);
}

static void
assert_request_hex(const struct bench *bench, const char *hex)
{
	char text[2 * MN_REQUEST_SIZE_MAX + 1];

	for (unsigned i = 0; i < bench->registration.request_len; i++)
		snprintf(text + 2 * i, 3, "%02x", bench->registration.request[i]);
	assert_string_equal(text, hex);
}

static void
request_is_golden_vector_1(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	assert_request_hex(bench, "012207080a0100070a010001ac100509e4a1b2c312345678201400000100"
				  "fd37ab51020b9100603e1722303d7b14");
}

static void
request_with_nai_and_udp_tunnel_is_golden_vector_2(void **state)
{
	struct bench *bench = *state;

	bench->config.udp_tunnel = true;
	strcpy(bench->config.nai, "mn1@example.com");
	begin(bench);
	assert_request_hex(bench, "012207080a0100070a010001ac100509e4a1b2c312345678830f6d6e31406578"
				  "616d706c652e636f6d9006000000000000201400000100bfb81dc9b4936f22386b"
				  "9e349194f9a4");
}

static void
unanswered_requests_repeat_at_doubled_intervals_with_new_identification(void **state)
{
	static const unsigned seconds[] = {1, 2, 4, 8, 16, 30, 30};
	struct bench *bench = *state;
	uint64_t id;

	begin(bench);
	for (unsigned i = 0; i < ARRAY_COUNT(seconds); i++) {
		id = be64toh(sent(bench).identification_be);
		assert_int_equal(wait_ms(bench), seconds[i] * 1000);
		assert_int_equal(wait_and_tick(bench), MN_SEND);
		assert_true(be64toh(sent(bench).identification_be) > id);
	}
}

static void
unanswered_request_with_nonces_repeats_unchanged(void **state)
{
	struct bench *bench = *state;
	struct mip_request first;

	bench->config.replay = MN_REPLAY_NONCES;
	begin(bench);
	first = sent(bench);
	assert_int_equal(wait_and_tick(bench), MN_SEND);
	assert_int_equal(sent(bench).identification_be, first.identification_be);
	/* the reply brings the nonce for the next one */
	assert_int_equal(reply(bench, &(struct answer){.high = 0xabcd0123}), MN_REPLY_ACCEPTED);
	assert_int_equal(wait_and_tick(bench), MN_SEND);
	assert_int_equal(be64toh(sent(bench).identification_be) >> 32, 0xabcd0123);
	assert_int_not_equal((uint32_t)be64toh(sent(bench).identification_be),
			     (uint32_t)be64toh(first.identification_be));
}

static void
accepted_registration_counts_from_sending_and_renews_at_two_thirds(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	pass_ms(bench, 600);
	assert_int_equal(reply(bench, &(struct answer){.lifetime_sec = 90}), MN_REPLY_ACCEPTED);
	assert_int_equal(bench->registration.state, MN_REGISTERED);
	assert_int_equal(bench->registration.grant.kind, TUNNEL_IPIP);
	assert_int_equal(wait_ms(bench), 60000 - 600);
	assert_int_equal(wait_and_tick(bench), MN_SEND);
	assert_int_equal(bench->registration.state, MN_REGISTERED);
	/* nobody answers: the grant ends 90 s after the first request */
	while (bench->registration.state == MN_REGISTERED)
		(void)wait_and_tick(bench);
	assert_int_equal((bench->at.mono.ns - 1000 * NS_PER_SEC) / NS_PER_SEC, 90);
	assert_false(mn_registration_carries(&bench->registration));
}

static void
granted_lifetime_is_never_longer_than_asked(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	assert_int_equal(reply(bench, &(struct answer){.lifetime_sec = 60000}), MN_REPLY_ACCEPTED);
	assert_int_equal(bench->registration.grant.lifetime_sec, 1800);
}

static void
infinite_lifetime_has_no_deadline(void **state)
{
	struct bench *bench = *state;

	bench->config.lifetime_sec = MIP_LIFETIME_INFINITE;
	begin(bench);
	assert_int_equal(reply(bench, &(struct answer){0}), MN_REPLY_ACCEPTED);
	assert_true(wait_ms(bench) == UINT64_MAX);
}

static void
udp_tunnel_needs_an_assent(void **state)
{
	static const struct {
		bool asked, answered;
		uint8_t code;
		enum tunnel_kind kind;
	} cases[] = {
		{true, true, 0, TUNNEL_UDP_IPIP},	   {true, true, 63, TUNNEL_UDP_IPIP},
		{true, true, UDP_TUNNEL_DECLINED, TUNNEL_IPIP}, {true, false, 0, TUNNEL_IPIP},
		{false, true, 0, TUNNEL_IPIP},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mip_udp_tunnel_reply udp = {true, cases[i].code, false, 77};
		struct bench *bench = *state;

		bench->config.udp_tunnel = cases[i].asked;
		begin(bench);
		assert_int_equal(reply(bench, &(struct answer){
						      .udp = cases[i].answered ? &udp : NULL}),
				 MN_REPLY_ACCEPTED);
		assert_int_equal(bench->registration.grant.kind, cases[i].kind);
		assert_int_equal(bench->registration.grant.keepalive_sec,
				 cases[i].answered ? 77 : 0);
	}
}

static void
discarded_replies_change_nothing(void **state)
{
	static const struct {
		struct answer answer;
		const char *src;
		enum mn_verdict verdict;
	} cases[] = {
		{{0}, "10.1.0.2", MN_REPLY_WRONG_SOURCE},
		{{.has_wrong_low = true}, "10.1.0.1", MN_REPLY_UNEXPECTED},
		{{.has_no_auth = true}, "10.1.0.1", MN_REPLY_BAD_AUTH},
		{{.has_wrong_key = true}, "10.1.0.1", MN_REPLY_BAD_AUTH},
		{{.code = MIP_CODE_MALFORMED, .has_no_auth = true}, "10.1.0.1", MN_REPLY_BAD_AUTH},
		{{.code = MIP_CODE_ID_MISMATCH, .high = 5, .has_wrong_key = true},
		 "10.1.0.1",
		 MN_REPLY_BAD_AUTH},
		{{.home_address = 0x09090909}, "10.1.0.1", MN_REPLY_WRONG_IDENTITY},
		{{.nai = "mallory@example.com"}, "10.1.0.1", MN_REPLY_WRONG_IDENTITY},
	};
	struct bench *bench = *state;

	begin(bench);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		unsigned effects;

		assert_int_equal(reply_from(bench, address(cases[i].src), &cases[i].answer,
					    &effects),
				 cases[i].verdict);
		assert_int_equal(effects, 0);
		assert_int_equal(bench->registration.state, MN_REGISTERING);
		assert_int_equal(bench->registration.clock_offset_sec, 0);
		assert_int_equal(wait_ms(bench), 1000);
	}
	assert_int_equal(bench->registration.discard_count, ARRAY_COUNT(cases));
	assert_int_equal(bench->registration.bad_auth_count, 4);
}

static void
truncated_replies_are_discarded_at_every_length(void **state)
{
	struct bench *bench = *state;
	uint8_t bytes[512];
	unsigned effects = 0;
	size_t len;

	begin(bench);
	len = build_answer(bench, &(struct answer){0}, bytes, sizeof(bytes));
	for (size_t cut = 0; cut < len; cut++) {
		assert_true(mn_registration_reply(&bench->registration, bench->config.address,
						  bytes, cut, &bench->at,
						  &effects) >= MN_REPLY_MALFORMED);
	}
	assert_int_equal(effects, 0);
}

static void
a_reply_counts_once(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	assert_int_equal(reply(bench, &(struct answer){0}), MN_REPLY_ACCEPTED);
	assert_int_equal(reply(bench, &(struct answer){0}), MN_REPLY_UNEXPECTED);
}

static void
denials_that_the_request_cannot_repair_wait(void **state)
{
	static const struct {
		uint8_t code;
		uint64_t wait_sec; /* UINT64_MAX: until the next move */
	} cases[] = {
		{MIP_CODE_UNSPECIFIED, 30},
		{MIP_CODE_PROHIBITED, 300},
		{MIP_CODE_NO_RESOURCES, 30},
		{MIP_CODE_MN_FAILED_AUTH, 300},
		{MIP_CODE_FA_FAILED_AUTH, 300},
		{MIP_CODE_MALFORMED, UINT64_MAX},
		{MIP_CODE_TOO_MANY_BINDINGS, 30},
		{MIP_CODE_UNKNOWN_HA, 300},
		{MIP_CODE_REVERSE_TUNNEL_MANDATORY, 300},
		{MIP_CODE_ENCAP_UNAVAILABLE, 300},
		{MIP_CODE_UNSUPPORTED_VENDOR_MN, 300},
		{MIP_CODE_UNSUPPORTED_VENDOR_FA, 300},
		{MIP_CODE_UDP_ENCAP_UNAVAILABLE, 300},
		{MIP_CODE_REDIRECT_HA, 300},
		{MIP_CODE_MN_AAA_FAILED_AUTH, 300},
		{MIP_CODE_ZERO_CARE_OF_ADDRESS, 300},
		{MIP_CODE_MOBILE_NETWORK_ERROR, 300},
		{MIP_CODE_MOBILE_NETWORK_DISALLOWED, 300},
		{MIP_CODE_SERVICE_AUTH_FAILED, 300},
		{64, 30},
		{255, 30},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct bench *bench = *state;
		uint64_t wait = cases[i].wait_sec;

		begin(bench);
		assert_int_equal(reply(bench, &(struct answer){.code = cases[i].code}),
				 MN_REPLY_DENIED);
		assert_int_equal(bench->registration.last_code, cases[i].code);
		assert_true(mn_code_text(cases[i].code)[0] != '\0');
		assert_true(wait_ms(bench) == (wait == UINT64_MAX ? wait : wait * 1000));
	}
}

static void
denials_that_the_request_can_repair_are_answered_after_a_second(void **state)
{
	static const struct {
		uint8_t code;
		bool simultaneous, no_reverse;
		enum tunnel_kind encapsulation;
		uint8_t flags; /* of the second request */
	} cases[] = {
		{MIP_CODE_TOO_MANY_BINDINGS, true, false, TUNNEL_IPIP, MIP_FLAG_D | MIP_FLAG_T},
		{MIP_CODE_REVERSE_TUNNEL_UNAVAILABLE, false, false, TUNNEL_IPIP, MIP_FLAG_D},
		{MIP_CODE_REVERSE_TUNNEL_MANDATORY, false, true, TUNNEL_IPIP,
		 MIP_FLAG_D | MIP_FLAG_T},
		{MIP_CODE_ENCAP_UNAVAILABLE, false, false, TUNNEL_GRE, MIP_FLAG_D | MIP_FLAG_T},
		{MIP_CODE_ENCAP_UNAVAILABLE, false, false, TUNNEL_MINENC, MIP_FLAG_D | MIP_FLAG_T},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct bench *bench = *state;

		bench->config.simultaneous = cases[i].simultaneous;
		bench->config.reverse_tunnel = !cases[i].no_reverse;
		bench->config.encapsulation = cases[i].encapsulation;
		begin(bench);
		assert_int_not_equal(sent(bench).flags, cases[i].flags);
		assert_int_equal(reply(bench, &(struct answer){.code = cases[i].code}),
				 MN_REPLY_DENIED);
		assert_int_equal(wait_ms(bench), 1000);
		assert_int_equal(wait_and_tick(bench), MN_SEND);
		assert_int_equal(sent(bench).flags, cases[i].flags);
	}
}

static void
udp_encapsulation_denied_falls_back_to_ip_in_ip_then_to_no_udp(void **state)
{
	struct bench *bench = *state;
	struct mip_message message;

	bench->config.udp_tunnel = true;
	bench->config.encapsulation = TUNNEL_GRE;
	begin(bench);
	for (unsigned round = 0; round < 2; round++) {
		(void)reply(bench, &(struct answer){.code = MIP_CODE_UDP_ENCAP_UNAVAILABLE});
		assert_int_equal(wait_and_tick(bench), MN_SEND);
		assert_int_equal(mip_parse(bench->registration.request,
					   bench->registration.request_len, &message),
				 MIP_PARSE_OK);
		assert_int_equal(message.udp_request.author,
				 round == 0 ? MIP_BY_MOBILE : MIP_BY_NOBODY);
		assert_int_equal(message.request.flags, MIP_FLAG_D | MIP_FLAG_T);
	}
}

static void
clock_follows_the_home_agents_after_code_133(void **state)
{
	struct bench *bench = *state;
	uint32_t high = (uint32_t)(NTP_START >> 32) - 5000; /* our clock is ahead */

	begin(bench);
	assert_int_equal(reply(bench, &(struct answer){.code = MIP_CODE_ID_MISMATCH, .high = high}),
			 MN_REPLY_DENIED);
	assert_int_equal(wait_ms(bench), 1000);
	assert_int_equal(wait_and_tick(bench), MN_SEND);
	assert_int_equal(be64toh(sent(bench).identification_be) >> 32, high + 1);
}

static void
resynchronising_in_vain_slows_down(void **state)
{
	struct bench *bench = *state;
	unsigned quick = 0;

	begin(bench);
	while (reply(bench, &(struct answer){.code = MIP_CODE_ID_MISMATCH, .high = 7}) ==
		       MN_REPLY_DENIED &&
	       wait_ms(bench) == 1000) {
		assert_true(++quick < 10);
		(void)wait_and_tick(bench);
	}
	assert_int_equal(wait_ms(bench), 30000);
}

static void
home_agent_in_the_reply_is_adopted(void **state)
{
	static const struct answer answers[] = {
		{.code = MIP_CODE_UNKNOWN_HA, .home_agent = 0x0505050a},
		{.code = MIP_CODE_REDIRECT_HA, .redirect = 0x0505050a},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(answers); i++) {
		struct bench *bench = *state;

		begin(bench);
		assert_int_equal(reply(bench, &answers[i]), MN_REPLY_DENIED);
		assert_int_equal(wait_and_tick(bench), MN_SEND);
		assert_int_equal(sent(bench).home_agent, 0x0505050a);
		/* one that stays silent is given up for the configured one */
		for (unsigned k = 0; k < 5; k++)
			(void)wait_and_tick(bench);
		assert_int_equal(sent(bench).home_agent, bench->config.address);
	}
}

static void
discovery_takes_the_agent_that_answers_the_broadcast(void **state)
{
	struct bench *bench = *state;
	be32 agent = address("10.1.0.3");
	unsigned effects;

	bench->config.discovery = true;
	bench->config.address = address("10.1.0.255");
	begin(bench);
	assert_int_equal(sent(bench).home_agent, address("10.1.0.255"));
	assert_int_equal(reply_from(bench, agent,
				    &(struct answer){.code = MIP_CODE_UNKNOWN_HA,
						     .home_agent = agent},
				    &effects),
			 MN_REPLY_DENIED);
	assert_int_equal(wait_and_tick(bench), MN_SEND);
	assert_int_equal(sent(bench).home_agent, agent);
}

static void
home_address_is_assigned_kept_and_asked_anew_when_prohibited(void **state)
{
	struct bench *bench = *state;

	bench->config.home_address = 0;
	strcpy(bench->config.nai, "mn1@example.com");
	begin(bench);
	assert_int_equal(sent(bench).home_address, 0);
	assert_int_equal(reply(bench, &(struct answer){.home_address = address("10.1.0.99"),
						       .nai = "mn1@example.com"}),
			 MN_REPLY_ACCEPTED);
	assert_int_equal(bench->registration.home_address, address("10.1.0.99"));
	pass_ms(bench, 5000);
	assert_int_equal(arrive(bench, "172.16.6.9"), MN_SEND | MN_CHANGED);
	assert_int_equal(sent(bench).home_address, address("10.1.0.99"));
	assert_int_equal(reply(bench, &(struct answer){.code = MIP_CODE_PROHIBITED}),
			 MN_REPLY_DENIED);
	assert_int_equal(wait_and_tick(bench), MN_SEND);
	assert_int_equal(sent(bench).home_address, 0);
}

static void
acceptance_without_an_address_or_lifetime_is_none(void **state)
{
	struct bench *bench = *state;

	bench->config.home_address = 0;
	strcpy(bench->config.nai, "mn1@example.com");
	begin(bench);
	assert_int_equal(reply(bench, &(struct answer){0}), MN_REPLY_DENIED);
	assert_int_equal(bench->registration.state, MN_REGISTERING);
}

static void
moving_stops_traffic_and_registers_the_new_address_at_once(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	(void)reply(bench, &(struct answer){0});
	assert_true(mn_registration_carries(&bench->registration));
	pass_ms(bench, 5000);
	assert_int_equal(arrive(bench, "172.16.6.9"), MN_SEND | MN_CHANGED);
	assert_false(mn_registration_carries(&bench->registration));
	assert_int_equal(sent(bench).care_of_address, address("172.16.6.9"));
}

static void
requests_are_a_second_apart_even_when_moving_fast(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	for (unsigned i = 0; i < 9; i++) {
		pass_ms(bench, 100);
		assert_int_equal(arrive(bench, "172.16.6.9"), MN_CHANGED);
	}
	assert_int_equal(wait_ms(bench), 100);
	assert_int_equal(wait_and_tick(bench), MN_SEND);
}

static void
without_a_care_of_address_nothing_is_sent(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	assert_int_equal(arrive(bench, "0.0.0.0"), MN_CHANGED);
	assert_int_equal(bench->registration.state, MN_OFFLINE);
	assert_true(wait_ms(bench) == UINT64_MAX);
	assert_int_equal(reply(bench, &(struct answer){0}), MN_REPLY_UNEXPECTED);
}

static void
stopping_deregisters_and_waits_for_the_answer(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	(void)reply(bench, &(struct answer){0});
	pass_ms(bench, 5000);
	assert_int_equal(mn_registration_stop(&bench->registration, &bench->at),
			 MN_SEND | MN_CHANGED);
	assert_int_equal(sent(bench).lifetime_be, 0);
	assert_int_equal(sent(bench).care_of_address, address("172.16.5.9"));
	assert_int_equal(bench->registration.state, MN_DEREGISTERING);
	assert_int_equal(reply(bench, &(struct answer){0}), MN_REPLY_ACCEPTED);
	assert_int_equal(bench->registration.state, MN_STOPPED);
	assert_true(wait_ms(bench) == UINT64_MAX);
}

static void
stopping_elsewhere_deregisters_every_care_of_address(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	(void)reply(bench, &(struct answer){0});
	pass_ms(bench, 5000);
	(void)arrive(bench, "172.16.6.9");
	pass_ms(bench, 5000);
	(void)mn_registration_stop(&bench->registration, &bench->at);
	assert_int_equal(sent(bench).care_of_address, address("10.1.0.7"));
}

static void
unanswered_deregistration_ends_after_three_requests(void **state)
{
	struct bench *bench = *state;
	unsigned requests = 1;

	begin(bench);
	(void)reply(bench, &(struct answer){0});
	pass_ms(bench, 5000);
	(void)mn_registration_stop(&bench->registration, &bench->at);
	while (bench->registration.state == MN_DEREGISTERING)
		requests += (wait_and_tick(bench) & MN_SEND) != 0;
	assert_int_equal(requests, 3);
	assert_int_equal(bench->registration.state, MN_STOPPED);
}

static void
stopping_what_was_never_registered_sends_nothing(void **state)
{
	struct bench *bench = *state;

	mn_registration_init(&bench->registration, &bench->config, &bench->timing, bench->auth);
	assert_int_equal(mn_registration_stop(&bench->registration, &bench->at), MN_CHANGED);
	assert_int_equal(bench->registration.state, MN_STOPPED);
}

static void
i_ha_without_tnc_does_not_mean_inside(void **state)
{
	struct bench *bench = *state;

	bench->config.role = MN_ROLE_I_HA;
	begin(bench);
	assert_int_equal(reply(bench, &(struct answer){0}), MN_REPLY_NOT_TRUSTED);
	assert_false(mn_registration_carries(&bench->registration));
	assert_int_equal(wait_ms(bench), 30000);
	(void)wait_and_tick(bench);
	assert_int_equal(reply(bench, &(struct answer){.has_tnc = true}), MN_REPLY_ACCEPTED);
	assert_true(mn_registration_carries(&bench->registration));
}

static void
i_ha_that_loses_tnc_stops_traffic(void **state)
{
	struct bench *bench = *state;
	unsigned effects;

	bench->config.role = MN_ROLE_I_HA;
	begin(bench);
	(void)reply(bench, &(struct answer){.has_tnc = true});
	(void)wait_and_tick(bench);
	assert_int_equal(reply_from(bench, bench->config.address, &(struct answer){0}, &effects),
			 MN_REPLY_NOT_TRUSTED);
	assert_int_equal(effects, MN_CHANGED);
	assert_false(mn_registration_carries(&bench->registration));
}

static void
i_ha_is_asked_again_within_t_monitor_or_traffic_stops(void **state)
{
	struct bench *bench = *state;

	bench->config.role = MN_ROLE_I_HA;
	begin(bench);
	(void)reply(bench, &(struct answer){.has_tnc = true});
	assert_int_equal(wait_ms(bench), 40000);
	while (mn_registration_carries(&bench->registration))
		(void)wait_and_tick(bench);
	assert_int_equal((bench->at.mono.ns - 1000 * NS_PER_SEC) / NS_PER_SEC, 60);
}

static void
silent_agent_is_probed_rarely_while_another_serves(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	mn_registration_set_patience(&bench->registration, true);
	for (unsigned i = 0; i < 12; i++)
		(void)wait_and_tick(bench);
	assert_int_equal(wait_ms(bench), 300000);
	mn_registration_set_patience(&bench->registration, false);
	assert_int_equal(wait_ms(bench), 30000);
}

static void
renewal_asks_at_once_and_keeps_the_grant(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	assert_int_equal(mn_registration_renew(&bench->registration, &bench->at), 0);
	(void)reply(bench, &(struct answer){0});
	pass_ms(bench, 5000);
	assert_int_equal(mn_registration_renew(&bench->registration, &bench->at), MN_SEND);
	assert_true(mn_registration_carries(&bench->registration));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(request_is_golden_vector_1),
		TEST(request_with_nai_and_udp_tunnel_is_golden_vector_2),
		TEST(unanswered_requests_repeat_at_doubled_intervals_with_new_identification),
		TEST(unanswered_request_with_nonces_repeats_unchanged),
		TEST(accepted_registration_counts_from_sending_and_renews_at_two_thirds),
		TEST(granted_lifetime_is_never_longer_than_asked),
		TEST(infinite_lifetime_has_no_deadline),
		TEST(udp_tunnel_needs_an_assent),
		TEST(discarded_replies_change_nothing),
		TEST(truncated_replies_are_discarded_at_every_length),
		TEST(a_reply_counts_once),
		TEST(denials_that_the_request_cannot_repair_wait),
		TEST(denials_that_the_request_can_repair_are_answered_after_a_second),
		TEST(udp_encapsulation_denied_falls_back_to_ip_in_ip_then_to_no_udp),
		TEST(clock_follows_the_home_agents_after_code_133),
		TEST(resynchronising_in_vain_slows_down),
		TEST(home_agent_in_the_reply_is_adopted),
		TEST(discovery_takes_the_agent_that_answers_the_broadcast),
		TEST(home_address_is_assigned_kept_and_asked_anew_when_prohibited),
		TEST(acceptance_without_an_address_or_lifetime_is_none),
		TEST(moving_stops_traffic_and_registers_the_new_address_at_once),
		TEST(requests_are_a_second_apart_even_when_moving_fast),
		TEST(without_a_care_of_address_nothing_is_sent),
		TEST(stopping_deregisters_and_waits_for_the_answer),
		TEST(stopping_elsewhere_deregisters_every_care_of_address),
		TEST(unanswered_deregistration_ends_after_three_requests),
		TEST(stopping_what_was_never_registered_sends_nothing),
		TEST(i_ha_without_tnc_does_not_mean_inside),
		TEST(i_ha_that_loses_tnc_stops_traffic),
		TEST(i_ha_is_asked_again_within_t_monitor_or_traffic_stops),
		TEST(silent_agent_is_probed_rarely_while_another_serves),
		TEST(renewal_asks_at_once_and_keeps_the_grant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
