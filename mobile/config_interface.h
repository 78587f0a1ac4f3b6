/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_CONFIG_INTERFACE_H
#define MOBILE_CONFIG_INTERFACE_H

#include "mobile/config_reader.h"

/* Reads the group `interfaces` of the mobile's configuration: at least one, with or without keys of its own. */
void config_interfaces_read(struct config_reader *reader, const config_setting_t *root,
			    struct mn_config *config);

/* Reads the list `foreign_agents`: the associations with some. */
void config_associations_read(struct config_reader *reader, const config_setting_t *root,
			      struct mn_config *config);

#endif
