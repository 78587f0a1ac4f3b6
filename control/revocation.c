/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/revocation.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <utlist.h>

#include "control/hash_table.h"
#include "control/reg_engine.h"
#include "lib/mip_revocation.h"

/* A reload can end all bindings at once. Their revocations leave in turns, no more at once than workers and
 * foreign agents can take: a hundred thousand in 20 seconds. */
#define SENT_PER_SEC 5000
#define SENT_AT_ONCE (SENT_PER_SEC * TIMER_TICK_MS / 1000)

/* The revocations of one home address: few, one for each care-of address that it had lately. */
struct revocation_home {
	be32 home_address;
	struct revocation *first;
	UT_hash_handle hh;
};

/*
 * A revocation that waits for its acknowledgement. It outlives the binding, and the configuration that
 * the key came from: it has its own copy of both. When its time to be sent has come it joins the queue;
 * else its timer runs.
 */
struct revocation {
	struct revocation *prev, *next; /* of the same home address */
	struct revocation *queue_prev, *queue_next;
	bool is_queued;
	struct registration *engine;
	struct timer_node timer;
	struct mono_time due; /* when the timer fires */
	struct mono_time deadline;
	struct revocation_retry retry;
	struct udp_flow flow;
	enum agent_id agent;
	be32 home_address;
	be32 foreign_domain;
	bool inform;
	uint8_t auth_type; /* the authenticator's: foreign-home or mobile-home */
	struct config_association association;
};

void
revocation_init(struct registration *engine, struct mono_time now)
{
	engine->revocations =
		(struct revocation_list){.count_max = engine->context.config->limits.bindings_max};
	token_bucket_init(&engine->revocations.pace, SENT_PER_SEC, SENT_AT_ONCE, now);
}

static struct revocation_home *
home_find(const struct registration *engine, be32 home_address)
{
	struct revocation_home *home;

	HASH_FIND(hh, engine->revocations.homes, &home_address, sizeof(home_address), home);
	return home;
}

static struct revocation *
first_of(const struct registration *engine, be32 home_address)
{
	const struct revocation_home *home = home_find(engine, home_address);

	return home != NULL ? home->first : NULL;
}

/* NULL: no memory. */
static struct revocation_home *
home_find_or_add(struct registration *engine, be32 home_address)
{
	struct revocation_home *home = home_find(engine, home_address);

	if (home != NULL)
		return home;
	home = calloc(1, sizeof(*home));
	if (home == NULL)
		return NULL;
	home->home_address = home_address;
	HASH_ADD(hh, engine->revocations.homes, home_address, sizeof(home_address), home);
	if (home->hh.tbl != NULL)
		return home;
	free(home);
	return NULL;
}

/* NULL: no memory, or no room. There are never more than there can be bindings. */
static struct revocation *
revocation_add(struct registration *engine, be32 home_address)
{
	struct revocation_list *list = &engine->revocations;
	struct revocation_home *home;
	struct revocation *revocation;

	if (list->count >= list->count_max)
		return NULL;
	revocation = calloc(1, sizeof(*revocation));
	home = revocation != NULL ? home_find_or_add(engine, home_address) : NULL;
	if (home == NULL) {
		free(revocation);
		return NULL;
	}
	revocation->engine = engine;
	revocation->home_address = home_address;
	DL_APPEND(home->first, revocation);
	list->count++;
	return revocation;
}

static void
queue_leave(struct revocation *revocation)
{
	if (revocation->is_queued)
		DL_DELETE2(revocation->engine->revocations.queue, revocation, queue_prev,
			   queue_next);
	revocation->is_queued = false;
}

/* RFC 3543 section 3.5: the clock of identifiers and of revocation support extensions. */
static uint32_t
current_id(struct registration *engine, struct mono_time now)
{
	return (uint32_t)(reg_clock(engine, now).units >> 32);
}

static void
revocation_drop(struct revocation *revocation)
{
	struct registration *engine = revocation->engine;
	struct revocation_home *home = home_find(engine, revocation->home_address);

	timer_disarm(engine->context.wheel, &revocation->timer);
	queue_leave(revocation);
	DL_DELETE(home->first, revocation);
	if (home->first == NULL) {
		HASH_DEL(engine->revocations.homes, home);
		free(home);
	}
	engine->revocations.count--;
	OPENSSL_cleanse(&revocation->association, sizeof(revocation->association));
	free(revocation);
}

static struct mip_signer
signer_of(const struct registration *engine, uint8_t auth_type,
	  const struct config_association *association)
{
	return (struct mip_signer){
		.auth = engine->auth,
		.type = auth_type,
		.spi = association->spi,
		.algorithm = association->algorithm,
		.key = &association->key,
	};
}

static void
revocation_transmit(struct revocation *revocation, struct mono_time now)
{
	struct registration *engine = revocation->engine;
	struct reg_counters *counters = &engine->counters[revocation->agent];
	uint32_t id = current_id(engine, now);
	struct mip_signer signer =
		signer_of(engine, revocation->auth_type, &revocation->association);
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	const struct mip_revocation fixed = {
		.type = MIP_REVOCATION,
		.flags_be = htobe16((uint16_t)(MIP_REVOCATION_FLAG_A |
					       (revocation->inform ? MIP_REVOCATION_FLAG_I : 0))),
		.home_address = revocation->home_address,
		.home_domain = revocation->flow.src,
		.foreign_domain = revocation->foreign_domain,
		.revocation_id_be = htobe32(id),
	};
	int len = mip_revocation_build(&fixed, &signer, bytes);

	revocation_retry_note(&revocation->retry, id);
	if (len < 0 || reg_send(engine, &revocation->flow, bytes, (uint16_t)len) < 0)
		counters->reply_failures++; /* the next transmission may do better */
	else
		counters->revocations_sent++;
}

static void revocation_due(struct timer_node *node, void *context);

/* Until the next transmission, or until the binding would have ended by itself. */
static void
revocation_wait(struct revocation *revocation, struct mono_time from)
{
	revocation->due = mono_add_ms(from, revocation_retry_next_ms(&revocation->retry));
	if (mono_is_before(revocation->deadline, revocation->due))
		revocation->due = revocation->deadline;
	timer_arm(revocation->engine->context.wheel, &revocation->timer, revocation->due,
		  revocation_due);
}

static void
revocation_take_turn(struct revocation *revocation, struct mono_time now)
{
	queue_leave(revocation);
	if (!mono_is_before(now, revocation->deadline)) {
		revocation->engine->counters[revocation->agent].revocations_given_up++;
		revocation_drop(revocation);
		return;
	}
	revocation_transmit(revocation, now);
	revocation_wait(revocation, now);
}

static void queue_due(struct timer_node *node, void *context);

/* Sends as many as may be sent now, the longest waiting first; a timer sees to the rest. */
static void
queue_run(struct registration *engine, struct mono_time now)
{
	struct revocation_list *list = &engine->revocations;

	while (list->queue != NULL && token_bucket_take(&list->pace, now))
		revocation_take_turn(list->queue, now);
	if (list->queue == NULL || timer_is_armed(&list->timer))
		return;
	list->due = mono_add_ms(now, TIMER_TICK_MS);
	timer_arm(engine->context.wheel, &list->timer, list->due, queue_due);
}

static void
queue_due(struct timer_node *node, void *context)
{
	struct registration *engine =
		(struct registration *)((char *)node -
					offsetof(struct registration, revocations.timer));

	(void)context;
	queue_run(engine, engine->revocations.due);
}

static void
queue_join(struct revocation *revocation, struct mono_time now)
{
	revocation->is_queued = true;
	DL_APPEND2(revocation->engine->revocations.queue, revocation, queue_prev, queue_next);
	queue_run(revocation->engine, now);
}

static void
revocation_due(struct timer_node *node, void *context)
{
	struct revocation *revocation =
		(struct revocation *)((char *)node - offsetof(struct revocation, timer));

	(void)context;
	queue_join(revocation, revocation->due);
}

/* The key shared with whoever negotiated revocation for this binding; NULL when it is gone. */
static const struct config_association *
peer_association(const struct registration *engine, const struct binding_terms *terms)
{
	const struct foreign_agent *foreign;
	unsigned index;

	if (terms->flags & BINDING_REVOKE_MOBILE)
		return subscriber_association(terms->subscriber, terms->spi, &index);
	if ((terms->flags & BINDING_REVOKE_FOREIGN) == 0)
		return NULL;
	foreign = foreign_agent_find(engine->subscribers, terms->source);
	if (foreign == NULL)
		foreign = foreign_agent_find(engine->subscribers, terms->care_of_address);
	return foreign != NULL ? &foreign->config->association : NULL;
}

/* RFC 3543 section 3.3 says port 434; through a NAT, only the way that the registration came by leads
 * back to the mobile. */
static struct udp_flow
peer_flow(const struct binding_terms *terms)
{
	bool is_behind_nat = (terms->flags & BINDING_NAT) != 0;

	return (struct udp_flow){
		.src = terms->agent_address,
		.dst = terms->source,
		.src_port_be = htobe16(MIP_PORT),
		.dst_port_be = is_behind_nat ? terms->source_port_be : htobe16(MIP_PORT),
	};
}

void
revocation_send(struct registration *engine, const struct binding *binding, bool inform_mobile,
		struct mono_time now)
{
	const struct binding_terms *terms = &binding->terms;
	const struct config_association *association = peer_association(engine, terms);
	bool is_mobile = (terms->flags & BINDING_REVOKE_MOBILE) != 0;
	bool has_inform = is_mobile || (terms->flags & BINDING_REVOKE_INFORM) != 0;
	struct revocation *revocation;
	char text[ADDRESS_TEXT_SIZE];

	if (association == NULL || !mono_is_before(now, binding->expires))
		return;
	revocation = revocation_add(engine, terms->home_address);
	if (revocation == NULL) {
		engine->counters[terms->agent].revocations_given_up++;
		if (log_limit_allows(&engine->log_revocation))
			log_warn(ENOMEM, "peer of %s not told that its binding ended",
				 address_format(terms->home_address, text));
		return;
	}
	revocation->deadline = binding->expires;
	revocation_retry_init(&revocation->retry);
	revocation->flow = peer_flow(terms);
	revocation->agent = (enum agent_id)terms->agent;
	revocation->foreign_domain = terms->care_of_address;
	revocation->inform = inform_mobile && has_inform;
	revocation->auth_type = is_mobile ? MIP_EXT_MN_HA_AUTH : MIP_EXT_FA_HA_AUTH;
	revocation->association = *association;
	queue_join(revocation, now);
}

int
revocation_start(struct registration *engine, be32 home_address, struct mono_time now)
{
	unsigned count =
		binding_remove_all(engine->bindings, home_address, BINDING_END_REVOKED, now);

	return count == 0 ? -ENOENT : (int)count;
}

void
revocation_cancel(struct registration *engine, const struct binding_terms *terms)
{
	struct revocation *revocation, *next;

	DL_FOREACH_SAFE(first_of(engine, terms->home_address), revocation, next)
	{
		if (revocation->foreign_domain == terms->care_of_address)
			revocation_drop(revocation);
	}
}

void
revocation_fini(struct registration *engine)
{
	while (engine->revocations.homes != NULL)
		revocation_drop(engine->revocations.homes->first);
	timer_disarm(engine->context.wheel, &engine->revocations.timer);
}

static void
acknowledge(struct registration *engine, const struct reg_request *request, bool inform)
{
	const struct reg_datagram *datagram = request->datagram;
	struct mip_signer signer =
		signer_of(engine, MIP_EXT_FA_HA_AUTH, &request->foreign->config->association);
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	const struct udp_flow flow = {
		.src = datagram->dst,
		.dst = datagram->src,
		.src_port_be = datagram->dst_port_be,
		.dst_port_be = datagram->src_port_be,
	};
	int len = mip_revocation_ack_build(&request->message.revocation, inform, &signer, bytes);

	if (len < 0 || reg_send(engine, &flow, bytes, (uint16_t)len) < 0)
		engine->counters[request->facts.agent].reply_failures++;
}

/* From a foreign agent that we know, signed by it, about one of our bindings. A mobile has no business
 * here: it deregisters. A set A bit is a home agent's, perhaps our own come back. */
static bool
is_authentic(struct registration *engine, struct reg_request *request)
{
	const struct mip_message *message = &request->message;
	const struct config_agent *agent = request->facts.config;

	request->foreign = foreign_agent_find(engine->subscribers, request->datagram->src);
	return request->facts.parse == MIP_PARSE_OK && !request->facts.to_broadcast &&
	       agent->revocation && request->foreign != NULL &&
	       request->foreign->config->revocation && message->fa_ha.count == 1 &&
	       (be16toh(message->revocation.flags_be) & MIP_REVOCATION_FLAG_A) == 0 &&
	       message->revocation.home_domain == agent->address &&
	       reg_auth_is_right(engine, message, &message->fa_ha,
				 &request->foreign->config->association, NULL);
}

/* True when the revocation is no replay: later than the registration that it ends; or, when that is gone
 * already (our acknowledgement was lost), not older than the agent's last one. */
static bool
is_fresh(const struct reg_request *request, const struct binding *binding)
{
	uint32_t id = be32toh(request->message.revocation.revocation_id_be);

	if (binding != NULL)
		return (binding->terms.flags & BINDING_REVOKE_FOREIGN) != 0 &&
		       binding->terms.source == request->datagram->src &&
		       revocation_id_is_later(id, binding->terms.peer_timestamp);
	return revocation_memory_allows(&request->foreign->revoked, id);
}

/* RFC 3543 section 4.2.3.2. False: not to be answered. */
static bool
take_revocation(struct registration *engine, struct reg_request *request)
{
	const struct mip_revocation *asked = &request->message.revocation;
	uint32_t id = be32toh(asked->revocation_id_be);
	bool inform = (be16toh(asked->flags_be) & MIP_REVOCATION_FLAG_I) != 0;
	struct binding *binding;

	if (!is_authentic(engine, request))
		return false;
	binding =
		binding_find_care_of(engine->bindings, asked->home_address, asked->foreign_domain);
	if (binding != NULL && binding->terms.agent != request->facts.agent)
		return false;
	if (!is_fresh(request, binding))
		return false;
	revocation_memory_note(&request->foreign->revoked, id);
	if (binding != NULL) {
		inform = inform && (binding->terms.flags & BINDING_REVOKE_INFORM) != 0;
		binding_remove(engine->bindings, binding, BINDING_END_REVOKED_BY_PEER,
			       request->now);
	}
	acknowledge(engine, request, inform);
	return true;
}

static bool
is_answered(const struct revocation *revocation, const struct reg_request *request)
{
	const struct mip_revocation_ack *ack = &request->message.revocation_ack;

	return revocation->flow.dst == request->datagram->src &&
	       revocation->flow.src == request->datagram->dst &&
	       revocation_retry_matches(&revocation->retry, be32toh(ack->revocation_id_be));
}

/* False: nobody waits for it, or it is not from whom it should be. */
static bool
take_acknowledgement(struct registration *engine, struct reg_request *request)
{
	const struct mip_message *message = &request->message;
	struct revocation *revocation;

	if (request->facts.parse != MIP_PARSE_OK)
		return false;
	DL_FOREACH(first_of(engine, message->revocation_ack.home_address), revocation)
	{
		const struct mip_auth_view *view = revocation->auth_type == MIP_EXT_MN_HA_AUTH
							   ? &message->mn_ha
							   : &message->fa_ha;

		if (!is_answered(revocation, request) || view->count != 1 ||
		    !reg_auth_is_right(engine, message, view, &revocation->association, NULL))
			continue;
		revocation_drop(revocation);
		return true;
	}
	return false;
}

void
revocation_input(struct registration *engine, struct reg_request *request)
{
	struct reg_counters *counters = &engine->counters[request->facts.agent];
	struct reg_decision origin = {0};
	bool is_revocation = request->message.type == MIP_REVOCATION;
	char source[ADDRESS_TEXT_SIZE];

	if (!reg_decide_origin(&request->facts, &origin)) {
		engine->context.drops->count[origin.drop]++;
		return;
	}
	if (is_revocation ? take_revocation(engine, request)
			  : take_acknowledgement(engine, request)) {
		if (is_revocation)
			counters->revocations_received++;
		else
			counters->revocations_acknowledged++;
		return;
	}
	engine->context.drops->count[DROP_REVOCATION_INVALID]++;
	if (log_limit_allows(&engine->log_revocation))
		log_warnx("%s: %s from %s dropped: %s", agent_name(request->facts.agent),
			  is_revocation ? "revocation" : "acknowledgement of a revocation",
			  address_format(request->datagram->src, source),
			  drop_reason_help(DROP_REVOCATION_INVALID));
}
