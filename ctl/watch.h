/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_WATCH_H
#define CTL_WATCH_H

#include <jansson.h>
#include <stdio.h>

#include "lib/mono_time.h"

/* What the box said at one moment; the next one minus this one gives rates. */
struct watch_sample {
	struct mono_time at;
	json_t *info;  /* with "ports" as an array */
	json_t *drops; /* names as in lib/drop_reason.h */
};

/* Forgets a sample; an empty one is fine. */
void watch_sample_fini(struct watch_sample *sample);

/* One block for people: totals of `now`, rates since `before`, which is NULL the first time.
 * 0 or -ENOMEM. */
int watch_print(const struct watch_sample *before, const struct watch_sample *now, FILE *out);

#endif
