/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/advertiser.h"

#include <rte_mbuf.h>
#include <rte_random.h>
#include <stdlib.h>

#include "control/arp.h"
#include "control/inject.h"
#include "dataplane/counters.h"
#include "lib/agent_advertisement.h"
#include "lib/token_bucket.h"

#define NEVER ((struct mono_time){UINT64_MAX})
#define LIFETIME_INTERVALS 3	    /* RFC 5944 section 2.1: a mobile may miss that many */
#define LIFETIME_SOLICITED_SEC 1800 /* RFC 1256 section 4.1: what is the default otherwise */

/* One home agent on one link. */
struct advertised_link {
	bool is_home;
	bool was_sent_to_all;
	uint16_t sequence;     /* of the next one, whomever it goes to */
	unsigned interval_sec; /* 0: only when solicited */
	unsigned initial_left; /* advertisements until the intervals are as long as configured */
	struct mono_time next; /* to all; NEVER: nothing is due */
	struct mono_time last; /* to all, if there was one */
	struct token_bucket answers;
};

struct advertiser {
	struct advertiser_context context;
	const struct config *config;
	struct advertised_link links[AGENT_COUNT][CONFIG_PORTS_MAX];
};

/* Where one advertisement goes. */
struct advertisement_target {
	be32 address;
	const uint8_t *mac;
};

/* RFC 1112 section 6.4: where IP_ALL_SYSTEMS is on Ethernet. */
static const uint8_t all_systems_mac[ETH_ADDRESS_SIZE] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x01};

static uint16_t
flags_of(const struct config_agent *agent)
{
	uint16_t flags = MIP_ADVERTISEMENT_H;

	if (agent->minimal_encapsulation)
		flags |= MIP_ADVERTISEMENT_M;
	if (agent->gre)
		flags |= MIP_ADVERTISEMENT_G;
	if (agent->reverse_tunnel != REVERSE_TUNNEL_OFF)
		flags |= MIP_ADVERTISEMENT_T;
	if (agent->udp_tunnel)
		flags |= MIP_ADVERTISEMENT_U;
	if (agent->revocation)
		flags |= MIP_ADVERTISEMENT_X;
	return flags;
}

/* What finds no buffer is counted by the injector; its number is not used up. */
static void
advertise(struct advertiser *advertiser, enum agent_id id, uint8_t port,
	  const struct advertisement_target *to)
{
	const struct config_agent *agent = &advertiser->config->agents[id];
	struct advertised_link *link = &advertiser->links[id][port];
	struct injector *injector = advertiser->context.injector;
	struct agent_advertisement advertisement = {
		.src = agent->address,
		.dst = to->address,
		.id_be = htobe16(injector->next_id++),
		.lifetime_sec = link->interval_sec == 0
					? LIFETIME_SOLICITED_SEC
					: (uint16_t)(LIFETIME_INTERVALS * link->interval_sec),
		.sequence = link->sequence,
		.registration_sec = (uint16_t)agent->lifetime_max_sec,
		.flags = flags_of(agent),
	};
	struct eth_header eth = {.type_be = htobe16(ETH_TYPE_IPV4)};
	uint8_t packet[AGENT_ADVERTISEMENT_SIZE_MAX];
	size_t len = agent_advertisement_build(&advertisement, packet);

	memcpy(eth.dst, to->mac, sizeof(eth.dst));
	memcpy(eth.src, advertiser->context.macs[port], sizeof(eth.src));
	if (inject_frame(injector, port, &eth, packet, (uint16_t)len) == 0)
		link->sequence = agent_sequence_next(link->sequence);
}

/* RFC 1256 section 4.3: intervals vary by a quarter, and the first few are short. */
static struct mono_time
next_after(struct advertised_link *link, struct mono_time now)
{
	uint64_t most_ms = link->interval_sec * 1000ull, interval_ms;

	if (link->interval_sec == 0)
		return NEVER;
	interval_ms = most_ms - rte_rand_max(most_ms / 4 + 1);
	if (link->initial_left > 0) {
		link->initial_left--;
		interval_ms = RTE_MIN(interval_ms, ADVERTISE_INITIAL_SEC * 1000ull);
	}
	return mono_add_ms(now, interval_ms);
}

/* One to all within the delay, unless one is due before that. */
static void
schedule_soon(struct advertised_link *link, struct mono_time now)
{
	struct mono_time soon = mono_add_ms(now, rte_rand_max(ADVERTISE_DELAY_MS + 1));
	struct mono_time earliest = mono_add_sec(link->last, ADVERTISE_SPACING_SEC);

	if (link->was_sent_to_all && mono_is_before(soon, earliest))
		soon = earliest;
	if (mono_is_before(soon, link->next))
		link->next = soon;
}

static bool
is_home_link_of(const struct config *config, enum agent_id id, unsigned port)
{
	for (unsigned i = 0; i < config->home_network_count; i++) {
		const struct config_home_network *network = &config->home_networks[i];

		if (network->agent == id && network->port == (int)port)
			return config->agents[id].enabled;
	}
	return false;
}

static void
link_set(struct advertised_link *link, bool is_home, unsigned interval_sec, struct mono_time now)
{
	if (link->is_home == is_home && link->interval_sec == interval_sec)
		return;
	if (!link->is_home)
		token_bucket_init(&link->answers, ADVERTISE_ANSWERS_PER_SEC,
				  ADVERTISE_ANSWERS_BURST, now);
	link->is_home = is_home;
	link->interval_sec = interval_sec;
	link->initial_left = ADVERTISE_INITIAL_COUNT;
	link->next = NEVER;
	if (is_home && interval_sec != 0)
		schedule_soon(link, now);
}

void
advertiser_reload(struct advertiser *advertiser, const struct config *config, struct mono_time now)
{
	advertiser->config = config;
	for (unsigned id = 0; id < AGENT_COUNT; id++)
		for (unsigned port = 0; port < config->port_count; port++)
			link_set(&advertiser->links[id][port],
				 is_home_link_of(config, (enum agent_id)id, port),
				 config->agents[id].advertise_interval_sec, now);
}

struct advertiser *
advertiser_create(const struct advertiser_context *context, const struct config *config,
		  struct mono_time now)
{
	struct advertiser *advertiser = calloc(1, sizeof(*advertiser));

	if (advertiser == NULL)
		return NULL;
	advertiser->context = *context;
	advertiser_reload(advertiser, config, now);
	return advertiser;
}

void
advertiser_destroy(struct advertiser *advertiser)
{
	free(advertiser);
}

void
advertiser_tick(struct advertiser *advertiser, struct mono_time now)
{
	const struct advertisement_target all = {IP_ALL_SYSTEMS, all_systems_mac};

	for (unsigned id = 0; id < AGENT_COUNT; id++) {
		for (unsigned port = 0; port < advertiser->config->port_count; port++) {
			struct advertised_link *link = &advertiser->links[id][port];

			if (!link->is_home || mono_is_before(now, link->next))
				continue;
			advertise(advertiser, (enum agent_id)id, (uint8_t)port, &all);
			link->was_sent_to_all = true;
			link->last = now;
			link->next = next_after(link, now);
		}
	}
}

static void
answer(struct advertiser *advertiser, enum agent_id id, uint8_t port,
       const struct advertisement_target *to, struct mono_time now)
{
	struct advertised_link *link = &advertiser->links[id][port];

	if (to->address != 0 && token_bucket_take(&link->answers, now))
		advertise(advertiser, id, port, to);
	else
		schedule_soon(link, now);
}

/* DROP_REASON_COUNT, or why this is no solicitation. */
static enum drop_reason
solicitation_read(const struct rte_mbuf *mbuf, const uint8_t *sender_mac, be32 *src)
{
	uint8_t buffer[AGENT_SOLICITATION_SIZE_MAX];
	uint32_t len = rte_pktmbuf_pkt_len(mbuf);
	const void *data = NULL;

	if (len <= sizeof(buffer))
		data = rte_pktmbuf_read(mbuf, 0, len, buffer);
	if (data == NULL || !mac_is_station(sender_mac) ||
	    agent_solicitation_parse(data, len, src) != 0)
		return DROP_ICMP_INVALID;
	return DROP_REASON_COUNT;
}

void
advertiser_input(struct advertiser *advertiser, struct rte_mbuf *mbuf, struct mono_time now)
{
	const struct packet *packet = packet_of(mbuf);
	struct advertisement_target to = {.mac = packet->sender_mac};
	enum drop_reason reason = solicitation_read(mbuf, to.mac, &to.address);
	bool is_answered = false;

	for (unsigned id = 0; reason == DROP_REASON_COUNT && id < AGENT_COUNT; id++) {
		if (packet->port >= CONFIG_PORTS_MAX ||
		    !advertiser->links[id][packet->port].is_home)
			continue;
		answer(advertiser, (enum agent_id)id, packet->port, &to, now);
		is_answered = true;
	}
	if (reason == DROP_REASON_COUNT && !is_answered)
		reason = DROP_ICMP_IGNORED; /* no home link any more since a reload */
	if (reason != DROP_REASON_COUNT)
		advertiser->context.drops->count[reason]++;
	rte_pktmbuf_free(mbuf);
}
