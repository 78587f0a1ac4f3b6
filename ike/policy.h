/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_POLICY_H
#define IKE_POLICY_H

#include <stdbool.h>

struct ike_policy;
struct kernel_ipsec_manage_policy_t;
struct kernel_ipsec_policy_id_t;

/*
 * What the box is to know of a policy; `data` is NULL when it is only asked for. False: not one that leads
 * IPv4 to an ESP tunnel, so none of the box's business. Any thread.
 */
bool policy_of(const struct kernel_ipsec_policy_id_t *id,
	       const struct kernel_ipsec_manage_policy_t *data, struct ike_policy *policy);

#endif
