/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_GATEWAY_H
#define CONTROL_GATEWAY_H

#include "control/advertiser.h"
#include "control/broadcast.h"
#include "control/call.h"
#include "control/charon.h"
#include "control/config.h"
#include "control/icmp.h"
#include "control/inject.h"
#include "control/publish.h"
#include "control/punt.h"
#include "control/registration.h"
#include "control/route.h"
#include "control/tracing.h"
#include "control/traffic.h"
#include "control/tunnel_alarm.h"
#include "dataplane/port.h"
#include "dataplane/worker.h"

struct ike_link;
struct sa_table;

/*
 * The running box: everything hangs off here, made in the order in which it stands and given back in the
 * reverse. Control core; workers see only what struct worker_config hands them.
 */
struct gateway {
	const char *config_path;
	struct config *config;
	struct rte_mempool *pool;
	struct port ports[CONFIG_PORTS_MAX];
	unsigned port_count; /* opened */
	uint8_t macs[CONFIG_PORTS_MAX][ETH_ADDRESS_SIZE];
	uint32_t ports_gone; /* a bit for each that has disappeared */
	struct publisher *publisher;
	struct mailbox mailboxes[CONFIG_WORKERS_MAX];
	struct worker *workers[CONFIG_WORKERS_MAX];
	unsigned worker_count; /* created */
	bool workers_run;
	struct injector injector;
	struct drop_counters drops; /* the control core's own */
	struct timer_wheel *wheel;
	struct route_table *routes;
	struct registration *registration;
	struct traffic traffic;
	struct tracing tracing;
	struct sa_table *sas; /* NULL: no VPN gateway */
	struct icmp *icmp;
	struct advertiser *advertiser;
	struct broadcast_context broadcast;
	struct punt_context punt;
	struct control_calls *calls;
	struct tunnel_alarm tunnel_alarm;
	/* NULL when the box is no VPN gateway */
	struct ike_link *ike;
	struct charon *charon; /* NULL, too, when charon is started by others */
	struct mono_time started;
	struct mono_time next_tick;
	struct mono_time next_port_check;
	struct mono_time next_vpn_tick;
	unsigned reloads;
	enum {
		RELOAD_NONE,
		RELOAD_OK,
		RELOAD_FAILED,
	} last_reload;
};

/*
 * Brings the box up for a loaded configuration, which it takes, short of starting the workers; EAL runs.
 * What is wrong has been logged. 0 or -errno, after which gateway_fini() is due all the same. Main.
 */
int gateway_init(struct gateway *gateway, struct config *config, const char *config_path);
void gateway_fini(struct gateway *gateway);

/* Starts the workers. 0 or -errno. Main. */
int gateway_start(struct gateway *gateway);

/* One round of the control core's work; returns how many packets and timers there were, so that an idle
 * caller may sleep. Main. */
unsigned gateway_round(struct gateway *gateway);

/* Readable when charon wants something of gateway_round(); -1: there is none. Main. */
int gateway_wake_fd(const struct gateway *gateway);

/* Ends charon, answers what has already come in, then stops the workers. Main. */
void gateway_stop(struct gateway *gateway);

/* The workers' settings for a configuration; what is wrong has been logged. 0 or -ENOSPC. */
int gateway_settings(const struct gateway *gateway, const struct config *config,
		     struct live_settings *settings);

/* Reads the configuration file anew and takes over what can change while the box runs; says what cannot.
 * When the file is wrong everything stays as it was. 0 or -errno. Main. */
int gateway_reload(struct gateway *gateway);

/* What is there only when the box is a VPN gateway (gateway_vpn.c); nothing when it is not. For gateway.c
 * and reload.c. Create: after registration; 0 or -errno, logged. Destroy: after registration. A round returns
 * how many messages there were. */
int gateway_vpn_create(struct gateway *gateway, struct mono_time now);
void gateway_vpn_destroy(struct gateway *gateway);
unsigned gateway_vpn_round(struct gateway *gateway, struct mono_time now);
void gateway_vpn_reload(struct gateway *gateway, const struct config *wanted);

#endif
