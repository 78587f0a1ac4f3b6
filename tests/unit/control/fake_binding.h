/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_FAKE_BINDING_H
#define TESTS_UNIT_CONTROL_FAKE_BINDING_H

#include "control/binding.h"

/* Bindings in a list that the test writes, and a record of what was said about their tunnels. */
struct binding_table {
	struct binding bindings[512]; /* those of one home address newest first */
	unsigned count;
	unsigned latches, mtus, unreachables;
	be32 last_agent, last_care_of;
	be16 last_port_be;
	uint16_t last_mtu;
	enum tunnel_evidence last_evidence;
};

/* Links the chains of equal home addresses. */
void fake_bindings_link(struct binding_table *table);

#endif
