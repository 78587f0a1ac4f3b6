/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/drops.h"

#include <stdbool.h>
#include <string.h>

#include "lib/drop_reason.h"

static bool
is_same_name(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++) {
		if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
			return false;
	}
	return *a == *b;
}

/* DROP_REASON_COUNT when there is none of this name. */
static enum drop_reason
reason_find(const char *name)
{
	enum drop_reason reason = 0;

	while (reason < DROP_REASON_COUNT && !is_same_name(drop_reason_name(reason), name))
		reason++;
	return reason;
}

json_t *
drops_rename(const json_t *answer)
{
	json_t *named = json_object(), *count;
	const char *name;

	if (named == NULL)
		return NULL;
	json_object_foreach((json_t *)answer, name, count)
	{
		enum drop_reason reason = reason_find(name);

		json_object_set(named, reason < DROP_REASON_COUNT ? drop_reason_name(reason) : name,
				count);
	}
	return named;
}

const char *
drops_help(const char *name)
{
	enum drop_reason reason = reason_find(name);

	return reason < DROP_REASON_COUNT ? drop_reason_help(reason) : "";
}
