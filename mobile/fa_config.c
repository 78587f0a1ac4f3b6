/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ip_check.h"
#include "lib/nai.h"
#include "mobile/config_key.h"
#include "mobile/config_reader.h"
#include "mobile/fa_challenge.h"

static void
set_defaults(struct fa_config *config)
{
	*config = (struct fa_config){
		.limits =
			{
				.visitors_max = 1000,
				.pending_max = 64,
				.pending_sec = 7,
				.lifetime_max_sec = 1800,
			},
		.tunnels =
			{
				.reverse = FA_REVERSE_OPTIONAL,
				.gre = true,
				.minimal = true,
				.encapsulating_delivery = true,
			},
		.keepalive =
			{
				.interval_sec = 110,
				.interval_min_sec = 10,
				.answer_ms = 2000,
				.attempts = 3,
			},
		.advertise =
			{
				.interval_sec = 1,
				.solicited_per_sec = 20,
				.registration_required = true,
			},
		.challenge = {.required = false, .window = 2},
		.revocation = {.offer = true, .home_agent_decides = true, .stop_sec = 5},
		.tun_name = "hpfa0",
		.table = 436,
		.rule_priority = 4360,
		.log_level = LOG_LEVEL_INFO,
		.runtime_directory = "/run/homeport-fa",
	};
}

static void
read_limits(struct config_reader *reader, const config_setting_t *root,
	    struct fa_limits_config *limits)
{
	static const char *const known[] = {"visitors_max", "pending_max", "pending_sec",
					    "lifetime_max_sec", NULL};
	config_setting_t *group = config_reader_member(reader, root, "limits", CONFIG_TYPE_GROUP);

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	config_reader_unsigned(reader, group, "visitors_max", 1, 10000, &limits->visitors_max);
	config_reader_unsigned(reader, group, "pending_max", 1, 1000, &limits->pending_max);
	config_reader_unsigned(reader, group, "pending_sec", 1, 60, &limits->pending_sec);
	config_reader_unsigned(reader, group, "lifetime_max_sec", 10, 65535,
			       &limits->lifetime_max_sec);
}

static void
read_tunnels(struct config_reader *reader, const config_setting_t *root, struct fa_config *config)
{
	static const char *const known[] = {
		"reverse", "gre",	 "minimal",	      "encapsulating_delivery",
		"udp",	   "udp_forced", "udp_keepalive_sec", NULL};
	struct fa_tunnels_config *tunnels = &config->tunnels;
	static const char *const reverse[] = {"none", "optional", "mandatory"};
	config_setting_t *group = config_reader_member(reader, root, "tunnels", CONFIG_TYPE_GROUP);

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	config_reader_word(reader, group, "reverse", reverse, 3, &tunnels->reverse);
	config_reader_bool(reader, group, "gre", &tunnels->gre);
	config_reader_bool(reader, group, "minimal", &tunnels->minimal);
	config_reader_bool(reader, group, "encapsulating_delivery",
			   &tunnels->encapsulating_delivery);
	config_reader_bool(reader, group, "udp", &tunnels->udp);
	config_reader_bool(reader, group, "udp_forced", &tunnels->udp_forced);
	config_reader_unsigned(reader, group, "udp_keepalive_sec", 10, 65535,
			       &config->keepalive.interval_sec);
	if (tunnels->udp_forced && !tunnels->udp)
		config_reader_fail(reader, group, "udp_forced: needs udp = true");
}

static void
read_advertise(struct config_reader *reader, const config_setting_t *root,
	       struct fa_advertise_config *advertise)
{
	static const char *const known[] = {"interval_sec", "solicited_per_sec",
					    "registration_required", "nai", NULL};
	config_setting_t *group =
		config_reader_member(reader, root, "advertise", CONFIG_TYPE_GROUP);

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	config_reader_unsigned(reader, group, "interval_sec", 1, 600, &advertise->interval_sec);
	config_reader_unsigned(reader, group, "solicited_per_sec", 1, 1000,
			       &advertise->solicited_per_sec);
	config_reader_bool(reader, group, "registration_required",
			   &advertise->registration_required);
	config_reader_string(reader, group, "nai", advertise->nai, sizeof(advertise->nai));
	if (advertise->nai[0] != '\0' && (strchr(advertise->nai, '@') == NULL ||
					  !nai_is_valid(advertise->nai, strlen(advertise->nai))))
		config_reader_fail(reader, group,
				   "nai: not of the form \"agent@realm\" (RFC 4282)");
}

static void
read_challenge(struct config_reader *reader, const config_setting_t *root,
	       struct fa_challenge_config *challenge)
{
	static const char *const known[] = {"required", "window", NULL};
	config_setting_t *group =
		config_reader_member(reader, root, "challenge", CONFIG_TYPE_GROUP);

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	config_reader_bool(reader, group, "required", &challenge->required);
	config_reader_unsigned(reader, group, "window", 2, FA_CHALLENGE_WINDOW_MAX,
			       &challenge->window);
}

static void
read_revocation(struct config_reader *reader, const config_setting_t *root,
		struct fa_config *config)
{
	static const char *const known[] = {"offer", "home_agent_decides", "stop_sec", NULL};
	struct fa_revocation_config *revocation = &config->revocation;
	config_setting_t *group =
		config_reader_member(reader, root, "revocation", CONFIG_TYPE_GROUP);

	if (group != NULL) {
		config_reader_check_keys(reader, group, known);
		config_reader_bool(reader, group, "offer", &revocation->offer);
		config_reader_bool(reader, group, "home_agent_decides",
				   &revocation->home_agent_decides);
		config_reader_unsigned(reader, group, "stop_sec", 0, 60, &revocation->stop_sec);
	}
	/* RFC 3543 section 4.3.1: who may pass us by cannot be revoked by us */
	if (!config->advertise.registration_required)
		revocation->offer = false;
}

static void
read_home_agent(struct config_reader *reader, const config_setting_t *group,
		struct fa_association *association)
{
	static const char *const known[] = {"address", "spi", "algorithm", "key", NULL};

	config_reader_check_keys(reader, group, known);
	config_reader_address(reader, group, "address", &association->address);
	if (ip_source_is_martian(association->address))
		config_reader_fail(reader, group, "address: must be the home agent's address");
	config_reader_security(reader, group, &association->spi, &association->algorithm,
			       &association->key);
}

static void
read_mobile(struct config_reader *reader, const config_setting_t *group,
	    struct fa_association *association)
{
	static const char *const known[] = {"home_address", "nai", "spi", "algorithm", "key", NULL};

	config_reader_check_keys(reader, group, known);
	config_reader_address(reader, group, "home_address", &association->address);
	config_reader_string(reader, group, "nai", association->nai, sizeof(association->nai));
	if (association->nai[0] != '\0' &&
	    !nai_is_valid(association->nai, strlen(association->nai)))
		config_reader_fail(reader, group, "nai: not of the form \"user@realm\" (RFC 4282)");
	if (association->nai[0] == '\0' && ip_source_is_martian(association->address))
		config_reader_fail(reader, group,
				   "home_address: give the mobile's home address, or its nai");
	config_reader_security(reader, group, &association->spi, &association->algorithm,
			       &association->key);
}

static void
read_associations(struct config_reader *reader, const config_setting_t *root, const char *key,
		  void (*read)(struct config_reader *, const config_setting_t *,
			       struct fa_association *),
		  struct fa_associations *associations)
{
	config_setting_t *list;
	unsigned count = config_reader_groups(reader, root, key, FA_ASSOCIATIONS_MAX, &list);

	if (count == 0)
		return;
	associations->list = calloc(count, sizeof(*associations->list));
	if (associations->list == NULL) {
		config_reader_fail(reader, list, "%s: out of memory", key);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		read(reader, config_setting_get_elem(list, i), &associations->list[i]);
	associations->count = count;
}

static void
read_place(struct config_reader *reader, const config_setting_t *root, struct fa_config *config)
{
	config_reader_string(reader, root, "visitor_interface", config->visitor_interface,
			     sizeof(config->visitor_interface));
	config_reader_string(reader, root, "uplink", config->uplink, sizeof(config->uplink));
	if (config->visitor_interface[0] == '\0' || config->uplink[0] == '\0')
		config_reader_fail(reader, root,
				   "visitor_interface, uplink: name both, as in \"eth0\"");
	if (strcmp(config->visitor_interface, config->uplink) == 0)
		config_reader_fail(reader, root, "uplink: must not be the visitor_interface");
	config_reader_address(reader, root, "care_of_address", &config->care_of);
	if (ip_source_is_martian(config->care_of))
		config_reader_fail(reader, root,
				   "care_of_address: must be an address of this host");
}

static void
read_runtime(struct config_reader *reader, const config_setting_t *root, struct fa_config *config)
{
	static const char *const levels[] = {"error", "warning", "info", "debug"};
	unsigned level = config->log_level;

	config_reader_string(reader, root, "tun", config->tun_name, sizeof(config->tun_name));
	config_reader_unsigned(reader, root, "table", 256, 2147483646, &config->table);
	config_reader_unsigned(reader, root, "rule_priority", 1, 32765, &config->rule_priority);
	config_reader_word(reader, root, "log_level", levels, 4, &level);
	config->log_level = (enum log_level)level;
	config_reader_string(reader, root, "runtime_directory", config->runtime_directory,
			     sizeof(config->runtime_directory));
	if (config->runtime_directory[0] != '/')
		config_reader_fail(reader, root, "runtime_directory: must begin with '/'");
	snprintf(config->control_socket, sizeof(config->control_socket), "%s/control.sock",
		 config->runtime_directory);
}

static void
read_root(struct config_reader *reader, const config_setting_t *root, struct fa_config *config)
{
	static const char *const known[] = {"visitor_interface",
					    "uplink",
					    "care_of_address",
					    "limits",
					    "tunnels",
					    "advertise",
					    "challenge",
					    "revocation",
					    "home_agents",
					    "mobiles",
					    "tun",
					    "table",
					    "rule_priority",
					    "log_level",
					    "runtime_directory",
					    NULL};

	config_reader_check_keys(reader, root, known);
	read_place(reader, root, config);
	read_limits(reader, root, &config->limits);
	read_tunnels(reader, root, config);
	read_advertise(reader, root, &config->advertise);
	read_challenge(reader, root, &config->challenge);
	read_revocation(reader, root, config);
	read_associations(reader, root, "home_agents", read_home_agent, &config->home_agents);
	read_associations(reader, root, "mobiles", read_mobile, &config->mobiles);
	read_runtime(reader, root, config);
}

int
fa_config_load(const char *path, struct fa_config **config_out, struct mn_config_error *error)
{
	struct config_reader reader = {.error = error, .manual = "homeport-fa.conf(5)"};
	struct fa_config *config;
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
		fa_config_destroy(config);
		return result;
	}
	*config_out = config;
	return 0;
}

static void
associations_free(struct fa_associations *associations)
{
	for (unsigned i = 0; i < associations->count; i++)
		secret_wipe(&associations->list[i].key);
	free(associations->list);
}

void
fa_config_destroy(struct fa_config *config)
{
	if (config == NULL)
		return;
	associations_free(&config->home_agents);
	associations_free(&config->mobiles);
	free(config);
}
