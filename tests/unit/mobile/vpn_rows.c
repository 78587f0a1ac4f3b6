/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/mobile/vpn_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct mn_vpn_config defaults = {
	.is_set = true,
	.delay_ms = 1000,
	.connect_sec = 30,
	.retry_initial_ms = 1000,
	.retry_max_sec = 4,
};

void
vpn_rows_run_with(struct mn_vpn *vpn, const struct mn_vpn_config *config, const struct row *rows,
		  size_t count)
{
	mn_vpn_init(vpn, config, (struct mono_time){0});
	for (size_t i = 0; i < count; i++) {
		struct mono_time at = {rows[i].at_ms * NS_PER_MS};
		unsigned actions = mn_vpn_step(vpn, &rows[i].event, at);

		if (actions != rows[i].actions || vpn->state != rows[i].state)
			fail_msg("row %zu at %u ms: actions %#x, state %s", i, rows[i].at_ms,
				 actions, mn_vpn_state_name(vpn->state));
		assert_int_equal(vpn->tia != 0,
				 vpn->state == MN_VPN_UP || vpn->state == MN_VPN_MOVING);
	}
}

struct mn_vpn_config
vpn_rows_config(unsigned outers)
{
	struct mn_vpn_config config = defaults;

	for (unsigned outer = 0; outer < MN_VPN_OUTER_COUNT; outer++) {
		if ((outers & 1u << outer) != 0)
			strcpy(config.connections[outer], "home");
	}
	return config;
}

void
vpn_rows_run(unsigned outers, enum mn_vpn_inside inside, const struct row *rows, size_t count)
{
	struct mn_vpn_config config = vpn_rows_config(outers);
	struct mn_vpn vpn;

	config.inside = inside;
	vpn_rows_run_with(&vpn, &config, rows, count);
}
