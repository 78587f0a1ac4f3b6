/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "mobile/fa_config.h"
#include "mobile/fa_daemon.h"
#include "mobile/status_client.h"

/* homeport-fa(8) lists these. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_TROUBLE = 1, /* could not start, or had to stop */
	EXIT_USAGE = 2,
	EXIT_CONFIG = 3,
	EXIT_NOT_RUNNING = 4, /* status: no daemon answers */
};

struct arguments {
	const char *config_path;
	const char *socket_path;
	bool check;
	bool status;
};

static const char usage[] =
	"usage: homeport-fa -c FILE            run in the foreground\n"
	"       homeport-fa --check -c FILE    check the configuration\n"
	"       homeport-fa status [-c FILE | -s SOCKET]\n"
	"                                      print the running daemon's state as JSON\n"
	"\n"
	"  -c, --config FILE     configuration, see homeport-fa.conf(5)\n"
	"  -s, --socket SOCKET   the daemon's control socket (" FA_DEFAULT_CONTROL_SOCKET ")\n"
	"      --check           say \"ok\", or what is wrong and where\n"
	"  -h, --help            this text\n"
	"  -V, --version         the version\n";

/* -1: go on; otherwise the exit code. */
static int
parse_arguments(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'}, {"socket", required_argument, NULL, 's'},
		{"check", no_argument, NULL, 'k'},	  {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},	  {0},
	};
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
	}
	if (optind != argc || (arguments->check && arguments->status) ||
	    (!arguments->status && arguments->config_path == NULL)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	return -1;
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
run_status(const char *path)
{
	int result = status_client_print(path);

	if (result == 0)
		return EXIT_FINE;
	fprintf(stderr, "homeport-fa: %s: %s\n", path, strerror(-result));
	if (result == -ENOENT || result == -ECONNREFUSED) {
		fputs("homeport-fa: no daemon runs with this control socket\n", stderr);
		return EXIT_NOT_RUNNING;
	}
	return EXIT_TROUBLE;
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct fa_config *config = NULL;
	int code = parse_arguments(argc, argv, &arguments);

	if (code >= 0)
		return code;
	if (arguments.config_path != NULL && load(arguments.config_path, &config) != 0)
		return EXIT_CONFIG;
	log_set_program("homeport-fa");
	if (arguments.status) {
		const char *path =
			config != NULL ? config->control_socket : FA_DEFAULT_CONTROL_SOCKET;

		code = run_status(arguments.socket_path != NULL ? arguments.socket_path : path);
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
