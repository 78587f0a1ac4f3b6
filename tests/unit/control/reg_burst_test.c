/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests that come together, whose authenticators are computed together. */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/log.h"
#include "tests/unit/control/fake_network.h"
#include "tests/unit/control/reg_harness.h"

#define CLOCK(n) (HARNESS_CLOCK + (n))
#define SPI_OF_ANOTHER_KEY 257 /* the one that is wrong for SPI 256 */

/* The foreign agent is to be told when its binding ends, which the last request sees to. */
static const uint8_t revocation_support[] = {
	MIP_EXT_REVOCATION_SUPPORT, 6, 0x80, 0, 0xe4, 0xa1, 0xb2, 0xc4,
};

/* Of every kind: what is answered, and how, depends on those before, too. */
static const struct ask asks[] = {
	{.identification = CLOCK(1)},
	{.identification = CLOCK(2), .has_wrong_key = true},
	{.identification = CLOCK(3), .home_address = "10.1.0.77"}, /* nobody's */
	{.identification = CLOCK(4), .care_of = "172.16.5.10"},
	{.identification = CLOCK(4), .care_of = "172.16.5.11"}, /* replayed */
	{.identification = CLOCK(5), .spi = 999},
	{.identification = CLOCK(6),
	 .flags = MIP_FLAG_T,
	 .care_of = "172.16.5.1",
	 .is_relayed = true},
	{.identification = CLOCK(7),
	 .flags = MIP_FLAG_T,
	 .care_of = "172.16.5.1",
	 .is_relayed = true,
	 .has_wrong_fa_key = true},
	{.identification = CLOCK(8), .nai = "dyn@example.com", .home_address = "0.0.0.0"},
	{.identification = CLOCK(9),
	 .home_address = "10.1.0.100"}, /* known by what it was just given */
	{.identification = CLOCK(10), .has_no_auth = true},
	{.identification = CLOCK(11), .is_deregistration = true},
	{.identification = CLOCK(12), .home_address = "10.1.0.8"}, /* a nonce would be wanted */
	{.identification = CLOCK(13), .destination = "10.1.0.9"},  /* no agent's */
	{.identification = CLOCK(14), .spi = SPI_OF_ANOTHER_KEY, .has_wrong_key = true},
	{.identification = CLOCK(15), .spi = SPI_OF_ANOTHER_KEY},
	{.identification = CLOCK(16),
	 .flags = MIP_FLAG_T,
	 .care_of = "172.16.5.1",
	 .is_relayed = true},
	{.identification = CLOCK(17),
	 .flags = MIP_FLAG_T,
	 .care_of = "172.16.5.1",
	 .is_relayed = true},
	{.identification = CLOCK(18),
	 .flags = MIP_FLAG_T,
	 .care_of = "172.16.5.1",
	 .is_relayed = true,
	 .late_extension = revocation_support,
	 .late_extension_len = sizeof(revocation_support)},
	{.identification = CLOCK(19)},
};

static void
start(struct harness *harness)
{
	static struct config_association two[2];
	struct config_subscriber *mobile = &harness->subscribers[0];

	harness_init(harness, AGENT_X_HA);
	two[0] = two[1] = mobile->associations[0];
	two[1].spi = SPI_OF_ANOTHER_KEY;
	for (unsigned i = 0; i < 16; i++)
		two[1].key.bytes[i] = (uint8_t)(0x77 + i);
	mobile->associations = two;
	mobile->association_count = ARRAY_COUNT(two);
	harness_start(harness);
}

/* The nonce that a reply carries is drawn by lot, and its authenticator covers it. */
static bool
is_of_nonces(const struct harness_sent *sent)
{
	struct mip_reply reply;

	memcpy(&reply, sent->bytes, sizeof(reply));
	return reply.home_address == harness_address("10.1.0.8");
}

static void
a_burst_is_answered_like_one_after_the_other(void **state)
{
	static struct harness one_by_one, at_once;

	(void)state;
	start(&one_by_one);
	start(&at_once);
	for (unsigned i = 0; i < ARRAY_COUNT(asks); i++)
		harness_ask(&one_by_one, &asks[i]);
	harness_ask_all(&at_once, asks, ARRAY_COUNT(asks));
	assert_int_equal(at_once.sent_count, one_by_one.sent_count);
	assert_true(at_once.sent_count >= 10);
	/* behind the reply that made the binding, before the one to who took it over */
	assert_int_equal(at_once.sent[at_once.sent_count - 2].bytes[0], MIP_REVOCATION);
	for (unsigned i = 0; i < at_once.sent_count; i++) {
		const struct harness_sent *expected = &one_by_one.sent[i], *sent = &at_once.sent[i];

		assert_int_equal(sent->len, expected->len);
		assert_memory_equal(&sent->flow, &expected->flow, sizeof(sent->flow));
		assert_int_equal(sent->kind, expected->kind);
		if (!is_of_nonces(sent))
			assert_memory_equal(sent->bytes, expected->bytes, sent->len);
	}
	assert_memory_equal(at_once.drops.count, one_by_one.drops.count,
			    sizeof(at_once.drops.count));
	harness_stop(&one_by_one);
	harness_stop(&at_once);
}

static void
more_than_a_burst_are_taken_one_burst_after_the_other(void **state)
{
	static struct harness harness;
	static struct reg_datagram datagrams[2 * REGISTRATION_BURST_MAX + 1];
	static const uint8_t nonsense[1] = {0xff};

	(void)state;
	start(&harness);
	for (unsigned i = 0; i < ARRAY_COUNT(datagrams); i++)
		datagrams[i] = (struct reg_datagram){.origin = ORIGIN_EXTERNAL,
						     .dst = harness_address("10.1.0.1"),
						     .payload = nonsense,
						     .len = sizeof(nonsense)};
	registration_input(harness.engine, datagrams, ARRAY_COUNT(datagrams), harness.now);
	assert_int_equal(harness.drops.count[DROP_REG_MALFORMED], ARRAY_COUNT(datagrams));
	registration_input(harness.engine, datagrams, 0, harness.now);
	assert_int_equal(harness.drops.count[DROP_REG_MALFORMED], ARRAY_COUNT(datagrams));
	harness_stop(&harness);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_is_answered_like_one_after_the_other),
		cmocka_unit_test(more_than_a_burst_are_taken_one_burst_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
