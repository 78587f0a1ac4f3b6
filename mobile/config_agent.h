/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_CONFIG_AGENT_H
#define MOBILE_CONFIG_AGENT_H

#include "mobile/config_reader.h"

/* Reads and checks `home_agents` of the file's root into `config`; mistakes go to `reader`. */
void config_agents_read(struct config_reader *reader, const config_setting_t *root,
			struct mn_config *config);

#endif
