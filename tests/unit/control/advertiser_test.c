/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/advertiser.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <rte_random.h>

#include "lib/agent_advertisement.h"
#include "lib/checksum.h"
#include "tests/unit/control/net_fixture.h"

#define TICK_MS 100
#define HOME_PORT 1

static const uint8_t macs[CONFIG_PORTS_MAX][ETH_ADDRESS_SIZE] = {{2, 0, 0, 0, 0, 1},
								 {2, 0, 0, 0, 0, 2}};
static const uint8_t station_mac[ETH_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 0x50};
static const uint8_t all_systems_mac[ETH_ADDRESS_SIZE] = {0x01, 0, 0x5e, 0, 0, 0x01};

struct fixture {
	struct net_fixture net;
	struct config config;
	struct config_home_network networks[2];
	struct advertiser *advertiser;
	struct mono_time now;
};

/* What an advertisement said. */
struct advertisement {
	struct packet packet;
	struct eth_header eth;
	struct ip_header ip;
	struct icmp_router_advertisement router;
	struct mip_advertisement extension;
};

/* The i-HA's home network is on port 1, the x-HA's is virtual; `interval_sec` is the i-HA's. */
static void
fixture_init(struct fixture *f, unsigned interval_sec)
{
	const struct advertiser_context context = {
		.injector = &f->net.injector,
		.drops = &f->net.drops,
		.macs = macs,
	};

	*f = (struct fixture){.now = {NS_PER_SEC * 1000}};
	net_fixture_init(&f->net);
	f->networks[0] = (struct config_home_network){
		.agent = AGENT_X_HA, .prefix = {net_address("203.0.113.0"), 24}, .port = -1};
	f->networks[1] = (struct config_home_network){
		.agent = AGENT_I_HA, .prefix = {net_address("10.1.0.0"), 16}, .port = HOME_PORT};
	f->config.port_count = 2;
	f->config.home_networks = f->networks;
	f->config.home_network_count = 2;
	f->config.agents[AGENT_X_HA] = (struct config_agent){
		.enabled = true,
		.address = net_address("198.51.100.2"),
		.lifetime_max_sec = 600,
		.advertise_interval_sec = 4,
	};
	f->config.agents[AGENT_I_HA] = (struct config_agent){
		.enabled = true,
		.address = net_address("10.1.0.2"),
		.lifetime_max_sec = 3600,
		.gre = true,
		.advertise_interval_sec = interval_sec,
	};
	f->advertiser = advertiser_create(&context, &f->config, f->now);
	assert_non_null(f->advertiser);
}

static void
fixture_fini(struct fixture *f)
{
	assert_int_equal(net_injected_count(&f->net), 0);
	advertiser_destroy(f->advertiser);
	net_fixture_fini(&f->net);
}

/* False: none was sent. What is checked here is true of all. */
static bool
advertisement_take(struct fixture *f, struct advertisement *seen)
{
	struct rte_mbuf *mbuf = net_injected(&f->net);
	const uint8_t *data;

	if (mbuf == NULL)
		return false;
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), 60);
	data = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	seen->packet = *packet_of(mbuf);
	memcpy(&seen->eth, data, sizeof(seen->eth));
	memcpy(&seen->ip, data + 14, sizeof(seen->ip));
	memcpy(&seen->router, data + 34, sizeof(seen->router));
	memcpy(&seen->extension, data + 42, sizeof(seen->extension));
	assert_int_equal(seen->packet.punt_class, INJECT_FRAME);
	assert_memory_equal(seen->eth.src, macs[seen->packet.port], ETH_ADDRESS_SIZE);
	assert_int_equal(seen->eth.type_be, htobe16(ETH_TYPE_IPV4));
	assert_int_equal(seen->ip.total_len_be, htobe16(36));
	assert_int_equal(seen->ip.ttl, 1);
	assert_int_equal(checksum_of(data + 14, 20), 0);
	assert_int_equal(checksum_of(data + 34, 16), 0);
	assert_int_equal(seen->router.type, ICMP_TYPE_ROUTER_ADVERTISEMENT);
	assert_int_equal(seen->extension.type, 16);
	assert_int_equal(seen->extension.length, 6);
	for (unsigned i = 50; i < 60; i++)
		assert_int_equal(data[i], 0);
	rte_pktmbuf_free(mbuf);
	return true;
}

/* Goes on tick by tick until an advertisement; returns after how long, UINT64_MAX: not within that. */
static uint64_t
advertisement_await(struct fixture *f, uint64_t within_ms, struct advertisement *seen)
{
	for (uint64_t ms = 0; ms <= within_ms; ms += TICK_MS) {
		advertiser_tick(f->advertiser, f->now);
		if (advertisement_take(f, seen))
			return ms;
		f->now = mono_add_ms(f->now, TICK_MS);
	}
	return UINT64_MAX;
}

static void
solicitation_write(uint8_t bytes[28], be32 src)
{
	struct icmp_header icmp = {.type = ICMP_TYPE_ROUTER_SOLICITATION};
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16(28),
		.ttl = 1,
		.protocol = IP_PROTOCOL_ICMP,
		.src = src,
		.dst = IP_MOBILE_AGENTS,
	};

	icmp.checksum_be = checksum_of(&icmp, sizeof(icmp));
	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(bytes, &ip, sizeof(ip));
	memcpy(bytes + sizeof(ip), &icmp, sizeof(icmp));
}

static void
input(struct fixture *f, const uint8_t *bytes, uint16_t len, uint8_t port, const uint8_t *mac)
{
	struct rte_mbuf *mbuf = net_mbuf(bytes, len, 22);

	packet_of(mbuf)->port = port;
	packet_of(mbuf)->flags = PACKET_LINK_BROADCAST | PACKET_SOLICITATION;
	memcpy(packet_of(mbuf)->sender_mac, mac, ETH_ADDRESS_SIZE);
	advertiser_input(f->advertiser, mbuf, f->now);
}

static void
solicit(struct fixture *f, be32 src, uint8_t port)
{
	uint8_t bytes[28];

	solicitation_write(bytes, src);
	input(f, bytes, sizeof(bytes), port, station_mac);
}

static void
home_link_gets_what_the_agent_offers(void **state)
{
	struct advertisement seen;
	struct fixture f;

	fixture_init(&f, 100);
	assert_true(advertisement_await(&f, ADVERTISE_DELAY_MS, &seen) != UINT64_MAX);
	assert_int_equal(seen.packet.port, HOME_PORT);
	assert_memory_equal(seen.eth.dst, all_systems_mac, ETH_ADDRESS_SIZE);
	assert_int_equal(seen.ip.src, net_address("10.1.0.2"));
	assert_int_equal(seen.ip.dst, net_address("224.0.0.1"));
	assert_int_equal(seen.router.code, 0);
	assert_int_equal(seen.router.address_count, 0);
	assert_int_equal(seen.router.lifetime_be, htobe16(300));
	assert_int_equal(seen.extension.sequence_be, 0);
	assert_int_equal(seen.extension.lifetime_be, htobe16(3600));
	assert_int_equal(seen.extension.flags_be,
			 htobe16(MIP_ADVERTISEMENT_H | MIP_ADVERTISEMENT_G));
	fixture_fini(&f);
}

/* What of the configuration sets which flag besides H. */
static void
flags_follow_the_configuration(void **state)
{
	static const struct {
		struct config_agent agent;
		uint16_t flag;
	} cases[] = {
		{{.enabled = true}, 0},
		{{.enabled = true, .minimal_encapsulation = true}, 0x0800},
		{{.enabled = true, .gre = true}, 0x0400},
		{{.enabled = true, .reverse_tunnel = REVERSE_TUNNEL_OPTIONAL}, 0x0100},
		{{.enabled = true, .reverse_tunnel = REVERSE_TUNNEL_REQUIRED}, 0x0100},
		{{.enabled = true, .udp_tunnel = true}, 0x0080},
		{{.enabled = true, .revocation = true}, 0x0040},
		{{.enabled = true, .broadcasts = true, .message_string = true}, 0},
	};
	struct advertisement seen;
	struct fixture f;

	fixture_init(&f, 0);
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		f.config.agents[AGENT_I_HA] = cases[i].agent;
		advertiser_reload(f.advertiser, &f.config, f.now);
		solicit(&f, net_address("10.1.0.50"), HOME_PORT);
		assert_true(advertisement_take(&f, &seen));
		assert_int_equal(be16toh(seen.extension.flags_be), 0x2000 | cases[i].flag);
	}
	fixture_fini(&f);
}

static void
intervals_are_short_at_first_and_then_vary_by_a_quarter(void **state)
{
	uint64_t least = UINT64_MAX, most = 0;
	struct advertisement seen;
	struct fixture f;

	fixture_init(&f, 100);
	assert_true(advertisement_await(&f, ADVERTISE_DELAY_MS, &seen) != UINT64_MAX);
	for (unsigned i = 1; i <= ADVERTISE_INITIAL_COUNT; i++) {
		assert_int_equal(advertisement_await(&f, 100000, &seen), 16000);
		assert_int_equal(seen.extension.sequence_be, htobe16((uint16_t)i));
	}
	for (unsigned i = 0; i < 50; i++) {
		uint64_t ms = advertisement_await(&f, 200000, &seen);

		assert_in_range(ms, 75000, 100000 + TICK_MS);
		least = RTE_MIN(least, ms);
		most = RTE_MAX(most, ms);
	}
	assert_true(most > least);
	fixture_fini(&f);
}

static void
after_the_last_sequence_number_comes_256(void **state)
{
	struct advertisement seen = {.extension.sequence_be = 0};
	struct fixture f;

	fixture_init(&f, 0);
	for (uint32_t i = 0; i <= UINT16_MAX; i++) {
		f.now = mono_add_ms(f.now, 1000 / ADVERTISE_ANSWERS_PER_SEC);
		solicit(&f, net_address("10.1.0.50"), HOME_PORT);
		assert_true(advertisement_take(&f, &seen));
		assert_int_equal(be16toh(seen.extension.sequence_be), i);
	}
	f.now = mono_add_sec(f.now, 1);
	solicit(&f, net_address("10.1.0.50"), HOME_PORT);
	assert_true(advertisement_take(&f, &seen));
	assert_int_equal(be16toh(seen.extension.sequence_be), 256);
	fixture_fini(&f);
}

static void
who_solicits_is_told_at_once_where_it_asked_from(void **state)
{
	static const char *const sources[] = {"10.1.0.50", "192.0.2.77"}; /* a neighbour, and not */
	struct advertisement seen;
	struct fixture f;

	fixture_init(&f, 0);
	for (unsigned i = 0; i < ARRAY_COUNT(sources); i++) {
		solicit(&f, net_address(sources[i]), HOME_PORT);
		assert_true(advertisement_take(&f, &seen));
		assert_int_equal(seen.packet.port, HOME_PORT);
		assert_memory_equal(seen.eth.dst, station_mac, ETH_ADDRESS_SIZE);
		assert_int_equal(seen.ip.src, net_address("10.1.0.2"));
		assert_int_equal(seen.ip.dst, net_address(sources[i]));
		assert_int_equal(seen.router.lifetime_be, htobe16(1800));
		assert_int_equal(seen.extension.sequence_be, htobe16((uint16_t)i));
	}
	assert_true(advertisement_await(&f, 3600 * 1000, &seen) == UINT64_MAX);
	fixture_fini(&f);
}

static void
who_has_no_address_is_told_with_all_the_others(void **state)
{
	struct advertisement seen;
	struct fixture f;

	fixture_init(&f, 0);
	for (unsigned i = 0; i < 5; i++)
		solicit(&f, 0, HOME_PORT);
	assert_false(advertisement_take(&f, &seen));
	assert_true(advertisement_await(&f, ADVERTISE_DELAY_MS, &seen) != UINT64_MAX);
	assert_memory_equal(seen.eth.dst, all_systems_mac, ETH_ADDRESS_SIZE);
	assert_int_equal(seen.ip.dst, net_address("224.0.0.1"));
	assert_true(advertisement_await(&f, 60000, &seen) == UINT64_MAX); /* one for all five */
	fixture_fini(&f);
}

/* A flood of both kinds for a minute: single answers at their rate, those to all well apart. */
static void
flood_is_answered_within_the_rates_and_the_next_one_still(void **state)
{
	unsigned alone = 0, to_all = 0;
	struct mono_time last = {0};
	struct advertisement seen;
	struct fixture f;

	fixture_init(&f, 4);
	for (unsigned ms = 0; ms < 60000; ms += TICK_MS) {
		for (unsigned i = 0; i < 50; i++)
			solicit(&f, i % 5 == 0 ? 0 : net_address("10.1.0.50"), HOME_PORT);
		advertiser_tick(f.advertiser, f.now);
		while (advertisement_take(&f, &seen)) {
			if (seen.ip.dst != net_address("224.0.0.1")) {
				alone++;
				continue;
			}
			assert_true(last.ns == 0 || mono_ms_until(last, f.now) >= 3000);
			last = f.now;
			to_all++;
		}
		f.now = mono_add_ms(f.now, TICK_MS);
	}
	assert_in_range(alone, 60 * 20 - 20, 60 * 20 + 20);
	assert_in_range(to_all, 10, 20);
	fixture_fini(&f);
}

static void
nothing_is_said_where_no_home_is(void **state)
{
	struct advertisement seen;
	struct fixture f;

	fixture_init(&f, 0);
	solicit(&f, net_address("198.51.100.50"), 0);
	solicit(&f, net_address("198.51.100.50"), UINT8_MAX);
	assert_int_equal(f.net.drops.count[DROP_ICMP_IGNORED], 2);
	/* the x-HA would advertise each 4 s, but its network is on no link */
	assert_true(advertisement_await(&f, 60000, &seen) == UINT64_MAX);
	fixture_fini(&f);
}

static void
two_home_agents_of_a_link_speak_each_for_itself(void **state)
{
	struct advertisement first, second;
	struct fixture f;

	fixture_init(&f, 0);
	f.networks[0].port = HOME_PORT;
	f.config.agents[AGENT_X_HA].advertise_interval_sec = 0;
	advertiser_reload(f.advertiser, &f.config, f.now);
	solicit(&f, net_address("10.1.0.50"), HOME_PORT);
	assert_true(advertisement_take(&f, &first));
	assert_true(advertisement_take(&f, &second));
	assert_int_equal(first.ip.src, net_address("198.51.100.2"));
	assert_int_equal(first.extension.lifetime_be, htobe16(600));
	assert_int_equal(second.ip.src, net_address("10.1.0.2"));
	assert_int_equal(first.extension.sequence_be, 0);
	assert_int_equal(second.extension.sequence_be, 0);
	fixture_fini(&f);
}

static void
hostile_solicitations_are_dropped(void **state)
{
	static const uint8_t group_mac[ETH_ADDRESS_SIZE] = {0x03, 0, 0, 0, 0, 1};
	static const uint8_t no_mac[ETH_ADDRESS_SIZE];
	static uint8_t large[AGENT_SOLICITATION_SIZE_MAX + 1];
	struct advertisement seen;
	uint8_t bytes[28];
	struct fixture f;

	fixture_init(&f, 0);
	solicitation_write(bytes, net_address("10.1.0.50"));
	input(&f, bytes, 28, HOME_PORT, group_mac);
	input(&f, bytes, 28, HOME_PORT, no_mac);
	for (uint16_t len = 1; len < 28; len++)
		input(&f, bytes, len, HOME_PORT, station_mac);
	memcpy(large, bytes, sizeof(bytes));
	input(&f, large, sizeof(large), HOME_PORT, station_mac);
	bytes[25] ^= 1;
	input(&f, bytes, 28, HOME_PORT, station_mac);
	assert_int_equal(f.net.drops.count[DROP_ICMP_INVALID], 2 + 27 + 1 + 1);
	assert_true(advertisement_await(&f, 60000, &seen) == UINT64_MAX);
	fixture_fini(&f);
}

static void
reload_begins_and_ends_links_and_keeps_the_sequence(void **state)
{
	struct advertisement seen;
	struct fixture f;
	struct config wanted;

	fixture_init(&f, 100);
	assert_true(advertisement_await(&f, ADVERTISE_DELAY_MS, &seen) != UINT64_MAX);
	wanted = f.config;
	advertiser_reload(f.advertiser, &wanted, f.now); /* the same: no advertisement of its own */
	assert_int_equal(advertisement_await(&f, 60000, &seen), 16000);
	wanted.home_network_count = 1;
	advertiser_reload(f.advertiser, &wanted, f.now);
	assert_true(advertisement_await(&f, 200000, &seen) == UINT64_MAX);
	advertiser_reload(f.advertiser, &f.config, f.now);
	assert_true(advertisement_await(&f, ADVERTISE_DELAY_MS, &seen) != UINT64_MAX);
	assert_int_equal(seen.extension.sequence_be, htobe16(2));
	fixture_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(home_link_gets_what_the_agent_offers),
		cmocka_unit_test(flags_follow_the_configuration),
		cmocka_unit_test(intervals_are_short_at_first_and_then_vary_by_a_quarter),
		cmocka_unit_test(after_the_last_sequence_number_comes_256),
		cmocka_unit_test(who_solicits_is_told_at_once_where_it_asked_from),
		cmocka_unit_test(who_has_no_address_is_told_with_all_the_others),
		cmocka_unit_test(flood_is_answered_within_the_rates_and_the_next_one_still),
		cmocka_unit_test(nothing_is_said_where_no_home_is),
		cmocka_unit_test(two_home_agents_of_a_link_speak_each_for_itself),
		cmocka_unit_test(hostile_solicitations_are_dropped),
		cmocka_unit_test(reload_begins_and_ends_links_and_keeps_the_sequence),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
