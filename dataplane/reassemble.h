/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_REASSEMBLE_H
#define DATAPLANE_REASSEMBLE_H

#include "dataplane/worker.h"

/* Gives up packets whose fragments have not all come in time. Cheap when there are none. Worker, every
 * round. */
void reassemble_expire(struct worker *worker);

#endif
