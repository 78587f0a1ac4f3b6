/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_SOLICITATION_H
#define DATAPLANE_SOLICITATION_H

#include "dataplane/worker.h"

/*
 * True for an Agent Solicitation (RFC 5944 section 2.2) on the link of a home network, sent to all on the
 * link or to one of the groups where home agents listen: the one multicast that the box takes in. `mbuf`
 * begins with a whole IP header and is not changed; the control core looks at the rest. Worker.
 */
bool is_solicitation(const struct worker *worker, struct rte_mbuf *mbuf);

#endif
