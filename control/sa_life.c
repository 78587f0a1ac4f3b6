/* SPDX-License-Identifier: BSD-3-Clause */
/* How SAs end by themselves, what charon hears of them, and what becomes of them without it. */
#include <rte_cycles.h>

#include "control/sa_table.h"

/* From here on an SA without ESN is to be replaced: a sixteenth of its numbers is left, half a minute of
 * the smallest packets at 10 Gbit/s. */
#define SEQ_SOFT (SA_SEQ_MAX - SA_SEQ_MAX / 16)
#define LOOKS_A_TICK 16384

static uint64_t
read_counter(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* The newest sequence number. */
static uint64_t
sa_seq(const struct sa_record *record)
{
	return read_counter(record->is_inbound ? &record->sa->window.top : &record->sa->seq);
}

static bool
is_past(const struct sa_record *record, uint32_t sec, struct mono_time now)
{
	return sec != 0 && !mono_is_before(now, mono_add_sec(record->since, sec));
}

static bool
is_used_up(const struct sa_record *record, uint64_t bytes, uint64_t packets, uint64_t seq)
{
	const struct sa *sa = record->sa;

	return (bytes != 0 && read_counter(&sa->bytes) >= bytes) ||
	       (packets != 0 && read_counter(&sa->packets) >= packets) ||
	       ((sa->flags & SA_ESN) == 0 && sa_seq(record) >= seq);
}

static void
say_expired(struct sa_table *table, const struct sa_record *record, bool is_hard)
{
	const struct ike_expire expire = {
		.spi_be = record->spi_be,
		.dst = record->dst,
		.is_hard = is_hard,
	};

	if (!record->is_orphan)
		table->context.expire(&expire, table->context.context);
}

static void
look_at_mapping(struct sa_table *table, struct sa_record *record, struct mono_time now)
{
	union sa_peer seen;
	struct ike_mapping mapping;

	if (!record->is_inbound || record->is_orphan || mono_is_before(now, record->mapping_next) ||
	    read_counter(&record->sa->packets) == record->mapping_packets)
		return;
	seen.word = read_counter(&record->sa->seen_peer);
	if (seen.address == 0 || seen.word == record->peer.word)
		return;
	record->mapping_next = mono_add_sec(now, SA_MAPPING_SEC);
	mapping = (struct ike_mapping){
		.spi_be = record->spi_be,
		.dst = record->dst,
		.new_src = seen.address,
		.new_src_port_be = seen.port_be,
	};
	table->context.mapping(&mapping, table->context.context);
}

static void
look_at(struct sa_table *table, struct sa_record *record, struct mono_time now)
{
	if (record->until.ns != 0 && !mono_is_before(now, record->until)) {
		sa_record_end(table, record, now);
		return;
	}
	if (record->state == SA_RESERVED) {
		if (record->until.ns == 0)
			record->until = mono_add_sec(now, SA_RESERVED_SEC);
		return;
	}
	if (is_past(record, record->hard_sec, now) ||
	    is_used_up(record, record->sa->hard_bytes, record->sa->hard_packets, SA_SEQ_MAX)) {
		say_expired(table, record, true);
		sa_record_end(table, record, now);
		return;
	}
	if (!record->soft_was_said &&
	    (is_past(record, record->soft_sec, now) ||
	     is_used_up(record, record->soft_bytes, record->soft_packets, SEQ_SOFT))) {
		record->soft_was_said = true;
		say_expired(table, record, false);
	}
	look_at_mapping(table, record, now);
}

void
sa_table_tick(struct sa_table *table, struct mono_time now)
{
	uint64_t due_ns = now.ns > table->tick_round.ns ? now.ns - table->tick_round.ns : 0;
	uint32_t end;

	if (due_ns > NS_PER_SEC)
		due_ns = NS_PER_SEC;
	end = (uint32_t)(table->touched * due_ns / NS_PER_SEC);
	if (end > table->tick_slot + LOOKS_A_TICK)
		end = table->tick_slot + LOOKS_A_TICK;
	for (; table->tick_slot < end; table->tick_slot++) {
		struct sa_record *record = &table->records[table->tick_slot];

		if (record->state != SA_FREE)
			look_at(table, record, now);
	}
	if (due_ns == NS_PER_SEC && table->tick_slot >= table->touched) {
		table->tick_slot = 0;
		table->tick_round = now;
	}
}

/* CLOCK_MONOTONIC seconds of a time stamp counter. */
static uint64_t
sec_of_tsc(uint64_t tsc)
{
	uint64_t hz = rte_get_tsc_hz(), now_tsc = rte_rdtsc();
	uint64_t now_sec = mono_now().ns / NS_PER_SEC;
	uint64_t age_sec = hz != 0 && now_tsc > tsc ? (now_tsc - tsc) / hz : 0;

	return now_sec > age_sec ? now_sec - age_sec : 1;
}

enum ike_status
sa_query(const struct sa_table *table, const struct ike_sa_id *id, struct ike_use *use)
{
	const struct sa_record *record = sa_record_find(table, id->spi_be, id->dst);
	uint64_t tsc;

	if (record == NULL || record->state != SA_LIVE)
		return IKE_STATUS_UNKNOWN;
	tsc = read_counter(&record->sa->last_use_tsc);
	*use = (struct ike_use){
		.bytes = read_counter(&record->sa->bytes),
		.packets = read_counter(&record->sa->packets),
		.last_use_sec = tsc != 0 ? sec_of_tsc(tsc) : 0,
	};
	return IKE_STATUS_OK;
}

static struct mono_time
grace_end(const struct sa_table *table, struct mono_time now)
{
	return mono_add_sec(now, table->context.config->ike.grace_sec);
}

void
sa_charon_came(struct sa_table *table, uint64_t epoch, struct mono_time now)
{
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		struct sa_record *record = &table->records[slot];

		if (record->state != SA_LIVE)
			continue;
		table->orphan_count -= record->is_orphan;
		record->is_orphan = record->epoch != epoch;
		table->orphan_count += record->is_orphan;
		if (!record->is_orphan)
			record->until = (struct mono_time){0};
		else if (record->until.ns == 0)
			record->until = grace_end(table, now);
	}
}

void
sa_charon_left(struct sa_table *table, struct mono_time now)
{
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		struct sa_record *record = &table->records[slot];

		if (record->state == SA_LIVE && record->until.ns == 0)
			record->until = grace_end(table, now);
	}
}

void
sa_sync_begin(struct sa_table *table)
{
	for (uint32_t slot = 0; slot < table->touched; slot++)
		table->records[slot].was_named = false;
}

enum ike_status
sa_sync_one(struct sa_table *table, const struct ike_sa_id *id)
{
	struct sa_record *record = sa_record_find(table, id->spi_be, id->dst);

	if (record == NULL || record->is_orphan)
		return IKE_STATUS_UNKNOWN;
	record->was_named = true;
	return IKE_STATUS_OK;
}

void
sa_sync_end(struct sa_table *table, uint64_t epoch, struct mono_time now)
{
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		struct sa_record *record = &table->records[slot];

		if (record->state == SA_LIVE && record->epoch == epoch && !record->was_named)
			sa_record_end(table, record, now);
	}
}
