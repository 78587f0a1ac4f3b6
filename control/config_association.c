/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_reader.h"
#include "control/config_section.h"

#include <errno.h>
#include <libconfig.h>
#include <string.h>

#define KEY_LEN_MIN 8	       /* bytes; below, guessing is a matter of hours */
#define KEY_LEN_RECOMMENDED 16 /* RFC 5944 section 5.1 */

static const char *const replay_names[] = {"timestamps", "nonces", NULL};

struct association_values {
	unsigned spi;
	const char *algorithm;
	const struct config_setting_t *key;
	unsigned replay; /* enum replay_method */
	unsigned window_sec;
};

const struct config_key config_association_keys[] = {
	{.name = "spi",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct association_values, spi),
	 .least = 256,
	 .most = UINT32_MAX,
	 .is_required = true,
	 .hint = "SPIs 0 to 255 are reserved (RFC 5944 section 1.6)"},
	{.name = "algorithm",
	 .kind = CONFIG_KEY_STRING,
	 .offset = offsetof(struct association_values, algorithm)},
	{.name = "key",
	 .kind = CONFIG_KEY_GROUP,
	 .offset = offsetof(struct association_values, key),
	 .is_required = true,
	 .hint = "give { hex = \"...\"; }, { ascii = \"...\"; } or { file = \"...\"; }"},
	{.name = "replay",
	 .kind = CONFIG_KEY_CHOICE,
	 .offset = offsetof(struct association_values, replay),
	 .choices = replay_names,
	 .otherwise = REPLAY_TIMESTAMPS},
	{.name = "window_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = offsetof(struct association_values, window_sec),
	 .least = 4,
	 .most = 3600,
	 .otherwise = 7,
	 .hint = "it should be above 3 s (RFC 5944 section 5.7.1)"},
	{.name = NULL},
};

struct key_values {
	const char *hex;
	const char *ascii;
	const char *file;
};

static const struct config_key key_keys[] = {
	{.name = "hex", .kind = CONFIG_KEY_STRING, .offset = offsetof(struct key_values, hex)},
	{.name = "ascii", .kind = CONFIG_KEY_STRING, .offset = offsetof(struct key_values, ascii)},
	{.name = "file", .kind = CONFIG_KEY_STRING, .offset = offsetof(struct key_values, file)},
	{.name = NULL},
};

/* Takes a key that stands in the configuration itself and wipes it from libconfig's tree, which
 * would free it as it is. */
static int
read_inline_key(struct config_reader *reader, const struct config_setting_t *setting,
		const char *name, int (*parse)(struct secret *, const char *),
		struct secret *secret)
{
	char *text = config_setting_get_member(setting, name)->value.sval;
	int error = parse(secret, text);

	explicit_bzero(text, strlen(text));
	if (error == -E2BIG)
		return config_reader_fail(reader, setting, name,
					  "the key is too long, %d bytes at most", SECRET_SIZE_MAX);
	if (error < 0)
		return config_reader_fail(reader, setting, name,
					  "an even number of hexadecimal digits is expected");
	if (reader->exposed[0] != '\0') {
		config_reader_warn(reader, setting, name,
				   "every user may read %s, which makes this key known; chmod it "
				   "600, or put keys into files of their own",
				   reader->exposed);
		reader->exposed[0] = '\0';
	}
	return 0;
}

static int
read_key_file(struct config_reader *reader, const struct config_setting_t *setting,
	      const char *name, struct secret *secret)
{
	char path[CONFIG_PATH_SIZE];
	int error = config_reader_path(reader, name, path);

	if (error == 0)
		error = secret_from_file(secret, path);
	if (error == -EPERM)
		return config_reader_fail(
			reader, setting, "file",
			"%.200s must belong to root or to this user and be out of "
			"reach for others; chmod it 600",
			name);
	if (error == -EINVAL || error == -E2BIG)
		return config_reader_fail(reader, setting, "file",
					  "%.200s is not a key of 1 to %d bytes: one line, 0x and "
					  "hexadecimal digits, or the characters themselves",
					  name, SECRET_SIZE_MAX);
	if (error < 0)
		return config_reader_fail(reader, setting, "file", "%.200s cannot be read: %s",
					  name, strerror(-error));
	return 0;
}

static int
check_strength(struct config_reader *reader, const struct config_setting_t *setting,
	       const struct secret *secret)
{
	bool is_varied = false;

	if (secret->len < KEY_LEN_MIN)
		return config_reader_fail(
			reader, setting, NULL,
			"a key of %u bytes is too short to protect anything; give "
			"%d bytes or more",
			secret->len, KEY_LEN_RECOMMENDED);
	for (unsigned i = 1; i < secret->len; i++)
		is_varied |= secret->bytes[i] != secret->bytes[0];
	if (!is_varied)
		config_reader_warn(
			reader, setting, NULL,
			"the key is one byte over and over, which is easy to guess; make "
			"one with openssl rand -hex %d",
			KEY_LEN_RECOMMENDED);
	else if (secret->len < KEY_LEN_RECOMMENDED)
		config_reader_warn(reader, setting, NULL,
				   "the key has %u bytes; RFC 5944 section 5.1 wants %d or more",
				   secret->len, KEY_LEN_RECOMMENDED);
	return 0;
}

static int
read_key(struct config_reader *reader, const struct config_setting_t *setting,
	 struct secret *secret)
{
	struct key_values values;
	int error;

	if (config_reader_group(reader, setting, key_keys, NULL, &values) < 0)
		return -EINVAL;
	if ((values.hex != NULL) + (values.ascii != NULL) + (values.file != NULL) != 1)
		return config_reader_fail(reader, setting, NULL,
					  "give exactly one of hex, ascii and file");
	if (values.hex != NULL)
		error = read_inline_key(reader, setting, "hex", secret_from_hex, secret);
	else if (values.ascii != NULL)
		error = read_inline_key(reader, setting, "ascii", secret_from_text, secret);
	else
		error = read_key_file(reader, setting, values.file, secret);
	return error < 0 ? error : check_strength(reader, setting, secret);
}

static int
read_algorithm(struct config_reader *reader, const struct config_setting_t *setting,
	       const char *name, enum mip_auth_algorithm *algorithm)
{
	*algorithm = MIP_AUTH_HMAC_MD5;
	if (name == NULL || mip_auth_parse(name, algorithm) == 0)
		return 0;
	return config_reader_fail(
		reader, setting, "algorithm",
		"\"%.40s\" is not one of \"%s\", \"%s\", \"%s\", \"%s\"", name,
		mip_auth_name(MIP_AUTH_HMAC_MD5), mip_auth_name(MIP_AUTH_PREFIX_SUFFIX_MD5),
		mip_auth_name(MIP_AUTH_HMAC_SHA1), mip_auth_name(MIP_AUTH_HMAC_SHA256));
}

int
config_association_read(struct config_reader *reader, const struct config_setting_t *setting,
			const struct config_key *others, struct config_association *association)
{
	struct association_values values;

	if (config_reader_group(reader, setting, config_association_keys, others, &values) < 0)
		return -EINVAL;
	association->spi = values.spi;
	association->replay = (enum replay_method)values.replay;
	association->window_sec = values.window_sec;
	if (read_algorithm(reader, setting, values.algorithm, &association->algorithm) < 0)
		return -EINVAL;
	return read_key(reader, values.key, &association->key);
}
