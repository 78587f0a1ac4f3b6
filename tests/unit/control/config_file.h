/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_CONFIG_FILE_H
#define TESTS_UNIT_CONTROL_CONFIG_FILE_H

#include "control/config.h"

/* A small configuration that loads without a warning, a section a line. */
enum config_line {
	LINE_EAL,
	LINE_RUNTIME,
	LINE_PORTS,
	LINE_ROUTES,
	LINE_X_HA,
	LINE_I_HA,
	LINE_HOME_NETWORKS,
	LINE_SUBSCRIBERS,
	LINE_FOREIGN_AGENTS,
	LINE_SECURITY,
	LINE_LIMITS,
	LINE_VPN, /* the sections vpn and ike; empty */
	LINE_COUNT,
};

/* Makes a directory for the files of a test, and removes it with all of them. */
void config_files_begin(void);
void config_files_end(void);

/* Writes a file of that name into the directory; returns its path, valid until the next call. */
const char *config_file_write(const char *name, const char *text, unsigned mode);

/* Loads `text` as a file that only its owner may read. */
int config_text_load(const char *text, struct config **config, struct config_error *error);

/* Loads the small configuration with the text of `line` instead of its own (may be several lines).
 * */
int config_line_load(enum config_line line, const char *text, struct config **config,
		     struct config_error *error);

/* A small configuration with one line exchanged, and the error that must come of it. */
struct config_case {
	enum config_line line;
	const char *text;
	int offset;	      /* line of the error, counted from the exchanged one */
	const char *expected; /* part of the error's text */
};
#define CONFIG_WHOLE_FILE (-100) /* the error has no line */

/* Fails the running test for each case whose error is another one. */
void config_cases_check(const struct config_case *cases, size_t count);

/* The warnings of the last load, a line each. Needs log_warnx() wrapped by the linker. */
const char *config_warnings(void);

#endif
