/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_duplicate.h"
#include "control/config_reader.h"
#include "control/config_section.h"

#include <errno.h>
#include <stdlib.h>

static const struct config_key keys[] = {
	{.name = "prefix",
	 .kind = CONFIG_KEY_PREFIX,
	 .offset = offsetof(struct config_route, prefix),
	 .is_required = true,
	 .hint = "the destinations, such as \"0.0.0.0/0\""},
	{.name = "gateway",
	 .kind = CONFIG_KEY_ADDRESS,
	 .offset = offsetof(struct config_route, gateway),
	 .is_required = true,
	 .hint = "the router's address on the network of a port"},
	{.name = NULL},
};

static int
check_route(struct config_reader *reader, const struct config_setting_t *setting,
	    const struct config *config, const struct config_route *route)
{
	char text[ADDRESS_TEXT_SIZE];

	/* the live table keeps a default route as its two halves: publish_route() */
	if (route->prefix.len_bits == 1)
		return config_reader_fail(reader, setting, "prefix",
					  "a prefix of one bit cannot be had beside the default "
					  "route; name 0.0.0.0/0, or prefixes of two bits");
	for (unsigned i = 0; i < config->vpn.tia_network_count; i++) {
		struct prefix network = config->vpn.tia_networks[i];

		if (network.len_bits <= route->prefix.len_bits &&
		    prefix_contains(network, route->prefix.address))
			return config_reader_fail(reader, setting, "prefix",
						  "it is in vpn.tia_networks[%u], whose packets "
						  "leave through a security association or not at "
						  "all; name a network outside of it",
						  i);
	}
	address_format(route->gateway, text);
	if (config_address_is_own(config, route->gateway))
		return config_reader_fail(reader, setting, "gateway",
					  "%s is this box's own address; name the next router",
					  text);
	if (config_port_of(config, route->gateway) == NULL)
		return config_reader_fail(reader, setting, "gateway",
					  "%s is not a host on the network of any port", text);
	for (unsigned i = 0; i < config->port_count; i++) {
		struct prefix network = config->ports[i].network;

		if (network.len_bits == route->prefix.len_bits &&
		    prefix_network(network) == route->prefix.address)
			return config_reader_fail(reader, setting, "prefix",
						  "this is the network of port \"%s\", which needs "
						  "no route",
						  config->ports[i].name);
	}
	return 0;
}

static int
check_unique(struct config_reader *reader, const struct config_setting_t *section,
	     const struct config *config)
{
	unsigned count = config->route_count;
	struct config_identity *identities = calloc(count, sizeof(*identities));
	unsigned first, second;
	int error = 0;

	if (identities == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		struct prefix prefix = config->routes[i].prefix;

		identities[i].number = (uint64_t)prefix.address << 8 | prefix.len_bits;
		identities[i].index = i;
	}
	if (config_duplicate_find(identities, count, &first, &second))
		error = config_reader_fail(
			reader, config_reader_element(section, second), "prefix",
			"routes[%u] (line %d) is to the same prefix", first,
			config_reader_line(config_reader_element(section, first)));
	free(identities);
	return error;
}

int
config_routes_read(struct config_reader *reader, const struct config_setting_t *section,
		   struct config *config)
{
	unsigned count = config_reader_count(section);

	if (count == 0)
		return 0;
	if (count > CONFIG_ROUTES_MAX)
		return config_reader_fail(reader, section, NULL,
					  "%u routes are more than the %u that there is room for; "
					  "summarize them",
					  count, CONFIG_ROUTES_MAX);
	config->routes = calloc(count, sizeof(*config->routes));
	if (config->routes == NULL)
		return -ENOMEM;
	config->route_count = count;
	for (unsigned i = 0; i < count; i++) {
		const struct config_setting_t *setting = config_reader_element(section, i);
		struct config_route *route = &config->routes[i];

		if (config_reader_group(reader, setting, keys, NULL, route) < 0 ||
		    check_route(reader, setting, config, route) < 0)
			return -EINVAL;
	}
	return check_unique(reader, section, config);
}
