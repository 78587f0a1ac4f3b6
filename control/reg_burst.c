/* SPDX-License-Identifier: BSD-3-Clause */
#include <openssl/crypto.h>
#include <rte_prefetch.h>

#include "control/reg_engine.h"

/* Whether the request is one that goes on to be authenticated. */
static bool
is_to_be_verified(const struct reg_request *request)
{
	struct reg_decision decision;

	return request->facts.config != NULL && reg_decide_admission(&request->facts, &decision);
}

/* Asks for what is known of those who sent requests, each step for all of them before the next. */
static void
fetch(struct registration *engine, unsigned count)
{
	struct reg_request *requests = engine->burst.requests;
	be32 home_addresses[REGISTRATION_BURST_MAX] = {0};

	for (unsigned i = 0; i < count; i++) {
		home_addresses[i] = requests[i].message.request.home_address;
		subscriber_prefetch(engine->subscribers, requests[i].facts.agent,
				    home_addresses[i]);
	}
	binding_prefetch(engine->bindings, home_addresses, count);
	for (unsigned i = 0; i < count; i++) {
		if (!is_to_be_verified(&requests[i]))
			continue;
		requests[i].subscriber = reg_find_configured(engine, &requests[i]);
		requests[i].foreign = reg_find_foreign(engine, &requests[i]);
		rte_prefetch0(requests[i].subscriber);
	}
	for (unsigned i = 0; i < count; i++) {
		if (requests[i].subscriber == NULL)
			continue;
		rte_prefetch0(requests[i].subscriber->config);
		rte_prefetch0(requests[i].subscriber->config->associations);
		rte_prefetch0(requests[i].subscriber->pads);
	}
}

static void
expect(const struct reg_request *request, const struct mip_auth_view *view,
       const struct config_association *association, const struct mip_auth_pads *pads,
       struct reg_expected *expected, struct mip_auth_job *job)
{
	if (view->authenticator.data == NULL || association == NULL)
		return;
	*job = (struct mip_auth_job){
		.algorithm = association->algorithm,
		.key = &association->key,
		.pads = pads,
		.message = request->message.bytes,
		.len = view->covered_len,
		.out = expected->authenticator,
	};
	expected->association = association;
}

static void
expect_mobile(struct reg_request *request, struct mip_auth_job *job)
{
	const struct config_association *association = NULL;
	unsigned index = 0;

	if (request->subscriber != NULL)
		association = subscriber_association(request->subscriber,
						     request->message.mn_ha.spi, &index);
	if (association != NULL)
		expect(request, &request->message.mn_ha, association,
		       &request->subscriber->pads[index], &request->mobile_expected, job);
}

static void
expect_foreign(struct reg_request *request, struct mip_auth_job *job)
{
	if (request->foreign != NULL)
		expect(request, &request->message.fa_ha, &request->foreign->config->association,
		       request->foreign->pads, &request->foreign_expected, job);
}

void
reg_burst_prepare(struct registration *engine, unsigned count)
{
	struct reg_burst *burst = &engine->burst;

	fetch(engine, count);
	for (unsigned i = 0; i < count; i++) {
		burst->mobile_jobs[i] = burst->foreign_jobs[i] = (struct mip_auth_job){0};
		expect_mobile(&burst->requests[i], &burst->mobile_jobs[i]);
		expect_foreign(&burst->requests[i], &burst->foreign_jobs[i]);
	}
	mip_auth_burst_compute(burst->auth, engine->auth, burst->mobile_jobs, count);
	mip_auth_burst_compute(burst->auth, engine->auth, burst->foreign_jobs, count);
	for (unsigned i = 0; i < count; i++) {
		if (!burst->mobile_jobs[i].is_done)
			burst->requests[i].mobile_expected.association = NULL;
		if (!burst->foreign_jobs[i].is_done)
			burst->requests[i].foreign_expected.association = NULL;
	}
}

static bool
is_signed(const struct mip_auth_job *job)
{
	return job->key == NULL || job->is_done;
}

/* What an authenticator should have been is worth a forgery. */
static void
forget(struct reg_request *request)
{
	OPENSSL_cleanse(&request->mobile_expected, sizeof(request->mobile_expected));
	OPENSSL_cleanse(&request->foreign_expected, sizeof(request->foreign_expected));
}

static void
send_replies(struct registration *engine)
{
	struct reg_burst *burst = &engine->burst;

	/* the foreign agent's covers the mobile's */
	mip_auth_burst_compute(burst->auth, engine->auth, burst->mobile_jobs, burst->reply_count);
	mip_auth_burst_compute(burst->auth, engine->auth, burst->foreign_jobs, burst->reply_count);
	for (unsigned i = 0; i < burst->reply_count; i++) {
		const struct reg_reply *reply = &burst->replies[i];

		if (!is_signed(&burst->mobile_jobs[i]) || !is_signed(&burst->foreign_jobs[i]) ||
		    engine->context.send(engine->context.context, &reply->flow, reply->bytes,
					 reply->len, reply->kind) < 0)
			engine->counters[reply->agent].reply_failures++;
	}
	burst->reply_count = 0;
}

int
reg_send(struct registration *engine, const struct udp_flow *flow, const void *payload,
	 uint16_t len)
{
	send_replies(engine);
	return engine->context.send(engine->context.context, flow, payload, len, INJECT_IP);
}

void
reg_burst_finish(struct registration *engine, unsigned count)
{
	send_replies(engine);
	for (unsigned i = 0; i < count; i++)
		forget(&engine->burst.requests[i]);
}
