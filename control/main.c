/* SPDX-License-Identifier: BSD-3-Clause */
/* homeport: the box. homeport(8) describes it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "control/eal.h"
#include "control/gateway.h"
#include "control/telemetry.h"
#include "lib/log.h"

#ifndef HOMEPORT_VERSION
#error "meson defines HOMEPORT_VERSION"
#endif

#define IDLE_MS 1 /* how long an idle control core sleeps at most */

enum exit_status {
	EXIT_OK = 0,
	EXIT_START_FAILED = 1, /* the configuration, or what it asks for, cannot be had */
	EXIT_USAGE = 2,
};

struct options {
	const char *config_path;
	bool check;
	bool verbose;
};

static const char usage_text[] =
	"usage: homeport [--check] [--verbose] -c FILE\n"
	"       homeport --help | --version\n"
	"\n"
	"  -c, --config FILE  the configuration; homeport.conf(5) describes it\n"
	"      --check        check the configuration, say \"ok\" or what is wrong, and end\n"
	"  -v, --verbose      say more\n"
	"  -h, --help         this text\n"
	"  -V, --version      the version\n"
	"\n"
	"Signals: HUP reads the configuration anew, TERM and INT end homeport.\n";

/* 0 to go on, else the exit status plus 1. */
static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
		{"verbose", no_argument, NULL, 'v'},	  {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},	  {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:vhV", longs, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->config_path = optarg;
			break;
		case 'k':
			options->check = true;
			break;
		case 'v':
			options->verbose = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			return EXIT_OK + 1;
		case 'V':
			puts("homeport " HOMEPORT_VERSION);
			return EXIT_OK + 1;
		default:
			fputs(usage_text, stderr);
			return EXIT_USAGE + 1;
		}
	}
	if (options->config_path == NULL || optind != argc) {
		fputs(usage_text, stderr);
		return EXIT_USAGE + 1;
	}
	return 0;
}

/* The signals that end or reload the box, as a descriptor; blocked for every thread made after this. */
static int
open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
		return -errno;
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* One box a runtime directory and file prefix. The descriptor that holds the lock, or -errno. */
static int
lock(const struct config *config)
{
	char path[CONFIG_PATH_SIZE + CONFIG_NAME_SIZE + 8];
	int fd;

	if (mkdir(config->runtime_directory, 0700) != 0 && errno != EEXIST) {
		log_error(errno, "runtime_directory %s", config->runtime_directory);
		return -errno;
	}
	snprintf(path, sizeof(path), "%s/%s.lock", config->runtime_directory,
		 config->eal.file_prefix);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_error(errno, "%s", path);
		return -errno;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		log_errorx("another homeport holds %s; give this one its own runtime_directory or "
			   "eal.file_prefix",
			   path);
		close(fd);
		return -EBUSY;
	}
	return fd;
}

static void
reload(struct gateway *gateway)
{
	sd_notify(0, "RELOADING=1");
	gateway_reload(gateway);
	sd_notify(0, "READY=1");
}

/* Until a signal ends it. Between rounds without work the control core sleeps on signals and charon. */
static void
run(struct gateway *gateway, int signals)
{
	struct pollfd wake[] = {
		{.fd = signals, .events = POLLIN},
		{.fd = gateway_wake_fd(gateway), .events = POLLIN},
	};

	for (;;) {
		unsigned done = gateway_round(gateway);
		struct signalfd_siginfo info;

		if (poll(wake, ARRAY_COUNT(wake), done > 0 ? 0 : IDLE_MS) <= 0 ||
		    wake[0].revents == 0)
			continue;
		if (read(signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo != SIGHUP)
			return;
		reload(gateway);
	}
}

static int
serve(struct gateway *gateway, struct config *config, const char *config_path, int signals)
{
	int error = gateway_init(gateway, config, config_path);

	if (error == 0)
		error = telemetry_start(gateway);
	if (error == 0)
		error = gateway_start(gateway);
	if (error == 0) {
		log_info("ready: %u ports, %u workers, %u subscribers", gateway->port_count,
			 gateway->worker_count, config->subscriber_count);
		sd_notify(0, "READY=1");
		run(gateway, signals);
		log_info("stopping");
		sd_notify(0, "STOPPING=1");
	}
	gateway_stop(gateway);
	telemetry_stop();
	gateway_fini(gateway);
	return error;
}

/* Loads the configuration, or says what is wrong with it. */
static struct config *
load(const char *path)
{
	struct config_error error;
	struct config *config;

	if (config_load(path, &config, &error) == 0)
		return config;
	if (error.line > 0)
		fprintf(stderr, "%s:%d: %s\n", error.file, error.line, error.text);
	else
		fprintf(stderr, "%s: %s\n", error.file, error.text);
	return NULL;
}

int
main(int argc, char **argv)
{
	static struct gateway gateway;
	struct options options = {0};
	struct config *config;
	char problem[256];
	int signals, lock_fd, error;

	log_set_program("homeport");
	error = parse_options(argc, argv, &options);
	if (error != 0)
		return error - 1;
	if (options.verbose)
		log_set_level(LOG_LEVEL_DEBUG);
	config = load(options.config_path);
	if (config == NULL)
		return EXIT_START_FAILED;
	if (options.check) {
		config_unload(config);
		puts("ok");
		return EXIT_OK;
	}
	signals = open_signals();
	lock_fd = signals < 0 ? signals : lock(config);
	if (lock_fd < 0) {
		config_unload(config);
		return EXIT_START_FAILED;
	}
	if (eal_start(config, problem, sizeof(problem)) != 0) {
		log_errorx("%s", problem);
		config_unload(config);
		return EXIT_START_FAILED;
	}
	error = serve(&gateway, config, options.config_path, signals);
	eal_stop();
	close(lock_fd);
	return error == 0 ? EXIT_OK : EXIT_START_FAILED;
}
