/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_REG_ENGINE_H
#define CONTROL_REG_ENGINE_H

#include "control/address_pool.h"
#include "control/registration.h"
#include "control/subscriber.h"
#include "lib/log.h"
#include "lib/mip_auth_burst.h"
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

/* What an authenticator should be, computed together with those of other requests. */
struct reg_expected {
	const struct config_association
		*association; /* that was computed with; NULL: nothing was */
	uint8_t authenticator[MIP_AUTH_SIZE_MAX];
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
	struct reg_expected mobile_expected, foreign_expected;
};

/* A reply that is complete but for its authenticators, which are jobs of the burst. */
struct reg_reply {
	struct udp_flow flow;
	enum inject_kind kind;
	enum agent_id agent;
	uint16_t len;
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
};

/*
 * Requests that came together. What takes the time of them, memory that is far and HMACs, is asked for and done
 * for all at once; what is decided and changed, one by one in their order in between. reg_burst.c.
 */
struct reg_burst {
	unsigned reply_count;
	struct mip_auth_burst *auth;
	struct mip_auth_job mobile_jobs[REGISTRATION_BURST_MAX]; /* of requests, then of replies */
	struct mip_auth_job foreign_jobs[REGISTRATION_BURST_MAX];
	struct reg_request requests[REGISTRATION_BURST_MAX];
	struct reg_reply replies[REGISTRATION_BURST_MAX];
};

struct registration {
	struct registration_context context;
	struct subscriber_table *subscribers;
	struct address_pool *pool;
	struct binding_table *bindings;
	struct mip_auth *auth;
	struct reg_burst burst;
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

/* The wall clock as replay protection wants it, see struct replay_clock. */
struct ntp_time reg_clock(struct registration *engine, struct mono_time now);

/* Sets the facts about a datagram's arrival: which home agent it is for, if any (`config`), and what it says. */
void reg_gather_arrival(const struct registration *engine, struct reg_request *request);

/* Sets the other facts of a request: whose it is, whether it is authentic and fresh, what there is. */
void reg_gather_identity(struct registration *engine, struct reg_request *request);

/* True when the extension's authenticator is right for the message that it is part of. `expected`: what it
 * should be, where that is known; or NULL. */
bool
reg_auth_is_right(struct registration *engine, const struct mip_message *message,
		  const struct mip_auth_view *view, const struct config_association *association,
		  const struct reg_expected *expected);

/* Who the configuration says sent a request, or NULL. */
struct subscriber *
reg_find_configured(const struct registration *engine, const struct reg_request *request);
/* The foreign agent that relayed it, if it shares a key with us. */
struct foreign_agent *
reg_find_foreign(const struct registration *engine, const struct reg_request *request);

/* Before the requests of a burst are taken one by one: sets their subscribers and what authenticators should
 * be. And after: signs and sends the replies. */
void reg_burst_prepare(struct registration *engine, unsigned count);
void reg_burst_finish(struct registration *engine, unsigned count);

/* Sends what is no reply, behind the replies that are due already: a foreign agent must not hear that a binding
 * was revoked before it hears that there is one. 0 or -errno. */
int reg_send(struct registration *engine, const struct udp_flow *flow, const void *payload,
	     uint16_t len);

/* Count and log a request, and what became of it. */
void reg_record_request(struct registration *engine, const struct reg_request *request);
void reg_record_decision(struct registration *engine, const struct reg_request *request);

/* Builds the reply that was decided on, which the burst will sign and send. */
void reg_reply(struct registration *engine, struct reg_request *request);

/* Writes who a request is from, for a log line: NAI and home address, made printable. */
#define REG_IDENTITY_SIZE 320
const char *reg_identity(const struct reg_request *request, char text[REG_IDENTITY_SIZE]);

#endif
