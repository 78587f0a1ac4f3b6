/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/config_reader.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/utf8.h"

#define LABEL_LEN_MAX 63 /* RFC 1035 section 2.3.4 */

int
config_reader_parse(config_t *file, const char *path, struct mn_config_error *error)
{
	if (config_read_file(file, path) == CONFIG_TRUE)
		return 0;
	if (config_error_file(file) != NULL)
		snprintf(error->file, sizeof(error->file), "%s", config_error_file(file));
	if (config_error_type(file) == CONFIG_ERR_FILE_IO) {
		snprintf(error->text, sizeof(error->text), "cannot be read: %s",
			 errno != 0 ? strerror(errno) : "input/output error");
		return errno != 0 ? -errno : -EIO;
	}
	error->line = config_error_line(file);
	snprintf(error->text, sizeof(error->text), "%s", config_error_text(file));
	return -EINVAL;
}

void
config_reader_fail(struct config_reader *reader, const config_setting_t *setting,
		   const char *format, ...)
{
	const char *file = config_setting_source_file(setting);
	va_list arguments;

	if (reader->result != 0)
		return;
	reader->result = -EINVAL;
	if (file != NULL)
		snprintf(reader->error->file, sizeof(reader->error->file), "%s", file);
	reader->error->line = (int)config_setting_source_line(setting);
	va_start(arguments, format);
	vsnprintf(reader->error->text, sizeof(reader->error->text), format, arguments);
	va_end(arguments);
}

void
config_reader_check_keys(struct config_reader *reader, const config_setting_t *group,
			 const char *const *known)
{
	int count = config_setting_length(group);

	for (int i = 0; i < count; i++) {
		const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(member);
		unsigned k = 0;

		while (known[k] != NULL && strcmp(known[k], name) != 0)
			k++;
		if (known[k] == NULL)
			config_reader_fail(reader, member, "%s: unknown key; %s lists them", name,
					   reader->manual);
	}
}

static const char *
type_name(int type)
{
	switch (type) {
	case CONFIG_TYPE_GROUP:
		return "a group in { }";
	case CONFIG_TYPE_LIST:
		return "a list in ( )";
	case CONFIG_TYPE_ARRAY:
		return "an array in [ ]";
	case CONFIG_TYPE_BOOL:
		return "true or false";
	case CONFIG_TYPE_STRING:
		return "a string in quotation marks";
	default:
		return "a number";
	}
}

config_setting_t *
config_reader_member(struct config_reader *reader, const config_setting_t *group, const char *key,
		     int type)
{
	config_setting_t *member = config_setting_get_member(group, key);

	if (reader->result != 0 || member == NULL)
		return NULL;
	if (config_setting_type(member) != type) {
		config_reader_fail(reader, member, "%s: must be %s", key, type_name(type));
		return NULL;
	}
	return member;
}

unsigned
config_reader_groups(struct config_reader *reader, const config_setting_t *group, const char *key,
		     unsigned most, config_setting_t **list)
{
	unsigned count = 0;

	*list = config_reader_member(reader, group, key, CONFIG_TYPE_LIST);
	if (*list != NULL)
		count = (unsigned)config_setting_length(*list);
	if (count > most)
		config_reader_fail(reader, *list, "%s: more than %u", key, most);
	for (unsigned i = 0; i < count; i++) {
		const config_setting_t *element = config_setting_get_elem(*list, i);

		if (!config_setting_is_group(element))
			config_reader_fail(reader, element, "%s: each entry is a group in { }",
					   key);
	}
	return reader->result == 0 ? count : 0;
}

unsigned
config_reader_strings(struct config_reader *reader, const config_setting_t *group, const char *key,
		      unsigned most, config_setting_t **array)
{
	unsigned count;

	*array = config_reader_member(reader, group, key, CONFIG_TYPE_ARRAY);
	count = *array != NULL ? (unsigned)config_setting_length(*array) : 0;
	if (count <= most)
		return count;
	config_reader_fail(reader, *array, "%s: more than %u", key, most);
	return 0;
}

static bool
is_label_character(uint32_t code)
{
	if (code >= 0x80)
		return utf8_is_printable(code);
	return isalnum((int)code) != 0 || code == '-' || code == '_';
}

static bool
is_label(const char *label, size_t len)
{
	const uint8_t *bytes = (const uint8_t *)label;

	if (len == 0 || len > LABEL_LEN_MAX || label[0] == '-' || label[len - 1] == '-')
		return false;
	while (len > 0) {
		uint32_t code;
		unsigned size = utf8_next(bytes, len, &code);

		if (size == 0 || !is_label_character(code))
			return false;
		bytes += size;
		len -= size;
	}
	return true;
}

static bool
is_domain(const char *text)
{
	for (;;) {
		size_t len = strcspn(text, ".");

		if (!is_label(text, len))
			return false;
		if (text[len] == '\0')
			return true;
		text += len + 1;
	}
}

/* False: it is none. */
static bool
domain_copy(char domain[MN_DOMAIN_SIZE], const char *text)
{
	size_t len = strlen(text);

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len >= MN_DOMAIN_SIZE)
		return false;
	memcpy(domain, text, len);
	domain[len] = '\0';
	return is_domain(domain);
}

void
config_reader_domains(struct config_reader *reader, const config_setting_t *group, const char *key,
		      unsigned most, char domains[][MN_DOMAIN_SIZE], unsigned *count)
{
	config_setting_t *array;
	unsigned found = config_reader_strings(reader, group, key, most, &array);

	for (unsigned i = 0; i < found; i++) {
		const char *text = config_setting_get_string_elem(array, (int)i);

		if (text == NULL || !domain_copy(domains[i], text)) {
			config_reader_fail(reader, array,
					   "%s: entry %u is not a domain like \"corp.example\"",
					   key, i + 1);
			return;
		}
	}
	*count = found;
}

void
config_reader_bool(struct config_reader *reader, const config_setting_t *group, const char *key,
		   bool *value)
{
	config_setting_t *member = config_reader_member(reader, group, key, CONFIG_TYPE_BOOL);

	if (member != NULL)
		*value = config_setting_get_bool(member) != 0;
}

void
config_reader_unsigned(struct config_reader *reader, const config_setting_t *group, const char *key,
		       unsigned least, unsigned most, unsigned *value)
{
	config_setting_t *member = config_setting_get_member(group, key);
	long long number;

	if (reader->result != 0 || member == NULL)
		return;
	if (config_setting_type(member) == CONFIG_TYPE_INT)
		number = config_setting_get_int(member);
	else if (config_setting_type(member) == CONFIG_TYPE_INT64)
		number = config_setting_get_int64(member);
	else {
		config_reader_fail(reader, member, "%s: must be a number", key);
		return;
	}
	if (number < (long long)least || number > (long long)most)
		config_reader_fail(reader, member, "%s: %lld is not from %u to %u", key, number,
				   least, most);
	else
		*value = (unsigned)number;
}

void
config_reader_string(struct config_reader *reader, const config_setting_t *group, const char *key,
		     char *value, size_t size)
{
	config_setting_t *member = config_reader_member(reader, group, key, CONFIG_TYPE_STRING);
	size_t len;

	if (member == NULL)
		return;
	len = strlen(config_setting_get_string(member));
	if (len == 0)
		config_reader_fail(reader, member, "%s: must not be empty", key);
	else if (len >= size)
		config_reader_fail(reader, member, "%s: longer than %zu characters", key, size - 1);
	else
		memcpy(value, config_setting_get_string(member), len + 1);
}

void
config_reader_word(struct config_reader *reader, const config_setting_t *group, const char *key,
		   const char *const *words, unsigned count, unsigned *value)
{
	config_setting_t *member = config_reader_member(reader, group, key, CONFIG_TYPE_STRING);
	char list[160] = "";
	const char *text;

	if (member == NULL)
		return;
	text = config_setting_get_string(member);
	for (unsigned i = 0; i < count; i++) {
		size_t len = strlen(list);

		if (strcmp(text, words[i]) == 0) {
			*value = i;
			return;
		}
		snprintf(list + len, sizeof(list) - len, "%s\"%s\"", i == 0 ? "" : ", ", words[i]);
	}
	config_reader_fail(reader, member, "%s: \"%.40s\" is none of %s", key, text, list);
}

void
config_reader_address(struct config_reader *reader, const config_setting_t *group, const char *key,
		      be32 *value)
{
	config_setting_t *member = config_reader_member(reader, group, key, CONFIG_TYPE_STRING);

	if (member != NULL && address_parse(config_setting_get_string(member), value) != 0)
		config_reader_fail(reader, member,
				   "%s: \"%.40s\" is not an IPv4 address like \"192.0.2.1\"", key,
				   config_setting_get_string(member));
}
