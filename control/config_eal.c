/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_reader.h"
#include "control/config_section.h"

#include <errno.h>
#include <string.h>

#define CPU_MAX 1023

struct eal_values {
	unsigned main_core;
	bool huge_pages;
	unsigned memory_mb;
	char file_prefix[CONFIG_NAME_SIZE];
	unsigned buffers;
	bool idle_sleep;
	const struct config_setting_t *worker_cores;
	const struct config_setting_t *extra;
};

static const struct config_key keys[] = {
	{.name = "main_core",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct eal_values, main_core),
	 .most = CPU_MAX},
	{.name = "worker_cores",
	 .kind = CONFIG_KEY_LIST,
	 .offset = offsetof(struct eal_values, worker_cores)},
	{.name = "huge_pages",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = offsetof(struct eal_values, huge_pages),
	 .otherwise = true},
	{.name = "memory_mb",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct eal_values, memory_mb),
	 .most = 1 << 20},
	{.name = "file_prefix",
	 .kind = CONFIG_KEY_TEXT,
	 .offset = offsetof(struct eal_values, file_prefix),
	 .size = CONFIG_NAME_SIZE,
	 .otherwise_text = "homeport"},
	{.name = "buffers",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct eal_values, buffers),
	 .least = 1024,
	 .most = 1 << 24,
	 .otherwise = 16384},
	{.name = "idle_sleep",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = offsetof(struct eal_values, idle_sleep)},
	{.name = "extra", .kind = CONFIG_KEY_LIST, .offset = offsetof(struct eal_values, extra)},
	{.name = NULL},
};

static int
read_worker_cores(struct config_reader *reader, const struct config_setting_t *list,
		  struct config_eal *eal)
{
	static const struct config_key core = {.kind = CONFIG_KEY_UNSIGNED, .most = CPU_MAX};

	eal->worker_count = 1;
	eal->worker_cores[0] = 1;
	if (list == NULL)
		return 0;
	eal->worker_count = config_reader_count(list);
	if (eal->worker_count == 0 || eal->worker_count > CONFIG_WORKERS_MAX)
		return config_reader_fail(reader, list, NULL,
					  "%u workers are not possible, name 1 to %d CPUs",
					  eal->worker_count, CONFIG_WORKERS_MAX);
	for (unsigned i = 0; i < eal->worker_count; i++) {
		if (config_reader_value(reader, config_reader_element(list, i), &core,
					&eal->worker_cores[i]) < 0)
			return -EINVAL;
	}
	return 0;
}

static void
warn_shared_core(struct config_reader *reader, const struct config_setting_t *section,
		 const struct config_eal *eal)
{
	for (unsigned i = 0; i < eal->worker_count; i++) {
		if (eal->worker_cores[i] != eal->main_core)
			continue;
		config_reader_warn(reader, section, "worker_cores",
				   "worker %u shares CPU %u with the control core, which slows "
				   "registrations under load",
				   i, eal->main_core);
	}
}

/* The key that makes an EAL argument, or NULL. */
static const char *
key_of_argument(const char *argument)
{
	static const struct {
		const char *argument;
		const char *key;
	} owned[] = {
		{"--lcores", "worker_cores"},	 {"--main-lcore", "main_core"},
		{"--no-huge", "huge_pages"},	 {"--file-prefix", "file_prefix"},
		{"--master-lcore", "main_core"}, {"-l", "worker_cores"},
		{"-c", "worker_cores"},		 {"-m", "memory_mb"},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(owned); i++) {
		size_t len = strlen(owned[i].argument);

		if (strncmp(argument, owned[i].argument, len) == 0 &&
		    (len == 2 || argument[len] == '\0' || argument[len] == '='))
			return owned[i].key;
	}
	return NULL;
}

static int
read_extra(struct config_reader *reader, const struct config_setting_t *list,
	   struct config_eal *eal)
{
	static const struct config_key argument = {.kind = CONFIG_KEY_TEXT,
						   .size = sizeof(eal->extra[0])};

	eal->extra_count = config_reader_count(list);
	if (eal->extra_count > ARRAY_COUNT(eal->extra))
		return config_reader_fail(reader, list, NULL,
					  "%u arguments are too many, give %zu at most",
					  eal->extra_count, ARRAY_COUNT(eal->extra));
	for (unsigned i = 0; i < eal->extra_count; i++) {
		const struct config_setting_t *element = config_reader_element(list, i);
		const char *key;

		if (config_reader_value(reader, element, &argument, eal->extra[i]) < 0)
			return -EINVAL;
		key = key_of_argument(eal->extra[i]);
		if (key != NULL)
			return config_reader_fail(reader, element, NULL,
						  "%s is the business of the key eal.%s",
						  eal->extra[i], key);
	}
	return 0;
}

int
config_eal_read(struct config_reader *reader, const struct config_setting_t *section,
		struct config_eal *eal)
{
	struct eal_values values;

	if (config_reader_group(reader, section, keys, NULL, &values) < 0 ||
	    read_worker_cores(reader, values.worker_cores, eal) < 0 ||
	    read_extra(reader, values.extra, eal) < 0)
		return -EINVAL;
	if (strpbrk(values.file_prefix, "/% \t") != NULL)
		return config_reader_fail(reader, section, "file_prefix",
					  "it becomes part of file names: no '/', '%%' or blanks");
	eal->main_core = values.main_core;
	eal->huge_pages = values.huge_pages;
	eal->memory_mb = values.memory_mb;
	memcpy(eal->file_prefix, values.file_prefix, sizeof(eal->file_prefix));
	eal->buffers = values.buffers;
	eal->idle_sleep = values.idle_sleep;
	warn_shared_core(reader, section, eal);
	return 0;
}
