/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/punt.h"

#include <rte_mbuf.h>

#include "control/advertiser.h"
#include "control/broadcast.h"
#include "control/icmp.h"
#include "control/ike_link.h"
#include "control/route.h"

#define TURN_COUNT REGISTRATION_BURST_MAX /* packets of one worker at a time */

/* Registrations that came one after the other, which the engine gets together. */
struct registrations {
	unsigned count;
	struct rte_mbuf *mbufs[TURN_COUNT];
	struct reg_datagram datagrams[TURN_COUNT];
	uint8_t buffer[PUNT_REGISTRATION_SIZE_MAX]; /* of the last one, if it came in pieces */
};

static void
registrations_run(struct punt_context *context, struct registrations *registrations,
		  struct mono_time now)
{
	if (registrations->count == 0)
		return;
	registration_input(context->registrations, registrations->datagrams, registrations->count,
			   now);
	rte_pktmbuf_free_bulk(registrations->mbufs, registrations->count);
	registrations->count = 0;
}

static void
registration_punt(struct punt_context *context, struct registrations *registrations,
		  struct rte_mbuf *mbuf, struct mono_time now)
{
	const struct packet *packet = packet_of(mbuf);
	struct reg_datagram *datagram = &registrations->datagrams[registrations->count];
	uint32_t len = RTE_MIN(rte_pktmbuf_pkt_len(mbuf), (uint32_t)PUNT_REGISTRATION_SIZE_MAX);
	const uint8_t *data = rte_pktmbuf_read(mbuf, 0, len, registrations->buffer);
	enum drop_reason reason = DROP_IP_SHORT;

	*datagram = (struct reg_datagram){
		.origin = packet->origin,
		.port = packet->port,
		.flags = packet->flags,
	};
	if (data != NULL)
		reason = punt_datagram_parse(data, len, datagram);
	if (reason != DROP_REASON_COUNT) {
		context->drops->count[reason]++;
		rte_pktmbuf_free(mbuf);
		return;
	}
	registrations->mbufs[registrations->count++] = mbuf;
	if (data == registrations->buffer)
		registrations_run(context, registrations, now);
}

static bool
is_registration(struct rte_mbuf *mbuf)
{
	uint8_t class = packet_of(mbuf)->punt_class;

	return class == PUNT_REGISTRATION_EXTERNAL || class == PUNT_REGISTRATION_INTERNAL;
}

static void
dispatch(struct punt_context *context, struct rte_mbuf *mbuf, struct mono_time now)
{
	switch ((enum punt_class)packet_of(mbuf)->punt_class) {
	case PUNT_KEEPALIVE:
	case PUNT_ICMP:
		if (packet_of(mbuf)->flags & PACKET_SOLICITATION) {
			advertiser_input(context->advertiser, mbuf, now);
			return;
		}
		icmp_input(context->icmp, mbuf, now);
		return;
	case PUNT_ICMP_ERROR:
		icmp_error_due(context->icmp, mbuf, now);
		return;
	case PUNT_ARP:
		route_arp_input(context->routes, mbuf, now);
		return;
	case PUNT_RESOLVE:
		route_resolve(context->routes, mbuf, now);
		return;
	case PUNT_BROADCAST:
		broadcast_input(context->broadcast, mbuf);
		return;
	case PUNT_IKE:
		if (context->ike == NULL)
			break;
		ike_link_input(context->ike, mbuf, now);
		return;
	case PUNT_REGISTRATION_EXTERNAL: /* not here */
	case PUNT_REGISTRATION_INTERNAL:
	case PUNT_CLASS_COUNT:
		break;
	}
	rte_pktmbuf_free(mbuf);
}

static unsigned
worker_drain(struct punt_context *context, struct mailbox *mailbox, unsigned most,
	     struct mono_time now)
{
	struct registrations registrations;
	void *mbufs[TURN_COUNT];
	unsigned count = rte_ring_sc_dequeue_burst(mailbox->punt, mbufs,
						   RTE_MIN(most, (unsigned)TURN_COUNT), NULL);

	registrations.count = 0;
	for (unsigned i = 0; i < count; i++) {
		if (is_registration(mbufs[i])) {
			registration_punt(context, &registrations, mbufs[i], now);
			continue;
		}
		registrations_run(context, &registrations, now);
		dispatch(context, mbufs[i], now);
	}
	registrations_run(context, &registrations, now);
	return count;
}

unsigned
punt_drain(struct punt_context *context, unsigned most, struct mono_time now)
{
	unsigned taken = 0, idle = 0;

	/* until all workers in a row had nothing */
	while (taken < most && idle < context->mailbox_count) {
		struct mailbox *mailbox = &context->mailboxes[context->turn];
		unsigned count = worker_drain(context, mailbox, most - taken, now);

		context->turn = (context->turn + 1) % context->mailbox_count;
		idle = count == 0 ? idle + 1 : 0;
		taken += count;
	}
	return taken;
}
