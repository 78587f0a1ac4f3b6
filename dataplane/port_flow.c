/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/port_flow.h"

#include <rte_ethdev.h>
#include <rte_flow.h>

bool
port_flow_spread(uint16_t port_id, bool is_external)
{
	const struct rte_flow_attr attr = {.ingress = 1};
	const struct rte_flow_item pattern[] = {
		{.type = RTE_FLOW_ITEM_TYPE_ETH},
		{.type = RTE_FLOW_ITEM_TYPE_IPV4},
		{.type = RTE_FLOW_ITEM_TYPE_END},
	};
	/* no key and no queues: those that the port has */
	const struct rte_flow_action_rss rss = {
		.types = RTE_ETH_RSS_IPV4 |
			 (is_external ? RTE_ETH_RSS_L3_SRC_ONLY : RTE_ETH_RSS_L3_DST_ONLY),
	};
	const struct rte_flow_action actions[] = {
		{.type = RTE_FLOW_ACTION_TYPE_RSS, .conf = &rss},
		{.type = RTE_FLOW_ACTION_TYPE_END},
	};
	struct rte_flow_error error;

	return rte_flow_validate(port_id, &attr, pattern, actions, &error) == 0 &&
	       rte_flow_create(port_id, &attr, pattern, actions, &error) != NULL;
}
