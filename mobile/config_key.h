/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_CONFIG_KEY_H
#define MOBILE_CONFIG_KEY_H

#include "lib/secret.h"
#include "mobile/config_reader.h"

/* Reads `key` of the group `parent`, which is required: { hex = ...; }, { ascii = ...; } or { file = ...; }.
 * Mistakes go to `reader`. */
void
config_reader_key(struct config_reader *reader, const config_setting_t *parent, struct secret *key);

#endif
