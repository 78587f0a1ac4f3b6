/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/address_pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "control/hash_table.h"

/* An address that a mobile has or had. Those not in use stand in the range's list, longest gone first. */
struct lease {
	be32 address;
	bool in_use;
	struct lease *prev, *next;
	UT_hash_handle by_nai;
	size_t key_len;
	uint8_t key[]; /* agent, NAI */
};

#define KEY_SIZE_MAX (1 + 255)

struct range {
	enum agent_id agent;
	uint32_t first, last;  /* host order */
	uint32_t untouched;    /* the lowest that nobody has */
	struct lease **leases; /* by address; NULL: nobody has it */
	struct lease *idle;
};

struct address_pool {
	struct lease *by_nai;
	unsigned range_count;
	struct range ranges[];
};

static size_t
key_write(uint8_t key[KEY_SIZE_MAX], enum agent_id agent, const void *nai, size_t nai_len)
{
	if (nai_len > KEY_SIZE_MAX - 1)
		nai_len = KEY_SIZE_MAX - 1;
	key[0] = (uint8_t)agent;
	memcpy(key + 1, nai, nai_len);
	return 1 + nai_len;
}

static struct lease *
lease_find(const struct address_pool *pool, enum agent_id agent, const void *nai, size_t nai_len)
{
	uint8_t key[KEY_SIZE_MAX];
	size_t key_len = key_write(key, agent, nai, nai_len);
	struct lease *found;

	HASH_FIND(by_nai, pool->by_nai, key, key_len, found);
	return found;
}

/* The range that holds `address`, or NULL. */
static const struct range *
range_of(const struct address_pool *pool, be32 address)
{
	uint32_t host = be32toh(address);

	for (unsigned i = 0; i < pool->range_count; i++) {
		const struct range *range = &pool->ranges[i];

		if (host >= range->first && host <= range->last)
			return range;
	}
	return NULL;
}

static struct lease **
lease_slot(const struct range *range, be32 address)
{
	return &range->leases[be32toh(address) - range->first];
}

struct address_pool *
address_pool_create(const struct config *config)
{
	struct address_pool *pool =
		calloc(1, sizeof(*pool) + config->home_network_count * sizeof(pool->ranges[0]));

	if (pool == NULL)
		return NULL;
	for (unsigned i = 0; i < config->home_network_count; i++) {
		const struct config_home_network *network = &config->home_networks[i];
		struct range *range = &pool->ranges[pool->range_count];

		if (network->pool_first == 0)
			continue;
		*range = (struct range){
			.agent = network->agent,
			.first = be32toh(network->pool_first),
			.last = be32toh(network->pool_last),
			.untouched = be32toh(network->pool_first),
		};
		range->leases =
			calloc((size_t)(range->last - range->first) + 1, sizeof(range->leases[0]));
		if (range->leases == NULL) {
			address_pool_destroy(pool);
			return NULL;
		}
		pool->range_count++;
	}
	return pool;
}

void
address_pool_destroy(struct address_pool *pool)
{
	struct lease *lease, *next;

	if (pool == NULL)
		return;
	HASH_ITER(by_nai, pool->by_nai, lease, next)
	{
		HASH_DELETE(by_nai, pool->by_nai, lease);
		free(lease);
	}
	for (unsigned i = 0; i < pool->range_count; i++)
		free(pool->ranges[i].leases);
	free(pool);
}

/* A mobile keeps asking for what it had; another may have that only when it is idle. */
static int
offer_wanted(const struct address_pool *pool, enum agent_id agent, const struct lease *own,
	     be32 wanted)
{
	const struct range *range = range_of(pool, wanted);
	const struct lease *lease;

	if (range == NULL || range->agent != agent)
		return -ENOENT;
	lease = *lease_slot(range, wanted);
	if (lease == own)
		return 0;
	return lease != NULL && lease->in_use ? -EADDRINUSE : 0;
}

int
address_pool_offer(const struct address_pool *pool, enum agent_id agent, const void *nai,
		   size_t nai_len, be32 wanted, be32 *address)
{
	const struct lease *own = lease_find(pool, agent, nai, nai_len);
	const struct lease *idle = NULL;
	int rc = -ENOENT;

	if (wanted != 0) {
		*address = wanted;
		/* a mobile has one address: it cannot ask for a second while it uses the first */
		if (own != NULL && own->in_use && own->address != wanted)
			return -EADDRINUSE;
		return offer_wanted(pool, agent, own, wanted);
	}
	if (own != NULL) {
		*address = own->address;
		return 0;
	}
	for (unsigned i = 0; i < pool->range_count; i++) {
		const struct range *range = &pool->ranges[i];

		if (range->agent != agent)
			continue;
		if (range->untouched <= range->last) {
			*address = htobe32(range->untouched);
			return 0;
		}
		if (idle == NULL)
			idle = range->idle;
		rc = -ENOSPC;
	}
	if (idle == NULL)
		return rc;
	*address = idle->address;
	return 0;
}

be32
address_pool_address(const struct address_pool *pool, enum agent_id agent, const void *nai,
		     size_t nai_len)
{
	const struct lease *lease = lease_find(pool, agent, nai, nai_len);

	return lease != NULL ? lease->address : 0;
}

static void
lease_drop(struct address_pool *pool, struct range *range, struct lease *lease)
{
	if (!lease->in_use)
		DL_DELETE(range->idle, lease);
	*lease_slot(range, lease->address) = NULL;
	if (be32toh(lease->address) < range->untouched)
		range->untouched = be32toh(lease->address);
	HASH_DELETE(by_nai, pool->by_nai, lease);
	free(lease);
}

static struct lease *
lease_add(struct address_pool *pool, struct range *range, enum agent_id agent, const void *nai,
	  size_t nai_len, be32 address)
{
	uint8_t key[KEY_SIZE_MAX];
	size_t key_len = key_write(key, agent, nai, nai_len);
	struct lease *lease = calloc(1, sizeof(*lease) + key_len);

	if (lease == NULL)
		return NULL;
	memcpy(lease->key, key, key_len);
	lease->key_len = key_len;
	lease->address = address;
	lease->in_use = true;
	HASH_ADD_KEYPTR(by_nai, pool->by_nai, lease->key, lease->key_len, lease);
	if (lease->by_nai.tbl == NULL) {
		free(lease);
		return NULL;
	}
	*lease_slot(range, address) = lease;
	while (range->untouched <= range->last &&
	       range->leases[range->untouched - range->first] != NULL)
		range->untouched++;
	return lease;
}

int
address_pool_take(struct address_pool *pool, enum agent_id agent, const void *nai, size_t nai_len,
		  be32 address)
{
	struct range *range = (struct range *)range_of(pool, address);
	struct lease *own = lease_find(pool, agent, nai, nai_len);
	struct lease *holder;

	if (range == NULL)
		return 0;
	if (own != NULL && own->address == address) {
		if (!own->in_use)
			DL_DELETE(range->idle, own);
		own->in_use = true;
		return 0;
	}
	/* from an earlier holder that is gone; and what the mobile itself had */
	holder = *lease_slot(range, address);
	if (holder != NULL)
		lease_drop(pool, range, holder);
	if (own != NULL)
		lease_drop(pool, (struct range *)range_of(pool, own->address), own);
	if (lease_add(pool, range, agent, nai, nai_len, address) == NULL)
		return -ENOMEM;
	return 0;
}

void
address_pool_release(struct address_pool *pool, be32 address)
{
	struct range *range = (struct range *)range_of(pool, address);
	struct lease *lease;

	if (range == NULL)
		return;
	lease = *lease_slot(range, address);
	if (lease == NULL || !lease->in_use)
		return;
	lease->in_use = false;
	DL_APPEND(range->idle, lease);
}

static int
lease_inherit(struct address_pool *pool, const struct lease *old)
{
	struct range *range = (struct range *)range_of(pool, old->address);

	if (range == NULL || (uint8_t)range->agent != old->key[0])
		return 0;
	if (lease_add(pool, range, range->agent, old->key + 1, old->key_len - 1, old->address) ==
	    NULL)
		return -ENOMEM;
	if (!old->in_use)
		address_pool_release(pool, old->address);
	return 0;
}

int
address_pool_inherit(struct address_pool *pool, const struct address_pool *before)
{
	const struct lease *lease;

	for (lease = before->by_nai; lease != NULL; lease = lease->by_nai.next) {
		int rc = lease_inherit(pool, lease);

		if (rc < 0)
			return rc;
	}
	return 0;
}
