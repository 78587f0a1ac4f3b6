/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include "ctl/command.h"
#include "ctl/session.h"

/* A command line, understood. Strings are the caller's argv. */
struct options {
	const struct command *command; /* NULL: only --help or --version was asked for */
	const char *prefix;
	const char *socket; /* NULL: by prefix */
	bool is_help;
	bool is_version;
};

/* Fills `options` and what concerns the command in `session` (whose err gets a sentence when the line
 * makes no sense). CTL_OK or CTL_USAGE. */
enum ctl_status
options_parse(int argc, char **argv, struct session *session, struct options *options);

void options_print_help(FILE *out);

#endif
