/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/path_rig.h"

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_random.h>
#include <stdlib.h>

static const uint8_t own_mac[ETH_ADDRESS_SIZE] = RIG_MAC;

/* A ring that stands for a port: what is sent can be taken out again. */
static int
ring_port(struct path_rig *rig)
{
	struct rte_eth_conf conf = {0};
	struct rte_ring *rings[RIG_WORKERS];
	int port;

	for (unsigned i = 0; i < RIG_WORKERS; i++) {
		char name[RTE_RING_NAMESIZE];

		snprintf(name, sizeof(name), "out-%u", i);
		rings[i] = rte_ring_create(name, 1024, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
		if (rings[i] == NULL)
			return -1;
	}
	rig->out = rings[0];
	rig->out_beside = rings[1];
	port = rte_eth_from_rings("bench", rings, RIG_WORKERS, rings, RIG_WORKERS, 0);
	if (port < 0 || rte_eth_dev_configure((uint16_t)port, RIG_WORKERS, RIG_WORKERS, &conf) != 0)
		return -1;
	for (uint16_t i = 0; i < RIG_WORKERS; i++)
		if (rte_eth_rx_queue_setup((uint16_t)port, i, 64, 0, NULL, rig->pool) != 0 ||
		    rte_eth_tx_queue_setup((uint16_t)port, i, 64, 0, NULL) != 0)
			return -1;
	return rte_eth_dev_start((uint16_t)port) == 0 ? port : -1;
}

static int
tables_init(struct path_rig *rig, const struct publish_limits *limits,
	    struct live_settings *settings)
{
	rig->publisher = publish_create(limits);
	if (rig->publisher == NULL)
		return -1;
	settings->stations[0] = station_of(own_mac);
	settings->mtu[0] = 1500;
	publish_settings(rig->publisher, settings);
	publish_next_hop(rig->publisher, RIG_NEXT_HOP,
			 (struct next_hop){{2, 0, 0, 0, 0, 2}, 0, NEXT_HOP_RESOLVED});
	return publish_route(rig->publisher, (struct prefix){0, 0}, RIG_NEXT_HOP);
}

/* Makes the rig's worker, on the queue of its number. 0 or -1. */
static int
rig_worker(struct path_rig *rig, unsigned id)
{
	static const bool multi_segments = true;
	struct worker_config config = {
		.id = id,
		.worker_count = RIG_WORKERS,
		.socket = SOCKET_ID_ANY,
		.port_count = 1,
		.port_ids = &rig->port_id,
		.port_multi_segments = &multi_segments,
		.tables = publish_tables(rig->publisher),
		.pool = rig->pool,
		.mailbox = &rig->mailbox,
		.slot_count = rig->slot_count,
		.reassembly_entries = 64,
		.reassembly_timeout_ms = 1000,
	};

	if (mailbox_init(&rig->mailbox, id, 0) != 0)
		return -1;
	rig->worker = worker_create(&config, rig->peers);
	rig->peers[id] = rig->worker;
	return rig->worker == NULL ? -1 : 0;
}

int
path_rig_beside(struct path_rig *first, struct path_rig *rig)
{
	*rig = (struct path_rig){
		.publisher = first->publisher,
		.pool = first->pool,
		.out = first->out_beside,
		.port_id = first->port_id,
		.slot_count = first->slot_count,
		.mbufs = calloc(RIG_MBUFS, sizeof(struct rte_mbuf *)),
	};
	if (rig->mbufs == NULL || rte_pktmbuf_alloc_bulk(rig->pool, rig->mbufs, BURST_MAX) != 0)
		return -1;
	return rig_worker(rig, 1);
}

int
path_rig_init(struct path_rig *rig, char *program, struct live_settings *settings,
	      uint32_t bindings_max, uint32_t sas_max)
{
	/* valgrind takes no huge pages */
	bool is_plain = getenv("HOMEPORT_BENCH_NO_HUGE") != NULL;
	char *eal[] = {program, "--no-pci",	 "--no-telemetry",
		       "-l0",	"--log-level=3", is_plain ? "--no-huge" : "--in-memory",
		       "-m1024"};
	struct publish_limits limits = {
		.worker_count = RIG_WORKERS,
		.bindings_max = bindings_max,
		.sas_max = sas_max,
		.next_hops_max = 16,
		.socket = SOCKET_ID_ANY,
	};
	int port;

	if (rte_eal_init(is_plain ? ARRAY_COUNT(eal) : ARRAY_COUNT(eal) - 1, eal) < 0 ||
	    packet_register() != 0)
		return -1;
	rte_srand(1); /* the same draws in every run */
	rig->pool = rte_pktmbuf_pool_create("bench", RIG_MBUFS + 1023, 0, 0,
					    RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	if (rig->pool == NULL)
		return -1;
	port = ring_port(rig);
	rig->mbufs = calloc(RIG_MBUFS, sizeof(struct rte_mbuf *));
	if (port < 0 || rig->mbufs == NULL ||
	    rte_pktmbuf_alloc_bulk(rig->pool, rig->mbufs, RIG_MBUFS) != 0 ||
	    tables_init(rig, &limits, settings) != 0)
		return -1;
	rig->port_id = (uint16_t)port;
	rig->slot_count = bindings_max;
	return rig_worker(rig, 0);
}

void
path_rig_begin(struct path_rig *rig)
{
	rig->round_count = 0;
	rig->octets = 0;
	memset(rig->worker->counters.stages, 0, sizeof(rig->worker->counters.stages));
}

uint64_t
path_rig_round(struct path_rig *rig, uint32_t first, uint16_t burst)
{
	struct rte_mbuf *pkts[BURST_MAX], *sent[BURST_MAX];
	uint64_t begin, took;

	for (uint16_t i = 0; i < burst; i++)
		pkts[i] = rig->mbufs[(first + i) % RIG_MBUFS];
	begin = rte_rdtsc_precise();
	rig->worker->stage_clock = begin;
	path_receive(rig->worker, 0, pkts, burst);
	worker_flush(rig->worker);
	took = rte_rdtsc_precise() - begin;
	if (rte_ring_sc_dequeue_bulk(rig->out, (void **)sent, burst, NULL) == 0)
		rte_panic("packets got lost\n");
	for (uint16_t i = 0; i < burst; i++)
		rig->octets += sent[i]->pkt_len;
	rig->rounds[rig->round_count++ % RIG_ROUNDS_KEPT] = took;
	return took;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void
path_rig_report(struct path_rig *rig, struct bench *bench, uint16_t burst)
{
	uint32_t count = RTE_MIN(rig->round_count, RIG_ROUNDS_KEPT);
	double packets = (double)rig->round_count * burst;
	uint64_t median;
	double cycles, mpps;

	if (count == 0)
		return;
	qsort(rig->rounds, count, sizeof(*rig->rounds), compare);
	median = rig->rounds[count / 2];
	cycles = (double)median / burst;
	mpps = (double)rte_get_tsc_hz() / cycles / 1e6;
	bench_report(bench, "cycles/packet", cycles);
	bench_report(bench, "Mpps", mpps);
	bench_report(bench, "Gbit/s", mpps * (double)rig->octets / packets * 8 / 1e3);
	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		struct stage_counters *counters = &rig->worker->counters.stages[i];

		if (counters->packets > 0)
			bench_report(bench, stage_name((enum stage_id)i),
				     (double)counters->cycles / packets);
	}
}

void
path_rig_write_ip(struct ip_header *ip, be32 src, be32 dst, uint8_t protocol, uint16_t len)
{
	*ip = (struct ip_header){
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16(len),
		.fragment_be = htobe16(IP_FLAG_DF),
		.ttl = 64,
		.protocol = protocol,
		.src = src,
		.dst = dst,
	};
	ip->checksum_be = checksum_of(ip, sizeof(*ip));
}

void
path_rig_write_ethernet(struct rte_mbuf *mbuf)
{
	struct eth_header *eth;

	rte_pktmbuf_reset(mbuf);
	eth = (struct eth_header *)rte_pktmbuf_append(mbuf, sizeof(*eth));
	memcpy(eth->dst, own_mac, sizeof(own_mac));
	eth->type_be = htobe16(ETH_TYPE_IPV4);
}

void
path_rig_own(struct live_settings *settings, be32 address, uint8_t roles)
{
	uint32_t slot = own_address_slot(address);

	while (settings->own[slot % OWN_ADDRESSES_MAX].roles != 0)
		slot++;
	settings->own[slot % OWN_ADDRESSES_MAX] = (struct own_address){address, roles, PORTS_MAX};
}
