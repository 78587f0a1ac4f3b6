/* SPDX-License-Identifier: BSD-3-Clause */
/* Telemetry of the box itself: ports, workers, drops, stages, neighbours. */
#include <errno.h>
#include <rte_ethdev.h>
#include <unistd.h>

#include "control/telemetry.h"

#define NEIGHBOURS_SHOWN_MAX 100 /* what an answer of DPDK's holds */

/* Enough for an answer to end before DPDK's buffer does: it would cut in the middle. */
#define STAGES_SHOWN_MAX 84

static void
add_port(struct gateway *gateway, unsigned i, struct rte_tel_data *dict)
{
	const struct config_port *config = &gateway->config->ports[i];
	const struct port *port = &gateway->ports[i];
	bool is_gone = (gateway->ports_gone & 1u << i) != 0;
	struct rte_eth_stats stats = {0};
	struct rte_eth_link link = {0};

	rte_eth_stats_get(port->id, &stats);
	rte_eth_link_get_nowait(port->id, &link);
	rte_tel_data_add_dict_string(dict, "name", config->name);
	rte_tel_data_add_dict_string(dict, "device", config->device);
	rte_tel_data_add_dict_string(dict, "role", config->is_internal ? "internal" : "external");
	telemetry_add_prefix(dict, "address", config->network);
	telemetry_add_mac(dict, "mac", port->mac);
	rte_tel_data_add_dict_int(dict, "mtu", config->mtu);
	rte_tel_data_add_dict_string(dict, "link",
				     is_gone		? "gone"
				     : link.link_status ? "up"
							: "down");
	rte_tel_data_add_dict_u64(dict, "rx_packets", stats.ipackets);
	rte_tel_data_add_dict_u64(dict, "tx_packets", stats.opackets);
	rte_tel_data_add_dict_u64(dict, "rx_bytes", stats.ibytes);
	rte_tel_data_add_dict_u64(dict, "tx_bytes", stats.obytes);
	rte_tel_data_add_dict_u64(dict, "rx_missed", stats.imissed);
	rte_tel_data_add_dict_u64(dict, "rx_errors", stats.ierrors);
	rte_tel_data_add_dict_u64(dict, "tx_errors", stats.oerrors);
}

static void
add_registrations(const struct gateway *gateway, struct rte_tel_data *dict)
{
	uint64_t received = 0, accepted = 0, denied = 0, dropped = 0, deregistrations = 0;

	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		const struct reg_counters *counters =
			registration_counters(gateway->registration, (enum agent_id)i);

		received += counters->requests;
		dropped += counters->dropped;
		for (unsigned kind = 0; kind < REG_KIND_COUNT; kind++) {
			accepted += counters->accepted[kind];
			denied += counters->denied[kind];
		}
		deregistrations += counters->accepted[REG_KIND_DEREGISTRATION];
	}
	rte_tel_data_add_dict_u64(dict, "received", received);
	rte_tel_data_add_dict_u64(dict, "accepted", accepted);
	rte_tel_data_add_dict_u64(dict, "denied", denied);
	rte_tel_data_add_dict_u64(dict, "dropped", dropped);
	rte_tel_data_add_dict_u64(dict, "deregistrations", deregistrations);
}

static bool
count_neighbour(const struct neighbour_view *neighbour, void *context)
{
	(*(unsigned *)context)++;
	return true;
}

static void
add_agent(const struct config_agent *agent, const char *name, struct rte_tel_data *data)
{
	if (agent->enabled)
		telemetry_add_address(data, name, agent->address);
	else
		rte_tel_data_add_dict_string(data, name, "");
}

int
telemetry_info(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	static const char *const reload_names[] = {"none", "ok", "failed"};
	struct rte_tel_data *ports, *port, *registrations;
	unsigned count = 0, neighbours = 0;

	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "version", HOMEPORT_VERSION);
	rte_tel_data_add_dict_int(data, "pid", (int)getpid());
	rte_tel_data_add_dict_u64(data, "uptime_sec",
				  mono_ms_until(gateway->started, mono_now()) / 1000);
	rte_tel_data_add_dict_int(data, "workers", (int)gateway->worker_count);
	rte_tel_data_add_dict_u64(data, "bindings",
				  binding_count(registration_bindings(gateway->registration)));
	rte_tel_data_add_dict_u64(data, "bindings_max", gateway->config->limits.bindings_max);
	add_agent(&gateway->config->agents[AGENT_X_HA], "x_ha", data);
	add_agent(&gateway->config->agents[AGENT_I_HA], "i_ha", data);
	rte_tel_data_add_dict_int(data, "reloads", (int)gateway->reloads);
	rte_tel_data_add_dict_string(data, "last_reload", reload_names[gateway->last_reload]);
	route_neighbours(gateway->routes, count_neighbour, &neighbours);
	rte_tel_data_add_dict_int(data, "neighbours", (int)neighbours);

	registrations = telemetry_dict_add(data, "registrations");
	if (registrations == NULL)
		return -ENOMEM;
	add_registrations(gateway, registrations);
	ports = telemetry_dict_add(data, "ports");
	if (ports == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < gateway->port_count; i++) {
		port = telemetry_list_add(ports, &count);
		if (port == NULL)
			return -ENOMEM;
		add_port(gateway, i, port);
	}
	return 0;
}

static uint64_t
drop_count(const struct gateway *gateway, enum drop_reason reason)
{
	uint64_t count = gateway->drops.count[reason];

	for (unsigned i = 0; i < gateway->worker_count; i++)
		count += gateway->workers[i]->counters.drops.count[reason];
	return count;
}

int
telemetry_drops(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	char name[64];

	rte_tel_data_start_dict(data);
	for (unsigned i = 0; i < DROP_REASON_COUNT; i++) {
		enum drop_reason reason = (enum drop_reason)i;

		telemetry_key(drop_reason_name(reason), name, sizeof(name));
		rte_tel_data_add_dict_u64(data, name, drop_count(gateway, reason));
	}
	return 0;
}

int
telemetry_drop(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	rte_tel_data_start_dict(data);
	for (unsigned i = 0; i < DROP_REASON_COUNT; i++) {
		enum drop_reason reason = (enum drop_reason)i;

		if (strcmp(params, drop_reason_name(reason)) != 0)
			continue;
		rte_tel_data_add_dict_string(data, "name", drop_reason_name(reason));
		rte_tel_data_add_dict_u64(data, "count", drop_count(gateway, reason));
		rte_tel_data_add_dict_string(data, "help", drop_reason_help(reason));
		return 0;
	}
	rte_tel_data_add_dict_string(data, "error", "no such drop reason");
	return 0;
}

static void
add_stage(const struct stage_counters *counters, unsigned worker, enum stage_id stage,
	  struct rte_tel_data *dict)
{
	rte_tel_data_add_dict_int(dict, "worker", (int)worker);
	rte_tel_data_add_dict_string(dict, "stage", stage_name(stage));
	rte_tel_data_add_dict_u64(dict, "calls", counters->calls);
	rte_tel_data_add_dict_u64(dict, "packets", counters->packets);
	rte_tel_data_add_dict_u64(dict, "cycles", counters->cycles);
	rte_tel_data_add_dict_u64(dict, "cycles_per_packet",
				  counters->packets == 0 ? 0
							 : counters->cycles / counters->packets);
	rte_tel_data_add_dict_u64(dict, "packets_per_call",
				  counters->calls == 0 ? 0 : counters->packets / counters->calls);
}

/* Of worker `params`, or of the first few when there is none named. */
int
telemetry_stages(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	unsigned first = (unsigned)strtoul(params, NULL, 10), count = 0;

	rte_tel_data_start_dict(data);
	for (unsigned i = first; i < gateway->worker_count; i++) {
		if (params[0] != '\0' && i != first)
			break;
		for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
			struct rte_tel_data *entry;

			if (count == STAGES_SHOWN_MAX)
				return 0;
			entry = telemetry_list_add(data, &count);
			if (entry == NULL)
				return -ENOMEM;
			add_stage(&gateway->workers[i]->counters.stages[stage], i,
				  (enum stage_id)stage, entry);
		}
	}
	return 0;
}

struct neighbour_list {
	const struct gateway *gateway;
	struct rte_tel_data *data;
	unsigned count;
};

static bool
add_neighbour(const struct neighbour_view *neighbour, void *context)
{
	struct neighbour_list *list = context;
	struct rte_tel_data *entry = telemetry_list_add(list->data, &list->count);

	if (entry == NULL)
		return false;
	telemetry_add_address(entry, "address", neighbour->address);
	telemetry_add_mac(entry, "mac", neighbour->mac);
	rte_tel_data_add_dict_string(entry, "port",
				     list->gateway->config->ports[neighbour->port].name);
	rte_tel_data_add_dict_string(entry, "state",
				     neighbour->is_resolved ? "resolved" : "unresolved");
	rte_tel_data_add_dict_int(entry, "pending", (int)neighbour->pending);
	return list->count < NEIGHBOURS_SHOWN_MAX;
}

int
telemetry_neighbours(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	struct neighbour_list list = {.gateway = gateway, .data = data};

	rte_tel_data_start_dict(data);
	route_neighbours(gateway->routes, add_neighbour, &list);
	return 0;
}
