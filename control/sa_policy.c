/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Policies, and what they make of a TIA: its current outbound SA. Workers hold packets from a mobile
 * against the selectors of the SA that they came by, so policies for inbound and forwarded packets need no
 * record: what charon says of them is right as long as the SA is there.
 */
#include <rte_jhash.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "control/sa_table.h"

static struct sa_tia **
address_bucket(const struct sa_table *table, be32 address)
{
	return &table->by_address[rte_jhash_1word(address, table->seed) & table->bucket_mask];
}

struct sa_tia *
sa_tia_find(const struct sa_table *table, be32 address)
{
	struct sa_tia *found = *address_bucket(table, address);

	while (found != NULL && found->address != address)
		found = found->next;
	return found;
}

struct sa_tia *
sa_tia_find_or_add(struct sa_table *table, be32 address)
{
	struct sa_tia *tia = sa_tia_find(table, address);

	if (tia != NULL)
		return tia;
	tia = calloc(1, sizeof(*tia));
	if (tia == NULL)
		return NULL;
	tia->address = address;
	LL_PREPEND(*address_bucket(table, address), tia);
	return tia;
}

void
sa_tia_destroy(struct sa_table *table, struct sa_tia *tia)
{
	LL_DELETE(*address_bucket(table, tia->address), tia);
	free(tia);
}

static struct sa_tia **
peer_bucket(const struct sa_table *table, be32 peer)
{
	return &table->by_peer[rte_jhash_1word(peer, table->seed) & table->bucket_mask];
}

static void
current_set(struct sa_table *table, struct sa_tia *tia, struct sa_record *record,
	    struct mono_time now)
{
	if (tia->current != NULL)
		DL_DELETE2(*peer_bucket(table, tia->peer), tia, peer_prev, peer_next);
	tia->current = record;
	if (record != NULL) {
		tia->peer = record->peer.address;
		DL_APPEND2(*peer_bucket(table, tia->peer), tia, peer_prev, peer_next);
	}
	table->context.tunnel_changed(tia->address, now, table->context.context);
}

void
sa_tia_choose(struct sa_table *table, struct sa_tia *tia, struct mono_time now)
{
	struct sa_record *newest = tia->policies != NULL ? tia->policies->record : NULL;

	if (newest != tia->current)
		current_set(table, tia, newest, now);
}

void
sa_tia_moved(struct sa_table *table, struct sa_tia *tia, struct mono_time now)
{
	current_set(table, tia, tia->current, now);
}

void
sa_policies_drop(struct sa_record *record)
{
	struct sa_tia *tia = record->tia;
	struct sa_policy *policy, *next;

	LL_FOREACH_SAFE(tia->policies, policy, next)
	{
		if (policy->record != record)
			continue;
		LL_DELETE(tia->policies, policy);
		free(policy);
	}
	record->policy_count = 0;
}

void
sa_tia_evict_orphans(struct sa_table *table, struct sa_tia *tia, struct mono_time now)
{
	struct sa_record *record, *next;

	DL_FOREACH_SAFE2(tia->records, record, next, tia_next)
	{
		if (record->is_orphan)
			sa_record_end(table, record, now);
	}
}

static bool
selector_equals(const struct traffic_selector *a, const struct traffic_selector *b)
{
	return a->first == b->first && a->last == b->last && a->first_port == b->first_port &&
	       a->last_port == b->last_port && a->protocol == b->protocol;
}

static struct sa_policy *
policy_find(const struct sa_tia *tia, const struct ike_policy *wanted)
{
	struct sa_policy *policy;

	LL_FOREACH(tia->policies, policy)
	{
		if (policy->record->spi_be == wanted->spi_be &&
		    policy->priority == wanted->priority &&
		    selector_equals(&policy->src, &wanted->src_selector) &&
		    selector_equals(&policy->dst, &wanted->dst_selector))
			return policy;
	}
	return NULL;
}

static enum ike_status
policy_insert(struct sa_table *table, struct sa_record *record, const struct ike_policy *wanted,
	      struct mono_time now)
{
	struct sa_policy *policy;

	if (record->policy_count == SA_POLICIES_MAX)
		return IKE_STATUS_FULL;
	policy = calloc(1, sizeof(*policy));
	if (policy == NULL)
		return IKE_STATUS_FAILED;
	*policy = (struct sa_policy){
		.src = wanted->src_selector,
		.dst = wanted->dst_selector,
		.priority = wanted->priority,
		.references = 1,
		.record = record,
	};
	LL_PREPEND(record->tia->policies, policy);
	record->policy_count++;
	sa_tia_choose(table, record->tia, now);
	if (!record->is_orphan)
		sa_tia_evict_orphans(table, record->tia, now);
	return IKE_STATUS_OK;
}

static enum ike_status
policy_refuse(struct sa_table *table)
{
	if (log_limit_allows(&table->log))
		log_warnx("policy refused: packets are sealed for single addresses of "
			  "vpn.tia_networks that their SA is for; let charon give them out");
	return IKE_STATUS_NOT_SUPPORTED;
}

enum ike_status
sa_policy_add(struct sa_table *table, const struct ike_policy *policy, struct mono_time now)
{
	be32 address = htobe32(policy->dst_selector.first);
	struct sa_record *record;
	struct sa_policy *found;

	if (policy->direction == IKE_DIRECTION_IN || policy->direction == IKE_DIRECTION_FORWARD)
		return IKE_STATUS_OK;
	if (policy->direction != IKE_DIRECTION_OUT ||
	    !traffic_selector_is_host(&policy->dst_selector) ||
	    !sa_is_tia(table->context.config, address))
		return policy_refuse(table);
	record = sa_record_find(table, policy->spi_be, policy->dst);
	if (record == NULL || record->is_inbound)
		return IKE_STATUS_UNKNOWN;
	if (record->tia == NULL || record->tia->address != address)
		return policy_refuse(table);
	found = policy_find(record->tia, policy);
	if (found != NULL && found->record == record) {
		found->references++;
		return IKE_STATUS_OK;
	}
	return policy_insert(table, record, policy, now);
}

enum ike_status
sa_policy_remove(struct sa_table *table, const struct ike_policy *policy, struct mono_time now)
{
	struct sa_tia *tia;
	struct sa_policy *found;

	if (policy->direction != IKE_DIRECTION_OUT)
		return IKE_STATUS_OK;
	tia = sa_tia_find(table, htobe32(policy->dst_selector.first));
	found = tia != NULL ? policy_find(tia, policy) : NULL;
	if (found == NULL || --found->references > 0)
		return IKE_STATUS_OK;
	found->record->policy_count--;
	LL_DELETE(tia->policies, found);
	free(found);
	sa_tia_choose(table, tia, now);
	return IKE_STATUS_OK;
}

void
sa_policy_flush(struct sa_table *table, struct mono_time now)
{
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		struct sa_record *record = &table->records[slot];

		if (record->tia != NULL)
			sa_policies_drop(record);
	}
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		if (table->records[slot].tia != NULL)
			sa_tia_choose(table, table->records[slot].tia, now);
	}
}

static struct sa_record *
newest_inbound(const struct sa_tia *tia)
{
	struct sa_record *record;

	DL_FOREACH2(tia->records, record, tia_next)
	{
		if (record->is_inbound)
			return record;
	}
	return NULL;
}

enum ike_status
sa_policy_query(const struct sa_table *table, const struct ike_policy *policy, struct ike_use *use)
{
	bool is_out = policy->direction == IKE_DIRECTION_OUT;
	const struct traffic_selector *remote =
		is_out ? &policy->dst_selector : &policy->src_selector;
	const struct sa_tia *tia = traffic_selector_is_host(remote)
					   ? sa_tia_find(table, htobe32(remote->first))
					   : NULL;
	const struct sa_record *record = NULL;
	struct ike_sa_id id;

	if (tia != NULL)
		record = is_out ? tia->current : newest_inbound(tia);
	if (record == NULL)
		return IKE_STATUS_UNKNOWN;
	id = (struct ike_sa_id){.src = record->src, .dst = record->dst, .spi_be = record->spi_be};
	return sa_query(table, &id, use);
}

bool
sa_tunnel_find(const struct sa_table *table, be32 tia, struct sa_tunnel *tunnel)
{
	const struct sa_tia *found = sa_tia_find(table, tia);
	const struct sa_record *inbound;

	if (found == NULL || found->current == NULL)
		return false;
	inbound = newest_inbound(found);
	*tunnel = (struct sa_tunnel){
		.sa = found->current->sa,
		.gateway = found->current->src,
		.peer = found->current->peer,
		.inbound = inbound != NULL ? inbound->sa : NULL,
	};
	return true;
}

void
sa_for_each_tia_of_peer(const struct sa_table *table, be32 peer,
			void (*visit)(be32 tia, void *context), void *context)
{
	struct sa_tia *tia, *next;

	DL_FOREACH_SAFE2(*peer_bucket(table, peer), tia, next, peer_next)
	{
		if (tia->peer == peer)
			visit(tia->address, context);
	}
}

/* Its own peer says whether an SA is the tunnel's: during a move the old one may still be elsewhere. */
void
sa_via_refresh(struct sa_record *record)
{
	be32 via = record->tia != NULL ? record->tia->via : 0;

	atomic_store_explicit(&record->sa->via_home_address, via == record->peer.address ? via : 0,
			      memory_order_relaxed);
}

void
sa_set_via(struct sa_table *table, be32 tia, be32 home_address)
{
	struct sa_tia *found = sa_tia_find(table, tia);
	struct sa_record *record;

	if (found == NULL)
		return;
	found->via = home_address;
	DL_FOREACH2(found->records, record, tia_next)
	{
		if (record->is_inbound && record->sa != NULL)
			sa_via_refresh(record);
	}
}
