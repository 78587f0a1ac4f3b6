/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/neighbour.h"

#include <rte_jhash.h>
#include <rte_mbuf.h>
#include <rte_random.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "control/arp.h"
#include "control/inject.h"
#include "control/pending.h"
#include "control/publish.h"
#include "lib/log.h"

#define BUCKET_COUNT 4096 /* a power of two */
#define REQUESTS_MAX 3

enum neighbour_state {
	NEIGHBOUR_ASKED,
	NEIGHBOUR_KNOWN,
	NEIGHBOUR_CHECKED,
	NEIGHBOUR_SILENT,
	NEIGHBOUR_STATE_COUNT,
};

/* How long a neighbour stays in a state until something is done about it. The same for all of them, so
 * that a queue in order of arrival is one in order of time. */
static const unsigned state_ms[NEIGHBOUR_STATE_COUNT] = {
	[NEIGHBOUR_ASKED] = 1000,
	[NEIGHBOUR_KNOWN] = 60000,
	[NEIGHBOUR_CHECKED] = 1000,
	[NEIGHBOUR_SILENT] = 5000,
};

struct neighbour {
	be32 address;
	uint8_t port;
	uint8_t state;	       /* enum neighbour_state */
	uint8_t request_count; /* in this state */
	uint8_t mac[ETH_ADDRESS_SIZE];
	bool has_route;
	uint32_t next_hop;
	unsigned holders;
	struct mono_time due;
	TAILQ_ENTRY(neighbour) by_due; /* queue of its state */
	TAILQ_ENTRY(neighbour) by_age; /* while nobody holds it */
	LIST_ENTRY(neighbour) bucket;
	struct pending pending;
};

TAILQ_HEAD(neighbour_queue, neighbour);
LIST_HEAD(neighbour_bucket, neighbour);

struct neighbours {
	struct neighbour_context context;
	void (*tell)(void *context, struct rte_mbuf *mbuf);
	void *tell_context;
	uint32_t seed;
	struct pending_total pending_total;
	unsigned unheld_asked;
	struct log_limit route_log;
	struct neighbour_queue by_due[NEIGHBOUR_STATE_COUNT];
	struct neighbour_queue unheld_unknown; /* oldest first; asked, never answered */
	struct neighbour_queue unheld_known;
	struct neighbour_bucket buckets[BUCKET_COUNT];
};

static bool
state_is_known(enum neighbour_state state)
{
	return state == NEIGHBOUR_KNOWN || state == NEIGHBOUR_CHECKED;
}

static bool
is_known(const struct neighbour *neighbour)
{
	return state_is_known((enum neighbour_state)neighbour->state);
}

static struct neighbour_bucket *
bucket_of(struct neighbours *neighbours, uint8_t port, be32 address)
{
	uint32_t hash = rte_jhash_2words(address, port, neighbours->seed);

	return &neighbours->buckets[hash % BUCKET_COUNT];
}

static struct neighbour_queue *
unheld_queue(struct neighbours *neighbours, const struct neighbour *neighbour)
{
	return is_known(neighbour) ? &neighbours->unheld_known : &neighbours->unheld_unknown;
}

/* Called with the state still the one under which it was entered. */
static void
unheld_remove(struct neighbours *neighbours, struct neighbour *neighbour)
{
	TAILQ_REMOVE(unheld_queue(neighbours, neighbour), neighbour, by_age);
	if (!is_known(neighbour))
		neighbours->unheld_asked--;
}

static void
unheld_append(struct neighbours *neighbours, struct neighbour *neighbour)
{
	TAILQ_INSERT_TAIL(unheld_queue(neighbours, neighbour), neighbour, by_age);
	if (!is_known(neighbour))
		neighbours->unheld_asked++;
}

static void
state_enter(struct neighbours *neighbours, struct neighbour *neighbour, enum neighbour_state state,
	    struct mono_time now)
{
	bool was_known = is_known(neighbour);
	/* asking again makes it no younger, an answer does */
	bool is_younger = neighbour->holders == 0 &&
			  (state == NEIGHBOUR_KNOWN || was_known != state_is_known(state));

	TAILQ_REMOVE(&neighbours->by_due[neighbour->state], neighbour, by_due);
	if (is_younger)
		unheld_remove(neighbours, neighbour);
	if (neighbour->state != state)
		neighbour->request_count = 0;
	neighbour->state = (uint8_t)state;
	neighbour->due = mono_add_ms(now, state_ms[state]);
	TAILQ_INSERT_TAIL(&neighbours->by_due[state], neighbour, by_due);
	if (is_younger)
		unheld_append(neighbours, neighbour);
	if (was_known && !is_known(neighbour))
		next_hop_set(neighbours->context.hops, neighbour->next_hop, NULL);
}

/* RFC 1812 section 3.3.2: senders are told when ARP fails. Call it last: whoever tells them may come back
 * for other neighbours. */
static void
unreachable_tell(struct neighbours *neighbours, const struct pending *taken)
{
	neighbours->context.drops->count[DROP_ARP_TIMEOUT] += taken->count;
	for (unsigned i = 0; i < taken->count; i++) {
		if (neighbours->tell != NULL)
			neighbours->tell(neighbours->tell_context, taken->packets[i]);
		else
			rte_pktmbuf_free(taken->packets[i]);
	}
}

static void
route_withdraw(struct neighbours *neighbours, struct neighbour *neighbour)
{
	if (!neighbour->has_route)
		return;
	neighbour->has_route = false;
	publish_route_remove(neighbours->context.publisher,
			     (struct prefix){neighbour->address, 32});
}

/*
 * Gives a known neighbour a host route when without it its packets would come here one by one. Returns
 * false when there is no room for one.
 */
static bool
route_ensure(struct neighbours *neighbours, struct neighbour *neighbour)
{
	struct publisher *publisher = neighbours->context.publisher;
	uint32_t now_used = publish_route_lookup(publisher, neighbour->address);

	if (now_used == neighbour->next_hop ||
	    !next_hop_is_used(neighbours->context.hops, now_used) ||
	    next_hop_neighbour(neighbours->context.hops, now_used) != NULL)
		return true;
	if (publish_route(publisher, (struct prefix){neighbour->address, 32},
			  neighbour->next_hop) != 0) {
		if (log_limit_allows(&neighbours->route_log))
			log_warnx("the route table has no room for another neighbour");
		return false;
	}
	neighbour->has_route = true;
	return true;
}

static void
neighbour_delete(struct neighbours *neighbours, struct neighbour *neighbour)
{
	route_withdraw(neighbours, neighbour);
	next_hop_free(neighbours->context.hops, neighbour->next_hop);
	TAILQ_REMOVE(&neighbours->by_due[neighbour->state], neighbour, by_due);
	if (neighbour->holders == 0)
		unheld_remove(neighbours, neighbour);
	LIST_REMOVE(neighbour, bucket);
	free(neighbour);
}

/* Makes room: the oldest that never answered, else the one whose answer is oldest. Never one that is held.
 * Returns false when there is none. */
static bool
neighbour_evict(struct neighbours *neighbours)
{
	struct neighbour *victim = TAILQ_FIRST(&neighbours->unheld_unknown);

	if (victim == NULL)
		victim = TAILQ_FIRST(&neighbours->unheld_known);
	if (victim == NULL)
		return false;
	pending_drop(&neighbours->pending_total, &victim->pending, DROP_ARP_QUEUE_FULL);
	neighbour_delete(neighbours, victim);
	return true;
}

struct neighbours *
neighbours_create(const struct neighbour_context *context)
{
	struct neighbours *neighbours = calloc(1, sizeof(*neighbours));

	if (neighbours == NULL)
		return NULL;
	neighbours->context = *context;
	neighbours->pending_total.drops = context->drops;
	neighbours->seed = (uint32_t)rte_rand();
	neighbours->route_log.per_sec = 1;
	for (unsigned i = 0; i < NEIGHBOUR_STATE_COUNT; i++)
		TAILQ_INIT(&neighbours->by_due[i]);
	TAILQ_INIT(&neighbours->unheld_unknown);
	TAILQ_INIT(&neighbours->unheld_known);
	for (unsigned i = 0; i < BUCKET_COUNT; i++)
		LIST_INIT(&neighbours->buckets[i]);
	return neighbours;
}

void
neighbours_destroy(struct neighbours *neighbours)
{
	struct neighbour *neighbour;

	if (neighbours == NULL)
		return;
	for (unsigned i = 0; i < NEIGHBOUR_STATE_COUNT; i++) {
		while ((neighbour = TAILQ_FIRST(&neighbours->by_due[i])) != NULL) {
			TAILQ_REMOVE(&neighbours->by_due[i], neighbour, by_due);
			pending_drop(&neighbours->pending_total, &neighbour->pending,
				     DROP_SHUTDOWN);
			free(neighbour);
		}
	}
	free(neighbours);
}

void
neighbours_on_unreachable(struct neighbours *neighbours,
			  void (*tell)(void *context, struct rte_mbuf *mbuf), void *context)
{
	neighbours->tell = tell;
	neighbours->tell_context = context;
}

struct neighbour *
neighbour_find(struct neighbours *neighbours, uint8_t port, be32 address)
{
	struct neighbour *neighbour;

	LIST_FOREACH(neighbour, bucket_of(neighbours, port, address), bucket)
	{
		if (neighbour->address == address && neighbour->port == port)
			return neighbour;
	}
	return NULL;
}

struct neighbour *
neighbour_obtain(struct neighbours *neighbours, uint8_t port, be32 address)
{
	struct neighbour *neighbour = neighbour_find(neighbours, port, address);

	if (neighbour != NULL)
		return neighbour;
	neighbour = calloc(1, sizeof(*neighbour));
	if (neighbour == NULL)
		return NULL;
	if (neighbours->unheld_asked >= NEIGHBOUR_ASKED_MAX)
		neighbour_evict(neighbours);
	neighbour->address = address;
	neighbour->port = port;
	neighbour->next_hop = next_hop_alloc(neighbours->context.hops, port, neighbour);
	if (neighbour->next_hop == NEXT_HOP_NONE && neighbour_evict(neighbours))
		neighbour->next_hop = next_hop_alloc(neighbours->context.hops, port, neighbour);
	if (neighbour->next_hop == NEXT_HOP_NONE) {
		free(neighbour);
		return NULL;
	}
	/* due since ever, so its place is at the head */
	TAILQ_INSERT_HEAD(&neighbours->by_due[NEIGHBOUR_ASKED], neighbour, by_due);
	unheld_append(neighbours, neighbour);
	LIST_INSERT_HEAD(bucket_of(neighbours, port, address), neighbour, bucket);
	return neighbour;
}

void
neighbour_hold(struct neighbours *neighbours, struct neighbour *neighbour)
{
	if (neighbour->holders == 0)
		unheld_remove(neighbours, neighbour);
	neighbour->holders++;
}

void
neighbour_release(struct neighbours *neighbours, struct neighbour *neighbour)
{
	if (neighbour->holders == 0 || --neighbour->holders > 0)
		return;
	unheld_append(neighbours, neighbour);
	if (neighbour->state == NEIGHBOUR_SILENT ||
	    !link_carries(neighbours->context.links, neighbour->port, neighbour->address)) {
		pending_drop(&neighbours->pending_total, &neighbour->pending, DROP_ARP_TIMEOUT);
		neighbour_delete(neighbours, neighbour);
	}
}

uint32_t
neighbour_next_hop(const struct neighbour *neighbour)
{
	return neighbour->next_hop;
}

static void
ask(struct neighbours *neighbours, struct neighbour *neighbour, enum neighbour_state state,
    struct mono_time now)
{
	const struct links *links = neighbours->context.links;

	state_enter(neighbours, neighbour, state, now);
	neighbour->request_count++;
	arp_request(neighbours->context.injector, neighbour->port,
		    links->links[neighbour->port].mac,
		    link_source(links, neighbour->port, neighbour->address), neighbour->address,
		    state == NEIGHBOUR_CHECKED ? neighbour->mac : NULL);
}

void
neighbour_send(struct neighbours *neighbours, struct neighbour *neighbour, struct rte_mbuf *mbuf,
	       struct mono_time now)
{
	if (!is_known(neighbour)) {
		pending_add(&neighbours->pending_total, &neighbour->pending, mbuf);
		if (neighbour->request_count == 0)
			ask(neighbours, neighbour, NEIGHBOUR_ASKED, now);
	} else if (route_ensure(neighbours, neighbour)) {
		inject_packet(neighbours->context.injector, mbuf, INJECT_ROUTE);
	} else {
		neighbours->context.drops->count[DROP_ARP_QUEUE_FULL]++;
		rte_pktmbuf_free(mbuf);
	}
}

bool
neighbour_heard(struct neighbours *neighbours, uint8_t port, be32 address,
		const uint8_t mac[ETH_ADDRESS_SIZE], struct mono_time now)
{
	struct neighbour *neighbour = neighbour_find(neighbours, port, address);
	struct pending taken;

	if (neighbour == NULL)
		return false;
	memcpy(neighbour->mac, mac, sizeof(neighbour->mac));
	state_enter(neighbours, neighbour, NEIGHBOUR_KNOWN, now);
	next_hop_set(neighbours->context.hops, neighbour->next_hop, neighbour->mac);
	pending_take(&neighbours->pending_total, &neighbour->pending, &taken);
	for (unsigned i = 0; i < taken.count; i++)
		neighbour_send(neighbours, neighbour, taken.packets[i], now);
	return true;
}

bool
neighbour_mac(struct neighbours *neighbours, uint8_t port, be32 address,
	      uint8_t mac[ETH_ADDRESS_SIZE])
{
	const struct neighbour *neighbour = neighbour_find(neighbours, port, address);

	if (neighbour == NULL || !is_known(neighbour))
		return false;
	memcpy(mac, neighbour->mac, sizeof(neighbour->mac));
	return true;
}

void
neighbour_forget_route(struct neighbours *neighbours, be32 address)
{
	for (unsigned port = 0; port < neighbours->context.links->count; port++) {
		struct neighbour *neighbour = neighbour_find(neighbours, (uint8_t)port, address);

		if (neighbour != NULL)
			neighbour->has_route = false;
	}
}

void
neighbours_relink(struct neighbours *neighbours, const struct links *links)
{
	struct neighbour *neighbour, *next;

	neighbours->context.links = links;
	for (unsigned i = 0; i < NEIGHBOUR_STATE_COUNT; i++) {
		for (neighbour = TAILQ_FIRST(&neighbours->by_due[i]); neighbour != NULL;
		     neighbour = next) {
			next = TAILQ_NEXT(neighbour, by_due);
			if (link_carries(links, neighbour->port, neighbour->address))
				continue;
			route_withdraw(neighbours, neighbour);
			if (neighbour->holders > 0)
				continue;
			pending_drop(&neighbours->pending_total, &neighbour->pending,
				     DROP_ARP_TIMEOUT);
			neighbour_delete(neighbours, neighbour);
		}
	}
}

/* Three requests went unanswered. */
static void
give_up(struct neighbours *neighbours, struct neighbour *neighbour, struct mono_time now)
{
	struct pending taken;

	pending_take(&neighbours->pending_total, &neighbour->pending, &taken);
	if (neighbour->holders == 0)
		neighbour_delete(neighbours, neighbour);
	else if (neighbour->state == NEIGHBOUR_CHECKED)
		ask(neighbours, neighbour, NEIGHBOUR_ASKED, now);
	else
		state_enter(neighbours, neighbour, NEIGHBOUR_SILENT, now);
	unreachable_tell(neighbours, &taken);
}

static void
neighbour_due(struct neighbours *neighbours, struct neighbour *neighbour, struct mono_time now)
{
	switch ((enum neighbour_state)neighbour->state) {
	case NEIGHBOUR_ASKED:
	case NEIGHBOUR_CHECKED:
		if (neighbour->request_count < REQUESTS_MAX)
			ask(neighbours, neighbour, (enum neighbour_state)neighbour->state, now);
		else
			give_up(neighbours, neighbour, now);
		break;
	case NEIGHBOUR_KNOWN:
		ask(neighbours, neighbour, NEIGHBOUR_CHECKED, now);
		break;
	case NEIGHBOUR_SILENT:
		ask(neighbours, neighbour, NEIGHBOUR_ASKED, now);
		break;
	case NEIGHBOUR_STATE_COUNT:
		break;
	}
}

void
neighbours_tick(struct neighbours *neighbours, struct mono_time now)
{
	struct neighbour *neighbour;

	for (unsigned i = 0; i < NEIGHBOUR_STATE_COUNT; i++) {
		while ((neighbour = TAILQ_FIRST(&neighbours->by_due[i])) != NULL &&
		       !mono_is_before(now, neighbour->due))
			neighbour_due(neighbours, neighbour, now);
	}
}

void
neighbours_visit(const struct neighbours *neighbours,
		 bool (*visit)(const struct neighbour_view *view, void *context), void *context)
{
	const struct neighbour *neighbour;

	for (unsigned i = 0; i < NEIGHBOUR_STATE_COUNT; i++) {
		TAILQ_FOREACH(neighbour, &neighbours->by_due[i], by_due)
		{
			struct neighbour_view view = {
				.address = neighbour->address,
				.port = neighbour->port,
				.is_resolved = is_known(neighbour),
				.pending = neighbour->pending.count,
			};

			memcpy(view.mac, neighbour->mac, sizeof(view.mac));
			if (!visit(&view, context))
				return;
		}
	}
}
