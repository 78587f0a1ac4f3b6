/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_CONFIG_READER_H
#define MOBILE_CONFIG_READER_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/prefix.h"
#include "mobile/mn_config.h"

/*
 * Reads keys of a libconfig group. The first mistake is kept with its file, line and key and every
 * later call does nothing, so that callers read a group in one run and look once at the end. A key
 * that is absent leaves the variable, which holds the default, as it is.
 */
struct config_reader {
	struct mn_config_error *error;
	const char *manual; /* the page that lists the keys */
	int result;	    /* 0, or -EINVAL once something was wrong */
};

/* Parses the file at `path` into `file`, which config_init() has prepared. 0, or -errno and what libconfig
 * says of it in `error`. */
int config_reader_parse(config_t *file, const char *path, struct mn_config_error *error);

/* Remembers a mistake at `setting` (never NULL), unless there was one before. */
void config_reader_fail(struct config_reader *reader, const config_setting_t *setting,
			const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Refuses every key of `group` that is not in the NULL-terminated list `known`. */
void config_reader_check_keys(struct config_reader *reader, const config_setting_t *group,
			      const char *const *known);

/* The member `key` if it is of `type` (CONFIG_TYPE_...), else NULL; a wrong type is a mistake. */
config_setting_t *config_reader_member(struct config_reader *reader, const config_setting_t *group,
				       const char *key, int type);

/* How many groups the list `key` has, which is then `*list`: at most `most`. 0 when there is no such list, and when
 * more are there, or something that is no group, which are mistakes. */
unsigned config_reader_groups(struct config_reader *reader, const config_setting_t *group,
			      const char *key, unsigned most, config_setting_t **list);

/* The array `key` of strings, which is then `*array`: how many, at most `most`. 0 when there is no such array, and when
 * more are in it, which is a mistake. */
unsigned config_reader_strings(struct config_reader *reader, const config_setting_t *group,
			       const char *key, unsigned most, config_setting_t **array);

/*
 * An array of at most `most` domains. A domain is what a DNS search list or the realm of a NAI can have: labels of 1 to
 * 63 bytes and dots between them; letters, digits, hyphens that neither begin nor end a label (RFC 1123 section 2.1),
 * underscores, and what is printable beyond ASCII (RFC 7542 section 2.2). A dot at its end, the root's, is left out.
 */
void
config_reader_domains(struct config_reader *reader, const config_setting_t *group, const char *key,
		      unsigned most, char domains[][MN_DOMAIN_SIZE], unsigned *count);

void config_reader_bool(struct config_reader *reader, const config_setting_t *group,
			const char *key, bool *value);

/* An integer from `least` to `most`. */
void config_reader_unsigned(struct config_reader *reader, const config_setting_t *group,
			    const char *key, unsigned least, unsigned most, unsigned *value);

/* A string that is not empty and fits `size` bytes with its end. */
void config_reader_string(struct config_reader *reader, const config_setting_t *group,
			  const char *key, char *value, size_t size);

/* One of `count` words; `value` becomes its index. */
void config_reader_word(struct config_reader *reader, const config_setting_t *group,
			const char *key, const char *const *words, unsigned count, unsigned *value);

/* An IPv4 address. */
void config_reader_address(struct config_reader *reader, const config_setting_t *group,
			   const char *key, be32 *value);

#endif
