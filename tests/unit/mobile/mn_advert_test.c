/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_advert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define F MIP_ADVERTISEMENT_F
#define CARE_OF htobe32(0xc00002c8)

static const uint8_t mac_a[ETH_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 1};
static const uint8_t mac_b[ETH_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 2};

static const struct mono_time start = {1000 * NS_PER_SEC};

static struct mono_time
after_sec(unsigned sec)
{
	return mono_add_sec(start, sec);
}

/* Agent 172.16.0.`host`, good for 3 seconds. */
static struct agent_heard
said_by(unsigned host, uint16_t sequence, uint16_t flags)
{
	return (struct agent_heard){
		.src = htobe32(0xac100000 + host),
		.lifetime_sec = 3,
		.sequence = sequence,
		.registration_sec = 500,
		.flags = flags,
		.care_of = {CARE_OF},
		.care_of_count = 1,
	};
}

static enum mn_advert_event
hear(struct mn_advert *advert, const uint8_t *mac, const struct agent_heard *heard, unsigned sec)
{
	return mn_advert_hear(advert, mac, heard, after_sec(sec));
}

static be32
chosen(const struct mn_advert *advert, unsigned sec)
{
	const struct mn_advert_agent *agent = mn_advert_choose(advert, after_sec(sec));

	return agent != NULL ? agent->heard.src : 0;
}

static void
an_agent_counts_while_its_advertisement_holds(void **state)
{
	struct agent_heard one = said_by(1, 0, F);
	struct mn_advert advert = {0};

	mn_advert_init(&advert, start);
	assert_int_equal(chosen(&advert, 0), 0);
	assert_int_equal(hear(&advert, mac_a, &one, 0), MN_ADVERT_HEARD);
	assert_int_equal(chosen(&advert, 2), one.src);
	assert_int_equal(chosen(&advert, 3), 0);
	/* a farewell */
	one.lifetime_sec = 0;
	assert_int_equal(hear(&advert, mac_a, &one, 2), MN_ADVERT_HEARD);
	assert_int_equal(chosen(&advert, 2), 0);
}

static void
those_that_cannot_serve_are_ignored(void **state)
{
	struct agent_heard nobody = said_by(1, 0, 0);
	struct agent_heard without_care_of = said_by(2, 0, F);
	struct agent_heard busy = said_by(3, 0, F | MIP_ADVERTISEMENT_B);
	struct mn_advert advert = {0};

	without_care_of.care_of_count = 0;
	mn_advert_init(&advert, start);
	assert_int_equal(hear(&advert, mac_a, &nobody, 0), MN_ADVERT_IGNORED);
	assert_int_equal(hear(&advert, mac_a, &without_care_of, 0), MN_ADVERT_IGNORED);
	hear(&advert, mac_a, &busy, 0);
	assert_int_equal(chosen(&advert, 0), 0);
}

static void
who_is_in_use_is_kept_even_when_busy(void **state)
{
	struct agent_heard one = said_by(1, 0, F), two = said_by(2, 0, F | MIP_ADVERTISEMENT_R);
	struct mn_advert advert = {0};

	mn_advert_init(&advert, start);
	hear(&advert, mac_a, &one, 0);
	mn_advert_use(&advert, mn_advert_choose(&advert, start), start);
	hear(&advert, mac_b, &two, 0);
	one = said_by(1, 1, F | MIP_ADVERTISEMENT_B);
	hear(&advert, mac_a, &one, 1);
	assert_int_equal(chosen(&advert, 1), one.src);
	mn_advert_use(&advert, NULL, after_sec(1));
	assert_int_equal(chosen(&advert, 1), two.src);
}

static void
a_restart_shows_in_the_sequence_number(void **state)
{
	static const struct {
		uint16_t before, now;
		bool is_restart;
	} cases[] = {
		{5, 6, false},	      {5, 0, true},	 {300, 255, true}, {300, 256, false},
		{0xffff, 256, false}, {0xffff, 0, true}, {0, 0, false},	   {400, 399, false},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct agent_heard one = said_by(1, cases[i].before, F);
		struct mn_advert advert = {0};

		mn_advert_init(&advert, start);
		hear(&advert, mac_a, &one, 0);
		mn_advert_use(&advert, mn_advert_choose(&advert, start), start);
		one.sequence = cases[i].now;
		assert_int_equal(hear(&advert, mac_a, &one, 1),
				 cases[i].is_restart ? MN_ADVERT_RESTARTED : MN_ADVERT_HEARD);
		assert_int_equal(advert.restart_count, cases[i].is_restart);
	}
}

static void
nobody_takes_over_an_address_that_is_in_use(void **state)
{
	struct agent_heard one = said_by(1, 7, F), fake = said_by(1, 0, F);
	struct mn_advert advert = {0};

	mn_advert_init(&advert, start);
	hear(&advert, mac_a, &one, 0);
	mn_advert_use(&advert, mn_advert_choose(&advert, start), start);
	assert_int_equal(hear(&advert, mac_b, &fake, 1), MN_ADVERT_IGNORED);
	fake.lifetime_sec = 0;
	assert_int_equal(hear(&advert, mac_b, &fake, 1), MN_ADVERT_IGNORED);
	assert_memory_equal(mn_advert_find(&advert, one.src)->mac, mac_a, ETH_ADDRESS_SIZE);
	assert_int_equal(advert.conflict_count, 2);
	/* silent for so long, it may have got another card */
	fake.lifetime_sec = 3;
	assert_int_equal(hear(&advert, mac_b, &fake, 3), MN_ADVERT_HEARD);
	assert_memory_equal(mn_advert_find(&advert, one.src)->mac, mac_b, ETH_ADDRESS_SIZE);
}

static void
a_flood_takes_neither_memory_nor_the_agent_in_use(void **state)
{
	struct agent_heard one = said_by(1, 0, F), other;
	unsigned let_in = 0;
	struct mn_advert advert = {0};

	one.lifetime_sec = 9000;
	mn_advert_init(&advert, start);
	hear(&advert, mac_a, &one, 0);
	mn_advert_use(&advert, mn_advert_choose(&advert, start), start);
	for (unsigned i = 0; i < 100000; i++) {
		other = said_by(2 + i, 0, F | MIP_ADVERTISEMENT_R);
		let_in += hear(&advert, mac_b, &other, i / 10000) == MN_ADVERT_HEARD;
	}
	assert_true(let_in < 60);
	assert_int_equal(advert.count, MN_ADVERT_AGENTS_MAX);
	assert_int_equal(chosen(&advert, 9), one.src);
}

static void
who_did_not_answer_gives_way(void **state)
{
	struct agent_heard one = said_by(1, 0, F | MIP_ADVERTISEMENT_R), two = said_by(2, 0, F);
	struct mn_advert advert = {0};

	mn_advert_init(&advert, start);
	hear(&advert, mac_a, &one, 0);
	mn_advert_use(&advert, mn_advert_choose(&advert, start), start);
	mn_advert_avoid(&advert, start);
	assert_int_equal(chosen(&advert, 0), one.src);
	hear(&advert, mac_b, &two, 0);
	assert_int_equal(chosen(&advert, 0), two.src);
	/* a fresh advertisement does not make it better, time does */
	hear(&advert, mac_a, &one, 2);
	hear(&advert, mac_b, &two, 2);
	assert_int_equal(chosen(&advert, 2), two.src);
	hear(&advert, mac_a, &one, 300);
	assert_int_equal(chosen(&advert, 300), one.src);
}

static void
different_challenges_are_counted(void **state)
{
	struct agent_heard one = said_by(1, 0, F);
	struct mn_advert advert = {0};

	mn_advert_init(&advert, start);
	one.challenge_len = 16;
	hear(&advert, mac_a, &one, 0);
	hear(&advert, mac_a, &one, 1);
	assert_int_equal(mn_advert_find(&advert, one.src)->challenge_count, 1);
	one.challenge[15] = 1;
	hear(&advert, mac_a, &one, 2);
	assert_int_equal(mn_advert_find(&advert, one.src)->challenge_count, 2);
}

static void
solicitations_are_few(void **state)
{
	static const unsigned gaps_ms[] = {1000,  1000,	 2000,	4000, 8000,
					   16000, 32000, 60000, 60000};
	struct agent_heard one = said_by(1, 0, F);
	struct mono_time now = start;
	struct mn_advert advert = {0};

	mn_advert_init(&advert, now);
	assert_true(mn_advert_solicit(&advert, now));
	for (unsigned i = 0; i < ARRAY_COUNT(gaps_ms); i++) {
		assert_false(mn_advert_solicit(&advert, now));
		assert_int_equal(mono_ms_until(now, mn_advert_deadline(&advert)), gaps_ms[i]);
		now = mn_advert_deadline(&advert);
		assert_true(mn_advert_solicit(&advert, now));
	}
	mn_advert_hear(&advert, mac_a, &one, now);
	mn_advert_use(&advert, mn_advert_choose(&advert, now), now);
	assert_false(mn_advert_solicit(&advert, now));
	/* with a third of its time left, once */
	assert_int_equal(mono_ms_until(now, mn_advert_deadline(&advert)), 2000);
	assert_true(mn_advert_solicit(&advert, mono_add_sec(now, 2)));
	assert_false(mn_advert_solicit(&advert, mono_add_sec(now, 2)));
	assert_int_equal(mono_ms_until(now, mn_advert_deadline(&advert)), 3000);
	/* it is lost: once more from the beginning */
	now = mono_add_sec(now, 3);
	mn_advert_use(&advert, NULL, now);
	assert_true(mn_advert_solicit(&advert, now));
}

static void
home_link_is_where_the_home_agent_says_so(void **state)
{
	struct agent_heard home = said_by(1, 0, MIP_ADVERTISEMENT_H), other = said_by(2, 0, F);
	struct mn_advert advert = {0};

	home.care_of_count = 0;
	mn_advert_init(&advert, start);
	hear(&advert, mac_b, &other, 0);
	assert_int_equal(hear(&advert, mac_a, &home, 0), MN_ADVERT_HEARD);
	assert_null(mn_advert_home(&advert, other.src, after_sec(0)));
	assert_non_null(mn_advert_home(&advert, home.src, after_sec(2)));
	assert_null(mn_advert_home(&advert, home.src, after_sec(3)));
	/* it is no foreign agent */
	assert_int_equal(chosen(&advert, 0), other.src);
	/* who does not answer is not taken at his word */
	mn_advert_use(&advert, mn_advert_home(&advert, home.src, after_sec(1)), after_sec(1));
	mn_advert_avoid(&advert, after_sec(1));
	assert_int_equal(hear(&advert, mac_a, &home, 2), MN_ADVERT_HEARD);
	assert_null(mn_advert_home(&advert, home.src, after_sec(2)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_agent_counts_while_its_advertisement_holds),
		cmocka_unit_test(those_that_cannot_serve_are_ignored),
		cmocka_unit_test(who_is_in_use_is_kept_even_when_busy),
		cmocka_unit_test(a_restart_shows_in_the_sequence_number),
		cmocka_unit_test(nobody_takes_over_an_address_that_is_in_use),
		cmocka_unit_test(a_flood_takes_neither_memory_nor_the_agent_in_use),
		cmocka_unit_test(who_did_not_answer_gives_way),
		cmocka_unit_test(different_challenges_are_counted),
		cmocka_unit_test(home_link_is_where_the_home_agent_says_so),
		cmocka_unit_test(solicitations_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
