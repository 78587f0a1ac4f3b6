/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/config_key.h"

#include <errno.h>
#include <string.h>

static void
read_key(struct config_reader *reader, const config_setting_t *parent, struct secret *key)
{
	static const char *const known[] = {"hex", "ascii", "file", NULL};
	config_setting_t *group = config_reader_member(reader, parent, "key", CONFIG_TYPE_GROUP);
	const char *form, *text;
	config_setting_t *member;
	int result;

	if (group == NULL || config_setting_length(group) != 1) {
		config_reader_fail(reader, group != NULL ? group : parent,
				   "key: give exactly one of { hex = \"...\"; }, "
				   "{ ascii = \"...\"; } and { file = \"...\"; }");
		return;
	}
	config_reader_check_keys(reader, group, known);
	form = config_setting_name(config_setting_get_elem(group, 0));
	member = config_reader_member(reader, group, form, CONFIG_TYPE_STRING);
	if (member == NULL)
		return;
	text = config_setting_get_string(member);
	if (strcmp(form, "hex") == 0)
		result = secret_from_hex(key, text);
	else if (strcmp(form, "ascii") == 0)
		result = secret_from_text(key, text);
	else
		result = secret_from_file(key, text);
	if (result == -EPERM)
		config_reader_fail(reader, member,
				   "key.file: %.100s must belong to root or this user and be "
				   "closed to group and others (chmod 600)",
				   text);
	else if (result == -E2BIG)
		config_reader_fail(reader, member, "key.%s: longer than %u bytes", form,
				   SECRET_SIZE_MAX);
	else if (result == -EINVAL)
		config_reader_fail(reader, member, "key.%s: no key in it", form);
	else if (result != 0)
		config_reader_fail(reader, member, "key.%s: %s", form, strerror(-result));
}

void
config_reader_security(struct config_reader *reader, const config_setting_t *group, uint32_t *spi,
		       enum mip_auth_algorithm *algorithm, struct secret *key)
{
	const char *names[MIP_AUTH_ALGORITHM_COUNT];
	unsigned index = MIP_AUTH_HMAC_MD5;

	for (unsigned i = 0; i < MIP_AUTH_ALGORITHM_COUNT; i++)
		names[i] = mip_auth_name((enum mip_auth_algorithm)i);
	config_reader_unsigned(reader, group, "spi", 256, UINT32_MAX, spi);
	if (*spi == 0)
		config_reader_fail(reader, group, "spi: missing; a number above 255");
	config_reader_word(reader, group, "algorithm", names, MIP_AUTH_ALGORITHM_COUNT, &index);
	*algorithm = (enum mip_auth_algorithm)index;
	read_key(reader, group, key);
}
