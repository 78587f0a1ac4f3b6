/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/checksum.h"
#include "mobile/mn_keepalive.h"

#define HOME 0x0700010a
#define AGENT 0x0100010a

static const struct mn_keepalive_config config = {110, 10, 2000, 3};
static struct mono_time now;

static struct mn_keepalive
started(unsigned assigned_sec)
{
	struct mn_keepalive keepalive;

	now = (struct mono_time){NS_PER_SEC};
	mn_keepalive_init(&keepalive, &config, 0x1234);
	mn_keepalive_start(&keepalive, assigned_sec, true, now);
	return keepalive;
}

static uint64_t
wait_ms(const struct mn_keepalive *keepalive)
{
	struct mono_time when;

	assert_true(mn_keepalive_deadline(keepalive, &when));
	return mono_ms_until(now, when);
}

static enum mn_keepalive_event
wait_and_tick(struct mn_keepalive *keepalive)
{
	now = mono_add_ms(now, wait_ms(keepalive));
	return mn_keepalive_tick(keepalive, now);
}

/* The echo reply that an agent makes of our request. */
static void
make_answer(const struct mn_keepalive *keepalive, uint8_t packet[MN_KEEPALIVE_PACKET_SIZE])
{
	struct ip_header ip;
	struct icmp_header icmp;

	mn_keepalive_build(keepalive, HOME, AGENT, packet);
	memcpy(&ip, packet, sizeof(ip));
	memcpy(&icmp, packet + sizeof(ip), sizeof(icmp));
	ip.src = AGENT;
	ip.dst = HOME;
	icmp.type = ICMP_TYPE_ECHO_REPLY;
	icmp.checksum_be = 0;
	icmp.checksum_be = checksum_of(&icmp, sizeof(icmp));
	memcpy(packet, &ip, sizeof(ip));
	memcpy(packet + sizeof(ip), &icmp, sizeof(icmp));
}

static void
interval_is_the_agents_wish_the_default_or_the_floor(void **state)
{
	static const struct {
		unsigned assigned_sec, interval_sec;
	} cases[] = {{0, 110}, {60, 60}, {3, 10}, {300, 300}};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mn_keepalive keepalive = started(cases[i].assigned_sec);

		assert_int_equal(wait_ms(&keepalive), cases[i].interval_sec * 1000);
	}
}

static void
data_puts_the_keepalive_off(void **state)
{
	struct mn_keepalive keepalive = started(0);

	now = mono_add_sec(now, 100);
	mn_keepalive_data_sent(&keepalive, now);
	assert_int_equal(wait_ms(&keepalive), 110000);
	assert_int_equal(wait_and_tick(&keepalive), MN_KEEPALIVE_SEND);
	/* but not the repetition of one that waits for its answer */
	mn_keepalive_data_sent(&keepalive, now);
	assert_int_equal(wait_ms(&keepalive), 2000);
}

static void
three_unanswered_mean_that_the_mapping_is_lost(void **state)
{
	struct mn_keepalive keepalive = started(0);

	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(wait_and_tick(&keepalive), MN_KEEPALIVE_SEND);
	assert_int_equal(wait_and_tick(&keepalive), MN_KEEPALIVE_LOST);
	assert_int_equal(keepalive.interval_sec, 55);
	/* registering again at the same place keeps what was learned, moving forgets it */
	mn_keepalive_start(&keepalive, 0, false, now);
	assert_int_equal(keepalive.interval_sec, 55);
	mn_keepalive_start(&keepalive, 0, true, now);
	assert_int_equal(keepalive.interval_sec, 110);
}

static void
interval_never_falls_below_the_floor(void **state)
{
	struct mn_keepalive keepalive = started(15);

	for (unsigned lost = 0; lost < 3;)
		lost += wait_and_tick(&keepalive) == MN_KEEPALIVE_LOST;
	assert_int_equal(keepalive.interval_sec, 10);
}

static void
an_answer_ends_the_wait(void **state)
{
	struct mn_keepalive keepalive = started(0);
	uint8_t answer[MN_KEEPALIVE_PACKET_SIZE];

	assert_int_equal(wait_and_tick(&keepalive), MN_KEEPALIVE_SEND);
	make_answer(&keepalive, answer);
	/* late: another one is already out */
	assert_int_equal(wait_and_tick(&keepalive), MN_KEEPALIVE_SEND);
	assert_true(mn_keepalive_answer(&keepalive, AGENT, answer, sizeof(answer), now));
	assert_int_equal(keepalive.answered_count, 1);
	assert_int_equal(wait_ms(&keepalive), 110000);
	/* a repetition is used up and counts for nothing */
	assert_true(mn_keepalive_answer(&keepalive, AGENT, answer, sizeof(answer), now));
	assert_int_equal(keepalive.answered_count, 1);
}

static void
foreign_icmp_is_no_answer(void **state)
{
	static const struct {
		unsigned at;
		uint8_t is;
	} cases[] = {
		{9, 17},   /* protocol */
		{12, 99},  /* source */
		{6, 0x20}, /* more fragments */
		{20, 8},   /* echo request */
		{24, 77},  /* identifier */
		{22, 77},  /* checksum */
	};
	struct mn_keepalive keepalive = started(0);
	uint8_t answer[MN_KEEPALIVE_PACKET_SIZE];

	(void)wait_and_tick(&keepalive);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		make_answer(&keepalive, answer);
		answer[cases[i].at] = cases[i].is;
		if (cases[i].at != 22) { /* all is right but what the case is about */
			be16 checksum_be;

			memset(answer + 22, 0, sizeof(checksum_be));
			checksum_be = checksum_of(answer + 20, 8);
			memcpy(answer + 22, &checksum_be, sizeof(checksum_be));
		}
		assert_false(mn_keepalive_answer(&keepalive, AGENT, answer, sizeof(answer), now));
	}
	make_answer(&keepalive, answer);
	assert_false(mn_keepalive_answer(&keepalive, AGENT, answer, 27, now));
	assert_int_equal(keepalive.unanswered, 1);
}

static void
echo_request_has_right_checksums(void **state)
{
	struct mn_keepalive keepalive = started(0);
	uint8_t packet[MN_KEEPALIVE_PACKET_SIZE];

	(void)wait_and_tick(&keepalive);
	mn_keepalive_build(&keepalive, HOME, AGENT, packet);
	assert_int_equal(checksum_of(packet, 20), 0);
	assert_int_equal(checksum_of(packet + 20, 8), 0);
	assert_memory_equal(packet + 12, "\x0a\x01\x00\x07\x0a\x01\x00\x01\x08\x00", 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interval_is_the_agents_wish_the_default_or_the_floor),
		cmocka_unit_test(data_puts_the_keepalive_off),
		cmocka_unit_test(three_unanswered_mean_that_the_mapping_is_lost),
		cmocka_unit_test(interval_never_falls_below_the_floor),
		cmocka_unit_test(an_answer_ends_the_wait),
		cmocka_unit_test(foreign_icmp_is_no_answer),
		cmocka_unit_test(echo_request_has_right_checksums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
