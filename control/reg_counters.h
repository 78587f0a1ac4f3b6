/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_REG_COUNTERS_H
#define CONTROL_REG_COUNTERS_H

#include "control/binding.h"
#include "control/reg_decide.h"
#include "lib/ntp_time.h"

/*
 * What a home agent counts of its registrations: the home agent part of RFC 2006, with the first
 * registrations, renewals and deregistrations apart. The control core writes and reads it.
 */
enum reg_kind {
	REG_KIND_FIRST,	  /* the home address had no binding */
	REG_KIND_RENEWAL, /* it had: the same care-of address or another */
	REG_KIND_DEREGISTRATION,
	REG_KIND_COUNT,
};

/* "first", "renewal", "deregistration". */
const char *reg_kind_name(enum reg_kind kind);

struct reg_counters {
	uint64_t requests; /* all that came in, also those that were dropped */
	uint64_t accepted[REG_KIND_COUNT];
	uint64_t denied[REG_KIND_COUNT];
	uint64_t accepted_no_simultaneous; /* with code 1 */
	uint64_t denied_by_code[256];	   /* enum mip_code */
	uint64_t dropped;		   /* without a reply; struct drop_counters says why */
	uint64_t moves;			   /* renewals with another care-of address */
	uint64_t duplicates;
	uint64_t udp_tunnels; /* accepted ones with a UDP tunnel */
	uint64_t bindings_ended[BINDING_END_COUNT];
	uint64_t revocations_sent; /* retransmissions included */
	uint64_t revocations_acknowledged;
	uint64_t revocations_given_up;
	uint64_t revocations_received;
	uint64_t reply_failures; /* a reply could not be built or sent */
	/* accepted ones in the busiest minute so far, and when it was */
	uint32_t minute_most;
	struct ntp_time minute_most_time;
	uint32_t minute_now;
	uint64_t minute; /* of the wall clock */
};

/* Counts an accepted registration towards the minute's. */
void reg_counters_minute(struct reg_counters *counters, struct ntp_time now);

/* RFC 2006, mipSecViolationEntry: who has lately broken the rules of security. */
struct reg_violator {
	be32 source; /* of the datagram */
	be32 home_address;
	uint32_t spi;
	uint64_t count;
	uint64_t identification;
	struct ntp_time last;
	enum reg_violation reason;
};

#define REG_VIOLATORS_MAX 64

struct reg_security {
	uint64_t violations;
	uint64_t by_reason[REG_VIOLATION_COUNT];
	struct reg_violator violators[REG_VIOLATORS_MAX]; /* those with a count of 0 are free */
};

/* "none", "no-association", "bad-authenticator", "bad-identifier", "bad-spi", "missing-extension". */
const char *reg_violation_name(enum reg_violation violation);

/* Notes a violation: `violator` without its count. The one that has been quiet longest makes room. */
void reg_security_note(struct reg_security *security, const struct reg_violator *violator);

#endif
