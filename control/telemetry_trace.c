/* SPDX-License-Identifier: BSD-3-Clause */
/* Telemetry of one address's packets: start, ask again and again, stop. */
#include <errno.h>
#include <inttypes.h>
#include <rte_cycles.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "control/telemetry.h"
#include "control/tracing.h"

#define RECORDS_A_PAGE 50 /* so many fit into an answer of DPDK's */

/* The same moment on the clock of the workers and on that of people. */
struct moment {
	uint64_t tsc;
	uint64_t tsc_hz;
	uint64_t time_ns; /* since 1970 */
};

static struct moment
moment_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct moment){
		.tsc = rte_rdtsc(),
		.tsc_hz = rte_get_tsc_hz(),
		.time_ns = (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec,
	};
}

static uint64_t
time_of(const struct moment *now, uint64_t tsc)
{
	uint64_t age = now->tsc > tsc ? now->tsc - tsc : 0;

	return now->time_ns - age / now->tsc_hz * NS_PER_SEC -
	       age % now->tsc_hz * NS_PER_SEC / now->tsc_hz;
}

static const char *
origin_name(uint8_t origin)
{
	static const char *const names[] = {
		[ORIGIN_EXTERNAL] = "external",
		[ORIGIN_INTERNAL] = "internal",
		[ORIGIN_VPN] = "vpn",
		[ORIGIN_CONTROL] = "control",
	};

	return origin < ARRAY_COUNT(names) ? names[origin] : "unknown";
}

static void
add_header(const struct trace_record *record, struct rte_tel_data *dict)
{
	telemetry_add_address(dict, "src", record->src);
	telemetry_add_address(dict, "dst", record->dst);
	rte_tel_data_add_dict_int(dict, "protocol", record->protocol);
	rte_tel_data_add_dict_int(dict, "length", record->len);
	if (record->src_port_be == 0 && record->dst_port_be == 0)
		return;
	rte_tel_data_add_dict_int(dict, "src_port", be16toh(record->src_port_be));
	rte_tel_data_add_dict_int(dict, "dst_port", be16toh(record->dst_port_be));
}

static void
add_stage(const struct gateway *gateway, const struct trace_record *record,
	  struct rte_tel_data *dict)
{
	enum stage_id stage = (enum stage_id)record->code;

	rte_tel_data_add_dict_string(dict, "stage", stage_name(stage));
	rte_tel_data_add_dict_string(dict, "origin", origin_name(record->origin));
	if ((stage == STAGE_ETHER_INPUT || stage == STAGE_SEND) &&
	    record->port < gateway->port_count)
		rte_tel_data_add_dict_string(dict, "port",
					     gateway->config->ports[record->port].name);
	if (record->len > 0)
		add_header(record, dict);
}

static void
add_record(const struct gateway *gateway, const struct moment *now, unsigned worker,
	   const struct trace_record *record, struct rte_tel_data *dict)
{
	rte_tel_data_add_dict_u64(dict, "time_ns", time_of(now, record->tsc));
	rte_tel_data_add_dict_int(dict, "worker", (int)worker);
	rte_tel_data_add_dict_u64(dict, "packet", record->packet);
	switch ((enum trace_event)record->event) {
	case TRACE_STAGE:
		add_stage(gateway, record, dict);
		break;
	case TRACE_DROP:
		rte_tel_data_add_dict_string(dict, "drop",
					     drop_reason_name((enum drop_reason)record->code));
		break;
	case TRACE_PUNT:
		rte_tel_data_add_dict_string(dict, "punt",
					     telemetry_punt_name((enum punt_class)record->code));
		break;
	}
}

int
telemetry_trace(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	struct tracing *tracing = &gateway->tracing;
	char text[ADDRESS_TEXT_SIZE], error[96];
	be32 address;

	rte_tel_data_start_dict(data);
	if (address_parse(params, &address) != 0 || address == 0) {
		rte_tel_data_add_dict_string(data, "error",
					     "the parameter is to be an IPv4 address");
		return 0;
	}
	if (tracing_start(tracing, gateway->workers, gateway->worker_count, address, mono_now()) !=
	    0) {
		snprintf(error, sizeof(error),
			 "somebody else traces %s; one trace is possible at a time",
			 address_format(tracing->address, text));
		rte_tel_data_add_dict_string(data, "error", error);
		return 0;
	}
	telemetry_add_address(data, "address", address);
	rte_tel_data_add_dict_u64(data, "next", tracing->turn);
	return 0;
}

/* True when the question is of the trace under way; else it is answered with an error. */
static bool
is_in_turn(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	if (tracing_go_on(&gateway->tracing, strtoull(params, NULL, 10), mono_now()))
		return true;
	rte_tel_data_add_dict_string(data, "error", "no such trace: nobody asked for it in time");
	return false;
}

static int
add_records(struct gateway *gateway, struct rte_tel_data *list, unsigned *count)
{
	struct moment now = moment_now();
	struct trace_record record;
	unsigned worker;

	while (*count < RECORDS_A_PAGE && tracing_read(&gateway->tracing, &worker, &record)) {
		struct rte_tel_data *entry = telemetry_list_add(list, count);

		if (entry == NULL)
			return -ENOMEM;
		add_record(gateway, &now, worker, &record, entry);
	}
	return 0;
}

int
telemetry_trace_poll(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	struct rte_tel_data *list;
	unsigned count = 0;

	rte_tel_data_start_dict(data);
	if (!is_in_turn(gateway, params, data))
		return 0;
	list = telemetry_dict_add(data, "records");
	if (list == NULL || add_records(gateway, list, &count) < 0)
		return -ENOMEM;
	rte_tel_data_add_dict_u64(data, "lost", tracing_lost(&gateway->tracing));
	rte_tel_data_add_dict_int(data, "more", count == RECORDS_A_PAGE);
	rte_tel_data_add_dict_u64(data, "next", gateway->tracing.turn);
	return 0;
}

int
telemetry_trace_stop(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	rte_tel_data_start_dict(data);
	if (!is_in_turn(gateway, params, data))
		return 0;
	rte_tel_data_add_dict_u64(data, "lost", tracing_lost(&gateway->tracing));
	tracing_stop(&gateway->tracing);
	return 0;
}
