/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_reader.h"

#include "control/config_value.h"
#include "lib/log.h"

#include <errno.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
config_text_clean(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
	}
}

/* Appends to a text of `size` bytes, cutting it off at the end. */
static void __attribute__((format(printf, 3, 4)))
append(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

/* Appends the path of `setting`, such as subscribers[3].associations[0]; nothing for the root. */
static void
append_path(char *text, size_t size, const struct config_setting_t *setting)
{
	if (setting == NULL || setting->parent == NULL)
		return;
	append_path(text, size, setting->parent);
	if (setting->name != NULL)
		append(text, size, "%s%s", text[0] != '\0' ? "." : "", setting->name);
	else
		append(text, size, "[%d]", config_setting_index(setting));
}

/* What a message is about: where it stands, and its path. */
struct place {
	const char *file;
	int line;
	char path[CONFIG_PATH_SIZE];
};

static void
place_of(const struct config_reader *reader, const struct config_setting_t *setting,
	 const char *key, struct place *place)
{
	const struct config_setting_t *member = NULL;

	if (setting != NULL && key != NULL && config_setting_is_group(setting))
		member = config_setting_get_member(setting, key);
	if (member == NULL)
		member = setting;
	place->path[0] = '\0';
	append_path(place->path, sizeof(place->path), setting);
	if (key != NULL)
		append(place->path, sizeof(place->path), "%s%s", place->path[0] != '\0' ? "." : "",
		       key);
	place->file = member != NULL && member->file != NULL ? member->file : reader->path;
	place->line = config_reader_line(member);
}

static void __attribute__((format(printf, 5, 0)))
record(struct config_reader *reader, const char *file, int line, const char *path,
       const char *format, va_list args)
{
	struct config_error *error = reader->error;
	size_t used;

	if (reader->has_failed)
		return;
	reader->has_failed = true;
	snprintf(error->file, sizeof(error->file), "%s", file);
	error->line = line;
	snprintf(error->text, sizeof(error->text), "%s%s", path, path[0] != '\0' ? ": " : "");
	used = strlen(error->text);
	vsnprintf(error->text + used, sizeof(error->text) - used, format, args);
	config_text_clean(error->file);
	config_text_clean(error->text);
}

int
config_reader_fail(struct config_reader *reader, const struct config_setting_t *setting,
		   const char *key, const char *format, ...)
{
	struct place place;
	va_list args;

	place_of(reader, setting, key, &place);
	va_start(args, format);
	record(reader, place.file, place.line, place.path, format, args);
	va_end(args);
	return -EINVAL;
}

int
config_reader_fail_at(struct config_reader *reader, const char *file, int line, const char *format,
		      ...)
{
	va_list args;

	va_start(args, format);
	record(reader, file, line, "", format, args);
	va_end(args);
	return -EINVAL;
}

void
config_reader_warn(struct config_reader *reader, const struct config_setting_t *setting,
		   const char *key, const char *format, ...)
{
	struct place place;
	char text[512];
	va_list args;

	if (++reader->warning_count > CONFIG_WARNINGS_SHOWN)
		return;
	place_of(reader, setting, key, &place);
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	config_text_clean(text);
	if (place.line > 0)
		log_warnx("%s:%d: %s: %s", place.file, place.line, place.path, text);
	else
		log_warnx("%s: %s: %s", place.file, place.path, text);
}

int
config_reader_path(const struct config_reader *reader, const char *path, char out[CONFIG_PATH_SIZE])
{
	int len;

	if (path[0] == '/')
		len = snprintf(out, CONFIG_PATH_SIZE, "%s", path);
	else
		len = snprintf(out, CONFIG_PATH_SIZE, "%s/%s", reader->directory, path);
	return len < CONFIG_PATH_SIZE ? 0 : -ENAMETOOLONG;
}

int
config_reader_line(const struct config_setting_t *setting)
{
	return setting != NULL ? (int)config_setting_source_line(setting) : 0;
}

bool
config_reader_has(const struct config_setting_t *group, const char *name)
{
	return config_setting_get_member(group, name) != NULL;
}

unsigned
config_reader_count(const struct config_setting_t *list)
{
	return list != NULL ? (unsigned)config_setting_length(list) : 0;
}

const struct config_setting_t *
config_reader_element(const struct config_setting_t *list, unsigned index)
{
	return config_setting_get_elem(list, index);
}

static const struct config_key *
find_key(const struct config_key *keys, const char *name)
{
	for (; keys != NULL && keys->name != NULL; keys++) {
		if (strcmp(keys->name, name) == 0)
			return keys;
	}
	return NULL;
}

#define NAME_SIZE_MAX 40 /* longer keys get no suggestion */

/* How many letters have to be put in, left out or changed to make one word the other (Levenshtein).
 * */
static unsigned
edit_distance(const char *a, const char *b)
{
	unsigned row[NAME_SIZE_MAX + 1];
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);

	if (a_len > NAME_SIZE_MAX || b_len > NAME_SIZE_MAX)
		return UINT32_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned change = diagonal + (a[i - 1] != b[j - 1]);
			unsigned step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

			diagonal = row[j];
			row[j] = change < step ? change : step;
		}
	}
	return row[b_len];
}

static void
find_nearest(const struct config_key *keys, const char *name, const char **nearest,
	     unsigned *distance)
{
	for (; keys != NULL && keys->name != NULL; keys++) {
		unsigned d = edit_distance(keys->name, name);

		if (d < *distance) {
			*distance = d;
			*nearest = keys->name;
		}
	}
}

static int
fail_unknown(struct config_reader *reader, const struct config_setting_t *member,
	     const struct config_key *keys, const struct config_key *others)
{
	const char *nearest = NULL;
	/* More than two letters wrong, in longer words a third of them, is another word. */
	unsigned distance = (unsigned)(strlen(member->name) / 3) + 2;

	find_nearest(keys, member->name, &nearest, &distance);
	find_nearest(others, member->name, &nearest, &distance);
	if (nearest != NULL)
		return config_reader_fail(reader, member, NULL,
					  "there is no such key; did you mean \"%s\"?", nearest);
	return config_reader_fail(reader, member, NULL,
				  "there is no such key here; homeport.conf(5) lists them");
}

void
config_reader_defaults(const struct config_key *keys, void *values)
{
	for (; keys->name != NULL; keys++)
		config_value_default(keys, (char *)values + keys->offset);
}

int
config_reader_group(struct config_reader *reader, const struct config_setting_t *setting,
		    const struct config_key *keys, const struct config_key *others, void *values)
{
	config_reader_defaults(keys, values);
	if (setting == NULL)
		return 0;
	if (!config_setting_is_group(setting))
		return config_reader_fail(reader, setting, NULL,
					  "a group is expected: { key = value; ... }");
	for (unsigned i = 0; i < config_reader_count(setting); i++) {
		const struct config_setting_t *member = config_reader_element(setting, i);
		const struct config_key *key = find_key(keys, member->name);

		if (key == NULL && find_key(others, member->name) == NULL)
			return fail_unknown(reader, member, keys, others);
		if (key != NULL &&
		    config_reader_value(reader, member, key, (char *)values + key->offset) < 0)
			return -EINVAL;
	}
	for (const struct config_key *key = keys; key->name != NULL; key++) {
		if (key->is_required && config_setting_get_member(setting, key->name) == NULL)
			return config_reader_fail(reader, setting, key->name, "missing: %s",
						  key->hint);
	}
	return 0;
}
