/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any frame from outside, cut into any segments, through the whole path: with mobiles bound by every kind
 * of tunnel. The first octets of the input choose the mobile, where the frame is cut and what is made
 * right before it goes in, so that inputs get deep; the rest is the packet. What must hold is that nothing
 * is read or written out of bounds, that what leaves is whole, and that every buffer comes back.
 */
#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control/publish.h"
#include "dataplane/reassemble.h"
#include "dataplane/worker.h"
#include "lib/ip_check.h"
#include "lib/minenc.h"
#include "tests/fuzz/check.h"

#define POOL_SIZE 8191
#define RING_SIZE 512
#define CHOICES_LEN 4
#define AGENT RTE_BE32(0xc6336401)   /* 198.51.100.1 */
#define CARE_OF RTE_BE32(0xcb007107) /* 203.0.113.7 */
#define HOME_FIRST 0x0a090000u	     /* 10.9.0.0 and up: one for each kind */
#define MOBILE_PORT RTE_BE16(40000)

enum repair {
	REPAIR_OUTER = 0x01, /* version, length, addresses and checksum of the outer header */
	REPAIR_UDP = 0x02,   /* ports, length and no checksum */
	REPAIR_INNER = 0x04, /* addresses and checksum of the inner header */
	REPAIR_KIND = 0x08,  /* the protocols are those of the mobile's tunnel */
	REPAIR_KEEP_FRAGMENT = 0x10,
};

static struct rte_mempool *pool;
static struct rte_ring *ring;
static struct publisher *publisher;
static struct mailbox mailbox;
static struct worker *worker;

int LLVMFuzzerInitialize(int *argc, char ***argv);

static void
bind_mobiles(void)
{
	for (uint32_t kind = 0; kind < TUNNEL_NEGOTIABLE_COUNT; kind++) {
		struct recipe_spec spec = {
			.home_address = htobe32(HOME_FIRST + kind),
			.slot = kind,
			.next_hop = 1,
			.link_mtu = 576,
			.flags = RECIPE_REVERSE,
			.layer_count = 1,
			.layers = {{.kind = (enum tunnel_kind)kind,
				    .src = AGENT,
				    .dst = CARE_OF,
				    .src_port_be = htobe16(MIP_PORT),
				    .dst_port_be = MOBILE_PORT,
				    .ttl = 64}},
		};

		CHECK(publish_recipes(publisher, &spec, 1) == 0);
	}
}

static void
tables(void)
{
	static const struct publish_limits limits = {
		.worker_count = 1, .bindings_max = 64, .next_hops_max = 4, .socket = SOCKET_ID_ANY};
	struct live_settings settings = {
		.mtu = {576}, .stations = {{.mac = {2}}}, .is_home_link = {true}};
	struct next_hop hop = {.mac = {2, 2}, .state = NEXT_HOP_RESOLVED};

	publisher = publish_create(&limits);
	CHECK(publisher != NULL);
	for (unsigned i = 0; i < PUNT_CLASS_COUNT; i++)
		settings.punt_per_sec[i] = 1000000;
	settings.own[own_address_slot(AGENT)] = (struct own_address){AGENT, OWN_X_HA, PORTS_MAX};
	CHECK(publish_settings(publisher, &settings) == 0);
	publish_next_hop(publisher, 1, hop);
	CHECK(publish_route(publisher, (struct prefix){0, 0}, 1) == 0);
	bind_mobiles();
}

static uint16_t
open_port(void)
{
	struct rte_eth_conf conf = {0};
	int id;

	ring = rte_ring_create("port", RING_SIZE, 0, 0);
	CHECK(ring != NULL);
	id = rte_eth_from_rings("port", &ring, 1, &ring, 1, 0);
	CHECK(id >= 0 && rte_eth_dev_configure((uint16_t)id, 1, 1, &conf) == 0);
	CHECK(rte_eth_rx_queue_setup((uint16_t)id, 0, 64, 0, NULL, pool) == 0);
	CHECK(rte_eth_tx_queue_setup((uint16_t)id, 0, 64, 0, NULL) == 0);
	CHECK(rte_eth_dev_start((uint16_t)id) == 0);
	return (uint16_t)id;
}

/* The worker lies in DPDK's memory, where the leak checker does not look for what hangs on it. EAL makes a
 * directory for its files, of which there are none here. */
static void
clean_up(void)
{
	worker_destroy(worker);
	publish_destroy(publisher);
	rmdir(rte_eal_get_runtime_dir());
}

static void
start_eal(void)
{
	static char prefix[64];
	static char *arguments[] = {"fuzz",	"--no-huge",	  "-m512",
				    "--no-pci", "--no-telemetry", "--no-shconf",
				    "-l0",	"--log-level=3",  prefix};

	snprintf(prefix, sizeof(prefix), "--file-prefix=homeport-fuzz-%d", (int)getpid());
	CHECK(rte_eal_init(ARRAY_COUNT(arguments), arguments) >= 0);
	atexit(clean_up);
	CHECK(packet_register() == 0);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const bool multi_segments = true;
	static struct worker *peers[1];
	static uint16_t port_id;
	struct worker_config config = {
		.worker_count = 1,
		.socket = SOCKET_ID_ANY,
		.port_count = 1,
		.port_ids = &port_id,
		.port_multi_segments = &multi_segments,
		.mailbox = &mailbox,
		.slot_count = TUNNEL_NEGOTIABLE_COUNT,
		.reassembly_entries = 16,
		.reassembly_timeout_ms = 1000,
	};

	start_eal();
	pool = rte_pktmbuf_pool_create("fuzz", POOL_SIZE, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       SOCKET_ID_ANY);
	CHECK(pool != NULL && mailbox_init(&mailbox, 0, SOCKET_ID_ANY) == 0);
	port_id = open_port();
	config.pool = pool;
	tables();
	config.tables = publish_tables(publisher);
	worker = worker_create(&config, peers);
	CHECK(worker != NULL);
	peers[0] = worker;
	return 0;
}

static void
repair_inner(uint8_t *at, size_t size, uint8_t mobile)
{
	struct ip_header *ip = (struct ip_header *)at;

	if (size < sizeof(*ip))
		return;
	ip->version_ihl = IP_VERSION_IHL_PLAIN;
	ip->total_len_be = htobe16((uint16_t)size);
	ip->src = htobe32(HOME_FIRST + mobile);
	ip->checksum_be = 0;
	ip->checksum_be = checksum_of(ip, sizeof(*ip));
}

/* Behind the outer header: UDP with MIP Tunnel Data, GRE, and what they carry. */
static void
repair_tunnel(uint8_t *at, size_t size, uint8_t choices, enum tunnel_kind kind)
{
	struct udp_header *udp = (struct udp_header *)at;
	size_t used = 0;

	if (tunnel_is_udp(kind) && choices & REPAIR_UDP && size >= 12) {
		udp->src_port_be = MOBILE_PORT;
		udp->dst_port_be = htobe16(MIP_PORT);
		udp->len_be = htobe16((uint16_t)size);
		udp->checksum_be = 0;
		at[8] = MIP_TUNNEL_DATA;
		if (choices & REPAIR_KIND)
			at[9] = tunnel_protocol(kind);
		used = 12;
	}
	if (tunnel_is_gre(kind) && choices & REPAIR_KIND && size >= used + 4) {
		at[used + 2] = 0x08;
		at[used + 3] = 0x00;
		used += at[used] & 0x80 ? 8 : 4;
	}
	if (tunnel_is_minenc(kind) && size >= used + MINENC_SIZE_SHORT) {
		size_t len = at[used + 1] & MINENC_FLAG_SOURCE ? 12 : MINENC_SIZE_SHORT;
		struct minenc_header *minimal = (struct minenc_header *)(at + used);

		if (size < used + len)
			return;
		if (len == sizeof(*minimal))
			minimal->src = htobe32(HOME_FIRST + kind);
		minimal->checksum_be = 0;
		minimal->checksum_be = checksum_of(minimal, len);
		return;
	}
	if (choices & REPAIR_INNER && used < size)
		repair_inner(at + used, size - used, kind);
}

static void
repair(uint8_t *packet, size_t size, uint8_t choices, enum tunnel_kind kind)
{
	struct ip_header *ip = (struct ip_header *)packet;

	if (!(choices & REPAIR_OUTER) || size < sizeof(*ip))
		return;
	ip->version_ihl = IP_VERSION_IHL_PLAIN;
	ip->total_len_be = htobe16((uint16_t)size);
	ip->src = CARE_OF;
	ip->dst = AGENT;
	if (choices & REPAIR_KIND)
		ip->protocol = tunnel_is_udp(kind) ? IP_PROTOCOL_UDP : tunnel_protocol(kind);
	if (!(choices & REPAIR_KEEP_FRAGMENT))
		ip->fragment_be = 0;
	repair_tunnel(packet + sizeof(*ip), size - sizeof(*ip), choices, kind);
	ip->checksum_be = 0;
	ip->checksum_be = checksum_of(ip, sizeof(*ip));
}

/* A frame in segments: the first of `first_len` bytes, the others of `rest_len`. */
static struct rte_mbuf *
cut(const uint8_t *frame, size_t size, size_t first_len, size_t rest_len)
{
	struct rte_mbuf *first = NULL;

	do {
		size_t piece = RTE_MIN(first == NULL ? first_len : rest_len, size);
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);

		CHECK(mbuf != NULL);
		memcpy(rte_pktmbuf_append(mbuf, (uint16_t)piece), frame, piece);
		frame += piece;
		size -= piece;
		if (first == NULL)
			first = mbuf;
		else
			CHECK(rte_pktmbuf_chain(first, mbuf) == 0);
	} while (size > 0);
	return first;
}

/* What leaves the box is a whole packet with a right header. */
static void
check_sent(struct rte_mbuf *mbuf)
{
	uint8_t headers[sizeof(struct eth_header) + 60];
	const struct ip_header *ip =
		(const struct ip_header *)(headers + sizeof(struct eth_header));
	uint32_t len = RTE_MIN(rte_pktmbuf_pkt_len(mbuf), (uint32_t)sizeof(headers));
	const void *at = rte_pktmbuf_read(mbuf, 0, len, headers);

	rte_mbuf_sanity_check(mbuf, 1);
	CHECK(at != NULL && len >= sizeof(struct eth_header) + sizeof(*ip));
	if (at != headers)
		memcpy(headers, at, len);
	CHECK(ip_check_lengths(ip, rte_pktmbuf_pkt_len(mbuf) - sizeof(struct eth_header)) == IP_OK);
	CHECK(be16toh(ip->total_len_be) == rte_pktmbuf_pkt_len(mbuf) - sizeof(struct eth_header));
	CHECK(ip_checksum_is_right(ip));
}

static void
drain(void)
{
	struct rte_mbuf *mbuf;

	while (rte_ring_dequeue(ring, (void **)&mbuf) == 0) {
		check_sent(mbuf);
		rte_pktmbuf_free(mbuf);
	}
	while (rte_ring_dequeue(mailbox.punt, (void **)&mbuf) == 0) {
		rte_mbuf_sanity_check(mbuf, 1);
		rte_pktmbuf_free(mbuf);
	}
}

/* Fragments may wait in the table between inputs, but not for ever. */
static void
check_buffers(void)
{
	static unsigned inputs;

	if (++inputs % 64 != 0)
		return;
	worker->round_clock += rte_get_tsc_hz() * 2;
	reassemble_expire(worker);
	CHECK(rte_mempool_avail_count(pool) == POOL_SIZE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct eth_header eth = {.dst = {2}, .type_be = RTE_BE16(ETH_TYPE_IPV4)};
	uint8_t frame[sizeof(eth) + 2048];
	enum tunnel_kind kind;
	struct rte_mbuf *mbuf;

	if (size < CHOICES_LEN || size > CHOICES_LEN + 2048)
		return 0;
	kind = (enum tunnel_kind)(data[0] % TUNNEL_NEGOTIABLE_COUNT);
	memcpy(frame, &eth, sizeof(eth));
	memcpy(frame + sizeof(eth), data + CHOICES_LEN, size - CHOICES_LEN);
	repair(frame + sizeof(eth), size - CHOICES_LEN, data[1], kind);
	mbuf = cut(frame, sizeof(eth) + size - CHOICES_LEN, 1 + data[2], 32 + data[3]);
	worker->settings = live_settings_load(worker->tables);
	worker->round_clock++;
	path_receive(worker, 0, &mbuf, 1);
	worker_flush(worker);
	drain();
	check_buffers();
	return 0;
}
