/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_election.h"

const char *
mn_duty_name(enum mn_duty duty)
{
	static const char *const names[MN_DUTY_COUNT] = {"rest", "probe", "ask"};

	return (unsigned)duty < MN_DUTY_COUNT ? names[duty] : "unknown";
}

static bool
is_inside(const struct mn_candidate *candidate)
{
	return candidate->place == MN_PLACE_INSIDE || candidate->place == MN_PLACE_ASLEEP;
}

static int
best_interface(const struct mn_candidate *candidates, unsigned count)
{
	int best = -1;

	for (unsigned i = 0; i < count; i++) {
		const struct mn_candidate *candidate = &candidates[i];

		if (candidate->is_vpn || !candidate->carries)
			continue;
		if (best < 0 || (is_inside(candidate) && !is_inside(&candidates[best])))
			best = (int)i;
	}
	return best;
}

/* Beside a carrier: who could be better. */
static enum mn_duty
duty_beside(const struct mn_candidate *carrier, bool is_preferred)
{
	if (is_inside(carrier))
		return is_preferred ? MN_DUTY_PROBE : MN_DUTY_REST;
	return is_preferred ? MN_DUTY_ASK : MN_DUTY_PROBE;
}

static void
assign_interfaces(const struct mn_candidate *candidates, unsigned count,
		  struct mn_election *election)
{
	bool is_turn = true;

	for (unsigned i = 0; i < count; i++) {
		const struct mn_candidate *candidate = &candidates[i];
		enum mn_duty *duty = &election->duties[i];

		*duty = MN_DUTY_REST;
		if (candidate->is_vpn || !candidate->is_attached)
			continue;
		if ((int)i == election->carrier) {
			*duty = MN_DUTY_ASK;
		} else if (election->carrier >= 0) {
			*duty = duty_beside(&candidates[election->carrier],
					    (int)i < election->carrier);
		} else if (is_turn) {
			*duty = MN_DUTY_ASK;
			is_turn = candidate->is_in_vain;
		}
	}
}

void
mn_elect(const struct mn_candidate *candidates, unsigned count, struct mn_election *election)
{
	bool is_served;

	election->carrier = best_interface(candidates, count);
	election->vpn = -1;
	assign_interfaces(candidates, count, election);
	is_served = election->carrier >= 0 && is_inside(&candidates[election->carrier]);
	for (unsigned i = 0; i < count && !is_served; i++) {
		if (!candidates[i].is_vpn || !candidates[i].is_attached)
			continue;
		election->duties[i] = MN_DUTY_ASK;
		if (candidates[i].carries && election->vpn < 0 &&
		    (election->carrier >= 0 || !candidates[i].needs_carrier))
			election->vpn = (int)i;
	}
}
