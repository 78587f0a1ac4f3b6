/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_WORKER_H
#define DATAPLANE_WORKER_H

#include <rte_ip_frag.h>
#include <rte_meter.h>

#include "dataplane/counters.h"
#include "dataplane/mailbox.h"
#include "dataplane/tables.h"

struct trace;

#define BURST_MAX 256	 /* most packets that go through the stages at once */
#define BURST_RECEIVE 32 /* asked of a port at once */

/* Packets on their way to one port. */
struct transmit_buffer {
	uint16_t count;
	struct rte_mbuf *pkts[BURST_RECEIVE];
};

struct burst {
	uint16_t count;
	struct rte_mbuf *pkts[BURST_MAX];
};

struct worker_config {
	unsigned id;
	unsigned worker_count;
	int socket;
	uint16_t port_count;
	const uint16_t *port_ids;	 /* ethdev number of each port */
	const bool *port_multi_segments; /* the port can send packets of several segments */
	const struct live_tables *tables;
	struct rte_mempool *pool;
	struct mailbox *mailbox;
	uint32_t slot_count;
	unsigned reassembly_entries;
	unsigned reassembly_timeout_ms;
	bool idle_sleep;
};

/*
 * One worker: everything a core needs to carry packets. Nothing but the counters is looked at by others
 * while it runs.
 */
struct worker {
	/* read by every stage, written before the worker starts */
	const struct live_tables *tables;
	const struct live_settings *settings; /* fetched anew each round */
	struct slot_counters *slots;	      /* by recipe slot */
	struct rte_mempool *pool;
	struct mailbox *mailbox;
	struct trace *trace;
	struct rte_ring *handover; /* what other workers found for this one: dataplane/handover.h */
	struct worker **peers;	   /* all workers, by id */
	unsigned id;
	unsigned worker_count;
	uint16_t port_count;
	bool idle_sleep;
	uint16_t port_ids[PORTS_MAX];
	bool port_multi_segments[PORTS_MAX];

	/* written by this worker's stages */
	uint64_t stage_clock;	/* time stamp counter at the end of the last stage */
	uint64_t round_clock;	/* the same at the begin of this round */
	uint16_t next_id;	/* IPv4 identification of the next tunnel packet */
	bool has_pushed_sealed; /* among the last that were pushed, some are to be sealed */
	struct burst local;	/* for the box itself */
	struct burst routed;	/* no binding: by route */
	struct burst gateway;	/* out of an x-HA tunnel for the VPN gateway */
	struct burst sealed;	/* ESP for the VPN gateway */
	struct burst punted;	/* for the control core, at the end of the round */
	struct esp_engine *esp;
	uint8_t *scratch; /* SCRATCH_SIZE bytes */
	struct transmit_buffer transmit[PORTS_MAX];
	struct rte_ip_frag_tbl *fragments;
	struct rte_ip_frag_death_row death_row;
	struct rte_meter_srtcm meters[PUNT_CLASS_COUNT];
	struct rte_meter_srtcm_profile meter_profiles[PUNT_CLASS_COUNT];

	/* written by this worker, read by telemetry */
	struct worker_counters counters __attribute__((aligned(64)));

	/* set by the control core */
	_Atomic bool stop __attribute__((aligned(64)));
	_Atomic uint32_t port_down; /* a bit for each port that has disappeared */
	_Atomic be32 trace_address; /* whose packets are followed (dataplane/trace.h); 0: none */
};

/* Makes a worker; `peers` is the array of all workers, filled by the caller. Control core, before any
 * worker runs. NULL: no memory. */
struct worker *worker_create(const struct worker_config *config, struct worker **peers);
void worker_destroy(struct worker *worker); /* after it has stopped; NULL is fine */

/* Polls until `stop` is set; then sends what it holds. An lcore's main function. */
int worker_run(void *worker);

/* One round of the above: ports, other workers, control core. Returns packets seen. Tests, benchmarks. */
unsigned worker_round(struct worker *worker);

/* Sends what waits in the transmit buffers, and hands over what was punted. */
void worker_flush(struct worker *worker);

/* The paths. Each takes its packets wholly. */
void path_receive(struct worker *worker, uint8_t port, struct rte_mbuf **pkts, uint16_t n);
void path_from_mobile(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
void path_from_sa(struct worker *worker, struct rte_mbuf **pkts, uint16_t n); /* ESP, sa.h */
void path_to_mobile(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);
void path_carry(struct worker *worker, struct rte_mbuf **pkts, uint16_t n); /* TTL is seen to */
void path_route(struct worker *worker, struct rte_mbuf **pkts, uint16_t n); /* never by binding */
void path_via(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);   /* handover_key */
void path_push(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);  /* recipe is known */
/* By the `number`-th recipe of handover_key alone. */
void path_copy(struct worker *worker, struct rte_mbuf *mbuf, unsigned number);
void path_inject(struct worker *worker, struct rte_mbuf **pkts, uint16_t n);

#endif
