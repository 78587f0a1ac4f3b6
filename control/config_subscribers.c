/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_duplicate.h"
#include "control/config_reader.h"
#include "control/config_section.h"
#include "lib/nai.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct subscriber_values {
	unsigned agent; /* enum agent_id */
	be32 home_address;
	const char *nai;
	bool ecn_compatible;
	const struct config_setting_t *associations;
};

static const struct config_key keys[] = {
	{.name = "agent",
	 .kind = CONFIG_KEY_CHOICE,
	 .offset = offsetof(struct subscriber_values, agent),
	 .choices = config_agent_names,
	 .is_required = true,
	 .hint = "the home agent that serves it, \"x-ha\" or \"i-ha\""},
	{.name = "home_address",
	 .kind = CONFIG_KEY_ADDRESS,
	 .offset = offsetof(struct subscriber_values, home_address)},
	{.name = "nai",
	 .kind = CONFIG_KEY_STRING,
	 .offset = offsetof(struct subscriber_values, nai)},
	{.name = "ecn_compatible",
	 .kind = CONFIG_KEY_BOOL,
	 .offset = offsetof(struct subscriber_values, ecn_compatible)},
	{.name = "associations",
	 .kind = CONFIG_KEY_LIST,
	 .offset = offsetof(struct subscriber_values, associations)},
	{.name = NULL},
};

static bool
has_pool(const struct config *config, enum agent_id agent)
{
	for (unsigned i = 0; i < config->home_network_count; i++) {
		if (config->home_networks[i].agent == agent &&
		    config->home_networks[i].pool_first != 0)
			return true;
	}
	return false;
}

static int
check_home_address(struct config_reader *reader, const struct config_setting_t *setting,
		   const struct config *config, const struct config_subscriber *subscriber)
{
	be32 address = subscriber->home_address;
	const struct config_home_network *network =
		config_home_network_of(config, subscriber->agent, address);
	char text[ADDRESS_TEXT_SIZE];

	address_format(address, text);
	if (network == NULL)
		return config_reader_fail(reader, setting, "home_address",
					  "%s is in no home network of the %s", text,
					  agent_name(subscriber->agent));
	if (network->prefix.len_bits < 31 && (address == prefix_network(network->prefix) ||
					      address == prefix_broadcast(network->prefix)))
		return config_reader_fail(
			reader, setting, "home_address",
			"%s is the network's or the broadcast address of its home "
			"network",
			text);
	if (config_address_is_own(config, address))
		return config_reader_fail(reader, setting, "home_address",
					  "%s is this box's own address", text);
	if (config_pool_contains(network, address))
		return config_reader_fail(
			reader, setting, "home_address",
			"%s is in the pool of home_networks[%td], which is given to "
			"others; choose one outside of it",
			text, network - config->home_networks);
	return 0;
}

static int
check_identity(struct config_reader *reader, const struct config_setting_t *setting,
	       const struct config *config, const struct config_subscriber *subscriber)
{
	if (subscriber->nai != NULL && !nai_is_valid(subscriber->nai, strlen(subscriber->nai)))
		return config_reader_fail(reader, setting, "nai",
					  "not a network access identifier such as "
					  "\"mn1@example.com\", %d bytes at most (RFC 4282)",
					  MIP_NAI_SIZE_MAX);
	if (subscriber->home_address != 0)
		return check_home_address(reader, setting, config, subscriber);
	if (subscriber->nai == NULL)
		return config_reader_fail(reader, setting, "home_address",
					  "missing: give a home address, a nai, or both");
	if (!has_pool(config, subscriber->agent))
		return config_reader_fail(
			reader, setting, "home_address",
			"missing, and no home network of the %s has a pool to take "
			"one from",
			agent_name(subscriber->agent));
	return 0;
}

static int
make_associations(struct config_subscriber *subscriber, unsigned count)
{
	subscriber->associations = calloc(count, sizeof(*subscriber->associations));
	if (subscriber->associations == NULL)
		return -ENOMEM;
	subscriber->association_count = count;
	return 0;
}

static int
read_association_list(struct config_reader *reader, const struct config_setting_t *list,
		      struct config_subscriber *subscriber)
{
	unsigned count = config_reader_count(list);

	if (count == 0 || count > CONFIG_ASSOCIATIONS_MAX)
		return config_reader_fail(reader, list, NULL,
					  "%u associations are not possible, give 1 to %d", count,
					  CONFIG_ASSOCIATIONS_MAX);
	if (make_associations(subscriber, count) != 0)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		const struct config_setting_t *element = config_reader_element(list, i);
		struct config_association *association = &subscriber->associations[i];

		if (config_association_read(reader, element, NULL, association) < 0)
			return -EINVAL;
		for (unsigned j = 0; j < i; j++) {
			if (subscriber->associations[j].spi == association->spi)
				return config_reader_fail(
					reader, element, "spi",
					"associations[%u] of this subscriber has the same", j);
		}
	}
	return 0;
}

/* One association may stand in the subscriber itself: spi, algorithm, key and so on. */
static int
read_associations(struct config_reader *reader, const struct config_setting_t *setting,
		  const struct config_setting_t *list, struct config_subscriber *subscriber)
{
	if (list == NULL) {
		if (make_associations(subscriber, 1) != 0)
			return -ENOMEM;
		return config_association_read(reader, setting, keys, &subscriber->associations[0]);
	}
	for (const struct config_key *key = config_association_keys; key->name != NULL; key++) {
		if (config_reader_has(setting, key->name))
			return config_reader_fail(reader, setting, key->name,
						  "it stands beside the list \"associations\"; put "
						  "it into the list");
	}
	return read_association_list(reader, list, subscriber);
}

static int
read_subscriber(struct config_reader *reader, const struct config_setting_t *setting,
		struct config *config)
{
	struct config_subscriber *subscriber = &config->subscribers[config->subscriber_count++];
	struct subscriber_values values;

	if (config_reader_group(reader, setting, keys, config_association_keys, &values) < 0)
		return -EINVAL;
	subscriber->agent = (enum agent_id)values.agent;
	subscriber->home_address = values.home_address;
	subscriber->ecn_compatible = values.ecn_compatible;
	subscriber->line = config_reader_line(setting);
	if (values.nai != NULL) {
		subscriber->nai = strdup(values.nai);
		if (subscriber->nai == NULL)
			return -ENOMEM;
	}
	if (config_agent_check(reader, setting, config, subscriber->agent) < 0 ||
	    check_identity(reader, setting, config, subscriber) < 0)
		return -EINVAL;
	return read_associations(reader, setting, values.associations, subscriber);
}

/* Puts what must be unique into `identities`: home addresses, or each agent's NAIs. Returns how
 * many. */
static size_t
collect_identities(const struct config *config, bool by_nai, struct config_identity *identities)
{
	size_t count = 0;

	for (unsigned i = 0; i < config->subscriber_count; i++) {
		const struct config_subscriber *subscriber = &config->subscribers[i];

		if (by_nai ? subscriber->nai == NULL : subscriber->home_address == 0)
			continue;
		identities[count++] = (struct config_identity){
			.number = by_nai ? (uint64_t)subscriber->agent : subscriber->home_address,
			.text = by_nai ? subscriber->nai : NULL,
			.index = i,
		};
	}
	return count;
}

static int
check_unique(struct config_reader *reader, const struct config_setting_t *section,
	     const struct config *config)
{
	struct config_identity *identities = calloc(config->subscriber_count, sizeof(*identities));
	unsigned first, second;
	int error = 0;

	if (identities == NULL)
		return -ENOMEM;
	for (unsigned by_nai = 0; by_nai < 2 && error == 0; by_nai++) {
		size_t count = collect_identities(config, by_nai != 0, identities);

		if (!config_duplicate_find(identities, count, &first, &second))
			continue;
		error = config_reader_fail(reader, config_reader_element(section, second),
					   by_nai ? "nai" : "home_address",
					   "subscribers[%u] (line %d) has the same", first,
					   config->subscribers[first].line);
	}
	free(identities);
	return error;
}

int
config_subscribers_read(struct config_reader *reader, const struct config_setting_t *section,
			struct config *config)
{
	unsigned count = config_reader_count(section);

	if (count == 0)
		return 0;
	config->subscribers = calloc(count, sizeof(*config->subscribers));
	if (config->subscribers == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		int error = read_subscriber(reader, config_reader_element(section, i), config);

		if (error < 0)
			return error;
	}
	return check_unique(reader, section, config);
}
