/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_COUNTERS_H
#define DATAPLANE_COUNTERS_H

#include "lib/drop_reason.h"

/* Written by one core, read by any (telemetry): 64-bit stores do not tear on the machines we run on. */
struct drop_counters {
	uint64_t count[DROP_REASON_COUNT];
};

#endif
