/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_TRACING_H
#define CONTROL_TRACING_H

#include "control/config.h"
#include "dataplane/trace.h"
#include "lib/mono_time.h"

/*
 * The one trace that the workers can write at a time, on behalf of an operator who asks for its records again
 * and again. Each answer bears the number that the next question must bring, so that nobody takes part
 * in a trace by accident; one that nobody asks for any more ends by itself, since it costs the workers
 * time. Control core.
 */
struct tracing {
	struct worker *const *workers;
	unsigned worker_count;
	be32 address; /* 0: no trace */
	uint64_t turn;
	struct mono_time until;
	struct trace_reader readers[CONFIG_WORKERS_MAX];
};

#define TRACING_IDLE_SEC 10 /* a trace that nobody asks for ends after that */

/* Begins to trace. 0; -EBUSY: another trace is under way; -EINVAL: no address. */
int tracing_start(struct tracing *tracing, struct worker *const *workers, unsigned worker_count,
		  be32 address, struct mono_time now);

/* True when `turn` is what the last answer gave: the trace goes on, and tracing->turn is the next one. */
bool tracing_go_on(struct tracing *tracing, uint64_t turn, struct mono_time now);

/* The next record of any worker. False: there is none now. */
bool tracing_read(struct tracing *tracing, unsigned *worker, struct trace_record *record);

/* Records that nobody will see. */
uint64_t tracing_lost(const struct tracing *tracing);

/* Ends the trace; none is fine. */
void tracing_stop(struct tracing *tracing);

/* Ends a trace that was left alone. Call it now and then. */
void tracing_tick(struct tracing *tracing, struct mono_time now);

#endif
