/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_REPLAY_H
#define CONTROL_REPLAY_H

#include "control/config.h"
#include "lib/mono_time.h"
#include "lib/ntp_time.h"

/*
 * Replay protection of registrations, RFC 5944 section 5.7. A mobile has one line of timestamps, whatever
 * association it used ("greater than all previously accepted timestamps for the requesting mobile node"),
 * and the nonces of each association.
 *
 * A nonce that a valid request was answered with stays good until it is used; those of 133 replies take
 * turns in places of their own. So somebody who replays old requests, and has a 133 reply sent for each,
 * cannot push out the nonce that the mobile holds. And the same request gets the same nonce again, as long
 * as it has its place: who has captured one can have it answered as often as he likes, and the nonce of a
 * mobile that is about to resynchronise stays.
 */
#define REPLAY_RESYNC_NONCES 3

struct replay_nonces { /* 0: none */
	uint32_t current;
	uint32_t resync[REPLAY_RESYNC_NONCES];
	uint32_t resync_for[REPLAY_RESYNC_NONCES]; /* low half of the request that was answered */
	uint32_t resync_turn;
};

struct replay_state {
	struct ntp_time last;	      /* the greatest timestamp accepted */
	struct replay_nonces *nonces; /* of each association; NULL: none of them has any */
};

/* Why a reply is sent, which decides its Identification. */
enum replay_answer {
	REPLAY_ANSWER_VALID,	  /* the request's Identification was good */
	REPLAY_ANSWER_MISMATCH,	  /* it was not: code 133 */
	REPLAY_ANSWER_UNVERIFIED, /* nobody knows: the request was not authenticated */
};

/*
 * The clock that timestamps are held against: the wall clock, except that it is never set back. To follow
 * that, one would have to forget the greatest timestamp accepted (or no mobile could register until the
 * clock has caught up with it), and every request captured in the time that comes again could be replayed.
 * So the clock goes on from where it was, by the monotonic clock, until the wall clock is ahead of it.
 * Mobiles hear of it as RFC 5944 section 5.7.1 has it: 133 carries this clock, and they follow it.
 */
#define REPLAY_CLOCK_STEP_MS 1000 /* less is no step: the tolerance of timestamps covers it */

struct replay_clock {
	struct ntp_time wall; /* as it was when it was last ahead */
	struct mono_time at;  /* and when that was */
	bool is_held;	      /* the wall clock was set back */
};

void replay_clock_init(struct replay_clock *clock, struct ntp_time wall, struct mono_time now);

/* The clock's time at `now`, when the wall clock says `wall`. `is_held` tells when it stands in for it. */
struct ntp_time
replay_clock_read(struct replay_clock *clock, struct ntp_time wall, struct mono_time now);

/* Nothing accepted yet. `nonces`: zeroed, or NULL where no association uses them. XXX: what was accepted before a
 * restart is remembered as `start`, so a mobile whose clock is ahead of the box's by less than the window can have its
 * last request replayed for that long. */
void replay_init(struct replay_state *state, struct ntp_time start, struct replay_nonces *nonces);

/* True when `identification` is fresh at `now` by the method of `association`, number `index` of the
 * mobile's. Changes nothing. */
bool replay_check(const struct replay_state *state, unsigned index,
		  const struct config_association *association, struct ntp_time identification,
		  struct ntp_time now);

/* Remembers an Identification that replay_check() found good: it is good no more. */
void replay_accept(struct replay_state *state, unsigned index,
		   const struct config_association *association, struct ntp_time identification);

/*
 * The Identification of a reply. The low half is the request's. The high half is, with timestamps, the
 * request's when it was good and the box's clock when it was not; with nonces `fresh`, a random number
 * other than 0, which is remembered unless the request was not authenticated; or what the very same request
 * was answered with before.
 */
struct ntp_time
replay_reply(struct replay_state *state, unsigned index,
	     const struct config_association *association, struct ntp_time identification,
	     struct ntp_time now, enum replay_answer answer, uint32_t fresh);

#endif
