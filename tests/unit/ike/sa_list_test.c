/* SPDX-License-Identifier: BSD-3-Clause */
#include "ike/strongswan_compat.h"

#include "ike/sa_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct ike_sa_id victim = {.src = 1, .dst = 2, .spi_be = 3};

/* Mobiles behind one NAT have one address, and each chooses its SPI. */
static void
who_takes_the_spi_of_another_does_not_end_its_sa(void **state)
{
	struct sa_list *list = sa_list_create();

	assert_true(sa_list_add(list, &victim, false));
	for (unsigned i = 0; i < 2; i++)
		assert_false(sa_list_add(list, &victim, false));
	/* charon deletes what it could not add */
	for (unsigned i = 0; i < 2; i++) {
		assert_false(sa_list_remove(list, &victim));
		assert_true(sa_list_has(list, &victim));
	}
	assert_true(sa_list_remove(list, &victim));
	assert_false(sa_list_has(list, &victim));
	sa_list_destroy(list);
}

static void
what_is_not_there_may_be_deleted(void **state)
{
	struct sa_list *list = sa_list_create();

	assert_true(sa_list_remove(list, &victim));
	sa_list_destroy(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_takes_the_spi_of_another_does_not_end_its_sa),
		cmocka_unit_test(what_is_not_there_may_be_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
