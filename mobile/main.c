/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "mobile/mn_config.h"
#include "mobile/mn_daemon.h"
#include "mobile/mn_watch.h"
#include "mobile/status_client.h"

/* homeport-mn(8) lists these. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_TROUBLE = 1, /* could not start, or had to stop */
	EXIT_USAGE = 2,
	EXIT_CONFIG = 3,
	EXIT_NOT_RUNNING = 4, /* status, watch: no daemon answers */
};

struct arguments {
	const char *config_path;
	const char *socket_path;
	bool check;
	bool status;
	bool watch;
	unsigned interval_sec, count; /* watch only */
};

static const char usage[] =
	"usage: homeport-mn -c FILE            run in the foreground\n"
	"       homeport-mn --check -c FILE    check the configuration\n"
	"       homeport-mn status [-c FILE | -s SOCKET]\n"
	"                                      print the running daemon's state as JSON\n"
	"       homeport-mn watch [SECONDS] [-n COUNT] [-c FILE | -s SOCKET]\n"
	"                                      the same for people, every so many seconds\n"
	"\n"
	"  -c, --config FILE     configuration, see homeport-mn.conf(5)\n"
	"  -s, --socket SOCKET   the daemon's control socket (" MN_DEFAULT_CONTROL_SOCKET ")\n"
	"  -n, --count COUNT     watch: so many times\n"
	"      --check           say \"ok\", or what is wrong and where\n"
	"  -h, --help            this text\n"
	"  -V, --version         the version\n";

/* Decimal digits only. */
static bool
parse_number(const char *text, unsigned *number)
{
	size_t len = strspn(text, "0123456789");

	*number = (unsigned)strtoul(text, NULL, 10);
	return len > 0 && len < 6 && text[len] == '\0' && *number > 0;
}

/* What is to be done, of the words behind the options. False: none of them. */
static bool
parse_words(char **words, int count, struct arguments *arguments)
{
	if (count == 0)
		return true;
	arguments->status = strcmp(words[0], "status") == 0;
	arguments->watch = strcmp(words[0], "watch") == 0;
	if (arguments->watch && count == 2)
		return parse_number(words[1], &arguments->interval_sec);
	return (arguments->status || arguments->watch) && count == 1;
}

/* -1: go on; otherwise the exit code. */
static int
parse_arguments(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"socket", required_argument, NULL, 's'},
		{"check", no_argument, NULL, 'k'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{"count", required_argument, NULL, 'n'},
		{0},
	};
	bool is_asking, is_right = true;
	int option;

	while ((option = getopt_long(argc, argv, "c:s:n:hV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			arguments->config_path = optarg;
			break;
		case 's':
			arguments->socket_path = optarg;
			break;
		case 'n':
			is_right &= parse_number(optarg, &arguments->count);
			break;
		case 'k':
			arguments->check = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_FINE;
		case 'V':
			puts("homeport-mn " HOMEPORT_VERSION);
			return EXIT_FINE;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	is_right &= parse_words(argv + optind, argc - optind, arguments);
	is_asking = arguments->status || arguments->watch;
	if (!is_right || (arguments->check && is_asking) ||
	    (arguments->count > 0 && !arguments->watch) ||
	    (!is_asking && arguments->config_path == NULL)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	return -1;
}

static int
load(const char *path, struct mn_config **config)
{
	struct mn_config_error error;

	if (mn_config_load(path, config, &error) == 0)
		return 0;
	if (error.line != 0)
		fprintf(stderr, "%s:%d: %s\n", error.file, error.line, error.text);
	else
		fprintf(stderr, "%s: %s\n", error.file, error.text);
	return -EINVAL;
}

static int
ask(const struct arguments *arguments, const struct mn_config *config)
{
	const char *path = config != NULL ? config->control_socket : MN_DEFAULT_CONTROL_SOCKET;
	int result;

	if (arguments->socket_path != NULL)
		path = arguments->socket_path;
	if (arguments->watch)
		result = mn_watch_run(path, arguments->interval_sec, arguments->count, stdout);
	else
		result = status_client_print(path);

	if (result == 0)
		return EXIT_FINE;
	fprintf(stderr, "homeport-mn: %s: %s\n", path, strerror(-result));
	if (result == -ENOENT || result == -ECONNREFUSED) {
		fputs("homeport-mn: no daemon runs with this control socket\n", stderr);
		return EXIT_NOT_RUNNING;
	}
	return EXIT_TROUBLE;
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {.interval_sec = 1};
	struct mn_config *config = NULL;
	int code = parse_arguments(argc, argv, &arguments);

	if (code >= 0)
		return code;
	if (arguments.config_path != NULL && load(arguments.config_path, &config) != 0)
		return EXIT_CONFIG;
	log_set_program("homeport-mn");
	if (arguments.status || arguments.watch) {
		code = ask(&arguments, config);
	} else if (arguments.check) {
		puts("ok");
		code = EXIT_FINE;
	} else {
		log_set_level(config->log_level);
		code = mn_daemon_run(config) == 0 ? EXIT_FINE : EXIT_TROUBLE;
	}
	mn_config_destroy(config);
	return code;
}
