/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/tracing.h"

#include <errno.h>

int
tracing_start(struct tracing *tracing, struct worker *const *workers, unsigned worker_count,
	      be32 address, struct mono_time now)
{
	if (address == 0)
		return -EINVAL;
	if (tracing->address != 0)
		return -EBUSY;
	tracing->workers = workers;
	tracing->worker_count = worker_count;
	tracing->address = address;
	tracing->until = mono_add_ms(now, TRACING_IDLE_SEC * 1000);
	tracing->turn++;
	for (unsigned i = 0; i < worker_count; i++) {
		trace_reader_init(&tracing->readers[i], workers[i]->trace);
		trace_set_address(workers[i], address);
	}
	return 0;
}

bool
tracing_go_on(struct tracing *tracing, uint64_t turn, struct mono_time now)
{
	if (tracing->address == 0 || turn != tracing->turn)
		return false;
	tracing->turn++;
	tracing->until = mono_add_ms(now, TRACING_IDLE_SEC * 1000);
	return true;
}

bool
tracing_read(struct tracing *tracing, unsigned *worker, struct trace_record *record)
{
	for (unsigned i = 0; tracing->address != 0 && i < tracing->worker_count; i++) {
		if (!trace_read(tracing->workers[i]->trace, &tracing->readers[i], record))
			continue;
		*worker = i;
		return true;
	}
	return false;
}

uint64_t
tracing_lost(const struct tracing *tracing)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < tracing->worker_count; i++)
		lost += tracing->readers[i].lost;
	return lost;
}

void
tracing_stop(struct tracing *tracing)
{
	if (tracing->address == 0)
		return;
	for (unsigned i = 0; i < tracing->worker_count; i++)
		trace_set_address(tracing->workers[i], 0);
	tracing->address = 0;
}

void
tracing_tick(struct tracing *tracing, struct mono_time now)
{
	if (tracing->address != 0 && mono_is_before(tracing->until, now))
		tracing_stop(tracing);
}
