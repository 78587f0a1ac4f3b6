/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/worker.h"

#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <time.h>

#include "dataplane/drop.h"
#include "dataplane/handover.h"
#include "dataplane/punt.h"
#include "dataplane/reassemble.h"
#include "dataplane/scratch.h"
#include "dataplane/stage.h"
#include "dataplane/trace.h"
#include "dataplane/transmit.h"

#define HANDOVER_RING_SIZE 2048
#define FRAGMENT_BUCKET_ENTRIES 4
#define IDLE_ROUNDS 256 /* empty rounds before a worker that may sleeps */
#define IDLE_SLEEP_NS 50000
#define PUNT_BURST_MIN 64 /* packets of a class that may come at once, however low its rate */

static void
set_punt_rate(struct worker *worker, enum punt_class punt_class, unsigned per_sec)
{
	struct rte_meter_srtcm_params params = {
		.cir = RTE_MAX(per_sec, 1u),
		.cbs = RTE_MAX(per_sec / 10, (unsigned)PUNT_BURST_MIN),
	};

	rte_meter_srtcm_profile_config(&worker->meter_profiles[punt_class], &params);
	rte_meter_srtcm_config(&worker->meters[punt_class], &worker->meter_profiles[punt_class]);
}

/* New settings: at start and after a reload. */
static void
adopt(struct worker *worker, const struct live_settings *settings)
{
	worker->settings = settings;
	for (unsigned i = 0; i < PUNT_CLASS_COUNT; i++)
		set_punt_rate(worker, (enum punt_class)i, settings->punt_per_sec[i]);
}

static struct rte_ip_frag_tbl *
fragments_create(const struct worker_config *config)
{
	uint64_t cycles = rte_get_tsc_hz() / 1000 * config->reassembly_timeout_ms;
	uint32_t buckets =
		rte_align32pow2(RTE_MAX(config->reassembly_entries / FRAGMENT_BUCKET_ENTRIES, 1u));

	return rte_ip_frag_table_create(buckets, FRAGMENT_BUCKET_ENTRIES,
					buckets * FRAGMENT_BUCKET_ENTRIES, cycles, config->socket);
}

struct worker *
worker_create(const struct worker_config *config, struct worker **peers)
{
	struct worker *worker =
		rte_zmalloc_socket("worker", sizeof(*worker), RTE_CACHE_LINE_SIZE, config->socket);
	char name[RTE_RING_NAMESIZE];

	if (worker == NULL)
		return NULL;
	worker->tables = config->tables;
	worker->pool = config->pool;
	worker->mailbox = config->mailbox;
	worker->peers = peers;
	worker->id = config->id;
	worker->worker_count = config->worker_count;
	worker->port_count = config->port_count;
	worker->idle_sleep = config->idle_sleep;
	worker->next_id = (uint16_t)config->id;
	for (uint16_t i = 0; i < config->port_count; i++) {
		worker->port_ids[i] = config->port_ids[i];
		worker->port_multi_segments[i] = config->port_multi_segments[i];
	}
	adopt(worker, live_settings_load(config->tables));

	snprintf(name, sizeof(name), "handover-%u", config->id);
	worker->handover = rte_ring_create(name, HANDOVER_RING_SIZE, config->socket, RING_F_SC_DEQ);
	worker->fragments = fragments_create(config);
	worker->trace = trace_create(config->socket);
	worker->slots = rte_zmalloc_socket("slots", config->slot_count * sizeof(*worker->slots),
					   RTE_CACHE_LINE_SIZE, config->socket);
	worker->scratch = rte_malloc_socket("scratch", SCRATCH_SIZE, 64, config->socket);
	worker->esp = esp_engine_create();
	if (worker->handover == NULL || worker->fragments == NULL || worker->slots == NULL ||
	    worker->trace == NULL || worker->scratch == NULL || worker->esp == NULL) {
		worker_destroy(worker);
		return NULL;
	}
	return worker;
}

void
worker_destroy(struct worker *worker)
{
	struct rte_mbuf *mbuf;

	if (worker == NULL)
		return;
	while (worker->handover != NULL && rte_ring_dequeue(worker->handover, (void **)&mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	rte_ring_free(worker->handover);
	if (worker->fragments != NULL)
		rte_ip_frag_table_destroy(worker->fragments);
	esp_engine_destroy(worker->esp);
	rte_free(worker->scratch);
	rte_free(worker->slots);
	trace_destroy(worker->trace);
	rte_free(worker);
}

static unsigned
receive(struct worker *worker, uint8_t port)
{
	struct stage_counters *counters = &worker->counters.stages[STAGE_RECEIVE];
	struct rte_mbuf *pkts[BURST_RECEIVE];
	uint64_t begin = rte_rdtsc();
	uint16_t n =
		rte_eth_rx_burst(worker->port_ids[port], (uint16_t)worker->id, pkts, BURST_RECEIVE);

	if (n == 0)
		return 0;
	worker->stage_clock = rte_rdtsc();
	counters->calls++;
	counters->packets += n;
	counters->cycles += worker->stage_clock - begin;
	path_receive(worker, port, pkts, n);
	return n;
}

/* Packets of the control core. */
static unsigned
take_injected(struct worker *worker)
{
	struct rte_mbuf *pkts[BURST_RECEIVE];
	unsigned n = rte_ring_sc_dequeue_burst(worker->mailbox->inject, (void **)pkts,
					       BURST_RECEIVE, NULL);

	if (n > 0) {
		worker->stage_clock = rte_rdtsc();
		path_inject(worker, pkts, (uint16_t)n);
	}
	return n;
}

void
worker_flush(struct worker *worker)
{
	for (unsigned port = 0; port < worker->port_count; port++)
		if (worker->transmit[port].count > 0)
			transmit_flush(worker, (uint8_t)port);
	if (worker->punted.count > 0)
		punt_flush(worker);
}

unsigned
worker_round(struct worker *worker)
{
	uint32_t port_down = atomic_load_explicit(&worker->port_down, memory_order_relaxed);
	const struct live_settings *settings = live_settings_load(worker->tables);
	unsigned seen = 0;

	if (unlikely(settings != worker->settings))
		adopt(worker, settings);
	worker->round_clock = rte_rdtsc();
	for (unsigned port = 0; port < worker->port_count; port++)
		if (likely(!(port_down & 1u << port)))
			seen += receive(worker, (uint8_t)port);
	seen += handover_take(worker);
	reassemble_expire(worker);
	seen += take_injected(worker);
	worker_flush(worker);
	return seen;
}

static void
idle(void)
{
	struct timespec pause = {.tv_nsec = IDLE_SLEEP_NS};

	nanosleep(&pause, NULL);
}

int
worker_run(void *argument)
{
	struct worker *worker = argument;
	struct rte_rcu_qsbr *qsbr = worker->tables->qsbr;
	unsigned idle_rounds = 0;

	rte_rcu_qsbr_thread_register(qsbr, worker->id);
	rte_rcu_qsbr_thread_online(qsbr, worker->id);
	while (!atomic_load_explicit(&worker->stop, memory_order_relaxed)) {
		idle_rounds = worker_round(worker) > 0 ? 0 : idle_rounds + 1;
		rte_rcu_qsbr_quiescent(qsbr, worker->id);
		if (worker->idle_sleep && idle_rounds > IDLE_ROUNDS)
			idle();
	}
	rte_rcu_qsbr_thread_offline(qsbr, worker->id);
	rte_rcu_qsbr_thread_unregister(qsbr, worker->id);
	return 0;
}
