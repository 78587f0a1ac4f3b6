/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_TRAFFIC_H
#define CONTROL_TRAFFIC_H

#include "dataplane/worker.h"

/*
 * The traffic of each binding. Workers count by slot and never reset; so what a slot had counted before
 * its present binding began is kept here and taken off. Control core.
 */
struct traffic {
	struct worker *const *workers;
	unsigned worker_count;
	struct slot_counters *before; /* by slot */
	uint32_t slot_count;
};

/* 0 or -ENOMEM. */
int traffic_init(struct traffic *traffic, struct worker *const *workers, unsigned worker_count,
		 uint32_t slot_count);
void traffic_fini(struct traffic *traffic);

/* A binding of another mobile begins in this slot. */
void traffic_begin(struct traffic *traffic, uint32_t slot);

/* What the present binding of the slot has carried, all workers together. */
struct slot_counters traffic_read(const struct traffic *traffic, uint32_t slot);

#endif
