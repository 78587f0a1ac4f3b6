/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_CONFIG_SECTION_H
#define CONTROL_CONFIG_SECTION_H

#include "control/config_reader.h"

/*
 * The sections of the configuration file, a file each. They are read in the order they stand in
 * here; each fills in its part of `config` and checks it against the parts before it. `section` is
 * NULL when the file does not have it. All return 0, or -EINVAL or -ENOMEM with the error recorded
 * in `reader`.
 */

/* config_eal.c */
int config_eal_read(struct config_reader *reader, const struct config_setting_t *section,
		    struct config_eal *eal);

/* config_ports.c */
int config_ports_read(struct config_reader *reader, const struct config_setting_t *section,
		      struct config *config);
/* Index of the port of that name, or -1. */
int config_port_find(const struct config *config, const char *name);
/* The port whose network has this address as a host's, or NULL. */
const struct config_port *config_port_of(const struct config *config, be32 address);

/* config_agents.c: `sections` by enum agent_id. */
extern const char *const config_agent_names[AGENT_COUNT + 1];
int config_agents_read(struct config_reader *reader,
		       const struct config_setting_t *const sections[AGENT_COUNT],
		       struct config *config);
/* Whether the box itself has this address: a port's, a home agent's or the VPN gateway's. */
bool config_address_is_own(const struct config *config, be32 address);
/* Fails when `agent`, named by the key "agent" of `setting`, is not enabled. */
int config_agent_check(struct config_reader *reader, const struct config_setting_t *setting,
		       const struct config *config, enum agent_id agent);

/* config_vpn.c */
int config_vpn_read(struct config_reader *reader, const struct config_setting_t *section,
		    struct config *config);

/* config_ike.c */
int config_ike_read(struct config_reader *reader, const struct config_setting_t *section,
		    struct config *config);

/* config_routes.c */
int config_routes_read(struct config_reader *reader, const struct config_setting_t *section,
		       struct config *config);

/* config_home_networks.c */
int config_home_networks_read(struct config_reader *reader, const struct config_setting_t *section,
			      struct config *config);
/* The home network of `agent` that has this address, or NULL. */
const struct config_home_network *
config_home_network_of(const struct config *config, enum agent_id agent, be32 address);

/* Whether the address is one of the network's dynamic ones. */
bool config_pool_contains(const struct config_home_network *network, be32 address);

/* config_association.c: the keys spi, algorithm, key, replay and window_sec of the group `setting`,
 * which may have the keys of `others` besides; only those are read here. */
extern const struct config_key config_association_keys[];
int
config_association_read(struct config_reader *reader, const struct config_setting_t *setting,
			const struct config_key *others, struct config_association *association);

/* config_subscribers.c */
int config_subscribers_read(struct config_reader *reader, const struct config_setting_t *section,
			    struct config *config);

/* config_foreign_agents.c */
int config_foreign_agents_read(struct config_reader *reader, const struct config_setting_t *section,
			       struct config *config);

/* config_limits.c */
int config_limits_read(struct config_reader *reader, const struct config_setting_t *section,
		       struct config_limits *limits);
int config_security_read(struct config_reader *reader, const struct config_setting_t *section,
			 struct config *config);

/* config_check.c: what only the whole configuration shows. `root`: the file's root group. */
int config_check(struct config_reader *reader, const struct config_setting_t *root,
		 const struct config *config);

#endif
