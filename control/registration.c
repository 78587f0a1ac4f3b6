/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/registration.h"

#include <errno.h>
#include <rte_common.h>
#include <stdlib.h>
#include <string.h>

#include "control/reg_engine.h"
#include "control/revocation.h"

/* A binding has ended: its address may be another's now, and its foreign agent may want to know. */
static void
binding_ended(const struct binding *binding, enum binding_end why, bool is_last,
	      struct mono_time now, void *context)
{
	struct registration *engine = context;
	const struct binding_terms *terms = &binding->terms;
	bool by_other_way = engine->request_source != terms->source;

	engine->counters[terms->agent].bindings_ended[why]++;
	terms->subscriber->service.served_sec +=
		(uint32_t)(mono_ms_until(binding->since, now) / 1000);
	if (engine->context.slot_ended != NULL)
		engine->context.slot_ended(engine->context.context, binding->slot);
	if (is_last)
		address_pool_release(engine->pool, terms->home_address);
	/* one that the mobile ended or left is news to the agent that it left only */
	if (why == BINDING_END_REVOKED || why == BINDING_END_GONE)
		revocation_send(engine, binding, true, now);
	else if ((why == BINDING_END_REPLACED || why == BINDING_END_DEREGISTERED) &&
		 (terms->flags & BINDING_REVOKE_FOREIGN) != 0 && by_other_way)
		revocation_send(engine, binding, false, now);
}

static void
limits_set(struct registration *engine, const struct config_limits *limits, struct mono_time now)
{
	token_bucket_init(&engine->auth_replies, limits->auth_failure_replies_per_sec,
			  limits->auth_failure_replies_per_sec, now);
	token_bucket_init(&engine->replay_replies, limits->auth_failure_replies_per_sec,
			  limits->auth_failure_replies_per_sec, now);
	engine->log_outside.per_sec = limits->log_per_sec;
	engine->log_violation.per_sec = limits->log_per_sec;
	engine->log_denied.per_sec = limits->log_per_sec;
	engine->log_revocation.per_sec = limits->log_per_sec;
	engine->log_clock.per_sec = limits->log_per_sec;
}

struct ntp_time
reg_clock(struct registration *engine, struct mono_time now)
{
	struct ntp_time wall = engine->context.wall_clock(engine->context.context);
	bool was_held = engine->clock.is_held;
	struct ntp_time time = replay_clock_read(&engine->clock, wall, now);

	if (engine->clock.is_held && !was_held && log_limit_allows(&engine->log_clock))
		log_warnx("the wall clock was set back by %lld s; registrations go by the clock of "
			  "before until it has caught up, or until homeport is restarted",
			  (long long)(ntp_difference_ns(time, wall) / (int64_t)NS_PER_SEC));
	return time;
}

struct registration *
registration_create(const struct registration_context *context, struct mono_time now)
{
	struct registration *engine = calloc(1, sizeof(*engine));
	struct binding_context bindings = {
		.publisher = context->publisher,
		.routes = context->routes,
		.wheel = context->wheel,
		.config = context->config,
		.ended = binding_ended,
		.context = engine,
	};

	if (engine == NULL)
		return NULL;
	engine->context = *context;
	engine->start = context->wall_clock(context->context);
	replay_clock_init(&engine->clock, engine->start, now);
	limits_set(engine, &context->config->limits, now);
	revocation_init(engine, now);
	engine->auth = mip_auth_create();
	engine->burst.auth = mip_auth_burst_create();
	engine->subscribers = subscriber_table_create(context->config, engine->start);
	engine->pool = address_pool_create(context->config);
	engine->bindings = binding_table_create(&bindings);
	if (engine->auth == NULL || engine->burst.auth == NULL || engine->subscribers == NULL ||
	    engine->pool == NULL || engine->bindings == NULL) {
		registration_destroy(engine);
		return NULL;
	}
	return engine;
}

void
registration_destroy(struct registration *engine)
{
	if (engine == NULL)
		return;
	revocation_fini(engine);
	binding_table_destroy(engine->bindings);
	address_pool_destroy(engine->pool);
	subscriber_table_destroy(engine->subscribers);
	mip_auth_burst_destroy(engine->burst.auth);
	mip_auth_destroy(engine->auth);
	free(engine);
}

static void
terms_fill(const struct registration *engine, const struct reg_request *request,
	   struct binding_terms *terms)
{
	const struct reg_decision *decision = &request->decision;
	const struct mip_message *message = &request->message;

	*terms = (struct binding_terms){
		.home_address = request->facts.home_address,
		.care_of_address = message->request.care_of_address,
		.agent_address = request->facts.config->address,
		.tunnel_dst = decision->tunnel_dst,
		.tunnel_port_be = decision->tunnel_port_be,
		.source = request->datagram->src,
		.source_port_be = request->datagram->src_port_be,
		.spi = request->association->spi,
		.peer_timestamp = message->revocation_support.timestamp,
		.lifetime_sec = decision->lifetime_sec,
		.network = binding_network(engine->context.config, request->facts.agent,
					   request->facts.home_address),
		.agent = (uint8_t)request->facts.agent,
		.request_flags = decision->request_flags,
		.kind = (uint8_t)decision->kind,
		.identification = be64toh(message->request.identification_be),
		.subscriber = request->subscriber,
	};
	if (decision->is_half_bound)
		terms->flags |= BINDING_HALF_BOUND;
	if (decision->has_nat)
		terms->flags |= BINDING_NAT;
	if (decision->revocation_for_foreign)
		terms->flags |= BINDING_REVOKE_FOREIGN;
	if (decision->revocation_for_mobile)
		terms->flags |= BINDING_REVOKE_MOBILE;
	if (message->revocation_support.inform)
		terms->flags |= BINDING_REVOKE_INFORM;
	if (request->subscriber->config->ecn_compatible)
		terms->flags |= BINDING_ECN_COMPATIBLE;
}

/* 0, or -errno with everything as it was. */
static int
make_binding(struct registration *engine, const struct reg_request *request)
{
	const struct config_subscriber *config = request->subscriber->config;
	bool is_dynamic = config->home_address == 0;
	struct binding_terms terms;
	int rc = 0;

	terms_fill(engine, request, &terms);
	if (is_dynamic)
		rc = address_pool_take(engine->pool, request->facts.agent, config->nai,
				       strlen(config->nai), terms.home_address);
	if (rc == 0)
		rc = binding_register(engine->bindings, &terms, request->decision.action == REG_ADD,
				      request->now);
	if (rc == 0)
		revocation_cancel(engine, &terms);
	else if (is_dynamic && binding_find(engine->bindings, terms.home_address) == NULL)
		address_pool_release(engine->pool, terms.home_address);
	return rc;
}

/* Nothing else about the reply may stay as if the request had been accepted. */
static void
turn_into_denial(struct reg_decision *decision, int error)
{
	bool is_full = error == -ENOSPC || error == -ENOMEM;

	decision->verdict = REG_DENY;
	decision->code = is_full ? MIP_CODE_NO_RESOURCES : MIP_CODE_UNSPECIFIED;
	decision->text = is_full ? "no room for another binding" : "tunnel cannot be built";
	if (error == -ENETUNREACH) {
		decision->code = MIP_CODE_PROHIBITED;
		decision->text = "care-of address is on the other side of the box";
	}
	decision->lifetime_sec = 0;
	decision->udp_reply.present = false;
	decision->revocation_for_mobile = false;
	decision->revocation_for_foreign = false;
}

static void
act(struct registration *engine, struct reg_request *request)
{
	be32 home_address = request->facts.home_address;
	struct binding *binding;
	int rc;

	switch (request->decision.action) {
	case REG_NOTHING:
		break;
	case REG_REPLACE:
	case REG_ADD:
		rc = make_binding(engine, request);
		if (rc < 0)
			turn_into_denial(&request->decision, rc);
		break;
	case REG_REMOVE_ONE:
		binding = binding_find_care_of(engine->bindings, home_address,
					       request->message.request.care_of_address);
		if (binding != NULL)
			binding_remove(engine->bindings, binding, BINDING_END_DEREGISTERED,
				       request->now);
		break;
	case REG_REMOVE_ALL:
		binding_remove_all(engine->bindings, home_address, BINDING_END_DEREGISTERED,
				   request->now);
		break;
	}
}

static void
take_request(struct registration *engine, struct reg_request *request)
{
	struct reg_decision *decision = &request->decision;

	reg_record_request(engine, request);
	if (reg_decide_admission(&request->facts, decision)) {
		reg_gather_identity(engine, request);
		reg_decide(&request->facts, decision);
	}
	if (decision->verdict != REG_DROP) {
		if (request->facts.identification_is_valid)
			replay_accept(&request->subscriber->replay, request->association_index,
				      request->association,
				      ntp_from_be(request->message.request.identification_be));
		act(engine, request);
		reg_reply(engine, request);
	}
	reg_record_decision(engine, request);
}

static void
take_message(struct registration *engine, struct reg_request *request)
{
	if (request->facts.config == NULL) {
		engine->context.drops->count[DROP_REG_NO_AGENT]++;
		return;
	}
	engine->request_source = request->datagram->src;
	if (request->facts.parse != MIP_PARSE_SHORT &&
	    (request->message.type == MIP_REVOCATION ||
	     request->message.type == MIP_REVOCATION_ACK))
		revocation_input(engine, request);
	else
		take_request(engine, request);
	engine->request_source = 0;
}

static void
take_burst(struct registration *engine, const struct reg_datagram *datagrams, unsigned count,
	   struct mono_time now)
{
	struct ntp_time wall = reg_clock(engine, now);

	for (unsigned i = 0; i < count; i++) {
		struct reg_request *request = &engine->burst.requests[i];

		*request = (struct reg_request){
			.datagram = &datagrams[i],
			.now = now,
			.wall = wall,
		};
		reg_gather_arrival(engine, request);
	}
	reg_burst_prepare(engine, count);
	for (unsigned i = 0; i < count; i++)
		take_message(engine, &engine->burst.requests[i]);
	reg_burst_finish(engine, count);
}

void
registration_input(struct registration *engine, const struct reg_datagram *datagrams,
		   unsigned count, struct mono_time now)
{
	while (count > 0) {
		unsigned taken = RTE_MIN(count, (unsigned)REGISTRATION_BURST_MAX);

		take_burst(engine, datagrams, taken, now);
		datagrams += taken;
		count -= taken;
	}
}

int
registration_reload(struct registration *engine, const struct config *config, struct mono_time now)
{
	struct subscriber_table *subscribers = subscriber_table_create(config, engine->start);
	struct address_pool *pool = address_pool_create(config);
	struct address_pool *pool_before = engine->pool;
	int rc = -ENOMEM;

	if (subscribers == NULL || pool == NULL || address_pool_inherit(pool, engine->pool) < 0)
		goto no_memory;
	subscriber_table_inherit(subscribers, engine->subscribers);
	engine->pool = pool; /* what ends in the reload is released there */
	rc = binding_table_reload(engine->bindings, config, now);
	if (rc < 0) {
		engine->pool = pool_before;
		goto no_memory;
	}
	address_pool_destroy(pool_before);
	subscriber_table_destroy(engine->subscribers);
	engine->subscribers = subscribers;
	engine->context.config = config;
	limits_set(engine, &config->limits, now);
	return 0;

no_memory:
	address_pool_destroy(pool);
	subscriber_table_destroy(subscribers);
	return rc;
}

struct binding_table *
registration_bindings(struct registration *engine)
{
	return engine->bindings;
}

const struct reg_counters *
registration_counters(const struct registration *engine, enum agent_id agent)
{
	return &engine->counters[agent];
}

const struct reg_security *
registration_security(const struct registration *engine)
{
	return &engine->security;
}
