/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_CONFIG_DETECT_H
#define MOBILE_CONFIG_DETECT_H

#include "mobile/config_reader.h"

/* Reads the group `detect` of `root` into `detect`, which holds the defaults. Mistakes go to `reader`. */
void config_detect_read(struct config_reader *reader, const config_setting_t *root,
			struct mn_detect_config *detect);

#endif
