/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_advertiser.h"

#include <string.h>

#include "tests/unit/mobile/fa_bench.h"

#define EXTENSION_AT 28

/* What stands in the last packet. */
struct seen {
	struct mip_advertisement extension;
	struct fa_challenge challenge;
	size_t len;
	be32 dst;
	uint16_t lifetime_sec;
};

static struct seen
look(const uint8_t *packet, size_t len)
{
	struct seen seen = {.len = len};

	memcpy(&seen.extension, packet + EXTENSION_AT, sizeof(seen.extension));
	seen.lifetime_sec = (uint16_t)(packet[26] << 8 | packet[27]);
	memcpy(&seen.dst, packet + 16, sizeof(seen.dst));
	if (len > EXTENSION_AT + 12)
		memcpy(&seen.challenge, packet + EXTENSION_AT + 12 + 2, sizeof(seen.challenge));
	return seen;
}

static struct seen
periodic(struct fa_advertiser *advertiser, uint8_t fill)
{
	uint8_t packet[AGENT_ADVERTISEMENT_SIZE_MAX];
	struct fa_challenge fresh;

	memset(&fresh, fill, sizeof(fresh));
	return look(packet, fa_advertiser_periodic(advertiser, FA_LINK_ADDRESS, &fresh, packet));
}

static struct seen
solicited(struct fa_advertiser *advertiser, be32 asker, uint8_t fill, struct mono_time now)
{
	uint8_t packet[AGENT_ADVERTISEMENT_SIZE_MAX] = {0};
	struct fa_challenge fresh;

	memset(&fresh, fill, sizeof(fresh));
	return look(packet, fa_advertiser_solicited(advertiser, FA_LINK_ADDRESS, asker, &fresh, now,
						    packet));
}

static void
begin(struct fa_bench *bench, struct fa_advertiser *advertiser)
{
	bench->config.advertise = (struct fa_advertise_config){
		.interval_sec = 1, .solicited_per_sec = 2, .registration_required = true};
	fa_bench_restart(bench);
	fa_advertiser_init(advertiser, &bench->config, bench->relay, bench->now);
}

static void
sequence_begins_at_0_and_never_returns_below_256(void **state)
{
	struct fa_advertiser advertiser;

	begin(*state, &advertiser);
	assert_int_equal(periodic(&advertiser, 1).extension.sequence_be, 0);
	assert_int_equal(periodic(&advertiser, 1).extension.sequence_be, htobe16(1));
	for (unsigned i = 2; i < 65535; i++)
		(void)periodic(&advertiser, 1);
	assert_int_equal(periodic(&advertiser, 1).extension.sequence_be, htobe16(65535));
	assert_int_equal(periodic(&advertiser, 1).extension.sequence_be, htobe16(256));
}

static void
flags_say_what_is_offered(void **state)
{
	static const struct {
		struct fa_tunnels_config tunnels;
		unsigned flags;
	} cases[] = {
		{{.reverse = FA_REVERSE_NONE}, 0},
		{{.reverse = FA_REVERSE_OPTIONAL}, MIP_ADVERTISEMENT_T},
		{{.reverse = FA_REVERSE_MANDATORY, .gre = true},
		 MIP_ADVERTISEMENT_T | MIP_ADVERTISEMENT_G},
		{{.reverse = FA_REVERSE_NONE, .minimal = true, .udp = true},
		 MIP_ADVERTISEMENT_M | MIP_ADVERTISEMENT_U},
	};
	struct fa_bench *bench = *state;
	struct fa_advertiser advertiser;

	begin(bench, &advertiser);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		bench->config.tunnels = cases[i].tunnels;
		assert_int_equal(be16toh(periodic(&advertiser, 1).extension.flags_be),
				 MIP_ADVERTISEMENT_F | MIP_ADVERTISEMENT_R | cases[i].flags);
	}
}

static void
who_asks_too_often_waits(void **state)
{
	struct fa_bench *bench = *state;
	struct fa_advertiser advertiser;
	struct mono_time later = mono_add_sec(bench->now, 1);

	begin(bench, &advertiser);
	assert_int_equal(solicited(&advertiser, 5, 1, bench->now).dst, 5);
	assert_true(solicited(&advertiser, 5, 1, bench->now).len != 0);
	assert_int_equal(solicited(&advertiser, 5, 1, bench->now).len, 0);
	assert_int_equal(solicited(&advertiser, 0, 1, bench->now).dst, IP_ALL_SYSTEMS);
	assert_int_equal(solicited(&advertiser, 0, 1, bench->now).len, 0);
	assert_true(solicited(&advertiser, 5, 1, later).len != 0);
	assert_true(solicited(&advertiser, 0, 1, later).len != 0);
	assert_int_equal(advertiser.withheld, 2);
}

static void
only_periodic_advertisements_have_new_challenges(void **state)
{
	struct fa_bench *bench = *state;
	struct fa_advertiser advertiser;
	struct fa_identity mobile = {.home_address = FA_HOME, .home_agent = FA_HOME_AGENT};
	struct seen seen;

	begin(bench, &advertiser);
	assert_int_equal(periodic(&advertiser, 101).len, EXTENSION_AT + 12);
	bench->config.challenge.required = true;
	seen = periodic(&advertiser, 102);
	assert_int_equal(seen.len, EXTENSION_AT + 12 + 2 + FA_CHALLENGE_SIZE);
	assert_int_equal(seen.challenge.bytes[0], 102);
	assert_int_equal(solicited(&advertiser, 0, 103, bench->now).challenge.bytes[0], 102);
	assert_int_equal(solicited(&advertiser, FA_HOME, 104, bench->now).challenge.bytes[0], 102);
	assert_true(fa_challenges_use(fa_relay_challenges(bench->relay), &mobile,
				      seen.challenge.bytes, FA_CHALLENGE_SIZE));
	assert_int_equal(solicited(&advertiser, FA_HOME, 105, bench->now).challenge.bytes[0], 105);
}

static void
who_lost_his_registration_hears_sequence_0(void **state)
{
	struct fa_bench *bench = *state;
	struct fa_advertiser advertiser;
	uint8_t packet[AGENT_ADVERTISEMENT_SIZE_MAX];
	struct fa_challenge fresh = {{1}};
	struct seen seen;

	begin(bench, &advertiser);
	bench->config.revocation.offer = true;
	(void)periodic(&advertiser, 1);
	seen = look(packet,
		    fa_advertiser_reset(&advertiser, FA_LINK_ADDRESS, FA_HOME, &fresh, packet));
	assert_int_equal(seen.dst, FA_HOME);
	assert_int_equal(seen.extension.sequence_be, 0);
	assert_true((be16toh(seen.extension.flags_be) & MIP_ADVERTISEMENT_X) != 0);
	/* all others hear of nothing */
	assert_int_equal(periodic(&advertiser, 1).extension.sequence_be, htobe16(1));
}

static void
who_leaves_says_farewell(void **state)
{
	struct fa_bench *bench = *state;
	struct fa_advertiser advertiser;

	begin(bench, &advertiser);
	assert_int_equal(periodic(&advertiser, 1).lifetime_sec, 3);
	fa_relay_leave(bench->relay, bench->now);
	assert_int_equal(periodic(&advertiser, 1).lifetime_sec, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FA_TEST(sequence_begins_at_0_and_never_returns_below_256),
		FA_TEST(flags_say_what_is_offered),
		FA_TEST(who_asks_too_often_waits),
		FA_TEST(only_periodic_advertisements_have_new_challenges),
		FA_TEST(who_lost_his_registration_hears_sequence_0),
		FA_TEST(who_leaves_says_farewell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
