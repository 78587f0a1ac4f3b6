/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_reader.h"
#include "control/config_section.h"

#include <errno.h>

static const char *const fragment_names[] = {"pre", "post", "drop", NULL};
static const char *const df_names[] = {"copy", "set", "clear", NULL};

struct vpn_values {
	struct config_vpn vpn;
	unsigned fragment; /* enum fragment_policy */
	unsigned df;	   /* enum df_policy */
	const struct config_setting_t *tia_networks;
};

#define VPN_FIELD(field) offsetof(struct vpn_values, vpn.field)
#define SAS_LEAST 64
#define SAS_MOST (1u << 22) /* a million mobiles, a pair each, and room for rekeying */

static const struct config_key keys[] = {
	{.name = "address",
	 .kind = CONFIG_KEY_ADDRESS,
	 .offset = VPN_FIELD(address),
	 .is_required = true,
	 .hint = "the VPN gateway's own external address, such as \"192.0.2.3\""},
	{.name = "tia_networks",
	 .kind = CONFIG_KEY_LIST,
	 .offset = offsetof(struct vpn_values, tia_networks),
	 .is_required = true,
	 .hint = "the networks of charon's address pools, such as [\"10.8.0.0/24\"]"},
	{.name = "sas_max",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = VPN_FIELD(sas_max),
	 .least = SAS_LEAST,
	 .most = SAS_MOST,
	 .otherwise = 65536},
	{.name = "replay_window",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = VPN_FIELD(replay_window),
	 .least = 32,
	 .most = 4096,
	 .otherwise = 1024,
	 .hint = "packets; RFC 4303 section 3.4.3 requires 32 at least"},
	{.name = "fragment",
	 .kind = CONFIG_KEY_CHOICE,
	 .offset = offsetof(struct vpn_values, fragment),
	 .choices = fragment_names,
	 .otherwise = FRAGMENT_PRE},
	{.name = "df",
	 .kind = CONFIG_KEY_CHOICE,
	 .offset = offsetof(struct vpn_values, df),
	 .choices = df_names,
	 .otherwise = DF_COPY},
	{.name = "mss_clamp",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = VPN_FIELD(mss_clamp),
	 .otherwise = true},
	{.name = "path_mtu_min",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = VPN_FIELD(path_mtu_min),
	 .least = 68,
	 .most = 9000,
	 .otherwise = 576,
	 .hint = "68 is the least that IP has (RFC 791)"},
	{.name = "from_inside", .kind = CONFIG_KEY_BOOL, .offset = VPN_FIELD(from_inside)},
	{.name = NULL},
};

/* The address means the VPN gateway and nothing else: workers tell by it what a packet is for. */
static int
check_address(struct config_reader *reader, const struct config_setting_t *section,
	      const struct config *config, const struct config_vpn *vpn)
{
	const struct config_port *port = config_port_of(config, vpn->address);

	for (unsigned i = 0; i < config->port_count; i++) {
		if (config->ports[i].network.address == vpn->address)
			return config_reader_fail(reader, section, "address",
						  "port \"%s\" has this address; give the VPN "
						  "gateway one of its own",
						  config->ports[i].name);
	}
	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		if (config->agents[i].enabled && config->agents[i].address == vpn->address)
			return config_reader_fail(reader, section, "address",
						  "the %s has this address; give the VPN gateway "
						  "one of its own",
						  agent_name((enum agent_id)i));
	}
	if (port != NULL && port->is_internal && !vpn->from_inside)
		config_reader_warn(reader, section, "address",
				   "this is on the network of the internal port \"%s\", but IKE "
				   "and ESP are taken from external ports only; see from_inside",
				   port->name);
	return 0;
}

static bool
is_within_one(struct prefix network, const struct prefix *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (list[i].len_bits <= network.len_bits &&
		    prefix_contains(list[i], network.address))
			return true;
	}
	return false;
}

/* Nothing but SAs may lead to a TIA, so no network that the box has is one. Home networks and routes
 * are looked at when they are known: config_check.c. */
static int
check_tia_network(struct config_reader *reader, const struct config_setting_t *setting,
		  const struct config *config, const struct config_vpn *vpn, struct prefix network)
{
	const struct config_agent *i_ha = &config->agents[AGENT_I_HA];

	if (!config_address_is_unicast(network.address) || network.len_bits < 8)
		return config_reader_fail(reader, setting, NULL,
					  "these are not all addresses that hosts can have");
	for (unsigned i = 0; i < vpn->tia_network_count; i++) {
		if (config_prefixes_overlap(vpn->tia_networks[i], network))
			return config_reader_fail(reader, setting, NULL,
						  "it overlaps with tia_networks[%u]", i);
	}
	for (unsigned i = 0; i < config->port_count; i++) {
		if (config_prefixes_overlap(config->ports[i].network, network))
			return config_reader_fail(reader, setting, NULL,
						  "it overlaps with the network of port \"%s\"; "
						  "TIAs are on no link, choose a network of their "
						  "own",
						  config->ports[i].name);
	}
	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		if (config->agents[i].enabled &&
		    prefix_contains(network, config->agents[i].address))
			return config_reader_fail(reader, setting, NULL,
						  "the address of the %s is in it",
						  agent_name((enum agent_id)i));
	}
	if (prefix_contains(network, vpn->address))
		return config_reader_fail(reader, setting, NULL, "vpn.address is in it");
	if (i_ha->enabled &&
	    !is_within_one(network, i_ha->trusted_networks, i_ha->trusted_network_count))
		return config_reader_fail(reader, setting, NULL,
					  "it is in none of i_ha.trusted_networks, so no mobile "
					  "could register with the i-HA through the VPN (RFC 5265 "
					  "section 4.3); add it there");
	return 0;
}

static int
read_tia_networks(struct config_reader *reader, const struct config_setting_t *list,
		  const struct config *config, struct config_vpn *vpn)
{
	static const struct config_key key = {.kind = CONFIG_KEY_PREFIX};
	unsigned count = config_reader_count(list);

	if (count == 0 || count > CONFIG_TIA_NETWORKS_MAX)
		return config_reader_fail(reader, list, NULL,
					  "%u networks are not possible, give 1 to %d", count,
					  CONFIG_TIA_NETWORKS_MAX);
	for (unsigned i = 0; i < count; i++) {
		const struct config_setting_t *setting = config_reader_element(list, i);
		struct prefix network;

		if (config_reader_value(reader, setting, &key, &network) < 0 ||
		    check_tia_network(reader, setting, config, vpn, network) < 0)
			return -EINVAL;
		vpn->tia_networks[vpn->tia_network_count++] = network;
	}
	return 0;
}

/* The next power of two; `number` is at most SAS_MOST. */
static unsigned
round_up(unsigned number)
{
	unsigned power = SAS_LEAST;

	while (power < number)
		power *= 2;
	return power;
}

int
config_vpn_read(struct config_reader *reader, const struct config_setting_t *section,
		struct config *config)
{
	struct vpn_values values = {.tia_networks = NULL};
	struct config_vpn *vpn = &values.vpn;

	if (section == NULL)
		return 0;
	if (config_reader_group(reader, section, keys, NULL, &values) < 0)
		return -EINVAL;
	if ((vpn->sas_max & (vpn->sas_max - 1)) != 0)
		return config_reader_fail(reader, section, "sas_max",
					  "%u is not a power of two; give %u", vpn->sas_max,
					  round_up(vpn->sas_max));
	vpn->fragment = (enum fragment_policy)values.fragment;
	vpn->df = (enum df_policy)values.df;
	if (check_address(reader, section, config, vpn) < 0 ||
	    read_tia_networks(reader, values.tia_networks, config, vpn) < 0)
		return -EINVAL;
	vpn->enabled = true;
	config->vpn = *vpn;
	return 0;
}
