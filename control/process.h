/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_PROCESS_H
#define CONTROL_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#define PROCESS_ARGUMENTS_MAX 8

/* Another program, as the box starts it. */
struct process {
	const char *program; /* a path, or a name to be looked for in PATH */
	const char *arguments[PROCESS_ARGUMENTS_MAX]; /* the name first; the first NULL ends them */
	const char *strongswan_conf;		      /* STRONGSWAN_CONF; NULL or "": not set */
	const char *swanctl_directory;		      /* SWANCTL_DIR, likewise */
	bool ends_with_parent; /* gets SIGTERM when this process ends, however that happens */
};

/*
 * Starts it: standard input is empty, standard output is standard error, no other descriptor is passed on;
 * no signal is blocked or ignored; the environment is PATH, TZ and what is named above. Shares no memory
 * that is written to with this process, so that it may be called with the workers running.
 * 0 and its process, or -errno. Control core.
 */
int process_start(const struct process *process, pid_t *pid);

#endif
