/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_keepalive.h"

#include <string.h>

#include "lib/checksum.h"
#include "tests/unit/mobile/fa_bench.h"

static struct fa_visitor *
visit(struct fa_bench *bench, bool udp, uint16_t keepalive_sec, uint8_t flags)
{
	bench->config.tunnels.udp = true;
	bench->config.limits.lifetime_max_sec = 6000;
	assert_int_equal(
		fa_bench_ask(bench, &(struct fa_ask){.flags = flags, .lifetime_sec = 6000}), -1);
	assert_int_equal(fa_bench_answer(bench, &(struct fa_answer){.has_udp = udp,
								    .keepalive_sec = keepalive_sec,
								    .lifetime_sec = 6000,
								    .has_no_fa_ha = true}),
			 0);
	return fa_visitors_find(fa_relay_visitors(bench->relay), FA_HOME);
}

/* Lets time pass up to the next deadline, and does what is due. Milliseconds that passed. */
static uint64_t
wait_and_tick(struct fa_bench *bench)
{
	struct mono_time when;
	uint64_t ms;

	assert_true(fa_relay_deadline(bench->relay, &when));
	ms = mono_ms_until(bench->now, when);
	bench->now = when;
	fa_relay_tick(bench->relay, bench->now);
	return ms;
}

static void
interval_is_the_shorter_of_the_home_agent_s_and_ours(void **state)
{
	static const struct {
		uint16_t assigned_sec;
		unsigned interval_sec;
	} cases[] = {{0, 110}, {60, 60}, {300, 110}, {3, 10}};
	struct fa_bench *bench = *state;

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		(void)visit(bench, true, cases[i].assigned_sec, MIP_FLAG_T);
		assert_int_equal(wait_and_tick(bench), cases[i].interval_sec * 1000);
		assert_int_equal(bench->keepalive_count, i + 1);
	}
}

static void
only_udp_tunnels_have_keepalives(void **state)
{
	struct fa_bench *bench = *state;

	(void)visit(bench, true, 0, MIP_FLAG_T);
	(void)visit(bench, false, 0, MIP_FLAG_T);
	assert_int_equal(wait_and_tick(bench), 6000 * 1000);
	assert_int_equal(bench->keepalive_count, 0);
	assert_false(bench->is_here);
}

static void
lost_answers_are_counted_and_the_interval_stays(void **state)
{
	struct fa_bench *bench = *state;
	const struct fa_visitor *visitor = visit(bench, true, 60, MIP_FLAG_T);

	for (unsigned series = 1; series <= 3; series++) {
		assert_int_equal(wait_and_tick(bench), 60000);
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(wait_and_tick(bench), 2000);
		assert_int_equal(bench->keepalive_count, 3 * series);
		assert_int_equal(fa_relay_counters(bench->relay)->keepalives_lost, series);
	}
	assert_true(bench->is_here && visitor->has_tunnel);
}

/* Sends one as the home agent sees it; the echo inside. */
static void
build_one(const struct fa_visitor *visitor, uint8_t echo[MN_KEEPALIVE_PACKET_SIZE])
{
	uint8_t buffer[FA_KEEPALIVE_SIZE], *outer;
	struct ip_header ip;
	size_t len;

	assert_int_equal(fa_keepalive_build(visitor, buffer, &outer, &len), 0);
	memcpy(&ip, outer, sizeof(ip));
	assert_int_equal(ip.protocol, IP_PROTOCOL_UDP);
	assert_int_equal(ip.src, FA_CARE_OF);
	assert_int_equal(ip.dst, FA_HOME_AGENT);
	memcpy(echo, outer + len - MN_KEEPALIVE_PACKET_SIZE, MN_KEEPALIVE_PACKET_SIZE);
}

static void
make_answer(uint8_t echo[MN_KEEPALIVE_PACKET_SIZE])
{
	struct ip_header ip;
	struct icmp_header icmp;

	memcpy(&ip, echo, sizeof(ip));
	memcpy(&icmp, echo + sizeof(ip), sizeof(icmp));
	assert_int_equal(ip.src, FA_HOME);
	assert_int_equal(icmp.type, ICMP_TYPE_ECHO_REQUEST);
	ip.src = FA_HOME_AGENT;
	ip.dst = FA_HOME;
	icmp.type = ICMP_TYPE_ECHO_REPLY;
	icmp.checksum_be = 0;
	icmp.checksum_be = checksum_of(&icmp, sizeof(icmp));
	memcpy(echo, &ip, sizeof(ip));
	memcpy(echo + sizeof(ip), &icmp, sizeof(icmp));
}

static void
an_answer_ends_the_series_and_is_used_up_once(void **state)
{
	struct fa_bench *bench = *state;

	/* without T, too */
	for (unsigned flags = 0; flags <= MIP_FLAG_T; flags += MIP_FLAG_T) {
		struct fa_visitor *visitor = visit(bench, true, 60, (uint8_t)flags);
		uint8_t echo[MN_KEEPALIVE_PACKET_SIZE];

		(void)wait_and_tick(bench);
		build_one(visitor, echo);
		make_answer(echo);
		assert_true(fa_keepalive_answer(visitor, echo, sizeof(echo), bench->now));
		/* a second one, or the visitor's own with the same identifier, is for him */
		assert_false(fa_keepalive_answer(visitor, echo, sizeof(echo), bench->now));
		assert_int_equal(wait_and_tick(bench), 60000);
	}
	assert_int_equal(fa_relay_counters(bench->relay)->keepalives_lost, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FA_TEST(interval_is_the_shorter_of_the_home_agent_s_and_ours),
		FA_TEST(only_udp_tunnels_have_keepalives),
		FA_TEST(lost_answers_are_counted_and_the_interval_stays),
		FA_TEST(an_answer_ends_the_series_and_is_used_up_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
