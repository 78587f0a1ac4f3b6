/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes with the decision besides its code: TNC, revocation, broadcasts. */
#include "control/reg_decide.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/unit/control/reg_situation.h"

static void
only_the_i_ha_says_that_the_network_is_trusted(void **state)
{
	struct situation s;

	(void)state;
	situation_init(&s);
	situation_decide(&s);
	assert_false(s.decision.trusted_networks);
	s.facts.agent = AGENT_I_HA;
	s.facts.is_external = false;
	situation_decide(&s);
	assert_true(s.decision.trusted_networks);
	s.facts.identification_is_valid = false;
	situation_decide(&s);
	assert_int_equal(s.decision.code, 133);
	assert_true(s.decision.trusted_networks);
}

static void
revocation_is_for_those_who_asked_and_share_a_key(void **state)
{
	struct situation s;

	(void)state;
	situation_init(&s);
	s.message.revocation_support.author = MIP_BY_MOBILE;
	situation_decide(&s);
	assert_true(s.decision.revocation_for_mobile);
	assert_false(s.decision.revocation_for_foreign);
	s.message.request.flags = MIP_FLAG_T; /* not co-located */
	situation_decide(&s);
	assert_false(s.decision.revocation_for_mobile);

	s.message.revocation_support.author = MIP_BY_FOREIGN_AGENT;
	s.facts.foreign_auth = REG_FOREIGN_VALID;
	situation_decide(&s);
	assert_false(s.decision.revocation_for_foreign);
	s.facts.foreign_revocation = true;
	situation_decide(&s);
	assert_true(s.decision.revocation_for_foreign);
	s.agent.revocation = false;
	situation_decide(&s);
	assert_false(s.decision.revocation_for_foreign);
}

static void
broadcasts_are_ignored_where_they_are_not_served(void **state)
{
	struct situation s;

	(void)state;
	situation_init(&s);
	s.message.request.flags |= MIP_FLAG_B;
	situation_decide(&s);
	assert_true(s.decision.request_flags & MIP_FLAG_B);
	s.agent.broadcasts = false;
	situation_decide(&s);
	assert_int_equal(s.decision.code, 0);
	assert_false(s.decision.request_flags & MIP_FLAG_B);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_i_ha_says_that_the_network_is_trusted),
		cmocka_unit_test(revocation_is_for_those_who_asked_and_share_a_key),
		cmocka_unit_test(broadcasts_are_ignored_where_they_are_not_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
