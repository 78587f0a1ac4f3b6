/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_RECIPE_INDEX_H
#define CONTROL_RECIPE_INDEX_H

#include <rte_rcu_qsbr.h>

#include "dataplane/recipe_table.h"

/* A bucket that may take what spills, once the workers have been quiescent since `token`. */
struct recipe_spare {
	uint64_t token; /* 0: at once */
	uint32_t bucket;
};

/*
 * The writing side of the table of recipes. It has its full size from the start, since the number of
 * bindings is configured, so it is never rebuilt under the workers. Control core.
 */
struct recipe_index {
	struct recipe_table table; /* what workers see */
	struct rte_rcu_qsbr *qsbr;
	uint32_t bucket_count; /* all, those for what spills too */
	uint32_t entries, entries_max;
	struct recipe_spare *spares; /* a ring of `spares_max`; the oldest first */
	uint32_t spares_max, spare_head, spare_count;
};

/* `qsbr` counts the workers' quiescent states. 0 or -ENOMEM. */
int recipe_index_init(struct recipe_index *index, uint32_t entries_max, struct rte_rcu_qsbr *qsbr,
		      int socket);
/* All workers have stopped; a second time is fine. */
void recipe_index_fini(struct recipe_index *index);

/* Has `home_address` stand for `recipe`, at once. What it stood for before is for the caller to retire. 0, or
 * -ENOSPC: `entries_max` are there, or more fall together than the spare buckets hold, which are one for each
 * four entries. May wait for the workers when much was removed a moment ago. */
int recipe_index_set(struct recipe_index *index, be32 home_address, const struct recipe *recipe);

/* Has it stand for nothing; unknown is fine. */
void recipe_index_remove(struct recipe_index *index, be32 home_address);

#endif
