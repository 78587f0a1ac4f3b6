/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/mobile_load_fleet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/mobile_load_plan.h"
#include "lib/mip_message.h"

#define MOBILES 8u
#define NOW ((struct mono_time){NS_PER_SEC})

static struct load_port port; /* without a socket: what is committed stays in the batch */
static struct load_fleet fleet;
static struct load_tally tally;

static int
setup(void **state)
{
	(void)state;
	memset(&port, 0, sizeof(port));
	memset(&tally, 0, sizeof(tally));
	if (load_fleet_init(&fleet, MOBILES, &port) != 0)
		return -1;
	fleet.tally = &tally;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	mip_auth_destroy(fleet.auth);
	free(fleet.mobiles);
	free(fleet.pending);
	return 0;
}

/* The n-th packet that was sent. */
static const struct ip_header *
sent_packet(unsigned n)
{
	assert_true(n < port.out.count);
	return (const struct ip_header *)(port.out.frames[n] + sizeof(struct eth_header));
}

static struct mip_message
sent_request(unsigned n)
{
	const struct ip_header *ip = sent_packet(n);
	struct mip_message message;
	uint16_t len = (uint16_t)(be16toh(ip->total_len_be) - 28);

	assert_int_equal(mip_parse((const uint8_t *)ip + 28, len, &message), MIP_PARSE_OK);
	assert_int_equal(message.type, MIP_REGISTRATION_REQUEST);
	return message;
}

static struct secret
key_of(uint32_t i)
{
	struct secret key = {.len = 16, .bytes = "mobile-load:"};

	key.bytes[15] = (uint8_t)i;
	return key;
}

/* The home agent's answer to the n-th packet; `key` is that of mobile 0, who uses HMAC-MD5. */
static void
answer(unsigned n, uint8_t code, uint64_t id, const struct secret *key)
{
	struct mip_message request = sent_request(n);
	struct mip_reply reply = {
		.type = MIP_REGISTRATION_REPLY,
		.code = code,
		.lifetime_be = htobe16(600),
		.home_address = request.request.home_address,
		.home_agent = LOAD_X_HA,
		.identification_be = htobe64(id),
	};
	uint8_t bytes[256];
	struct mip_builder builder;

	mip_begin(&builder, bytes, sizeof(bytes), &reply, sizeof(reply));
	assert_int_equal(
		mip_add_auth(&builder, fleet.auth, MIP_EXT_MN_HA_AUTH, 256, MIP_AUTH_HMAC_MD5, key),
		0);
	load_fleet_take(&fleet, sent_packet(n)->src, bytes, (uint16_t)mip_end(&builder));
}

static uint64_t
id_of(unsigned n)
{
	return be64toh(sent_request(n).request.identification_be);
}

static void
requests_are_signed_with_the_mobiles_own_keys(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < MOBILES; i++) {
		struct secret key = key_of(i);
		struct mip_message message;

		load_fleet_begin(&fleet, i, 1, NOW, NOW);
		message = sent_request(i);
		assert_int_equal(message.request.home_address, LOAD_HOME(i));
		assert_int_equal(message.mn_ha.spi, 256 + i);
		assert_int_equal(sent_packet(i)->src, LOAD_PLACE(i, 1));
		assert_int_equal(message.udp_request.author != MIP_BY_NOBODY,
				 load_is_behind_nat(i));
		assert_true(mip_auth_verify(
			fleet.auth, i % 2 == 0 ? MIP_AUTH_HMAC_MD5 : MIP_AUTH_HMAC_SHA256, &key,
			message.bytes, message.mn_ha.covered_len, message.mn_ha.authenticator.data,
			message.mn_ha.authenticator.len));
	}
}

static void
an_accepted_mobile_is_where_it_asked_from(void **state)
{
	struct secret key = key_of(0);

	(void)state;
	load_fleet_begin(&fleet, 0, 2, NOW, NOW);
	answer(0, MIP_CODE_ACCEPTED, id_of(0), &key);
	assert_true(fleet.mobiles[0].is_registered);
	assert_int_equal(fleet.mobiles[0].place, 2);
	assert_int_equal(fleet.pending_count, 0);
	assert_int_equal(load_fleet_registered(&fleet), 1);
	assert_int_equal(tally.accepted, 1);
	assert_int_equal(tally.latency.count, 1);
}

static void
a_reply_that_is_forged_or_stale_is_none(void **state)
{
	struct secret key = key_of(0), forged = key_of(1);

	(void)state;
	load_fleet_begin(&fleet, 0, 0, NOW, NOW);
	answer(0, MIP_CODE_ACCEPTED, id_of(0), &forged);
	answer(0, MIP_CODE_ACCEPTED, id_of(0) - 1, &key);
	assert_int_equal(tally.invalid, 2);
	assert_false(fleet.mobiles[0].is_registered);
	answer(0, MIP_CODE_ACCEPTED, id_of(0), &key);
	answer(0, MIP_CODE_ACCEPTED, id_of(0), &key); /* nothing is pending any more */
	assert_int_equal(tally.invalid, 3);
	assert_int_equal(tally.accepted, 1);
}

static void
a_wrong_clock_is_put_right_by_code_133(void **state)
{
	struct secret key = key_of(0);
	uint64_t first, there;

	(void)state;
	load_fleet_begin(&fleet, 0, 0, NOW, NOW);
	first = id_of(0);
	there = first + (7777ull << 32);
	answer(0, MIP_CODE_ID_MISMATCH, (there & ~0xffffffffull) | (uint32_t)first, &key);
	assert_int_equal(tally.resynchronised, 1);
	assert_in_range(id_of(1) >> 32, there >> 32, (there >> 32) + 60);
	answer(1, MIP_CODE_ACCEPTED, id_of(1), &key);
	assert_int_equal(tally.accepted, 1);
}

static void
without_a_reply_it_asks_again_later_each_time_with_a_new_identification(void **state)
{
	struct mono_time now = NOW;
	uint64_t last;

	(void)state;
	load_fleet_begin(&fleet, 0, 0, NOW, NOW);
	last = id_of(0);
	for (unsigned n = 1; n < LOAD_ATTEMPTS_MAX; n++) {
		now = mono_add_sec(now, 1u << (n - 1));
		load_fleet_tick(&fleet, (struct mono_time){now.ns - 1});
		assert_int_equal(port.out.count, n);
		load_fleet_tick(&fleet, now);
		assert_int_equal(port.out.count, n + 1);
		assert_true(id_of(n) > last);
		last = id_of(n);
	}
	assert_int_equal(tally.retransmissions, LOAD_ATTEMPTS_MAX - 1);
	load_fleet_tick(&fleet, mono_add_sec(now, 3600));
	assert_int_equal(tally.given_up, 1);
	assert_int_equal(fleet.pending_count, 0);
}

static void
whoever_ends_leaves_the_others_pending(void **state)
{
	struct secret key = key_of(0);

	(void)state;
	for (uint32_t i = 0; i < MOBILES; i++)
		load_fleet_begin(&fleet, i, 0, NOW, NOW);
	answer(0, MIP_CODE_ACCEPTED, id_of(0), &key);
	assert_int_equal(fleet.pending_count, MOBILES - 1);
	load_fleet_tick(&fleet, mono_add_sec(NOW, 1));
	assert_int_equal(tally.retransmissions, MOBILES - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests_are_signed_with_the_mobiles_own_keys,
						setup, teardown),
		cmocka_unit_test_setup_teardown(an_accepted_mobile_is_where_it_asked_from, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_reply_that_is_forged_or_stale_is_none, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_wrong_clock_is_put_right_by_code_133, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			without_a_reply_it_asks_again_later_each_time_with_a_new_identification,
			setup, teardown),
		cmocka_unit_test_setup_teardown(whoever_ends_leaves_the_others_pending, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
