/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports: those on interfaces of the kernel, and what a device hashes by. */
#include "dataplane/port.h"

#include <net/if.h>
#include <rte_ethdev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
port_is_gone_when_another_interface_has_its_name(void **state)
{
	struct port port = {.interface = "lo", .interface_index = if_nametoindex("lo")};

	assert_int_not_equal(port.interface_index, 0);
	assert_true(port_is_present(&port));
	port.interface_index++;
	assert_false(port_is_present(&port));
}

static void
port_is_gone_with_its_interface(void **state)
{
	const struct port port = {.interface = "no-such-one", .interface_index = 7};

	assert_false(port_is_present(&port));
}

static void
what_chooses_the_worker_is_told(void **state)
{
	static const struct {
		struct port port;
		const char *text;
	} cases[] = {
		{{.hash_types = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_L3_SRC_ONLY},
		 "the mobile's address"},
		{{.hash_types = RTE_ETH_RSS_IPV4, .has_flow_rule = true},
		 "the mobile's address, by a flow rule"},
		{{.hash_types = RTE_ETH_RSS_IPV4}, "both addresses"},
		{{.hash_types = RTE_ETH_RSS_NONFRAG_IPV4_UDP}, "addresses and ports"},
		{{.hash_types = 0}, "what the device decides"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(port_spread_text(&cases[i].port), cases[i].text);
}

static void
assert_arguments(const char *device, uint16_t rx, uint16_t tx, const char *expected)
{
	const struct port_config config = {
		.device = device,
		.queues = 2,
		.rx_descriptors = rx,
		.tx_descriptors = tx,
	};
	char arguments[512];

	port_device_arguments(&config, arguments, sizeof(arguments));
	assert_string_equal(arguments, expected);
}

static void
rings_of_the_kernel_are_as_large_as_configured(void **state)
{
	assert_arguments("net_af_packet0,iface=a", 4096, 1024,
			 "net_af_packet0,iface=a,qpairs=2,framecnt=4096");
	assert_arguments("net_af_packet0,iface=a", 1024, 4096,
			 "net_af_packet0,iface=a,qpairs=2,framecnt=4096");
	assert_arguments("net_af_packet0,iface=a", 1000, 65, /* whole blocks */
			 "net_af_packet0,iface=a,qpairs=2,framecnt=1024");
}

static void
what_the_device_says_itself_stays(void **state)
{
	assert_arguments("net_af_packet0,iface=a,qpairs=1,framecnt=512", 4096, 4096,
			 "net_af_packet0,iface=a,qpairs=1,framecnt=512");
	assert_arguments("0000:03:00.0", 4096, 4096, "0000:03:00.0");
	assert_arguments("net_tap0,iface=a", 4096, 4096, "net_tap0,iface=a");
}

/* type offered, and what is taken of it outside and inside */
static void
port_hashes_by_the_mobiles_address(void **state)
{
	static const uint64_t both = RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L3_DST_ONLY;
	static const uint64_t i40e = RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV4_OTHER;
	static const uint64_t ipv4 = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4;
	static const struct {
		uint64_t offered, outside, inside;
	} cases[] = {
		{0, 0, 0},
		{RTE_ETH_RSS_IPV6, 0, 0},
		{RTE_ETH_RSS_FRAG_IPV4 | i40e, RTE_ETH_RSS_FRAG_IPV4 | i40e,
		 RTE_ETH_RSS_FRAG_IPV4 | i40e},
		{both, 0, 0},
		{RTE_ETH_RSS_IPV4, RTE_ETH_RSS_IPV4, RTE_ETH_RSS_IPV4},
		{ipv4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP, ipv4, ipv4},
		{ipv4 | both, ipv4 | RTE_ETH_RSS_L3_SRC_ONLY, ipv4 | RTE_ETH_RSS_L3_DST_ONLY},
		{ipv4 | RTE_ETH_RSS_L3_SRC_ONLY, ipv4 | RTE_ETH_RSS_L3_SRC_ONLY, ipv4},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(port_hash_types(cases[i].offered, true), cases[i].outside);
		assert_int_equal(port_hash_types(cases[i].offered, false), cases[i].inside);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_is_gone_when_another_interface_has_its_name),
		cmocka_unit_test(port_is_gone_with_its_interface),
		cmocka_unit_test(what_chooses_the_worker_is_told),
		cmocka_unit_test(rings_of_the_kernel_are_as_large_as_configured),
		cmocka_unit_test(what_the_device_says_itself_stays),
		cmocka_unit_test(port_hashes_by_the_mobiles_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
