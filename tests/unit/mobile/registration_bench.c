/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/mobile/registration_bench.h"

#include <string.h>

be32
bench_address(const char *text)
{
	be32 value;

	assert_int_equal(address_parse(text, &value), 0);
	return value;
}

int
bench_setup(void **state)
{
	static struct bench bench;

	memset(&bench, 0, sizeof(bench));
	bench.config = (struct mn_agent_config){
		.name = "ha",
		.address = bench_address("10.1.0.1"),
		.home_address = bench_address("10.1.0.7"),
		.spi = SPI,
		.lifetime_sec = 1800,
		.monitor_sec = 60,
		.monitor_grace_sec = 20,
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

int
bench_teardown(void **state)
{
	mip_auth_destroy(((struct bench *)*state)->auth);
	return 0;
}

void
bench_pass_ms(struct bench *bench, uint64_t ms)
{
	bench->at.mono = mono_add_ms(bench->at.mono, ms);
	bench->at.ntp.units += (ms << 32) / 1000;
	bench->at.random += 0x01010101;
}

unsigned
bench_arrive(struct bench *bench, const char *care_of)
{
	return mn_registration_move(&bench->registration, bench_address(care_of), &bench->at);
}

void
bench_begin(struct bench *bench)
{
	mn_registration_init(&bench->registration, &bench->config, &bench->timing, bench->auth);
	bench->registration.has_sibling = bench->config.simultaneous;
	assert_int_equal(bench_arrive(bench, "172.16.5.9"), MN_SEND | MN_CHANGED);
}

struct mip_request
bench_sent(const struct bench *bench)
{
	struct mip_message message;

	assert_int_equal(
		mip_parse(bench->registration.request, bench->registration.request_len, &message),
		MIP_PARSE_OK);
	assert_int_equal(message.mn_ha.count, 1);
	return message.request;
}

size_t
bench_build_answer(const struct bench *bench, const struct answer *answer, uint8_t *bytes,
		   size_t size)
{
	const struct mn_registration *registration = &bench->registration;
	uint64_t id = be64toh(registration->request_id_be);
	struct secret key = bench->config.key;
	struct mip_builder builder;
	struct mip_reply fixed = {
		.type = MIP_REGISTRATION_REPLY,
		.code = answer->code,
		.lifetime_be =
			htobe16(answer->lifetime_sec != 0 ? answer->lifetime_sec
							  : (uint16_t)bench->config.lifetime_sec),
		.home_address = answer->home_address != 0 ? answer->home_address
							  : registration->home_address,
		.home_agent =
			answer->home_agent != 0 ? answer->home_agent : registration->home_agent,
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

enum mn_verdict
bench_reply_from(struct bench *bench, be32 src, const struct answer *answer, unsigned *effects)
{
	uint8_t bytes[512];
	size_t len = bench_build_answer(bench, answer, bytes, sizeof(bytes));

	*effects = 0;
	return mn_registration_reply(&bench->registration, src, bytes, len, &bench->at, effects);
}

enum mn_verdict
bench_reply(struct bench *bench, const struct answer *answer)
{
	unsigned effects;

	return bench_reply_from(bench, bench->registration.home_agent, answer, &effects);
}

uint64_t
bench_wait_ms(const struct bench *bench)
{
	struct mono_time when;

	if (!mn_registration_deadline(&bench->registration, &when))
		return UINT64_MAX;
	return mono_ms_until(bench->at.mono, when);
}

unsigned
bench_wait_and_tick(struct bench *bench)
{
	bench_pass_ms(bench, bench_wait_ms(bench));
	return mn_registration_tick(&bench->registration, &bench->at);
}
