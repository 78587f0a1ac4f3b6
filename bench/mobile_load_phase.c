/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/mobile_load_phase.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {"attach", "refresh", "move"};

const char *
load_pattern_name(enum load_pattern pattern)
{
	return names[pattern];
}

int
load_phase_parse(struct load_phase *phase, const char *text)
{
	size_t name_len = strcspn(text, ":");
	char rest;

	memset(phase, 0, sizeof(*phase));
	for (unsigned i = 0; i < ARRAY_COUNT(names); i++) {
		if (strlen(names[i]) != name_len || strncmp(names[i], text, name_len) != 0)
			continue;
		phase->pattern = (enum load_pattern)i;
		if (text[name_len] == '\0')
			return phase->pattern == LOAD_ATTACH ? 0 : -EINVAL;
		return sscanf(text + name_len, ":%u:%u%c", &phase->per_sec, &phase->seconds,
			      &rest) == 2
			       ? 0
			       : -EINVAL;
	}
	return -EINVAL;
}
