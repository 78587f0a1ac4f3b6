/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_SELECTOR_H
#define DATAPLANE_SELECTOR_H

#include "dataplane/packet.h"
#include "lib/traffic_selector.h"

/*
 * Whether the packet goes from one of the selectors `from` to one of `to` (RFC 4301 section 4.4.1.1).
 * Fragments behind the first have no ports: only selectors of any port have them (section 7.1). Worker.
 */
bool selectors_match(const struct traffic_selector *from, unsigned from_count,
		     const struct traffic_selector *to, unsigned to_count, struct rte_mbuf *mbuf);

#endif
