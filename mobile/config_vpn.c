/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/config_vpn.h"

#include <stdio.h>
#include <string.h>

/* Two rules before charon's, which is 220: a packet from a home address is tunnelled to its home agent
 * first, and what comes out of that goes into the VPN. */
#define RULE_PRIORITY 100
/* Until IKE runs from the care-of address: for an i-HA to answer, and for an x-HA, too, asked twice. */
#define DELAY_MS 1000
#define DELAY_X_HA_MS 1500

static const char *const outers[] = {"x-ha", "mobike"};

const char *
mn_vpn_outer_name(enum mn_vpn_outer outer)
{
	return outers[outer];
}

static bool
has_role(const struct mn_config *config, enum mn_role role)
{
	for (unsigned i = 0; i < config->agent_count; i++) {
		if (config->agents[i].role == role)
			return true;
	}
	return false;
}

static void
read_names(struct config_reader *reader, const config_setting_t *group, struct mn_vpn_config *vpn)
{
	config_reader_string(reader, group, "child", vpn->child, sizeof(vpn->child));
	config_reader_string(reader, group, "socket", vpn->socket, sizeof(vpn->socket));
	if (vpn->socket[0] != '/')
		config_reader_fail(reader, group, "vpn.socket: must begin with '/'");
}

/* The second connection: for where no x-HA answers. */
static void
read_mobike_connection(struct config_reader *reader, const config_setting_t *group,
		       struct mn_vpn_config *vpn)
{
	char *name = vpn->connections[MN_VPN_OUTER_MOBIKE];

	if (config_setting_get_member(group, "mobike_connection") == NULL)
		return;
	if (name[0] != '\0')
		config_reader_fail(reader, group,
				   "vpn.mobike_connection: is for outer = \"x-ha\"; with "
				   "\"mobike\" it is vpn.connection");
	config_reader_string(reader, group, "mobike_connection", name, MN_NAME_SIZE);
	if (strcmp(name, vpn->connections[MN_VPN_OUTER_X_HA]) == 0)
		config_reader_fail(reader, group,
				   "vpn.mobike_connection: must not be vpn.connection, which has "
				   "the x-HA's home address in its local_addrs");
	vpn->delay_ms = DELAY_X_HA_MS;
}

static void
read_connections(struct config_reader *reader, const config_setting_t *group,
		 struct mn_config *config)
{
	char *name;
	bool has_x_ha = has_role(config, MN_ROLE_X_HA);
	unsigned outer = has_x_ha ? MN_VPN_OUTER_X_HA : MN_VPN_OUTER_MOBIKE;

	config_reader_word(reader, group, "outer", outers, 2, &outer);
	name = config->vpn.connections[outer];
	config_reader_string(reader, group, "connection", name, MN_NAME_SIZE);
	if (name[0] == '\0')
		config_reader_fail(
			reader, group,
			"vpn.connection: missing; the connection's name in swanctl.conf");
	if (outer == MN_VPN_OUTER_X_HA && !has_x_ha)
		config_reader_fail(reader, group,
				   "vpn.outer: \"x-ha\" needs a home agent with role = \"x-ha\"");
	if (outer == MN_VPN_OUTER_MOBIKE && has_x_ha)
		config_reader_fail(
			reader, group,
			"vpn.outer: with \"mobike\" the VPN itself moves; leave the x-HA "
			"out of home_agents, or use it first, and mobike_connection without it");
	if (!has_role(config, MN_ROLE_I_HA))
		config_reader_fail(reader, group,
				   "vpn: needs a home agent with role = \"i-ha\", which is reached "
				   "through it");
	config->vpn.delay_ms = DELAY_MS;
	read_mobike_connection(reader, group, &config->vpn);
}

static void
read_behaviour(struct config_reader *reader, const config_setting_t *group,
	       struct mn_vpn_config *vpn)
{
	static const char *const insides[] = {"keep", "terminate"};
	bool is_by_x_ha = vpn->connections[MN_VPN_OUTER_X_HA][0] != '\0';
	bool is_by_both = is_by_x_ha && vpn->connections[MN_VPN_OUTER_MOBIKE][0] != '\0';
	unsigned inside = is_by_x_ha ? MN_VPN_INSIDE_TERMINATE : MN_VPN_INSIDE_KEEP;

	config_reader_word(reader, group, "inside", insides, 2, &inside);
	vpn->inside = (enum mn_vpn_inside)inside;
	if (inside == MN_VPN_INSIDE_KEEP && is_by_x_ha)
		config_reader_fail(
			reader, group,
			"vpn.inside: \"keep\" is for a VPN without an x-HA: inside, the x-HA's "
			"home address leads nowhere (RFC 5265 section 3.3)");
	config_reader_unsigned(reader, group, "delay_ms", 0, 60000, &vpn->delay_ms);
	if (vpn->delay_ms == 0 && is_by_both)
		config_reader_fail(
			reader, group,
			"vpn.delay_ms: with 0 no x-HA could be first, and mobike_connection is for "
			"where none answers; wait longer, or leave the x-HA out of home_agents");
	config_reader_unsigned(reader, group, "connect_sec", 1, 600, &vpn->connect_sec);
	config_reader_unsigned(reader, group, "retry_initial_ms", 100, 60000,
			       &vpn->retry_initial_ms);
	config_reader_unsigned(reader, group, "retry_max_sec", 1, 3600, &vpn->retry_max_sec);
	config_reader_bool(reader, group, "external_traffic", &vpn->external_traffic);
	if (vpn->retry_initial_ms > vpn->retry_max_sec * 1000)
		config_reader_fail(reader, group,
				   "vpn.retry_max_sec: is less than retry_initial_ms");
}

void
config_vpn_read(struct config_reader *reader, const config_setting_t *root,
		struct mn_config *config)
{
	static const char *const known[] = {"connection",
					    "mobike_connection",
					    "child",
					    "socket",
					    "outer",
					    "inside",
					    "delay_ms",
					    "connect_sec",
					    "retry_initial_ms",
					    "retry_max_sec",
					    "external_traffic",
					    NULL};
	config_setting_t *group = config_reader_member(reader, root, "vpn", CONFIG_TYPE_GROUP);

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	config->vpn.is_set = true;
	config->routing.rule_priority = RULE_PRIORITY;
	read_names(reader, group, &config->vpn);
	read_connections(reader, group, config);
	read_behaviour(reader, group, &config->vpn);
	if (config->vpn.connections[MN_VPN_OUTER_X_HA][0] != '\0' &&
	    config->tun.external_name[0] == '\0')
		snprintf(config->tun.external_name, sizeof(config->tun.external_name), "%s",
			 strcmp(config->tun.name, "hpx0") != 0 ? "hpx0" : "hpx1");
}

static void
read_servers(struct config_reader *reader, const config_setting_t *group, struct mn_dns_config *dns)
{
	config_setting_t *array;
	unsigned count =
		config_reader_strings(reader, group, "servers", MN_DNS_SERVERS_MAX, &array);

	for (unsigned i = 0; i < count; i++) {
		const char *text = config_setting_get_string_elem(array, (int)i);

		if (text == NULL || address_parse(text, &dns->servers[i]) != 0) {
			config_reader_fail(reader, array,
					   "dns.servers: entry %u is not an IPv4 address", i + 1);
			return;
		}
	}
	dns->server_count = count;
}

void
config_dns_read(struct config_reader *reader, const config_setting_t *root,
		struct mn_dns_config *dns)
{
	static const char *const known[] = {"servers", "search", "method", "file", NULL};
	static const char *const methods[] = {"auto", "resolvectl", "resolvconf", "file"};
	config_setting_t *group = config_reader_member(reader, root, "dns", CONFIG_TYPE_GROUP);
	unsigned method = dns->method;

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	read_servers(reader, group, dns);
	config_reader_domains(reader, group, "search", MN_DNS_DOMAINS_MAX, dns->search,
			      &dns->search_count);
	config_reader_word(reader, group, "method", methods, 4, &method);
	dns->method = (enum mn_dns_method)method;
	config_reader_string(reader, group, "file", dns->file, sizeof(dns->file));
	if (dns->file[0] != '/')
		config_reader_fail(reader, group, "dns.file: must begin with '/'");
	if (dns->search_count > 0 && dns->server_count == 0)
		config_reader_fail(reader, group, "dns.search: needs dns.servers");
}
