/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/publish.h"

#include <errno.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <stdlib.h>

#include "control/recipe_index.h"
#include "control/retire.h"
#include "control/slab.h"

#define ROUTES_MAX 262144
#define ROUTE_GROUPS_MAX 4096 /* /24 networks that hold longer prefixes or single hosts */

/* Recipes and security associations, by their size in cache lines. */
#define OBJECT_LINES_MAX 32
_Static_assert(sizeof(struct sa) + REPLAY_WINDOW_BITS_MAX / 8 +
			       2 * TRAFFIC_SELECTORS_MAX * sizeof(struct traffic_selector) +
			       ESP_KEY_SIZE_MAX <=
		       OBJECT_LINES_MAX * RTE_CACHE_LINE_SIZE,
	       "the largest SA is one");

struct publisher {
	struct live_tables tables;
	struct recipe_index recipes;
	struct slab objects[OBJECT_LINES_MAX + 1];
	struct retired retired;
	int socket;
};

static void
recipe_free(void *object, void *context)
{
	struct publisher *publisher = context;

	slab_free(&publisher->objects[recipe_lines(object)], object);
}

/* Where memory ends, what the workers are about to let go of is waited for. */
static void *
object_alloc(struct publisher *publisher, size_t lines)
{
	void *object = slab_alloc(&publisher->objects[lines]);

	if (object != NULL)
		return object;
	retired_reclaim(&publisher->retired, true);
	return slab_alloc(&publisher->objects[lines]);
}

static void
settings_free(void *object, void *context)
{
	rte_free(object);
}

void
publish_sa_give_back(struct publisher *publisher, struct sa *sa)
{
	slab_free(&publisher->objects[sa->lines], sa);
}

static void
sa_free(void *object, void *context)
{
	struct sa *sa = object;

	esp_key_fini((struct esp_key *)(uintptr_t)sa->key, (enum esp_suite)sa->suite);
	publish_sa_give_back(context, sa);
}

static struct rte_lpm *
routes_create(const struct publish_limits *limits)
{
	struct rte_lpm_config config = {.max_rules = ROUTES_MAX, .number_tbl8s = ROUTE_GROUPS_MAX};

	return rte_lpm_create("routes", limits->socket, &config);
}

static struct rte_rcu_qsbr *
qsbr_create(const struct publish_limits *limits)
{
	struct rte_rcu_qsbr *qsbr =
		rte_zmalloc_socket("qsbr", rte_rcu_qsbr_get_memsize(limits->worker_count),
				   RTE_CACHE_LINE_SIZE, limits->socket);

	if (qsbr != NULL)
		rte_rcu_qsbr_init(qsbr, limits->worker_count);
	return qsbr;
}

static int
tables_init(struct publisher *publisher, const struct publish_limits *limits)
{
	struct live_tables *tables = &publisher->tables;
	struct live_settings *settings =
		rte_zmalloc_socket("settings", sizeof(*settings), 0, limits->socket);
	struct rte_lpm_rcu_config lpm_config = {0};

	atomic_init(&tables->settings, settings);
	tables->qsbr = lpm_config.v = qsbr_create(limits);
	tables->recipes = &publisher->recipes.table;
	tables->routes = routes_create(limits);
	tables->next_hop_count = limits->next_hops_max;
	tables->next_hops =
		rte_zmalloc_socket("next_hops", limits->next_hops_max * sizeof(uint64_t),
				   RTE_CACHE_LINE_SIZE, limits->socket);
	tables->sa_slots = limits->sas_max;
	tables->sas = (struct sa * _Atomic *)rte_zmalloc_socket(
		"sas", RTE_MAX(limits->sas_max, 1u) * sizeof(struct sa *), RTE_CACHE_LINE_SIZE,
		limits->socket);
	if (settings == NULL || tables->sas == NULL || tables->qsbr == NULL ||
	    tables->routes == NULL || tables->next_hops == NULL)
		return -ENOMEM;
	if (rte_lpm_rcu_qsbr_add(tables->routes, &lpm_config) != 0)
		return -rte_errno;
	return recipe_index_init(&publisher->recipes, limits->bindings_max + limits->sas_max / 2,
				 tables->qsbr, limits->socket);
}

struct publisher *
publish_create(const struct publish_limits *limits)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));

	if (publisher == NULL)
		return NULL;
	publisher->socket = limits->socket;
	for (size_t lines = 0; lines <= OBJECT_LINES_MAX; lines++)
		slab_init(&publisher->objects[lines], lines * RTE_CACHE_LINE_SIZE, limits->socket);
	/* no binding is to fail for want of a recipe: most take one line */
	if (tables_init(publisher, limits) != 0 ||
	    !slab_reserve(&publisher->objects[1], limits->bindings_max)) {
		publish_destroy(publisher);
		return NULL;
	}
	retired_init(&publisher->retired, publisher->tables.qsbr, publisher);
	return publisher;
}

void
publish_destroy(struct publisher *publisher)
{
	if (publisher == NULL)
		return;
	for (uint32_t i = 0; publisher->tables.sas != NULL && i < publisher->tables.sa_slots; i++)
		if (atomic_load(&publisher->tables.sas[i]) != NULL)
			sa_free(atomic_load(&publisher->tables.sas[i]), publisher);
	retired_fini(&publisher->retired);
	rte_free((void *)(uintptr_t)publisher->tables.sas);
	recipe_index_fini(&publisher->recipes);
	rte_lpm_free(publisher->tables.routes);
	rte_free((void *)(uintptr_t)publisher->tables.next_hops);
	rte_free((void *)(uintptr_t)atomic_load(&publisher->tables.settings));
	rte_free(publisher->tables.qsbr);
	for (size_t lines = 0; lines <= OBJECT_LINES_MAX; lines++)
		slab_fini(&publisher->objects[lines]);
	free(publisher);
}

const struct live_tables *
publish_tables(const struct publisher *publisher)
{
	return &publisher->tables;
}

static void
chain_retire(struct publisher *publisher, const struct recipe *chain)
{
	const struct recipe *next;

	for (; chain != NULL; chain = next) {
		next = recipe_next(chain);
		retire(&publisher->retired, (void *)(uintptr_t)chain, recipe_free);
	}
}

/* Frees recipes that no worker has ever seen. */
static void
chain_free(struct publisher *publisher, struct recipe *chain)
{
	const struct recipe *next;

	for (; chain != NULL; chain = (struct recipe *)(uintptr_t)next) {
		next = recipe_next(chain);
		recipe_free(chain, publisher);
	}
}

static int
recipe_make(struct publisher *publisher, const struct recipe_spec *asked, const struct recipe *next,
	    struct recipe **recipe)
{
	struct recipe_spec spec = *asked;
	unsigned lines;
	int error;

	spec.next = next;
	lines = recipe_spec_lines(&spec);
	*recipe = object_alloc(publisher, lines);
	if (*recipe == NULL)
		return -ENOMEM;
	error = recipe_compile(*recipe, &spec);
	if (error != 0)
		slab_free(&publisher->objects[lines], *recipe);
	return error;
}

static int
chain_compile(struct publisher *publisher, const struct recipe_spec *specs, unsigned count,
	      struct recipe **chain)
{
	struct recipe *head = NULL;

	for (unsigned i = count; i-- > 0;) {
		struct recipe *recipe;
		int error = recipe_make(publisher, &specs[i], head, &recipe);

		if (error != 0) {
			chain_free(publisher, head);
			return error;
		}
		/* a packet is cut once for all of its copies, by the first recipe's measure */
		if (head != NULL)
			recipe->inner_mtu = RTE_MIN(recipe->inner_mtu, head->inner_mtu);
		head = recipe;
	}
	*chain = head;
	return 0;
}

/* Compares all but `next`, whose place in memory says nothing. */
static bool
recipe_is_same(const struct recipe *a, const struct recipe *b)
{
	if (memcmp(a, b, offsetof(struct recipe, next)) != 0)
		return false;
	if (a->flags & RECIPE_SEALED &&
	    (a->seal_sa != b->seal_sa || a->seal_mtu != b->seal_mtu || a->seal_df != b->seal_df))
		return false;
	return memcmp(recipe_bytes(a), recipe_bytes(b), a->push_len) == 0;
}

static bool
chain_is_same(const struct recipe *a, const struct recipe *b)
{
	while (a != NULL && b != NULL && recipe_is_same(a, b)) {
		a = recipe_next(a);
		b = recipe_next(b);
	}
	return a == NULL && b == NULL;
}

int
publish_recipes(struct publisher *publisher, const struct recipe_spec *specs, unsigned count)
{
	const struct recipe *old;
	struct recipe *chain;
	be32 home_address;
	int error;

	if (count == 0)
		return -EINVAL;
	home_address = specs[0].home_address;
	error = chain_compile(publisher, specs, count, &chain);
	if (error != 0)
		return error;
	old = publish_recipes_find(publisher, home_address);
	if (chain_is_same(old, chain)) {
		chain_free(publisher, chain);
		return 0;
	}
	error = recipe_index_set(&publisher->recipes, home_address, chain);
	if (error != 0) {
		chain_free(publisher, chain);
		return error;
	}
	chain_retire(publisher, old);
	return 0;
}

void
publish_recipes_remove(struct publisher *publisher, be32 home_address)
{
	const struct recipe *old = publish_recipes_find(publisher, home_address);

	if (old == NULL)
		return;
	recipe_index_remove(&publisher->recipes, home_address);
	chain_retire(publisher, old);
}

const struct recipe *
publish_recipes_find(const struct publisher *publisher, be32 home_address)
{
	const struct recipe *recipe;

	publish_recipes_find_all(publisher, &home_address, 1, &recipe);
	return recipe;
}

void
publish_recipes_find_all(const struct publisher *publisher, const be32 *home_addresses,
			 unsigned count, const struct recipe **recipes)
{
	recipe_lookup(&publisher->recipes.table, home_addresses, count, recipes);
}

int
publish_route(struct publisher *publisher, struct prefix prefix, uint32_t next_hop)
{
	/* rte_lpm has no prefix of length 0: the default route is two halves */
	if (prefix.len_bits == 0) {
		struct prefix low = {0, 1}, high = {htobe32(0x80000000), 1};
		int error = publish_route(publisher, low, next_hop);

		return error != 0 ? error : publish_route(publisher, high, next_hop);
	}
	return rte_lpm_add(publisher->tables.routes, be32toh(prefix.address), prefix.len_bits,
			   next_hop) == 0
		       ? 0
		       : -ENOSPC;
}

void
publish_route_remove(struct publisher *publisher, struct prefix prefix)
{
	if (prefix.len_bits == 0) {
		rte_lpm_delete(publisher->tables.routes, 0, 1);
		rte_lpm_delete(publisher->tables.routes, 0x80000000, 1);
	} else {
		rte_lpm_delete(publisher->tables.routes, be32toh(prefix.address), prefix.len_bits);
	}
}

uint32_t
publish_route_lookup(const struct publisher *publisher, be32 address)
{
	uint32_t next_hop;

	if (rte_lpm_lookup(publisher->tables.routes, be32toh(address), &next_hop) != 0)
		return NEXT_HOP_NONE;
	return next_hop;
}

void
publish_next_hop(struct publisher *publisher, uint32_t index, struct next_hop next_hop)
{
	union next_hop_word word = {.hop = next_hop};

	if (index != NEXT_HOP_NONE && index < publisher->tables.next_hop_count)
		atomic_store_explicit(&publisher->tables.next_hops[index], word.word,
				      memory_order_relaxed);
}

int
publish_settings(struct publisher *publisher, const struct live_settings *settings)
{
	struct live_settings *copy =
		rte_malloc_socket("settings", sizeof(*copy), 0, publisher->socket);
	const struct live_settings *old;

	if (copy == NULL)
		return -ENOMEM;
	*copy = *settings;
	old = atomic_exchange_explicit(&publisher->tables.settings, copy, memory_order_acq_rel);
	retire(&publisher->retired, (void *)(uintptr_t)old, settings_free);
	return 0;
}

void
publish_sa(struct publisher *publisher, uint32_t slot, struct sa *sa)
{
	struct sa *old =
		atomic_exchange_explicit(&publisher->tables.sas[slot], sa, memory_order_acq_rel);

	retire(&publisher->retired, old, sa_free);
}

void
publish_sa_remove(struct publisher *publisher, uint32_t slot)
{
	publish_sa(publisher, slot, NULL);
}

/* What is before the selectors. */
static size_t
sa_size(uint32_t window_bits)
{
	size_t size = offsetof(struct sa, window);

	return window_bits == SA_WINDOW_NONE ? size : size + replay_window_size(window_bits);
}

struct sa *
publish_sa_storage(struct publisher *publisher, const struct sa_room *room)
{
	size_t selectors_at = sa_size(room->window_bits);
	size_t key_at = RTE_CACHE_LINE_ROUNDUP(
		selectors_at + room->selector_count * sizeof(struct traffic_selector));
	size_t size = key_at + esp_key_size(room->suite);
	size_t lines = size / RTE_CACHE_LINE_SIZE;
	struct sa *sa = object_alloc(publisher, lines);

	if (sa == NULL)
		return NULL;
	memset(sa, 0, size);
	sa->lines = (uint8_t)lines;
	sa->selectors = (struct traffic_selector *)((uint8_t *)sa + selectors_at);
	sa->key = (const struct esp_key *)((uint8_t *)sa + key_at);
	sa_set_suite(sa, room->suite);
	atomic_init(&sa->owner, SA_OWNER_NONE);
	if (room->window_bits != SA_WINDOW_NONE)
		replay_window_init(&sa->window, room->window_bits);
	return sa;
}

unsigned
publish_reclaim(struct publisher *publisher)
{
	return retired_reclaim(&publisher->retired, false);
}
