/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_NET_FIXTURE_H
#define TESTS_UNIT_CONTROL_NET_FIXTURE_H

#include <rte_mbuf.h>

#include "control/inject.h"
#include "control/publish.h"
#include "dataplane/counters.h"

/*
 * What tests of the network side of the control core stand on: an EAL without huge pages, a buffer pool,
 * one worker's mailbox, and a publisher that writes into plain memory (fake_publish.c).
 */
struct net_fixture {
	struct mailbox mailbox;
	struct injector injector;
	struct drop_counters drops;
};

/* Starts the EAL, once a program. 0 or -1. For cmocka's group set-up. */
int net_eal_start(void **state);

/* An empty fixture; the pool is shared by all and must be whole again at net_fixture_fini(). */
void net_fixture_init(struct net_fixture *net);
void net_fixture_fini(struct net_fixture *net);

/* A packet of these bytes, cut into segments of at most `segment_len` (0: one segment). */
struct rte_mbuf *net_mbuf(const void *data, uint16_t len, uint16_t segment_len);

/* What the code under test injected first, or NULL. The caller frees it. */
struct rte_mbuf *net_injected(struct net_fixture *net);

/* The same, which must be an ARP packet in a frame; fails the test when it is not. */
struct arp_packet net_injected_arp(struct net_fixture *net, uint8_t dst_mac[ETH_ADDRESS_SIZE]);

/* How many packets were injected and not looked at. */
unsigned net_injected_count(struct net_fixture *net);
void net_injected_discard(struct net_fixture *net);

be32 net_address(const char *text);

/* The publisher of fake_publish.c. */
struct publisher *fake_publisher_create(void);
void fake_publisher_destroy(struct publisher *publisher);
struct next_hop fake_next_hop(const struct publisher *publisher, uint32_t index);
unsigned fake_route_count(const struct publisher *publisher);
/* How often a route was published. */
unsigned fake_route_writes(const struct publisher *publisher);
/* How many more routes there is room for. */
void fake_route_room(struct publisher *publisher, unsigned room);

#endif
