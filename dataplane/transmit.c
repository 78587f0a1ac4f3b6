/* SPDX-License-Identifier: BSD-3-Clause */
/* Puts the Ethernet header of the next hop before the packet and queues it on the hop's port. A hop whose
 * link address is not known is the control core's to resolve. */
#include "dataplane/transmit.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "dataplane/drop.h"
#include "dataplane/punt.h"
#include "dataplane/stage.h"

/* The driver's part, which is accounted for by itself wherever it happens. */
static void
send_burst(struct worker *worker, struct transmit_buffer *buffer, uint8_t port)
{
	struct stage_counters *counters = &worker->counters.stages[STAGE_SEND];
	uint64_t begin = rte_rdtsc(), took;
	uint16_t sent;

	if (unlikely(trace_is_on(worker)))
		trace_send(worker, port, buffer->pkts, buffer->count);
	sent = rte_eth_tx_burst(worker->port_ids[port], (uint16_t)worker->id, buffer->pkts,
				buffer->count);
	took = rte_rdtsc() - begin;
	counters->calls++;
	counters->packets += buffer->count;
	counters->cycles += took;
	worker->stage_clock += took;
	for (uint16_t i = sent; i < buffer->count; i++)
		drop(worker, buffer->pkts[i], DROP_TX_FULL);
}

void
transmit_flush(struct worker *worker, uint8_t port)
{
	struct transmit_buffer *buffer = &worker->transmit[port];

	if (likely(!(atomic_load_explicit(&worker->port_down, memory_order_relaxed) & 1u << port)))
		send_burst(worker, buffer, port);
	else
		for (uint16_t i = 0; i < buffer->count; i++)
			drop(worker, buffer->pkts[i], DROP_TX_PORT_DOWN);
	buffer->count = 0;
}

static inline void
enqueue(struct worker *worker, struct rte_mbuf *mbuf, uint8_t port)
{
	struct transmit_buffer *buffer = &worker->transmit[port];

	if (unlikely(mbuf->nb_segs > 1 && !worker->port_multi_segments[port] &&
		     rte_pktmbuf_linearize(mbuf) != 0)) {
		drop(worker, mbuf, DROP_IP_NOT_CONTIGUOUS);
		return;
	}
	/* no offload is asked for; whose the buffer is must not be forgotten */
	mbuf->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
	buffer->pkts[buffer->count++] = mbuf;
	if (buffer->count == ARRAY_COUNT(buffer->pkts))
		transmit_flush(worker, port);
}

void
transmit_frame(struct worker *worker, struct rte_mbuf *mbuf, uint8_t port)
{
	enqueue(worker, mbuf, port);
}

static inline void
transmit(struct worker *worker, struct rte_mbuf *mbuf, struct next_hop hop)
{
	struct eth_header *eth = (struct eth_header *)rte_pktmbuf_prepend(mbuf, sizeof(*eth));

	if (unlikely(eth == NULL)) {
		drop(worker, mbuf, DROP_TUNNEL_NO_HEADROOM);
		return;
	}
	/* eight octets each time: what is two too many is the source's */
	memcpy(eth->dst, &hop, sizeof(hop));
	memcpy(eth->src, &worker->settings->stations[hop.port], sizeof(struct station));
	enqueue(worker, mbuf, hop.port);
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
