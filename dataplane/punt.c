/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/punt.h"

#include "dataplane/drop.h"
#include "dataplane/recipe_table.h"

#define PUNTED DROP_REASON_COUNT

/* What outsiders' registrations leave free of the ring: to the insiders' and to everything else. */
#define RING_RESERVE (MAILBOX_SIZE / 4)

static const enum drop_reason rate_reasons[PUNT_CLASS_COUNT] = {
	[PUNT_REGISTRATION_EXTERNAL] = DROP_PUNT_RATE_REGISTRATION_EXTERNAL,
	[PUNT_REGISTRATION_INTERNAL] = DROP_PUNT_RATE_REGISTRATION_INTERNAL,
	[PUNT_KEEPALIVE] = DROP_PUNT_RATE_KEEPALIVE,
	[PUNT_ICMP] = DROP_PUNT_RATE_ICMP,
	[PUNT_ICMP_ERROR] = DROP_PUNT_RATE_ICMP_ERROR,
	[PUNT_ARP] = DROP_PUNT_RATE_ARP,
	[PUNT_RESOLVE] = DROP_PUNT_RATE_RESOLVE,
	[PUNT_IKE] = DROP_PUNT_RATE_IKE,
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

/*
 * True for a packet from outside whose answer would go inside: to an i-HA's mobile, or by a route out of an
 * internal port. The firewall between the sides does not look at what the control core sends, so such a
 * source must not be answered. What left a tunnel has a source that was registered.
 */
static bool
is_spoofed_inside(const struct worker *worker, struct rte_mbuf *mbuf)
{
	const struct live_settings *settings = worker->settings;
	const struct packet *packet = packet_of(mbuf);
	be32 src = packet_ip(mbuf)->src;
	const struct recipe *recipe;
	struct next_hop hop;
	uint32_t index;

	if (packet->origin != ORIGIN_EXTERNAL || packet->flags & PACKET_FROM_TUNNEL ||
	    settings->forward_external_to_internal)
		return false;
	if (recipe_lookup(worker->tables->recipes, &src, 1, &recipe) != 0)
		return recipe->flags & RECIPE_INTERNAL;
	if (rte_lpm_lookup(worker->tables->routes, be32toh(src), &index) != 0)
		return false;
	hop = next_hop_load(worker->tables, index);
	return hop.state != NEXT_HOP_UNREACHABLE && settings->is_internal[hop.port];
}

/* Room beside what waits for punt_flush(). */
static bool
has_room(const struct worker *worker, enum punt_class punt_class)
{
	unsigned reserve = punt_class == PUNT_REGISTRATION_EXTERNAL ? RING_RESERVE : 0;

	return rte_ring_free_count(worker->mailbox->punt) > worker->punted.count + reserve;
}

void
punt_flush(struct worker *worker)
{
	struct burst *punted = &worker->punted;

	/* has_room() has seen to it that they fit: nobody else puts anything into the ring */
	rte_ring_sp_enqueue_bulk(worker->mailbox->punt, (void **)punted->pkts, punted->count, NULL);
	punted->count = 0;
}

/* PUNTED: the control core has the packet. Otherwise it has not, and why. */
static enum drop_reason
hand_over(struct worker *worker, struct rte_mbuf *mbuf, enum punt_class punt_class)
{
	if (!within_rate(worker, punt_class))
		return rate_reasons[punt_class];
	if (punt_class != PUNT_ARP && is_spoofed_inside(worker, mbuf))
		return DROP_IP_SPOOFED_INSIDE;
	packet_of(mbuf)->punt_class = (uint8_t)punt_class;
	if (unlikely(trace_is_on(worker)))
		trace_end(worker, mbuf, TRACE_PUNT, punt_class);
	if (!has_room(worker, punt_class))
		return DROP_PUNT_RING_FULL;
	worker->punted.pkts[worker->punted.count++] = mbuf;
	if (worker->punted.count == BURST_MAX)
		punt_flush(worker);
	worker->counters.punts[punt_class]++;
	return PUNTED;
}

void
punt(struct worker *worker, struct rte_mbuf *mbuf, enum punt_class punt_class)
{
	enum drop_reason reason = hand_over(worker, mbuf, punt_class);

	if (reason != PUNTED)
		drop(worker, mbuf, reason);
}

/* The packet has been counted, or is a copy of one that went on; what is counted here is the error. */
static void
punt_error(struct worker *worker, struct rte_mbuf *mbuf)
{
	enum drop_reason reason = hand_over(worker, mbuf, PUNT_ICMP_ERROR);

	if (reason == PUNTED)
		return;
	if (reason != DROP_IP_SPOOFED_INSIDE)
		worker->counters.drops.count[DROP_PUNT_RATE_ICMP_ERROR]++;
	rte_pktmbuf_free(mbuf);
}

void
punt_icmp_error(struct worker *worker, struct rte_mbuf *mbuf, enum drop_reason reason,
		uint8_t icmp_type, uint8_t icmp_code, uint16_t mtu)
{
	struct packet *packet = packet_of(mbuf);

	worker->counters.drops.count[reason]++;
	if (unlikely(trace_is_on(worker)))
		trace_end(worker, mbuf, TRACE_DROP, reason);
	if (packet->origin == ORIGIN_CONTROL) {
		rte_pktmbuf_free(mbuf);
		return;
	}
	packet->icmp_type = icmp_type;
	packet->icmp_code = icmp_code;
	packet->mtu = mtu;
	punt_error(worker, mbuf);
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
	punt_error(worker, copy);
}
