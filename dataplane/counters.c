/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/counters.h"

const char *
stage_name(enum stage_id stage)
{
	static const char *const names[] = {
#define STAGE_NAME(name, text) text,
		STAGES(STAGE_NAME)
#undef STAGE_NAME
	};

	return names[stage];
}
