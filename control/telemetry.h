/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_TELEMETRY_H
#define CONTROL_TELEMETRY_H

#include <rte_telemetry.h>

#include "control/gateway.h"

/*
 * What the operator sees: commands of DPDK's telemetry socket, all under /homeport. DPDK answers in a
 * thread of its own; each answer is made on the control core (call.h), so nothing here needs a lock.
 *
 * DPDK 22.11 cannot express an array of dictionaries; such a list is a dictionary with the keys "0",
 * "1", ... in order.
 */

/* Registers the commands for this box. Main, once. 0 or -errno. */
int telemetry_start(struct gateway *gateway);

/* From now on commands are answered with an error. Main, before the box is taken down. */
void telemetry_stop(void);

/* One command: fills in `data` from the box; `params` is never NULL. 0 or -errno. Control core. */
struct telemetry_command {
	const char *path;
	int (*answer)(struct gateway *gateway, const char *params, struct rte_tel_data *data);
	const char *help;
};

int telemetry_info(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_stats(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_drops(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_drop(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_stages(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_security(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_neighbours(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_bindings(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_binding(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_revoke(struct gateway *gateway, const char *params, struct rte_tel_data *data);

int telemetry_sas(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_sa(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_vpn(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_trace(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_trace_poll(struct gateway *gateway, const char *params, struct rte_tel_data *data);
int telemetry_trace_stop(struct gateway *gateway, const char *params, struct rte_tel_data *data);

/* A dictionary for the list `list`, under its next number; NULL: no memory, or the list is full. */
struct rte_tel_data *telemetry_list_add(struct rte_tel_data *list, unsigned *count);
/* A dictionary under `name` in `dict`; NULL: no memory. */
struct rte_tel_data *telemetry_dict_add(struct rte_tel_data *dict, const char *name);
/* `name` as DPDK takes it, which knows no '-': homeportctl puts it back. Writes into `text` and returns it. */
const char *telemetry_key(const char *name, char *text, size_t size);
const char *telemetry_punt_name(enum punt_class punt_class); /* "registration-external", ... */
void telemetry_add_address(struct rte_tel_data *dict, const char *name, be32 address);
void telemetry_add_prefix(struct rte_tel_data *dict, const char *name, struct prefix prefix);
void
telemetry_add_mac(struct rte_tel_data *dict, const char *name, const uint8_t mac[ETH_ADDRESS_SIZE]);

#endif
