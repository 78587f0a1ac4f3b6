/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_CONFIG_H
#define MOBILE_MN_CONFIG_H

#include <net/if.h>
#include <stdbool.h>

#include "lib/log.h"
#include "lib/mip_auth.h"
#include "lib/prefix.h"
#include "lib/secret.h"
#include "lib/tunnel.h"
#include "lib/wire_eth.h"
#include "mobile/mn_foreign.h"

/*
 * The mobile node's configuration: parsed, checked, defaults filled in. homeport-mn.conf(5)
 * describes every key. Never changed after mn_config_load().
 */

#define MN_AGENTS_MAX 8
#define MN_INTERFACES_MAX 8
#define MN_TUNNEL_ROUTES_MAX 32
#define MN_ASSOCIATIONS_MAX 16
#define MN_NAME_SIZE 64
/* Room for the control socket's name behind it: sockaddr_un has 108 bytes. */
#define MN_DIRECTORY_SIZE 88
#define MN_SOCKET_PATH_SIZE 108

/* What a home agent is to its mobile (RFC 5265). An ordinary RFC 5944 home agent is an x-HA. */
enum mn_role {
	MN_ROLE_X_HA,
	MN_ROLE_I_HA, /* an answer with TNC proves that the mobile is inside */
};

/* "x-ha", "i-ha". */
const char *mn_role_name(enum mn_role role);

enum mn_replay {
	MN_REPLAY_TIMESTAMPS,
	MN_REPLAY_NONCES,
};

/* A home agent, and what to ask of it. */
struct mn_agent_config {
	char name[MN_NAME_SIZE];
	enum mn_role role;
	be32 address;
	bool discovery; /* `address` is the home network's broadcast (RFC 5944 section 3.6.1.2) */
	be32 home_address; /* 0: the home agent assigns one */
	char nai[MIP_NAI_SIZE_MAX + 1];
	uint32_t spi; /* host order, above 255 */
	enum mip_auth_algorithm algorithm;
	struct secret key;
	enum mn_replay replay;
	unsigned lifetime_sec;		/* 1 to 65535; 65535: for ever */
	unsigned monitor_sec;		/* i-HA only: T_MONITOR, RFC 5265 section 3.2.4 */
	unsigned monitor_grace_sec;	/* i-HA only: registers again so long before */
	bool udp_tunnel;		/* RFC 3519 */
	bool udp_tunnel_forced;		/* its F flag */
	bool reverse_tunnel;		/* T */
	bool reverse_tunnel_required;	/* and nothing without it: RFC 5266 section 3 */
	bool broadcasts;		/* B */
	bool simultaneous;		/* S */
	enum tunnel_kind encapsulation; /* TUNNEL_IPIP, TUNNEL_GRE or TUNNEL_MINENC */
};

struct mn_tun_config {
	char name[IFNAMSIZ];
	char external_name[IFNAMSIZ]; /* of the x-HAs' home addresses; empty: `name`, too */
	unsigned mtu;		      /* 0: what the link and the tunnel leave */
};

struct mn_routing_config {
	struct prefix prefixes[MN_TUNNEL_ROUTES_MAX]; /* host bits are zero */
	unsigned count;
	uint32_t table;		/* and the next one */
	uint32_t rule_priority; /* and the next one */
	/* no registration: programs that have not chosen an address use the care-of address */
	bool direct_when_offline;
};

struct mn_timing_config {
	unsigned retransmit_initial_ms; /* at least 1000: RFC 5944 section 3.6.3 */
	unsigned retransmit_max_sec;
	unsigned probe_interval_sec; /* towards an i-HA that is silent while an x-HA serves */
	unsigned settle_ms;	     /* from the last change of an interface to the registration */
	unsigned drain_ms;	     /* the old interface still receives, after a move */
	unsigned failover_ms;	     /* asking in vain, before the next interface asks, too */
	unsigned exit_wait_ms;	     /* for the reply to the deregistration */
};

#define MN_HINTS_MAX 16
#define MN_DOMAIN_SIZE 254
#define MN_PATH_SIZE 256

/* Signs that an interface may be inside, RFC 5265 section 3.5. */
struct mn_hint_config {
	uint8_t gateways[MN_HINTS_MAX][ETH_ADDRESS_SIZE];
	unsigned gateway_count;
	char domains[MN_HINTS_MAX][MN_DOMAIN_SIZE];
	unsigned domain_count;
	char domain_file[MN_PATH_SIZE];		   /* what the DHCP client writes */
	char realms[MN_HINTS_MAX][MN_DOMAIN_SIZE]; /* of foreign agents' NAIs */
	unsigned realm_count;
	unsigned period_ms; /* so long only i-HAs are asked then */
};

/* Detection of the internal network, RFC 5265 section 3.3. */
struct mn_detect_config {
	struct mn_hint_config hints;
	bool idle;	    /* without traffic, no re-registration within T_MONITOR */
	unsigned period_ms; /* an x-HA's acceptance waits so long for an i-HA's */
};

/* User packets that wait while none may pass. */
struct mn_queue_config {
	unsigned packets; /* at most; 0: they are dropped */
	unsigned age_ms;  /* older ones are dropped */
};

struct mn_keepalive_config {
	unsigned interval_sec;	   /* when the home agent leaves it to us */
	unsigned interval_min_sec; /* at least 10: RFC 3519 section 4.10 */
	unsigned answer_ms;	   /* how long an answer may take */
	unsigned attempts;	   /* unanswered in a row: the NAT's mapping is lost */
};

/* The address that IKE runs from. */
enum mn_vpn_outer {
	MN_VPN_OUTER_X_HA,   /* the x-HA's home address: modes cvc and fvc of RFC 5265 */
	MN_VPN_OUTER_MOBIKE, /* the care-of address: mode mc of RFC 5266 */
};
#define MN_VPN_OUTER_COUNT 2

/* "x-ha", "mobike". */
const char *mn_vpn_outer_name(enum mn_vpn_outer outer);

/* What becomes of the VPN inside. */
enum mn_vpn_inside {
	MN_VPN_INSIDE_KEEP, /* its SAs stay, without user data; MN_VPN_OUTER_MOBIKE only */
	MN_VPN_INSIDE_TERMINATE,
};

/* The VPN, whose IKE is charon's. */
struct mn_vpn_config {
	bool is_set;
	/* as in swanctl.conf(5): for each address that IKE may run from its connection, empty where it may not */
	char connections[MN_VPN_OUTER_COUNT][MN_NAME_SIZE];
	char child[MN_NAME_SIZE];
	char socket[MN_SOCKET_PATH_SIZE]; /* VICI */
	enum mn_vpn_inside inside;
	unsigned delay_ms; /* mode mc: so long home agents may answer before it dials */
	unsigned connect_sec;
	unsigned retry_initial_ms, retry_max_sec;
	bool external_traffic; /* programs may use the x-HAs' home addresses, without the VPN */
};

#define MN_DNS_SERVERS_MAX 3 /* as resolv.conf(5) has it */
#define MN_DNS_DOMAINS_MAX 6

enum mn_dns_method {
	MN_DNS_AUTO, /* the first of the following that is there */
	MN_DNS_RESOLVECTL,
	MN_DNS_RESOLVCONF,
	MN_DNS_FILE,
};

/* Name servers while user data passes to and from an i-HA's home address. */
struct mn_dns_config {
	be32 servers[MN_DNS_SERVERS_MAX];
	unsigned server_count; /* 0: DNS is left alone */
	char search[MN_DNS_DOMAINS_MAX][MN_DOMAIN_SIZE];
	unsigned search_count;
	enum mn_dns_method method;
	char file[MN_PATH_SIZE];
};

struct mn_config {
	struct mn_agent_config agents[MN_AGENTS_MAX];
	unsigned agent_count;
	char interfaces[MN_INTERFACES_MAX][IFNAMSIZ]; /* in order of preference */
	enum mn_foreign_use foreign_use[MN_INTERFACES_MAX];
	bool no_home_link[MN_INTERFACES_MAX]; /* home links are treated like any other */
	unsigned interface_count;
	struct mn_foreign_association associations[MN_ASSOCIATIONS_MAX]; /* with foreign agents */
	unsigned association_count;
	struct mn_tun_config tun;
	struct mn_routing_config routing;
	struct mn_timing_config timing;
	struct mn_detect_config detect;
	struct mn_queue_config queue;
	struct mn_keepalive_config keepalive;
	struct mn_vpn_config vpn;
	struct mn_dns_config dns;
	enum log_level log_level;
	char runtime_directory[MN_DIRECTORY_SIZE];
	char control_socket[MN_SOCKET_PATH_SIZE]; /* in the runtime directory */
};

#define MN_DEFAULT_CONTROL_SOCKET "/run/homeport-mn/control.sock"

struct mn_config_error {
	char file[256];
	int line;	/* 0: the file as a whole */
	char text[384]; /* key, what is wrong, what to do */
};

/*
 * Reads and checks the file at `path`. Before the event loop starts. Returns 0 and a configuration
 * that mn_config_destroy() frees, or -errno and a filled-in `error`.
 */
int mn_config_load(const char *path, struct mn_config **config, struct mn_config_error *error);

/* Wipes the keys and frees; NULL is fine. */
void mn_config_destroy(struct mn_config *config);

#endif
