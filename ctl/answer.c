/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/answer.h"

#include <errno.h>
#include <stdio.h>

#define GROUP_SIZE 128

const char *
answer_text(const json_t *answer, const char *key)
{
	const char *text = json_string_value(json_object_get(answer, key));

	return text == NULL || text[0] == '\0' ? "-" : text;
}

uint64_t
answer_number(const json_t *answer, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(answer, key));

	return number > 0 ? (uint64_t)number : 0;
}

struct answer_value
answer_value(const json_t *answer, const char *key)
{
	const json_t *value = json_object_get(answer, key);
	struct answer_value out;

	if (json_is_integer(value))
		snprintf(out.text, sizeof(out.text), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
	else if (json_is_real(value))
		snprintf(out.text, sizeof(out.text), "%.1f", json_real_value(value));
	else
		snprintf(out.text, sizeof(out.text), "%s", answer_text(answer, key));
	return out;
}

const char *
answer_error(const json_t *answer)
{
	return json_string_value(json_object_get(answer, "error"));
}

json_t *
answer_rows(const json_t *list)
{
	json_t *rows = json_array(), *row;
	const char *key;
	size_t index;

	if (rows == NULL)
		return NULL;
	if (json_is_array(list)) {
		json_array_foreach(list, index, row) json_array_append(rows, row);
	} else {
		json_object_foreach((json_t *)list, key, row) json_array_append(rows, row);
	}
	return rows;
}

int
answer_make_rows(json_t *answer, const char *key)
{
	json_t *rows = answer_rows(json_object_get(answer, key));

	return rows == NULL || json_object_set_new(answer, key, rows) < 0 ? -ENOMEM : 0;
}

static void
visit(const json_t *answer, const char *group, unsigned depth,
      const struct counter_visitor *visitor)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)answer, name, value)
	{
		if (json_is_integer(value)) {
			visitor->visit(visitor->context, group, name, answer_number(answer, name));
		} else if (json_is_object(value) && depth < ANSWER_DEPTH_MAX) {
			char inner[GROUP_SIZE];

			/* A name that long is no counter's. */
			if (snprintf(inner, sizeof(inner), "%s%s%s", group,
				     group[0] != '\0' ? "." : "", name) < (int)sizeof(inner))
				visit(value, inner, depth + 1, visitor);
		}
	}
}

void
answer_visit_counters(const json_t *answer, const struct counter_visitor *visitor)
{
	visit(answer, "", 1, visitor);
}
