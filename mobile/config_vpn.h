/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_CONFIG_VPN_H
#define MOBILE_CONFIG_VPN_H

#include "mobile/config_reader.h"

/* Reads "vpn" into `config->vpn`, and changes the defaults that depend on it: a second TUN device, and a place
 * for the rules before charon's. After the home agents and "tun", before "routing". */
void config_vpn_read(struct config_reader *reader, const config_setting_t *root,
		     struct mn_config *config);

/* Reads "dns". */
void config_dns_read(struct config_reader *reader, const config_setting_t *root,
		     struct mn_dns_config *dns);

#endif
