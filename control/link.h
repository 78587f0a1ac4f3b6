/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_LINK_H
#define CONTROL_LINK_H

#include "control/config.h"
#include "lib/mono_time.h"
#include "lib/wire_eth.h"

struct injector;

/*
 * The links that the box's ports are on: which networks each carries, and which of the box's addresses
 * live there. Those are announced at start, answered for, and defended when another station claims
 * them (RFC 5227 sections 2.3 and 2.4 (c)). Control core.
 */
#define LINK_OWN_MAX (2 + AGENT_COUNT) /* the port's address, the home agents', the VPN gateway's */

struct link_own {
	be32 address;
	unsigned announcements_left;
	struct mono_time announce_at;
	bool had_conflict;
	struct mono_time last_conflict;
};

struct link {
	char name[CONFIG_NAME_SIZE]; /* the port's, for the log */
	uint8_t mac[ETH_ADDRESS_SIZE];
	uint16_t mtu;
	struct prefix network; /* with the port's address */
	struct link_own own[LINK_OWN_MAX];
	unsigned own_count;
};

struct link_network {
	struct prefix prefix;
	uint8_t port;
};

struct links {
	struct link links[CONFIG_PORTS_MAX];
	unsigned count;
	struct link_network *home_networks; /* those on a link */
	unsigned home_network_count;
};

/* Takes what it needs out of `config`. 0 or -ENOMEM. */
int links_init(struct links *links, const struct config *config,
	       const uint8_t (*macs)[ETH_ADDRESS_SIZE]);
void links_fini(struct links *links);

/* True when hosts of that address can be on the port's link. */
bool link_carries(const struct links *links, uint8_t port, be32 address);

/* The port on whose link `address` is, or -1. Ports' own networks come before home networks. */
int links_port_of(const struct links *links, be32 address);

/* The port on whose link is the home network that `home_address` belongs to; -1: virtual or none. */
int links_home_port(const struct links *links, be32 home_address);

/* The box's own address there, or NULL. */
struct link_own *link_own_find(struct links *links, uint8_t port, be32 address);

/* The own address to ask `target` from: of the same network when there is one. */
be32 link_source(const struct links *links, uint8_t port, be32 target);

/* Another station claims the own address `own`: announces it once more unless the last conflict is less
 * than ten seconds old. */
void link_defend(struct links *links, struct injector *injector, uint8_t port, struct link_own *own,
		 struct mono_time now);

/* Sends the announcements that are due. */
void links_tick(struct links *links, struct injector *injector, struct mono_time now);

#endif
