/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MOBILE_LOAD_FLEET_H
#define BENCH_MOBILE_LOAD_FLEET_H

#include <stdbool.h>

#include "bench/mobile_load_latency.h"
#include "bench/mobile_load_port.h"
#include "lib/mip_auth.h"
#include "lib/mono_time.h"

/*
 * The mobile nodes as their home agent sees them: each registers with a co-located care-of address (D and T
 * bits), some from behind a NAT, with its own key and its own clock. Every LOAD_WRONG_CLOCK_EVERY-th clock is
 * wrong by more than the window at first, and is put right by the reply with code 133. One thread.
 */
#define LOAD_WRONG_CLOCK_EVERY 50u
#define LOAD_REPAIRS_MAX 4  /* the clock is put right so often for one registration */
#define LOAD_ATTEMPTS_MAX 6 /* transmissions of a registration: 1, 2, 4, ... seconds apart */

struct load_mobile {
	uint64_t last_id;	 /* the Identification sent last */
	struct mono_time due;	 /* when the registration should have begun */
	struct mono_time resend; /* when to ask again */
	uint32_t pending_at;	 /* in the fleet's list */
	int32_t clock_error_sec;
	int32_t correction_sec; /* what it has learnt from the home agent */
	uint8_t place;		/* where it is registered, 0 to LOAD_PLACES - 1 */
	uint8_t new_place;	/* where it asks from */
	uint8_t attempts;
	uint8_t repairs; /* 133 in a row */
	bool is_pending;
	bool is_registered;
};

/* What became of the registrations of one phase. */
struct load_tally {
	uint64_t begun, accepted;
	uint64_t retransmissions; /* asked again since no reply came */
	uint64_t resynchronised;  /* 133, and asked again */
	uint64_t denied[256];	  /* by any other code */
	uint64_t invalid;	  /* a reply that is no answer, or whose authenticator is wrong */
	uint64_t given_up;
	struct mono_time first, last; /* begun, accepted */
	struct latency latency;	      /* from due to accepted, with all that was between */
};

struct load_fleet {
	uint32_t count;
	uint32_t pending_count;
	struct load_mobile *mobiles;
	uint32_t *pending; /* in no order */
	struct mip_auth *auth;
	struct load_port *port;
	struct load_tally *tally; /* of the phase under way */
};

/* 0 or -ENOMEM. `port` is external; the tally is set by the caller before anything else. */
int load_fleet_init(struct load_fleet *fleet, uint32_t count, struct load_port *port);

/* Mobile `i`, which has no registration pending, asks from `place`; it was `due` at that time. */
void load_fleet_begin(struct load_fleet *fleet, uint32_t i, uint8_t place, struct mono_time due,
		      struct mono_time now);

/* A UDP payload from the x-HA's registration port to the place `dst`. */
void load_fleet_take(struct load_fleet *fleet, be32 dst, const void *payload, uint16_t len);

/* Has those ask again that have waited long enough, or give up. */
void load_fleet_tick(struct load_fleet *fleet, struct mono_time now);

/* How many are registered. */
uint32_t load_fleet_registered(const struct load_fleet *fleet);

#endif
