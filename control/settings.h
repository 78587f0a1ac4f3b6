/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_SETTINGS_H
#define CONTROL_SETTINGS_H

#include "control/config.h"
#include "dataplane/tables.h"

/*
 * Makes the workers' settings out of a configuration: the box's own addresses and what each is for, the
 * ports' sides. `macs`: each port's link address. Control core. 0, or -ENOSPC: more own addresses than
 * half of OWN_ADDRESSES_MAX.
 */
int settings_make(const struct config *config, const uint8_t (*macs)[ETH_ADDRESS_SIZE],
		  struct live_settings *settings);

#endif
