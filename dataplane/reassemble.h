/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_REASSEMBLE_H
#define DATAPLANE_REASSEMBLE_H

#include "dataplane/worker.h"

/* Gives up the packets whose fragments have not all come in time; each fragment counts as dropped.
 * Worker, every
 * round: it costs a glance when nothing is due. */
void reassemble_expire(struct worker *worker);

#endif
