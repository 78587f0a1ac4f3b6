/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/retire.h"

#include <stdlib.h>

#define RETIRED_SIZE_FIRST 1024

void
retired_init(struct retired *retired, struct rte_rcu_qsbr *qsbr, void *context)
{
	*retired = (struct retired){.qsbr = qsbr, .context = context};
}

static struct retired_object *
oldest(struct retired *retired)
{
	return &retired->ring[retired->head & (retired->size - 1)];
}

static void
free_oldest(struct retired *retired)
{
	struct retired_object *object = oldest(retired);

	object->free_object(object->object, retired->context);
	retired->head++;
	retired->count--;
}

void
retired_fini(struct retired *retired)
{
	while (retired->count > 0)
		free_oldest(retired);
	free(retired->ring);
	*retired = (struct retired){0};
}

static bool
grow(struct retired *retired)
{
	uint32_t size = retired->size == 0 ? RETIRED_SIZE_FIRST : retired->size * 2;
	struct retired_object *ring = malloc(size * sizeof(*ring));

	if (ring == NULL)
		return false;
	for (uint32_t i = 0; i < retired->count; i++)
		ring[i] = retired->ring[(retired->head + i) & (retired->size - 1)];
	free(retired->ring);
	retired->ring = ring;
	retired->size = size;
	retired->head = 0;
	return true;
}

void
retire(struct retired *retired, void *object, void (*free_object)(void *, void *))
{
	struct retired_object entry = {.object = object, .free_object = free_object};

	if (object == NULL)
		return;
	if (retired->count == retired->size && retired_reclaim(retired, false) == retired->size &&
	    !grow(retired)) {
		if (retired->size == 0) {
			rte_rcu_qsbr_synchronize(retired->qsbr, RTE_QSBR_THRID_INVALID);
			free_object(object, retired->context);
			return;
		}
		retired_reclaim(retired, true);
	}
	entry.token = rte_rcu_qsbr_start(retired->qsbr);
	retired->ring[(retired->head + retired->count++) & (retired->size - 1)] = entry;
}

unsigned
retired_reclaim(struct retired *retired, bool wait)
{
	uint32_t must_go = wait ? (retired->count + 1) / 2 : 0;

	while (retired->count > 0) {
		bool is_due =
			rte_rcu_qsbr_check(retired->qsbr, oldest(retired)->token, must_go > 0) == 1;

		if (!is_due)
			break;
		free_oldest(retired);
		if (must_go > 0)
			must_go--;
	}
	return retired->count;
}
