/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/dataplane/fixture.h"

#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define POOL_SIZE 4095
#define RING_SIZE 512
#define BINDINGS_MAX 64

const uint8_t port_macs[2][ETH_ADDRESS_SIZE] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 1, 1}};
const uint8_t hop_macs[2][ETH_ADDRESS_SIZE] = {{2, 0, 0, 0, 0, 2}, {2, 0, 0, 0, 1, 2}};

static struct fixture fixture;
static struct rte_ring *received[2][FIXTURE_WORKERS_MAX];
static struct rte_ring *sent[2][FIXTURE_WORKERS_MAX];
static uint16_t port_ids[2];
static be32 bound[BINDINGS_MAX];
static unsigned bound_count;

static int
ring_port(unsigned port)
{
	struct rte_eth_conf conf = {0};
	char name[32];
	int id;

	for (unsigned i = 0; i < FIXTURE_WORKERS_MAX; i++) {
		snprintf(name, sizeof(name), "received-%u-%u", port, i);
		received[port][i] = rte_ring_create(name, RING_SIZE, 0, 0);
		snprintf(name, sizeof(name), "sent-%u-%u", port, i);
		sent[port][i] = rte_ring_create(name, RING_SIZE, 0, 0);
		if (received[port][i] == NULL || sent[port][i] == NULL)
			return -1;
	}
	snprintf(name, sizeof(name), "port%u", port);
	id = rte_eth_from_rings(name, received[port], FIXTURE_WORKERS_MAX, sent[port],
				FIXTURE_WORKERS_MAX, 0);
	if (id < 0 ||
	    rte_eth_dev_configure((uint16_t)id, FIXTURE_WORKERS_MAX, FIXTURE_WORKERS_MAX, &conf))
		return -1;
	for (uint16_t q = 0; q < FIXTURE_WORKERS_MAX; q++)
		if (rte_eth_rx_queue_setup((uint16_t)id, q, 64, 0, NULL, fixture.pool) != 0 ||
		    rte_eth_tx_queue_setup((uint16_t)id, q, 64, 0, NULL) != 0)
			return -1;
	port_ids[port] = (uint16_t)id;
	return rte_eth_dev_start((uint16_t)id);
}

static int
tables(void)
{
	static const struct publish_limits limits = {
		.worker_count = FIXTURE_WORKERS_MAX,
		.bindings_max = BINDINGS_MAX,
		.next_hops_max = 8,
		.sas_max = FIXTURE_SAS,
		.socket = SOCKET_ID_ANY,
	};
	static const struct {
		uint8_t first, second, len_bits, hop;
	} routes[] = {{0, 0, 0, HOP_EXTERNAL},
		      {10, 0, 8, HOP_INTERNAL},
		      {10, 66, 16, HOP_UNRESOLVED},
		      {10, 77, 16, HOP_UNREACHABLE}};

	fixture.publisher = publish_create(&limits);
	if (fixture.publisher == NULL)
		return -1;
	for (unsigned i = 0; i < ARRAY_COUNT(routes); i++)
		if (publish_route(fixture.publisher,
				  (struct prefix){ADDRESS(routes[i].first, routes[i].second, 0, 0),
						  routes[i].len_bits},
				  routes[i].hop) != 0)
			return -1;
	for (uint8_t port = 0; port < 2; port++) {
		struct next_hop hop = {.port = port, .state = NEXT_HOP_RESOLVED};

		memcpy(hop.mac, hop_macs[port], sizeof(hop.mac));
		publish_next_hop(fixture.publisher, HOP_EXTERNAL + port, hop);
	}
	publish_next_hop(fixture.publisher, HOP_UNRESOLVED,
			 (struct next_hop){.port = INTERNAL, .state = NEXT_HOP_UNRESOLVED});
	return 0;
}

/* EAL makes a directory for its files, of which there are none here. */
static void
remove_runtime_directory(void)
{
	rmdir(rte_eal_get_runtime_dir());
}

int
fixture_start(void **state)
{
	char prefix[64], *argv[] = {(char[]){"test"},
				    (char[]){"--log-level=4"},
				    (char[]){"--no-huge"},
				    (char[]){"-m512"},
				    (char[]){"--no-pci"},
				    (char[]){"--no-telemetry"},
				    (char[]){"--no-shconf"},
				    (char[]){"-l0"},
				    prefix};

	snprintf(prefix, sizeof(prefix), "--file-prefix=homeport-test-%d", (int)getpid());
	if (rte_eal_init(ARRAY_COUNT(argv), argv) < 0 || packet_register() != 0)
		return -1;
	atexit(remove_runtime_directory);
	fixture.pool = rte_pktmbuf_pool_create("test", POOL_SIZE, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
					       SOCKET_ID_ANY);
	if (fixture.pool == NULL || ring_port(0) != 0 || ring_port(1) != 0)
		return -1;
	return tables();
}

static void
own(be32 address, uint8_t roles, uint8_t port)
{
	uint32_t slot = own_address_slot(address);

	while (fixture.settings.own[slot % OWN_ADDRESSES_MAX].roles != 0)
		slot++;
	fixture.settings.own[slot % OWN_ADDRESSES_MAX] = (struct own_address){address, roles, port};
}

void
fixture_settings(struct fixture *f)
{
	assert_int_equal(publish_settings(f->publisher, &f->settings), 0);
}

static void
default_settings(void)
{
	fixture.settings = (struct live_settings){
		.is_internal = {[INTERNAL] = true},
		.tia_networks = {{TIA & htobe32(0xffffff00), 24}},
		.tia_network_count = 1,
		.mtu = {FIXTURE_MTU, FIXTURE_MTU},
	};
	for (unsigned i = 0; i < ARRAY_COUNT(port_macs); i++)
		fixture.settings.stations[i] = station_of(port_macs[i]);
	for (unsigned i = 0; i < PUNT_CLASS_COUNT; i++)
		fixture.settings.punt_per_sec[i] = 1;
	own(X_HA, OWN_X_HA, PORTS_MAX);
	own(GATEWAY, OWN_VPN, PORTS_MAX);
	own(I_HA, OWN_I_HA, PORTS_MAX);
	own(EXTERNAL_ADDRESS, OWN_PORT, EXTERNAL);
	own(INTERNAL_ADDRESS, OWN_PORT, INTERNAL);
	own(EXTERNAL_BROADCAST, OWN_BROADCAST, EXTERNAL);
	own(INTERNAL_BROADCAST, OWN_BROADCAST, INTERNAL);
	own(UINT32_MAX, OWN_BROADCAST, PORTS_MAX);
	fixture_settings(&fixture);
}

struct fixture *
fixture_new(unsigned worker_count)
{
	static const bool multi_segments[2] = {true, true};
	struct worker_config config = {
		.worker_count = worker_count,
		.socket = SOCKET_ID_ANY,
		.port_count = 2,
		.port_ids = port_ids,
		.port_multi_segments = multi_segments,
		.tables = publish_tables(fixture.publisher),
		.pool = fixture.pool,
		.slot_count = 16,
		.reassembly_entries = 16,
		.reassembly_timeout_ms = 1000,
	};

	default_settings();
	fixture.worker_count = worker_count;
	for (unsigned i = 0; i < worker_count; i++) {
		assert_int_equal(mailbox_init(&fixture.mailboxes[i], i, SOCKET_ID_ANY), 0);
		config.id = i;
		config.mailbox = &fixture.mailboxes[i];
		fixture.workers[i] = worker_create(&config, fixture.workers);
		assert_non_null(fixture.workers[i]);
	}
	return &fixture;
}

void
fixture_end(struct fixture *f)
{
	assert_quiet(f);
	for (unsigned i = 0; i < f->worker_count; i++) {
		worker_destroy(f->workers[i]);
		mailbox_fini(&f->mailboxes[i]);
	}
	while (bound_count > 0)
		publish_recipes_remove(f->publisher, bound[--bound_count]);
	for (uint32_t slot = 0; slot < FIXTURE_SAS; slot++)
		publish_sa_remove(f->publisher, slot);
	assert_int_equal(publish_reclaim(f->publisher), 0);
	assert_int_equal(rte_mempool_avail_count(f->pool), POOL_SIZE);
}

struct recipe_spec
fixture_spec(enum tunnel_kind kind)
{
	return (struct recipe_spec){
		.home_address = HOME,
		.slot = 1,
		.next_hop = HOP_EXTERNAL,
		.link_mtu = FIXTURE_MTU,
		.flags = RECIPE_REVERSE,
		.layer_count = 1,
		.layers = {{.kind = kind,
			    .src = X_HA,
			    .dst = CARE_OF,
			    .src_port_be = htobe16(MIP_PORT),
			    .dst_port_be = htobe16(MOBILE_PORT),
			    .ttl = 64}},
	};
}

void
fixture_bind(struct fixture *f, const struct recipe_spec *specs, unsigned count)
{
	assert_int_equal(publish_recipes(f->publisher, specs, count), 0);
	assert_true(bound_count < BINDINGS_MAX);
	bound[bound_count++] = specs[0].home_address;
}

struct rte_mbuf *
fixture_mbuf(struct fixture *f, struct craft *bytes, uint32_t first_len, uint32_t rest_len)
{
	struct rte_mbuf *first = NULL;
	uint32_t done = 0;

	do {
		uint32_t left = bytes->len - done;
		uint32_t limit = first == NULL ? first_len : rest_len;
		uint32_t piece = RTE_MIN(left, limit == 0 ? 1600u : limit);
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(f->pool);

		assert_non_null(mbuf);
		memcpy(rte_pktmbuf_append(mbuf, (uint16_t)piece), craft_at(bytes) + done, piece);
		done += piece;
		if (first == NULL)
			first = mbuf;
		else
			assert_int_equal(rte_pktmbuf_chain(first, mbuf), 0);
	} while (done < bytes->len);
	return first;
}

void
fixture_send_frame(struct fixture *f, unsigned worker, uint8_t port, struct craft *frame,
		   uint32_t first_len, uint32_t rest_len)
{
	struct rte_mbuf *mbuf = fixture_mbuf(f, frame, first_len, rest_len);

	assert_int_equal(rte_ring_enqueue(received[port][worker], mbuf), 0);
}

void
fixture_send_to(struct fixture *f, unsigned worker, uint8_t port, struct craft *packet)
{
	craft_ethernet(packet, port_macs[port], 0x0800);
	fixture_send_frame(f, worker, port, packet, 0, 0);
	packet->len -= 14;
}

void
fixture_send(struct fixture *f, uint8_t port, struct craft *packet)
{
	fixture_send_to(f, 0, port, packet);
	fixture_run(f);
}

void
fixture_run(struct fixture *f)
{
	unsigned seen;

	do {
		seen = 0;
		for (unsigned i = 0; i < f->worker_count; i++)
			seen += worker_round(f->workers[i]);
	} while (seen > 0);
}

static void
take(struct rte_mbuf *mbuf, struct craft *bytes)
{
	rte_mbuf_sanity_check(mbuf, 1);
	bytes->len = rte_pktmbuf_pkt_len(mbuf);
	assert_true(bytes->len <= CRAFT_SIZE);
	if (rte_pktmbuf_read(mbuf, 0, bytes->len, craft_at(bytes)) != craft_at(bytes))
		memcpy(craft_at(bytes), rte_pktmbuf_mtod(mbuf, uint8_t *), bytes->len);
	rte_pktmbuf_free(mbuf);
}

bool
fixture_sent_frame(struct fixture *f, uint8_t port, struct craft *frame)
{
	struct rte_mbuf *mbuf;

	for (unsigned i = 0; i < f->worker_count; i++)
		if (rte_ring_dequeue(sent[port][i], (void **)&mbuf) == 0) {
			take(mbuf, frame);
			return true;
		}
	return false;
}

bool
fixture_sent(struct fixture *f, uint8_t port, struct craft *packet)
{
	static const uint8_t type[2] = {0x08, 0x00};
	const uint8_t *eth;

	if (!fixture_sent_frame(f, port, packet))
		return false;
	eth = craft_at(packet);
	assert_memory_equal(eth, hop_macs[port], 6);
	assert_memory_equal(eth + 6, port_macs[port], 6);
	assert_memory_equal(eth + 12, type, 2);
	packet->len -= 14;
	return true;
}

bool
fixture_punted(struct fixture *f, struct packet *packet, struct craft *bytes)
{
	struct rte_mbuf *mbuf;

	for (unsigned i = 0; i < f->worker_count; i++)
		if (rte_ring_dequeue(f->mailboxes[i].punt, (void **)&mbuf) == 0) {
			*packet = *packet_of(mbuf);
			take(mbuf, bytes);
			return true;
		}
	return false;
}

void
assert_punted(struct fixture *f, enum punt_class punt_class, struct packet *packet,
	      struct craft *bytes)
{
	assert_true(fixture_punted(f, packet, bytes));
	assert_int_equal(packet->punt_class, punt_class);
}

void
assert_drops(struct fixture *f, enum drop_reason reason, uint64_t count)
{
	for (unsigned i = 0; i < DROP_REASON_COUNT; i++) {
		uint64_t seen = 0, expected = i == reason ? count : 0;

		for (unsigned w = 0; w < f->worker_count; w++) {
			seen += f->workers[w]->counters.drops.count[i];
			f->workers[w]->counters.drops.count[i] = 0;
		}
		if (seen != expected)
			fail_msg("dropped for %s: %lu, not %lu", drop_reason_name(i), seen,
				 expected);
	}
}

void
assert_quiet(struct fixture *f)
{
	struct packet packet;
	struct craft craft;

	assert_drops(f, DROP_REASON_COUNT, 0);
	assert_false(fixture_sent_frame(f, EXTERNAL, &craft));
	assert_false(fixture_sent_frame(f, INTERNAL, &craft));
	assert_false(fixture_punted(f, &packet, &craft));
}

void
assert_same(struct craft *seen, struct craft *expected)
{
	assert_int_equal(seen->len, expected->len);
	assert_memory_equal(craft_at(seen), craft_at(expected), expected->len);
}

void
assert_sent(struct fixture *f, uint8_t port, struct craft *expected)
{
	struct craft seen;

	assert_true(fixture_sent(f, port, &seen));
	assert_same(&seen, expected);
}

struct slot_counters
fixture_slot(struct fixture *f, uint32_t slot)
{
	struct slot_counters sum = {0};

	for (unsigned i = 0; i < f->worker_count; i++) {
		sum.to_mobile_packets += f->workers[i]->slots[slot].to_mobile_packets;
		sum.to_mobile_bytes += f->workers[i]->slots[slot].to_mobile_bytes;
		sum.from_mobile_packets += f->workers[i]->slots[slot].from_mobile_packets;
		sum.from_mobile_bytes += f->workers[i]->slots[slot].from_mobile_bytes;
	}
	return sum;
}

void
craft_plain(struct craft *craft, be32 src, be32 dst, uint32_t len)
{
	craft_payload(craft, len - 28);
	craft_udp(craft, 5000, 6000);
	craft_ip(craft, &(struct craft_ip){
				.src = src,
				.dst = dst,
				.protocol = 17,
				.id = 0x1234,
				.fragment = IP_FLAG_DF,
			});
}
