/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <stdio.h>

#include "ctl/session.h"

enum command_argument {
	COMMAND_ALONE,
	COMMAND_ADDRESS, /* an IPv4 address, required */
	COMMAND_SPI,	 /* a security parameters index, required */
	COMMAND_SECONDS, /* a number of seconds, may be left out */
};

/* A word of the command line and what it does. */
struct command {
	const char *name;
	const char *usage; /* what may follow the name, for --help */
	const char *help;
	enum command_argument argument;
	enum ctl_status (*run)(struct session *session);
};

/* The command of this name, or NULL. */
const struct command *command_find(const char *name);

/* The list of commands, one a line, for --help; the shell completion reads it too. */
void command_print_all(FILE *out);

#endif
