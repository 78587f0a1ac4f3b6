/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_PROXY_ARP_H
#define CONTROL_PROXY_ARP_H

#include "control/link.h"
#include "lib/wire_eth.h"

struct injector;

/*
 * ARP on behalf of mobiles that are away from their home link (RFC 5944 section 4.6). When one leaves,
 * the link is told three times that its address is here; when it is back, three times that it is
 * at its own link address. Bindings on virtual home networks have no link and are ignored. Control core.
 */
struct proxies;

/* RFC 2006: haGratuitiousARPsSent, haProxyARPsSent. */
struct proxy_counters {
	uint64_t announcements;
	uint64_t answers;
};

struct proxies *proxies_create(struct injector *injector, const struct links *links);
void proxies_destroy(struct proxies *proxies); /* NULL is fine */

/* The mobile is away. `mac`: its link address from when it was at home, if it is known, or NULL. */
void
proxy_begin(struct proxies *proxies, be32 home_address, const uint8_t *mac, struct mono_time now);

/* It is back, or its binding is gone. `mac`: its link address, or NULL: then the one that it was seen to
 * use is taken, or is asked for on the link. */
void
proxy_end(struct proxies *proxies, be32 home_address, const uint8_t *mac, struct mono_time now);

/* A station on `port` says that it has `sender`. Logged when that is a mobile which is away: it is
 * coming home, or another host took its address. */
void proxy_heard(struct proxies *proxies, uint8_t port, be32 sender,
		 const uint8_t mac[ETH_ADDRESS_SIZE], struct mono_time now);

/* Answers a request for a mobile that is away, but not the mobile's own probes and announcements:
 * it would take the answer for an address conflict (RFC 5227). Returns whether the request was for
 * such a mobile. */
bool proxy_answer(struct proxies *proxies, uint8_t port, const struct arp_packet *request);

/* Home networks have changed: forgets mobiles that are no longer on a link. */
void proxies_relink(struct proxies *proxies, const struct links *links);

/* Repeats what is due, a bounded number of announcements a call. */
void proxies_tick(struct proxies *proxies, struct mono_time now);

const struct proxy_counters *proxies_counters(const struct proxies *proxies);

#endif
