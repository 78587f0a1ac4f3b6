/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_value.h"

#include "control/config_reader.h"

#include <errno.h>
#include <libconfig.h>
#include <stdio.h>
#include <string.h>

bool
config_address_is_unicast(be32 address)
{
	uint8_t first = (uint8_t)(be32toh(address) >> 24);

	return first != 0 && first != 127 && first < 224;
}

bool
config_prefixes_overlap(struct prefix a, struct prefix b)
{
	return prefix_contains(a.len_bits < b.len_bits ? a : b,
			       a.len_bits < b.len_bits ? b.address : a.address);
}

static void
store_number(const struct config_key *key, void *into, uint32_t number)
{
	uint16_t half = (uint16_t)number;
	bool flag = number != 0;

	if (key->kind == CONFIG_KEY_BOOL)
		memcpy(into, &flag, sizeof(flag));
	else if (key->kind == CONFIG_KEY_UINT16)
		memcpy(into, &half, sizeof(half));
	else
		memcpy(into, &number, sizeof(number));
}

void
config_value_default(const struct config_key *key, void *into)
{
	const void *none = NULL;

	switch (key->kind) {
	case CONFIG_KEY_UNSIGNED:
	case CONFIG_KEY_UINT16:
	case CONFIG_KEY_BOOL:
	case CONFIG_KEY_CHOICE:
		store_number(key, into, key->otherwise);
		break;
	case CONFIG_KEY_TEXT:
		memset(into, 0, key->size);
		if (key->otherwise_text != NULL)
			snprintf(into, key->size, "%s", key->otherwise_text);
		break;
	case CONFIG_KEY_ADDRESS:
		memset(into, 0, sizeof(be32));
		break;
	case CONFIG_KEY_PREFIX:
	case CONFIG_KEY_PORT_ADDRESS:
		memset(into, 0, sizeof(struct prefix));
		break;
	case CONFIG_KEY_STRING:
	case CONFIG_KEY_GROUP:
	case CONFIG_KEY_LIST:
		memcpy(into, &none, sizeof(none));
		break;
	}
}

/* The scan before the parser (config_scan.c) has refused negative numbers and numbers above 32
 * bits, which libconfig would cut; one above 31 bits arrives here as a negative int. */
static int
read_number(struct config_reader *reader, const struct config_setting_t *setting,
	    const struct config_key *key, void *into)
{
	uint32_t number;

	if (config_setting_type(setting) != CONFIG_TYPE_INT &&
	    config_setting_type(setting) != CONFIG_TYPE_INT64)
		return config_reader_fail(reader, setting, NULL,
					  "a whole number is expected, without quotes");
	number = (uint32_t)config_setting_get_int64(setting);
	if (number < key->least || number > key->most)
		return config_reader_fail(reader, setting, NULL,
					  "%u is out of range, give %u to %u%s%s", number,
					  key->least, key->most, key->hint != NULL ? ": " : "",
					  key->hint != NULL ? key->hint : "");
	store_number(key, into, number);
	return 0;
}

static int
read_bool(struct config_reader *reader, const struct config_setting_t *setting,
	  const struct config_key *key, void *into)
{
	if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
		return config_reader_fail(reader, setting, NULL, "true or false is expected");
	store_number(key, into, config_setting_get_bool(setting) != 0);
	return 0;
}

/* The string of `setting`, or NULL with the error recorded. */
static const char *
string_of(struct config_reader *reader, const struct config_setting_t *setting)
{
	const char *text = config_setting_get_string(setting);

	if (config_setting_type(setting) != CONFIG_TYPE_STRING || text == NULL) {
		config_reader_fail(reader, setting, NULL, "a text in quotes is expected");
		return NULL;
	}
	if (text[0] == '\0') {
		config_reader_fail(reader, setting, NULL, "the text is empty");
		return NULL;
	}
	return text;
}

static int
read_text(struct config_reader *reader, const struct config_setting_t *setting,
	  const struct config_key *key, void *into)
{
	const char *text = string_of(reader, setting);

	if (text == NULL)
		return -EINVAL;
	if (strlen(text) >= key->size)
		return config_reader_fail(reader, setting, NULL,
					  "the text is too long, %zu characters at most",
					  key->size - 1);
	memset(into, 0, key->size);
	memcpy(into, text, strlen(text));
	return 0;
}

static int
read_string(struct config_reader *reader, const struct config_setting_t *setting, void *into)
{
	const char *text = string_of(reader, setting);

	if (text == NULL)
		return -EINVAL;
	memcpy(into, &text, sizeof(text));
	return 0;
}

static int
read_choice(struct config_reader *reader, const struct config_setting_t *setting,
	    const struct config_key *key, void *into)
{
	const char *text = string_of(reader, setting);
	char list[128] = "";
	size_t used = 0;

	if (text == NULL)
		return -EINVAL;
	for (unsigned i = 0; key->choices[i] != NULL; i++) {
		if (strcmp(text, key->choices[i]) == 0) {
			store_number(key, into, i);
			return 0;
		}
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s\"%s\"",
					 i > 0 ? ", " : "", key->choices[i]);
		if (used >= sizeof(list))
			used = sizeof(list) - 1;
	}
	return config_reader_fail(reader, setting, NULL, "\"%.40s\" is not one of %s", text, list);
}

static int
read_address(struct config_reader *reader, const struct config_setting_t *setting, void *into)
{
	const char *text = string_of(reader, setting);
	be32 address;

	if (text == NULL)
		return -EINVAL;
	if (address_parse(text, &address) < 0)
		return config_reader_fail(reader, setting, NULL,
					  "\"%.40s\" is not an IPv4 address such as \"192.0.2.1\"",
					  text);
	if (!config_address_is_unicast(address))
		return config_reader_fail(reader, setting, NULL,
					  "%.40s is not an address that a host can have", text);
	memcpy(into, &address, sizeof(address));
	return 0;
}

static int
read_prefix(struct config_reader *reader, const struct config_setting_t *setting, void *into)
{
	const char *text = string_of(reader, setting);
	char fixed[PREFIX_TEXT_SIZE];
	struct prefix prefix;

	if (text == NULL)
		return -EINVAL;
	if (prefix_parse(text, &prefix) < 0)
		return config_reader_fail(reader, setting, NULL,
					  "\"%.40s\" is not an IPv4 prefix such as \"10.1.0.0/16\"",
					  text);
	if (prefix.address != prefix_network(prefix)) {
		prefix.address = prefix_network(prefix);
		return config_reader_fail(reader, setting, NULL,
					  "%.40s has host bits set; the network is %s", text,
					  prefix_format(prefix, fixed));
	}
	memcpy(into, &prefix, sizeof(prefix));
	return 0;
}

static int
read_port_address(struct config_reader *reader, const struct config_setting_t *setting, void *into)
{
	const char *text = string_of(reader, setting);
	struct prefix prefix;

	if (text == NULL)
		return -EINVAL;
	if (strchr(text, '/') == NULL || prefix_parse(text, &prefix) < 0 || prefix.len_bits == 0)
		return config_reader_fail(reader, setting, NULL,
					  "\"%.40s\" is not an IPv4 address with the prefix length "
					  "of its network, such as \"192.0.2.1/24\"",
					  text);
	if (!config_address_is_unicast(prefix.address) ||
	    (prefix.len_bits < 31 && (prefix.address == prefix_network(prefix) ||
				      prefix.address == prefix_broadcast(prefix))))
		return config_reader_fail(reader, setting, NULL,
					  "%.40s is the address of a network or a broadcast "
					  "address, not one that a host can have",
					  text);
	memcpy(into, &prefix, sizeof(prefix));
	return 0;
}

static int
read_aggregate(struct config_reader *reader, const struct config_setting_t *setting,
	       const struct config_key *key, void *into)
{
	if (key->kind == CONFIG_KEY_GROUP && !config_setting_is_group(setting))
		return config_reader_fail(reader, setting, NULL,
					  "a group is expected: { key = value; ... }");
	if (key->kind == CONFIG_KEY_LIST && !config_setting_is_list(setting) &&
	    !config_setting_is_array(setting))
		return config_reader_fail(
			reader, setting, NULL,
			"a list is expected: ( {...}, {...} ) of groups, [a, b] of values");
	memcpy(into, &setting, sizeof(setting));
	return 0;
}

int
config_reader_value(struct config_reader *reader, const struct config_setting_t *setting,
		    const struct config_key *key, void *into)
{
	switch (key->kind) {
	case CONFIG_KEY_UNSIGNED:
	case CONFIG_KEY_UINT16:
		return read_number(reader, setting, key, into);
	case CONFIG_KEY_BOOL:
		return read_bool(reader, setting, key, into);
	case CONFIG_KEY_TEXT:
		return read_text(reader, setting, key, into);
	case CONFIG_KEY_STRING:
		return read_string(reader, setting, into);
	case CONFIG_KEY_CHOICE:
		return read_choice(reader, setting, key, into);
	case CONFIG_KEY_ADDRESS:
		return read_address(reader, setting, into);
	case CONFIG_KEY_PREFIX:
		return read_prefix(reader, setting, into);
	case CONFIG_KEY_PORT_ADDRESS:
		return read_port_address(reader, setting, into);
	case CONFIG_KEY_GROUP:
	case CONFIG_KEY_LIST:
		return read_aggregate(reader, setting, key, into);
	}
	return -EINVAL;
}
