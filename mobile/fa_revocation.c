/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_revocation.h"

#include <stdlib.h>
#include <utlist.h>

#include "mobile/fa_relay_state.h"

#define ONE_A_SECOND_MS \
	1000	   /* RFC 3543 section 3.3: registration and revocation messages of a binding */
#define PACE_MS 10 /* until the next try when too many leave at once */

/* A revocation that waits for its acknowledgement; it outlives the visitor. */
struct fa_revocation {
	struct fa_revocation *prev, *next;
	be32 home_address;
	uint8_t mac[ETH_ADDRESS_SIZE];
	const struct fa_association *association; /* the home agent's */
	bool asks;				  /* I: shall the mobile be told? */
	struct revocation_retry retry;
	struct mono_time due;
	struct mono_time deadline;
};

uint32_t
fa_revocation_timestamp(const struct fa_relay *relay, struct mono_time now)
{
	return relay->epoch_sec + (uint32_t)(mono_ms_until(relay->epoch, now) / 1000);
}

bool
fa_revocation_is_offered(const struct fa_relay *relay, const struct fa_pending *pending,
			 const struct fa_association *association)
{
	/* section 4.3.2: not for a co-located care-of address; a deregistration leaves nothing to revoke */
	return relay->config->revocation.offer && association != NULL &&
	       (pending->flags & MIP_FLAG_D) == 0 && pending->lifetime_sec != 0;
}

static struct mip_signer
signer_of(const struct fa_relay *relay, const struct fa_association *association)
{
	return (struct mip_signer){
		.auth = relay->auth,
		.type = MIP_EXT_FA_HA_AUTH,
		.spi = association->spi,
		.algorithm = association->algorithm,
		.key = &association->key,
	};
}

static void
drop(struct fa_relay *relay, struct fa_revocation *revocation)
{
	DL_DELETE(relay->revocations, revocation);
	relay->revocation_count--;
	free(revocation);
}

/* The mobile has registered again: his home agent is not to be told any more that he has left. Another mobile may have
 * the same home address, with another home agent. */
static void
cancel(struct fa_relay *relay, const struct fa_identity *mobile)
{
	struct fa_revocation *revocation, *next;

	DL_FOREACH_SAFE(relay->revocations, revocation, next)
	{
		if (revocation->home_address == mobile->home_address &&
		    revocation->association->address == mobile->home_agent)
			drop(relay, revocation);
	}
}

void
fa_revocation_fini(struct fa_relay *relay)
{
	while (relay->revocations != NULL)
		drop(relay, relay->revocations);
}

void
fa_revocation_granted(struct fa_relay *relay, struct fa_visitor *visitor,
		      const struct mip_message *reply, const struct fa_pending *pending)
{
	const struct mip_revocation_support *support = &reply->revocation_support;

	cancel(relay, &visitor->mobile);
	visitor->revocation = (struct fa_revocability){
		.is_negotiated = pending->offered_revocation && support->author != MIP_BY_NOBODY,
		.agent_decides = relay->config->revocation.home_agent_decides && support->inform,
		.agent_timestamp = support->timestamp,
		.asked_at = pending->asked_at,
	};
}

/* Who wished it; that the visitor has left is for the owner to say. */
static void
log_wish(struct fa_relay *relay, be32 home_address, be32 home_agent)
{
	char home[ADDRESS_TEXT_SIZE], agent[ADDRESS_TEXT_SIZE];

	if (log_limit_allows(&relay->log_limit))
		log_info("%s revokes the registration of %s", address_format(home_agent, agent),
			 address_format(home_address, home));
}

static void
tell_mobile_of_end(struct fa_relay *relay, const uint8_t mac[ETH_ADDRESS_SIZE], be32 home_address)
{
	relay->counters.mobiles_informed++;
	relay->hooks->registration_lost(relay->context, mac, home_address);
}

static void
transmit(struct fa_relay *relay, struct fa_revocation *revocation, struct mono_time now)
{
	const struct fa_association *association = revocation->association;
	uint32_t id = fa_revocation_timestamp(relay, now);
	const struct mip_revocation fixed = {
		.type = MIP_REVOCATION,
		.flags_be = htobe16(revocation->asks ? MIP_REVOCATION_FLAG_I : 0),
		.home_address = revocation->home_address,
		.home_domain = association->address,
		.foreign_domain = relay->config->care_of,
		.revocation_id_be = htobe32(id),
	};
	const struct fa_peer to = {association->address, htobe16(MIP_PORT)};
	struct mip_signer signer = signer_of(relay, association);
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	int len = mip_revocation_build(&fixed, &signer, bytes);

	revocation_retry_note(&revocation->retry, id);
	revocation->due = mono_add_ms(now, revocation_retry_next_ms(&revocation->retry));
	if (len < 0)
		return; /* the next one may do better */
	relay->counters.revocations_sent++;
	relay->hooks->to_agent(relay->context, &to, bytes, (size_t)len);
}

/* When there is something to do for it. */
static struct mono_time
wake_of(const struct fa_revocation *revocation)
{
	return mono_is_before(revocation->due, revocation->deadline) ? revocation->due
								     : revocation->deadline;
}

/* To its place in the list, which is mostly near the end. */
static void
insert(struct fa_relay *relay, struct fa_revocation *revocation)
{
	struct fa_revocation *before = relay->revocations != NULL ? relay->revocations->prev : NULL;

	while (before != NULL && mono_is_before(wake_of(revocation), wake_of(before)))
		before = before != relay->revocations ? before->prev : NULL;
	if (before != NULL)
		DL_APPEND_ELEM(relay->revocations, before, revocation);
	else
		DL_PREPEND(relay->revocations, revocation);
}

/* False: no memory, or too many wait already. */
static bool
add(struct fa_relay *relay, const struct fa_visitor *visitor, bool asks, struct mono_time now)
{
	struct mono_time allowed = mono_add_ms(visitor->revocation.asked_at, ONE_A_SECOND_MS);
	struct fa_revocation *revocation = NULL;

	if (relay->revocation_count < relay->config->limits.visitors_max)
		revocation = calloc(1, sizeof(*revocation));
	if (revocation == NULL)
		return false;
	revocation->home_address = visitor->mobile.home_address;
	memcpy(revocation->mac, visitor->mac, sizeof(revocation->mac));
	revocation->association = fa_association_of_agent(relay, visitor->mobile.home_agent);
	revocation->asks = asks;
	revocation_retry_init(&revocation->retry);
	/* so the timestamp is later than that of the registration, too */
	revocation->due = mono_is_before(now, allowed) ? allowed : now;
	revocation->deadline = visitor->expires;
	insert(relay, revocation);
	relay->revocation_count++;
	return true;
}

/* What he has just asked for anew, the home agent may have granted already: then the revocation must be later than
 * that. */
static void
forget_requests(struct fa_relay *relay, struct fa_visitor *visitor, struct mono_time now)
{
	struct fa_pending *pending = fa_visitors_next_pending(relay->visitors, NULL), *next;

	for (; pending != NULL; pending = next) {
		next = fa_visitors_next_pending(relay->visitors, pending);
		if (pending->mobile.home_address != visitor->mobile.home_address ||
		    pending->mobile.home_agent != visitor->mobile.home_agent)
			continue;
		if (mono_is_before(visitor->revocation.asked_at, pending->asked_at))
			visitor->revocation.asked_at = pending->asked_at;
		fa_deny(relay, pending, relay->is_leaving ? MIP_FA_NO_RESOURCES : MIP_FA_PROHIBITED,
			pending->lifetime_sec, now);
		fa_visitors_forget(relay->visitors, pending);
	}
}

void
fa_revocation_start(struct fa_relay *relay, struct fa_visitor *visitor, bool tell_mobile,
		    struct mono_time now)
{
	const struct fa_revocability *terms = &visitor->revocation;
	bool asks = tell_mobile && terms->is_negotiated && terms->agent_decides;

	forget_requests(relay, visitor, now);
	if (tell_mobile && !asks)
		tell_mobile_of_end(relay, visitor->mac, visitor->mobile.home_address);
	if (terms->is_negotiated && !add(relay, visitor, asks, now))
		relay->counters.revocations_given_up++;
	fa_end_visitor(relay, visitor);
}

void
fa_revocation_tick(struct fa_relay *relay, struct mono_time now)
{
	struct fa_revocation *revocation;

	if (mono_is_before(now, relay->revocation_resume))
		return;
	while ((revocation = relay->revocations) != NULL &&
	       !mono_is_before(now, wake_of(revocation))) {
		if (!mono_is_before(now, revocation->deadline)) {
			relay->counters.revocations_given_up++;
			drop(relay, revocation);
		} else if (token_bucket_take(&relay->revocation_pace, now)) {
			transmit(relay, revocation, now);
			DL_DELETE(relay->revocations, revocation);
			insert(relay, revocation);
		} else {
			relay->revocation_resume = mono_add_ms(now, PACE_MS);
			return;
		}
	}
}

void
fa_revocation_deadline(const struct fa_relay *relay, struct mono_time *when)
{
	struct mono_time next;

	if (relay->revocations == NULL)
		return;
	next = wake_of(relay->revocations);
	if (mono_is_before(next, relay->revocation_resume))
		next = relay->revocation_resume;
	if (mono_is_before(next, *when))
		*when = next;
}

/* From a home agent that we share a key with, signed by it, about a registration through us. A missing A bit is a
 * foreign agent's, perhaps our own come back. */
static bool
is_authentic(const struct fa_relay *relay, const struct fa_peer *from,
	     const struct mip_message *message, const struct fa_association *association)
{
	const struct mip_revocation *asked = &message->revocation;

	return relay->config->revocation.offer && association != NULL &&
	       (be16toh(asked->flags_be) & MIP_REVOCATION_FLAG_A) != 0 &&
	       asked->home_domain == from->address &&
	       asked->foreign_domain == relay->config->care_of &&
	       fa_auth_is_right(relay, message, &message->fa_ha, association);
}

/* True when it is no replay: later than the registration that it ends; or, when that is gone already, not older than
 * the agent's last one. Both timestamps are of the home agent's clock. */
static bool
is_fresh(const struct revocation_memory *memory, const struct fa_visitor *visitor, uint32_t id)
{
	if (visitor == NULL)
		return revocation_memory_allows(memory, id);
	return visitor->revocation.is_negotiated &&
	       revocation_id_is_later(id, visitor->revocation.agent_timestamp);
}

static void
acknowledge(struct fa_relay *relay, const struct fa_peer *to, const struct mip_message *message,
	    bool was_informed)
{
	struct mip_signer signer = signer_of(relay, fa_association_of_agent(relay, to->address));
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	int len = mip_revocation_ack_build(&message->revocation, was_informed, &signer, bytes);

	if (len >= 0)
		relay->hooks->to_agent(relay->context, to, bytes, (size_t)len);
}

/* Section 4.2.2.2. False: not to be answered. */
static bool
take_revocation(struct fa_relay *relay, const struct fa_peer *from,
		const struct mip_message *message)
{
	const struct fa_association *association = fa_association_of_agent(relay, from->address);
	const struct mip_revocation *asked = &message->revocation;
	struct fa_visitor *visitor = fa_visitors_find(relay->visitors, asked->home_address);
	bool has_inform = (be16toh(asked->flags_be) & MIP_REVOCATION_FLAG_I) != 0;
	uint32_t id = be32toh(asked->revocation_id_be);
	struct revocation_memory *memory;
	bool informs = false;

	if (!is_authentic(relay, from, message, association))
		return false;
	memory = &relay->revoked[association - relay->config->home_agents.list];
	if (visitor != NULL && visitor->mobile.home_agent != from->address)
		visitor = NULL;
	if (!is_fresh(memory, visitor, id))
		return false;
	revocation_memory_note(memory, id);
	if (visitor != NULL) {
		log_wish(relay, asked->home_address, from->address);
		informs = has_inform || !visitor->revocation.agent_decides;
		if (informs)
			tell_mobile_of_end(relay, visitor->mac, asked->home_address);
		fa_end_visitor(relay, visitor);
	}
	acknowledge(relay, from, message, informs && has_inform);
	return true;
}

/* False: nobody waits for it, or it is not the home agent's. */
static bool
take_acknowledgement(struct fa_relay *relay, const struct fa_peer *from,
		     const struct mip_message *message)
{
	const struct mip_revocation_ack *ack = &message->revocation_ack;
	struct fa_revocation *revocation;

	DL_FOREACH(relay->revocations, revocation)
	{
		if (revocation->home_address != ack->home_address ||
		    revocation->association->address != from->address ||
		    !revocation_retry_matches(&revocation->retry, be32toh(ack->revocation_id_be)))
			continue;
		if (!fa_auth_is_right(relay, message, &message->fa_ha, revocation->association))
			return false;
		if (revocation->asks && (be16toh(ack->flags_be) & MIP_REVOCATION_ACK_FLAG_I) != 0)
			tell_mobile_of_end(relay, revocation->mac, revocation->home_address);
		drop(relay, revocation);
		return true;
	}
	return false;
}

void
fa_revocation_input(struct fa_relay *relay, const struct fa_peer *from,
		    const struct mip_message *message, enum mip_parse_result parsed)
{
	struct fa_counters *counters = &relay->counters;
	bool is_revocation = message->type == MIP_REVOCATION;
	char text[ADDRESS_TEXT_SIZE];

	if (parsed == MIP_PARSE_OK &&
	    (is_revocation ? take_revocation(relay, from, message)
			   : take_acknowledgement(relay, from, message))) {
		if (is_revocation)
			counters->revocations_received++;
		else
			counters->revocations_acknowledged++;
		return;
	}
	counters->revocations_refused++;
	if (log_limit_allows(&relay->log_limit))
		log_warnx("%s from %s dropped: not authentic, a replay, or about nobody here",
			  is_revocation ? "revocation" : "acknowledgement of a revocation",
			  address_format(from->address, text));
}
