/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/charon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/process.h"
#include "lib/log.h"

#define PAUSE_FIRST_MS 1000
#define PAUSE_MAX_MS 30000
#define STEADY_SEC 60 /* one that ran as long as that is started with the shortest pause again */
#define KILL_AFTER_SEC 5
#define SWANCTL_PAUSE_MS 500 /* hello comes before charon listens to swanctl */
#define SWANCTL_TRIES 20
#define SWANCTL_TIMEOUT_SEC 30

struct charon {
	struct config_ike config;
	pid_t pid; /* 0: does not run */
	struct mono_time started;
	struct mono_time next_start;
	unsigned pause_ms; /* before the next start */
	uint64_t starts;
	uint64_t hellos; /* that swanctl has loaded for */
	bool is_stopping;
	struct mono_time kill_at;
	bool is_killed;

	pid_t swanctl;	      /* 0: does not run */
	unsigned tries_left;  /* 0: none is due */
	struct mono_time due; /* the next try; while one runs, when it is killed */
};

struct charon *
charon_create(const struct config_ike *config)
{
	struct charon *charon = calloc(1, sizeof(*charon));

	if (charon == NULL)
		return NULL;
	charon->pause_ms = PAUSE_FIRST_MS;
	charon->config = *config;
	return charon;
}

static void
kill_and_reap(pid_t pid)
{
	if (pid == 0)
		return;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

void
charon_destroy(struct charon *charon)
{
	if (charon == NULL)
		return;
	kill_and_reap(charon->swanctl);
	kill_and_reap(charon->pid);
	free(charon);
}

/* True when the process has ended (`status` as waitpid() gives it), or is nobody's that could be asked. */
static bool
has_ended(pid_t pid, int *status)
{
	pid_t ended = waitpid(pid, status, WNOHANG);

	if (ended >= 0)
		return ended == pid;
	*status = 0;
	return errno == ECHILD;
}

static void
describe(int status, char *text, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(text, size, "signal %d", WTERMSIG(status));
	else
		snprintf(text, size, "exit status %d", WEXITSTATUS(status));
}

/* The pause before a start doubles from one to the next. */
static void
schedule_start(struct charon *charon, struct mono_time now)
{
	charon->next_start = mono_add_ms(now, charon->pause_ms);
	charon->pause_ms =
		charon->pause_ms >= PAUSE_MAX_MS / 2 ? PAUSE_MAX_MS : charon->pause_ms * 2;
}

static void
start(struct charon *charon, struct mono_time now)
{
	const struct process process = {
		.program = charon->config.charon,
		.arguments = {charon->config.charon},
		.strongswan_conf = charon->config.strongswan_conf,
		.ends_with_parent = true,
	};
	int error = process_start(&process, &charon->pid);

	charon->starts++;
	if (error != 0) {
		log_error(-error, "ike.charon %s does not start; another try in %u s",
			  charon->config.charon, charon->pause_ms / 1000);
		schedule_start(charon, now);
		return;
	}
	charon->started = now;
	log_info("charon: started, process %d", (int)charon->pid);
}

static void
look_after_charon(struct charon *charon, struct mono_time now)
{
	char text[32];
	int status;

	if (charon->pid == 0) {
		if (!charon->is_stopping && !mono_is_before(now, charon->next_start))
			start(charon, now);
		return;
	}
	if (!has_ended(charon->pid, &status)) {
		if (charon->is_stopping && !charon->is_killed &&
		    !mono_is_before(now, charon->kill_at)) {
			log_warnx("charon: does not end; killed");
			kill(charon->pid, SIGKILL);
			charon->is_killed = true;
		}
		return;
	}
	charon->pid = 0;
	charon->tries_left = 0;
	describe(status, text, sizeof(text));
	if (charon->is_stopping) {
		log_info("charon: ended, %s", text);
		return;
	}
	if (!mono_is_before(now, mono_add_sec(charon->started, STEADY_SEC)))
		charon->pause_ms = PAUSE_FIRST_MS;
	log_warnx("charon: ended, %s; started again in %u s", text, charon->pause_ms / 1000);
	schedule_start(charon, now);
}

static void
start_swanctl(struct charon *charon, struct mono_time now)
{
	const struct process process = {
		.program = "swanctl",
		.arguments = {"swanctl", "--load-all", "--noprompt"},
		.strongswan_conf = charon->config.strongswan_conf,
		.swanctl_directory = charon->config.swanctl_directory,
		.ends_with_parent = true,
	};
	int error = process_start(&process, &charon->swanctl);

	charon->tries_left--;
	charon->due = mono_add_sec(now, SWANCTL_TIMEOUT_SEC);
	if (error == 0)
		return;
	log_error(-error, "swanctl does not start; charon has no connections");
	charon->tries_left = 0;
}

/* True when charon did not listen yet: swanctl's exit status is the errno of its connect(). */
static bool
is_early(int status)
{
	return WIFEXITED(status) &&
	       (WEXITSTATUS(status) == ENOENT || WEXITSTATUS(status) == ECONNREFUSED);
}

static void
swanctl_ended(struct charon *charon, int status, struct mono_time now)
{
	char text[32];

	charon->swanctl = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		log_info("charon: configuration of %s loaded", charon->config.swanctl_directory);
		charon->tries_left = 0;
		return;
	}
	charon->due = mono_add_ms(now, SWANCTL_PAUSE_MS);
	if (!is_early(status))
		charon->tries_left = 0;
	describe(status, text, sizeof(text));
	if (charon->tries_left == 0)
		log_errorx("swanctl --load-all for ike.swanctl_directory %s: %s; correct it, and "
			   "run it by hand",
			   charon->config.swanctl_directory, text);
}

static void
look_after_swanctl(struct charon *charon, uint64_t hellos, struct mono_time now)
{
	int status;

	if (charon->swanctl != 0) {
		if (has_ended(charon->swanctl, &status))
			swanctl_ended(charon, status, now);
		else if (charon->pid == 0 || !mono_is_before(now, charon->due))
			kill(charon->swanctl, SIGKILL);
		return;
	}
	if (hellos != charon->hellos && charon->pid != 0 && !charon->is_stopping) {
		charon->hellos = hellos;
		charon->due = mono_add_ms(now, SWANCTL_PAUSE_MS);
		charon->tries_left =
			charon->config.swanctl_directory[0] != '\0' ? SWANCTL_TRIES : 0;
	}
	if (charon->tries_left > 0 && !mono_is_before(now, charon->due))
		start_swanctl(charon, now);
}

void
charon_tick(struct charon *charon, uint64_t hellos, struct mono_time now)
{
	look_after_charon(charon, now);
	look_after_swanctl(charon, hellos, now);
}

void
charon_stop(struct charon *charon, struct mono_time now)
{
	if (charon->is_stopping)
		return;
	charon->is_stopping = true;
	charon->tries_left = 0;
	charon->kill_at = mono_add_sec(now, KILL_AFTER_SEC);
	if (charon->pid != 0)
		kill(charon->pid, SIGTERM);
}

bool
charon_is_running(const struct charon *charon)
{
	return charon->pid != 0;
}

void
charon_look(const struct charon *charon, struct charon_view *view)
{
	*view = (struct charon_view){
		.pid = charon->pid,
		.starts = charon->starts,
		.pause_ms = charon->pause_ms,
	};
}
