/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "bench/mobile_load.h"

static double
seconds(struct mono_time from, struct mono_time to)
{
	return mono_is_before(from, to) ? (double)(to.ns - from.ns) / (double)NS_PER_SEC : 0;
}

static void
print_latency(const struct latency *latency)
{
	printf("\"latency_us\": {\"p50\": %.1f, \"p99\": %.1f, \"p99.9\": %.1f, \"max\": %.1f}",
	       (double)latency_percentile(latency, 5000) / 1000,
	       (double)latency_percentile(latency, 9900) / 1000,
	       (double)latency_percentile(latency, 9990) / 1000, (double)latency->max_ns / 1000);
}

static void
print_count(const char *name, uint64_t count)
{
	printf("\"%s\": %" PRIu64 ", ", name, count);
}

/* By reply code. */
static void
print_denials(const struct load_tally *tally)
{
	const char *comma = "";

	printf("\"denied\": {");
	for (unsigned code = 0; code < ARRAY_COUNT(tally->denied); code++) {
		if (tally->denied[code] == 0)
			continue;
		printf("%s\"%u\": %" PRIu64, comma, code, tally->denied[code]);
		comma = ", ";
	}
	printf("}, ");
}

static void
print_phase(const struct load_phase *phase)
{
	const struct load_tally *tally = &phase->tally;
	double took = seconds(tally->first, tally->last);

	printf("{\"pattern\": \"%s\", ", load_pattern_name(phase->pattern));
	print_count("offered_per_sec", phase->per_sec);
	printf("\"seconds\": %.3f, \"accepted_per_sec\": %.0f, ", took,
	       took > 0 ? (double)tally->accepted / took : 0);
	print_count("begun", tally->begun);
	print_count("accepted", tally->accepted);
	print_count("retransmissions", tally->retransmissions);
	print_count("resynchronised", tally->resynchronised);
	print_denials(tally);
	print_count("invalid", tally->invalid);
	print_count("given_up", tally->given_up);
	print_count("held_up", phase->held_up);
	print_latency(&tally->latency);
	printf("}");
}

static void
print_flow(const char *name, const struct load_flow *flow)
{
	printf("\"%s\": {", name);
	print_count("sent", flow->sent);
	print_count("received", flow->received);
	print_count("lost", flow->sent - flow->received);
	print_count("repeated", flow->repeated);
	print_count("astray", flow->astray);
	print_latency(&flow->latency);
	printf("}");
}

void
mobile_load_report(const struct mobile_load *load)
{
	printf("{\"mobiles\": %u, \"registered\": %u,\n \"phases\": [", load->fleet.count,
	       load_fleet_registered(&load->fleet));
	for (unsigned i = 0; i < load->phase_count; i++) {
		printf("%s\n  ", i == 0 ? "" : ",");
		print_phase(&load->phases[i]);
	}
	printf("],\n \"data\": {");
	print_flow("to_mobile", &load->stream.flows[LOAD_TO_MOBILE]);
	printf(",\n  ");
	print_flow("from_mobile", &load->stream.flows[LOAD_FROM_MOBILE]);
	printf("},\n ");
	printf("\"cpu_sec\": {\"mobile_load\": %.2f}, ", (double)clock() / CLOCKS_PER_SEC);
	printf("\"longest_round_ms\": %.2f, ", (double)load->longest_round_ns / NS_PER_MS);
	print_count("send_errors", load->external.send_errors + load->internal.send_errors);
	printf("\"receive_drops\": %" PRIu64 "}\n",
	       load->external.receive_drops + load->internal.receive_drops);
}
