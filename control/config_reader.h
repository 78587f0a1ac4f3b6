/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_CONFIG_READER_H
#define CONTROL_CONFIG_READER_H

#include "control/config.h"

/*
 * Reads groups of the configuration file by tables of keys: each key has a type, a range, a default
 * and a place in a structure. Whatever does not fit becomes one error that names file, line and
 * key. Control core. Every function that reads returns 0, or -EINVAL with the error recorded.
 */
struct config_setting_t; /* libconfig's node */

struct config_reader {
	const char *path;	    /* the main file */
	struct config_error *error; /* the first problem; later ones are left out */
	bool has_failed;
	unsigned warning_count;
	char directory[CONFIG_PATH_SIZE]; /* of the main file: relative paths start there */
	char exposed[CONFIG_PATH_SIZE];	  /* a file that every user may read; "": none */
};

enum config_key_kind {
	CONFIG_KEY_UNSIGNED,	 /* unsigned */
	CONFIG_KEY_UINT16,	 /* uint16_t */
	CONFIG_KEY_BOOL,	 /* bool */
	CONFIG_KEY_TEXT,	 /* char array of `size` bytes, not empty */
	CONFIG_KEY_STRING,	 /* const char *, into libconfig's tree; NULL when absent */
	CONFIG_KEY_CHOICE,	 /* enum: place of the word in `choices` */
	CONFIG_KEY_ADDRESS,	 /* be32, unicast; 0 when absent */
	CONFIG_KEY_PREFIX,	 /* struct prefix, host bits zero */
	CONFIG_KEY_PORT_ADDRESS, /* struct prefix, an address with its network's length */
	CONFIG_KEY_GROUP,	 /* const struct config_setting_t *; NULL when absent */
	CONFIG_KEY_LIST,	 /* the same, a list or an array */
};

struct config_key {
	const char *name; /* NULL ends a table */
	size_t offset;
	enum config_key_kind kind;
	bool is_required;
	unsigned least, most; /* numbers */
	unsigned otherwise;   /* numbers, bool and choice: the default */
	const char *otherwise_text;
	size_t size;		    /* CONFIG_KEY_TEXT */
	const char *const *choices; /* ends with NULL */
	const char *hint;	    /* more help for a value out of range, or for a missing key */
};

/*
 * Reads the group `setting` into `values` as `keys` say. Keys that stand neither in `keys` nor in
 * `others` (may be NULL) are errors. `setting` NULL: the defaults, whatever is required.
 */
int
config_reader_group(struct config_reader *reader, const struct config_setting_t *setting,
		    const struct config_key *keys, const struct config_key *others, void *values);

/* Reads one value, for example an element of an array, to `into`; `key` says how (offset unused).
 * */
int config_reader_value(struct config_reader *reader, const struct config_setting_t *setting,
			const struct config_key *key, void *into);

/* The defaults of a table, as if none of its keys were there. */
void config_reader_defaults(const struct config_key *keys, void *values);

/* Elements of a list; 0 for NULL. */
unsigned config_reader_count(const struct config_setting_t *list);
const struct config_setting_t *
config_reader_element(const struct config_setting_t *list, unsigned index);

/* Whether the group has a member of that name. */
bool config_reader_has(const struct config_setting_t *group, const char *name);

/* Line of a setting in its file; 0 for NULL. */
int config_reader_line(const struct config_setting_t *setting);

/*
 * Records what is wrong with `setting`, or with the member `key` of it (NULL: itself; a member that
 * is not there is named all the same). `setting` NULL: the file. Returns -EINVAL.
 */
int
config_reader_fail(struct config_reader *reader, const struct config_setting_t *setting,
		   const char *key, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for a place that libconfig has no setting for. Returns -EINVAL. */
int config_reader_fail_at(struct config_reader *reader, const char *file, int line,
			  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Logs a warning of the same form. After CONFIG_WARNINGS_SHOWN of them they are only counted. */
#define CONFIG_WARNINGS_SHOWN 100
void
config_reader_warn(struct config_reader *reader, const struct config_setting_t *setting,
		   const char *key, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Writes `path` into `out`, from the main file's directory when it is relative. 0 or -ENAMETOOLONG.
 * */
int config_reader_path(const struct config_reader *reader, const char *path,
		       char out[CONFIG_PATH_SIZE]);

/* Whether a host may have this address: not 0/8, 127/8, multicast or above. */
bool config_address_is_unicast(be32 address);

bool config_prefixes_overlap(struct prefix a, struct prefix b);

/* Replaces what is not printable by '?', so that a hostile file cannot drive the terminal. */
void config_text_clean(char *text);

#endif
