/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WATCH_SEC_DEFAULT 1
#define WATCH_SEC_MAX 3600
#define TRACE_SEC_MAX 86400
#define SPI_DIGITS_MAX 10 /* decimal, or 0x and eight */

void
options_print_help(FILE *out)
{
	fputs("usage: homeportctl [-p PREFIX | -s SOCKET] [--json] COMMAND [ARGUMENT]\n"
	      "Asks a running homeport.\n\n"
	      "commands:\n",
	      out);
	command_print_all(out);
	fputs("\noptions:\n"
	      "  -p, --prefix PREFIX  EAL file prefix of the box (default: " BOX_DEFAULT_PREFIX
	      ")\n"
	      "  -s, --socket SOCKET  path of the box's telemetry socket\n"
	      "  -j, --json           print JSON, for programs\n"
	      "  -h, --help           this text\n"
	      "  -V, --version        version\n\n"
	      "exit status: 0 done; 1 the box said no; 2 wrong usage; 3 cannot reach the box\n"
	      "More: homeportctl(1)\n",
	      out);
}

/* Hexadecimal digits, with or without 0x: the box says which it knows. */
static bool
is_spi(const char *text)
{
	size_t prefix = strncmp(text, "0x", 2) == 0 ? 2 : 0;
	size_t digits = strspn(text + prefix, "0123456789abcdefABCDEF");

	return digits > 0 && prefix + digits <= SPI_DIGITS_MAX && text[prefix + digits] == '\0';
}

/* Decimal digits only, up to `max`. */
static bool
parse_number(const char *text, unsigned long max, unsigned long *number)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*number = strtoul(text, &end, 10);
	return errno == 0 && *end == '\0' && *number <= max;
}

static enum ctl_status
complain(const struct session *session, const char *what, const char *about)
{
	fprintf(session->err, "homeportctl: %s%s (try --help)\n", what, about);
	return CTL_USAGE;
}

static enum ctl_status
parse_option(int option, struct session *session, struct options *options)
{
	unsigned long number;

	switch (option) {
	case 'p':
		options->prefix = optarg;
		return CTL_OK;
	case 's':
		options->socket = optarg;
		return CTL_OK;
	case 'j':
		session->is_json = true;
		return CTL_OK;
	case 'h':
		options->is_help = true;
		return CTL_OK;
	case 'V':
		options->is_version = true;
		return CTL_OK;
	case 'a':
		session->is_all = true;
		return CTL_OK;
	case 'A':
		session->agent = optarg;
		if (strcmp(optarg, "x-ha") == 0 || strcmp(optarg, "i-ha") == 0)
			return CTL_OK;
		return complain(session, "--agent is x-ha or i-ha, not ", optarg);
	case 'n':
		if (parse_number(optarg, UINT32_MAX, &session->count) && session->count > 0)
			return CTL_OK;
		return complain(session, "--count takes a number from 1, not ", optarg);
	case 'S':
		if (!parse_number(optarg, TRACE_SEC_MAX, &number) || number == 0)
			return complain(session, "--seconds takes a number from 1 to 86400, not ",
					optarg);
		session->seconds = (unsigned)number;
		return CTL_OK;
	case ':':
		return complain(session, "an option lacks its value", "");
	default:
		return complain(session, "unknown option", "");
	}
}

static enum ctl_status
parse_options(int argc, char **argv, struct session *session, struct options *options)
{
	static const struct option long_options[] = {
		{"prefix", required_argument, NULL, 'p'},  {"socket", required_argument, NULL, 's'},
		{"json", no_argument, NULL, 'j'},	   {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},	   {"all", no_argument, NULL, 'a'},
		{"agent", required_argument, NULL, 'A'},   {"count", required_argument, NULL, 'n'},
		{"seconds", required_argument, NULL, 'S'}, {NULL, 0, NULL, 0},
	};
	enum ctl_status status = CTL_OK;
	int option;

	optind = 0; /* start afresh, whoever used getopt before */
	opterr = 0;
	while (status == CTL_OK &&
	       (option = getopt_long(argc, argv, ":p:s:jhV", long_options, NULL)) != -1)
		status = parse_option(option, session, options);
	return status;
}

static enum ctl_status
parse_argument(const char *argument, enum command_argument kind, struct session *session)
{
	struct in_addr address;
	unsigned long sec = WATCH_SEC_DEFAULT;

	switch (kind) {
	case COMMAND_ALONE:
		return argument == NULL ? CTL_OK
					: complain(session, "one word too many: ", argument);
	case COMMAND_ADDRESS:
		if (argument == NULL)
			return complain(session, "which address?", "");
		session->argument = argument;
		return inet_pton(AF_INET, argument, &address) == 1
			       ? CTL_OK
			       : complain(session, "not an IPv4 address: ", argument);
	case COMMAND_SPI:
		if (argument == NULL)
			return complain(session, "which SPI?", "");
		session->argument = argument;
		return is_spi(argument) ? CTL_OK : complain(session, "not an SPI: ", argument);
	case COMMAND_SECONDS:
		if (argument != NULL && (!parse_number(argument, WATCH_SEC_MAX, &sec) || sec == 0))
			return complain(session,
					"not a number of seconds from 1 to 3600: ", argument);
		session->interval_ms = (unsigned)sec * 1000;
		return CTL_OK;
	}
	return CTL_USAGE;
}

/* Options that belong to one command. */
static enum ctl_status
check_fit(const char *name, const struct session *session)
{
	if (session->is_all && strcmp(name, "drops") != 0)
		return complain(session, "--all belongs to drops, not to ", name);
	if (session->agent != NULL && strcmp(name, "bindings") != 0)
		return complain(session, "--agent belongs to bindings, not to ", name);
	if (session->count != 0 && strcmp(name, "watch") != 0 && strcmp(name, "trace") != 0)
		return complain(session, "--count belongs to watch and trace, not to ", name);
	if (session->seconds != 0 && strcmp(name, "trace") != 0)
		return complain(session, "--seconds belongs to trace, not to ", name);
	return CTL_OK;
}

enum ctl_status
options_parse(int argc, char **argv, struct session *session, struct options *options)
{
	enum ctl_status status;
	const char *argument;

	*options = (struct options){.prefix = BOX_DEFAULT_PREFIX};
	status = parse_options(argc, argv, session, options);
	if (status != CTL_OK || options->is_help || options->is_version)
		return status;
	if (optind >= argc)
		return complain(session, "no command", "");
	options->command = command_find(argv[optind]);
	if (options->command == NULL)
		return complain(session, "unknown command: ", argv[optind]);
	argument = optind + 1 < argc ? argv[optind + 1] : NULL;
	if (optind + 2 < argc)
		return complain(session, "one word too many: ", argv[optind + 2]);
	status = parse_argument(argument, options->command->argument, session);
	return status == CTL_OK ? check_fit(options->command->name, session) : status;
}
