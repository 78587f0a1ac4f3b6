/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_policy.h"

static bool
is_i_ha(const struct mn_registration *registration)
{
	return registration->config->role == MN_ROLE_I_HA;
}

struct mn_policy
mn_policy_judge(const struct mn_registration *registrations, unsigned count)
{
	struct mn_policy policy = {.active = -1};

	for (unsigned i = 0; i < count; i++) {
		if (!mn_registration_carries(&registrations[i]))
			continue;
		if (is_i_ha(&registrations[i]) && !policy.is_inside) {
			policy.is_inside = true;
			policy.active = (int)i;
		} else if (policy.active < 0) {
			policy.active = (int)i;
		}
	}
	return policy;
}

void
mn_policy_apply(const struct mn_policy *policy, struct mn_registration *registrations,
		unsigned count, const struct mn_instant *at, unsigned *effects)
{
	for (unsigned i = 0; i < count; i++) {
		if (is_i_ha(&registrations[i]))
			mn_registration_set_patience(&registrations[i],
						     !policy->is_inside && policy->active >= 0);
		else if (policy->is_inside)
			effects[i] |= mn_registration_stop(&registrations[i], at);
		else
			effects[i] |= mn_registration_start(&registrations[i], at);
	}
}
