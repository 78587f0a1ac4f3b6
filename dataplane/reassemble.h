/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_REASSEMBLE_H
#define DATAPLANE_REASSEMBLE_H

#include "dataplane/worker.h"

/* Takes a fragment. Returns the whole packet when that completes it here; NULL: it waits, another worker has
 * it, or it was dropped. Worker. */
struct rte_mbuf *reassemble(struct worker *worker, struct rte_mbuf *mbuf);

/* Gives up the packets whose fragments have not all come in time; each fragment counts as dropped.
 * Worker, every round: it costs a glance when nothing is due. */
void reassemble_expire(struct worker *worker);

#endif
