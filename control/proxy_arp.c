/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/proxy_arp.h"

#include <rte_jhash.h>
#include <rte_random.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "control/arp.h"
#include "lib/log.h"

#define BUCKET_COUNT 65536 /* a power of two; bindings come by the hundred thousand */
#define ANNOUNCEMENTS 3
#define ANNOUNCE_INTERVAL_MS 1000
#define ANNOUNCE_PER_TICK 256 /* so that a storm of registrations does not fill the rings */

struct proxy {
	be32 home_address;
	uint8_t port;
	bool is_away; /* else only its return is still being announced */
	bool has_mac;
	uint8_t mac[ETH_ADDRESS_SIZE]; /* the mobile's own */
	unsigned announcements_left;   /* 0: not in the queue */
	struct mono_time due;
	TAILQ_ENTRY(proxy) by_due;
	LIST_ENTRY(proxy) bucket;
};

LIST_HEAD(proxy_bucket, proxy);

struct proxies {
	struct injector *injector;
	const struct links *links;
	uint32_t seed;
	struct log_limit claim_log;
	struct proxy_counters counters;
	TAILQ_HEAD(, proxy)
	announcing; /* all wait the same time, so order of arrival is order of time */
	struct proxy_bucket buckets[BUCKET_COUNT];
};

static struct proxy_bucket *
bucket_of(struct proxies *proxies, be32 home_address)
{
	return &proxies->buckets[rte_jhash_1word(home_address, proxies->seed) % BUCKET_COUNT];
}

static struct proxy *
proxy_find(struct proxies *proxies, be32 home_address)
{
	struct proxy *proxy;

	LIST_FOREACH(proxy, bucket_of(proxies, home_address), bucket)
	{
		if (proxy->home_address == home_address)
			return proxy;
	}
	return NULL;
}

static void
announcements_set(struct proxies *proxies, struct proxy *proxy, unsigned count,
		  struct mono_time due)
{
	if (proxy->announcements_left > 0)
		TAILQ_REMOVE(&proxies->announcing, proxy, by_due);
	proxy->announcements_left = count;
	proxy->due = due;
	if (count > 0)
		TAILQ_INSERT_TAIL(&proxies->announcing, proxy, by_due);
}

static void
proxy_delete(struct proxies *proxies, struct proxy *proxy)
{
	announcements_set(proxies, proxy, 0, proxy->due);
	LIST_REMOVE(proxy, bucket);
	free(proxy);
}

/* One announcement; while a returned mobile's link address is not known, a question in its place. */
static void
announce(struct proxies *proxies, struct proxy *proxy, struct mono_time now)
{
	const struct link *link = &proxies->links->links[proxy->port];

	proxies->counters.announcements += proxy->is_away || proxy->has_mac;
	announcements_set(proxies, proxy, proxy->announcements_left - 1,
			  mono_add_ms(now, ANNOUNCE_INTERVAL_MS));
	if (proxy->is_away)
		arp_announce(proxies->injector, proxy->port, link->mac, proxy->home_address,
			     link->mac);
	else if (proxy->has_mac)
		arp_announce(proxies->injector, proxy->port, link->mac, proxy->home_address,
			     proxy->mac);
	else
		arp_request(proxies->injector, proxy->port, link->mac,
			    link_source(proxies->links, proxy->port, proxy->home_address),
			    proxy->home_address, NULL);
	if (!proxy->is_away && proxy->announcements_left == 0)
		proxy_delete(proxies, proxy);
}

struct proxies *
proxies_create(struct injector *injector, const struct links *links)
{
	struct proxies *proxies = calloc(1, sizeof(*proxies));

	if (proxies == NULL)
		return NULL;
	proxies->injector = injector;
	proxies->links = links;
	proxies->seed = (uint32_t)rte_rand();
	proxies->claim_log.per_sec = 1;
	TAILQ_INIT(&proxies->announcing);
	for (unsigned i = 0; i < BUCKET_COUNT; i++)
		LIST_INIT(&proxies->buckets[i]);
	return proxies;
}

void
proxies_destroy(struct proxies *proxies)
{
	struct proxy *proxy;

	if (proxies == NULL)
		return;
	for (unsigned i = 0; i < BUCKET_COUNT; i++) {
		while ((proxy = LIST_FIRST(&proxies->buckets[i])) != NULL)
			proxy_delete(proxies, proxy);
	}
	free(proxies);
}

static void
mac_set(struct proxy *proxy, const uint8_t *mac)
{
	if (mac == NULL)
		return;
	memcpy(proxy->mac, mac, sizeof(proxy->mac));
	proxy->has_mac = true;
}

static struct proxy *
proxy_add(struct proxies *proxies, be32 home_address, uint8_t port)
{
	struct proxy *proxy = calloc(1, sizeof(*proxy));
	char text[ADDRESS_TEXT_SIZE];

	if (proxy == NULL) {
		if (log_limit_allows(&proxies->claim_log))
			log_warnx("no memory for proxy ARP for %s",
				  address_format(home_address, text));
		return NULL;
	}
	proxy->home_address = home_address;
	proxy->port = port;
	LIST_INSERT_HEAD(bucket_of(proxies, home_address), proxy, bucket);
	return proxy;
}

void
proxy_begin(struct proxies *proxies, be32 home_address, const uint8_t *mac, struct mono_time now)
{
	int port = links_home_port(proxies->links, home_address);
	struct proxy *proxy = proxy_find(proxies, home_address);

	if (port < 0 || (proxy != NULL && proxy->is_away))
		return;
	if (proxy == NULL)
		proxy = proxy_add(proxies, home_address, (uint8_t)port);
	if (proxy == NULL)
		return;
	proxy->is_away = true;
	mac_set(proxy, mac);
	announcements_set(proxies, proxy, ANNOUNCEMENTS, now);
	announce(proxies, proxy, now);
}

void
proxy_end(struct proxies *proxies, be32 home_address, const uint8_t *mac, struct mono_time now)
{
	struct proxy *proxy = proxy_find(proxies, home_address);

	if (proxy == NULL || !proxy->is_away)
		return;
	proxy->is_away = false;
	mac_set(proxy, mac);
	announcements_set(proxies, proxy, ANNOUNCEMENTS, now);
	announce(proxies, proxy, now);
}

void
proxy_heard(struct proxies *proxies, uint8_t port, be32 sender, const uint8_t mac[ETH_ADDRESS_SIZE],
	    struct mono_time now)
{
	struct proxy *proxy = proxy_find(proxies, sender);
	char address_text[ADDRESS_TEXT_SIZE], mac_text[MAC_TEXT_SIZE];
	bool was_asked;

	if (proxy == NULL || proxy->port != port)
		return;
	was_asked = !proxy->is_away && !proxy->has_mac;
	mac_set(proxy, mac);
	if (proxy->is_away) {
		if (log_limit_allows(&proxies->claim_log))
			log_info("%s is registered away from home, but %s on port \"%s\" uses its "
				 "address: it is coming home, or another host took the address",
				 address_format(sender, address_text), mac_format(mac, mac_text),
				 proxies->links->links[port].name);
	} else if (was_asked) {
		announcements_set(proxies, proxy, ANNOUNCEMENTS, now);
		announce(proxies, proxy, now);
	}
}

/* The mobile itself, as far as can be told: a probe names no sender, and comes from it unless its link
 * address is known to be another. */
static bool
is_mobiles_own(const struct proxy *proxy, const struct arp_packet *request)
{
	if (request->sender_ip == request->target_ip)
		return true;
	return request->sender_ip == 0 &&
	       (!proxy->has_mac ||
		memcmp(proxy->mac, request->sender_mac, sizeof(proxy->mac)) == 0);
}

bool
proxy_answer(struct proxies *proxies, uint8_t port, const struct arp_packet *request)
{
	const struct proxy *proxy = proxy_find(proxies, request->target_ip);

	if (proxy == NULL || !proxy->is_away || proxy->port != port)
		return false;
	if (is_mobiles_own(proxy, request))
		return true;
	arp_reply(proxies->injector, port, proxies->links->links[port].mac, request);
	proxies->counters.answers++;
	return true;
}

void
proxies_relink(struct proxies *proxies, const struct links *links)
{
	struct proxy *proxy, *next;

	proxies->links = links;
	for (unsigned i = 0; i < BUCKET_COUNT; i++) {
		for (proxy = LIST_FIRST(&proxies->buckets[i]); proxy != NULL; proxy = next) {
			next = LIST_NEXT(proxy, bucket);
			if (links_home_port(links, proxy->home_address) != proxy->port)
				proxy_delete(proxies, proxy);
		}
	}
}

void
proxies_tick(struct proxies *proxies, struct mono_time now)
{
	struct proxy *proxy;

	for (unsigned i = 0; i < ANNOUNCE_PER_TICK; i++) {
		proxy = TAILQ_FIRST(&proxies->announcing);
		if (proxy == NULL || mono_is_before(now, proxy->due))
			return;
		announce(proxies, proxy, now);
	}
}

const struct proxy_counters *
proxies_counters(const struct proxies *proxies)
{
	return &proxies->counters;
}
