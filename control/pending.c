/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/pending.h"

/* RFC 1122 section 2.3.2.2: at least the latest packet is kept. */
void
pending_add(struct pending_total *total, struct pending *pending, struct rte_mbuf *mbuf)
{
	if (pending->count == PENDING_MAX) {
		total->drops->count[DROP_ARP_QUEUE_FULL]++;
		rte_pktmbuf_free(pending->packets[0]);
		pending->count--;
		total->count--;
		memmove(&pending->packets[0], &pending->packets[1],
			pending->count * sizeof(pending->packets[0]));
	}
	if (total->count >= PENDING_TOTAL_MAX) {
		total->drops->count[DROP_ARP_QUEUE_FULL]++;
		rte_pktmbuf_free(mbuf);
		return;
	}
	pending->packets[pending->count++] = mbuf;
	total->count++;
}

void
pending_take(struct pending_total *total, struct pending *pending, struct pending *taken)
{
	*taken = *pending;
	pending->count = 0;
	total->count -= taken->count;
}

void
pending_drop(struct pending_total *total, struct pending *pending, enum drop_reason reason)
{
	struct pending taken;

	pending_take(total, pending, &taken);
	total->drops->count[reason] += taken.count;
	rte_pktmbuf_free_bulk(taken.packets, taken.count);
}
