/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "lib/prefix.h"
#include "mobile/fa_command.h"
#include "mobile/fa_config.h"
#include "mobile/fa_daemon.h"
#include "mobile/status_client.h"

/* homeport-fa(8) lists these. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_TROUBLE = 1, /* could not start, or had to stop; no such visitor */
	EXIT_USAGE = 2,
	EXIT_CONFIG = 3,
	EXIT_NOT_RUNNING = 4, /* no daemon answers */
};

struct arguments {
	const char *config_path;
	const char *socket_path;
	bool check;
	bool status;
	const char *revoke; /* a home address, or NULL */
	const char *ban;    /* seconds, or NULL */
};

static const char usage[] =
	"usage: homeport-fa -c FILE            run in the foreground\n"
	"       homeport-fa --check -c FILE    check the configuration\n"
	"       homeport-fa status [-c FILE | -s SOCKET]\n"
	"                                      print the running daemon's state as JSON\n"
	"       homeport-fa revoke ADDRESS [SECONDS] [-c FILE | -s SOCKET]\n"
	"                                      end the registration of this home address, and "
	"take\n"
	"                                      no other for as long as it would have lasted, or "
	"for\n"
	"                                      SECONDS; 0: he may come back\n"
	"\n"
	"  -c, --config FILE     configuration, see homeport-fa.conf(5)\n"
	"  -s, --socket SOCKET   the daemon's control socket (" FA_DEFAULT_CONTROL_SOCKET ")\n"
	"      --check           say \"ok\", or what is wrong and where\n"
	"  -h, --help            this text\n"
	"  -V, --version         the version\n";

/* Otherwise says what is wrong. */
static bool
can_be_revoked(const struct arguments *arguments)
{
	be32 home_address;
	uint32_t ban_sec;

	if (address_parse(arguments->revoke, &home_address) != 0) {
		fprintf(stderr,
			"homeport-fa: revoke: \"%s\" is not an IPv4 address like \"192.0.2.1\"\n",
			arguments->revoke);
		return false;
	}
	if (arguments->ban != NULL && !fa_command_seconds(arguments->ban, &ban_sec)) {
		fprintf(stderr, "homeport-fa: revoke: \"%s\" is no number of seconds\n",
			arguments->ban);
		return false;
	}
	return true;
}

/* -1: go on; otherwise the exit code. */
static int
parse_arguments(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'}, {"socket", required_argument, NULL, 's'},
		{"check", no_argument, NULL, 'k'},	  {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},	  {0},
	};
	bool asks;
	int option;

	while ((option = getopt_long(argc, argv, "c:s:hV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			arguments->config_path = optarg;
			break;
		case 's':
			arguments->socket_path = optarg;
			break;
		case 'k':
			arguments->check = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_FINE;
		case 'V':
			puts("homeport-fa " HOMEPORT_VERSION);
			return EXIT_FINE;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind + 1 == argc && strcmp(argv[optind], "status") == 0) {
		arguments->status = true;
		optind++;
	} else if (optind + 1 < argc && strcmp(argv[optind], "revoke") == 0) {
		arguments->revoke = argv[optind + 1];
		arguments->ban = argv[optind + 2];
		optind += arguments->ban != NULL ? 3 : 2;
	}
	asks = arguments->status || arguments->revoke != NULL;
	if (optind != argc || (arguments->check && asks) ||
	    (!asks && arguments->config_path == NULL)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	return arguments->revoke == NULL || can_be_revoked(arguments) ? -1 : EXIT_USAGE;
}

static int
load(const char *path, struct fa_config **config)
{
	struct mn_config_error error;

	if (fa_config_load(path, config, &error) == 0)
		return 0;
	if (error.line != 0)
		fprintf(stderr, "%s:%d: %s\n", error.file, error.line, error.text);
	else
		fprintf(stderr, "%s: %s\n", error.file, error.text);
	return -EINVAL;
}

static int
explain(const char *path, int result)
{
	fprintf(stderr, "homeport-fa: %s: %s\n", path, strerror(-result));
	if (result == -ENOENT || result == -ECONNREFUSED) {
		fputs("homeport-fa: no daemon runs with this control socket\n", stderr);
		return EXIT_NOT_RUNNING;
	}
	return EXIT_TROUBLE;
}

static int
run_status(const char *path)
{
	int result = status_client_print(path);

	return result == 0 ? EXIT_FINE : explain(path, result);
}

static int
run_revoke(const char *path, const char *home_address, const char *ban)
{
	char words[64], answer[128] = "";
	FILE *memory = fmemopen(answer, sizeof(answer) - 1, "w");
	int result = memory != NULL ? 0 : -ENOMEM;

	snprintf(words, sizeof(words), "revoke %s %s", home_address, ban != NULL ? ban : "");
	if (memory != NULL) {
		result = status_client_ask(path, words, memory);
		fclose(memory);
	}
	if (result != 0)
		return explain(path, result);
	answer[strcspn(answer, "\n")] = '\0';
	if (strcmp(answer, FA_COMMAND_DONE) == 0)
		return EXIT_FINE;
	fprintf(stderr, "homeport-fa: %s: %s\n", home_address, answer);
	return EXIT_TROUBLE;
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct fa_config *config = NULL;
	const char *path;
	int code = parse_arguments(argc, argv, &arguments);

	if (code >= 0)
		return code;
	if (arguments.config_path != NULL && load(arguments.config_path, &config) != 0)
		return EXIT_CONFIG;
	log_set_program("homeport-fa");
	path = config != NULL ? config->control_socket : FA_DEFAULT_CONTROL_SOCKET;
	if (arguments.socket_path != NULL)
		path = arguments.socket_path;
	if (arguments.status) {
		code = run_status(path);
	} else if (arguments.revoke != NULL) {
		code = run_revoke(path, arguments.revoke, arguments.ban);
	} else if (arguments.check) {
		puts("ok");
		code = EXIT_FINE;
	} else {
		log_set_level(config->log_level);
		code = fa_daemon_run(config) == 0 ? EXIT_FINE : EXIT_TROUBLE;
	}
	fa_config_destroy(config);
	return code;
}
