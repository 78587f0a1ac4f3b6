/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_advert.h"

#include <string.h>

#define NEWCOMERS_PER_SEC 5
#define SEQUENCE_OF_STARTS 256 /* RFC 5944 section 2.3.2: numbers below come once only */
#define AVOID_SEC 300
/* RFC 5944 section 2.4: three, a second apart, then a binary exponential back-off. */
#define SOLICITATIONS_AT_FIRST 3
#define SOLICIT_MS 1000
#define SOLICIT_MAX_MS 60000

void
mn_advert_init(struct mn_advert *advert, struct mono_time now)
{
	advert->count = 0;
	advert->current = 0;
	advert->reminded = (struct mono_time){0};
	token_bucket_init(&advert->newcomers, NEWCOMERS_PER_SEC, MN_ADVERT_AGENTS_MAX, now);
	advert->is_soliciting = true;
	advert->solicit_at = now;
	advert->solicit_ms = SOLICIT_MS;
	advert->solicited = 0;
}

static struct mn_advert_agent *
find(struct mn_advert *advert, be32 address)
{
	for (unsigned i = 0; i < advert->count; i++) {
		if (advert->agents[i].heard.src == address)
			return &advert->agents[i];
	}
	return NULL;
}

const struct mn_advert_agent *
mn_advert_find(const struct mn_advert *advert, be32 address)
{
	for (unsigned i = 0; i < advert->count; i++) {
		if (advert->agents[i].heard.src == address)
			return &advert->agents[i];
	}
	return NULL;
}

/* A place for a newcomer: a free one, or that of who was heard longest ago. */
static struct mn_advert_agent *
make_room(struct mn_advert *advert)
{
	struct mn_advert_agent *oldest = NULL;

	if (advert->count < MN_ADVERT_AGENTS_MAX)
		return &advert->agents[advert->count++];
	for (unsigned i = 0; i < advert->count; i++) {
		struct mn_advert_agent *agent = &advert->agents[i];

		if (agent->heard.src != advert->current &&
		    (oldest == NULL || mono_is_before(agent->heard_at, oldest->heard_at)))
			oldest = agent;
	}
	return oldest;
}

static bool
is_foreign_agent(const struct agent_heard *heard)
{
	return (heard->flags & MIP_ADVERTISEMENT_F) != 0 && heard->care_of_count > 0;
}

static bool
is_home_agent(const struct agent_heard *heard)
{
	return (heard->flags & MIP_ADVERTISEMENT_H) != 0;
}

/* RFC 5944 section 2.3.2. */
static bool
has_restarted(const struct mn_advert_agent *agent, const struct agent_heard *heard)
{
	return heard->sequence < agent->heard.sequence && heard->sequence < SEQUENCE_OF_STARTS;
}

static void
take(struct mn_advert_agent *agent, const struct agent_heard *heard, struct mono_time now)
{
	if (heard->challenge_len != 0 &&
	    (agent->heard.challenge_len != heard->challenge_len ||
	     memcmp(agent->heard.challenge, heard->challenge, heard->challenge_len) != 0))
		agent->challenge_count++;
	agent->heard = *heard;
	agent->heard_at = now;
	agent->until = mono_add_sec(now, heard->lifetime_sec);
}

enum mn_advert_event
mn_advert_hear(struct mn_advert *advert, const uint8_t mac[ETH_ADDRESS_SIZE],
	       const struct agent_heard *heard, struct mono_time now)
{
	struct mn_advert_agent *agent = find(advert, heard->src);
	bool is_known = agent != NULL && mono_is_before(now, agent->until);
	bool is_restart;

	advert->heard_count++;
	if (is_known && memcmp(agent->mac, mac, ETH_ADDRESS_SIZE) != 0) {
		advert->conflict_count++;
		return MN_ADVERT_IGNORED;
	}
	if (!is_known &&
	    ((!is_foreign_agent(heard) && !is_home_agent(heard)) || heard->lifetime_sec == 0 ||
	     !token_bucket_take(&advert->newcomers, now))) {
		advert->refused_count++;
		return MN_ADVERT_IGNORED;
	}
	if (agent == NULL)
		agent = make_room(advert);
	if (!is_known)
		*agent = (struct mn_advert_agent){.heard = {.sequence = heard->sequence}};
	memcpy(agent->mac, mac, ETH_ADDRESS_SIZE);
	is_restart = is_known && has_restarted(agent, heard);
	take(agent, heard, now);
	if (!is_restart)
		return MN_ADVERT_HEARD;
	advert->restart_count++;
	return agent->heard.src == advert->current ? MN_ADVERT_RESTARTED : MN_ADVERT_HEARD;
}

/* How much one would rather have it than another; 0: not at all. */
static unsigned
worth(const struct mn_advert *advert, const struct mn_advert_agent *agent, struct mono_time now)
{
	bool is_current = agent->heard.src == advert->current;
	bool is_avoided = mono_is_before(now, agent->avoid_until);

	if (!mono_is_before(now, agent->until) || !is_foreign_agent(&agent->heard))
		return 0;
	if (!is_current && (agent->heard.flags & MIP_ADVERTISEMENT_B) != 0)
		return 0;
	if (is_avoided)
		return 1;
	if (is_current)
		return 4;
	return (agent->heard.flags & MIP_ADVERTISEMENT_R) != 0 ? 3 : 2;
}

const struct mn_advert_agent *
mn_advert_choose(const struct mn_advert *advert, struct mono_time now)
{
	const struct mn_advert_agent *best = NULL;
	unsigned best_worth = 0;

	for (unsigned i = 0; i < advert->count; i++) {
		const struct mn_advert_agent *agent = &advert->agents[i];
		unsigned its_worth = worth(advert, agent, now);

		if (its_worth > best_worth || (its_worth != 0 && its_worth == best_worth &&
					       mono_is_before(best->heard_at, agent->heard_at))) {
			best = agent;
			best_worth = its_worth;
		}
	}
	return best;
}

const struct mn_advert_agent *
mn_advert_home(const struct mn_advert *advert, be32 home_agent, struct mono_time now)
{
	const struct mn_advert_agent *agent = mn_advert_find(advert, home_agent);

	if (agent == NULL || !mono_is_before(now, agent->until) ||
	    mono_is_before(now, agent->avoid_until) || !is_home_agent(&agent->heard))
		return NULL;
	return agent;
}

void
mn_advert_use(struct mn_advert *advert, const struct mn_advert_agent *agent, struct mono_time now)
{
	be32 before = advert->current;

	advert->current = agent != NULL ? agent->heard.src : 0;
	if (agent != NULL) {
		advert->is_soliciting = false;
	} else if (before != 0) {
		advert->is_soliciting = true;
		advert->solicit_at = now;
		advert->solicit_ms = SOLICIT_MS;
		advert->solicited = 0;
	}
}

void
mn_advert_avoid(struct mn_advert *advert, struct mono_time now)
{
	struct mn_advert_agent *agent = find(advert, advert->current);

	if (agent != NULL)
		agent->avoid_until = mono_add_sec(now, AVOID_SEC);
}

/* When to remind the agent in use of us; false: that is done, or there is none. */
static bool
reminder(const struct mn_advert *advert, struct mono_time *when)
{
	const struct mn_advert_agent *agent = mn_advert_find(advert, advert->current);

	if (advert->current == 0 || agent == NULL || agent->heard_at.ns == advert->reminded.ns)
		return false;
	*when = mono_add_ms(agent->heard_at, agent->heard.lifetime_sec * 2000ull / 3);
	return true;
}

bool
mn_advert_solicit(struct mn_advert *advert, struct mono_time now)
{
	struct mono_time when;

	if (reminder(advert, &when) && !mono_is_before(now, when)) {
		advert->reminded = mn_advert_find(advert, advert->current)->heard_at;
		advert->solicitation_count++;
		return true;
	}
	if (!advert->is_soliciting || mono_is_before(now, advert->solicit_at))
		return false;
	advert->solicited++;
	advert->solicitation_count++;
	if (advert->solicited >= SOLICITATIONS_AT_FIRST)
		advert->solicit_ms = advert->solicit_ms * 2 < SOLICIT_MAX_MS
					     ? advert->solicit_ms * 2
					     : SOLICIT_MAX_MS;
	advert->solicit_at = mono_add_ms(now, advert->solicit_ms);
	return true;
}

struct mono_time
mn_advert_deadline(const struct mn_advert *advert)
{
	const struct mn_advert_agent *agent = mn_advert_find(advert, advert->current);
	struct mono_time next = {UINT64_MAX}, when;

	if (reminder(advert, &when))
		next = when;
	if (advert->is_soliciting && mono_is_before(advert->solicit_at, next))
		next = advert->solicit_at;
	if (advert->current != 0 && agent != NULL && mono_is_before(agent->until, next))
		next = agent->until;
	return next;
}
