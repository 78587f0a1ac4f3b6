/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_compare.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/config_section.h"

struct comparison {
	void (*visit)(const char *key, void *context);
	void *context;
	int count;
};

/* A field whose bytes say whether it changed: numbers, and texts that are zero behind their end. */
struct field {
	const char *key;
	size_t offset;
	size_t size;
};

#define FIELD(type, key_text, field)                                           \
	{                                                                      \
		key_text, offsetof(type, field), sizeof(((type *)NULL)->field) \
	}

static const struct field config_fields[] = {
	FIELD(struct config, "eal.main_core", eal.main_core),
	FIELD(struct config, "eal.huge_pages", eal.huge_pages),
	FIELD(struct config, "eal.memory_mb", eal.memory_mb),
	FIELD(struct config, "eal.file_prefix", eal.file_prefix),
	FIELD(struct config, "eal.buffers", eal.buffers),
	FIELD(struct config, "eal.idle_sleep", eal.idle_sleep),
	FIELD(struct config, "runtime_directory", runtime_directory),
	FIELD(struct config, "limits.bindings_max", limits.bindings_max),
	FIELD(struct config, "limits.reassembly_entries", limits.reassembly_entries),
	FIELD(struct config, "limits.reassembly_timeout_ms", limits.reassembly_timeout_ms),
};

static const struct field port_fields[] = {
	FIELD(struct config_port, "name", name),
	FIELD(struct config_port, "device", device),
	FIELD(struct config_port, "role", is_internal),
	FIELD(struct config_port, "mtu", mtu),
	FIELD(struct config_port, "rx_descriptors", rx_descriptors),
	FIELD(struct config_port, "tx_descriptors", tx_descriptors),
};

static const struct field vpn_fields[] = {
	FIELD(struct config, "vpn.address", vpn.address),
	FIELD(struct config, "vpn.sas_max", vpn.sas_max),
	FIELD(struct config, "ike.socket", ike.socket),
	FIELD(struct config, "ike.supervise", ike.supervise),
	FIELD(struct config, "ike.charon", ike.charon),
	FIELD(struct config, "ike.strongswan_conf", ike.strongswan_conf),
	FIELD(struct config, "ike.swanctl_directory", ike.swanctl_directory),
	FIELD(struct config, "ike.user", ike.uid),
};

static void
report(struct comparison *comparison, const char *key)
{
	comparison->visit(key, comparison->context);
	comparison->count++;
}

static bool
field_differs(const struct field *field, const void *a, const void *b)
{
	return memcmp((const char *)a + field->offset, (const char *)b + field->offset,
		      field->size) != 0;
}

static void
compare_eal_lists(const struct config_eal *a, const struct config_eal *b,
		  struct comparison *comparison)
{
	if (a->worker_count != b->worker_count ||
	    memcmp(a->worker_cores, b->worker_cores, a->worker_count * sizeof(unsigned)) != 0)
		report(comparison, "eal.worker_cores");
	if (a->extra_count != b->extra_count ||
	    memcmp(a->extra, b->extra, a->extra_count * sizeof(a->extra[0])) != 0)
		report(comparison, "eal.extra");
}

static void
compare_port(unsigned index, const struct config_port *a, const struct config_port *b,
	     struct comparison *comparison)
{
	char key[CONFIG_NAME_SIZE];

	for (unsigned i = 0; i < ARRAY_COUNT(port_fields); i++) {
		if (!field_differs(&port_fields[i], a, b))
			continue;
		snprintf(key, sizeof(key), "ports[%u].%s", index, port_fields[i].key);
		report(comparison, key);
	}
	if (a->network.address != b->network.address ||
	    a->network.len_bits != b->network.len_bits) {
		snprintf(key, sizeof(key), "ports[%u].address", index);
		report(comparison, key);
	}
}

static void
compare_ports(const struct config *a, const struct config *b, struct comparison *comparison)
{
	if (a->port_count != b->port_count) {
		report(comparison, "ports");
		return;
	}
	for (unsigned i = 0; i < a->port_count; i++)
		compare_port(i, &a->ports[i], &b->ports[i], comparison);
}

static void
compare_agents(const struct config *a, const struct config *b, struct comparison *comparison)
{
	static const char *const sections[AGENT_COUNT] = {"x_ha", "i_ha"};
	static const char *const addresses[AGENT_COUNT] = {"x_ha.address", "i_ha.address"};

	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		if (a->agents[i].enabled != b->agents[i].enabled)
			report(comparison, sections[i]);
		else if (a->agents[i].address != b->agents[i].address)
			report(comparison, addresses[i]);
	}
}

static void
compare_vpn(const struct config *a, const struct config *b, struct comparison *comparison)
{
	if (a->vpn.enabled != b->vpn.enabled) {
		report(comparison, "vpn");
		return;
	}
	for (unsigned i = 0; i < ARRAY_COUNT(vpn_fields); i++) {
		if (field_differs(&vpn_fields[i], a, b))
			report(comparison, vpn_fields[i].key);
	}
}

int
config_needs_restart(const struct config *running, const struct config *wanted,
		     void (*visit)(const char *key, void *context), void *context)
{
	struct comparison comparison = {.visit = visit, .context = context};

	for (unsigned i = 0; i < ARRAY_COUNT(config_fields); i++) {
		if (field_differs(&config_fields[i], running, wanted))
			report(&comparison, config_fields[i].key);
	}
	compare_eal_lists(&running->eal, &wanted->eal, &comparison);
	compare_ports(running, wanted, &comparison);
	compare_agents(running, wanted, &comparison);
	compare_vpn(running, wanted, &comparison);
	return comparison.count;
}

/* The box's address that cannot be one in this home network, or 0. */
static be32
own_address_in(const struct config *config, const struct config_home_network *network)
{
	be32 own[CONFIG_PORTS_MAX + AGENT_COUNT + 1];
	struct prefix prefix = network->prefix;
	unsigned count = 0;

	for (unsigned i = 0; i < config->port_count; i++)
		own[count++] = config->ports[i].network.address;
	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		if (config->agents[i].enabled)
			own[count++] = config->agents[i].address;
	}
	if (config->vpn.enabled)
		own[count++] = config->vpn.address;
	for (unsigned i = 0; i < count; i++) {
		if (config_pool_contains(network, own[i]) ||
		    (prefix.len_bits < 31 &&
		     (own[i] == prefix_network(prefix) || own[i] == prefix_broadcast(prefix))))
			return own[i];
	}
	return 0;
}

/* Names the first entry of a list that has an address of the box; its place, or -1. */
static int
first_own(const struct config *config, const void *list, unsigned count, size_t size, size_t offset)
{
	for (unsigned i = 0; i < count; i++) {
		be32 address;

		memcpy(&address, (const char *)list + i * size + offset, sizeof(address));
		if (address != 0 && config_address_is_own(config, address))
			return (int)i;
	}
	return -1;
}

/* TIAs are nobody else's addresses. 0, or -EINVAL with `problem` filled in. */
static int
check_tia_networks(const struct config *config, char *problem, size_t size)
{
	for (unsigned i = 0; config->vpn.enabled && i < config->vpn.tia_network_count; i++) {
		struct prefix network = config->vpn.tia_networks[i];
		bool is_taken = prefix_contains(network, config->vpn.address);

		for (unsigned j = 0; j < config->port_count; j++)
			is_taken |= config_prefixes_overlap(config->ports[j].network, network);
		for (unsigned j = 0; j < AGENT_COUNT; j++)
			is_taken |= config->agents[j].enabled &&
				    prefix_contains(network, config->agents[j].address);
		for (unsigned j = 0; j < config->home_network_count; j++)
			is_taken |=
				config_prefixes_overlap(config->home_networks[j].prefix, network);
		if (is_taken) {
			snprintf(problem, size,
				 "vpn.tia_networks[%u] overlaps with a network or an address that "
				 "the running box has",
				 i);
			return -EINVAL;
		}
	}
	return 0;
}

int
config_check_own_addresses(const struct config *config, char *problem, size_t size)
{
	const struct {
		const char *key, *field;
		const void *list;
		unsigned count;
		size_t size, offset;
	} lists[] = {
		{"subscribers", "home_address", config->subscribers, config->subscriber_count,
		 sizeof(config->subscribers[0]), offsetof(struct config_subscriber, home_address)},
		{"foreign_agents", "address", config->foreign_agents, config->foreign_agent_count,
		 sizeof(config->foreign_agents[0]), offsetof(struct config_foreign_agent, address)},
		{"routes", "gateway", config->routes, config->route_count,
		 sizeof(config->routes[0]), offsetof(struct config_route, gateway)},
	};
	char text[ADDRESS_TEXT_SIZE];

	if (check_tia_networks(config, problem, size) < 0)
		return -EINVAL;
	for (unsigned i = 0; i < ARRAY_COUNT(lists); i++) {
		int at = first_own(config, lists[i].list, lists[i].count, lists[i].size,
				   lists[i].offset);

		if (at >= 0) {
			snprintf(problem, size, "%s[%d].%s is an address that the running box has",
				 lists[i].key, at, lists[i].field);
			return -EINVAL;
		}
	}
	for (unsigned i = 0; i < config->home_network_count; i++) {
		be32 own = own_address_in(config, &config->home_networks[i]);

		if (own != 0) {
			snprintf(problem, size,
				 "home_networks[%u]: %s, which the running box has, is in its pool "
				 "or its network or broadcast address",
				 i, address_format(own, text));
			return -EINVAL;
		}
	}
	return 0;
}
