/* SPDX-License-Identifier: BSD-3-Clause */
/* Is this a packet that a router may look at (RFC 1812 section 5.2.2)? Survivors have a right header,
 * contiguous with its options, and are exactly as long as it says. */
#include "dataplane/drop.h"
#include "dataplane/solicitation.h"
#include "dataplane/stage.h"
#include "lib/ip_check.h"

#define VERDICT_GOOD DROP_REASON_COUNT

static bool
checksum_is_right(const struct rte_mbuf *mbuf, const struct ip_header *ip)
{
	uint64_t verdict = mbuf->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;

	if (verdict == RTE_MBUF_F_RX_IP_CKSUM_GOOD)
		return true;
	return verdict != RTE_MBUF_F_RX_IP_CKSUM_BAD && ip_checksum_is_right(ip);
}

/* Nothing more need be asked of the header. */
static inline bool
is_ordinary(struct rte_mbuf *mbuf)
{
	return rte_pktmbuf_data_len(mbuf) >= sizeof(struct ip_header) &&
	       (mbuf->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) != RTE_MBUF_F_RX_IP_CKSUM_BAD &&
	       ip_is_ordinary(packet_ip(mbuf), rte_pktmbuf_pkt_len(mbuf));
}

static enum drop_reason
check_options(const struct ip_header *ip)
{
	switch (ip_check_options(ip)) {
	case IP_OPTIONS_FINE:
		return VERDICT_GOOD;
	case IP_OPTIONS_SOURCE_ROUTE:
		return DROP_IP_SOURCE_ROUTE;
	case IP_OPTIONS_MALFORMED:
		break;
	}
	return DROP_IP_BAD_OPTIONS;
}

/* RFC 1256 section 3: who asks for agents may have no address yet. */
static bool
is_nobody_asking(const struct worker *worker, struct rte_mbuf *mbuf)
{
	return packet_ip(mbuf)->src == 0 && is_solicitation(worker, mbuf);
}

/* RFC 5265 section 3.1: what has such a source came out of a security association, or is a forgery. */
static bool
is_tunnel_inner_address(const struct live_settings *settings, be32 address)
{
	for (unsigned i = 0; i < settings->tia_network_count; i++)
		if (prefix_contains(settings->tia_networks[i], address))
			return true;
	return false;
}

/* What is wrong with the header, if anything. */
static __attribute__((noinline, cold)) enum drop_reason
check_header(const struct worker *worker, struct rte_mbuf *mbuf)
{
	const struct ip_header *ip;

	if (!packet_has(mbuf, sizeof(*ip)))
		return rte_pktmbuf_pkt_len(mbuf) < sizeof(*ip) ? DROP_IP_SHORT
							       : DROP_IP_NOT_CONTIGUOUS;
	ip = packet_ip(mbuf);
	switch (ip_check_lengths(ip, rte_pktmbuf_pkt_len(mbuf))) {
	case IP_OK:
		break;
	case IP_VERDICT_SHORT:
		return DROP_IP_SHORT;
	default:
		return DROP_IP_VERSION;
	}
	if (!packet_has(mbuf, ip_header_size(ip)))
		return DROP_IP_NOT_CONTIGUOUS;
	ip = packet_ip(mbuf);
	if (!checksum_is_right(mbuf, ip))
		return DROP_IP_CHECKSUM;
	if (ip_source_is_martian(ip->src) && !is_nobody_asking(worker, mbuf))
		return DROP_IP_BAD_SOURCE;
	if (ip_destination_is_martian(ip->dst))
		return DROP_IP_BAD_DESTINATION;
	return check_options(ip);
}

/* What is wrong with a source that is in order: nobody but the box has it, or not in the clear. */
static inline enum drop_reason
check_source(const struct live_settings *settings, be32 src)
{
	if (unlikely(own_address_lookup(settings, src) != NULL))
		return DROP_IP_OWN_SOURCE;
	if (unlikely(is_tunnel_inner_address(settings, src)))
		return DROP_ESP_PLAIN;
	return VERDICT_GOOD;
}

static inline enum drop_reason
check(const struct worker *worker, struct rte_mbuf *mbuf)
{
	if (unlikely(!is_ordinary(mbuf))) {
		enum drop_reason reason = check_header(worker, mbuf);

		if (reason != VERDICT_GOOD)
			return reason;
	}
	return check_source(worker->settings, packet_ip(mbuf)->src);
}

uint16_t
stage_ip_input(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *mbuf = pkts[i];
		enum drop_reason reason = check(worker, mbuf);

		if (unlikely(reason != VERDICT_GOOD)) {
			drop(worker, mbuf, reason);
			continue;
		}
		packet_trim(mbuf, be16toh(packet_ip(mbuf)->total_len_be));
		pkts[kept++] = mbuf;
	}
	return kept;
}
