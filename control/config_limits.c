/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_reader.h"
#include "control/config_section.h"

static const struct config_key limit_keys[] = {
	{.name = "bindings_max",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, bindings_max),
	 .least = 1,
	 .most = 16777216,
	 .otherwise = 100000},
	{.name = "auth_failure_replies_per_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, auth_failure_replies_per_sec),
	 .least = 0,
	 .most = 1000000,
	 .otherwise = 100},
	{.name = "punt_registration_per_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, punt_registration_per_sec),
	 .least = 1,
	 .most = 10000000,
	 .otherwise = 100000},
	{.name = "punt_keepalive_per_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, punt_keepalive_per_sec),
	 .least = 1,
	 .most = 10000000,
	 .otherwise = 10000},
	{.name = "punt_icmp_per_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, punt_icmp_per_sec),
	 .least = 1,
	 .most = 10000000,
	 .otherwise = 1000},
	{.name = "punt_icmp_error_per_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, punt_icmp_error_per_sec),
	 .least = 1,
	 .most = 10000000,
	 .otherwise = 1000},
	{.name = "punt_arp_per_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, punt_arp_per_sec),
	 .least = 1,
	 .most = 10000000,
	 .otherwise = 1000},
	{.name = "punt_resolve_per_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, punt_resolve_per_sec),
	 .least = 1,
	 .most = 10000000,
	 .otherwise = 1000},
	{.name = "punt_broadcast_per_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, punt_broadcast_per_sec),
	 .least = 1,
	 .most = 10000000,
	 .otherwise = 1000},
	{.name = "punt_ike_per_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, punt_ike_per_sec),
	 .least = 1,
	 .most = 10000000,
	 .otherwise = 5000},
	{.name = "reassembly_entries",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, reassembly_entries),
	 .least = 16,
	 .most = 1048576,
	 .otherwise = 4096},
	{.name = "reassembly_timeout_ms",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, reassembly_timeout_ms),
	 .least = 100,
	 .most = 60000,
	 .otherwise = 2000},
	{.name = "log_per_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct config_limits, log_per_sec),
	 .least = 1,
	 .most = 10000,
	 .otherwise = 10},
	{.name = NULL},
};

static const struct config_key security_keys[] = {
	{.name = "forward_external_to_internal",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = offsetof(struct config, forward_external_to_internal)},
	{.name = NULL},
};

int
config_limits_read(struct config_reader *reader, const struct config_setting_t *section,
		   struct config_limits *limits)
{
	return config_reader_group(reader, section, limit_keys, NULL, limits);
}

int
config_security_read(struct config_reader *reader, const struct config_setting_t *section,
		     struct config *config)
{
	return config_reader_group(reader, section, security_keys, NULL, config);
}
