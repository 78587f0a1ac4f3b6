/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_ROUTE_FIXTURE_H
#define TESTS_UNIT_CONTROL_ROUTE_FIXTURE_H

#include "control/route.h"
#include "tests/unit/control/net_fixture.h"

/*
 *     port 0, external: 192.0.2.1/24, default gateway 192.0.2.254, x-HA 192.0.2.2
 *     port 1, internal: 10.0.0.1/16, home network of the i-HA 10.1.0.0/16 with the i-HA 10.1.0.1
 *     virtual home network of the x-HA: 198.51.100.0/24
 *     VPN gateway 192.0.2.3, TIA network 10.8.0.0/24
 */
#define NEXT_HOPS_MAX 2048

extern const uint8_t port_macs[2][ETH_ADDRESS_SIZE];
extern const uint8_t host_mac[ETH_ADDRESS_SIZE];
extern const uint8_t mobile_mac[ETH_ADDRESS_SIZE];
extern const uint8_t everybody[ETH_ADDRESS_SIZE];

struct route_fixture {
	struct net_fixture net;
	struct config config;
	struct config_route routes[2];
	struct config_home_network home_networks[2];
	struct publisher *publisher;
	struct route_table *table;
	struct mono_time now;
	unsigned told;
};

struct prefix prefix_of(const char *text);

struct route_fixture *fixture_create(void);
void fixture_destroy(struct route_fixture *f);

/* Past the announcements of own addresses and the requests to the gateway, which is silent. */
void settle(struct route_fixture *f);

/* Ticks every 100 ms. */
void pass_sec(struct route_fixture *f, unsigned sec);

void arp_arrives(struct route_fixture *f, uint8_t port, uint16_t operation,
		 const uint8_t *sender_mac, be32 sender, be32 target);
/* The host at `address` answers a request. */
void answers(struct route_fixture *f, uint8_t port, const char *address);
/* A packet to `dst` that a worker could not resolve. */
void packet_to(struct route_fixture *f, be32 dst);

/* What was injected next is a request for `target`, sent to `to`. */
void expect_request(struct route_fixture *f, const char *source, be32 target, const uint8_t *to);
/* Or a gratuitous ARP. */
void expect_announcement(struct route_fixture *f, const char *address, const uint8_t *mac);

/* Where the routes lead. */
struct next_hop hop_towards(struct route_fixture *f, const char *address);

#endif
