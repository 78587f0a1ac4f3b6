/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/rib.h"

#include <errno.h>
#include <stdlib.h>

#include "dataplane/tables.h"

/* A network's prefix, its first address and its broadcast address. */
#define ENTRIES_A_NETWORK 3

static int
prefix_compare(struct prefix a, struct prefix b)
{
	uint32_t a_host = be32toh(a.address), b_host = be32toh(b.address);

	if (a_host != b_host)
		return a_host < b_host ? -1 : 1;
	return (int)a.len_bits - (int)b.len_bits;
}

static int
entry_compare(const void *a, const void *b)
{
	const struct rib_entry *left = a, *right = b;
	int order = prefix_compare(left->prefix, right->prefix);

	return order != 0 ? order : (int)left->kind - (int)right->kind;
}

static void
entry_add(struct rib *rib, struct rib_entry entry)
{
	entry.prefix.address = prefix_network(entry.prefix);
	entry.next_hop = NEXT_HOP_NONE;
	rib->entries[rib->count++] = entry;
}

static void
unreachable_add(struct rib *rib, be32 address)
{
	entry_add(rib, (struct rib_entry){.prefix = {address, 32}, .kind = RIB_UNREACHABLE});
}

/* RFC 3021: networks of two addresses or one have no broadcast address. */
static void
connected_add(struct rib *rib, struct prefix network, uint8_t port)
{
	entry_add(rib, (struct rib_entry){.prefix = network, .kind = RIB_CONNECTED, .port = port});
	if (network.len_bits > 30)
		return;
	unreachable_add(rib, prefix_network(network));
	unreachable_add(rib, prefix_broadcast(network));
}

static void
home_network_add(struct rib *rib, const struct config_home_network *network)
{
	if (network->port >= 0)
		connected_add(rib, network->prefix, (uint8_t)network->port);
	else
		entry_add(rib,
			  (struct rib_entry){.prefix = network->prefix, .kind = RIB_UNREACHABLE});
}

static void
entries_add(struct rib *rib, const struct config *config)
{
	for (unsigned i = 0; i < config->port_count; i++) {
		connected_add(rib, config->ports[i].network, (uint8_t)i);
		unreachable_add(rib, config->ports[i].network.address);
	}
	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		if (config->agents[i].enabled)
			unreachable_add(rib, config->agents[i].address);
	}
	if (config->vpn.enabled) {
		unreachable_add(rib, config->vpn.address);
		/* what no SA takes to a TIA goes nowhere, never out in the clear */
		for (unsigned i = 0; i < config->vpn.tia_network_count; i++)
			entry_add(rib, (struct rib_entry){.prefix = config->vpn.tia_networks[i],
							  .kind = RIB_UNREACHABLE});
	}
	for (unsigned i = 0; i < config->home_network_count; i++) {
		if (config->agents[config->home_networks[i].agent].enabled)
			home_network_add(rib, &config->home_networks[i]);
	}
	for (unsigned i = 0; i < config->route_count; i++)
		entry_add(rib, (struct rib_entry){.prefix = config->routes[i].prefix,
						  .kind = RIB_GATEWAY,
						  .gateway = config->routes[i].gateway});
}

int
rib_init(struct rib *rib, const struct config *config)
{
	unsigned most = config->port_count * (ENTRIES_A_NETWORK + 1) + AGENT_COUNT + 1 +
			config->vpn.tia_network_count +
			config->home_network_count * ENTRIES_A_NETWORK + config->route_count;
	unsigned kept = 0;

	*rib = (struct rib){.entries = calloc(most, sizeof(rib->entries[0]))};
	if (rib->entries == NULL)
		return -ENOMEM;
	entries_add(rib, config);
	qsort(rib->entries, rib->count, sizeof(rib->entries[0]), entry_compare);
	for (unsigned i = 0; i < rib->count; i++) {
		if (kept == 0 ||
		    prefix_compare(rib->entries[kept - 1].prefix, rib->entries[i].prefix) != 0)
			rib->entries[kept++] = rib->entries[i];
	}
	rib->count = kept;
	return 0;
}

void
rib_fini(struct rib *rib)
{
	free(rib->entries);
	*rib = (struct rib){0};
}

static int
key_compare(const void *key, const void *entry)
{
	return prefix_compare(*(const struct prefix *)key,
			      ((const struct rib_entry *)entry)->prefix);
}

const struct rib_entry *
rib_find(const struct rib *rib, struct prefix prefix)
{
	/* an empty table has no entries to point to, and bsearch() wants a pointer all the same */
	if (rib->count == 0)
		return NULL;
	return bsearch(&prefix, rib->entries, rib->count, sizeof(rib->entries[0]), key_compare);
}
