/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_PUBLISH_H
#define CONTROL_PUBLISH_H

#include "dataplane/sa.h"
#include "dataplane/tables.h"
#include "lib/prefix.h"

/*
 * The one place that writes live tables. Each call is atomic for the workers: they see what was there
 * before or what is there after. Storage that was replaced is freed by publish_reclaim() once no worker
 * can hold it. Everything here: control core only.
 */
struct publisher;

struct publish_limits {
	unsigned worker_count;
	unsigned bindings_max; /* home addresses */
	unsigned next_hops_max;
	uint32_t sas_max; /* a power of two, or 0; a TIA has two at least, and a recipe */
	int socket;
};

struct publisher *publish_create(const struct publish_limits *limits); /* NULL: no memory */
void publish_destroy(struct publisher *publisher); /* after all workers have stopped */

/* What workers get to see. */
const struct live_tables *publish_tables(const struct publisher *publisher);

/*
 * Publishes what a home address resolves to: one recipe for each of `count` specs (all of the same home
 * address; `next` and `flags` RECIPE_HAS_NEXT are filled in here), replacing what was there; when it comes
 * out the same, that stays.
 * 0; -EINVAL (see recipe_compile); -ENOSPC or -ENOMEM: tables full, nothing changed.
 */
int publish_recipes(struct publisher *publisher, const struct recipe_spec *specs, unsigned count);

/* Withdraws a home address; unknown is fine. */
void publish_recipes_remove(struct publisher *publisher, be32 home_address);

/* What is published for a home address, or NULL. Valid until the next change of it. */
const struct recipe *publish_recipes_find(const struct publisher *publisher, be32 home_address);

/* The same of several, at most RECIPE_LOOKUP_MAX, at once. */
void publish_recipes_find_all(const struct publisher *publisher, const be32 *home_addresses,
			      unsigned count, const struct recipe **recipes);

/* Adds or changes a route. 0 or -ENOSPC. */
int publish_route(struct publisher *publisher, struct prefix prefix, uint32_t next_hop);
void publish_route_remove(struct publisher *publisher, struct prefix prefix);

/* Next hop index that the longest matching route gives; NEXT_HOP_NONE when there is none. */
uint32_t publish_route_lookup(const struct publisher *publisher, be32 address);

void publish_next_hop(struct publisher *publisher, uint32_t index, struct next_hop next_hop);

/* Gives a slot of the table of security associations to `sa`, which publish_sa_storage() made; what was there goes
 * as by publish_sa_remove(). Outbound ones need a slot, too, though workers do not look for them there. */
void publish_sa(struct publisher *publisher, uint32_t slot, struct sa *sa);
/* Takes back a slot; the SA's key is wiped and its storage freed when no worker can hold it. No published
 * recipe may name it any more. An empty slot is fine. */
void publish_sa_remove(struct publisher *publisher, uint32_t slot);
/* What an SA is to have room for. */
struct sa_room {
	enum esp_suite suite;
	uint32_t window_bits; /* or SA_WINDOW_NONE */
	unsigned selector_count;
};

/* Storage for such an SA and its key schedule, which is to be made there; zeroed, or NULL. */
struct sa *publish_sa_storage(struct publisher *publisher, const struct sa_room *room);
/* Gives back one that was not published, and has no key. */
void publish_sa_give_back(struct publisher *publisher, struct sa *sa);

/* Copies and swaps the settings. 0 or -ENOMEM. */
int publish_settings(struct publisher *publisher, const struct live_settings *settings);

/* Frees what every worker has let go of; call it now and then. Returns what still waits. */
unsigned publish_reclaim(struct publisher *publisher);

#endif
