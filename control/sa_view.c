/* SPDX-License-Identifier: BSD-3-Clause */
/* SAs as telemetry shows them. */
#include "control/sa_table.h"

unsigned
sa_count(const struct sa_table *table)
{
	return table->count;
}

static struct sa_view
view_of(const struct sa_record *record)
{
	return (struct sa_view){
		.sa = record->sa,
		.src = record->src,
		.dst = record->dst,
		.peer_port_be = record->peer.port_be,
		.suite = esp_key_suite(record->sa->key),
		.hard_sec = record->hard_sec,
		.since = record->since,
		.is_inbound = record->is_inbound,
		.is_orphan = record->is_orphan,
		.is_current = record->tia != NULL && record->tia->current == record,
		.peer = record->peer_name != NULL ? record->peer_name->text : "",
		.reqid = record->reqid,
	};
}

static const struct sa_record *
find_any(const struct sa_table *table, be32 spi_be)
{
	for (uint32_t slot = 0; slot < table->touched; slot++) {
		const struct sa_record *record = &table->records[slot];

		if (record->state == SA_LIVE && record->spi_be == spi_be)
			return record;
	}
	return NULL;
}

bool
sa_find(const struct sa_table *table, be32 spi_be, be32 dst, struct sa_view *view)
{
	const struct sa_record *record =
		dst != 0 ? sa_record_find(table, spi_be, dst) : find_any(table, spi_be);

	if (record == NULL || record->state != SA_LIVE)
		return false;
	*view = view_of(record);
	return true;
}

uint32_t
sa_for_each(const struct sa_table *table, uint32_t first,
	    bool (*visit)(const struct sa_view *view, void *context), void *context)
{
	for (uint32_t slot = first; slot < table->touched; slot++) {
		struct sa_view view;

		if (table->records[slot].state != SA_LIVE)
			continue;
		view = view_of(&table->records[slot]);
		if (!visit(&view, context))
			return slot;
	}
	return 0;
}
