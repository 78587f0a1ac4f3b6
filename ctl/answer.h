/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_ANSWER_H
#define CTL_ANSWER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reading answers of the box without trusting their shape: what is missing or of another type reads as
 * "-" or 0. NULL is accepted wherever an answer is.
 */

/* The text under `key`, or "-" when there is none or it is empty. Lives as long as the answer. */
const char *answer_text(const json_t *answer, const char *key);

/* The number under `key`; negative ones and other types are 0. */
uint64_t answer_number(const json_t *answer, const char *key);

/* What stands under `key`, text or number, as text; "-" when there is nothing of the kind. */
#define ANSWER_VALUE_SIZE 96
struct answer_value {
	char text[ANSWER_VALUE_SIZE];
};
struct answer_value answer_value(const json_t *answer, const char *key);

/* The sentence when the box answered with an error, or NULL. */
const char *answer_error(const json_t *answer);

/*
 * Rows of a list. DPDK's telemetry cannot put dictionaries into an array, so the box sends a list as a
 * dictionary with the keys "0", "1", ... Yields an array for that and for a true array; an empty one
 * for anything else. New reference; NULL: no memory.
 */
json_t *answer_rows(const json_t *list);

/* Replaces the list under `key` by its rows, as an array. 0 or -ENOMEM. */
int answer_make_rows(json_t *answer, const char *key);

/* Counters in the order of the answer; dictionaries inside are visited with their name before it:
 * `visit` gets "x_ha" / "accepted". At most `ANSWER_DEPTH_MAX` levels. */
#define ANSWER_DEPTH_MAX 4
struct counter_visitor {
	void (*visit)(void *context, const char *group, const char *name, uint64_t count);
	void *context;
};
void answer_visit_counters(const json_t *answer, const struct counter_visitor *visitor);

#endif
