/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_reader.h"
#include "control/config_section.h"

#include <errno.h>
#include <libconfig.h>

static const struct config_setting_t *
section_of(const struct config_setting_t *root, const char *name)
{
	return config_setting_get_member(root, name);
}

/* The address of a home agent or the VPN gateway may be anywhere but where an address means something else. */
static int
check_address(struct config_reader *reader, const struct config_setting_t *section,
	      const struct config *config, be32 address)
{
	for (unsigned i = 0; i < config->port_count; i++) {
		struct prefix network = config->ports[i].network;

		if (network.len_bits < 31 &&
		    (address == prefix_network(network) || address == prefix_broadcast(network)))
			return config_reader_fail(reader, section, "address",
						  "this is the network's or the broadcast address "
						  "of port \"%s\"",
						  config->ports[i].name);
	}
	for (unsigned i = 0; i < config->home_network_count; i++) {
		struct prefix network = config->home_networks[i].prefix;

		if (network.len_bits < 31 &&
		    (address == prefix_network(network) || address == prefix_broadcast(network)))
			return config_reader_fail(reader, section, "address",
						  "this is the network's or the broadcast address "
						  "of home_networks[%u]",
						  i);
	}
	return 0;
}

static bool
has_home_network(const struct config *config, enum agent_id agent)
{
	for (unsigned i = 0; i < config->home_network_count; i++) {
		if (config->home_networks[i].agent == agent)
			return true;
	}
	return false;
}

static int
check_agents(struct config_reader *reader, const struct config_setting_t *root,
	     const struct config *config)
{
	static const char *const names[AGENT_COUNT] = {"x_ha", "i_ha"};

	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		const struct config_setting_t *section = section_of(root, names[i]);

		if (section == NULL)
			continue;
		if (check_address(reader, section, config, config->agents[i].address) < 0)
			return -EINVAL;
		if (!has_home_network(config, (enum agent_id)i))
			config_reader_warn(reader, section, NULL,
					   "it has no home network, so no mobile can register with "
					   "it; add one to home_networks");
	}
	return 0;
}

static int
check_vpn(struct config_reader *reader, const struct config_setting_t *root,
	  const struct config *config)
{
	if (!config->vpn.enabled)
		return 0;
	return check_address(reader, section_of(root, "vpn"), config, config->vpn.address);
}

/* A port keeps buffers in its receive rings all the time, and in its transmit rings for a while. */
static int
check_buffers(struct config_reader *reader, const struct config_setting_t *root,
	      const struct config *config)
{
	const struct config_setting_t *section = section_of(root, "eal");
	const struct config_setting_t *place = section != NULL ? section : root;
	const char *key = section != NULL ? "buffers" : "eal.buffers";
	uint64_t received = 0;
	uint64_t all = 0;

	for (unsigned i = 0; i < config->port_count; i++) {
		received += config->ports[i].rx_descriptors;
		all += config->ports[i].rx_descriptors + config->ports[i].tx_descriptors;
	}
	received *= config->eal.worker_count;
	all *= config->eal.worker_count;
	if (config->eal.buffers <= received)
		return config_reader_fail(reader, place, key,
					  "%u are too few: the receive rings of %u ports and %u "
					  "workers alone hold %llu; give %llu or more",
					  config->eal.buffers, config->port_count,
					  config->eal.worker_count, (unsigned long long)received,
					  (unsigned long long)all * 2);
	if (config->eal.buffers <= all)
		config_reader_warn(reader, place, key,
				   "%u are few: the rings of %u ports and %u workers hold up to "
				   "%llu; give %llu or more",
				   config->eal.buffers, config->port_count,
				   config->eal.worker_count, (unsigned long long)all,
				   (unsigned long long)all * 2);
	return 0;
}

int
config_check(struct config_reader *reader, const struct config_setting_t *root,
	     const struct config *config)
{
	if (check_agents(reader, root, config) < 0 || check_vpn(reader, root, config) < 0 ||
	    check_buffers(reader, root, config) < 0)
		return -EINVAL;
	if (config->subscriber_count > config->limits.bindings_max)
		config_reader_warn(
			reader, section_of(root, "limits"), "bindings_max",
			"%u subscribers stand against %u bindings; not all of them can be "
			"away at once",
			config->subscriber_count, config->limits.bindings_max);
	return 0;
}
