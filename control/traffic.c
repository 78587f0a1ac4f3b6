/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/traffic.h"

#include <errno.h>
#include <stdlib.h>

int
traffic_init(struct traffic *traffic, struct worker *const *workers, unsigned worker_count,
	     uint32_t slot_count)
{
	*traffic = (struct traffic){
		.workers = workers,
		.worker_count = worker_count,
		.before = calloc(slot_count, sizeof(*traffic->before)),
		.slot_count = slot_count,
	};
	return traffic->before == NULL ? -ENOMEM : 0;
}

void
traffic_fini(struct traffic *traffic)
{
	free(traffic->before);
	*traffic = (struct traffic){0};
}

static struct slot_counters
sum(const struct traffic *traffic, uint32_t slot)
{
	struct slot_counters sum = {0};

	for (unsigned i = 0; i < traffic->worker_count; i++) {
		const struct slot_counters *counters = &traffic->workers[i]->slots[slot];

		sum.to_mobile_packets += counters->to_mobile_packets;
		sum.to_mobile_bytes += counters->to_mobile_bytes;
		sum.from_mobile_packets += counters->from_mobile_packets;
		sum.from_mobile_bytes += counters->from_mobile_bytes;
	}
	return sum;
}

void
traffic_begin(struct traffic *traffic, uint32_t slot)
{
	if (slot < traffic->slot_count)
		traffic->before[slot] = sum(traffic, slot);
}

struct slot_counters
traffic_read(const struct traffic *traffic, uint32_t slot)
{
	struct slot_counters counters = {0};

	if (slot < traffic->slot_count) {
		const struct slot_counters *before = &traffic->before[slot];

		counters = sum(traffic, slot);
		counters.to_mobile_packets -= before->to_mobile_packets;
		counters.to_mobile_bytes -= before->to_mobile_bytes;
		counters.from_mobile_packets -= before->from_mobile_packets;
		counters.from_mobile_bytes -= before->from_mobile_bytes;
	}
	return counters;
}
