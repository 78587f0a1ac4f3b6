/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_REG_ENGINE_H
#define CONTROL_REG_ENGINE_H

#include "control/address_pool.h"
#include "control/registration.h"
#include "control/subscriber.h"
#include "lib/log.h"
#include "lib/mip_auth.h"
#include "lib/token_bucket.h"

/* What the files of the registration engine share; nobody else includes this. */

struct revocation;
struct revocation_home;

#define REG_RANDOM_COUNT 64

/* The revocations that wait for an acknowledgement; revocation.c's own. */
struct revocation_list {
	struct revocation_home *homes; /* by home address */
	struct revocation *queue;      /* those to be sent as soon as `pace` allows */
	struct token_bucket pace;
	struct timer_node timer; /* of the queue */
	struct mono_time due;	 /* when it fires */
	unsigned count, count_max;
};

struct registration {
	struct registration_context context;
	struct subscriber_table *subscribers;
	struct address_pool *pool;
	struct binding_table *bindings;
	struct mip_auth *auth;
	struct revocation_list revocations;
	struct ntp_time start;
	struct replay_clock clock;
	be32 request_source;		    /* of the message that is being handled; 0: none */
	struct token_bucket auth_replies;   /* limits.auth_failure_replies_per_sec: 131 */
	struct token_bucket replay_replies; /* as many of 133 */
	struct log_limit log_outside;	    /* registrations that came the wrong way */
	struct log_limit log_violation;
	struct log_limit log_denied;
	struct log_limit log_revocation;
	struct log_limit log_clock;
	struct reg_counters counters[AGENT_COUNT];
	struct reg_security security;
	uint32_t random[REG_RANDOM_COUNT]; /* nonces, drawn many at a time */
	unsigned random_left;
};

/* A message on its way through the engine. */
struct reg_request {
	const struct reg_datagram *datagram;
	struct mono_time now;
	struct ntp_time wall;
	struct mip_message message;
	struct reg_facts facts;
	struct subscriber *subscriber;		      /* NULL: unknown */
	const struct config_association *association; /* that a reply is signed with; or NULL */
	unsigned association_index;
	struct foreign_agent *foreign; /* that relayed it and shares a key with us; or NULL */
	struct reg_decision decision;
};

/* The wall clock as replay protection wants it, see struct replay_clock. */
struct ntp_time reg_clock(struct registration *engine, struct mono_time now);

/* Which home agent a datagram is for: false when none. Sets the facts about its arrival. */
bool reg_gather_arrival(const struct registration *engine, struct reg_request *request);

/* Sets the other facts of a request: whose it is, whether it is authentic and fresh, what there is. */
void reg_gather_identity(struct registration *engine, struct reg_request *request);

/* True when the extension's authenticator is right for the message that it is part of. */
bool
reg_auth_is_right(struct registration *engine, const struct mip_message *message,
		  const struct mip_auth_view *view, const struct config_association *association);

/* Count and log a request, and what became of it. */
void reg_record_request(struct registration *engine, const struct reg_request *request);
void reg_record_decision(struct registration *engine, const struct reg_request *request);

/* Builds and sends the reply that was decided on. */
void reg_reply(struct registration *engine, struct reg_request *request);

/* Writes who a request is from, for a log line: NAI and home address, made printable. */
#define REG_IDENTITY_SIZE 320
const char *reg_identity(const struct reg_request *request, char text[REG_IDENTITY_SIZE]);

#endif
