/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_ADVERTISER_H
#define CONTROL_ADVERTISER_H

#include "control/config.h"
#include "lib/mono_time.h"
#include "lib/wire_eth.h"

struct drop_counters;
struct injector;
struct rte_mbuf;

/*
 * Agent Advertisements (RFC 5944 section 2.3): on the link of each home network its home agent says that
 * it is there (H bit), now and then and to whoever solicits. A virtual home network has no link and
 * nothing to advertise. They come from the home agent's address, by which mobiles know their own agent.
 *
 * Who solicits is told at once and alone, at the link address that asked. What goes beyond the rate for
 * that, and solicitations from no address, are answered by one advertisement to all on the link, so that a
 * flood cannot keep others from an answer. Those to all are at least 3 s apart, whatever is asked.
 * Control core.
 */
struct advertiser;

struct advertiser_context {
	struct injector *injector;
	struct drop_counters *drops;
	const uint8_t (
		*macs)[ETH_ADDRESS_SIZE]; /* of the ports, for as long as the advertiser lives */
};

/* RFC 1256 sections 4.1 and 6. */
#define ADVERTISE_INTERVAL_MIN_SEC 4 /* the least that may be configured */
#define ADVERTISE_SPACING_SEC 3
#define ADVERTISE_INITIAL_SEC 16 /* the longest interval between the first few */
#define ADVERTISE_INITIAL_COUNT 3
#define ADVERTISE_DELAY_MS 2000 /* the longest before an answer to all */

/* Answers to single stations, each link and agent. */
#define ADVERTISE_ANSWERS_PER_SEC 20
#define ADVERTISE_ANSWERS_BURST 20

/* Begins on all home links of `config`. NULL: memory. */
struct advertiser *advertiser_create(const struct advertiser_context *context,
				     const struct config *config, struct mono_time now);
void advertiser_destroy(struct advertiser *advertiser); /* NULL is fine */

/* Takes over what another configuration says; the old one is not looked at afterwards. Links that stay
 * as they are keep their time, and all keep their sequence numbers. */
void
advertiser_reload(struct advertiser *advertiser, const struct config *config, struct mono_time now);

/* PUNT_ICMP with PACKET_SOLICITATION: a solicitation on a home link, not checked yet; takes the mbuf. */
void advertiser_input(struct advertiser *advertiser, struct rte_mbuf *mbuf, struct mono_time now);

/* Sends what is due; to be called some times a second. */
void advertiser_tick(struct advertiser *advertiser, struct mono_time now);

#endif
