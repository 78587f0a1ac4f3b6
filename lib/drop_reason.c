/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/drop_reason.h"

#include <assert.h>

static const struct {
	const char *name;
	const char *help;
} reasons[] = {
#define DROP_TEXT(name, text, help) {text, help},
	DROP_REASONS(DROP_TEXT)
#undef DROP_TEXT
};

const char *
drop_reason_name(enum drop_reason reason)
{
	assert(reason < DROP_REASON_COUNT);
	return reasons[reason].name;
}

const char *
drop_reason_help(enum drop_reason reason)
{
	assert(reason < DROP_REASON_COUNT);
	return reasons[reason].help;
}
