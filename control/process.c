/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE_SIZE 1024
#define ENVIRONMENT_MAX 4
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define SETPRIV "/usr/bin/setpriv" /* util-linux */

struct environment {
	char variables[ENVIRONMENT_MAX][VARIABLE_SIZE];
	char *list[ENVIRONMENT_MAX + 1];
	unsigned count;
};

static void
add_variable(struct environment *environment, const char *name, const char *value)
{
	char *variable = environment->variables[environment->count];

	if (value == NULL || value[0] == '\0')
		return;
	snprintf(variable, VARIABLE_SIZE, "%s=%s", name, value);
	environment->list[environment->count++] = variable;
}

static void
make_environment(const struct process *process, struct environment *environment)
{
	const char *path = getenv("PATH");

	*environment = (struct environment){0};
	add_variable(environment, "PATH", path != NULL ? path : DEFAULT_PATH);
	add_variable(environment, "TZ", getenv("TZ"));
	add_variable(environment, "STRONGSWAN_CONF", process->strongswan_conf);
	add_variable(environment, "SWANCTL_DIR", process->swanctl_directory);
}

static int
set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	error = posix_spawnattr_setsigmask(attributes, &none);
	if (error == 0)
		error = posix_spawnattr_setsigdefault(attributes, &all);
	/* a group of its own: a terminal's interrupt is for homeport alone, which ends it in order */
	if (error == 0)
		error = posix_spawnattr_setpgroup(attributes, 0);
	if (error == 0)
		error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
								     POSIX_SPAWN_SETSIGDEF |
								     POSIX_SPAWN_SETPGROUP);
	return error;
}

static int
set_descriptors(posix_spawn_file_actions_t *actions)
{
	int error =
		posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (error == 0)
		error = posix_spawn_file_actions_adddup2(actions, STDERR_FILENO, STDOUT_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	return error;
}

/* setpriv becomes the program, so the process is the same one. Where there is no setpriv a charon may
 * outlive a homeport that is killed; the next one finds it connecting, and starts one of its own. */
static const char *
make_arguments(const struct process *process, const char **arguments)
{
	const char *program = process->program;
	unsigned count = 0, first = 0;

	if (process->ends_with_parent && access(SETPRIV, X_OK) == 0) {
		arguments[count++] = SETPRIV;
		arguments[count++] = "--pdeathsig";
		arguments[count++] = "TERM";
		arguments[count++] = "--";
		arguments[count++] = process->program;
		program = SETPRIV;
		first = 1;
	}
	for (unsigned i = first; i < PROCESS_ARGUMENTS_MAX && process->arguments[i] != NULL; i++)
		arguments[count++] = process->arguments[i];
	arguments[count] = NULL;
	return program;
}

int
process_start(const struct process *process, pid_t *pid)
{
	const char *arguments[PROCESS_ARGUMENTS_MAX + 6];
	const char *program = make_arguments(process, arguments);
	posix_spawn_file_actions_t actions;
	struct environment environment;
	posix_spawnattr_t attributes;
	pid_t started;
	int error;

	*pid = 0;
	if (strchr(process->program, '/') != NULL && access(process->program, X_OK) != 0)
		return -errno;
	make_environment(process, &environment);
	error = posix_spawnattr_init(&attributes);
	if (error != 0)
		return -error;
	error = posix_spawn_file_actions_init(&actions);
	if (error == 0) {
		error = set_attributes(&attributes);
		if (error == 0)
			error = set_descriptors(&actions);
		if (error == 0)
			error = posix_spawnp(&started, program, &actions, &attributes,
					     (char *const *)(uintptr_t)arguments, environment.list);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attributes);
	if (error == 0)
		*pid = started;
	return -error;
}
