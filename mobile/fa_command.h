/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_COMMAND_H
#define MOBILE_FA_COMMAND_H

#include <stdbool.h>

#include "lib/types.h"

/* What an operator may say to the control socket: "revoke ADDRESS" or "revoke ADDRESS SECONDS". */
struct fa_command {
	be32 home_address;
	uint32_t ban_sec; /* FA_BAN_LIFETIME where none are said */
};

/* Reads it: NULL, or what is wrong, for the operator. Pure. */
const char *fa_command_parse(const char *words, struct fa_command *command);

/* The seconds of it: digits, and less than FA_BAN_LIFETIME. False: they are none. Pure. */
bool fa_command_seconds(const char *text, uint32_t *sec);

#endif
