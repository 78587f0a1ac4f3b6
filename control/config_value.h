/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_CONFIG_VALUE_H
#define CONTROL_CONFIG_VALUE_H

struct config_key;

/* Writes the default of `key` to `into`, whose type the key says. */
void config_value_default(const struct config_key *key, void *into);

#endif
