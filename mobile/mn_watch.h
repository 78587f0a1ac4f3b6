/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_WATCH_H
#define MOBILE_MN_WATCH_H

#include <jansson.h>
#include <stdio.h>

/* Prints what a status of the daemon says, for people: mode, tracks, home agents, last moves. */
void mn_watch_print(const json_t *status, FILE *out);

/* Asks the daemon behind the control socket at `path` every `interval_sec` and prints that, `count` times (0:
 * until a signal ends the program). On a terminal the screen is redrawn. 0, or -errno of the first
 * question that had no answer. */
int mn_watch_run(const char *path, unsigned interval_sec, unsigned count, FILE *out);

#endif
