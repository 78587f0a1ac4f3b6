/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/tunnel_state.h"

#include <stdlib.h>

#include "control/hash_table.h"

/* What is known of the far end. */
enum reach {
	REACH_UNKNOWN,
	REACH_NONE,  /* an error said so */
	REACH_HEARD, /* it was heard after such an error: another one has to wait */
};

struct tunnel_state {
	struct tunnel_key key;
	uint16_t mtu; /* 0: nothing known */
	enum reach reach;
	struct mono_time mtu_until;
	struct mono_time reach_until;
	struct timer_node timer; /* at the earlier of the two */
	struct tunnel_states *states;
	UT_hash_handle hh;
};

struct tunnel_states {
	struct tunnel_state *by_key;
	struct timer_wheel *wheel;
	void (*changed)(struct tunnel_key key, void *context);
	void *context;
};

struct tunnel_states *
tunnel_states_create(struct timer_wheel *wheel,
		     void (*changed)(struct tunnel_key key, void *context), void *context)
{
	struct tunnel_states *states = calloc(1, sizeof(*states));

	if (states == NULL)
		return NULL;
	states->wheel = wheel;
	states->changed = changed;
	states->context = context;
	return states;
}

static void
state_drop(struct tunnel_state *state)
{
	timer_disarm(state->states->wheel, &state->timer);
	HASH_DEL(state->states->by_key, state);
	free(state);
}

void
tunnel_states_destroy(struct tunnel_states *states)
{
	struct tunnel_state *state, *next;

	if (states == NULL)
		return;
	HASH_ITER(hh, states->by_key, state, next)
	state_drop(state);
	free(states);
}

static struct tunnel_state *
state_find(const struct tunnel_states *states, struct tunnel_key key)
{
	struct tunnel_state *found;

	HASH_FIND(hh, states->by_key, &key, sizeof(key), found);
	return found;
}

struct tunnel_state_view
tunnel_state_find(const struct tunnel_states *states, struct tunnel_key key)
{
	const struct tunnel_state *state = state_find(states, key);

	if (state == NULL)
		return (struct tunnel_state_view){0};
	return (struct tunnel_state_view){
		.mtu = state->mtu,
		.is_unreachable = state->reach == REACH_NONE,
	};
}

static struct tunnel_state *
state_find_or_add(struct tunnel_states *states, struct tunnel_key key)
{
	struct tunnel_state *state = state_find(states, key);

	if (state != NULL)
		return state;
	if (HASH_COUNT(states->by_key) >= TUNNEL_STATES_MAX)
		return NULL;
	state = calloc(1, sizeof(*state));
	if (state == NULL)
		return NULL;
	state->key = key;
	state->states = states;
	HASH_ADD(hh, states->by_key, key, sizeof(state->key), state);
	if (state->hh.tbl == NULL) {
		free(state);
		return NULL;
	}
	return state;
}

static void state_forget(struct timer_node *node, void *context);

static void
state_arm(struct tunnel_state *state)
{
	struct mono_time when = state->mtu != 0 ? state->mtu_until : state->reach_until;

	if (state->reach != REACH_UNKNOWN && mono_is_before(state->reach_until, when))
		when = state->reach_until;
	timer_arm(state->states->wheel, &state->timer, when, state_forget);
}

/* The timer stands at the earlier deadline: what is due by then goes, the rest waits on. */
static void
state_forget(struct timer_node *node, void *context)
{
	struct tunnel_state *state =
		(struct tunnel_state *)((char *)node - offsetof(struct tunnel_state, timer));
	struct tunnel_states *states = state->states;
	struct tunnel_key key = state->key;
	enum reach reach = state->reach;
	bool mtu_goes = state->mtu != 0 && (reach == REACH_UNKNOWN ||
					    !mono_is_before(state->reach_until, state->mtu_until));
	bool reach_goes =
		reach != REACH_UNKNOWN &&
		(state->mtu == 0 || !mono_is_before(state->mtu_until, state->reach_until));

	(void)context;
	if (mtu_goes)
		state->mtu = 0;
	if (reach_goes)
		state->reach = REACH_UNKNOWN;
	if (state->mtu == 0 && state->reach == REACH_UNKNOWN)
		state_drop(state);
	else
		state_arm(state);
	if (mtu_goes || reach == REACH_NONE)
		states->changed(key, states->context);
}

static struct mono_time
later_of(struct mono_time a, struct mono_time b)
{
	return mono_is_before(a, b) ? b : a;
}

bool
tunnel_state_set_mtu(struct tunnel_states *states, struct tunnel_key key, uint16_t mtu,
		     enum tunnel_evidence evidence, struct mono_time now)
{
	unsigned sec =
		evidence == TUNNEL_WITNESS ? TUNNEL_MTU_FORGOTTEN_SEC : TUNNEL_MTU_RUMOUR_SEC;
	struct tunnel_state *state = state_find_or_add(states, key);
	struct mono_time until = mono_add_sec(now, sec);
	bool is_news;

	if (state == NULL || (state->mtu != 0 && state->mtu < mtu))
		return false;
	is_news = state->mtu != mtu;
	state->mtu_until = is_news ? until : later_of(state->mtu_until, until);
	state->mtu = mtu;
	state_arm(state);
	return is_news;
}

bool
tunnel_state_set_unreachable(struct tunnel_states *states, struct tunnel_key key,
			     enum tunnel_evidence evidence, struct mono_time now)
{
	unsigned sec = evidence == TUNNEL_WITNESS ? TUNNEL_UNREACHABLE_FORGOTTEN_SEC
						  : TUNNEL_UNREACHABLE_RUMOUR_SEC;
	struct tunnel_state *state = state_find_or_add(states, key);
	struct mono_time until = mono_add_sec(now, sec);
	bool is_news;

	if (state == NULL || state->reach == REACH_HEARD)
		return false;
	is_news = state->reach != REACH_NONE;
	state->reach_until = is_news ? until : later_of(state->reach_until, until);
	state->reach = REACH_NONE;
	state_arm(state);
	return is_news;
}

bool
tunnel_state_set_reachable(struct tunnel_states *states, struct tunnel_key key,
			   struct mono_time now)
{
	struct tunnel_state *state = state_find(states, key);

	if (state == NULL || state->reach != REACH_NONE)
		return false;
	state->reach = REACH_HEARD;
	state->reach_until = mono_add_sec(now, TUNNEL_HEARD_SEC);
	state_arm(state);
	return true;
}
