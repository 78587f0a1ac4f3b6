/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/mobile/vpn_rows.h"

/* From nothing to a VPN, in mode cvc and in mode mc. */
#define UP_CVC                                                                       \
	{0, TICK, MN_VPN_REACH, MN_VPN_DOWN}, {1, CHARON, MN_VPN_LIST, MN_VPN_DOWN}, \
		{2, NO_SA, 0, MN_VPN_DOWN}, {3, X_HA(HOME), 0, MN_VPN_DOWN},         \
		{4, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},                       \
	{                                                                            \
		5, SA(HOME), MN_VPN_ATTACH, MN_VPN_UP                                \
	}
#define UP_MC                                                                                   \
	{0, TICK, MN_VPN_REACH, MN_VPN_DOWN}, {1, CHARON, MN_VPN_LIST, MN_VPN_DOWN},            \
		{2, NO_SA, 0, MN_VPN_DOWN}, {3, OUTER(CAFE), 0, MN_VPN_DOWN},                   \
		{1002, TICK, 0, MN_VPN_DOWN}, {1003, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING}, \
	{                                                                                       \
		1004, SA(CAFE), MN_VPN_ATTACH, MN_VPN_UP                                        \
	}

static void
it_dials_once_the_x_ha_has_registered_the_mobile(void **state)
{
	static const struct row rows[] = {UP_CVC};

	RUN(CVC, KEEP, rows);
}

static void
in_mode_mc_an_i_ha_has_time_to_answer_first(void **state)
{
	static const struct row proved[] = {
		{0, CHARON, MN_VPN_LIST, MN_VPN_DOWN},
		{1, NO_SA, 0, MN_VPN_DOWN},
		{2, OUTER(CAFE), 0, MN_VPN_DOWN},
		{900, INSIDE, 0, MN_VPN_DOWN},
		{2000, TICK, 0, MN_VPN_DOWN},
		{5000, OUTSIDE, 0, MN_VPN_DOWN},
		{5999, TICK, 0, MN_VPN_DOWN},
		{6000, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
	};
	static const struct row moved[] = {
		{0, CHARON, MN_VPN_LIST, MN_VPN_DOWN},
		{1, NO_SA, 0, MN_VPN_DOWN},
		{2, OUTER(CAFE), 0, MN_VPN_DOWN},
		{900, OUTER(0), 0, MN_VPN_DOWN},
		{2000, TICK, 0, MN_VPN_DOWN},
		{3000, OUTER(HOTEL), 0, MN_VPN_DOWN},
		{3999, TICK, 0, MN_VPN_DOWN},
		{4000, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
	};
	static const struct row dialled[] = {UP_MC};

	RUN(MC, KEEP, dialled);
	RUN(MC, KEEP, proved);
	RUN(MC, KEEP, moved);
}

static void
nothing_is_dialled_before_charon_said_what_sas_there_are(void **state)
{
	static const struct row rows[] = {
		{0, X_HA(HOME), 0, MN_VPN_DOWN},
		{1, CHARON, MN_VPN_LIST, MN_VPN_DOWN},
		{5000, TICK, 0, MN_VPN_DOWN},
		{5001, SA(HOME), MN_VPN_ATTACH, MN_VPN_UP},
	};

	RUN(CVC, KEEP, rows);
}

static void
moves_below_the_x_ha_do_not_touch_the_vpn(void **state)
{
	static const struct row rows[] = {
		UP_CVC,
		{10, X_HA(0), 0, MN_VPN_UP},
		{20, X_HA(HOME), 0, MN_VPN_UP},
		{30, SA(HOME), 0, MN_VPN_UP},
	};

	RUN(CVC, KEEP, rows);
}

static void
mobike_moves_stop_user_data_until_the_tunnel_is_registered_again(void **state)
{
	static const struct row rows[] = {
		UP_MC,
		{2000, OUTER(0), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{3000, OUTER(HOTEL), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{3001, SA(CAFE), 0, MN_VPN_MOVING},
		{3100, SA(HOTEL), MN_VPN_ATTACH, MN_VPN_UP},
		{3200, SA(HOTEL), 0, MN_VPN_UP},
	};
	static const struct row quick[] = {
		UP_MC,
		{2000, OUTER(HOTEL), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{12000, TICK, MN_VPN_LIST | MN_VPN_ATTACH, MN_VPN_UP},
	};
	/* charon notices first: with and without a moment in which there is no address */
	static const struct row late[] = {
		UP_MC,
		{2000, SA(HOTEL), MN_VPN_ATTACH, MN_VPN_UP},
		{2100, OUTER(HOTEL), 0, MN_VPN_UP},
	};
	static const struct row gap[] = {
		UP_MC,
		{2000, OUTER(0), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{2050, SA(HOTEL), 0, MN_VPN_UP},
		{2100, OUTER(HOTEL), MN_VPN_ATTACH, MN_VPN_UP},
	};
	static const struct row back[] = {
		UP_MC,
		{2000, OUTER(0), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{2100, OUTER(CAFE), MN_VPN_ATTACH, MN_VPN_UP},
	};

	RUN(MC, KEEP, rows);
	RUN(MC, KEEP, quick);
	RUN(MC, KEEP, late);
	RUN(MC, KEEP, gap);
	RUN(MC, KEEP, back);
}

static void
an_attempt_ends_with_the_address_that_it_was_made_from(void **state)
{
	static const struct row gone[] = {
		{0, CHARON, MN_VPN_LIST, MN_VPN_DOWN},
		{0, NO_SA, 0, MN_VPN_DOWN},
		{0, OUTER(CAFE), 0, MN_VPN_DOWN},
		{1000, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{2000, OUTER(0), MN_VPN_ABANDON, MN_VPN_CLOSING},
		{2010, NO_SA, 0, MN_VPN_DOWN},
		{2100, OUTER(HOTEL), 0, MN_VPN_DOWN},
		{3100, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
	};
	/* one that is preferred does not end it */
	static const struct row another[] = {
		{0, CHARON, MN_VPN_LIST, MN_VPN_DOWN},
		{0, NO_SA, 0, MN_VPN_DOWN},
		{0, OUTER(CAFE), 0, MN_VPN_DOWN},
		{1000, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{1100, OUTER(HOTEL), 0, MN_VPN_CONNECTING},
		{1200, SA(CAFE), MN_VPN_ATTACH, MN_VPN_UP},
	};

	RUN(MC, KEEP, gone);
	RUN(MC, KEEP, another);
}

#define BUSY(a)                                                                      \
	EVENT(MN_VPN_SA, .outer = MN_VPN_OUTER_MOBIKE, .address = TIA, .local = (a), \
	      .remote = GATEWAY, .is_busy = true)

static void
an_sa_that_moves_is_used_when_charon_is_done(void **state)
{
	static const struct row rows[] = {
		UP_MC,
		{2000, OUTER(HOTEL), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{2100, BUSY(HOTEL), 0, MN_VPN_MOVING},
		{2120, TICK, MN_VPN_LIST, MN_VPN_MOVING},
		{2121, BUSY(HOTEL), 0, MN_VPN_MOVING},
		{2140, TICK, 0, MN_VPN_MOVING},
		{2141, TICK, MN_VPN_LIST, MN_VPN_MOVING},
		{2142, SA(HOTEL), MN_VPN_ATTACH, MN_VPN_UP},
		{5000, TICK, 0, MN_VPN_UP},
		/* what is replaced when its time is over has not moved */
		{60000, BUSY(HOTEL), 0, MN_VPN_UP},
		{60001, SA(HOTEL), 0, MN_VPN_UP},
	};
	/* charon notices first, in time or not */
	static const struct row late[] = {
		UP_MC,
		{2000, BUSY(HOTEL), 0, MN_VPN_UP},
		{2010, OUTER(HOTEL), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{2029, TICK, 0, MN_VPN_MOVING},
		{2030, TICK, MN_VPN_LIST, MN_VPN_MOVING},
		{2150, SA(HOTEL), MN_VPN_ATTACH, MN_VPN_UP},
	};
	/* between our two looks: it is asked after the second */
	static const struct row between[] = {
		UP_MC,
		{2000, OUTER(0), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{2090, BUSY(HOTEL), 0, MN_VPN_MOVING},
		{2100, OUTER(HOTEL), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{2120, TICK, MN_VPN_LIST, MN_VPN_MOVING},
		{2121, BUSY(HOTEL), 0, MN_VPN_MOVING},
		/* it cannot be done while there is no address */
		{2130, OUTER(0), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{2140, BUSY(HOTEL), 0, MN_VPN_MOVING},
		{60000, TICK, 0, MN_VPN_MOVING},
		{60001, OUTER(HOTEL), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{60021, TICK, MN_VPN_LIST, MN_VPN_MOVING},
		{60022, SA(HOTEL), MN_VPN_ATTACH, MN_VPN_UP},
	};
	static const struct row early[] = {
		UP_MC,
		{2000, BUSY(HOTEL), 0, MN_VPN_UP},
		{2100, SA(HOTEL), MN_VPN_ATTACH, MN_VPN_UP},
		{2150, OUTER(HOTEL), 0, MN_VPN_UP},
	};
	static const struct row never[] = {
		UP_MC,
		{2000, OUTER(HOTEL), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{2100, BUSY(HOTEL), 0, MN_VPN_MOVING},
		{12000, TICK, MN_VPN_LIST | MN_VPN_ATTACH, MN_VPN_UP},
	};

	RUN(MC, KEEP, rows);
	RUN(MC, KEEP, late);
	RUN(MC, KEEP, between);
	RUN(MC, KEEP, early);
	RUN(MC, KEEP, never);
}

static void
inside_it_is_kept_or_terminated_as_configured(void **state)
{
	static const struct row kept[] = {
		UP_CVC,
		{10, INSIDE, 0, MN_VPN_UP},
		{60000, TICK, 0, MN_VPN_UP},
		{60001, RELEASED, 0, MN_VPN_UP},
		{60002, OUTSIDE, 0, MN_VPN_UP},
	};
	static const struct row released[] = {
		UP_CVC,
		{10, INSIDE, 0, MN_VPN_UP},
		{20, RELEASED, MN_VPN_DETACH | MN_VPN_TERMINATE, MN_VPN_CLOSING},
		{30, NO_SA, 0, MN_VPN_DOWN},
		{60000, TICK, 0, MN_VPN_DOWN},
		{60001, OUTSIDE, 0, MN_VPN_DOWN},
		{60002, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
	};
	static const struct row unanswered[] = {
		UP_CVC,
		{10, INSIDE, 0, MN_VPN_UP},
		{2010, TICK, MN_VPN_DETACH | MN_VPN_TERMINATE, MN_VPN_CLOSING},
		{2020, SA(HOME), 0, MN_VPN_CLOSING},
		{5010, TICK, MN_VPN_LIST, MN_VPN_DOWN},
	};
	/* the loop was late, and the move's time is over, too */
	static const struct row late[] = {
		UP_MC,
		{2000, OUTER(HOTEL), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{2010, INSIDE, 0, MN_VPN_MOVING},
		{12000, TICK, MN_VPN_DETACH | MN_VPN_TERMINATE, MN_VPN_CLOSING},
	};
	static const struct row out_again[] = {
		UP_CVC,
		{10, INSIDE, 0, MN_VPN_UP},
		{20, OUTSIDE, 0, MN_VPN_UP},
		{5000, TICK, 0, MN_VPN_UP},
	};

	RUN(CVC, KEEP, kept);
	RUN(CVC, TERMINATE, released);
	RUN(CVC, TERMINATE, unanswered);
	RUN(MC, TERMINATE, late);
	RUN(CVC, TERMINATE, out_again);
}

static void
at_the_end_it_hangs_up_wherever_it_is(void **state)
{
	static const struct row rows[] = {
		UP_CVC,
		{10, EVENT(MN_VPN_LEAVE), 0, MN_VPN_UP},
		{11, OUTSIDE, 0, MN_VPN_UP},
		{20, RELEASED, MN_VPN_DETACH | MN_VPN_TERMINATE, MN_VPN_CLOSING},
		{30, NO_SA, 0, MN_VPN_DOWN},
		{90000, TICK, 0, MN_VPN_DOWN},
	};

	RUN(CVC, KEEP, rows);
}

static void
an_attempt_ends_when_the_mobile_is_inside(void **state)
{
	static const struct row rows[] = {
		{0, CHARON, MN_VPN_LIST, MN_VPN_DOWN},
		{1, NO_SA, 0, MN_VPN_DOWN},
		{2, X_HA(HOME), 0, MN_VPN_DOWN},
		{3, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{4, INSIDE, MN_VPN_TERMINATE, MN_VPN_CLOSING},
		{5, FAILED, 0, MN_VPN_CLOSING},
		{6, NO_SA, 0, MN_VPN_DOWN},
	};

	RUN(CVC, KEEP, rows);
}

static void
failures_are_tried_again_later_each_time(void **state)
{
	static const struct row rows[] = {
		{0, CHARON, MN_VPN_LIST, MN_VPN_DOWN},
		{0, NO_SA, 0, MN_VPN_DOWN},
		{0, X_HA(HOME), 0, MN_VPN_DOWN},
		{0, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{0, NO_SA, 0, MN_VPN_CONNECTING},
		{10, FAILED, MN_VPN_ABANDON, MN_VPN_DOWN},
		{1009, TICK, 0, MN_VPN_DOWN},
		{1010, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{1020, FAILED, MN_VPN_ABANDON, MN_VPN_DOWN},
		{3019, TICK, 0, MN_VPN_DOWN},
		{3020, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{3030, FAILED, MN_VPN_ABANDON, MN_VPN_DOWN},
		{7030, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{7040, FAILED, MN_VPN_ABANDON, MN_VPN_DOWN},
		{11040, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{46039, TICK, 0, MN_VPN_CONNECTING},
		{46040, TICK, MN_VPN_ABANDON, MN_VPN_DOWN},
		/* a move does not shorten the wait */
		{46050, X_HA(0), 0, MN_VPN_DOWN},
		{46060, X_HA(HOME), 0, MN_VPN_DOWN},
		{50039, TICK, 0, MN_VPN_DOWN},
		{50040, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{50050, SA(HOME), MN_VPN_ATTACH, MN_VPN_UP},
		/* and success begins anew */
		{60000, NO_SA, MN_VPN_DETACH, MN_VPN_DOWN},
		{60999, TICK, 0, MN_VPN_DOWN},
		{61000, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
	};

	RUN(CVC, KEEP, rows);
}

static void
a_charon_that_dies_is_waited_for_and_dialled_again(void **state)
{
	static const struct row rows[] = {
		UP_CVC,
		{100, LOST, MN_VPN_DETACH, MN_VPN_DOWN},
		{599, TICK, 0, MN_VPN_DOWN},
		{600, TICK, MN_VPN_REACH, MN_VPN_DOWN},
		{600, LOST, 0, MN_VPN_DOWN},
		{1600, TICK, MN_VPN_REACH, MN_VPN_DOWN},
		{1601, CHARON, MN_VPN_LIST, MN_VPN_DOWN},
		{1602, NO_SA, 0, MN_VPN_DOWN},
		{1602, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
	};

	RUN(CVC, KEEP, rows);
}

static void
another_tia_begins_anew(void **state)
{
	static const struct row rows[] = {
		UP_CVC,
		{10,
		 EVENT(MN_VPN_SA, .outer = MN_VPN_OUTER_X_HA, .address = TIA + 1, .local = HOME,
		       .remote = GATEWAY),
		 MN_VPN_ATTACH, MN_VPN_UP},
	};

	RUN(CVC, KEEP, rows);
}

static void
the_last_error_stays_until_a_success(void **state)
{
	static const struct row failed[] = {
		{0, CHARON, MN_VPN_LIST, MN_VPN_DOWN},
		{0, NO_SA, 0, MN_VPN_DOWN},
		{0, X_HA(HOME), 0, MN_VPN_DOWN},
		{0, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{10, FAILED, MN_VPN_ABANDON, MN_VPN_DOWN},
	};
	const struct mn_vpn_config config = vpn_rows_config(CVC);
	struct mn_vpn_event sa = SA(HOME);
	struct mn_vpn vpn;

	vpn_rows_run_with(&vpn, &config, failed, sizeof(failed) / sizeof(failed[0]));
	assert_string_equal(vpn.error, "no proposal chosen");
	assert_int_equal(vpn.failure_count, 1);
	mn_vpn_step(&vpn, &sa, (struct mono_time){20 * NS_PER_MS});
	assert_string_equal(vpn.error, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_dials_once_the_x_ha_has_registered_the_mobile),
		cmocka_unit_test(in_mode_mc_an_i_ha_has_time_to_answer_first),
		cmocka_unit_test(nothing_is_dialled_before_charon_said_what_sas_there_are),
		cmocka_unit_test(moves_below_the_x_ha_do_not_touch_the_vpn),
		cmocka_unit_test(mobike_moves_stop_user_data_until_the_tunnel_is_registered_again),
		cmocka_unit_test(an_attempt_ends_with_the_address_that_it_was_made_from),
		cmocka_unit_test(an_sa_that_moves_is_used_when_charon_is_done),
		cmocka_unit_test(inside_it_is_kept_or_terminated_as_configured),
		cmocka_unit_test(at_the_end_it_hangs_up_wherever_it_is),
		cmocka_unit_test(an_attempt_ends_when_the_mobile_is_inside),
		cmocka_unit_test(failures_are_tried_again_later_each_time),
		cmocka_unit_test(a_charon_that_dies_is_waited_for_and_dialled_again),
		cmocka_unit_test(another_tia_begins_anew),
		cmocka_unit_test(the_last_error_stays_until_a_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
