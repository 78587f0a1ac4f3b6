/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_visit_choice.h"

#include "lib/prefix.h"

bool
mn_visit_prefers(enum mn_foreign_use use, bool has_own_address, const struct mn_advert_agent *agent,
		 struct mono_time now)
{
	bool is_silent, is_asked_for;

	if (agent == NULL || use == MN_FOREIGN_NEVER)
		return false;
	if (!has_own_address || use == MN_FOREIGN_REQUIRE)
		return true;
	is_silent = mono_is_before(now, agent->avoid_until);
	is_asked_for = use == MN_FOREIGN_PREFER || (agent->heard.flags & MIP_ADVERTISEMENT_R) != 0;
	return is_asked_for && !is_silent;
}

bool
mn_visit_listens(enum mn_foreign_use use, bool has_own_address, bool may_be_home)
{
	return has_own_address && (may_be_home || use == MN_FOREIGN_PREFER);
}

bool
mn_visit_may_be_home(be32 own_address, uint8_t prefix_len, be32 home_address)
{
	return own_address == 0 ||
	       prefix_contains((struct prefix){own_address, prefix_len}, home_address);
}

be32
mn_visit_care_of(const struct mn_advert_agent *agent, be32 current)
{
	for (unsigned i = 0; i < agent->heard.care_of_count; i++) {
		if (agent->heard.care_of[i] == current)
			return current;
	}
	return agent->heard.care_of[0];
}
