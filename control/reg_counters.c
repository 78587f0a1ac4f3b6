/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/reg_counters.h"

#include <assert.h>

const char *
reg_kind_name(enum reg_kind kind)
{
	static const char *const names[REG_KIND_COUNT] = {"first", "renewal", "deregistration"};

	assert(kind < REG_KIND_COUNT);
	return names[kind];
}

const char *
reg_violation_name(enum reg_violation violation)
{
	static const char *const names[REG_VIOLATION_COUNT] = {
		"none",		  "no-association", "bad-authenticator",
		"bad-identifier", "bad-spi",	    "missing-extension",
	};

	assert(violation < REG_VIOLATION_COUNT);
	return names[violation];
}

void
reg_counters_minute(struct reg_counters *counters, struct ntp_time now)
{
	uint64_t minute = (now.units >> 32) / 60;

	if (minute != counters->minute) {
		counters->minute = minute;
		counters->minute_now = 0;
	}
	counters->minute_now++;
	if (counters->minute_now > counters->minute_most) {
		counters->minute_most = counters->minute_now;
		counters->minute_most_time = now;
	}
}

/* The entry of `source`, or a free one, or the one that has been quiet longest. */
static struct reg_violator *
violator_entry(struct reg_security *security, be32 source)
{
	struct reg_violator *oldest = &security->violators[0];

	for (unsigned i = 0; i < REG_VIOLATORS_MAX; i++) {
		struct reg_violator *violator = &security->violators[i];

		if (violator->count > 0 && violator->source == source)
			return violator;
		if (oldest->count > 0 && (violator->count == 0 ||
					  (int64_t)(violator->last.units - oldest->last.units) < 0))
			oldest = violator;
	}
	oldest->count = 0;
	return oldest;
}

void
reg_security_note(struct reg_security *security, const struct reg_violator *violator)
{
	struct reg_violator *entry = violator_entry(security, violator->source);
	uint64_t count = entry->count;

	*entry = *violator;
	entry->count = count + 1;
	security->violations++;
	security->by_reason[violator->reason]++;
}
