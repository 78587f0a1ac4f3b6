/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/inner.h"

#include "lib/checksum.h"
#include "lib/ecn.h"
#include "lib/ip_check.h"

/* RFC 6040 section 4.2; the inner header is about to be the packet's. */
static enum drop_reason
inner_ecn(struct worker *worker, struct ip_header *inner, uint8_t outer_tos)
{
	uint16_t was, is;

	if (unlikely(ecn_is_dangerous(inner->tos, outer_tos)))
		worker->counters.ecn_alarms++;
	switch (ecn_decapsulate(inner->tos, outer_tos)) {
	case ECN_KEEP:
		break;
	case ECN_SET:
		was = htobe16(inner->tos);
		inner->tos = (uint8_t)((inner->tos & ~IP_ECN_MASK) | (outer_tos & IP_ECN_MASK));
		is = htobe16(inner->tos);
		inner->checksum_be = checksum_update(inner->checksum_be, was, is);
		break;
	case ECN_DROP:
		return DROP_TUNNEL_ECN;
	}
	return INNER_FINE;
}

/* True when `len` bytes from the inner header on are contiguous. */
static bool
has(const struct rte_mbuf *mbuf, const struct inner *inner, uint16_t len)
{
	return inner->offset + len <= rte_pktmbuf_data_len(mbuf);
}

enum drop_reason
inner_check_thoroughly(struct worker *worker, struct rte_mbuf *mbuf, const struct inner *inner)
{
	struct ip_header *ip = rte_pktmbuf_mtod_offset(mbuf, struct ip_header *, inner->offset);

	if (!has(mbuf, inner, sizeof(*ip)) ||
	    ip_check_lengths(ip, rte_pktmbuf_pkt_len(mbuf) - inner->offset) != IP_OK)
		return inner->invalid;
	if (!has(mbuf, inner, ip_header_size(ip)) || ip_check_options(ip) != IP_OPTIONS_FINE ||
	    !ip_checksum_is_right(ip) || !ip_is_unicast(ip->src) || !ip_is_unicast(ip->dst))
		return inner->invalid;
	if (ip->ttl == 0)
		return DROP_TUNNEL_INNER_TTL;
	return inner->has_outer ? inner_ecn(worker, ip, inner->outer_tos) : INNER_FINE;
}
