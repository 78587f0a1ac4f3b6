/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_CONFIG_DUPLICATE_H
#define CONTROL_CONFIG_DUPLICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What must be unique in a list: a number, a text (may be NULL), or both together. */
struct config_identity {
	uint64_t number;
	const char *text;
	unsigned index; /* place in the list */
};

/*
 * Sorts `identities` and looks for two that are the same: n log n, for lists of a million. True
 * when there are any; then `first` < `second` are the places of the pair whose second comes first.
 */
bool config_duplicate_find(struct config_identity *identities, size_t count, unsigned *first,
			   unsigned *second);

#endif
