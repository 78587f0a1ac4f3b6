/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_CONFIG_H
#define MOBILE_FA_CONFIG_H

#include <net/if.h>
#include <stdbool.h>

#include "lib/agent_advertisement.h"
#include "lib/log.h"
#include "lib/mip_auth.h"
#include "lib/wire_mip.h"
#include "mobile/mn_config.h"

#define FA_ASSOCIATIONS_MAX 4096

/* With a home agent (address), or with a mobile node (home address or NAI). */
struct fa_association {
	be32 address; /* 0: known by nai */
	char nai[MIP_NAI_SIZE_MAX + 1];
	uint32_t spi;
	enum mip_auth_algorithm algorithm;
	struct secret key;
};

struct fa_associations {
	struct fa_association *list;
	unsigned count;
};

enum fa_reverse_tunnel {
	FA_REVERSE_NONE,
	FA_REVERSE_OPTIONAL,
	FA_REVERSE_MANDATORY,
};

struct fa_limits_config {
	unsigned visitors_max;
	unsigned pending_max;
	unsigned pending_sec; /* until a home agent is given up, code 78 */
	unsigned lifetime_max_sec;
};

struct fa_tunnels_config {
	unsigned reverse; /* enum fa_reverse_tunnel */
	bool gre;
	bool minimal;
	bool encapsulating_delivery;
	bool udp;	 /* ask home agents for RFC 3519 tunnels, in case there is a NAT ... */
	bool udp_forced; /* ... or even if there is none */
};

struct fa_advertise_config {
	unsigned interval_sec;
	unsigned solicited_per_sec;
	bool registration_required; /* R */
	char nai[AGENT_NAI_LEN_MAX + 1];
};

struct fa_challenge_config {
	bool required;
	unsigned window;
};

struct fa_revocation_config {
	bool offer;
	bool home_agent_decides; /* I: whether a mobile is told */
	unsigned stop_sec;	 /* how long we wait for home agents when we leave */
};

struct fa_config {
	char visitor_interface[IFNAMSIZ];
	char uplink[IFNAMSIZ];
	be32 care_of;
	struct fa_limits_config limits;
	struct fa_tunnels_config tunnels;
	struct mn_keepalive_config keepalive;
	struct fa_advertise_config advertise;
	struct fa_challenge_config challenge;
	struct fa_revocation_config revocation;
	struct fa_associations home_agents;
	struct fa_associations mobiles;
	char tun_name[IFNAMSIZ];
	unsigned table;
	unsigned rule_priority;
	enum log_level log_level;
	char runtime_directory[MN_DIRECTORY_SIZE];
	char control_socket[MN_SOCKET_PATH_SIZE]; /* in the runtime directory */
};

#define FA_DEFAULT_CONTROL_SOCKET "/run/homeport-fa/control.sock"

/* Reads and checks the file at `path`. Before the event loop starts. 0 and a configuration that
 * fa_config_destroy() frees, or -errno and a filled-in `error`. */
int fa_config_load(const char *path, struct fa_config **config, struct mn_config_error *error);

/* Wipes the keys and frees; NULL is fine. */
void fa_config_destroy(struct fa_config *config);

#endif
