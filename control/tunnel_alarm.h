/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_TUNNEL_ALARM_H
#define CONTROL_TUNNEL_ALARM_H

#include "dataplane/worker.h"
#include "lib/mono_time.h"

/*
 * Says in the log what workers, which do not log, have only counted: packets out of a tunnel that is not
 * their sender's (a security exception, RFC 3024 section 4.3.2; RFC 3519 section 3.3), and congestion marks
 * that nobody sends (RFC 6040 section 4.2). One line a cause in ten seconds, however many packets.
 */
#define TUNNEL_ALARM_INTERVAL_SEC 10
#define TUNNEL_ALARM_CAUSES 6

struct tunnel_alarm {
	struct mono_time due;
	uint64_t told[TUNNEL_ALARM_CAUSES]; /* how many the log knows of */
	uint64_t told_ecn;
};

/* Looks at the counters when it is time to. The alarm begins zeroed. Control core. */
void tunnel_alarm_look(struct tunnel_alarm *alarm, struct worker *const *workers,
		       unsigned worker_count, struct mono_time now);

#endif
