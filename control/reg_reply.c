/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <openssl/rand.h>

#include "control/reg_engine.h"

/* A random number other than 0, or 0 when there are none to be had. */
static uint32_t
random_draw(struct registration *engine)
{
	uint32_t number = 0;

	while (number == 0) {
		if (engine->random_left == 0) {
			if (RAND_bytes((uint8_t *)engine->random, sizeof(engine->random)) != 1)
				return 0;
			engine->random_left = REG_RANDOM_COUNT;
		}
		number = engine->random[--engine->random_left];
		engine->random[engine->random_left] = 0;
	}
	return number;
}

static struct ntp_time
reply_identification(struct registration *engine, struct reg_request *request)
{
	enum replay_answer answer = REPLAY_ANSWER_VALID;
	bool uses_nonces = request->association->replay == REPLAY_NONCES;

	if (request->facts.mobile_auth != REG_MOBILE_VALID)
		answer = REPLAY_ANSWER_UNVERIFIED;
	else if (!request->decision.identification_was_valid)
		answer = REPLAY_ANSWER_MISMATCH;
	return replay_reply(&request->subscriber->replay, request->association_index,
			    request->association,
			    ntp_from_be(request->message.request.identification_be), request->wall,
			    answer, uses_nonces ? random_draw(engine) : 0);
}

/* Extensions for the mobile node, covered by the mobile-home authenticator. */
static void
add_for_mobile(const struct reg_request *request, struct mip_builder *builder)
{
	const struct mip_message *message = &request->message;
	const struct reg_decision *decision = &request->decision;

	if (message->nai.data != NULL)
		mip_add(builder, MIP_EXT_NAI, message->nai.data, message->nai.len);
	if (decision->udp_reply.present)
		mip_add_udp_tunnel_reply(builder, &decision->udp_reply);
	if (decision->trusted_networks)
		mip_add_trusted_networks(builder);
	if (decision->verdict == REG_DENY && decision->text != NULL &&
	    request->facts.config->message_string)
		mip_add_message_string(builder, 1, decision->text);
	if (decision->revocation_for_mobile)
		mip_add_revocation_support(builder, message->revocation_support.inform,
					   (uint32_t)(request->wall.units >> 32));
}

/* Extensions for the foreign agent alone, behind the mobile-home authenticator. */
static void
add_for_foreign(const struct reg_request *request, struct mip_builder *builder)
{
	const struct mip_message *message = &request->message;

	if (message->challenge.data != NULL)
		mip_add(builder, MIP_EXT_FA_CHALLENGE, message->challenge.data,
			message->challenge.len);
	if (request->decision.revocation_for_foreign)
		mip_add_revocation_support(builder, message->revocation_support.inform,
					   (uint32_t)(request->wall.units >> 32));
}

/* Leaves room for an authenticator, which the job is to fill. */
static void
reserve_auth(struct mip_builder *builder, uint8_t type,
	     const struct config_association *association, const struct mip_auth_pads *pads,
	     struct mip_auth_job *job)
{
	uint8_t *room = mip_reserve_auth(builder, type, association->spi, association->algorithm);

	if (room != NULL)
		*job = (struct mip_auth_job){
			.algorithm = association->algorithm,
			.key = &association->key,
			.pads = pads,
			.message = builder->bytes,
			.len = (size_t)(room - builder->bytes),
			.out = room,
		};
}

/* RFC 5944 section 3.8.3.3, but for what the jobs are to fill in. The length, or -errno. */
static int
reply_build(struct registration *engine, struct reg_request *request, struct reg_reply *reply,
	    struct mip_auth_job *mobile_job, struct mip_auth_job *foreign_job)
{
	const struct reg_decision *decision = &request->decision;
	be32 asked = request->message.request.home_address;
	struct mip_builder builder;
	struct mip_reply fixed = {
		.type = MIP_REGISTRATION_REPLY,
		.code = decision->code,
		.lifetime_be = htobe16(decision->lifetime_sec),
		.home_address = asked,
		.home_agent = request->facts.config->address,
	};

	if (asked == 0 && decision->verdict == REG_ACCEPT)
		fixed.home_address = request->facts.home_address;
	fixed.identification_be = ntp_to_be(reply_identification(engine, request));
	mip_begin(&builder, reply->bytes, sizeof(reply->bytes), &fixed, sizeof(fixed));
	add_for_mobile(request, &builder);
	reserve_auth(&builder, MIP_EXT_MN_HA_AUTH, request->association,
		     &request->subscriber->pads[request->association_index], mobile_job);
	add_for_foreign(request, &builder);
	if (request->foreign != NULL)
		reserve_auth(&builder, MIP_EXT_FA_HA_AUTH, &request->foreign->config->association,
			     request->foreign->pads, foreign_job);
	return mip_end(&builder);
}

/* RFC 5944 section 3.8.3.1: back to where the request came from, from where it was sent to. A mobile that
 * registers from its home address is at home, and no binding may catch its reply. */
static void
reply_address(const struct reg_request *request, struct reg_reply *reply)
{
	const struct reg_datagram *datagram = request->datagram;
	bool is_at_home = datagram->src == request->message.request.home_address ||
			  datagram->src == request->facts.home_address;

	reply->flow = (struct udp_flow){
		.src = request->facts.to_broadcast ? request->facts.config->address : datagram->dst,
		.dst = datagram->src,
		.src_port_be = datagram->dst_port_be,
		.dst_port_be = datagram->src_port_be,
	};
	reply->kind = is_at_home ? INJECT_ROUTE : INJECT_IP;
	reply->agent = request->facts.agent;
}

void
reg_reply(struct registration *engine, struct reg_request *request)
{
	/* a share for each: those who can only guess do not silence the 133 that a mobile waits for */
	struct token_bucket *replies = request->decision.code == MIP_CODE_ID_MISMATCH
					       ? &engine->replay_replies
					       : &engine->auth_replies;
	struct reg_burst *burst = &engine->burst;
	struct reg_reply *reply = &burst->replies[burst->reply_count];
	struct mip_auth_job mobile_job = {0}, foreign_job = {0};
	int len;

	if (request->decision.is_rate_limited && !token_bucket_take(replies, request->now)) {
		engine->context.drops->count[DROP_REG_AUTH_RATE]++;
		return;
	}
	len = reply_build(engine, request, reply, &mobile_job, &foreign_job);
	if (len < 0) {
		engine->counters[request->facts.agent].reply_failures++;
		return;
	}
	reply->len = (uint16_t)len;
	reply_address(request, reply);
	burst->mobile_jobs[burst->reply_count] = mobile_job;
	burst->foreign_jobs[burst->reply_count] = foreign_job;
	burst->reply_count++;
}
