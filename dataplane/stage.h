/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_STAGE_H
#define DATAPLANE_STAGE_H

#include <rte_cycles.h>

#include "dataplane/trace.h"

/*
 * Stages. Every one has the same shape: it takes `n` packets and returns how many go on, packed in
 * order at the front; each of the others it has dropped with a reason, punted to the control core, or
 * put on another list of the worker. A stage has its own file, named like it, whose first comment says
 * what the stage decides. Nothing in a stage logs, allocates, locks or calls the system.
 */
uint16_t stage_ether_input(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_ip_input(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_local(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_demux(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_strip(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_open(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_admit(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_match(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_ttl(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_lookup(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_fit(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_push(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_seal(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_route(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
uint16_t stage_transmit(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);

/* Pushes one recipe of a home address that has several, the `number`-th behind the first that is open, seals
 * and sends: for the copies. The worker that owns the SA does it: others hand the packet over. */
void push_copy(struct worker *worker, struct rte_mbuf *mbuf, const struct recipe *recipe,
	       unsigned number);

/* Runs a stage and accounts for it: one reading of the time stamp counter a stage, since each begins
 * where the one before it ended. */
static inline __attribute__((always_inline)) uint16_t
stage_run(struct worker *worker, enum stage_id id,
	  uint16_t (*stage)(struct worker *, struct rte_mbuf **, uint16_t), struct rte_mbuf **pkts,
	  uint16_t n)
{
	struct stage_counters *counters = &worker->counters.stages[id];
	uint64_t now;

	if (n == 0)
		return 0;
	counters->calls++;
	counters->packets += n;
	if (unlikely(trace_is_on(worker)))
		trace_stage(worker, id, pkts, n);
	n = stage(worker, pkts, n);
	now = rte_rdtsc();
	counters->cycles += now - worker->stage_clock;
	worker->stage_clock = now;
	return n;
}

#endif
