/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_CONFIG_H
#define CONTROL_CONFIG_H

#include <stdbool.h>

#include "lib/mip_auth.h"
#include "lib/prefix.h"
#include "lib/types.h"

/*
 * The configuration as the box uses it: parsed, checked, defaults filled in. homeport.conf(5)
 * describes every key. A struct config is never changed after config_load(); a reload loads a
 * second one and compares (config_compare.c).
 */

#define CONFIG_NAME_SIZE 64
#define CONFIG_PATH_SIZE 256
#define CONFIG_PORTS_MAX 16
#define CONFIG_WORKERS_MAX 64
/* Each home network takes an own address (its broadcast) besides those of ports and agents. */
#define CONFIG_ROUTES_MAX 65536
#define CONFIG_HOME_NETWORKS_MAX 28

enum agent_id {
	AGENT_X_HA,
	AGENT_I_HA,
	AGENT_COUNT,
};

/* "x-ha", "i-ha". */
const char *agent_name(enum agent_id agent);

struct config_eal {
	unsigned main_core;			   /* CPU of the control core */
	unsigned worker_cores[CONFIG_WORKERS_MAX]; /* CPU of each worker; one CPU may stand twice */
	unsigned worker_count;
	bool huge_pages;
	unsigned memory_mb; /* 0: EAL decides */
	char file_prefix[CONFIG_NAME_SIZE];
	unsigned buffers;		  /* packet buffers in all */
	bool idle_sleep;		  /* workers sleep when idle: for laptops */
	char extra[16][CONFIG_PATH_SIZE]; /* further EAL arguments, as they are */
	unsigned extra_count;
};

struct config_port {
	char name[CONFIG_NAME_SIZE];
	char device[CONFIG_PATH_SIZE]; /* PCI address, or vdev with its arguments */
	bool is_internal;
	struct prefix network; /* address: the port's own, with the prefix length of its link */
	uint16_t mtu;
	uint16_t rx_descriptors;
	uint16_t tx_descriptors;
};

struct config_route {
	struct prefix prefix; /* host bits are zero */
	be32 gateway;
};

struct config_home_network {
	enum agent_id agent;
	struct prefix prefix;	    /* host bits are zero */
	int port;		    /* index of the port whose link it is; -1: virtual */
	be32 pool_first, pool_last; /* dynamic home addresses, inclusive; 0: none */
};

enum replay_method {
	REPLAY_TIMESTAMPS,
	REPLAY_NONCES,
};

/* A mobility security association, RFC 5944 section 1.6. */
struct config_association {
	uint32_t spi; /* host order, above 255 */
	enum mip_auth_algorithm algorithm;
	struct secret key;
	enum replay_method replay;
	unsigned window_sec; /* timestamps only */
};

#define CONFIG_ASSOCIATIONS_MAX 4

/* A mobile node that a home agent serves. */
struct config_subscriber {
	enum agent_id agent;
	be32 home_address; /* 0: dynamic, from the home network's pool */
	char *nai;	   /* NULL: known by its home address only */
	struct config_association *associations;
	unsigned association_count; /* 1 to CONFIG_ASSOCIATIONS_MAX */
	bool ecn_compatible;	    /* its tunnel end knows RFC 2003 only */
	int line;		    /* where it stands in the file */
};

/* A foreign agent that shares a mobility security association with a home agent. */
struct config_foreign_agent {
	be32 address;
	struct config_association association;
	bool revocation; /* RFC 3543 with this agent */
};

enum reverse_tunnel_policy {
	REVERSE_TUNNEL_OFF, /* T is answered with 137 */
	REVERSE_TUNNEL_OPTIONAL,
	REVERSE_TUNNEL_REQUIRED, /* no T is answered with 138 */
};

struct config_agent {
	bool enabled;
	be32 address;
	unsigned lifetime_max_sec; /* 1 to 65534; a grant is never longer */
	unsigned simultaneous_max; /* care-of addresses a home address, 1: S not supported */
	enum reverse_tunnel_policy reverse_tunnel;
	bool gre, minimal_encapsulation;
	bool broadcasts;	/* B served */
	bool udp_tunnel;	/* RFC 3519 NAT traversal allowed */
	bool udp_tunnel_forced; /* F flag allowed */
	unsigned udp_keepalive_sec;
	unsigned udp_lifetime_max_sec;	 /* lifetime limit behind a NAT */
	bool strict_reserved_bits;	 /* r and x set: 134 instead of ignored */
	bool message_string;		 /* RFC 4917 text in denials */
	bool revocation;		 /* RFC 3543 */
	unsigned advertise_interval_sec; /* 0: Agent Advertisements only when solicited */
	struct prefix *trusted_networks; /* i-HA only */
	unsigned trusted_network_count;
};

enum fragment_policy {
	FRAGMENT_PRE,  /* before the innermost encapsulation */
	FRAGMENT_POST, /* the sealed packet */
	FRAGMENT_DROP,
};

enum df_policy {
	DF_COPY, /* to the outer header (RFC 4301 section 8.1) */
	DF_SET,
	DF_CLEAR,
};

#define CONFIG_TIA_NETWORKS_MAX 8

/* The VPN gateway. */
struct config_vpn {
	bool enabled;
	be32 address; /* external; neither home agent's nor a port's */
	struct prefix tia_networks[CONFIG_TIA_NETWORKS_MAX]; /* addresses valid out of an SA only */
	unsigned tia_network_count;
	unsigned sas_max;	/* security associations, both directions; a power of two */
	unsigned replay_window; /* packets, when charon asks for its default */
	enum fragment_policy fragment;
	enum df_policy df;
	bool mss_clamp;
	unsigned path_mtu_min; /* floor for what ICMP errors say */
	bool from_inside;      /* IKE and ESP accepted from internal ports, too */
};

/* charon and the link to it. */
struct config_ike {
	char socket[CONFIG_PATH_SIZE]; /* default: ike.sock in the runtime directory */
	bool supervise;		       /* homeport starts charon and starts it anew when it ends */
	char charon[CONFIG_PATH_SIZE]; /* program */
	char strongswan_conf
		[CONFIG_PATH_SIZE]; /* STRONGSWAN_CONF of the supervised charon; "": its own */
	char swanctl_directory
		[CONFIG_PATH_SIZE]; /* SWANCTL_DIR; "": no swanctl --load-all at start */
	unsigned uid;		    /* whom the socket lets in, besides root */
	unsigned grace_sec;	    /* how long SAs of a charon that died go on */
};

struct config_limits {
	unsigned bindings_max;
	unsigned auth_failure_replies_per_sec; /* 131 replies; as many of 133 */
	unsigned punt_registration_per_sec;    /* each a worker */
	unsigned punt_keepalive_per_sec;
	unsigned punt_icmp_per_sec;
	unsigned punt_icmp_error_per_sec;
	unsigned punt_arp_per_sec;
	unsigned punt_resolve_per_sec;
	unsigned punt_broadcast_per_sec;
	unsigned punt_ike_per_sec;
	unsigned reassembly_entries; /* packets in reassembly, a worker */
	unsigned reassembly_timeout_ms;
	unsigned log_per_sec; /* lines of one kind */
};

struct config {
	struct config_eal eal;
	struct config_port ports[CONFIG_PORTS_MAX];
	unsigned port_count;
	struct config_route *routes;
	unsigned route_count;
	struct config_agent agents[AGENT_COUNT];
	struct config_home_network *home_networks;
	unsigned home_network_count;
	struct config_subscriber *subscribers;
	unsigned subscriber_count;
	struct config_foreign_agent *foreign_agents;
	unsigned foreign_agent_count;
	struct config_vpn vpn;
	struct config_ike ike;
	struct config_limits limits;
	bool forward_external_to_internal;
	char runtime_directory[CONFIG_PATH_SIZE]; /* lock file; created 0700 */
};

struct config_error {
	char file[CONFIG_PATH_SIZE];
	int line;	/* 0: the file as a whole */
	char text[512]; /* key, what is wrong, what to do */
};

/*
 * Reads and checks the file at `path`. Control core or homeport --check.
 * Returns 0 and a configuration that config_unload() frees, or -errno and a filled-in `error`.
 */
int config_load(const char *path, struct config **config, struct config_error *error);

/* Wipes the keys and frees; NULL is fine. (libconfig has a config_destroy() of its own.) */
void config_unload(struct config *config);

#endif
