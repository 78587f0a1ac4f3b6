/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_CONFIG_KEY_H
#define MOBILE_CONFIG_KEY_H

#include "lib/mip_auth.h"
#include "lib/secret.h"
#include "mobile/config_reader.h"

/* Reads what every mobility security association has, of its group: `spi` and `key`, which are required, the
 * latter as { hex = ...; }, { ascii = ...; } or { file = ...; }, and `algorithm`, by default HMAC-MD5. */
void config_reader_security(struct config_reader *reader, const config_setting_t *group,
			    uint32_t *spi, enum mip_auth_algorithm *algorithm, struct secret *key);

#endif
