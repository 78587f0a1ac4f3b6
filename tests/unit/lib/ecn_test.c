/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/ecn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* RFC 6040 figure 4: rows are the arriving inner field, columns the outer one. */
static const uint8_t order[4] = {ECN_NOT_ECT, ECN_ECT0, ECN_ECT1, ECN_CE};
#define DROP 0xff
static const uint8_t figure_4[4][4] = {
	{ECN_NOT_ECT, ECN_NOT_ECT, ECN_NOT_ECT, DROP},
	{ECN_ECT0, ECN_ECT0, ECN_ECT1, ECN_CE},
	{ECN_ECT1, ECN_ECT1, ECN_ECT1, ECN_CE},
	{ECN_CE, ECN_CE, ECN_CE, ECN_CE},
};
/* ... where it has "(!!!)" */
static const bool figure_4_alarm[4][4] = {
	{false, true, true, true},
	{false, false, false, false},
	{false, false, false, false},
	{false, false, true, false},
};

static void
decapsulation_follows_figure_4_whatever_the_dscp(void **state)
{
	(void)state;
	for (unsigned dscp = 0; dscp < 256; dscp += 4) {
		for (unsigned i = 0; i < 4; i++) {
			for (unsigned o = 0; o < 4; o++) {
				uint8_t inner = (uint8_t)(dscp | order[i]);
				uint8_t outer = (uint8_t)((252 - dscp) | order[o]);
				enum ecn_verdict verdict = ecn_decapsulate(inner, outer);
				uint8_t result = verdict == ECN_DROP  ? DROP
						 : verdict == ECN_SET ? order[o]
								      : order[i];

				assert_int_equal(result, figure_4[i][o]);
				assert_int_equal(ecn_is_dangerous(inner, outer),
						 figure_4_alarm[i][o]);
			}
		}
	}
}

static void
encapsulation_copies_dscp_and_in_normal_mode_ecn(void **state)
{
	(void)state;
	for (unsigned tos = 0; tos < 256; tos++) {
		assert_int_equal(ecn_outer_tos((uint8_t)tos, false), tos);
		assert_int_equal(ecn_outer_tos((uint8_t)tos, true), tos & 0xfc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decapsulation_follows_figure_4_whatever_the_dscp),
		cmocka_unit_test(encapsulation_copies_dscp_and_in_normal_mode_ecn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
