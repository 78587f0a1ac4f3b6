/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/drop_reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
every_reason_has_a_name_of_its_own_and_a_sentence(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DROP_REASON_COUNT; i++) {
		const char *name = drop_reason_name(i);

		assert_true(strlen(name) > 0);
		/* Prometheus and the shell: no blanks, no capitals */
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				 strlen(name));
		assert_true(strlen(drop_reason_help(i)) > 10);
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(name, drop_reason_name(j));
	}
}

static void
a_reason_finds_its_own_name(void **state)
{
	(void)state;
	assert_string_equal(drop_reason_name(DROP_ETHER_SHORT), "ether-short");
	assert_string_equal(drop_reason_name(DROP_IP_TTL), "ip-ttl");
	assert_string_equal(drop_reason_name(DROP_REVOCATION_INVALID), "revocation-invalid");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_name_of_its_own_and_a_sentence),
		cmocka_unit_test(a_reason_finds_its_own_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
