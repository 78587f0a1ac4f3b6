/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets for the box that came in fragments are put together first (a tunnel's headers stand only in
 * the first one). All fragments of a packet meet at one worker, whichever received them. Memory and
 * time are bounded; packets of more than RTE_LIBRTE_IP_FRAG_MAX_FRAG (8) fragments are given up. */
#include "dataplane/reassemble.h"

#include <rte_ip.h>

#include "dataplane/drop.h"
#include "dataplane/handover.h"

static unsigned
meeting_worker(const struct worker *worker, const struct ip_header *ip)
{
	uint32_t hash =
		(ip->src ^ ip->dst ^ ((uint32_t)ip->id_be << 8) ^ ip->protocol) * 2654435769u;

	return (unsigned)(((uint64_t)hash * worker->worker_count) >> 32);
}

/* Frees what the table gave up, each counted. */
static void
bury(struct worker *worker)
{
	for (uint32_t i = 0; i < worker->death_row.cnt; i++)
		drop(worker, worker->death_row.row[i], DROP_REASSEMBLY_FAILED);
	worker->death_row.cnt = 0;
}

void
reassemble_expire(struct worker *worker)
{
	rte_ip_frag_table_del_expired_entries(worker->fragments, &worker->death_row,
					      worker->round_clock);
	if (unlikely(worker->death_row.cnt > 0))
		bury(worker);
}

/* Marks every segment with where its fragment came from: they stay segments of the whole packet. */
static void
origin_mark(struct rte_mbuf *mbuf, uint8_t origin)
{
	for (; mbuf != NULL; mbuf = mbuf->next)
		packet_of(mbuf)->origin = origin;
}

/* An outsider's fragment must not become part of an insider's packet. */
static bool
is_of_one_origin(struct rte_mbuf *mbuf, uint8_t origin)
{
	for (; mbuf != NULL; mbuf = mbuf->next)
		if (packet_of(mbuf)->origin != origin)
			return false;
	return true;
}

/* The whole packet when `mbuf` completes it, else NULL. */
static struct rte_mbuf *
add_fragment(struct worker *worker, struct rte_mbuf *mbuf)
{
	struct ip_header *ip = packet_ip(mbuf);
	struct packet packet = *packet_of(mbuf);
	uint16_t header_size = ip_header_size(ip);
	uint32_t payload_len = rte_pktmbuf_pkt_len(mbuf) - header_size;
	uint32_t offset = (be16toh(ip->fragment_be) & IP_FRAGMENT_OFFSET_MASK) * 8u;

	if (payload_len == 0 || header_size + offset + payload_len > UINT16_MAX) {
		drop(worker, mbuf, DROP_REASSEMBLY_FAILED);
		return NULL;
	}
	origin_mark(mbuf, packet.origin);
	mbuf->l2_len = 0;
	mbuf->l3_len = header_size;
	mbuf = rte_ipv4_frag_reassemble_packet(worker->fragments, &worker->death_row, mbuf,
					       worker->round_clock, (struct rte_ipv4_hdr *)ip);
	if (unlikely(worker->death_row.cnt > 0))
		bury(worker);
	if (mbuf == NULL)
		return NULL;
	/* the first fragment's header may be longer than that of the others */
	if (rte_pktmbuf_pkt_len(mbuf) > UINT16_MAX || !is_of_one_origin(mbuf, packet.origin)) {
		drop(worker, mbuf, DROP_REASSEMBLY_FAILED);
		return NULL;
	}
	*packet_of(mbuf) = packet;
	ip = packet_ip(mbuf);
	ip->checksum_be = 0;
	ip->checksum_be = checksum_of(ip, ip_header_size(ip));
	return mbuf;
}

struct rte_mbuf *
reassemble(struct worker *worker, struct rte_mbuf *mbuf)
{
	unsigned id = meeting_worker(worker, packet_ip(mbuf));

	if (id == worker->id)
		return add_fragment(worker, mbuf);
	handover(worker, mbuf, id, HANDOVER_LOCAL);
	return NULL;
}
