/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/strongswan_compat.h"

#include "ike/address.h"
#include "ike/policy.h"
#include "ike/selector.h"

#include "lib/ike_message.h"

static enum ike_direction
direction_of(policy_dir_t direction)
{
	switch (direction) {
	case POLICY_IN:
		return IKE_DIRECTION_IN;
	case POLICY_OUT:
		return IKE_DIRECTION_OUT;
	default:
		return IKE_DIRECTION_FORWARD;
	}
}

bool
policy_of(const kernel_ipsec_policy_id_t *id, const kernel_ipsec_manage_policy_t *data,
	  struct ike_policy *policy)
{
	be16 port_be;

	*policy = (struct ike_policy){.direction = direction_of(id->dir)};
	if (!selector_of(id->src_ts, &policy->src_selector) ||
	    !selector_of(id->dst_ts, &policy->dst_selector))
		return false;
	if (data == NULL)
		return true;
	if (data->type != POLICY_IPSEC || data->sa == NULL || !data->sa->esp.use ||
	    data->sa->mode != MODE_TUNNEL)
		return false;
	policy->priority = data->prio;
	policy->spi_be = data->sa->esp.spi;
	return address_of(data->src, &policy->src, &port_be) &&
	       address_of(data->dst, &policy->dst, &port_be);
}
