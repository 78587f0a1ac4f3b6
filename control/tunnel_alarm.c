/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/tunnel_alarm.h"

#include <inttypes.h>

#include "lib/log.h"

static const enum drop_reason causes[] = {
	DROP_TUNNEL_NO_BINDING,	 DROP_TUNNEL_WRONG_SOURCE, DROP_TUNNEL_WRONG_PORT,
	DROP_TUNNEL_WRONG_AGENT, DROP_TUNNEL_WRONG_KIND,   DROP_TUNNEL_WRONG_SIDE,
};
_Static_assert(ARRAY_COUNT(causes) == TUNNEL_ALARM_CAUSES, "each cause has its count");

static uint64_t
drops_of(struct worker *const *workers, unsigned worker_count, enum drop_reason cause)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < worker_count; i++)
		count += workers[i]->counters.drops.count[cause];
	return count;
}

static uint64_t
ecn_alarms_of(struct worker *const *workers, unsigned worker_count)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < worker_count; i++)
		count += workers[i]->counters.ecn_alarms;
	return count;
}

void
tunnel_alarm_look(struct tunnel_alarm *alarm, struct worker *const *workers, unsigned worker_count,
		  struct mono_time now)
{
	uint64_t count;

	if (mono_is_before(now, alarm->due))
		return;
	alarm->due = mono_add_sec(now, TUNNEL_ALARM_INTERVAL_SEC);
	for (unsigned i = 0; i < TUNNEL_ALARM_CAUSES; i++) {
		count = drops_of(workers, worker_count, causes[i]);
		if (count != alarm->told[i])
			log_warnx("security: %" PRIu64 " tunnelled packets dropped: %s",
				  count - alarm->told[i], drop_reason_help(causes[i]));
		alarm->told[i] = count;
	}
	count = ecn_alarms_of(workers, worker_count);
	if (count != alarm->told_ecn)
		log_warnx("%" PRIu64 " tunnelled packets had congestion marks that no sender and "
			  "no router makes (RFC 6040 section 4.2)",
			  count - alarm->told_ecn);
	alarm->told_ecn = count;
}
