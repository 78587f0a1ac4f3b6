/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/mobile/vpn_rows.h"

/* Both connections; what is tried first in a new place is the x-HA. */
#define BOTH (CVC | MC)
#define READY                                                              \
	{0, CHARON, MN_VPN_LIST, MN_VPN_DOWN}, {0, NO_SA, 0, MN_VPN_DOWN}, \
	{                                                                  \
		0, OUTER(CAFE), 0, MN_VPN_DOWN                             \
	}

static void
where_no_x_ha_answers_it_dials_from_the_care_of_address(void **state)
{
	static const struct row answered[] = {
		READY,
		{900, X_HA(HOME), 0, MN_VPN_DOWN},
		{900, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{910, SA(HOME), MN_VPN_ATTACH, MN_VPN_UP},
		{60000, TICK, 0, MN_VPN_UP},
	};
	static const struct row silent[] = {
		READY,
		{999, TICK, 0, MN_VPN_DOWN},
		{1000, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		/* too late, and what is up stays up */
		{1001, X_HA(HOME), 0, MN_VPN_CONNECTING},
		{1010, SA(CAFE), MN_VPN_ATTACH, MN_VPN_UP},
		{60000, TICK, 0, MN_VPN_UP},
		{60001, OUTER(HOTEL), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{60010, SA(HOTEL), MN_VPN_ATTACH, MN_VPN_UP},
		/* hung up by somebody, it begins anew */
		{70000, NO_SA, MN_VPN_DETACH, MN_VPN_DOWN},
		{71000, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{71010, SA(HOME), MN_VPN_ATTACH, MN_VPN_UP},
	};

	RUN(BOTH, TERMINATE, answered);
	RUN(BOTH, TERMINATE, silent);
}

static void
what_has_lost_its_outer_address_is_given_up_for_the_other(void **state)
{
	static const struct row to_care_of[] = {
		READY,
		{0, X_HA(HOME), 0, MN_VPN_DOWN},
		{0, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{10, SA(HOME), MN_VPN_ATTACH, MN_VPN_UP},
		{5000, X_HA(0), 0, MN_VPN_UP},
		{5100, OUTER(HOTEL), 0, MN_VPN_UP},
		{6099, TICK, 0, MN_VPN_UP},
		{6100, TICK, MN_VPN_DETACH | MN_VPN_ABANDON, MN_VPN_CLOSING},
		/* charon has not done it yet */
		{6101, SA(HOME), 0, MN_VPN_CLOSING},
		{6102, NO_SA, 0, MN_VPN_DOWN},
		{6102, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{6103, SA(HOME), 0, MN_VPN_CONNECTING},
		{6110, SA(HOTEL), MN_VPN_ATTACH, MN_VPN_UP},
	};
	static const struct row back_in_time[] = {
		READY,
		{0, X_HA(HOME), 0, MN_VPN_DOWN},
		{0, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{10, SA(HOME), MN_VPN_ATTACH, MN_VPN_UP},
		{5000, X_HA(0), 0, MN_VPN_UP},
		{5900, X_HA(HOME), 0, MN_VPN_UP},
		{60000, TICK, 0, MN_VPN_UP},
	};
	static const struct row to_x_ha[] = {
		READY,
		{1000, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{1010, SA(CAFE), MN_VPN_ATTACH, MN_VPN_UP},
		/* a foreign agent gives it no address of its own */
		{5000, OUTER(0), MN_VPN_INTERRUPT, MN_VPN_MOVING},
		{7000, TICK, 0, MN_VPN_MOVING},
		{7010, X_HA(HOME), 0, MN_VPN_MOVING},
		{7010, TICK, MN_VPN_DETACH | MN_VPN_ABANDON, MN_VPN_CLOSING},
		{7011, NO_SA, 0, MN_VPN_DOWN},
		{7011, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{7020, SA(HOME), MN_VPN_ATTACH, MN_VPN_UP},
	};
	static const struct row attempt[] = {
		READY,
		{0, X_HA(HOME), 0, MN_VPN_DOWN},
		{0, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{100, X_HA(0), 0, MN_VPN_CONNECTING},
		{1100, TICK, MN_VPN_ABANDON, MN_VPN_CLOSING},
		{4100, TICK, MN_VPN_LIST, MN_VPN_DOWN},
	};
	static const struct row inside[] = {
		READY,
		{0, X_HA(HOME), 0, MN_VPN_DOWN},
		{0, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{10, SA(HOME), MN_VPN_ATTACH, MN_VPN_UP},
		{4000, INSIDE, 0, MN_VPN_UP},
		{4001, X_HA(0), 0, MN_VPN_UP},
		{5500, TICK, 0, MN_VPN_UP},
	};

	RUN(BOTH, TERMINATE, to_care_of);
	RUN(BOTH, TERMINATE, back_in_time);
	RUN(BOTH, TERMINATE, to_x_ha);
	RUN(BOTH, TERMINATE, attempt);
	RUN(BOTH, TERMINATE, inside);
}

/* Not asked yet, or not heeded yet. */
#define AWAITED(a) \
	EVENT(MN_VPN_OUTER, .outer = MN_VPN_OUTER_X_HA, .address = (a), .is_awaited = true)

static void
an_x_ha_that_is_put_off_has_its_time_all_the_same(void **state)
{
	static const struct row silent[] = {
		READY,
		{1, AWAITED(0), 0, MN_VPN_DOWN},
		{2, OUTER(HOTEL), 0, MN_VPN_DOWN},
		{5000, TICK, 0, MN_VPN_DOWN},
		{5001, X_HA(0), 0, MN_VPN_DOWN},
		{6000, TICK, 0, MN_VPN_DOWN},
		{6001, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{6010, SA(HOTEL), MN_VPN_ATTACH, MN_VPN_UP},
	};
	static const struct row answered[] = {
		READY,
		{0, X_HA(HOME), 0, MN_VPN_DOWN},
		{0, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{10, SA(HOME), MN_VPN_ATTACH, MN_VPN_UP},
		{1000, X_HA(0), 0, MN_VPN_UP},
		{1100, AWAITED(0), 0, MN_VPN_UP},
		{5000, TICK, 0, MN_VPN_UP},
		{5001, X_HA(HOME), 0, MN_VPN_UP},
		{60000, TICK, 0, MN_VPN_UP},
	};

	RUN(BOTH, TERMINATE, silent);
	RUN(BOTH, TERMINATE, answered);
}

static void
one_address_is_not_taken_where_there_is_no_connection_for_it(void **state)
{
	static const struct row rows[] = {
		READY,
		{5000, TICK, 0, MN_VPN_DOWN},
		{5001, X_HA(HOME), 0, MN_VPN_DOWN},
		{5001, TICK, MN_VPN_INITIATE, MN_VPN_CONNECTING},
		{5002, SA(HOME), MN_VPN_ATTACH, MN_VPN_UP},
		{5003, X_HA(0), 0, MN_VPN_UP},
		{60000, TICK, 0, MN_VPN_UP},
	};

	RUN(CVC, TERMINATE, rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_no_x_ha_answers_it_dials_from_the_care_of_address),
		cmocka_unit_test(what_has_lost_its_outer_address_is_given_up_for_the_other),
		cmocka_unit_test(an_x_ha_that_is_put_off_has_its_time_all_the_same),
		cmocka_unit_test(one_address_is_not_taken_where_there_is_no_connection_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
