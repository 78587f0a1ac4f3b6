/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_PORT_FLOW_H
#define DATAPLANE_PORT_FLOW_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Has a started port choose the queue of IPv4 packets by the mobile's address alone, outside the source,
 * inside the destination, by a flow rule: for NICs that do not offer that with RSS itself (ice). False: there
 * is no such rule for this device, and all stays as it is. The rule goes when the port is closed. Control core.
 */
bool port_flow_spread(uint16_t port_id, bool is_external);

#endif
