/* SPDX-License-Identifier: BSD-3-Clause */
/* The flow rule for NICs that hash one address only by such a rule. The NIC is played. */
#include "dataplane/port_flow.h"

#include <errno.h>
#include <rte_ethdev.h>
#include <rte_flow.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PORT_ID 3

static struct {
	bool is_valid, can_create;
	unsigned created;
	uint64_t types;
} nic;

int __wrap_rte_flow_validate(uint16_t port_id, const struct rte_flow_attr *attr,
			     const struct rte_flow_item pattern[],
			     const struct rte_flow_action actions[], struct rte_flow_error *error);
struct rte_flow *
__wrap_rte_flow_create(uint16_t port_id, const struct rte_flow_attr *attr,
		       const struct rte_flow_item pattern[], const struct rte_flow_action actions[],
		       struct rte_flow_error *error);

int
__wrap_rte_flow_validate(uint16_t port_id, const struct rte_flow_attr *attr,
			 const struct rte_flow_item pattern[],
			 const struct rte_flow_action actions[], struct rte_flow_error *error)
{
	assert_int_equal(port_id, PORT_ID);
	assert_true(attr->ingress && !attr->egress && !attr->transfer);
	assert_int_equal(pattern[0].type, RTE_FLOW_ITEM_TYPE_ETH);
	assert_int_equal(pattern[1].type, RTE_FLOW_ITEM_TYPE_IPV4);
	assert_int_equal(pattern[2].type, RTE_FLOW_ITEM_TYPE_END);
	assert_null(pattern[1].spec);
	return nic.is_valid ? 0 : -ENOTSUP;
}

struct rte_flow *
__wrap_rte_flow_create(uint16_t port_id, const struct rte_flow_attr *attr,
		       const struct rte_flow_item pattern[], const struct rte_flow_action actions[],
		       struct rte_flow_error *error)
{
	const struct rte_flow_action_rss *rss = actions[0].conf;

	assert_true(nic.is_valid);
	assert_int_equal(actions[0].type, RTE_FLOW_ACTION_TYPE_RSS);
	assert_int_equal(actions[1].type, RTE_FLOW_ACTION_TYPE_END);
	assert_int_equal(rss->queue_num, 0);
	assert_int_equal(rss->key_len, 0);
	nic.created++;
	nic.types = rss->types;
	return nic.can_create ? (struct rte_flow *)&nic : NULL;
}

static void
outside_the_source_counts_and_inside_the_destination(void **state)
{
	nic.is_valid = nic.can_create = true;
	assert_true(port_flow_spread(PORT_ID, true));
	assert_int_equal(nic.types, RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_L3_SRC_ONLY);
	assert_true(port_flow_spread(PORT_ID, false));
	assert_int_equal(nic.types, RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_L3_DST_ONLY);
}

static void
a_nic_that_knows_no_such_rule_is_left_alone(void **state)
{
	nic.is_valid = false;
	nic.created = 0;
	assert_false(port_flow_spread(PORT_ID, true));
	assert_int_equal(nic.created, 0);
	nic.is_valid = true;
	nic.can_create = false;
	assert_false(port_flow_spread(PORT_ID, true));
	assert_int_equal(nic.created, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outside_the_source_counts_and_inside_the_destination),
		cmocka_unit_test(a_nic_that_knows_no_such_rule_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
