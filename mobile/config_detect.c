/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/config_detect.h"

#include <netinet/ether.h>
#include <string.h>

static void
read_gateways(struct config_reader *reader, const config_setting_t *group,
	      struct mn_hint_config *hints)
{
	config_setting_t *array;
	unsigned count = config_reader_strings(reader, group, "gateways", MN_HINTS_MAX, &array);

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
	config_reader_domains(reader, group, "domains", MN_HINTS_MAX, hints->domains,
			      &hints->domain_count);
	config_reader_domains(reader, group, "realms", MN_HINTS_MAX, hints->realms,
			      &hints->realm_count);
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
