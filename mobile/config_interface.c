/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/config_interface.h"

#include <stdio.h>
#include <string.h>

#include "lib/ip_check.h"
#include "mobile/config_key.h"

static const char *const uses[MN_FOREIGN_USE_COUNT] = {"auto", "never", "prefer", "require"};

const char *
mn_foreign_use_name(enum mn_foreign_use use)
{
	return (unsigned)use < MN_FOREIGN_USE_COUNT ? uses[use] : "unknown";
}

static void
take_name(struct config_reader *reader, const config_setting_t *where, const char *name,
	  char out[IFNAMSIZ])
{
	if (name == NULL || name[0] == '\0' || strlen(name) >= IFNAMSIZ ||
	    strchr(name, '/') != NULL)
		config_reader_fail(reader, where,
				   "interfaces: an interface's name has 1 to 15 "
				   "characters and no '/'");
	else
		snprintf(out, IFNAMSIZ, "%s", name);
}

/* A name, or a group with a name and more. */
static void
read_interface(struct config_reader *reader, const config_setting_t *list, unsigned index,
	       struct mn_config *config)
{
	static const char *const known[] = {"name", "foreign_agents", "home_link", NULL};
	const config_setting_t *element = config_setting_get_elem(list, index);
	const char *name = NULL;
	unsigned use = MN_FOREIGN_AUTO;
	bool is_home_link = true;

	if (config_setting_is_group(element)) {
		config_reader_check_keys(reader, element, known);
		(void)config_setting_lookup_string(element, "name", &name);
		config_reader_word(reader, element, "foreign_agents", uses, MN_FOREIGN_USE_COUNT,
				   &use);
		config_reader_bool(reader, element, "home_link", &is_home_link);
	} else {
		name = config_setting_get_string(element);
	}
	take_name(reader, element, name, config->interfaces[index]);
	for (unsigned i = 0; i < index; i++) {
		if (strcmp(config->interfaces[i], config->interfaces[index]) == 0)
			config_reader_fail(reader, element, "interfaces: \"%s\" is there twice",
					   config->interfaces[i]);
	}
	config->foreign_use[index] = (enum mn_foreign_use)use;
	config->no_home_link[index] = !is_home_link;
}

void
config_interfaces_read(struct config_reader *reader, const config_setting_t *root,
		       struct mn_config *config)
{
	config_setting_t *list = config_setting_get_member(root, "interfaces");
	unsigned count = 0;

	if (list != NULL && (config_setting_is_array(list) || config_setting_is_list(list)))
		count = (unsigned)config_setting_length(list);
	if (count == 0) {
		config_reader_fail(reader, list != NULL ? list : root,
				   "interfaces: name at least one, as in [ \"eth0\" ]");
		return;
	}
	if (count > MN_INTERFACES_MAX) {
		config_reader_fail(reader, list, "interfaces: more than %u", MN_INTERFACES_MAX);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		read_interface(reader, list, i, config);
	config->interface_count = count;
}

static void
read_association(struct config_reader *reader, const config_setting_t *group,
		 struct mn_foreign_association *association)
{
	static const char *const known[] = {"address", "spi", "algorithm", "key", NULL};

	config_reader_check_keys(reader, group, known);
	config_reader_address(reader, group, "address", &association->address);
	if (association->address != 0 && ip_source_is_martian(association->address))
		config_reader_fail(reader, group, "address: must be the foreign agent's address");
	config_reader_security(reader, group, &association->spi, &association->algorithm,
			       &association->key);
}

void
config_associations_read(struct config_reader *reader, const config_setting_t *root,
			 struct mn_config *config)
{
	config_setting_t *list;
	unsigned count =
		config_reader_groups(reader, root, "foreign_agents", MN_ASSOCIATIONS_MAX, &list);

	for (unsigned i = 0; i < count; i++) {
		const config_setting_t *group = config_setting_get_elem(list, i);

		config->associations[i] = (struct mn_foreign_association){0};
		read_association(reader, group, &config->associations[i]);
		for (unsigned k = 0; k < i; k++) {
			if (config->associations[k].address == config->associations[i].address)
				config_reader_fail(reader, group,
						   "address: is there twice (or missing twice)");
		}
	}
	config->association_count = count;
}
