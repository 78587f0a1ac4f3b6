/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_duplicate.h"
#include "control/config_reader.h"
#include "control/config_section.h"

#include <errno.h>
#include <stdlib.h>

static const struct config_key keys[] = {
	{.name = "address",
	 .kind = CONFIG_KEY_ADDRESS,
	 .offset = offsetof(struct config_foreign_agent, address),
	 .is_required = true,
	 .hint = "the foreign agent's address, which mobiles have as care-of address"},
	{.name = "revocation",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = offsetof(struct config_foreign_agent, revocation),
	 .otherwise = true},
	{.name = NULL},
};

static int
check_unique(struct config_reader *reader, const struct config_setting_t *section,
	     const struct config *config)
{
	unsigned count = config->foreign_agent_count;
	struct config_identity *identities = calloc(count, sizeof(*identities));
	unsigned first, second;
	int error = 0;

	if (identities == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		identities[i].number = config->foreign_agents[i].address;
		identities[i].index = i;
	}
	if (config_duplicate_find(identities, count, &first, &second))
		error = config_reader_fail(
			reader, config_reader_element(section, second), "address",
			"foreign_agents[%u] (line %d) has the same", first,
			config_reader_line(config_reader_element(section, first)));
	free(identities);
	return error;
}

int
config_foreign_agents_read(struct config_reader *reader, const struct config_setting_t *section,
			   struct config *config)
{
	unsigned count = config_reader_count(section);

	if (count == 0)
		return 0;
	config->foreign_agents = calloc(count, sizeof(*config->foreign_agents));
	if (config->foreign_agents == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		const struct config_setting_t *setting = config_reader_element(section, i);
		struct config_foreign_agent *agent = &config->foreign_agents[i];

		config->foreign_agent_count++;
		if (config_reader_group(reader, setting, keys, config_association_keys, agent) <
			    0 ||
		    config_association_read(reader, setting, keys, &agent->association) < 0)
			return -EINVAL;
		if (config_address_is_own(config, agent->address))
			return config_reader_fail(reader, setting, "address",
						  "this is the box's own address");
	}
	return check_unique(reader, section, config);
}
