/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/types.h"
#include "mobile/mn_election.h"

/* What a track is, and what it ought to do: rest, probe or ask. */
#define AWAY                              \
	{                                 \
		.place = MN_PLACE_UNKNOWN \
	}
#define READY                                                  \
	{                                                      \
		.is_attached = true, .place = MN_PLACE_UNKNOWN \
	}
#define ASKING                                                   \
	{                                                        \
		.is_attached = true, .place = MN_PLACE_DETECTING \
	}
#define IN_VAIN                                                                      \
	{                                                                            \
		.is_attached = true, .is_in_vain = true, .place = MN_PLACE_DETECTING \
	}
#define OUTSIDE                                                                 \
	{                                                                       \
		.is_attached = true, .carries = true, .place = MN_PLACE_OUTSIDE \
	}
#define INSIDE                                                                 \
	{                                                                      \
		.is_attached = true, .carries = true, .place = MN_PLACE_INSIDE \
	}
#define ASLEEP                                                                 \
	{                                                                      \
		.is_attached = true, .carries = true, .place = MN_PLACE_ASLEEP \
	}
#define VPN                                                                                     \
	{                                                                                       \
		.is_vpn = true, .is_attached = true, .carries = true, .place = MN_PLACE_OUTSIDE \
	}
#define VPN_OVER_X_HA                                                                        \
	{                                                                                    \
		.is_vpn = true, .is_attached = true, .carries = true, .needs_carrier = true, \
		.place = MN_PLACE_OUTSIDE                                                    \
	}
#define VPN_ASKING                                                               \
	{                                                                        \
		.is_vpn = true, .is_attached = true, .place = MN_PLACE_DETECTING \
	}

static void
inside_is_better_than_outside_then_the_order_counts(void **state)
{
	static const struct {
		struct mn_candidate candidates[3];
		int carrier;
		enum mn_duty duties[3];
	} cases[] = {
		{{AWAY, AWAY, AWAY}, -1, {MN_DUTY_REST, MN_DUTY_REST, MN_DUTY_REST}},
		{{READY, READY, READY}, -1, {MN_DUTY_ASK, MN_DUTY_REST, MN_DUTY_REST}},
		{{AWAY, ASKING, READY}, -1, {MN_DUTY_REST, MN_DUTY_ASK, MN_DUTY_REST}},
		{{IN_VAIN, READY, READY}, -1, {MN_DUTY_ASK, MN_DUTY_ASK, MN_DUTY_REST}},
		{{IN_VAIN, IN_VAIN, READY}, -1, {MN_DUTY_ASK, MN_DUTY_ASK, MN_DUTY_ASK}},
		{{OUTSIDE, READY, AWAY}, 0, {MN_DUTY_ASK, MN_DUTY_PROBE, MN_DUTY_REST}},
		{{READY, OUTSIDE, READY}, 1, {MN_DUTY_ASK, MN_DUTY_ASK, MN_DUTY_PROBE}},
		{{OUTSIDE, OUTSIDE, READY}, 0, {MN_DUTY_ASK, MN_DUTY_PROBE, MN_DUTY_PROBE}},
		{{OUTSIDE, INSIDE, READY}, 1, {MN_DUTY_PROBE, MN_DUTY_ASK, MN_DUTY_REST}},
		/* traffic has to wake it: nobody else may take it meanwhile */
		{{OUTSIDE, ASLEEP, READY}, 1, {MN_DUTY_PROBE, MN_DUTY_ASK, MN_DUTY_REST}},
		{{INSIDE, INSIDE, OUTSIDE}, 0, {MN_DUTY_ASK, MN_DUTY_REST, MN_DUTY_REST}},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mn_election election;

		mn_elect(cases[i].candidates, 3, &election);
		assert_int_equal(election.carrier, cases[i].carrier);
		assert_int_equal(election.vpn, -1);
		for (unsigned t = 0; t < 3; t++)
			assert_int_equal(election.duties[t], cases[i].duties[t]);
	}
}

static void
vpn_serves_while_no_interface_is_inside(void **state)
{
	static const struct {
		struct mn_candidate candidates[2];
		int carrier, vpn;
		enum mn_duty duty;
	} cases[] = {
		{{OUTSIDE, VPN}, 0, 1, MN_DUTY_ASK},
		{{OUTSIDE, VPN_ASKING}, 0, -1, MN_DUTY_ASK},
		{{ASKING, VPN}, -1, 1, MN_DUTY_ASK},
		{{ASKING, VPN_OVER_X_HA}, -1, -1, MN_DUTY_ASK},
		{{OUTSIDE, VPN_OVER_X_HA}, 0, 1, MN_DUTY_ASK},
		{{INSIDE, VPN}, 0, -1, MN_DUTY_REST},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mn_election election;

		mn_elect(cases[i].candidates, 2, &election);
		assert_int_equal(election.carrier, cases[i].carrier);
		assert_int_equal(election.vpn, cases[i].vpn);
		assert_int_equal(election.duties[1], cases[i].duty);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inside_is_better_than_outside_then_the_order_counts),
		cmocka_unit_test(vpn_serves_while_no_interface_is_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
