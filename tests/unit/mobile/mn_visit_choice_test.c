/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_visit_choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct mono_time now = {1000 * NS_PER_SEC};

static struct mn_advert_agent
agent_with(uint16_t flags, bool is_silent)
{
	return (struct mn_advert_agent){
		.heard = {.flags = flags, .care_of = {1, 2}, .care_of_count = 2},
		.avoid_until = mono_add_sec(now, is_silent ? 1 : 0),
	};
}

static void
use_address_and_r_decide(void **state)
{
	static const struct {
		enum mn_foreign_use use;
		bool has_own, is_required, is_silent, result;
	} cases[] = {
		{MN_FOREIGN_AUTO, false, false, false, true},
		{MN_FOREIGN_AUTO, false, false, true, true},
		{MN_FOREIGN_AUTO, true, false, false, false},
		{MN_FOREIGN_AUTO, true, true, false, true},
		{MN_FOREIGN_AUTO, true, true, true, false},
		{MN_FOREIGN_NEVER, false, true, false, false},
		{MN_FOREIGN_NEVER, true, true, false, false},
		{MN_FOREIGN_PREFER, true, false, false, true},
		{MN_FOREIGN_PREFER, true, false, true, false},
		{MN_FOREIGN_PREFER, false, false, true, true},
		{MN_FOREIGN_REQUIRE, true, false, false, true},
		{MN_FOREIGN_REQUIRE, true, false, true, true},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mn_advert_agent agent = agent_with(
			cases[i].is_required ? MIP_ADVERTISEMENT_R : 0, cases[i].is_silent);

		assert_int_equal(mn_visit_prefers(cases[i].use, cases[i].has_own, &agent, now),
				 cases[i].result);
		assert_false(mn_visit_prefers(cases[i].use, cases[i].has_own, NULL, now));
	}
}

static void
care_of_address_is_kept_while_it_is_offered(void **state)
{
	struct mn_advert_agent agent = agent_with(0, false);

	assert_int_equal(mn_visit_care_of(&agent, 0), 1);
	assert_int_equal(mn_visit_care_of(&agent, 2), 2);
	assert_int_equal(mn_visit_care_of(&agent, 3), 1);
}

static void
home_link_has_addresses_of_the_home_network_or_none(void **state)
{
	be32 home = htobe32(0x0a010007), near = htobe32(0x0a01004d), far = htobe32(0xac100032);

	assert_true(mn_visit_may_be_home(near, 24, home));
	assert_true(mn_visit_may_be_home(0, 0, home));
	assert_false(mn_visit_may_be_home(near, 28, home));
	assert_false(mn_visit_may_be_home(far, 24, home));
}

static void
one_listens_first_where_an_agent_is_likely(void **state)
{
	for (unsigned use = 0; use < MN_FOREIGN_USE_COUNT; use++) {
		assert_int_equal(mn_visit_listens((enum mn_foreign_use)use, true, false),
				 use == MN_FOREIGN_PREFER);
		assert_true(mn_visit_listens((enum mn_foreign_use)use, true, true));
		assert_false(mn_visit_listens((enum mn_foreign_use)use, false, true));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(use_address_and_r_decide),
		cmocka_unit_test(care_of_address_is_kept_while_it_is_offered),
		cmocka_unit_test(one_listens_first_where_an_agent_is_likely),
		cmocka_unit_test(home_link_has_addresses_of_the_home_network_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
