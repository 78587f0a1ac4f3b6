/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/config_file.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const lines[LINE_COUNT] = {
	[LINE_EAL] = "eal: { worker_cores = [1, 2]; };",
	[LINE_RUNTIME] = "runtime_directory = \"/run/homeport\";",
	[LINE_PORTS] =
		"ports = ( { name = \"outside\"; device = \"net_null0\"; role = \"external\"; "
		"address = \"203.0.113.1/24\"; }, { name = \"inside\"; device = "
		"\"net_null1\"; role = \"internal\"; address = \"10.1.0.1/16\"; } );",
	[LINE_ROUTES] = "routes = ( { prefix = \"0.0.0.0/0\"; gateway = \"203.0.113.254\"; } );",
	[LINE_X_HA] = "x_ha: { address = \"203.0.113.2\"; };",
	[LINE_I_HA] = "i_ha: { address = \"10.1.0.2\"; trusted_networks = [\"10.0.0.0/8\"]; };",
	[LINE_HOME_NETWORKS] =
		"home_networks = ( { agent = \"x-ha\"; prefix = \"198.51.100.0/24\"; virtual = "
		"true; "
		"pool = \"198.51.100.100-198.51.100.199\"; }, { agent = \"i-ha\"; prefix = "
		"\"10.1.0.0/16\"; port = \"inside\"; } );",
	[LINE_SUBSCRIBERS] =
		"subscribers = ( { agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = "
		"256; key = { ascii = \"0123456789abcdef\"; }; } );",
	[LINE_FOREIGN_AGENTS] =
		"foreign_agents = ( { address = \"192.0.2.1\"; spi = 300; key = { ascii "
		"= \"0123456789abcdef\"; }; } );",
	[LINE_SECURITY] = "security: { forward_external_to_internal = false; };",
	[LINE_LIMITS] = "limits: { bindings_max = 1000; };",
	[LINE_VPN] = "",
};

static char directory[64];
static char warnings[65536];

void __wrap_log_warnx(const char *format, ...);

void
__wrap_log_warnx(const char *format, ...)
{
	size_t used = strlen(warnings);
	va_list args;

	va_start(args, format);
	vsnprintf(warnings + used, sizeof(warnings) - used, format, args);
	va_end(args);
	used = strlen(warnings);
	snprintf(warnings + used, sizeof(warnings) - used, "\n");
}

const char *
config_warnings(void)
{
	return warnings;
}

void
config_files_begin(void)
{
	snprintf(directory, sizeof(directory), "/tmp/homeport-config-XXXXXX");
	if (mkdtemp(directory) == NULL)
		abort();
}

void
config_files_end(void)
{
	DIR *files = opendir(directory);
	struct dirent *entry;

	while (files != NULL && (entry = readdir(files)) != NULL) {
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(files), entry->d_name, 0);
	}
	if (files != NULL)
		closedir(files);
	rmdir(directory);
}

const char *
config_file_write(const char *name, const char *text, unsigned mode)
{
	static char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0 || chmod(path, mode) != 0)
		abort();
	return path;
}

int
config_text_load(const char *text, struct config **config, struct config_error *error)
{
	warnings[0] = '\0';
	return config_load(config_file_write("homeport.conf", text, 0600), config, error);
}

int
config_line_load(enum config_line line, const char *text, struct config **config,
		 struct config_error *error)
{
	char file[8192] = "";
	size_t used = 0;

	for (unsigned i = 0; i < LINE_COUNT; i++)
		used += (size_t)snprintf(file + used, sizeof(file) - used, "%s\n",
					 i == line ? text : lines[i]);
	assert_true(used < sizeof(file));
	return config_text_load(file, config, error);
}

static bool
case_holds(const struct config_case *expected)
{
	struct config_error error;
	struct config *config = NULL;
	int line = expected->offset == CONFIG_WHOLE_FILE
			   ? 0
			   : (int)expected->line + 1 + expected->offset;
	int result = config_line_load(expected->line, expected->text, &config, &error);

	if (result == 0) {
		print_error("loads: %s\n", expected->text);
		config_unload(config);
		return false;
	}
	if (result == -EINVAL || expected->text[0] == '@') {
		if (error.line == line && strstr(error.text, expected->expected) != NULL)
			return true;
	}
	print_error("%s\n  gives %d, line %d: %s\n  instead of line %d: %s\n", expected->text,
		    result, error.line, error.text, line, expected->expected);
	return false;
}

void
config_cases_check(const struct config_case *cases, size_t count)
{
	bool all_hold = true;

	for (size_t i = 0; i < count; i++)
		all_hold &= case_holds(&cases[i]);
	assert_true(all_hold);
}
