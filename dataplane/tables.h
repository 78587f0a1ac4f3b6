/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_TABLES_H
#define DATAPLANE_TABLES_H

#include <rte_lpm.h>
#include <rte_rcu_qsbr.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "dataplane/packet.h"
#include "dataplane/recipe_table.h"
#include "lib/prefix.h"
#include "lib/recipe.h"
#include "lib/wire_eth.h"

/*
 * The live tables: all that workers look up. Workers read them without locks; control/publish.c alone
 * writes them, and frees what it replaced once every worker has passed a quiescent state.
 */

#define PORTS_MAX 16
#define TIA_NETWORKS_MAX 8
#define OWN_ADDRESSES_MAX 128 /* slots of an open-addressed table, at most half of them used */

/* What an address of the box is for; a set, since one address can be several things. */
enum own_role {
	OWN_PORT = 0x01, /* a port's own address */
	OWN_X_HA = 0x02,
	OWN_I_HA = 0x04,
	OWN_VPN = 0x10,	      /* the VPN gateway */
	OWN_BROADCAST = 0x08, /* all ones, or a directed broadcast of an own or home network */
};

struct own_address {
	be32 address;
	uint8_t roles; /* 0: the slot is free */
	uint8_t port;  /* OWN_PORT, and OWN_BROADCAST of a port's network; else PORTS_MAX */
};

/* What the box is on a port's link: how the Ethernet header of every IPv4 packet ends that it sends there. */
struct station {
	uint8_t mac[ETH_ADDRESS_SIZE];
	be16 type_be; /* ETH_TYPE_IPV4 */
} __attribute__((aligned(8)));
ASSERT_SIZE(struct station, 8);

static inline struct station
station_of(const uint8_t mac[ETH_ADDRESS_SIZE])
{
	struct station station = {.type_be = htobe16(ETH_TYPE_IPV4)};

	memcpy(station.mac, mac, sizeof(station.mac));
	return station;
}

/* Swapped as a whole at start and at reload. */
struct live_settings {
	struct own_address own[OWN_ADDRESSES_MAX];
	bool forward_external_to_internal;
	bool is_internal[PORTS_MAX];
	bool is_home_link[PORTS_MAX]; /* mobiles away from it may want its broadcasts */
	uint16_t mtu[PORTS_MAX];
	struct prefix tia_networks[TIA_NETWORKS_MAX]; /* sources valid out of an SA only */
	unsigned tia_network_count;
	bool vpn_from_inside; /* IKE and ESP are taken from internal ports, too */
	bool fragment_after_seal, drop_too_big_to_seal; /* enum fragment_policy */
	bool mss_clamp;
	unsigned punt_per_sec[PUNT_CLASS_COUNT]; /* each a worker */
	struct station stations[PORTS_MAX];
};

static inline uint32_t
own_address_slot(be32 address)
{
	return (address * 2654435769u) >> (32 - 7);
}
_Static_assert(OWN_ADDRESSES_MAX == 1 << 7, "own_address_slot yields 7 bits");

/* The entry of one of the box's own addresses, or NULL. Any core. */
static inline const struct own_address *
own_address_lookup(const struct live_settings *settings, be32 address)
{
	for (uint32_t slot = own_address_slot(address);; slot++) {
		const struct own_address *own = &settings->own[slot % OWN_ADDRESSES_MAX];

		if (own->roles == 0)
			return NULL;
		if (own->address == address)
			return own;
	}
}

/* Where a packet leaves: one word, so that readers see an old or a new one and never a mixture. */
enum next_hop_state {
	NEXT_HOP_UNREACHABLE, /* no way: virtual home network, withdrawn gateway */
	NEXT_HOP_UNRESOLVED, /* the control core asks ARP for a packet's destination or the gateway */
	NEXT_HOP_RESOLVED,
};

struct next_hop {
	uint8_t mac[ETH_ADDRESS_SIZE];
	uint8_t port;
	uint8_t state; /* enum next_hop_state */
} __attribute__((aligned(8)));
ASSERT_SIZE(struct next_hop, 8);

#define NEXT_HOP_NONE 0 /* index 0 is always unreachable */

union next_hop_word {
	struct next_hop hop;
	uint64_t word;
};

struct live_tables {
	const struct recipe_table *recipes; /* by home address */
	struct sa *_Atomic *sas;	    /* by slot; inbound ones are found by SPI */
	uint32_t sa_slots;		    /* a power of two, or 0 */
	struct rte_lpm *routes;		    /* host-order address -> next hop index */
	_Atomic uint64_t *next_hops;	    /* union next_hop_word each */
	uint32_t next_hop_count;
	_Atomic(const struct live_settings *) settings;
	struct rte_rcu_qsbr *qsbr;
};

static inline struct next_hop
next_hop_load(const struct live_tables *tables, uint32_t index)
{
	union next_hop_word word = {
		.word = atomic_load_explicit(&tables->next_hops[index], memory_order_relaxed)};

	return word.hop;
}

static inline const struct live_settings *
live_settings_load(const struct live_tables *tables)
{
	return atomic_load_explicit(&tables->settings, memory_order_acquire);
}

#endif
