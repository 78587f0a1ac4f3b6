/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/strongswan_compat.h"

#include "ike/sa_list.h"

#include <collections/hashtable.h>

struct entry {
	struct ike_sa_id id;
	bool is_inbound;
	unsigned refused; /* others with this identity that charon has not deleted yet */
};

struct sa_list {
	mutex_t *mutex;
	hashtable_t *entries; /* struct entry, its own key */
	linked_list_t *lost;  /* struct entry */
};

static u_int
hash(const void *key)
{
	const struct ike_sa_id *id = key;

	return id->spi_be ^ id->dst * 2654435761U;
}

static bool
equals(const void *a, const void *b)
{
	const struct ike_sa_id *one = a, *other = b;

	return one->spi_be == other->spi_be && one->dst == other->dst && one->src == other->src;
}

struct sa_list *
sa_list_create(void)
{
	struct sa_list *list = malloc(sizeof(*list));

	list->mutex = mutex_create(MUTEX_TYPE_DEFAULT);
	list->entries = hashtable_create(hash, equals, 256);
	list->lost = linked_list_create();
	return list;
}

static void
free_entry(void *value, const void *key)
{
	free(value);
}

void
sa_list_destroy(struct sa_list *list)
{
	list->entries->destroy_function(list->entries, free_entry);
	list->lost->destroy_function(list->lost, free);
	list->mutex->destroy(list->mutex);
	free(list);
}

static void
put(struct sa_list *list, struct entry *entry)
{
	free(list->entries->put(list->entries, &entry->id, entry));
}

bool
sa_list_add(struct sa_list *list, const struct ike_sa_id *id, bool is_inbound)
{
	struct entry *entry, *there;

	list->mutex->lock(list->mutex);
	there = list->entries->get(list->entries, id);
	if (there != NULL) {
		there->refused++;
	} else {
		entry = malloc(sizeof(*entry));
		*entry = (struct entry){.id = *id, .is_inbound = is_inbound};
		put(list, entry);
	}
	list->mutex->unlock(list->mutex);
	return there == NULL;
}

bool
sa_list_remove(struct sa_list *list, const struct ike_sa_id *id)
{
	struct entry *entry;
	bool was_refused;

	list->mutex->lock(list->mutex);
	entry = list->entries->get(list->entries, id);
	was_refused = entry != NULL && entry->refused > 0;
	if (was_refused)
		entry->refused--;
	else
		free(list->entries->remove(list->entries, id));
	list->mutex->unlock(list->mutex);
	return !was_refused;
}

void
sa_list_move(struct sa_list *list, const struct ike_sa_id *id, be32 new_src, be32 new_dst)
{
	struct entry *entry;

	list->mutex->lock(list->mutex);
	entry = list->entries->remove(list->entries, id);
	if (entry != NULL) {
		entry->id.src = new_src;
		entry->id.dst = new_dst;
		put(list, entry);
	}
	list->mutex->unlock(list->mutex);
}

/* Takes out every entry; with `is_lost` the inbound ones are kept as lost. */
static void
take_out_all(struct sa_list *list, bool is_lost)
{
	enumerator_t *enumerator;
	struct entry *entry;
	const void *key;

	list->mutex->lock(list->mutex);
	enumerator = list->entries->create_enumerator(list->entries);
	while (enumerator->enumerate(enumerator, &key, &entry)) {
		list->entries->remove_at(list->entries, enumerator);
		if (is_lost && entry->is_inbound)
			list->lost->insert_last(list->lost, entry);
		else
			free(entry);
	}
	enumerator->destroy(enumerator);
	list->mutex->unlock(list->mutex);
}

void
sa_list_clear(struct sa_list *list)
{
	take_out_all(list, false);
}

bool
sa_list_has(struct sa_list *list, const struct ike_sa_id *id)
{
	bool has;

	list->mutex->lock(list->mutex);
	has = list->entries->get(list->entries, id) != NULL;
	list->mutex->unlock(list->mutex);
	return has;
}

struct ike_sa_id *
sa_list_copy(struct sa_list *list, unsigned *count)
{
	struct ike_sa_id *ids;
	enumerator_t *enumerator;
	struct entry *entry;
	const void *key;

	*count = 0;
	list->mutex->lock(list->mutex);
	ids = malloc((list->entries->get_count(list->entries) + 1) * sizeof(*ids));
	enumerator = list->entries->create_enumerator(list->entries);
	while (enumerator->enumerate(enumerator, &key, &entry))
		ids[(*count)++] = entry->id;
	enumerator->destroy(enumerator);
	list->mutex->unlock(list->mutex);
	return ids;
}

void
sa_list_lose(struct sa_list *list, const struct ike_sa_id *id)
{
	struct entry *entry;

	list->mutex->lock(list->mutex);
	entry = list->entries->remove(list->entries, id);
	if (entry != NULL)
		list->lost->insert_last(list->lost, entry);
	list->mutex->unlock(list->mutex);
}

void
sa_list_lose_all(struct sa_list *list)
{
	take_out_all(list, true);
}

unsigned
sa_list_take_lost(struct sa_list *list, struct ike_sa_id *ids, unsigned max)
{
	struct entry *entry;
	void *item;
	unsigned count = 0;

	list->mutex->lock(list->mutex);
	while (count < max && list->lost->remove_first(list->lost, &item) == SUCCESS) {
		entry = item;
		ids[count++] = entry->id;
		free(entry);
	}
	list->mutex->unlock(list->mutex);
	return count;
}
