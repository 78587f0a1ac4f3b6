/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/punt.h"

#include "dataplane/drop.h"

static const enum drop_reason rate_reasons[PUNT_CLASS_COUNT] = {
	[PUNT_REGISTRATION] = DROP_PUNT_RATE_REGISTRATION,
	[PUNT_KEEPALIVE] = DROP_PUNT_RATE_KEEPALIVE,
	[PUNT_ICMP] = DROP_PUNT_RATE_ICMP,
	[PUNT_ICMP_ERROR] = DROP_PUNT_RATE_ICMP_ERROR,
	[PUNT_ARP] = DROP_PUNT_RATE_ARP,
	[PUNT_RESOLVE] = DROP_PUNT_RATE_RESOLVE,
	[PUNT_BROADCAST] = DROP_PUNT_RATE_BROADCAST,
};

/* One packet costs one token: the meter's "bytes" are packets here. */
static bool
within_rate(struct worker *worker, enum punt_class punt_class)
{
	return rte_meter_srtcm_color_blind_check(&worker->meters[punt_class],
						 &worker->meter_profiles[punt_class],
						 worker->round_clock, 1) == RTE_COLOR_GREEN;
}

void
punt(struct worker *worker, struct rte_mbuf *mbuf, enum punt_class punt_class)
{
	if (!within_rate(worker, punt_class)) {
		drop(worker, mbuf, rate_reasons[punt_class]);
		return;
	}
	packet_of(mbuf)->punt_class = (uint8_t)punt_class;
	if (rte_ring_sp_enqueue(worker->mailbox->punt, mbuf) != 0) {
		drop(worker, mbuf, DROP_PUNT_RING_FULL);
		return;
	}
	worker->counters.punts[punt_class]++;
}

void
punt_icmp_error(struct worker *worker, struct rte_mbuf *mbuf, enum drop_reason reason,
		uint8_t icmp_type, uint8_t icmp_code, uint16_t mtu)
{
	struct packet *packet = packet_of(mbuf);

	worker->counters.drops.count[reason]++;
	if (packet->origin == ORIGIN_CONTROL) {
		rte_pktmbuf_free(mbuf);
		return;
	}
	packet->icmp_type = icmp_type;
	packet->icmp_code = icmp_code;
	packet->mtu = mtu;
	punt(worker, mbuf, PUNT_ICMP_ERROR);
}

void
punt_icmp_notice(struct worker *worker, struct rte_mbuf *mbuf, uint8_t icmp_type, uint8_t icmp_code)
{
	struct packet *packet;
	struct rte_mbuf *copy;

	if (packet_of(mbuf)->origin == ORIGIN_CONTROL)
		return;
	copy = rte_pktmbuf_copy(mbuf, worker->pool, 0, UINT32_MAX);
	if (copy == NULL)
		return;
	packet = packet_of(copy);
	*packet = *packet_of(mbuf);
	packet->icmp_type = icmp_type;
	packet->icmp_code = icmp_code;
	packet->mtu = 0;
	punt(worker, copy, PUNT_ICMP_ERROR);
}
