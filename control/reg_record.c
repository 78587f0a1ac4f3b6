/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/reg_engine.h"

/* What is counted of each request and its outcome, and what the operator reads of it. */

static enum reg_kind
kind_of(const struct reg_request *request)
{
	if (request->message.request.lifetime_be == 0)
		return REG_KIND_DEREGISTRATION;
	return request->facts.bindings.count == 0 ? REG_KIND_FIRST : REG_KIND_RENEWAL;
}

static void
log_outsider(struct registration *engine, const struct reg_request *request)
{
	char source[ADDRESS_TEXT_SIZE];

	if (log_limit_allows(&engine->log_outside))
		log_warnx("%s: registration from %s dropped: %s", agent_name(request->facts.agent),
			  address_format(request->datagram->src, source),
			  drop_reason_help(request->decision.drop));
}

static void
note_violation(struct registration *engine, const struct reg_request *request)
{
	const struct mip_request *asked = &request->message.request;
	const struct reg_violator violator = {
		.source = request->datagram->src,
		.home_address = asked->home_address,
		.spi = request->message.mn_ha.spi,
		.identification = be64toh(asked->identification_be),
		.last = request->wall,
		.reason = request->decision.violation,
	};
	char identity[REG_IDENTITY_SIZE], source[ADDRESS_TEXT_SIZE];

	reg_security_note(&engine->security, &violator);
	if (log_limit_allows(&engine->log_violation))
		log_warnx("%s: security violation: %s in a registration of %s from %s, SPI %u",
			  agent_name(request->facts.agent), reg_violation_name(violator.reason),
			  reg_identity(request, identity), address_format(violator.source, source),
			  violator.spi);
}

static void
record_drop(struct registration *engine, const struct reg_request *request)
{
	enum drop_reason drop = request->decision.drop;

	engine->context.drops->count[drop]++;
	engine->counters[request->facts.agent].dropped++;
	if (drop == DROP_REG_EXTERNAL_TO_I_HA || drop == DROP_REG_INTERNAL_TO_X_HA ||
	    drop == DROP_REG_UNTRUSTED_SOURCE)
		log_outsider(engine, request);
}

static void
record_denial(struct registration *engine, const struct reg_request *request)
{
	const struct reg_decision *decision = &request->decision;
	struct reg_counters *counters = &engine->counters[request->facts.agent];
	struct subscriber_service *service = &request->subscriber->service;
	char identity[REG_IDENTITY_SIZE], source[ADDRESS_TEXT_SIZE];

	counters->denied[kind_of(request)]++;
	counters->denied_by_code[decision->code]++;
	service->denied++;
	service->denied_sec = ntp_to_sec(request->wall);
	service->denied_code = decision->code;
	if (decision->violation == REG_VIOLATION_NONE && log_limit_allows(&engine->log_denied))
		log_info("%s: registration of %s from %s denied with code %u: %s",
			 agent_name(request->facts.agent), reg_identity(request, identity),
			 address_format(request->datagram->src, source), decision->code,
			 decision->text);
}

static void
record_acceptance(struct registration *engine, const struct reg_request *request)
{
	const struct reg_decision *decision = &request->decision;
	struct reg_counters *counters = &engine->counters[request->facts.agent];
	struct subscriber_service *service = &request->subscriber->service;
	enum reg_kind kind = kind_of(request);

	counters->accepted[kind]++;
	if (decision->code == MIP_CODE_ACCEPTED_NO_SIMULTANEOUS)
		counters->accepted_no_simultaneous++;
	if (kind == REG_KIND_RENEWAL && !request->facts.bindings.has_care_of)
		counters->moves++;
	if (kind != REG_KIND_DEREGISTRATION && decision->action == REG_NOTHING)
		counters->duplicates++;
	if (kind != REG_KIND_DEREGISTRATION && tunnel_is_udp(decision->kind))
		counters->udp_tunnels++;
	service->accepted++;
	service->accepted_sec = ntp_to_sec(request->wall);
	reg_counters_minute(counters, request->wall);
}

void
reg_record_request(struct registration *engine, const struct reg_request *request)
{
	engine->counters[request->facts.agent].requests++;
}

void
reg_record_decision(struct registration *engine, const struct reg_request *request)
{
	if (request->decision.violation != REG_VIOLATION_NONE)
		note_violation(engine, request);
	switch (request->decision.verdict) {
	case REG_DROP:
		record_drop(engine, request);
		break;
	case REG_DENY:
		record_denial(engine, request);
		break;
	case REG_ACCEPT:
		record_acceptance(engine, request);
		break;
	}
}
