/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/scratch.h"

uint8_t *
scratch_load(struct worker *worker, const struct rte_mbuf *mbuf, uint32_t offset)
{
	uint32_t len = rte_pktmbuf_pkt_len(mbuf), at = 0;

	if (offset >= len || len - offset > UINT16_MAX)
		return NULL;
	for (; mbuf != NULL; mbuf = mbuf->next) {
		if (offset < mbuf->data_len) {
			uint32_t piece = mbuf->data_len - offset;

			memcpy(worker->scratch + at,
			       rte_pktmbuf_mtod_offset(mbuf, const uint8_t *, offset), piece);
			at += piece;
			offset = 0;
		} else {
			offset -= mbuf->data_len;
		}
	}
	return worker->scratch;
}

/* Makes the packet `more` bytes longer, by another segment if need be. */
static bool
extend(struct worker *worker, struct rte_mbuf *mbuf, uint16_t more)
{
	struct rte_mbuf *segment;

	if (rte_pktmbuf_append(mbuf, more) != NULL)
		return true;
	segment = rte_pktmbuf_alloc(worker->pool);
	if (segment == NULL)
		return false;
	if (rte_pktmbuf_append(segment, more) == NULL || rte_pktmbuf_chain(mbuf, segment) != 0) {
		rte_pktmbuf_free(segment);
		return false;
	}
	return true;
}

bool
scratch_store(struct worker *worker, struct rte_mbuf *mbuf, uint32_t offset, uint32_t len)
{
	const uint8_t *from = worker->scratch;
	uint32_t room = rte_pktmbuf_pkt_len(mbuf) - offset;

	if (len > room && !extend(worker, mbuf, (uint16_t)(len - room)))
		return false;
	for (; mbuf != NULL && len > 0; mbuf = mbuf->next) {
		uint32_t piece;

		if (offset >= mbuf->data_len) {
			offset -= mbuf->data_len;
			continue;
		}
		piece = RTE_MIN(len, mbuf->data_len - offset);
		memcpy(rte_pktmbuf_mtod_offset(mbuf, uint8_t *, offset), from, piece);
		from += piece;
		len -= piece;
		offset = 0;
	}
	return true;
}
