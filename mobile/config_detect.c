/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/config_detect.h"

#include <netinet/ether.h>
#include <stdio.h>
#include <string.h>

/* The array `key` of strings; how many, at most `most`, or 0 when it is not there or wrong. */
static unsigned
string_count(struct config_reader *reader, const config_setting_t *group, const char *key,
	     unsigned most, config_setting_t **array)
{
	unsigned count;

	*array = config_reader_member(reader, group, key, CONFIG_TYPE_ARRAY);
	count = *array != NULL ? (unsigned)config_setting_length(*array) : 0;
	if (count <= most)
		return count;
	config_reader_fail(reader, *array, "%s: more than %u", key, most);
	return 0;
}

static void
read_gateways(struct config_reader *reader, const config_setting_t *group,
	      struct mn_hint_config *hints)
{
	config_setting_t *array;
	unsigned count = string_count(reader, group, "gateways", MN_HINTS_MAX, &array);

	for (unsigned i = 0; i < count; i++) {
		const char *text = config_setting_get_string_elem(array, (int)i);
		struct ether_addr mac;

		if (text == NULL || ether_aton_r(text, &mac) == NULL) {
			config_reader_fail(reader, array,
					   "gateways: entry %u is not a MAC address like "
					   "\"02:00:00:00:00:01\"",
					   i + 1);
			return;
		}
		memcpy(hints->gateways[i], &mac, sizeof(hints->gateways[i]));
	}
	hints->gateway_count = count;
}

static void
read_domains(struct config_reader *reader, const config_setting_t *group, const char *key,
	     char domains[][MN_DOMAIN_SIZE], unsigned *domain_count)
{
	config_setting_t *array;
	unsigned count = string_count(reader, group, key, MN_HINTS_MAX, &array);

	for (unsigned i = 0; i < count; i++) {
		const char *text = config_setting_get_string_elem(array, (int)i);

		if (text == NULL || text[0] == '\0' || text[0] == '.' ||
		    strlen(text) >= MN_DOMAIN_SIZE) {
			config_reader_fail(reader, array,
					   "%s: entry %u is not a name like \"corp.example\"", key,
					   i + 1);
			return;
		}
		snprintf(domains[i], MN_DOMAIN_SIZE, "%s", text);
	}
	*domain_count = count;
}

static void
read_hints(struct config_reader *reader, const config_setting_t *detect,
	   struct mn_hint_config *hints)
{
	static const char *const known[] = {"gateways", "domains",   "domain_file",
					    "realms",	"period_ms", NULL};
	config_setting_t *group = config_reader_member(reader, detect, "hints", CONFIG_TYPE_GROUP);

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	read_gateways(reader, group, hints);
	read_domains(reader, group, "domains", hints->domains, &hints->domain_count);
	read_domains(reader, group, "realms", hints->realms, &hints->realm_count);
	config_reader_string(reader, group, "domain_file", hints->domain_file,
			     sizeof(hints->domain_file));
	config_reader_unsigned(reader, group, "period_ms", 1, 60000, &hints->period_ms);
}

void
config_detect_read(struct config_reader *reader, const config_setting_t *root,
		   struct mn_detect_config *detect)
{
	static const char *const known[] = {"period_ms", "hints", "idle", NULL};
	config_setting_t *group = config_reader_member(reader, root, "detect", CONFIG_TYPE_GROUP);

	if (group == NULL)
		return;
	config_reader_check_keys(reader, group, known);
	config_reader_unsigned(reader, group, "period_ms", 0, 60000, &detect->period_ms);
	config_reader_bool(reader, group, "idle", &detect->idle);
	read_hints(reader, group, &detect->hints);
}
