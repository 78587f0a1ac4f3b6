/* SPDX-License-Identifier: BSD-3-Clause */
/* Puts the Ethernet header of the next hop before the packet and queues it on the hop's port. A hop whose
 * link address is not known is the control core's to resolve. */
#include "dataplane/transmit.h"

#include <rte_ethdev.h>

#include "dataplane/drop.h"
#include "dataplane/punt.h"
#include "dataplane/stage.h"

void
transmit_flush(struct worker *worker, uint8_t port)
{
	struct transmit_buffer *buffer = &worker->transmit[port];
	uint16_t sent;

	if (unlikely(atomic_load_explicit(&worker->port_down, memory_order_relaxed) & 1u << port)) {
		for (uint16_t i = 0; i < buffer->count; i++)
			drop(worker, buffer->pkts[i], DROP_TX_PORT_DOWN);
	} else {
		sent = rte_eth_tx_burst(worker->port_ids[port], (uint16_t)worker->id, buffer->pkts,
					buffer->count);
		for (uint16_t i = sent; i < buffer->count; i++)
			drop(worker, buffer->pkts[i], DROP_TX_FULL);
	}
	buffer->count = 0;
}

void
transmit_frame(struct worker *worker, struct rte_mbuf *mbuf, uint8_t port)
{
	struct transmit_buffer *buffer = &worker->transmit[port];

	if (unlikely(mbuf->nb_segs > 1 && !worker->port_multi_segments[port] &&
		     rte_pktmbuf_linearize(mbuf) != 0)) {
		drop(worker, mbuf, DROP_IP_NOT_CONTIGUOUS);
		return;
	}
	mbuf->ol_flags = 0;
	buffer->pkts[buffer->count++] = mbuf;
	if (buffer->count == ARRAY_COUNT(buffer->pkts))
		transmit_flush(worker, port);
}

static void
transmit(struct worker *worker, struct rte_mbuf *mbuf, struct next_hop hop)
{
	struct eth_header *eth = (struct eth_header *)rte_pktmbuf_prepend(mbuf, sizeof(*eth));

	if (unlikely(eth == NULL)) {
		drop(worker, mbuf, DROP_TUNNEL_NO_HEADROOM);
		return;
	}
	memcpy(eth->dst, hop.mac, ETH_ADDRESS_SIZE);
	memcpy(eth->src, worker->settings->mac[hop.port], ETH_ADDRESS_SIZE);
	eth->type_be = htobe16(ETH_TYPE_IPV4);
	transmit_frame(worker, mbuf, hop.port);
}

uint16_t
stage_transmit(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		struct next_hop hop = next_hop_load(worker->tables, packet_of(pkts[i])->next_hop);

		if (likely(hop.state == NEXT_HOP_RESOLVED))
			transmit(worker, pkts[i], hop);
		else if (hop.state == NEXT_HOP_UNRESOLVED)
			punt(worker, pkts[i], PUNT_RESOLVE);
		else
			drop(worker, pkts[i], DROP_IP_UNREACHABLE);
	}
	return 0;
}
