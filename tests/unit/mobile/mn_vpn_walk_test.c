/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mobile/mn_vpn.h"

#define TIA 0x0100080a
#define HOME 0x070071cb /* of the x-HA */
#define CAFE 0x0a01a8c0
#define HOTEL 0x4a0200c0

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

/* One that it need not wait for. */
static bool
has_outer(const struct mn_vpn *vpn)
{
	return vpn->outers[MN_VPN_OUTER_X_HA] != 0 ||
	       (vpn->outers[MN_VPN_OUTER_MOBIKE] != 0 && !vpn->is_x_ha_awaited);
}

/* What must hold whatever happens. */
static void
check_invariants(const struct mn_vpn *vpn, unsigned actions, bool was_charon)
{
	bool is_up = vpn->state == MN_VPN_UP || vpn->state == MN_VPN_MOVING;

	assert_int_equal(vpn->tia != 0, is_up);
	assert_true(is_up || !vpn->is_settling);
	if ((actions & MN_VPN_ATTACH) != 0)
		assert_true(is_up);
	if ((actions & MN_VPN_DETACH) != 0)
		assert_false(is_up);
	if ((actions & MN_VPN_INITIATE) != 0)
		assert_true(was_charon && !vpn->is_inside && !vpn->is_leaving &&
			    vpn->outers[vpn->by] != 0 && vpn->config->connections[vpn->by][0] &&
			    vpn->state == MN_VPN_CONNECTING);
	/* it never waits for nothing: without charon it knocks, and a state that must end has an end */
	if (vpn->state == MN_VPN_CONNECTING || vpn->state == MN_VPN_CLOSING)
		assert_true(mn_vpn_deadline(vpn).ns != UINT64_MAX);
	if (vpn->state == MN_VPN_DOWN && vpn->is_listed && vpn->is_charon && !vpn->is_inside &&
	    !vpn->is_leaving && has_outer(vpn))
		assert_true(vpn->due.ns != UINT64_MAX);
	/* nor is it stuck where it has no address, while there is another */
	if ((vpn->state == MN_VPN_CONNECTING || is_up) && !vpn->is_inside && !vpn->is_leaving &&
	    vpn->outers[vpn->by] == 0 && has_outer(vpn))
		assert_true(vpn->swap.ns != UINT64_MAX);
	else
		assert_true(vpn->swap.ns == UINT64_MAX);
}

static void
random_walks_keep_the_invariants(void **state)
{
	for (uint32_t walk = 0; walk < 200; walk++) {
		struct mn_vpn_config config = {.is_set = true,
					       .delay_ms = 1000,
					       .connect_sec = 30,
					       .retry_initial_ms = 1000,
					       .retry_max_sec = 4};
		struct mono_time now = {0};
		uint32_t seed = walk;
		struct mn_vpn vpn;

		if (walk % 3 != 0)
			strcpy(config.connections[MN_VPN_OUTER_X_HA], "home");
		if (walk % 3 != 1)
			strcpy(config.connections[MN_VPN_OUTER_MOBIKE], "roam");
		config.inside = walk % 2 != 0 ? MN_VPN_INSIDE_TERMINATE : MN_VPN_INSIDE_KEEP;
		mn_vpn_init(&vpn, &config, now);
		for (unsigned i = 0; i < 500; i++) {
			static const be32 outers[] = {0, HOME, CAFE, HOTEL};
			struct mn_vpn_event event = {
				.kind = (enum mn_vpn_kind)(next_random(&seed) % (MN_VPN_TICK + 1)),
				.outer = (enum mn_vpn_outer)(next_random(&seed) % 2),
				.address = outers[next_random(&seed) % 4],
				.local = outers[next_random(&seed) % 4],
				.is_busy = next_random(&seed) % 2 != 0,
				.is_awaited = next_random(&seed) % 2 != 0,
				.text = "",
			};
			bool was_charon = vpn.is_charon;

			if (event.kind == MN_VPN_SA)
				event.address = TIA;
			if (event.kind == MN_VPN_LEAVE && i < 400)
				continue;
			/* those cannot come from a charon that is not there */
			if (!was_charon && (event.kind == MN_VPN_SA || event.kind == MN_VPN_NO_SA))
				continue;
			now = mono_add_ms(now, next_random(&seed) % 3000);
			check_invariants(&vpn, mn_vpn_step(&vpn, &event, now), was_charon);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_walks_keep_the_invariants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
