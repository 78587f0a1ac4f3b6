/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_reader.h"
#include "control/config_section.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct home_network_values {
	unsigned agent; /* enum agent_id */
	struct prefix prefix;
	bool virtual;
	const char *port;
	const char *pool;
};

static const struct config_key keys[] = {
	{.name = "agent",
	 .kind = CONFIG_KEY_CHOICE,
	 .offset = offsetof(struct home_network_values, agent),
	 .choices = config_agent_names,
	 .is_required = true,
	 .hint = "the home agent that serves it, \"x-ha\" or \"i-ha\""},
	{.name = "prefix",
	 .kind = CONFIG_KEY_PREFIX,
	 .offset = offsetof(struct home_network_values, prefix),
	 .is_required = true,
	 .hint = "the home addresses, such as \"10.1.0.0/16\""},
	{.name = "virtual",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = offsetof(struct home_network_values, virtual)},
	{.name = "port",
	 .kind = CONFIG_KEY_STRING,
	 .offset = offsetof(struct home_network_values, port)},
	{.name = "pool",
	 .kind = CONFIG_KEY_STRING,
	 .offset = offsetof(struct home_network_values, pool)},
	{.name = NULL},
};

const struct config_home_network *
config_home_network_of(const struct config *config, enum agent_id agent, be32 address)
{
	for (unsigned i = 0; i < config->home_network_count; i++) {
		const struct config_home_network *network = &config->home_networks[i];

		if (network->agent == agent && prefix_contains(network->prefix, address))
			return network;
	}
	return NULL;
}

bool
config_pool_contains(const struct config_home_network *network, be32 address)
{
	return network->pool_first != 0 && be32toh(network->pool_first) <= be32toh(address) &&
	       be32toh(address) <= be32toh(network->pool_last);
}

static int
read_link(struct config_reader *reader, const struct config_setting_t *setting,
	  const struct config *config, const struct home_network_values *values,
	  struct config_home_network *network)
{
	const struct config_port *port;
	char text[PREFIX_TEXT_SIZE];

	network->port = -1;
	if (values->virtual && values->port != NULL)
		return config_reader_fail(reader, setting, "virtual",
					  "a virtual home network has no port; leave one of the "
					  "two out");
	if (values->virtual)
		return 0;
	if (values->port == NULL)
		return config_reader_fail(reader, setting, "port",
					  "missing: name the port whose link it is, or set virtual "
					  "= true");
	network->port = config_port_find(config, values->port);
	if (network->port < 0)
		return config_reader_fail(reader, setting, "port",
					  "there is no port of the name \"%.40s\"", values->port);
	port = &config->ports[network->port];
	if (network->agent == AGENT_I_HA && !port->is_internal)
		return config_reader_fail(reader, setting, "port",
					  "\"%s\" is external; the i-HA's home networks are "
					  "trusted, so they are virtual or on an internal port",
					  port->name);
	if (network->prefix.len_bits < port->network.len_bits ||
	    !prefix_contains(port->network, network->prefix.address))
		return config_reader_fail(reader, setting, "prefix",
					  "it is not within %s, the network of port \"%s\"",
					  prefix_format(port->network, text), port->name);
	return 0;
}

/* Takes "first-last" apart. 0 or -EINVAL. */
static int
parse_range(const char *text, be32 *first, be32 *last)
{
	const char *dash = strchr(text, '-');
	char head[ADDRESS_TEXT_SIZE];

	if (dash == NULL || (size_t)(dash - text) >= sizeof(head))
		return -EINVAL;
	memcpy(head, text, (size_t)(dash - text));
	head[dash - text] = '\0';
	if (address_parse(head, first) < 0)
		return -EINVAL;
	return address_parse(dash + 1, last);
}

static int
check_pool_is_free(struct config_reader *reader, const struct config_setting_t *setting,
		   const struct config *config, const struct config_home_network *network)
{
	be32 taken[CONFIG_PORTS_MAX + AGENT_COUNT + 1];
	unsigned count = 0;
	char text[ADDRESS_TEXT_SIZE];

	for (unsigned i = 0; i < config->port_count; i++)
		taken[count++] = config->ports[i].network.address;
	for (unsigned i = 0; i < AGENT_COUNT; i++)
		taken[count++] = config->agents[i].address;
	taken[count++] = config->vpn.address;
	for (unsigned i = 0; i < count; i++) {
		if (taken[i] != 0 && config_pool_contains(network, taken[i]))
			return config_reader_fail(reader, setting, "pool",
						  "%s in it is this box's own address",
						  address_format(taken[i], text));
	}
	return 0;
}

static int
read_pool(struct config_reader *reader, const struct config_setting_t *setting, const char *text,
	  const struct config *config, struct config_home_network *network)
{
	struct prefix prefix = network->prefix;

	if (text == NULL)
		return 0;
	if (parse_range(text, &network->pool_first, &network->pool_last) < 0)
		return config_reader_fail(reader, setting, "pool",
					  "\"%.40s\" is not a range such as "
					  "\"10.1.0.100-10.1.0.200\"",
					  text);
	if (be32toh(network->pool_first) > be32toh(network->pool_last))
		return config_reader_fail(reader, setting, "pool",
					  "the first address is above the last");
	if (!prefix_contains(prefix, network->pool_first) ||
	    !prefix_contains(prefix, network->pool_last))
		return config_reader_fail(reader, setting, "pool",
					  "it is not within the home network's prefix");
	if (prefix.len_bits < 31 && (network->pool_first == prefix_network(prefix) ||
				     network->pool_last == prefix_broadcast(prefix)))
		return config_reader_fail(
			reader, setting, "pool",
			"the prefix's first and last address are the network's and "
			"the broadcast address; leave them out");
	return check_pool_is_free(reader, setting, config, network);
}

static int
check_overlap(struct config_reader *reader, const struct config_setting_t *setting,
	      const struct config *config, const struct config_home_network *network)
{
	for (unsigned i = 0; i < config->home_network_count; i++) {
		if (config_prefixes_overlap(config->home_networks[i].prefix, network->prefix))
			return config_reader_fail(reader, setting, "prefix",
						  "it overlaps with that of home_networks[%u]", i);
	}
	for (unsigned i = 0; i < config->vpn.tia_network_count; i++) {
		if (config_prefixes_overlap(config->vpn.tia_networks[i], network->prefix))
			return config_reader_fail(reader, setting, "prefix",
						  "it overlaps with vpn.tia_networks[%u]; an "
						  "address is a home address or a TIA",
						  i);
	}
	for (unsigned i = 0; network->port < 0 && i < config->port_count; i++) {
		if (config_prefixes_overlap(config->ports[i].network, network->prefix))
			config_reader_warn(
				reader, setting, "virtual",
				"the prefix overlaps with the network of port \"%s\", "
				"whose hosts will look for the mobiles on the link; name "
				"the port instead",
				config->ports[i].name);
	}
	return 0;
}

static int
read_home_network(struct config_reader *reader, const struct config_setting_t *setting,
		  struct config *config)
{
	struct config_home_network *network = &config->home_networks[config->home_network_count];
	struct home_network_values values;

	if (config_reader_group(reader, setting, keys, NULL, &values) < 0)
		return -EINVAL;
	network->agent = (enum agent_id)values.agent;
	network->prefix = values.prefix;
	if (config_agent_check(reader, setting, config, network->agent) < 0)
		return -EINVAL;
	if (!config_address_is_unicast(values.prefix.address) || values.prefix.len_bits < 8)
		return config_reader_fail(reader, setting, "prefix",
					  "these are not all addresses that hosts can have");
	if (read_link(reader, setting, config, &values, network) < 0 ||
	    read_pool(reader, setting, values.pool, config, network) < 0 ||
	    check_overlap(reader, setting, config, network) < 0)
		return -EINVAL;
	config->home_network_count++;
	return 0;
}

int
config_home_networks_read(struct config_reader *reader, const struct config_setting_t *section,
			  struct config *config)
{
	unsigned count = config_reader_count(section);

	if (count == 0)
		return 0;
	if (count > CONFIG_HOME_NETWORKS_MAX)
		return config_reader_fail(reader, section, NULL,
					  "%u home networks are too many, give %d at most", count,
					  CONFIG_HOME_NETWORKS_MAX);
	config->home_networks = calloc(count, sizeof(*config->home_networks));
	if (config->home_networks == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		if (read_home_network(reader, config_reader_element(section, i), config) < 0)
			return -EINVAL;
	}
	return 0;
}
