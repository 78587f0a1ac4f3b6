/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/advertiser.h"
#include "control/config_duplicate.h"
#include "control/config_reader.h"
#include "control/config_section.h"
#include "lib/wire_mip.h"

#include <errno.h>
#include <stdlib.h>

const char *const config_agent_names[AGENT_COUNT + 1] = {"x-ha", "i-ha", NULL};

const char *
agent_name(enum agent_id agent)
{
	return config_agent_names[agent];
}

static const char *const reverse_tunnel_names[] = {"off", "optional", "required", NULL};

struct agent_values {
	struct config_agent agent;
	const struct config_setting_t *trusted_networks;
};

#define AGENT_FIELD(field) offsetof(struct agent_values, agent.field)

static const struct config_key keys[] = {
	{.name = "address",
	 .kind = CONFIG_KEY_ADDRESS,
	 .offset = AGENT_FIELD(address),
	 .is_required = true,
	 .hint = "the home agent's address, such as \"192.0.2.1\""},
	{.name = "lifetime_max_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = AGENT_FIELD(lifetime_max_sec),
	 .least = 1,
	 .most = MIP_LIFETIME_INFINITE - 1,
	 .otherwise = 3600,
	 .hint = "a lifetime has 16 bits, of which 65535 means without end (RFC 5944 section 3.3)"},
	{.name = "simultaneous_max",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = AGENT_FIELD(simultaneous_max),
	 .least = 1,
	 .most = 8,
	 .otherwise = 2},
	{.name = "reverse_tunnel",
	 .kind = CONFIG_KEY_CHOICE,
	 .offset = AGENT_FIELD(reverse_tunnel),
	 .choices = reverse_tunnel_names,
	 .otherwise = REVERSE_TUNNEL_OPTIONAL},
	{.name = "gre", .kind = CONFIG_KEY_BOOL, .offset = AGENT_FIELD(gre), .otherwise = true},
	{.name = "minimal_encapsulation",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = AGENT_FIELD(minimal_encapsulation),
	 .otherwise = true},
	{.name = "broadcasts", .kind = CONFIG_KEY_BOOL, .offset = AGENT_FIELD(broadcasts)},
	{.name = "udp_tunnel",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = AGENT_FIELD(udp_tunnel),
	 .otherwise = true},
	{.name = "udp_tunnel_forced",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = AGENT_FIELD(udp_tunnel_forced)},
	{.name = "udp_keepalive_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = AGENT_FIELD(udp_keepalive_sec),
	 .least = 10,
	 .most = UINT16_MAX,
	 .otherwise = 110,
	 .hint = "a mobile node does not send more often than each 10 s (RFC 3519 section 4.9)"},
	{.name = "udp_lifetime_max_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = AGENT_FIELD(udp_lifetime_max_sec),
	 .least = 1,
	 .most = MIP_LIFETIME_INFINITE - 1,
	 .otherwise = 60},
	{.name = "strict_reserved_bits",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = AGENT_FIELD(strict_reserved_bits)},
	{.name = "message_string",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = AGENT_FIELD(message_string),
	 .otherwise = true},
	{.name = "revocation",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = AGENT_FIELD(revocation),
	 .otherwise = true},
	{.name = "advertise_interval_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = AGENT_FIELD(advertise_interval_sec),
	 .most = 1800,
	 .otherwise = 600,
	 .hint = "RFC 1256 section 4.1"},
	{.name = "trusted_networks",
	 .kind = CONFIG_KEY_LIST,
	 .offset = offsetof(struct agent_values, trusted_networks)},
	{.name = NULL},
};

bool
config_address_is_own(const struct config *config, be32 address)
{
	for (unsigned i = 0; i < config->port_count; i++) {
		if (config->ports[i].network.address == address)
			return true;
	}
	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		if (config->agents[i].enabled && config->agents[i].address == address)
			return true;
	}
	return config->vpn.enabled && config->vpn.address == address;
}

int
config_agent_check(struct config_reader *reader, const struct config_setting_t *setting,
		   const struct config *config, enum agent_id agent)
{
	if (config->agents[agent].enabled)
		return 0;
	return config_reader_fail(reader, setting, "agent",
				  "%s is not enabled; add a section \"%s\" with its address",
				  agent_name(agent), agent == AGENT_X_HA ? "x_ha" : "i_ha");
}

/* RFC 5265 section 4.3: trusted networks have addresses of the internal network only. */
static void
warn_doubtful_trust(struct config_reader *reader, const struct config_setting_t *setting,
		    const struct config *config, struct prefix network)
{
	if (network.len_bits == 0) {
		config_reader_warn(reader, setting, NULL,
				   "this trusts every address that an internal port lets in");
		return;
	}
	for (unsigned i = 0; i < config->port_count; i++) {
		if (!config->ports[i].is_internal &&
		    config_prefixes_overlap(config->ports[i].network, network))
			config_reader_warn(reader, setting, NULL,
					   "this overlaps with the network of the external port "
					   "\"%s\"; name internal networks only",
					   config->ports[i].name);
	}
}

static int
check_trusted_networks(struct config_reader *reader, const struct config_setting_t *list,
		       const struct config *config, const struct config_agent *agent)
{
	unsigned count = agent->trusted_network_count;
	struct config_identity *identities = calloc(count, sizeof(*identities));
	unsigned first, second;
	int error = 0;

	if (identities == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		struct prefix prefix = agent->trusted_networks[i];

		identities[i].number = (uint64_t)prefix.address << 8 | prefix.len_bits;
		identities[i].index = i;
		warn_doubtful_trust(reader, config_reader_element(list, i), config, prefix);
	}
	if (config_duplicate_find(identities, count, &first, &second))
		error = config_reader_fail(reader, config_reader_element(list, second), NULL,
					   "the same as trusted_networks[%u]", first);
	free(identities);
	return error;
}

static int
read_trusted_networks(struct config_reader *reader, const struct config_setting_t *list,
		      const struct config *config, struct config_agent *agent)
{
	static const struct config_key network = {.kind = CONFIG_KEY_PREFIX};
	unsigned count = config_reader_count(list);

	if (count == 0)
		return 0;
	agent->trusted_networks = calloc(count, sizeof(*agent->trusted_networks));
	if (agent->trusted_networks == NULL)
		return -ENOMEM;
	agent->trusted_network_count = count;
	for (unsigned i = 0; i < count; i++) {
		if (config_reader_value(reader, config_reader_element(list, i), &network,
					&agent->trusted_networks[i]) < 0)
			return -EINVAL;
	}
	return check_trusted_networks(reader, list, config, agent);
}

/* A home agent where the other one belongs works, but mobiles reach it from the other side only. */
static void
warn_wrong_side(struct config_reader *reader, const struct config_setting_t *section,
		const struct config *config, enum agent_id id)
{
	const struct config_port *port = config_port_of(config, config->agents[id].address);

	if (port == NULL || port->is_internal == (id == AGENT_I_HA))
		return;
	config_reader_warn(reader, section, "address",
			   "this is on the network of the %s port \"%s\", but registrations to the "
			   "%s are taken from %s ports only",
			   port->is_internal ? "internal" : "external", port->name, agent_name(id),
			   id == AGENT_I_HA ? "internal" : "external");
}

static int
read_agent(struct config_reader *reader, const struct config_setting_t *section,
	   struct config *config, enum agent_id id)
{
	struct config_agent *agent = &config->agents[id];
	struct agent_values values = {.trusted_networks = NULL};
	int error;

	error = config_reader_group(reader, section, keys, NULL, &values);
	if (error < 0 || section == NULL)
		return error;
	*agent = values.agent;
	agent->enabled = true;
	if (agent->advertise_interval_sec != 0 &&
	    agent->advertise_interval_sec < ADVERTISE_INTERVAL_MIN_SEC)
		return config_reader_fail(reader, section, "advertise_interval_sec",
					  "%u is too often; give %u or more (RFC 1256 section "
					  "4.1), or 0 to advertise only when solicited",
					  agent->advertise_interval_sec,
					  ADVERTISE_INTERVAL_MIN_SEC);
	if (id == AGENT_X_HA && values.trusted_networks != NULL)
		return config_reader_fail(reader, section, "trusted_networks",
					  "only the i-HA has trusted networks (RFC 5265 section "
					  "4.3); move the key to i_ha");
	error = read_trusted_networks(reader, values.trusted_networks, config, agent);
	if (error < 0)
		return error;
	if (id == AGENT_I_HA && agent->trusted_network_count == 0)
		config_reader_warn(reader, section, "trusted_networks",
				   "none is given and there is no default, so no mobile can "
				   "register with the i-HA");
	warn_wrong_side(reader, section, config, id);
	return 0;
}

int
config_agents_read(struct config_reader *reader,
		   const struct config_setting_t *const sections[AGENT_COUNT],
		   struct config *config)
{
	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		int error = read_agent(reader, sections[i], config, (enum agent_id)i);

		if (error < 0)
			return error;
	}
	if (sections[AGENT_X_HA] != NULL && sections[AGENT_I_HA] != NULL &&
	    config->agents[AGENT_X_HA].address == config->agents[AGENT_I_HA].address)
		return config_reader_fail(reader, sections[AGENT_I_HA], "address",
					  "x_ha has this address; RFC 5265 section 3.5 requires "
					  "that x-HA and i-HA have different ones");
	return 0;
}
