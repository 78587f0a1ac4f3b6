/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_TRANSMIT_H
#define DATAPLANE_TRANSMIT_H

#include "dataplane/worker.h"

/* Queues a whole Ethernet frame on `port`; takes it. Worker. */
void transmit_frame(struct worker *worker, struct rte_mbuf *mbuf, uint8_t port);

/* Sends what is queued on `port`. Worker. */
void transmit_flush(struct worker *worker, uint8_t port);

#endif
