/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_visitor.h"

#include <stdlib.h>

#define BUCKET_COUNT 1024 /* a power of two */

struct fa_visitors {
	struct fa_visitor *buckets[BUCKET_COUNT];
	struct fa_pending *pending;
	unsigned visitor_count, visitors_max;
	unsigned pending_count, pending_max;
};

struct fa_visitors *
fa_visitors_create(unsigned visitors_max, unsigned pending_max)
{
	struct fa_visitors *visitors = calloc(1, sizeof(*visitors));

	if (visitors == NULL)
		return NULL;
	visitors->visitors_max = visitors_max;
	visitors->pending_max = pending_max;
	return visitors;
}

void
fa_visitors_destroy(struct fa_visitors *visitors)
{
	if (visitors == NULL)
		return;
	for (unsigned i = 0; i < BUCKET_COUNT; i++) {
		while (visitors->buckets[i] != NULL)
			fa_visitors_leave(visitors, visitors->buckets[i]);
	}
	while (visitors->pending != NULL)
		fa_visitors_forget(visitors, visitors->pending);
	free(visitors);
}

unsigned
fa_visitors_count(const struct fa_visitors *visitors)
{
	return visitors->visitor_count;
}

unsigned
fa_visitors_pending_count(const struct fa_visitors *visitors)
{
	return visitors->pending_count;
}

bool
fa_visitors_is_full(const struct fa_visitors *visitors)
{
	return visitors->visitor_count >= visitors->visitors_max;
}

static unsigned
bucket_of(be32 home_address)
{
	/* the odd number spreads neighbours over the upper bits (Knuth's multiplicative hash) */
	return (uint32_t)(be32toh(home_address) * 2654435761u) >> 22 & (BUCKET_COUNT - 1);
}

struct fa_visitor *
fa_visitors_find(const struct fa_visitors *visitors, be32 home_address)
{
	struct fa_visitor *visitor = visitors->buckets[bucket_of(home_address)];

	while (visitor != NULL && visitor->mobile.home_address != home_address)
		visitor = visitor->next;
	return visitor;
}

struct fa_visitor *
fa_visitors_enter(struct fa_visitors *visitors, be32 home_address)
{
	struct fa_visitor **bucket = &visitors->buckets[bucket_of(home_address)];
	struct fa_visitor *visitor = fa_visitors_find(visitors, home_address);

	if (visitor != NULL)
		return visitor;
	if (fa_visitors_is_full(visitors))
		return NULL;
	visitor = calloc(1, sizeof(*visitor));
	if (visitor == NULL)
		return NULL;
	visitor->mobile.home_address = home_address;
	visitor->next = *bucket;
	*bucket = visitor;
	visitors->visitor_count++;
	return visitor;
}

void
fa_visitors_leave(struct fa_visitors *visitors, struct fa_visitor *visitor)
{
	struct fa_visitor **link = &visitors->buckets[bucket_of(visitor->mobile.home_address)];

	while (*link != visitor)
		link = &(*link)->next;
	*link = visitor->next;
	visitors->visitor_count--;
	free(visitor);
}

struct fa_visitor *
fa_visitors_next(const struct fa_visitors *visitors, const struct fa_visitor *visitor)
{
	unsigned bucket = 0;

	if (visitor != NULL) {
		if (visitor->next != NULL)
			return visitor->next;
		bucket = bucket_of(visitor->mobile.home_address) + 1;
	}
	for (; bucket < BUCKET_COUNT; bucket++) {
		if (visitors->buckets[bucket] != NULL)
			return visitors->buckets[bucket];
	}
	return NULL;
}

struct fa_pending *
fa_visitors_next_pending(const struct fa_visitors *visitors, const struct fa_pending *pending)
{
	return pending == NULL ? visitors->pending : pending->next;
}

struct fa_pending *
fa_visitors_find_pending(const struct fa_visitors *visitors, const struct fa_identity *mobile,
			 const uint8_t mac[ETH_ADDRESS_SIZE])
{
	struct fa_pending *pending = visitors->pending;

	while (pending != NULL && (!fa_identity_equal(&pending->mobile, mobile) ||
				   memcmp(pending->asker.mac, mac, ETH_ADDRESS_SIZE) != 0))
		pending = pending->next;
	return pending;
}

static bool
is_reply_to(const struct fa_identity *mobile, be64 identification_be,
	    const struct fa_pending *pending)
{
	if ((mobile->home_agent != 0 && pending->mobile.home_agent != mobile->home_agent) ||
	    (uint32_t)be64toh(pending->identification_be) != (uint32_t)be64toh(identification_be))
		return false;
	if (mobile->nai_len != 0 && pending->mobile.nai_len != 0 &&
	    !fa_identity_has_nai_of(&pending->mobile, mobile))
		return false;
	if (pending->mobile.home_address == mobile->home_address)
		return true;
	/* the address has just been assigned: only the NAI says whose it is */
	return pending->mobile.home_address == 0 && mobile->nai_len != 0;
}

struct fa_pending *
fa_visitors_match(const struct fa_visitors *visitors, const struct fa_identity *mobile,
		  be64 identification_be)
{
	struct fa_pending *pending = visitors->pending;

	while (pending != NULL && !is_reply_to(mobile, identification_be, pending))
		pending = pending->next;
	return pending;
}

struct fa_pending *
fa_visitors_await(struct fa_visitors *visitors, const struct fa_pending *pending)
{
	struct fa_pending *entry =
		fa_visitors_find_pending(visitors, &pending->mobile, pending->asker.mac);
	struct fa_pending *next;

	if (entry == NULL) {
		if (visitors->pending_count >= visitors->pending_max)
			return NULL;
		entry = calloc(1, sizeof(*entry));
		if (entry == NULL)
			return NULL;
		entry->next = visitors->pending;
		visitors->pending = entry;
		visitors->pending_count++;
	}
	next = entry->next;
	*entry = *pending;
	entry->next = next;
	return entry;
}

void
fa_visitors_forget(struct fa_visitors *visitors, struct fa_pending *pending)
{
	struct fa_pending **link = &visitors->pending;

	while (*link != pending)
		link = &(*link)->next;
	*link = pending->next;
	visitors->pending_count--;
	free(pending);
}

bool
fa_visitors_deadline(const struct fa_visitors *visitors, struct mono_time *when)
{
	struct mono_time next = {UINT64_MAX}, due;

	for (const struct fa_visitor *v = fa_visitors_next(visitors, NULL); v != NULL;
	     v = fa_visitors_next(visitors, v)) {
		if (mono_is_before(v->expires, next))
			next = v->expires;
		if (mn_keepalive_deadline(&v->keepalive, &due) && mono_is_before(due, next))
			next = due;
	}
	for (const struct fa_pending *p = visitors->pending; p != NULL; p = p->next) {
		if (mono_is_before(p->give_up, next))
			next = p->give_up;
	}
	*when = next;
	return next.ns != UINT64_MAX;
}
