/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/types.h"
#include "mobile/mn_mode.h"

static void
place_foreign_agent_and_vpn_make_the_mode(void **state)
{
	static const struct {
		enum mn_place place;
		bool is_foreign, is_vpn;
		const char *name;
		unsigned layers;
	} cases[] = {
		{MN_PLACE_INSIDE, false, false, "c", MN_LAYER_I_MIP},
		{MN_PLACE_INSIDE, true, false, "f", MN_LAYER_I_MIP},
		{MN_PLACE_DETECTING, false, true, "mc", MN_LAYER_VPN | MN_LAYER_I_MIP},
		{MN_PLACE_OUTSIDE, false, true, "cvc",
		 MN_LAYER_X_MIP | MN_LAYER_VPN | MN_LAYER_I_MIP},
		{MN_PLACE_OUTSIDE, true, true, "fvc",
		 MN_LAYER_X_MIP | MN_LAYER_VPN | MN_LAYER_I_MIP},
		{MN_PLACE_OUTSIDE, false, false, "x-ha only", MN_LAYER_X_MIP},
		{MN_PLACE_DETECTING, false, false, "none", 0},
		{MN_PLACE_UNKNOWN, true, false, "none", 0},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		enum mn_mode mode =
			mn_mode_of(cases[i].place, cases[i].is_foreign, cases[i].is_vpn);

		assert_string_equal(mn_mode_name(mode), cases[i].name);
		assert_int_equal(mn_mode_layers(mode), cases[i].layers);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(place_foreign_agent_and_vpn_make_the_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
