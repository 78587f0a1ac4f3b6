/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/arp.h"

/* RFC 5227 section 1.1 */
#define ANNOUNCE_COUNT 2
#define ANNOUNCE_INTERVAL_SEC 2
#define DEFEND_INTERVAL_SEC 10

static void
own_add(struct link *link, be32 address)
{
	for (unsigned i = 0; i < link->own_count; i++) {
		if (link->own[i].address == address)
			return;
	}
	link->own[link->own_count++] =
		(struct link_own){.address = address, .announcements_left = ANNOUNCE_COUNT};
}

static void
roles_add(struct links *links, const struct config *config, uint8_t port)
{
	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		const struct config_agent *agent = &config->agents[i];

		if (agent->enabled && link_carries(links, port, agent->address))
			own_add(&links->links[port], agent->address);
	}
	if (config->vpn.enabled && link_carries(links, port, config->vpn.address))
		own_add(&links->links[port], config->vpn.address);
}

int
links_init(struct links *links, const struct config *config,
	   const uint8_t (*macs)[ETH_ADDRESS_SIZE])
{
	*links = (struct links){.count = config->port_count};
	if (config->home_network_count > 0) {
		links->home_networks =
			calloc(config->home_network_count, sizeof(links->home_networks[0]));
		if (links->home_networks == NULL)
			return -ENOMEM;
	}
	for (unsigned i = 0; i < config->home_network_count; i++) {
		const struct config_home_network *network = &config->home_networks[i];

		if (network->port < 0 || !config->agents[network->agent].enabled)
			continue;
		links->home_networks[links->home_network_count++] =
			(struct link_network){network->prefix, (uint8_t)network->port};
	}
	for (unsigned i = 0; i < config->port_count; i++) {
		struct link *link = &links->links[i];

		memcpy(link->name, config->ports[i].name, sizeof(link->name));
		memcpy(link->mac, macs[i], sizeof(link->mac));
		link->mtu = config->ports[i].mtu;
		link->network = config->ports[i].network;
		own_add(link, link->network.address);
		roles_add(links, config, (uint8_t)i);
	}
	return 0;
}

void
links_fini(struct links *links)
{
	free(links->home_networks);
	*links = (struct links){0};
}

bool
link_carries(const struct links *links, uint8_t port, be32 address)
{
	if (port >= links->count)
		return false;
	if (prefix_contains(links->links[port].network, address))
		return true;
	for (unsigned i = 0; i < links->home_network_count; i++) {
		const struct link_network *network = &links->home_networks[i];

		if (network->port == port && prefix_contains(network->prefix, address))
			return true;
	}
	return false;
}

int
links_port_of(const struct links *links, be32 address)
{
	for (unsigned i = 0; i < links->count; i++) {
		if (prefix_contains(links->links[i].network, address))
			return (int)i;
	}
	return links_home_port(links, address);
}

int
links_home_port(const struct links *links, be32 home_address)
{
	for (unsigned i = 0; i < links->home_network_count; i++) {
		if (prefix_contains(links->home_networks[i].prefix, home_address))
			return links->home_networks[i].port;
	}
	return -1;
}

struct link_own *
link_own_find(struct links *links, uint8_t port, be32 address)
{
	struct link *link = &links->links[port];

	for (unsigned i = 0; i < link->own_count; i++) {
		if (link->own[i].address == address)
			return &link->own[i];
	}
	return NULL;
}

be32
link_source(const struct links *links, uint8_t port, be32 target)
{
	const struct link *link = &links->links[port];

	if (prefix_contains(link->network, target))
		return link->network.address;
	for (unsigned i = 0; i < links->home_network_count; i++) {
		const struct link_network *network = &links->home_networks[i];

		if (network->port != port || !prefix_contains(network->prefix, target))
			continue;
		for (unsigned j = 0; j < link->own_count; j++) {
			if (prefix_contains(network->prefix, link->own[j].address))
				return link->own[j].address;
		}
	}
	return link->network.address;
}

void
link_defend(struct links *links, struct injector *injector, uint8_t port, struct link_own *own,
	    struct mono_time now)
{
	bool is_recent = own->had_conflict &&
			 mono_is_before(now, mono_add_sec(own->last_conflict, DEFEND_INTERVAL_SEC));

	own->had_conflict = true;
	own->last_conflict = now;
	if (is_recent)
		return;
	arp_announce(injector, port, links->links[port].mac, own->address, links->links[port].mac);
}

static void
own_tick(const struct link *link, struct link_own *own, struct injector *injector, uint8_t port,
	 struct mono_time now)
{
	if (own->announcements_left == 0 || mono_is_before(now, own->announce_at))
		return;
	own->announcements_left--;
	own->announce_at = mono_add_sec(now, ANNOUNCE_INTERVAL_SEC);
	arp_announce(injector, port, link->mac, own->address, link->mac);
}

void
links_tick(struct links *links, struct injector *injector, struct mono_time now)
{
	for (unsigned i = 0; i < links->count; i++) {
		struct link *link = &links->links[i];

		for (unsigned j = 0; j < link->own_count; j++)
			own_tick(link, &link->own[j], injector, (uint8_t)i, now);
	}
}
