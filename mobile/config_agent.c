/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/config_agent.h"

#include <string.h>

#include "lib/ip_check.h"
#include "lib/nai.h"
#include "mobile/config_key.h"

static void
read_security(struct config_reader *reader, const config_setting_t *group,
	      struct mn_agent_config *agent)
{
	static const char *const replays[] = {"timestamps", "nonces"};
	unsigned replay = MN_REPLAY_TIMESTAMPS;

	config_reader_word(reader, group, "replay", replays, 2, &replay);
	agent->replay = (enum mn_replay)replay;
	config_reader_security(reader, group, &agent->spi, &agent->algorithm, &agent->key);
}

static void
read_identity(struct config_reader *reader, const config_setting_t *group,
	      struct mn_agent_config *agent)
{
	static const char *const roles[] = {"x-ha", "i-ha"};
	unsigned role = MN_ROLE_X_HA;

	config_reader_string(reader, group, "name", agent->name, sizeof(agent->name));
	if (agent->name[0] == '\0')
		config_reader_fail(reader, group, "name: missing; what logs and status call it");
	config_reader_word(reader, group, "role", roles, 2, &role);
	agent->role = (enum mn_role)role;
	config_reader_address(reader, group, "address", &agent->address);
	config_reader_bool(reader, group, "discovery", &agent->discovery);
	if (ip_source_is_martian(agent->address) &&
	    !(agent->discovery && agent->address == UINT32_MAX))
		config_reader_fail(reader, group, "address: must be the home agent's address");
	config_reader_address(reader, group, "home_address", &agent->home_address);
	if (agent->home_address != 0 && ip_source_is_martian(agent->home_address))
		config_reader_fail(reader, group, "home_address: no host can have this address");
	config_reader_string(reader, group, "nai", agent->nai, sizeof(agent->nai));
	if (agent->nai[0] != '\0' && !nai_is_valid(agent->nai, strlen(agent->nai)))
		config_reader_fail(reader, config_setting_get_member(group, "nai"),
				   "nai: not of the form \"user@realm\" (RFC 4282)");
	if (agent->home_address == 0 && agent->nai[0] == '\0')
		config_reader_fail(reader, group,
				   "home_address: without one (or with \"0.0.0.0\") the home agent "
				   "needs nai to know whom to give an address");
}

/* A third of T_MONITOR leaves room for several repetitions. */
static void
read_grace(struct config_reader *reader, const config_setting_t *group,
	   struct mn_agent_config *agent)
{
	const config_setting_t *member = config_setting_get_member(group, "monitor_grace_sec");

	agent->monitor_grace_sec = agent->monitor_sec / 3;
	if (member == NULL)
		return;
	config_reader_unsigned(reader, group, "monitor_grace_sec", 1, 3599,
			       &agent->monitor_grace_sec);
	if (agent->role != MN_ROLE_I_HA)
		config_reader_fail(reader, member, "monitor_grace_sec: only for role = \"i-ha\"");
	if (agent->monitor_grace_sec >= agent->monitor_sec)
		config_reader_fail(reader, member,
				   "monitor_grace_sec: %u is not less than monitor_sec (%u)",
				   agent->monitor_grace_sec, agent->monitor_sec);
}

static void
read_wishes(struct config_reader *reader, const config_setting_t *group,
	    struct mn_agent_config *agent)
{
	static const char *const encapsulations[] = {"ip-in-ip", "gre", "minimal"};
	static const enum tunnel_kind kinds[] = {TUNNEL_IPIP, TUNNEL_GRE, TUNNEL_MINENC};
	unsigned encapsulation = 0;

	config_reader_unsigned(reader, group, "lifetime_sec", 10, 65535, &agent->lifetime_sec);
	config_reader_unsigned(reader, group, "monitor_sec", 10, 3600, &agent->monitor_sec);
	if (agent->role != MN_ROLE_I_HA && config_setting_get_member(group, "monitor_sec") != NULL)
		config_reader_fail(reader, config_setting_get_member(group, "monitor_sec"),
				   "monitor_sec: only for role = \"i-ha\"");
	read_grace(reader, group, agent);
	config_reader_bool(reader, group, "udp_tunnel", &agent->udp_tunnel);
	config_reader_bool(reader, group, "udp_tunnel_forced", &agent->udp_tunnel_forced);
	if (agent->udp_tunnel_forced && !agent->udp_tunnel)
		config_reader_fail(reader, group, "udp_tunnel_forced: needs udp_tunnel = true");
	config_reader_bool(reader, group, "reverse_tunnel", &agent->reverse_tunnel);
	config_reader_bool(reader, group, "broadcasts", &agent->broadcasts);
	config_reader_bool(reader, group, "simultaneous", &agent->simultaneous);
	config_reader_word(reader, group, "encapsulation", encapsulations, 3, &encapsulation);
	agent->encapsulation = kinds[encapsulation];
}

static void
read_agent(struct config_reader *reader, const config_setting_t *group,
	   struct mn_agent_config *agent)
{
	static const char *const known[] = {"name",
					    "role",
					    "address",
					    "discovery",
					    "home_address",
					    "nai",
					    "spi",
					    "algorithm",
					    "key",
					    "replay",
					    "lifetime_sec",
					    "monitor_sec",
					    "monitor_grace_sec",
					    "udp_tunnel",
					    "udp_tunnel_forced",
					    "reverse_tunnel",
					    "broadcasts",
					    "simultaneous",
					    "encapsulation",
					    NULL};

	*agent = (struct mn_agent_config){
		.lifetime_sec = 1800,
		.monitor_sec = 60,
		.udp_tunnel = true,
		.reverse_tunnel = true,
		.simultaneous = true,
	};
	config_reader_check_keys(reader, group, known);
	read_identity(reader, group, agent);
	read_security(reader, group, agent);
	read_wishes(reader, group, agent);
}

/* What two entries may not have in common. */
static void
check_pair(struct config_reader *reader, const config_setting_t *where,
	   const struct mn_agent_config *a, const struct mn_agent_config *b)
{
	if (strcmp(a->name, b->name) == 0)
		config_reader_fail(reader, where, "name: \"%s\" is there twice", a->name);
	if (a->address == b->address && a->role != b->role)
		config_reader_fail(reader, where,
				   "address: x-HA and i-HA must differ (RFC 5265 section 3.5)");
	if (a->home_address != 0 && a->home_address == b->home_address)
		config_reader_fail(reader, where,
				   "home_address: each home agent needs one of its own");
}

void
config_agents_read(struct config_reader *reader, const config_setting_t *root,
		   struct mn_config *config)
{
	config_setting_t *list;
	unsigned count = config_reader_groups(reader, root, "home_agents", MN_AGENTS_MAX, &list);

	if (count == 0)
		config_reader_fail(reader, list != NULL ? list : root,
				   "home_agents: give 1 to %u groups, as in ( { ... }, { ... } )",
				   MN_AGENTS_MAX);
	for (unsigned i = 0; i < count; i++) {
		config_setting_t *group = config_setting_get_elem(list, i);

		read_agent(reader, group, &config->agents[i]);
		for (unsigned k = 0; k < i; k++)
			check_pair(reader, group, &config->agents[k], &config->agents[i]);
	}
	config->agent_count = count;
}
