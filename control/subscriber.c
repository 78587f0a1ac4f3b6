/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/subscriber.h"

#include <openssl/crypto.h>
#include <rte_hash_crc.h>
#include <stdlib.h>
#include <string.h>

#include "control/key_index.h"

struct subscriber_table {
	struct key_index by_home_address[AGENT_COUNT];
	struct key_index by_nai[AGENT_COUNT];
	struct foreign_agent *by_address;
	struct foreign_agent *foreign_agents;
	struct mip_auth_pads *pads; /* of all keys */
	unsigned foreign_agent_count;
	unsigned subscriber_count;
	unsigned pads_count;
	struct subscriber subscribers[];
};

/* What stands for a NAI among the keys. In a message it may begin anywhere, where rte_hash_crc() must not read
 * its words. */
static uint32_t
nai_key(const char *nai, size_t len)
{
	uint32_t key = 0;
	uint64_t word;

	for (; len >= sizeof(word); nai += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, nai, sizeof(word));
		key = rte_hash_crc_8byte(word, key);
	}
	for (; len > 0; nai++, len--)
		key = rte_hash_crc_1byte((uint8_t)*nai, key);
	return key;
}

/* Makes room in an agent's indexes for those who will be in them. False: no memory. */
static bool
indexes_init(struct subscriber_table *table, const struct config *config, enum agent_id agent)
{
	uint32_t addresses = 0, nais = 0;

	for (unsigned i = 0; i < config->subscriber_count; i++) {
		const struct config_subscriber *subscriber = &config->subscribers[i];

		addresses += subscriber->agent == agent && subscriber->home_address != 0;
		nais += subscriber->agent == agent && subscriber->nai != NULL;
	}
	return key_index_init(&table->by_home_address[agent], addresses) &&
	       key_index_init(&table->by_nai[agent], nais);
}

/* The first of two with the same key counts; the configuration's check refuses such pairs. */
static void
subscriber_add(struct subscriber_table *table, unsigned number)
{
	const struct config_subscriber *config = table->subscribers[number].config;

	if (config->home_address != 0)
		key_index_add(&table->by_home_address[config->agent], config->home_address, number);
	if (config->nai != NULL)
		key_index_add(&table->by_nai[config->agent],
			      nai_key(config->nai, strlen(config->nai)), number);
}

/* Makes those of `count` associations, behind those that there are. NULL: no memory. */
static const struct mip_auth_pads *
pads_add(struct subscriber_table *table, const struct config_association *associations,
	 unsigned count)
{
	struct mip_auth_pads *pads = &table->pads[table->pads_count];

	for (unsigned i = 0; i < count; i++) {
		if (mip_auth_pads_make(&pads[i], associations[i].algorithm, &associations[i].key) !=
		    0)
			return NULL;
		table->pads_count++;
	}
	return pads;
}

static bool
pads_init(struct subscriber_table *table, const struct config *config)
{
	size_t count = config->foreign_agent_count + 1u;

	for (unsigned i = 0; i < config->subscriber_count; i++)
		count += config->subscribers[i].association_count;
	table->pads = aligned_alloc(64, count * sizeof(*table->pads));
	return table->pads != NULL;
}

/* Where nobody uses nonces nothing is allocated, and all is well. */
static bool
nonces_make(const struct config_subscriber *config, struct replay_nonces **nonces)
{
	*nonces = NULL;
	for (unsigned i = 0; i < config->association_count; i++) {
		if (config->associations[i].replay != REPLAY_NONCES)
			continue;
		*nonces = calloc(config->association_count, sizeof(**nonces));
		return *nonces != NULL;
	}
	return true;
}

static bool
foreign_agents_add(struct subscriber_table *table, const struct config *config)
{
	table->foreign_agents =
		calloc(config->foreign_agent_count + 1u, sizeof(*table->foreign_agents));
	if (table->foreign_agents == NULL)
		return false;
	table->foreign_agent_count = config->foreign_agent_count;
	for (unsigned i = 0; i < config->foreign_agent_count; i++) {
		struct foreign_agent *agent = &table->foreign_agents[i];

		agent->config = &config->foreign_agents[i];
		agent->pads = pads_add(table, &agent->config->association, 1);
		if (agent->pads == NULL)
			return false;
		if (foreign_agent_find(table, agent->config->address) != NULL)
			continue;
		HASH_ADD_KEYPTR(by_address, table->by_address, &agent->config->address,
				sizeof(agent->config->address), agent);
		if (agent->by_address.tbl == NULL)
			return false;
	}
	return true;
}

struct subscriber_table *
subscriber_table_create(const struct config *config, struct ntp_time start)
{
	size_t size = sizeof(struct subscriber_table) +
		      config->subscriber_count * sizeof(struct subscriber);
	struct subscriber_table *table = aligned_alloc(64, size);

	if (table == NULL)
		return NULL;
	memset(table, 0, size);
	table->subscriber_count = config->subscriber_count;
	if (!pads_init(table, config) || !foreign_agents_add(table, config))
		goto no_memory;
	for (unsigned agent = 0; agent < AGENT_COUNT; agent++)
		if (!indexes_init(table, config, (enum agent_id)agent))
			goto no_memory;
	for (unsigned i = 0; i < config->subscriber_count; i++) {
		struct subscriber *subscriber = &table->subscribers[i];
		struct replay_nonces *nonces;

		subscriber->config = &config->subscribers[i];
		subscriber->pads = pads_add(table, subscriber->config->associations,
					    subscriber->config->association_count);
		if (subscriber->pads == NULL || !nonces_make(subscriber->config, &nonces))
			goto no_memory;
		replay_init(&subscriber->replay, start, nonces);
		subscriber_add(table, i);
	}
	return table;

no_memory:
	subscriber_table_destroy(table);
	return NULL;
}

void
subscriber_table_destroy(struct subscriber_table *table)
{
	if (table == NULL)
		return;
	for (unsigned agent = 0; agent < AGENT_COUNT; agent++) {
		key_index_fini(&table->by_home_address[agent]);
		key_index_fini(&table->by_nai[agent]);
	}
	for (unsigned i = 0; i < table->subscriber_count; i++)
		free(table->subscribers[i].replay.nonces);
	HASH_CLEAR(by_address, table->by_address);
	free(table->foreign_agents);
	if (table->pads != NULL)
		OPENSSL_cleanse(table->pads, table->pads_count * sizeof(*table->pads));
	free(table->pads);
	free(table);
}

struct subscriber *
subscriber_find_address(struct subscriber_table *table, enum agent_id agent, be32 home_address)
{
	uint32_t at = 0, number;

	return key_index_next(&table->by_home_address[agent], home_address, &at, &number)
		       ? &table->subscribers[number]
		       : NULL;
}

struct subscriber *
subscriber_find_nai(struct subscriber_table *table, enum agent_id agent, const void *nai,
		    size_t len)
{
	uint32_t key = nai_key(nai, len), at = 0, number;

	while (key_index_next(&table->by_nai[agent], key, &at, &number)) {
		const char *known = table->subscribers[number].config->nai;

		if (strlen(known) == len && memcmp(known, nai, len) == 0)
			return &table->subscribers[number];
	}
	return NULL;
}

void
subscriber_prefetch(const struct subscriber_table *table, enum agent_id agent, be32 home_address)
{
	key_index_prefetch(&table->by_home_address[agent], home_address);
}

struct foreign_agent *
foreign_agent_find(const struct subscriber_table *table, be32 address)
{
	struct foreign_agent *found;

	HASH_FIND(by_address, table->by_address, &address, sizeof(address), found);
	return found;
}

const struct config_association *
subscriber_association(const struct subscriber *subscriber, uint32_t spi, unsigned *index)
{
	for (unsigned i = 0; i < subscriber->config->association_count; i++) {
		if (subscriber->config->associations[i].spi == spi) {
			*index = i;
			return &subscriber->config->associations[i];
		}
	}
	return NULL;
}

static bool
is_same_mobile(const struct config_subscriber *a, const struct config_subscriber *b)
{
	if (a->home_address != b->home_address || (a->nai == NULL) != (b->nai == NULL))
		return false;
	return a->nai == NULL || strcmp(a->nai, b->nai) == 0;
}

static struct subscriber *
successor_find(struct subscriber_table *table, const struct config_subscriber *config)
{
	struct subscriber *found =
		config->nai != NULL
			? subscriber_find_nai(table, config->agent, config->nai,
					      strlen(config->nai))
			: subscriber_find_address(table, config->agent, config->home_address);

	return found != NULL && is_same_mobile(found->config, config) ? found : NULL;
}

static void
subscriber_inherit(struct subscriber *subscriber, const struct subscriber *before)
{
	subscriber->service = before->service;
	subscriber->replay.last = before->replay.last;
	if (subscriber->replay.nonces == NULL || before->replay.nonces == NULL)
		return;
	for (unsigned i = 0; i < before->config->association_count; i++) {
		unsigned index;

		if (subscriber_association(subscriber, before->config->associations[i].spi,
					   &index) != NULL)
			subscriber->replay.nonces[index] = before->replay.nonces[i];
	}
}

void
subscriber_table_inherit(struct subscriber_table *table, struct subscriber_table *before)
{
	for (unsigned i = 0; i < before->subscriber_count; i++) {
		struct subscriber *old = &before->subscribers[i];

		old->successor = successor_find(table, old->config);
		if (old->successor != NULL)
			subscriber_inherit(old->successor, old);
	}
	for (unsigned i = 0; i < before->foreign_agent_count; i++) {
		const struct foreign_agent *old = &before->foreign_agents[i];
		struct foreign_agent *now = foreign_agent_find(table, old->config->address);

		if (now != NULL)
			now->revoked = old->revoked;
	}
}
