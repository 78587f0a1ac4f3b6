/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_addresses.h"

#include "mobile/mn_daemon.h"

/* The smallest of what the tunnels of a device take, so that nothing needs fragmenting outside. */
static void
update_mtu(struct mn_daemon *daemon, unsigned which)
{
	struct routing *routing = &daemon->routing;
	unsigned mtu = UINT16_MAX;
	int result;

	for (unsigned t = 0; t < daemon->roaming.count; t++) {
		for (unsigned i = 0; i < daemon->config->agent_count; i++) {
			const struct mn_agent *agent = &daemon->tracks[t].agents[i];

			if (agent->has_tunnel && routing_tun_of(routing, i) == which &&
			    mn_tunnel_mtu(&agent->tunnel) < mtu)
				mtu = mn_tunnel_mtu(&agent->tunnel);
		}
	}
	if (mtu == UINT16_MAX || (daemon->config->tun.mtu != 0 && daemon->config->tun.mtu < mtu))
		mtu = daemon->config->tun.mtu;
	if (mtu == 0)
		return;
	result = routing_set_mtu(routing, which, mtu);
	if (result != 0)
		log_warn(-result, "%s: MTU %u cannot be set", routing->tuns[which]->name, mtu);
}

/* New sessions may use the home address of agent `index`. With a VPN those of x-HAs are for IKE and ESP, so
 * that nothing leaves plainly for want of the VPN. */
static bool
is_for_sessions(const struct mn_daemon *daemon, unsigned index)
{
	return !daemon->config->vpn.is_set || daemon->config->vpn.external_traffic ||
	       daemon->config->agents[index].role == MN_ROLE_I_HA;
}

/* The home address that new sessions use: the active registration's; without one, as configured,
 * the last or any, so that nothing leaves in the clear, or none. */
static be32
source_of(const struct mn_daemon *daemon)
{
	int active = mn_roaming_active(&daemon->roaming);

	if (active >= 0 && is_for_sessions(daemon, (unsigned)active))
		return mn_roaming_home(&daemon->roaming, (unsigned)active);
	if (daemon->config->routing.direct_when_offline)
		return 0;
	if (daemon->routing.source != 0)
		return daemon->routing.source;
	for (unsigned i = 0; i < daemon->config->agent_count; i++) {
		if (daemon->routing.homes[i] != 0 && is_for_sessions(daemon, i))
			return daemon->routing.homes[i];
	}
	return 0;
}

void
mn_addresses_update(struct mn_daemon *daemon)
{
	int result = 0;

	for (unsigned i = 0; result == 0 && i < daemon->config->agent_count; i++)
		result =
			routing_set_home(&daemon->routing, i, mn_roaming_home(&daemon->roaming, i));
	if (result == 0)
		result = routing_set_source(&daemon->routing, source_of(daemon));
	if (result != 0)
		log_warn(-result, "addresses and routes of %s cannot be set", daemon->tun.name);
	update_mtu(daemon, ROUTING_TUN);
	if (daemon->config->tun.external_name[0] != '\0')
		update_mtu(daemon, ROUTING_EXTERNAL);
}
