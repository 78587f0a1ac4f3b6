/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/net_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <rte_eal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/recipe.h"

#define POOL_SIZE 8191

static struct rte_mempool *pool;

/* EAL makes a directory for its files, of which there are none here. */
static void
remove_runtime_directory(void)
{
	rmdir(rte_eal_get_runtime_dir());
}

int
net_eal_start(void **state)
{
	char prefix[64], name[] = "test", no_huge[] = "--no-huge", memory[] = "-m", size[] = "256",
			 no_pci[] = "--no-pci", quiet[] = "--log-level=4",
			 no_telemetry[] = "--no-telemetry", no_shconf[] = "--no-shconf";
	char *argv[] = {name,	quiet,	      no_huge,	 memory, size,
			no_pci, no_telemetry, no_shconf, prefix};

	snprintf(prefix, sizeof(prefix), "--file-prefix=homeport-test-%d", (int)getpid());
	if (rte_eal_init((int)(sizeof(argv) / sizeof(argv[0])), argv) < 0)
		return -1;
	atexit(remove_runtime_directory);
	if (packet_register() != 0)
		return -1;
	pool = rte_pktmbuf_pool_create("test", POOL_SIZE, 0, 0, RECIPE_HEADROOM + 2048,
				       SOCKET_ID_ANY);
	return pool != NULL ? 0 : -1;
}

void
net_fixture_init(struct net_fixture *net)
{
	static unsigned id = 1000; /* a test that failed leaves its rings behind */

	*net = (struct net_fixture){0};
	assert_int_equal(mailbox_init(&net->mailbox, id++, SOCKET_ID_ANY), 0);
	net->injector = (struct injector){
		.pool = pool,
		.mailboxes = &net->mailbox,
		.mailbox_count = 1,
	};
}

void
net_fixture_fini(struct net_fixture *net)
{
	mailbox_fini(&net->mailbox);
	assert_int_equal(rte_mempool_avail_count(pool), POOL_SIZE);
}

struct rte_mbuf *
net_mbuf(const void *data, uint16_t len, uint16_t segment_len)
{
	struct rte_mbuf *first = NULL;
	const uint8_t *bytes = data;

	do {
		uint16_t piece = segment_len != 0 && len > segment_len ? segment_len : len;
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);

		assert_non_null(mbuf);
		memcpy(rte_pktmbuf_append(mbuf, piece), bytes, piece);
		bytes += piece;
		len = (uint16_t)(len - piece);
		if (first == NULL)
			first = mbuf;
		else
			assert_int_equal(rte_pktmbuf_chain(first, mbuf), 0);
	} while (len > 0);
	*packet_of(first) = (struct packet){.origin = ORIGIN_INTERNAL};
	return first;
}

struct rte_mbuf *
net_injected(struct net_fixture *net)
{
	struct rte_mbuf *mbuf = NULL;

	return rte_ring_dequeue(net->mailbox.inject, (void **)&mbuf) == 0 ? mbuf : NULL;
}

struct arp_packet
net_injected_arp(struct net_fixture *net, uint8_t dst_mac[ETH_ADDRESS_SIZE])
{
	struct rte_mbuf *mbuf = net_injected(net);
	const struct eth_header *eth;
	struct arp_packet arp;

	assert_non_null(mbuf);
	assert_int_equal(packet_of(mbuf)->punt_class, INJECT_FRAME);
	assert_true(rte_pktmbuf_data_len(mbuf) >= sizeof(*eth) + sizeof(arp));
	eth = rte_pktmbuf_mtod(mbuf, const struct eth_header *);
	assert_int_equal(eth->type_be, htobe16(ETH_TYPE_ARP));
	memcpy(dst_mac, eth->dst, ETH_ADDRESS_SIZE);
	memcpy(&arp, eth + 1, sizeof(arp));
	rte_pktmbuf_free(mbuf);
	return arp;
}

unsigned
net_injected_count(struct net_fixture *net)
{
	return rte_ring_count(net->mailbox.inject);
}

void
net_injected_discard(struct net_fixture *net)
{
	struct rte_mbuf *mbuf;

	while ((mbuf = net_injected(net)) != NULL)
		rte_pktmbuf_free(mbuf);
}

be32
net_address(const char *text)
{
	be32 address;

	assert_int_equal(address_parse(text, &address), 0);
	return address;
}
