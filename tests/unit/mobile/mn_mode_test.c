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
		enum mn_access access;
		bool is_vpn;
		const char *name;
		unsigned layers;
	} cases[] = {
		{MN_PLACE_INSIDE, MN_ACCESS_CO_LOCATED, false, "c", MN_LAYER_I_MIP},
		{MN_PLACE_INSIDE, MN_ACCESS_FOREIGN, false, "f", MN_LAYER_I_MIP},
		{MN_PLACE_DETECTING, MN_ACCESS_CO_LOCATED, true, "mc",
		 MN_LAYER_VPN | MN_LAYER_I_MIP},
		{MN_PLACE_OUTSIDE, MN_ACCESS_CO_LOCATED, true, "cvc",
		 MN_LAYER_X_MIP | MN_LAYER_VPN | MN_LAYER_I_MIP},
		{MN_PLACE_OUTSIDE, MN_ACCESS_FOREIGN, true, "fvc",
		 MN_LAYER_X_MIP | MN_LAYER_VPN | MN_LAYER_I_MIP},
		{MN_PLACE_OUTSIDE, MN_ACCESS_CO_LOCATED, false, "x-ha only", MN_LAYER_X_MIP},
		{MN_PLACE_DETECTING, MN_ACCESS_CO_LOCATED, false, "none", 0},
		{MN_PLACE_UNKNOWN, MN_ACCESS_FOREIGN, false, "none", 0},
		{MN_PLACE_INSIDE, MN_ACCESS_HOME, false, "home", 0},
		{MN_PLACE_OUTSIDE, MN_ACCESS_HOME, false, "home", 0},
		{MN_PLACE_OUTSIDE, MN_ACCESS_HOME, true, "mc", MN_LAYER_VPN | MN_LAYER_I_MIP},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		enum mn_mode mode = mn_mode_of(cases[i].place, cases[i].access, cases[i].is_vpn);

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
