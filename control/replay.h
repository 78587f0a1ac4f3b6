/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_REPLAY_H
#define CONTROL_REPLAY_H

#include "control/config.h"
#include "lib/ntp_time.h"

/*
 * Replay protection of registrations, RFC 5944 section 5.7. A mobile has one line of timestamps, whatever
 * association it used ("greater than all previously accepted timestamps for the requesting mobile node"),
 * and the nonces of each association.
 *
 * A nonce that a valid request was answered with stays good until it is used; those of 133 replies take
 * turns in places of their own. So somebody who replays old requests, and has a 133 reply sent for each,
 * cannot push out the nonce that the mobile holds.
 */
#define REPLAY_RESYNC_NONCES 3

struct replay_nonces { /* 0: none */
	uint32_t current;
	uint32_t resync[REPLAY_RESYNC_NONCES];
};

struct replay_state {
	struct ntp_time last; /* the greatest timestamp accepted */
	struct replay_nonces nonces[CONFIG_ASSOCIATIONS_MAX];
	uint8_t resync_turn;
};

/* Why a reply is sent, which decides its Identification. */
enum replay_answer {
	REPLAY_ANSWER_VALID,	  /* the request's Identification was good */
	REPLAY_ANSWER_MISMATCH,	  /* it was not: code 133 */
	REPLAY_ANSWER_UNVERIFIED, /* nobody knows: the request was not authenticated */
};

/* Nothing accepted yet. XXX: what was accepted before a restart is remembered as `start`, so a mobile whose
 * clock is ahead of the box's by less than the window can have its last request replayed for that long. */
void replay_init(struct replay_state *state, struct ntp_time start);

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
 * other than 0, which is remembered unless the request was not authenticated.
 */
struct ntp_time
replay_reply(struct replay_state *state, unsigned index,
	     const struct config_association *association, struct ntp_time identification,
	     struct ntp_time now, enum replay_answer answer, uint32_t fresh);

#endif
