/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_command.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/prefix.h"
#include "mobile/fa_relay.h"
#include "mobile/status_server.h"

#define SPACES " \t\r\n"

bool
fa_command_seconds(const char *text, uint32_t *sec)
{
	char *end;
	unsigned long long number;

	if (!isdigit((unsigned char)text[0]))
		return false;
	number = strtoull(text, &end, 10);
	*sec = (uint32_t)number;
	return number < FA_BAN_LIFETIME && *end == '\0';
}

const char *
fa_command_parse(const char *words, struct fa_command *command)
{
	char text[STATUS_COMMAND_SIZE];
	char *rest = NULL;
	const char *word;

	if ((size_t)snprintf(text, sizeof(text), "%s", words) >= sizeof(text))
		return "no such command";
	word = strtok_r(text, SPACES, &rest);
	if (word == NULL || strcmp(word, "revoke") != 0)
		return "no such command";
	word = strtok_r(NULL, SPACES, &rest);
	if (word == NULL || address_parse(word, &command->home_address) != 0)
		return "revoke: no IPv4 address like 192.0.2.1";
	word = strtok_r(NULL, SPACES, &rest);
	command->ban_sec = FA_BAN_LIFETIME;
	if (word != NULL && !fa_command_seconds(word, &command->ban_sec))
		return "revoke: behind the address is no number of seconds";
	if (strtok_r(NULL, SPACES, &rest) != NULL)
		return "revoke: there is more than an address and seconds";
	return NULL;
}
