/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config.h"

#include "control/config_reader.h"
#include "control/config_scan.h"
#include "control/config_section.h"
#include "lib/log.h"

#include <errno.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands at the top level of the file. */
struct sections {
	const struct config_setting_t *eal;
	char runtime_directory[CONFIG_PATH_SIZE];
	const struct config_setting_t *ports;
	const struct config_setting_t *routes;
	const struct config_setting_t *agents[AGENT_COUNT];
	const struct config_setting_t *vpn;
	const struct config_setting_t *ike;
	const struct config_setting_t *home_networks;
	const struct config_setting_t *subscribers;
	const struct config_setting_t *foreign_agents;
	const struct config_setting_t *security;
	const struct config_setting_t *limits;
};

#define SECTION(section) offsetof(struct sections, section)

static const struct config_key keys[] = {
	{.name = "eal", .kind = CONFIG_KEY_GROUP, .offset = SECTION(eal)},
	{.name = "runtime_directory",
	 .kind = CONFIG_KEY_TEXT,
	 .offset = SECTION(runtime_directory),
	 .size = CONFIG_PATH_SIZE - CONFIG_NAME_SIZE, /* files in it have names */
	 .otherwise_text = "/run/homeport"},
	{.name = "ports", .kind = CONFIG_KEY_LIST, .offset = SECTION(ports)},
	{.name = "routes", .kind = CONFIG_KEY_LIST, .offset = SECTION(routes)},
	{.name = "x_ha", .kind = CONFIG_KEY_GROUP, .offset = SECTION(agents[AGENT_X_HA])},
	{.name = "i_ha", .kind = CONFIG_KEY_GROUP, .offset = SECTION(agents[AGENT_I_HA])},
	{.name = "vpn", .kind = CONFIG_KEY_GROUP, .offset = SECTION(vpn)},
	{.name = "ike", .kind = CONFIG_KEY_GROUP, .offset = SECTION(ike)},
	{.name = "home_networks", .kind = CONFIG_KEY_LIST, .offset = SECTION(home_networks)},
	{.name = "subscribers", .kind = CONFIG_KEY_LIST, .offset = SECTION(subscribers)},
	{.name = "foreign_agents", .kind = CONFIG_KEY_LIST, .offset = SECTION(foreign_agents)},
	{.name = "security", .kind = CONFIG_KEY_GROUP, .offset = SECTION(security)},
	{.name = "limits", .kind = CONFIG_KEY_GROUP, .offset = SECTION(limits)},
	{.name = NULL},
};

static int
read_runtime_directory(struct config_reader *reader, const struct config_setting_t *root,
		       const char *directory, struct config *config)
{
	if (directory[0] != '/')
		return config_reader_fail(
			reader, root, "runtime_directory",
			"an absolute path is expected, such as \"/run/homeport\"");
	snprintf(config->runtime_directory, sizeof(config->runtime_directory), "%s", directory);
	return 0;
}

/* Each role can be switched on alone; a box without any does nothing. */
static int
check_roles(struct config_reader *reader, const struct sections *sections)
{
	if (sections->agents[AGENT_X_HA] != NULL || sections->agents[AGENT_I_HA] != NULL ||
	    sections->vpn != NULL)
		return 0;
	return config_reader_fail(reader, NULL, NULL,
				  "neither a home agent nor the VPN gateway is enabled; add a "
				  "section \"x_ha\", \"i_ha\" or \"vpn\"");
}

/* Later sections are checked against earlier ones, so the order matters. */
static int
read_sections(struct config_reader *reader, const struct config_setting_t *root,
	      struct config *config)
{
	struct sections sections;
	int error = config_reader_group(reader, root, keys, NULL, &sections);

	if (error == 0)
		error = config_eal_read(reader, sections.eal, &config->eal);
	if (error == 0)
		error = read_runtime_directory(reader, root, sections.runtime_directory, config);
	if (error == 0)
		error = config_ports_read(reader, sections.ports, config);
	if (error == 0)
		error = check_roles(reader, &sections);
	if (error == 0)
		error = config_agents_read(reader, sections.agents, config);
	if (error == 0)
		error = config_vpn_read(reader, sections.vpn, config);
	if (error == 0)
		error = config_ike_read(reader, sections.ike, config);
	if (error == 0)
		error = config_routes_read(reader, sections.routes, config);
	if (error == 0)
		error = config_home_networks_read(reader, sections.home_networks, config);
	if (error == 0)
		error = config_subscribers_read(reader, sections.subscribers, config);
	if (error == 0)
		error = config_foreign_agents_read(reader, sections.foreign_agents, config);
	if (error == 0)
		error = config_limits_read(reader, sections.limits, &config->limits);
	if (error == 0)
		error = config_security_read(reader, sections.security, config);
	if (error == 0)
		error = config_check(reader, root, config);
	return error;
}

static int
fail_parse(struct config_reader *reader, const config_t *tree)
{
	const char *file = config_error_file(tree);

	if (config_error_type(tree) != CONFIG_ERR_PARSE)
		return config_reader_fail_at(reader, reader->path, 0, "cannot be read");
	return config_reader_fail_at(
		reader, file != NULL ? file : reader->path, config_error_line(tree),
		"%s; often a ';', a quote or a closing bracket is missing here "
		"or in the line before",
		config_error_text(tree));
}

static int
parse(struct config_reader *reader, struct config *config)
{
	config_t tree;
	int error;

	config_init(&tree);
	config_set_include_dir(&tree, reader->directory);
	if (config_read_file(&tree, reader->path) == CONFIG_TRUE)
		error = read_sections(reader, config_root_setting(&tree), config);
	else
		error = fail_parse(reader, &tree);
	config_destroy(&tree);
	return error;
}

static int
set_directory(struct config_reader *reader)
{
	const char *slash = strrchr(reader->path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - reader->path);

	if (strlen(reader->path) >= sizeof(reader->directory)) {
		config_reader_fail_at(reader, reader->path, 0,
				      "the path is too long, %zu bytes at most",
				      sizeof(reader->directory) - 1);
		return -ENAMETOOLONG;
	}
	if (len > 0)
		memcpy(reader->directory, reader->path, len);
	else
		reader->directory[0] = slash == NULL ? '.' : '/';
	return 0;
}

int
config_load(const char *path, struct config **config, struct config_error *error)
{
	struct config_reader reader = {.path = path, .error = error};
	struct config *loaded = calloc(1, sizeof(*loaded));
	int result = -ENOMEM;

	memset(error, 0, sizeof(*error));
	if (loaded != NULL)
		result = set_directory(&reader);
	if (result == 0)
		result = config_scan(&reader);
	if (result == 0)
		result = parse(&reader, loaded);
	if (reader.warning_count > CONFIG_WARNINGS_SHOWN)
		log_warnx("%s: %u more warnings are not shown", path,
			  reader.warning_count - CONFIG_WARNINGS_SHOWN);
	if (result < 0) {
		config_reader_fail_at(&reader, path, 0, "%s", strerror(-result));
		config_unload(loaded);
		return result;
	}
	*config = loaded;
	return 0;
}

static void
unload_subscriber(struct config_subscriber *subscriber)
{
	for (unsigned i = 0; i < subscriber->association_count; i++)
		secret_wipe(&subscriber->associations[i].key);
	free(subscriber->associations);
	free(subscriber->nai);
}

void
config_unload(struct config *config)
{
	if (config == NULL)
		return;
	for (unsigned i = 0; i < config->subscriber_count; i++)
		unload_subscriber(&config->subscribers[i]);
	for (unsigned i = 0; i < AGENT_COUNT; i++)
		free(config->agents[i].trusted_networks);
	if (config->foreign_agents != NULL)
		explicit_bzero(config->foreign_agents,
			       config->foreign_agent_count * sizeof(*config->foreign_agents));
	free(config->subscribers);
	free(config->foreign_agents);
	free(config->home_networks);
	free(config->routes);
	free(config);
}
