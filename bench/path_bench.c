/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet path, all stages from the Ethernet frame that came in to the frame that goes out, without
 * the drivers: a ring stands for the port. Cycles are time stamp counter cycles a packet, of the median
 * round; what the stages took of it are means.
 *
 *   hot   the burst's packets stay in the cache, as a NIC with direct cache access leaves them
 *   cold  packets come from memory far larger than the cache
 *
 * Destinations (or mobiles) are drawn at random from all bindings.
 */
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_random.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench_shim.h"
#include "control/publish.h"
#include "dataplane/stage.h"
#include "dataplane/transmit.h"

#define BINDINGS_MAX 1000000u
#define MBUFS_COLD 65536u
#define HOME_FIRST 0x0a000001u		  /* 10.0.0.1 and up */
#define AGENT_ADDRESS htobe32(0xc6336401) /* 198.51.100.1 */
#define CORRESPONDENT htobe32(0xcb007101) /* 203.0.113.1 */
#define CARE_OF_FIRST 0x64400001u	  /* 100.64.0.1 and up */
#define FRAME_LEN 64u
#define ROUNDS_KEPT 65536u

static const uint8_t own_mac[ETH_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 1};

struct fixture {
	struct publisher *publisher;
	struct rte_mempool *pool;
	struct rte_ring *out;
	struct mailbox mailbox;
	struct worker *worker;
	struct worker *peers[1];
	struct rte_mbuf **mbufs; /* MBUFS_COLD */
	uint32_t bindings;
	uint64_t rounds[ROUNDS_KEPT]; /* cycles of the last rounds */
};

struct direction {
	struct fixture *fixture;
	enum tunnel_kind kind;
	uint32_t bindings;
	uint16_t burst;
	bool to_mobile;
	bool cold;
	char name[64];
};

static be32
home_address(uint32_t i)
{
	return htobe32(HOME_FIRST + i);
}

static be32
care_of_address(uint32_t i)
{
	return htobe32(CARE_OF_FIRST + i);
}

static struct recipe_spec
spec_of(uint32_t i, enum tunnel_kind kind)
{
	return (struct recipe_spec){
		.home_address = home_address(i),
		.slot = i,
		.next_hop = 1,
		.link_mtu = 1500,
		.flags = RECIPE_REVERSE,
		.layer_count = 1,
		.layers = {{.kind = kind,
			    .src = AGENT_ADDRESS,
			    .dst = care_of_address(i),
			    .src_port_be = htobe16(MIP_PORT),
			    .dst_port_be = htobe16(40000),
			    .ttl = 64}},
	};
}

/* Publishes exactly `count` bindings of one kind. */
static int
bind_all(struct fixture *fixture, uint32_t count, enum tunnel_kind kind)
{
	for (uint32_t i = 0; i < RTE_MAX(count, fixture->bindings); i++) {
		struct recipe_spec spec = spec_of(i, kind);

		if (i >= count)
			publish_recipes_remove(fixture->publisher, spec.home_address);
		else if (publish_recipes(fixture->publisher, &spec, 1) != 0)
			return -1;
	}
	fixture->bindings = count;
	publish_reclaim(fixture->publisher);
	return 0;
}

static void
write_ip(struct ip_header *ip, be32 src, be32 dst, uint8_t protocol, uint16_t len)
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

/* A frame as it would arrive: plain for a home address, or through the mobile's tunnel. */
static void
write_frame(const struct direction *direction, struct rte_mbuf *mbuf)
{
	uint32_t i = (uint32_t)rte_rand_max(direction->bindings);
	struct eth_header *eth;
	uint8_t *at;
	uint16_t inner_len = FRAME_LEN - sizeof(*eth);

	rte_pktmbuf_reset(mbuf);
	eth = (struct eth_header *)rte_pktmbuf_append(mbuf, sizeof(*eth));
	memcpy(eth->dst, own_mac, sizeof(own_mac));
	eth->type_be = htobe16(ETH_TYPE_IPV4);
	if (!direction->to_mobile) {
		struct recipe_spec spec = spec_of(i, direction->kind);
		struct recipe recipe;
		uint16_t len;

		recipe_compile(&recipe, &spec);
		at = (uint8_t *)rte_pktmbuf_append(mbuf, recipe.push_len);
		memcpy(at, recipe_bytes(&recipe), recipe.push_len);
		len = (uint16_t)(inner_len + recipe.push_len);
		write_ip((struct ip_header *)at, care_of_address(i), AGENT_ADDRESS,
			 ((struct ip_header *)at)->protocol, len);
		if (tunnel_is_udp(direction->kind)) {
			struct udp_header *udp =
				(struct udp_header *)(at + sizeof(struct ip_header));

			udp->src_port_be = htobe16(40000);
			udp->dst_port_be = htobe16(MIP_PORT);
			udp->len_be = htobe16((uint16_t)(len - sizeof(struct ip_header)));
		}
	}
	at = (uint8_t *)rte_pktmbuf_append(mbuf, inner_len);
	memset(at, 0, inner_len);
	if (direction->to_mobile)
		write_ip((struct ip_header *)at, CORRESPONDENT, home_address(i), IP_PROTOCOL_UDP,
			 inner_len);
	else
		write_ip((struct ip_header *)at, home_address(i), CORRESPONDENT, IP_PROTOCOL_UDP,
			 inner_len);
}

/* One round: `burst` frames through the path. Returns the cycles it took. */
static uint64_t
one_round(const struct direction *direction, uint32_t first)
{
	struct fixture *fixture = direction->fixture;
	struct rte_mbuf *pkts[BURST_MAX], *sent[BURST_MAX];
	uint64_t begin, took;

	for (uint16_t i = 0; i < direction->burst; i++)
		pkts[i] = fixture->mbufs[(first + i) % MBUFS_COLD];
	begin = rte_rdtsc_precise();
	fixture->worker->stage_clock = begin;
	path_receive(fixture->worker, 0, pkts, direction->burst);
	worker_flush(fixture->worker);
	took = rte_rdtsc_precise() - begin;
	if (rte_ring_sc_dequeue_bulk(fixture->out, (void **)sent, direction->burst, NULL) == 0)
		rte_panic("packets got lost\n");
	return took;
}

/* What each stage took of it; and the recipe's part alone: finding and pushing it, or taking the tunnel
 * off and holding it against it. */
static void
report_stages(struct bench *bench, struct worker *worker, bool to_mobile, uint64_t packets)
{
	const struct stage_counters *stages = worker->counters.stages;
	uint64_t recipe = to_mobile ? stages[STAGE_LOOKUP].cycles + stages[STAGE_FIT].cycles +
					      stages[STAGE_PUSH].cycles
				    : stages[STAGE_STRIP].cycles + stages[STAGE_MATCH].cycles;

	bench_report(bench, "recipe", (double)recipe / (double)packets);
	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		struct stage_counters *counters = &worker->counters.stages[i];

		if (counters->packets > 0)
			bench_report(bench, stage_name((enum stage_id)i),
				     (double)counters->cycles / (double)packets);
		*counters = (struct stage_counters){0};
	}
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Rounds in which the machine did something else do not count. */
static uint64_t
median(uint64_t *values, uint32_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

static void
run(struct bench *bench, void *argument)
{
	const struct direction *direction = argument;
	struct fixture *fixture = direction->fixture;
	uint32_t span = direction->cold ? MBUFS_COLD : direction->burst;
	uint64_t packets = 0;
	uint32_t first = 0, rounds = 0;

	if (bind_all(fixture, direction->bindings, direction->kind) != 0) {
		bench_fail(bench, "the tables are too small");
		return;
	}
	for (uint32_t i = 0; i < MBUFS_COLD; i++)
		write_frame(direction, fixture->mbufs[i]);
	while (bench_next(bench)) {
		uint64_t took;

		if (!direction->cold)
			for (uint16_t i = 0; i < direction->burst; i++)
				write_frame(direction, fixture->mbufs[i]);
		else if (first + direction->burst > span)
			for (first = 0; first < MBUFS_COLD; first++)
				write_frame(direction, fixture->mbufs[first]);
		first = direction->cold ? first % MBUFS_COLD : 0;
		took = one_round(direction, first);
		first += direction->burst;
		fixture->rounds[rounds++ % ROUNDS_KEPT] = took;
		packets += direction->burst;
		bench_took(bench, (double)took / (double)rte_get_tsc_hz());
	}
	bench_report(bench, "cycles/packet",
		     (double)median(fixture->rounds, RTE_MIN(rounds, ROUNDS_KEPT)) /
			     direction->burst);
	report_stages(bench, fixture->worker, direction->to_mobile, packets);
}

/* A ring that stands for a port: what is sent can be taken out again. */
static int
ring_port(struct fixture *fixture)
{
	struct rte_eth_conf conf = {0};
	int port;

	fixture->out = rte_ring_create("out", 1024, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (fixture->out == NULL)
		return -1;
	port = rte_eth_from_rings("bench", &fixture->out, 1, &fixture->out, 1, 0);
	if (port < 0 || rte_eth_dev_configure((uint16_t)port, 1, 1, &conf) != 0 ||
	    rte_eth_rx_queue_setup((uint16_t)port, 0, 64, 0, NULL, fixture->pool) != 0 ||
	    rte_eth_tx_queue_setup((uint16_t)port, 0, 64, 0, NULL) != 0 ||
	    rte_eth_dev_start((uint16_t)port) != 0)
		return -1;
	return port;
}

static int
fixture_init(struct fixture *fixture)
{
	static const struct publish_limits limits = {
		.worker_count = 1,
		.bindings_max = BINDINGS_MAX,
		.next_hops_max = 16,
		.socket = SOCKET_ID_ANY,
	};
	static uint16_t port_id;
	static const bool multi_segments = true;
	struct live_settings settings = {.mtu = {1500}, .mac = {{2, 0, 0, 0, 0, 1}}};
	struct worker_config config = {
		.worker_count = 1,
		.socket = SOCKET_ID_ANY,
		.port_count = 1,
		.port_ids = &port_id,
		.port_multi_segments = &multi_segments,
		.mailbox = &fixture->mailbox,
		.slot_count = BINDINGS_MAX,
		.reassembly_entries = 64,
		.reassembly_timeout_ms = 1000,
	};
	int port;

	settings.own[own_address_slot(AGENT_ADDRESS)] =
		(struct own_address){AGENT_ADDRESS, OWN_X_HA, PORTS_MAX};
	fixture->pool = rte_pktmbuf_pool_create("bench", MBUFS_COLD + 1023, 0, 0,
						RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	if (fixture->pool == NULL)
		return -1;
	port = ring_port(fixture);
	fixture->mbufs = calloc(MBUFS_COLD, sizeof(struct rte_mbuf *));
	fixture->publisher = publish_create(&limits);
	if (port < 0 || fixture->mbufs == NULL || fixture->publisher == NULL ||
	    packet_register() != 0 || mailbox_init(&fixture->mailbox, 0, 0) != 0 ||
	    rte_pktmbuf_alloc_bulk(fixture->pool, fixture->mbufs, MBUFS_COLD) != 0)
		return -1;
	port_id = (uint16_t)port;
	publish_settings(fixture->publisher, &settings);
	publish_next_hop(fixture->publisher, 1,
			 (struct next_hop){{2, 0, 0, 0, 0, 2}, 0, NEXT_HOP_RESOLVED});
	publish_route(fixture->publisher, (struct prefix){0, 0}, 1);
	config.tables = publish_tables(fixture->publisher);
	config.pool = fixture->pool;
	fixture->worker = worker_create(&config, fixture->peers);
	return fixture->worker == NULL ? -1 : 0;
}

int
main(int argc, char **argv)
{
	static const uint32_t bindings[] = {1000, BINDINGS_MAX};
	static const uint16_t bursts[] = {32, 256};
	static const enum tunnel_kind kinds[] = {TUNNEL_IPIP, TUNNEL_UDP_IPIP};
	static struct direction directions[32];
	static struct fixture fixture;
	char *eal[] = {argv[0],		 "--in-memory", "--no-pci",
		       "--no-telemetry", "-l0",		"--log-level=3"};
	struct direction *next = directions;

	if (rte_eal_init(ARRAY_COUNT(eal), eal) < 0 || fixture_init(&fixture) != 0) {
		fprintf(stderr, "path_bench: cannot start; are huge pages free?\n");
		return 1;
	}
	for (unsigned i = 0; i < 32; i++, next++) {
		*next = (struct direction){
			.fixture = &fixture,
			.bindings = bindings[i >> 4 & 1],
			.kind = kinds[i >> 3 & 1],
			.to_mobile = (i & 4) == 0,
			.burst = bursts[i >> 1 & 1],
			.cold = (i & 1) != 0,
		};
		snprintf(next->name, sizeof(next->name), "%s/%s/%u-bindings/burst-%u/%s",
			 next->to_mobile ? "to-mobile" : "from-mobile",
			 tunnel_kind_name(next->kind), next->bindings, next->burst,
			 next->cold ? "cold" : "hot");
		bench_add(next->name, run, next);
	}
	return bench_main(argc, argv);
}
