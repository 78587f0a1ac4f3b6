/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mobile/mn_hint.h"

static void
domain_is_found_where_dhcp_leaves_it(void **state)
{
	static const char domains[][MN_DOMAIN_SIZE] = {"corp.example", "lab.test"};
	static const struct {
		const char *text;
		bool matches;
	} cases[] = {
		{"", false},
		{"search corp.example\n", true},
		{"search corp.example", true},
		{"domain corp.example\n", true},
		{"nameserver 10.1.0.1\nsearch other.example  CORP.Example.\n", true},
		{"search\tbuilding1.lab.test\n", true},
		{"search notcorp.example\n", false},
		{"search example\n", false},
		{"#search corp.example\n", false},
		{"searching corp.example\n", false},
		{"search\ncorp.example\n", false},
		{"search .\n", false},
		{"search \n\n", false},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++)
		assert_int_equal(mn_hint_domain_matches(cases[i].text, domains, 2),
				 cases[i].matches);
	assert_false(mn_hint_domain_matches("search corp.example\n", domains, 0));
}

static void
realm_of_a_foreign_agent_s_nai_is_compared(void **state)
{
	static const char realms[][MN_DOMAIN_SIZE] = {"corp.example", "lab.test"};
	static const struct {
		const char *nai;
		bool matches;
	} cases[] = {
		{"", false},
		{"fa@corp.example", true},
		{"@lab.test", true},
		{"fa@branch.LAB.test", true},
		{"corp.example", false},
		{"corp.example@other", false},
		{"fa@notcorp.example", false},
		{"fa@", false},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++)
		assert_int_equal(
			mn_hint_realm_matches(cases[i].nai, strlen(cases[i].nai), realms, 2),
			cases[i].matches);
	assert_false(mn_hint_realm_matches("fa@corp.example", 15, realms, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domain_is_found_where_dhcp_leaves_it),
		cmocka_unit_test(realm_of_a_foreign_agent_s_nai_is_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
