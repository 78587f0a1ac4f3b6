/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports on interfaces of the kernel. */
#include "dataplane/port.h"

#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
port_is_gone_when_another_interface_has_its_name(void **state)
{
	struct port port = {.interface = "lo", .interface_index = if_nametoindex("lo")};

	assert_int_not_equal(port.interface_index, 0);
	assert_true(port_is_present(&port));
	port.interface_index++;
	assert_false(port_is_present(&port));
}

static void
port_is_gone_with_its_interface(void **state)
{
	const struct port port = {.interface = "no-such-one", .interface_index = 7};

	assert_false(port_is_present(&port));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_is_gone_when_another_interface_has_its_name),
		cmocka_unit_test(port_is_gone_with_its_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
