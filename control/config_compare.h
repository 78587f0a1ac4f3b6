/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_CONFIG_COMPARE_H
#define CONTROL_CONFIG_COMPARE_H

#include "control/config.h"

/*
 * What a reload cannot change. Calls `visit` with the key of everything in `wanted` that differs
 * from `running` and takes a restart: the EAL settings, the ports, which home agents there are and
 * their addresses, whether there is a VPN gateway, its address and room, how charon is reached and
 * run, the runtime directory, and the limits by which tables are sized. All the rest
 * may be taken over as it stands. The key, such as "ports[1].mtu", is valid during the call.
 * Returns how many there were. Control core.
 */
int config_needs_restart(const struct config *running, const struct config *wanted,
			 void (*visit)(const char *key, void *context), void *context);

/*
 * Looks, in a configuration that ports, home agents and VPN gateway of the running one have been put into,
 * for their addresses where others' belong: config_load() has held the rest against other ones. 0, or
 * -EINVAL with what is wrong in `problem`, `size` bytes. Control core.
 */
int config_check_own_addresses(const struct config *config, char *problem, size_t size);

#endif
