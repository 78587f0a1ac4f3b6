/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_duplicate.h"

#include <stdlib.h>
#include <string.h>

static int
compare_identity(const struct config_identity *a, const struct config_identity *b)
{
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->text == NULL || b->text == NULL)
		return (a->text != NULL) - (b->text != NULL);
	return strcmp(a->text, b->text);
}

/* Those that are the same stand in the order of the list. */
static int
compare(const void *a_data, const void *b_data)
{
	const struct config_identity *a = a_data;
	const struct config_identity *b = b_data;
	int order = compare_identity(a, b);

	if (order != 0)
		return order;
	return a->index < b->index ? -1 : a->index > b->index;
}

bool
config_duplicate_find(struct config_identity *identities, size_t count, unsigned *first,
		      unsigned *second)
{
	bool has_found = false;

	if (count < 2)
		return false;
	qsort(identities, count, sizeof(*identities), compare);
	for (size_t i = 1; i < count; i++) {
		if (compare_identity(&identities[i - 1], &identities[i]) != 0)
			continue;
		if (has_found && identities[i].index > *second)
			continue;
		*first = identities[i - 1].index;
		*second = identities[i].index;
		has_found = true;
	}
	return has_found;
}
