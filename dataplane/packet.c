/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/packet.h"

#include <errno.h>
#include <rte_errno.h>

#include "lib/recipe.h"

int
packet_register(void)
{
	static const struct rte_mbuf_dynfield field = {
		.name = "homeport_packet",
		.size = sizeof(struct packet),
		.align = __alignof__(struct packet),
	};

	return rte_mbuf_dynfield_register_offset(&field, PACKET_OFFSET) == PACKET_OFFSET
		       ? 0
		       : -rte_errno;
}

int
packet_gather(struct rte_mbuf *mbuf, uint16_t len)
{
	uint16_t have = rte_pktmbuf_data_len(mbuf);
	uint16_t missing = (uint16_t)(len - have);

	if (rte_pktmbuf_pkt_len(mbuf) < len || rte_pktmbuf_tailroom(mbuf) < missing ||
	    rte_mbuf_refcnt_read(mbuf) != 1 || RTE_MBUF_CLONED(mbuf))
		return -EMSGSIZE;

	mbuf->data_len = len;
	for (uint8_t *to = rte_pktmbuf_mtod_offset(mbuf, uint8_t *, have); missing > 0;) {
		struct rte_mbuf *next = mbuf->next;
		uint16_t piece = RTE_MIN(missing, next->data_len);

		memcpy(to, rte_pktmbuf_mtod(next, uint8_t *), piece);
		to += piece;
		missing = (uint16_t)(missing - piece);
		next->data_off = (uint16_t)(next->data_off + piece);
		next->data_len = (uint16_t)(next->data_len - piece);
		if (next->data_len == 0) {
			mbuf->next = next->next;
			mbuf->nb_segs--;
			rte_pktmbuf_free_seg(next);
		}
	}
	return 0;
}

void
packet_cut(struct rte_mbuf *mbuf, uint32_t len)
{
	uint32_t left = len;
	struct rte_mbuf *segment = mbuf;

	while (segment->data_len < left) {
		left -= segment->data_len;
		segment = segment->next;
	}
	segment->data_len = (uint16_t)left;
	for (struct rte_mbuf *rest = segment->next, *next; rest != NULL; rest = next) {
		next = rest->next;
		mbuf->nb_segs--;
		rte_pktmbuf_free_seg(rest);
	}
	segment->next = NULL;
	mbuf->pkt_len = len;
}

struct rte_mbuf *
packet_copy(struct rte_mbuf *mbuf, struct rte_mempool *pool)
{
	uint32_t len = rte_pktmbuf_pkt_len(mbuf), first_len;
	struct rte_mbuf *copy = rte_pktmbuf_alloc(pool), *rest;
	const void *data;
	uint8_t *to;

	if (copy == NULL)
		return NULL;
	copy->data_off = RECIPE_HEADROOM;
	first_len = RTE_MIN(len, (uint32_t)rte_pktmbuf_tailroom(copy));
	to = (uint8_t *)rte_pktmbuf_append(copy, (uint16_t)first_len);
	data = rte_pktmbuf_read(mbuf, 0, first_len, to);
	if (data != to)
		memcpy(to, data, first_len);
	if (first_len < len) {
		rest = rte_pktmbuf_copy(mbuf, pool, first_len, UINT32_MAX);
		if (rest == NULL || rte_pktmbuf_chain(copy, rest) != 0) {
			rte_pktmbuf_free(rest);
			rte_pktmbuf_free(copy);
			return NULL;
		}
	}
	copy->port = mbuf->port;
	copy->hash = mbuf->hash; /* PACKET_TRACED: the number */
	*packet_of(copy) = *packet_of(mbuf);
	return copy;
}
