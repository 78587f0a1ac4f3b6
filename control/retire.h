/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_RETIRE_H
#define CONTROL_RETIRE_H

#include <rte_rcu_qsbr.h>
#include <stdbool.h>

/*
 * Objects that have been taken out of the live tables but that a worker may still be reading. Each waits
 * with a token; when every worker has been quiescent since, it is freed. First in, first out: tokens only
 * grow. Control core.
 */
struct retired_object {
	void *object;
	void (*free_object)(void *object, void *context);
	uint64_t token;
};

struct retired {
	struct rte_rcu_qsbr *qsbr;
	void *context; /* handed to free_object */
	struct retired_object *ring;
	uint32_t size; /* of the ring, a power of two */
	uint32_t head; /* the oldest */
	uint32_t count;
};

void retired_init(struct retired *retired, struct rte_rcu_qsbr *qsbr, void *context);

/* Frees everything; all workers have stopped. */
void retired_fini(struct retired *retired);

/* Takes `object`, to be freed by `free_object` when no worker can hold it. NULL is fine. Should memory
 * run out, it waits for the workers. */
void retire(struct retired *retired, void *object, void (*free_object)(void *, void *));

/* Frees what is due; with `wait` it waits until the oldest half is. Returns what still waits. */
unsigned retired_reclaim(struct retired *retired, bool wait);

#endif
