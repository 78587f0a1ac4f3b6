/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/command.h"

#include <string.h>

#include "ctl/show.h"
#include "lib/types.h"

static const struct command commands[] = {
	{"status", "", "the box, its home agents and its ports", COMMAND_ALONE, show_status},
	{"bindings", "[--agent x-ha|i-ha]", "registered mobiles", COMMAND_ALONE, show_bindings},
	{"binding", "ADDRESS", "all about one home address", COMMAND_ADDRESS, show_binding},
	{"drops", "[--all]", "dropped packets by reason", COMMAND_ALONE, show_drops},
	{"stages", "", "cycles spent in each stage", COMMAND_ALONE, show_stages},
	{"security", "", "refused and forged registrations", COMMAND_ALONE, show_security},
	{"neighbours", "", "the ARP table", COMMAND_ALONE, show_neighbours},
	{"stats", "", "every counter", COMMAND_ALONE, show_stats},
	{"revoke", "ADDRESS", "end the bindings of a home address", COMMAND_ADDRESS, show_revoke},
	{"vpn", "", "the VPN gateway as a whole", COMMAND_ALONE, show_vpn},
	{"sas", "", "security associations of the VPN gateway", COMMAND_ALONE, show_sas},
	{"sa", "SPI", "all about one of them and its other direction", COMMAND_SPI, show_sa},
	{"trace", "ADDRESS [--count N] [--seconds S]", "follow one client's packets; Ctrl-C ends",
	 COMMAND_ADDRESS, show_trace},
	{"watch", "[SECONDS] [--count N]", "live rates; Ctrl-C ends", COMMAND_SECONDS, show_watch},
};

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

void
command_print_all(FILE *out)
{
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++)
		fprintf(out, "  %-10s %-34s %s\n", commands[i].name, commands[i].usage,
			commands[i].help);
}
