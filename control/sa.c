/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/sa.h"

#include <openssl/rand.h>
#include <rte_jhash.h>
#include <stdlib.h>
#include <utlist.h>

#include "control/publish.h"
#include "control/sa_table.h"

#define SPI_RESERVED 256 /* SPIs below are IANA's (RFC 4303 section 2.1) */

static int
table_init(struct sa_table *table)
{
	uint32_t buckets = 16, random[2];
	uint64_t generations;

	while (buckets < table->slots / 2)
		buckets *= 2;
	table->bucket_mask = buckets - 1;
	table->by_id = calloc(buckets, sizeof(table->by_id[0]));
	table->by_peer = calloc(buckets, sizeof(table->by_peer[0]));
	table->by_address = calloc(buckets, sizeof(table->by_address[0]));
	if (table->by_id == NULL || table->by_peer == NULL || table->by_address == NULL ||
	    RAND_bytes((uint8_t *)random, sizeof(random)) != 1)
		return -1;
	table->seed = random[0];
	table->slot_bits = (uint32_t)__builtin_ctz(table->slots);
	generations = 1ull << (32 - table->slot_bits);
	table->generation_max = (uint32_t)(generations - 1);
	table->generation_min = table->slots < SPI_RESERVED ? SPI_RESERVED >> table->slot_bits : 1;
	/* so that what is still said of SAs of an earlier life is not taken for this one's */
	table->generation_first = table->generation_min +
				  random[1] % (table->generation_max - table->generation_min + 1);
	return 0;
}

struct sa_table *
sa_table_create(const struct sa_context *context, struct mono_time now)
{
	uint32_t slots = context->config->vpn.sas_max;
	struct sa_table *table;

	if (slots == 0 || (slots & (slots - 1)) != 0 || slots > UINT32_MAX / 512)
		return NULL;
	table = calloc(1, sizeof(*table) + (size_t)slots * sizeof(table->records[0]));
	if (table == NULL)
		return NULL;
	table->context = *context;
	table->slots = slots;
	table->tick_round = now;
	table->log.per_sec = context->config->limits.log_per_sec;
	if (table_init(table) != 0) {
		sa_table_destroy(table);
		return NULL;
	}
	return table;
}

/* Nobody is told, and recipes are the publisher's to free: the workers have stopped. */
void
sa_table_destroy(struct sa_table *table)
{
	if (table == NULL)
		return;
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		struct sa_record *record = &table->records[slot];

		if (record->state == SA_LIVE)
			publish_sa_remove(table->context.publisher, slot);
		if (record->tia != NULL)
			sa_policies_drop(record);
		sa_name_release(record->peer_name);
	}
	for (uint32_t i = 0; table->by_address != NULL && i <= table->bucket_mask; i++)
		while (table->by_address[i] != NULL)
			sa_tia_destroy(table, table->by_address[i]);
	free(table->by_address);
	free(table->by_peer);
	free(table->by_id);
	free(table);
}

void
sa_table_reload(struct sa_table *table, const struct config *config)
{
	table->context.config = config;
	table->log.per_sec = config->limits.log_per_sec;
}

bool
sa_is_tia(const struct config *config, be32 address)
{
	const struct config_vpn *vpn = &config->vpn;

	for (unsigned i = 0; i < vpn->tia_network_count; i++) {
		if (prefix_contains(vpn->tia_networks[i], address))
			return true;
	}
	return false;
}

static struct sa_record **
id_bucket(const struct sa_table *table, be32 spi_be, be32 dst)
{
	return &table->by_id[rte_jhash_2words(spi_be, dst, table->seed) & table->bucket_mask];
}

void
sa_record_index(struct sa_table *table, struct sa_record *record)
{
	struct sa_record **bucket = id_bucket(table, record->spi_be, record->dst);

	LL_PREPEND(*bucket, record);
}

void
sa_record_unindex(struct sa_table *table, struct sa_record *record)
{
	struct sa_record **bucket = id_bucket(table, record->spi_be, record->dst);

	LL_DELETE(*bucket, record);
}

struct sa_record *
sa_record_find(const struct sa_table *table, be32 spi_be, be32 dst)
{
	uint32_t slot = sa_spi_slot(be32toh(spi_be), table->slots);
	const struct sa_record *record = &table->records[slot];

	if (slot < table->touched && record->state != SA_FREE && record->is_inbound &&
	    record->spi_be == spi_be && record->dst == dst)
		return (struct sa_record *)(uintptr_t)record;
	for (record = *id_bucket(table, spi_be, dst); record != NULL; record = record->next) {
		if (record->spi_be == spi_be && record->dst == dst)
			break;
	}
	return (struct sa_record *)(uintptr_t)record;
}

/* When all are taken, somebody whose charon is gone makes room for somebody whose charon is here. */
static void
evict_any_orphan(struct sa_table *table, struct mono_time now)
{
	for (uint32_t slot = 0; table->orphan_count > 0 && slot < table->touched; slot++) {
		if (!table->records[slot].is_orphan)
			continue;
		sa_record_end(table, &table->records[slot], now);
		return;
	}
}

struct sa_record *
sa_record_take(struct sa_table *table, struct mono_time now)
{
	struct sa_record *record;
	uint32_t generation;

	if (table->free_first == NULL && table->touched == table->slots)
		evict_any_orphan(table, now);
	record = table->free_first;
	if (record != NULL) {
		table->free_first = record->next;
		if (table->free_first == NULL)
			table->free_last = NULL;
	} else if (table->touched < table->slots) {
		record = &table->records[table->touched++];
		record->generation = table->generation_first;
	} else {
		return NULL;
	}
	generation = record->generation;
	*record = (struct sa_record){
		.slot = (uint32_t)(record - table->records),
		.generation =
			generation < table->generation_max ? generation + 1 : table->generation_min,
		.state = SA_RESERVED,
		.since = now,
		.was_named = true,
	};
	return record;
}

static void
record_give_back(struct sa_table *table, struct sa_record *record)
{
	sa_name_release(record->peer_name);
	record->peer_name = NULL;
	record->state = SA_FREE;
	record->is_orphan = false;
	record->sa = NULL;
	record->next = NULL;
	if (table->free_last != NULL)
		table->free_last->next = record;
	else
		table->free_first = record;
	table->free_last = record;
}

void
sa_record_end(struct sa_table *table, struct sa_record *record, struct mono_time now)
{
	struct sa_tia *tia = record->tia;

	if (record->state == SA_LIVE && !record->is_inbound)
		sa_record_unindex(table, record);
	if (tia != NULL) {
		sa_policies_drop(record);
		DL_DELETE2(tia->records, record, tia_prev, tia_next);
		record->tia = NULL;
		sa_tia_choose(table, tia, now);
		if (tia->records == NULL)
			sa_tia_destroy(table, tia);
	}
	/* no recipe names it any more */
	if (record->state == SA_LIVE) {
		publish_sa_remove(table->context.publisher, record->slot);
		table->count--;
		table->orphan_count -= record->is_orphan;
	}
	record_give_back(table, record);
}

enum ike_status
sa_get_spi(struct sa_table *table, const struct ike_get_spi *ask, uint64_t epoch, be32 *spi_be)
{
	struct mono_time now = mono_now();
	struct sa_record *record;

	if (ask->dst != table->context.config->vpn.address)
		return IKE_STATUS_NOT_SUPPORTED;
	record = sa_record_take(table, now);
	if (record == NULL) {
		if (log_limit_allows(&table->log))
			log_warnx("vpn.sas_max = %u: no security association is free; raise it",
				  table->slots);
		return IKE_STATUS_FULL;
	}
	record->is_inbound = true;
	record->src = ask->src;
	record->dst = ask->dst;
	record->epoch = epoch;
	record->spi_be = htobe32(record->generation << table->slot_bits | record->slot);
	record->until = (struct mono_time){0}; /* from the next look on: sa_table_tick() */
	*spi_be = record->spi_be;
	return IKE_STATUS_OK;
}

enum ike_status
sa_remove(struct sa_table *table, const struct ike_sa_id *id, struct mono_time now)
{
	struct sa_record *record = sa_record_find(table, id->spi_be, id->dst);

	if (record != NULL)
		sa_record_end(table, record, now);
	return IKE_STATUS_OK;
}

void
sa_flush(struct sa_table *table, struct mono_time now)
{
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		if (table->records[slot].state != SA_FREE)
			sa_record_end(table, &table->records[slot], now);
	}
}
