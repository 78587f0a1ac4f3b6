/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mobile/config_agent.h"
#include "mobile/config_detect.h"
#include "mobile/config_interface.h"
#include "mobile/config_reader.h"
#include "mobile/config_vpn.h"

const char *
mn_role_name(enum mn_role role)
{
	return role == MN_ROLE_I_HA ? "i-ha" : "x-ha";
}

static void
set_defaults(struct mn_config *config)
{
	*config = (struct mn_config){
		.tun = {.name = "hp0"},
		.routing = {.count = 1, .table = 434, .rule_priority = 4340},
		.timing =
			{
				.retransmit_initial_ms = 1000,
				.retransmit_max_sec = 30,
				.probe_interval_sec = 300,
				.settle_ms = 100,
				.drain_ms = 500,
				.failover_ms = 2000,
				.exit_wait_ms = 3000,
			},
		.detect = {.hints = {.domain_file = "/etc/resolv.conf", .period_ms = 1500}},
		.queue = {.packets = 64, .age_ms = 5000},
		.keepalive =
			{
				.interval_sec = 110,
				.interval_min_sec = 10,
				.answer_ms = 2000,
				.attempts = 3,
			},
		.vpn =
			{
				.child = "net",
				.socket = "/run/charon.vici",
				.connect_sec = 30,
				.retry_initial_ms = 1000,
				.retry_max_sec = 60,
			},
		.dns = {.file = "/etc/resolv.conf"},
		.log_level = LOG_LEVEL_INFO,
		.runtime_directory = "/run/homeport-mn",
	};
}

static void
read_tun(struct config_reader *reader, const config_setting_t *root, struct mn_config *config)
{
	static const char *const known[] = {"name", "external_name", "mtu", NULL};
	config_setting_t *group = config_reader_member(reader, root, "tun", CONFIG_TYPE_GROUP);

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	config_reader_string(reader, group, "name", config->tun.name, sizeof(config->tun.name));
	config_reader_string(reader, group, "external_name", config->tun.external_name,
			     sizeof(config->tun.external_name));
	if (strpbrk(config->tun.name, "/% ") != NULL ||
	    strpbrk(config->tun.external_name, "/% ") != NULL)
		config_reader_fail(
			reader, group,
			"tun: name and external_name must not contain '/', '%%' or spaces");
	if (strcmp(config->tun.name, config->tun.external_name) == 0)
		config_reader_fail(reader, group, "tun.external_name: must differ from tun.name");
	if (config_setting_get_member(group, "mtu") != NULL)
		config_reader_unsigned(reader, group, "mtu", 576, 9000, &config->tun.mtu);
}

static void
read_prefixes(struct config_reader *reader, config_setting_t *array,
	      struct mn_routing_config *routing)
{
	unsigned count = (unsigned)config_setting_length(array);

	if (count > MN_TUNNEL_ROUTES_MAX) {
		config_reader_fail(reader, array, "tunnel_routes: more than %u",
				   MN_TUNNEL_ROUTES_MAX);
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		const char *text = config_setting_get_string_elem(array, (int)i);
		struct prefix *prefix = &routing->prefixes[i];

		if (text == NULL || prefix_parse(text, prefix) != 0) {
			config_reader_fail(reader, array,
					   "tunnel_routes: entry %u is not a prefix like "
					   "\"192.0.2.0/24\"",
					   i + 1);
			return;
		}
		if (prefix_network(*prefix) != prefix->address) {
			config_reader_fail(reader, array, "tunnel_routes: %.20s has host bits set",
					   text);
			return;
		}
	}
	routing->count = count;
}

static void
read_routing(struct config_reader *reader, const config_setting_t *root, struct mn_config *config)
{
	static const char *const known[] = {"tunnel_routes", "table", "rule_priority",
					    "direct_when_offline", NULL};
	struct mn_routing_config *routing = &config->routing;
	config_setting_t *group = config_reader_member(reader, root, "routing", CONFIG_TYPE_GROUP);
	config_setting_t *array;

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	array = config_reader_member(reader, group, "tunnel_routes", CONFIG_TYPE_ARRAY);
	if (array != NULL)
		read_prefixes(reader, array, routing);
	config_reader_unsigned(reader, group, "table", 256, INT32_MAX - 1, &routing->table);
	config_reader_unsigned(reader, group, "rule_priority", 1, 32764, &routing->rule_priority);
	config_reader_bool(reader, group, "direct_when_offline", &routing->direct_when_offline);
}

static void
read_timing(struct config_reader *reader, const config_setting_t *root, struct mn_config *config)
{
	static const char *const known[] = {"retransmit_initial_ms",
					    "retransmit_max_sec",
					    "probe_interval_sec",
					    "settle_ms",
					    "drain_ms",
					    "failover_ms",
					    "exit_wait_ms",
					    NULL};
	struct mn_timing_config *timing = &config->timing;
	config_setting_t *group = config_reader_member(reader, root, "timing", CONFIG_TYPE_GROUP);

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	config_reader_unsigned(reader, group, "retransmit_initial_ms", 1000, 60000,
			       &timing->retransmit_initial_ms);
	config_reader_unsigned(reader, group, "retransmit_max_sec", 1, 3600,
			       &timing->retransmit_max_sec);
	config_reader_unsigned(reader, group, "probe_interval_sec", 1, 86400,
			       &timing->probe_interval_sec);
	config_reader_unsigned(reader, group, "settle_ms", 0, 10000, &timing->settle_ms);
	config_reader_unsigned(reader, group, "drain_ms", 0, 10000, &timing->drain_ms);
	config_reader_unsigned(reader, group, "failover_ms", 0, 60000, &timing->failover_ms);
	config_reader_unsigned(reader, group, "exit_wait_ms", 0, 30000, &timing->exit_wait_ms);
}

static void
read_queue(struct config_reader *reader, const config_setting_t *root, struct mn_config *config)
{
	static const char *const known[] = {"packets", "age_ms", NULL};
	config_setting_t *group = config_reader_member(reader, root, "queue", CONFIG_TYPE_GROUP);

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	config_reader_unsigned(reader, group, "packets", 0, 4096, &config->queue.packets);
	config_reader_unsigned(reader, group, "age_ms", 1, 60000, &config->queue.age_ms);
}

static void
read_keepalive(struct config_reader *reader, const config_setting_t *root, struct mn_config *config)
{
	static const char *const known[] = {"interval_sec", "interval_min_sec", "answer_ms",
					    "attempts", NULL};
	struct mn_keepalive_config *keepalive = &config->keepalive;
	config_setting_t *group =
		config_reader_member(reader, root, "keepalive", CONFIG_TYPE_GROUP);

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	config_reader_unsigned(reader, group, "interval_sec", 10, 65535, &keepalive->interval_sec);
	config_reader_unsigned(reader, group, "interval_min_sec", 10, 65535,
			       &keepalive->interval_min_sec);
	config_reader_unsigned(reader, group, "answer_ms", 200, 10000, &keepalive->answer_ms);
	config_reader_unsigned(reader, group, "attempts", 1, 10, &keepalive->attempts);
	if (keepalive->interval_min_sec > keepalive->interval_sec)
		config_reader_fail(reader, group,
				   "keepalive.interval_min_sec: %u is more than interval_sec (%u)",
				   keepalive->interval_min_sec, keepalive->interval_sec);
}

static void
read_runtime(struct config_reader *reader, const config_setting_t *root, struct mn_config *config)
{
	static const char *const levels[] = {"error", "warning", "info", "debug"};
	unsigned level = config->log_level;

	config_reader_word(reader, root, "log_level", levels, 4, &level);
	config->log_level = (enum log_level)level;
	config_reader_string(reader, root, "runtime_directory", config->runtime_directory,
			     sizeof(config->runtime_directory));
	if (config->runtime_directory[0] != '/')
		config_reader_fail(reader, config_setting_get_member(root, "runtime_directory"),
				   "runtime_directory: must begin with '/'");
	snprintf(config->control_socket, sizeof(config->control_socket), "%s/control.sock",
		 config->runtime_directory);
}

static void
read_root(struct config_reader *reader, const config_setting_t *root, struct mn_config *config)
{
	static const char *const known[] = {
		"home_agents", "foreign_agents", "interfaces",	      "tun",   "routing",
		"timing",      "detect",	 "keepalive",	      "queue", "vpn",
		"dns",	       "log_level",	 "runtime_directory", NULL};

	config_reader_check_keys(reader, root, known);
	config_agents_read(reader, root, config);
	config_interfaces_read(reader, root, config);
	config_associations_read(reader, root, config);
	read_tun(reader, root, config);
	config_vpn_read(reader, root, config);
	read_routing(reader, root, config);
	read_timing(reader, root, config);
	config_detect_read(reader, root, &config->detect);
	read_queue(reader, root, config);
	read_keepalive(reader, root, config);
	config_dns_read(reader, root, &config->dns);
	read_runtime(reader, root, config);
}

int
mn_config_load(const char *path, struct mn_config **config_out, struct mn_config_error *error)
{
	struct config_reader reader = {.error = error, .manual = "homeport-mn.conf(5)"};
	struct mn_config *config;
	config_t file;
	int result;

	*error = (struct mn_config_error){0};
	snprintf(error->file, sizeof(error->file), "%s", path);
	config = malloc(sizeof(*config));
	if (config == NULL)
		return -ENOMEM;
	set_defaults(config);
	config_init(&file);
	errno = 0;
	result = config_reader_parse(&file, path, error);
	if (result == 0) {
		read_root(&reader, config_root_setting(&file), config);
		result = reader.result;
	}
	config_destroy(&file);
	if (result != 0) {
		mn_config_destroy(config);
		return result;
	}
	*config_out = config;
	return 0;
}

void
mn_config_destroy(struct mn_config *config)
{
	if (config == NULL)
		return;
	for (unsigned i = 0; i < MN_AGENTS_MAX; i++)
		secret_wipe(&config->agents[i].key);
	for (unsigned i = 0; i < MN_ASSOCIATIONS_MAX; i++)
		secret_wipe(&config->associations[i].key);
	free(config);
}
