/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mobile/mn_policy.h"

#define X_HA 0
#define I_HA 1

struct bench {
	struct mn_agent_config configs[2];
	struct mn_timing_config timing;
	struct mn_registration registrations[2];
	struct mn_instant at;
};

/* An x-HA and an i-HA in the given states, on one care-of address. Nothing here computes an
 * authenticator that anybody checks, so the machines go without libcrypto until they send. */
static void
prepare(struct bench *bench, struct mip_auth *auth, enum mn_state x_ha, enum mn_state i_ha)
{
	memset(bench, 0, sizeof(*bench));
	bench->timing = (struct mn_timing_config){1000, 30, 300, 0, 0};
	bench->configs[X_HA] = (struct mn_agent_config){
		.role = MN_ROLE_X_HA, .address = 1, .home_address = 2, .spi = 256};
	bench->configs[I_HA] = (struct mn_agent_config){
		.role = MN_ROLE_I_HA, .address = 3, .home_address = 4, .spi = 257};
	for (unsigned i = 0; i < 2; i++) {
		bench->configs[i].lifetime_sec = 1800;
		assert_int_equal(secret_from_text(&bench->configs[i].key, "key"), 0);
		mn_registration_init(&bench->registrations[i], &bench->configs[i], &bench->timing,
				     auth);
		bench->registrations[i].care_of = 9;
		bench->registrations[i].state = i == X_HA ? x_ha : i_ha;
		bench->registrations[i].bound_care_of = 9;
	}
	bench->at = (struct mn_instant){{NS_PER_SEC}, {1}, 1};
}

static void
judgement_follows_the_states(void **state)
{
	static const struct {
		enum mn_state x_ha, i_ha;
		bool is_inside;
		int active;
	} cases[] = {
		{MN_REGISTERING, MN_REGISTERING, false, -1},
		{MN_REGISTERED, MN_REGISTERING, false, X_HA},
		{MN_REGISTERING, MN_REGISTERED, true, I_HA},
		{MN_REGISTERED, MN_REGISTERED, true, I_HA},
		{MN_DEREGISTERING, MN_REGISTERED, true, I_HA},
		{MN_STOPPED, MN_OFFLINE, false, -1},
	};
	struct bench bench;

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mn_policy policy;

		prepare(&bench, NULL, cases[i].x_ha, cases[i].i_ha);
		policy = mn_policy_judge(bench.registrations, 2);
		assert_int_equal(policy.is_inside, cases[i].is_inside);
		assert_int_equal(policy.active, cases[i].active);
	}
}

static void
inside_deregisters_the_x_ha(void **state)
{
	struct mip_auth *auth = mip_auth_create();
	unsigned effects[2] = {0};
	struct mn_policy policy;
	struct bench bench;

	prepare(&bench, auth, MN_REGISTERED, MN_REGISTERED);
	policy = mn_policy_judge(bench.registrations, 2);
	mn_policy_apply(&policy, bench.registrations, 2, &bench.at, effects);
	assert_int_equal(bench.registrations[X_HA].state, MN_DEREGISTERING);
	assert_int_equal(effects[X_HA], MN_SEND | MN_CHANGED);
	assert_int_equal(bench.registrations[I_HA].state, MN_REGISTERED);
	assert_int_equal(effects[I_HA], 0);
	mip_auth_destroy(auth);
}

static void
outside_takes_the_x_ha_up_again_and_asks_the_i_ha_patiently(void **state)
{
	struct mip_auth *auth = mip_auth_create();
	unsigned effects[2] = {0};
	struct mn_policy policy;
	struct bench bench;

	prepare(&bench, auth, MN_STOPPED, MN_REGISTERING);
	policy = mn_policy_judge(bench.registrations, 2);
	mn_policy_apply(&policy, bench.registrations, 2, &bench.at, effects);
	assert_int_equal(bench.registrations[X_HA].state, MN_REGISTERING);
	assert_int_equal(effects[X_HA], MN_SEND | MN_CHANGED);
	assert_false(bench.registrations[I_HA].another_serves);

	bench.registrations[X_HA].state = MN_REGISTERED;
	bench.registrations[X_HA].grant.expires.ns = UINT64_MAX;
	policy = mn_policy_judge(bench.registrations, 2);
	mn_policy_apply(&policy, bench.registrations, 2, &bench.at, effects);
	assert_true(bench.registrations[I_HA].another_serves);
	mip_auth_destroy(auth);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judgement_follows_the_states),
		cmocka_unit_test(inside_deregisters_the_x_ha),
		cmocka_unit_test(outside_takes_the_x_ha_up_again_and_asks_the_i_ha_patiently),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
