/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/settings.h"

#include <errno.h>
#include <string.h>

/* Adds a role to an address; the first port that is named stays. */
static int
own_address_add(struct live_settings *settings, be32 address, uint8_t roles, uint8_t port)
{
	unsigned used = 0;

	for (unsigned i = 0; i < OWN_ADDRESSES_MAX; i++)
		used += settings->own[i].roles != 0;
	for (uint32_t slot = own_address_slot(address);; slot++) {
		struct own_address *own = &settings->own[slot % OWN_ADDRESSES_MAX];

		if (own->roles == 0) {
			/* half empty, so that a look-up of a foreign address ends soon */
			if (used >= OWN_ADDRESSES_MAX / 2)
				return -ENOSPC;
			*own = (struct own_address){address, roles, port};
			return 0;
		}
		if (own->address == address) {
			own->roles |= roles;
			return 0;
		}
	}
}

/* Networks of 31 and 32 bits have no broadcast address (RFC 3021). */
static int
broadcast_add(struct live_settings *settings, struct prefix network, uint8_t port)
{
	if (network.len_bits > 30)
		return 0;
	return own_address_add(settings, prefix_broadcast(network), OWN_BROADCAST, port);
}

static int
ports_add(const struct config *config, struct live_settings *settings)
{
	int error = own_address_add(settings, UINT32_MAX, OWN_BROADCAST, PORTS_MAX);

	for (unsigned i = 0; error == 0 && i < config->port_count; i++) {
		const struct config_port *port = &config->ports[i];

		settings->is_internal[i] = port->is_internal;
		settings->mtu[i] = port->mtu;
		error = own_address_add(settings, port->network.address, OWN_PORT, (uint8_t)i);
		if (error == 0)
			error = broadcast_add(settings, port->network, (uint8_t)i);
	}
	return error;
}

static void
punt_rates(const struct config_limits *limits, unsigned per_sec[PUNT_CLASS_COUNT])
{
	per_sec[PUNT_REGISTRATION_EXTERNAL] = limits->punt_registration_per_sec;
	per_sec[PUNT_REGISTRATION_INTERNAL] = limits->punt_registration_per_sec;
	per_sec[PUNT_KEEPALIVE] = limits->punt_keepalive_per_sec;
	per_sec[PUNT_ICMP] = limits->punt_icmp_per_sec;
	per_sec[PUNT_ICMP_ERROR] = limits->punt_icmp_error_per_sec;
	per_sec[PUNT_ARP] = limits->punt_arp_per_sec;
	per_sec[PUNT_RESOLVE] = limits->punt_resolve_per_sec;
	per_sec[PUNT_BROADCAST] = limits->punt_broadcast_per_sec;
	per_sec[PUNT_IKE] = limits->punt_ike_per_sec;
}

static int
vpn_add(const struct config_vpn *vpn, struct live_settings *settings)
{
	_Static_assert(TIA_NETWORKS_MAX >= CONFIG_TIA_NETWORKS_MAX,
		       "workers know all TIA networks");

	if (!vpn->enabled)
		return 0;
	for (unsigned i = 0; i < vpn->tia_network_count; i++)
		settings->tia_networks[i] = vpn->tia_networks[i];
	settings->tia_network_count = vpn->tia_network_count;
	settings->vpn_from_inside = vpn->from_inside;
	settings->fragment_after_seal = vpn->fragment == FRAGMENT_POST;
	settings->drop_too_big_to_seal = vpn->fragment == FRAGMENT_DROP;
	settings->mss_clamp = vpn->mss_clamp;
	return own_address_add(settings, vpn->address, OWN_VPN, PORTS_MAX);
}

int
settings_make(const struct config *config, const uint8_t (*macs)[ETH_ADDRESS_SIZE],
	      struct live_settings *settings)
{
	static const uint8_t roles[AGENT_COUNT] = {
		[AGENT_X_HA] = OWN_X_HA, [AGENT_I_HA] = OWN_I_HA};
	int error;

	memset(settings, 0, sizeof(*settings));
	settings->forward_external_to_internal = config->forward_external_to_internal;
	punt_rates(&config->limits, settings->punt_per_sec);
	for (unsigned i = 0; i < config->port_count; i++)
		settings->stations[i] = station_of(macs[i]);
	error = ports_add(config, settings);
	for (unsigned i = 0; error == 0 && i < AGENT_COUNT; i++)
		if (config->agents[i].enabled)
			error = own_address_add(settings, config->agents[i].address, roles[i],
						PORTS_MAX);
	if (error == 0)
		error = vpn_add(&config->vpn, settings);
	for (unsigned i = 0; error == 0 && i < config->home_network_count; i++) {
		const struct config_home_network *network = &config->home_networks[i];
		bool is_virtual = network->port < 0;

		if (!is_virtual)
			settings->is_home_link[network->port] = true;
		error = broadcast_add(settings, network->prefix,
				      is_virtual ? PORTS_MAX : (uint8_t)network->port);
	}
	return error;
}
