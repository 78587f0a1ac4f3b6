/* SPDX-License-Identifier: BSD-3-Clause */
/* Where does a packet without a binding go? By the longest matching route, if the firewall between the
 * sides and the next link's MTU let it. */
#include "dataplane/drop.h"
#include "dataplane/fragment.h"
#include "dataplane/punt.h"
#include "dataplane/stage.h"

static void
route_fragments(struct worker *worker, struct rte_mbuf *mbuf, uint16_t mtu)
{
	struct rte_mbuf *fragments[FRAGMENTS_MAX];
	uint16_t count = fragment(worker, mbuf, mtu, fragments);

	stage_transmit(worker, fragments, count);
}

/* True when the packet goes on to `hop`; otherwise it has been taken care of. `unreachable_code` is what
 * the sender hears when that leads nowhere. */
static bool
route(struct worker *worker, struct rte_mbuf *mbuf, struct next_hop hop,
      enum icmp_unreachable_code unreachable_code)
{
	const struct live_settings *settings = worker->settings;
	uint16_t mtu;

	if (unlikely(hop.state == NEXT_HOP_UNREACHABLE)) {
		punt_icmp_error(worker, mbuf, DROP_IP_UNREACHABLE, ICMP_TYPE_UNREACHABLE,
				(uint8_t)unreachable_code, 0);
		return false;
	}
	if (unlikely(settings->is_internal[hop.port] &&
		     packet_of(mbuf)->origin == ORIGIN_EXTERNAL &&
		     !settings->forward_external_to_internal)) {
		drop(worker, mbuf, DROP_IP_EXTERNAL_TO_INTERNAL);
		return false;
	}
	mtu = settings->mtu[hop.port];
	if (likely(rte_pktmbuf_pkt_len(mbuf) <= mtu))
		return true;
	if (packet_ip(mbuf)->fragment_be & htobe16(IP_FLAG_DF))
		punt_icmp_error(worker, mbuf, DROP_IP_TOO_BIG, ICMP_TYPE_UNREACHABLE,
				ICMP_CODE_FRAGMENTATION_NEEDED, mtu);
	else
		route_fragments(worker, mbuf, mtu);
	return false;
}

uint16_t
stage_route(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint32_t addresses[BURST_MAX], found[BURST_MAX];
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++)
		addresses[i] = be32toh(packet_ip(pkts[i])->dst);
	rte_lpm_lookup_bulk(worker->tables->routes, addresses, found, n);
	for (uint16_t i = 0; i < n; i++) {
		bool has_route = (found[i] & RTE_LPM_LOOKUP_SUCCESS) != 0;
		uint32_t index = has_route ? found[i] & 0x00ffffff : NEXT_HOP_NONE;

		packet_of(pkts[i])->next_hop = index;
		/* RFC 1812 section 4.3.3.1 */
		if (route(worker, pkts[i], next_hop_load(worker->tables, index),
			  has_route ? ICMP_CODE_HOST_UNREACHABLE : ICMP_CODE_NET_UNREACHABLE))
			pkts[kept++] = pkts[i];
	}
	return kept;
}
