/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_SCRATCH_H
#define DATAPLANE_SCRATCH_H

#include "dataplane/worker.h"

/*
 * ESP works on contiguous bytes. A packet that lies in several segments, or has no room behind it, is
 * copied into the worker's scratch memory, worked on there, and written back. Worker.
 */
#define SCRATCH_SIZE (UINT16_MAX + 64) /* the largest IP packet and a seal's tail */

/* Copies the packet from `offset` on; its bytes there, or NULL when there are none. */
uint8_t *scratch_load(struct worker *worker, const struct rte_mbuf *mbuf, uint32_t offset);

/* Writes `len` bytes back to where they came from; makes the packet longer when they are more now. False:
 * no buffer is left. */
bool scratch_store(struct worker *worker, struct rte_mbuf *mbuf, uint32_t offset, uint32_t len);

#endif
